#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Judges what the user-space suites have run of core/, pgtable/, backends/ and platform/ram.c.

    coverage.py ROOT CASES OBJECTS REPORT

CASES has a directory <suite>.<case> for each case, with what gcov counted during it; below OBJECTS
are the .gcno files. Four things come out:

- Lines and branches that were run, per file, per directory and in total. The template of the page-table
  formats (pgtable/walk.h) is inlined into each: a line of it counts once, as run if it was run for any
  format, and once more in the figures of each file of formats; an outcome of a branch counts for
  each format.
- REPORT: every place in the code that makes an error, and the cases that reach it.
- Beside it, missed.txt: the lines that were not run.
- Whether that is enough: the last line is "N passed, N failed".

What cannot be run is marked in place with lcov's words, and the reason:

    GCOV_EXCL_LINE: why        the line, as if it were no code
    GCOV_EXCL_BR_LINE: why     its branches only

Where an error comes from is derived from the sources: -E... outside of comments and comparisons. A
`cond ? -EA : -EB` is reached when all branches of its line were taken. An error that is assigned
before it is known to be one (at the top level of a function) is reached when its line was run more
often than the lines behind it that assign the same variable, or that return something else.
"""
import collections
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

DIRS = ("core", "pgtable", "backends", "platform")
SOURCES = ("core/*.[ch]", "pgtable/*.[ch]", "backends/*/*.[ch]", "platform/ram.[ch]")
LEAST = {"lines": 90.0, "branches": 80.0}
LEAST_OF_FILE = 85.0        # lines
LEAST_OF_FORMAT = 85.0      # lines of the template
TEMPLATES = ("pgtable/walk.h",)
CASES_SHOWN = 3

EXCLUDED = re.compile(r"GCOV_EXCL_(BR_)?LINE(:\s*\S)?")
ERROR = re.compile(r"(?<![\w-])(?<![=!]= )-E[A-Z][A-Z0-9]+\b")
DEFAULT = re.compile(r"^\t(?:int )?(\*?\w+)(?:, \w+)* = -E[A-Z0-9]+(?:, [^;]*)?;$")


class Counts:
    """What was run of each line of each file, in one case or in all."""

    def __init__(self):
        self.lines = collections.defaultdict(collections.Counter)
        # (file, line) -> object -> counts of the branches' outcomes
        self.branches = collections.defaultdict(dict)
        # (file, object) -> {line: count}; of templates only
        self.instances = collections.defaultdict(collections.Counter)

    def add(self, file, obj, line):
        """A line as gcov tells it."""
        number = line["line_number"]
        self.lines[file][number] += line["count"]
        if file in TEMPLATES:
            self.instances[file, obj][number] += line["count"]
        self.add_branches((file, number), obj, [b["count"] for b in line["branches"]])

    def add_branches(self, place, instance, found):
        """Outcomes of the branches of a line."""
        old = self.branches[place].get(instance, [])
        if len(old) != len(found):
            # Of a function that is in the object several times: the longer list.
            self.branches[place][instance] = max(old, found, key=len)
        else:
            self.branches[place][instance] = [a + b for a, b in zip(old, found)]

    def ran(self):
        """Was anything run?"""
        return any(any(lines.values()) for lines in self.lines.values())

    def merge(self, other):
        """Add what another case has run."""
        for file, lines in other.lines.items():
            for number, count in lines.items():
                self.lines[file][number] += count
        for key, lines in other.instances.items():
            for number, count in lines.items():
                self.instances[key][number] += count
        for place, instances in other.branches.items():
            for instance, found in instances.items():
                self.add_branches(place, instance, found)

    def outcomes(self, file, number):
        """Was each outcome of the line's branches seen, in any object; of a template: in each?"""
        instances = self.branches.get((file, number), {}).values()
        if file in TEMPLATES:
            return [count > 0 for instance in instances for count in instance]
        longest = max((len(i) for i in instances), default=0)
        same = [i for i in instances if len(i) == longest]
        return [any(column) for column in zip(*same)]


def read_objects(paths, root):
    """What gcov has to say about these .gcda files.  Return: path -> Counts."""
    found = collections.defaultdict(Counts)
    with tempfile.TemporaryDirectory() as tmp:
        out = subprocess.run(["gcov", "--branch-probabilities", "--json-format", "--stdout",
                              *paths], cwd=tmp, check=True, capture_output=True).stdout
    for text in out.splitlines():
        data = json.loads(text)
        obj = os.path.join(tmp, data["data_file"])
        for file in data["files"]:
            name = os.path.relpath(os.path.join(data["current_working_directory"], file["file"]),
                                   root)
            if name.startswith(tuple(d + "/" for d in DIRS)):
                for line in file["lines"]:
                    found[obj].add(name, os.path.basename(obj), line)
    return dict(found)


def read_cases(directory, objects, root):
    """Return: case -> its Counts, and those of all.  Most objects have the same in many cases."""
    same, cases = {}, {}
    for name in sorted(n for n in os.listdir(directory) if "." in n):
        prefix = os.path.join(directory, name, objects.lstrip("/"))
        cases[name] = []
        for part in DIRS if os.path.isdir(prefix) else ():
            for gcda in glob.glob(f"{prefix}/{part}/**/*.gcda", recursive=True):
                base = os.path.relpath(gcda, prefix)[:-len("gcda")]
                with open(gcda, "rb") as file:
                    key = base, file.read()
                if key not in same:
                    same[key] = gcda
                    if not os.path.lexists(gcda[:-len("gcda")] + "gcno"):
                        os.symlink(os.path.join(objects, base + "gcno"),
                                   gcda[:-len("gcda")] + "gcno")
                cases[name].append(same[key])
    paths = sorted(same.values())
    batches = [paths[i:i + 50] for i in range(0, len(paths), 50)]
    counts, total = {}, Counts()
    with concurrent.futures.ProcessPoolExecutor() as pool:
        for nr, found in enumerate(pool.map(read_objects, batches, [root] * len(batches)), 1):
            counts.update(found)
            print(f"{min(50 * nr, len(paths))} of {len(paths)} objects read", file=sys.stderr)
    for found in counts.values():
        total.merge(found)
    for name, parts in cases.items():
        cases[name] = Counts()
        for path in parts:
            if counts[path].ran():
                cases[name].merge(counts[path])
    return cases, total


class Source:
    """The sources: what is excluded, and where errors come from."""

    def __init__(self, root):
        self.excluded, self.no_branches, self.errors, self.bad = set(), set(), [], []
        for pattern in SOURCES:
            for path in sorted(glob.glob(os.path.join(root, pattern))):
                self.read(os.path.relpath(path, root), path)

    def read(self, name, path):
        """One file."""
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        comment = False
        code = []
        for number, line in enumerate(lines, 1):
            mark = EXCLUDED.search(line)
            if mark:
                (self.no_branches if mark[1] else self.excluded).add((name, number))
                if not mark[2]:
                    self.bad.append(f"{name}:{number}: {mark[0]} without a reason")
            text, comment = without_comments(line, comment)
            code.append(text)
        for number, text in enumerate(code, 1):
            if text.lstrip().startswith("#") or (name, number) in self.excluded:
                continue
            for error in dict.fromkeys(ERROR.findall(text)):
                self.errors.append((name, number, error[1:], rivals(code, number), "?" in text))


def without_comments(line, inside):
    """Return: the line's code, and whether a comment goes on in the next line."""
    text = ""
    while line:
        if inside:
            _, end, line = line.partition("*/")
            inside = not end
        else:
            before, start, line = line.partition("/*")
            text += before
            inside = bool(start)
    return text.rstrip(), inside


def rivals(code, number):
    """If the error of this line is a default: the lines behind it that would replace it."""
    default = DEFAULT.match(code[number - 1])
    if not default:
        return None
    variable = re.escape(default[1])
    pointer = default[1].startswith("*")
    assign = re.compile(rf"^\t+(?:if \(.*\) )?{variable} = ")
    # What is handed back is the variable itself, or (by pointer) nothing at all.
    same = re.compile(r"return (NULL|0|false);" if pointer else rf"return {variable};")
    found = []
    for later in range(number + 1, len(code) + 1):
        line = code[later - 1]
        if line == "}":
            break
        if assign.match(line) or ("return " in line and not same.search(line)):
            found.append(later)
    return found


def reached(counts, error):
    """Does what was run reach this error?"""
    file, number, _, behind, ternary = error
    count = counts.lines[file].get(number, 0)
    if behind is not None:
        return count > sum(counts.lines[file].get(n, 0) for n in behind)
    if ternary and count:
        seen = counts.outcomes(file, number)
        # Of a template: for one format, to which two outcomes in a row belong.
        return any(map(all, zip(seen[::2], seen[1::2]))) if file in TEMPLATES else all(seen)
    return count > 0


def report_errors(errors, cases, total, report):
    """Write who reaches what.  Return: the errors that nobody does."""
    order = sorted(cases, key=lambda c: sum(1 for f in cases[c].lines.values()
                                            for n in f.values() if n))
    missing = []
    with open(report, "w", encoding="utf-8") as out:
        for error in errors:
            by = [c for c in order if reached(cases[c], error)]
            place = f"{error[0]}:{error[1]}: {error[2]}"
            if not by and error[4] and reached(total, error):
                # Each outcome by another case.
                by = [c for c in order if cases[c].lines[error[0]].get(error[1])]
            if not by:
                missing.append(place)
            print(f"{place}: {' '.join(by[:CASES_SHOWN]) or 'NOT REACHED'}", file=out)
    return missing


def report_missed(total, source, report):
    """Write which lines nobody has run."""
    with open(report, "w", encoding="utf-8") as out:
        for file, lines in sorted(total.lines.items()):
            for number in sorted(n for n in lines if not lines[n]):
                if (file, number) not in source.excluded:
                    print(f"{file}:{number}", file=out)


def share(done, of):
    """In percent."""
    return 100.0 * done / of if of else 100.0


def sums(total, source):
    """Per file: lines, of them run; outcomes of branches, of them taken."""
    files = {}
    for file, lines in sorted(total.lines.items()):
        numbers = [n for n in lines if (file, n) not in source.excluded]
        row = [len(numbers), sum(1 for n in numbers if lines[n]), 0, 0]
        for number in numbers:
            if (file, number) not in source.no_branches:
                outcomes = total.outcomes(file, number)
                row[2] += len(outcomes)
                row[3] += sum(outcomes)
        files[file] = row
    return files


def show(name, row):
    """One line of the table."""
    print(f"{name:<34}{row[0]:>6}{row[1]:>6}{share(row[1], row[0]):>7.1f}%"
          f"{row[2]:>9}{row[3]:>6}{share(row[3], row[2]):>7.1f}%")


def main():
    """Read all cases, print, judge."""
    root, directory, objects, report = (os.path.abspath(a) for a in sys.argv[1:])
    source, checks = Source(root), []
    cases, total = read_cases(directory, objects, root)

    files = sums(total, source)
    print(f"{'file':<34}{'lines':>6}{'run':>6}{'':>8}{'outcomes':>9}{'seen':>6}")
    for file, row in files.items():
        show(file, row)
        checks.append((f"{file}: lines", share(row[1], row[0]), LEAST_OF_FILE))
    for (file, obj), lines in sorted(total.instances.items()):
        name = f"{file} in {obj.removesuffix('.gcda')}"
        numbers = [n for n in lines if (file, n) not in source.excluded]
        row = [len(numbers), sum(1 for n in numbers if lines[n])]
        show(name, row + [0, 0])
        checks.append((f"{name}: lines", share(row[1], row[0]), LEAST_OF_FORMAT))
    for part in (*(d + "/" for d in DIRS), ""):
        row = [sum(r[i] for f, r in files.items() if f.startswith(part)) for i in range(4)]
        show(part + " (all)" if part else "total", row)
        for measure, at in (("lines", 0), ("branches", 2)):
            checks.append((f"{part or 'total'}: {measure}", share(row[at + 1], row[at]),
                           LEAST[measure]))

    report_missed(total, source, os.path.join(os.path.dirname(report), "missed.txt"))
    missing = report_errors(source.errors, cases, total, report)
    print(f"{len(source.errors)} errors, {len(missing)} that no case reaches; "
          f"{len(source.excluded)} lines and the branches of {len(source.no_branches)} are "
          f"excluded; who reaches what: {os.path.relpath(report, root)}, missed.txt: lines")
    failed = [f"not ok {name}: {got:.1f}%, wanted {least:.0f}%"
              for name, got, least in checks if got < least]
    failed += [f"not ok {place} is reached by no case" for place in missing]
    failed += [f"not ok {text}" for text in source.bad]
    for text in failed:
        print(text)
    print(f"{len(checks) + len(source.errors) + len(source.bad) - len(failed)} passed, "
          f"{len(failed)} failed")
    return bool(failed) or not source.errors or not cases


sys.exit(main())
