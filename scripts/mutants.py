#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Breaks the hypervisor side in many small ways and demands that the unit tests notice.

    scripts/mutants.py                  a sample of 200, the same each time
    scripts/mutants.py --number N       another number; 0: all there are
    scripts/mutants.py --only GLOB      of these files, e.g. 'backends/vtd/*'
    scripts/mutants.py --mutant ID      one of them; shows it, and what the tests say
    scripts/mutants.py --list

Mutants are derived from the sources of core/, pgtable/ and backends/ by the rules in RULES, each at
every place where it applies. One that changes nothing that anybody can observe is listed, with the
reason, in kunit/mutants.known. A mutant that does not compile is none.

The last line is "N passed, N failed": mutants that were killed, and mutants that survived.
"""
import argparse
import concurrent.futures
import fnmatch
import glob
import hashlib
import os
import queue
import random
import re
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
KNOWN = os.path.join(TOP, "kunit", "mutants.known")
SOURCES = ("core/*.[ch]", "pgtable/*.[ch]", "backends/*/*.[ch]")
COPIED = ("backends", "core", "hostif", "include", "kunit", "pgtable", "platform")
PATIENCE = 5         # a mutant does not end if it takes that many times as long as the original, ...
LEAST = 5           # ... and that many seconds more

CALL = re.compile(r"^\t+(?!return\b|if\b|for\b|while\b|switch\b|else\b)[a-z_]\w*(->\w+|\.\w+)*\(.*\);$")
ASSIGN = re.compile(r"^\t+[*a-z_][\w>.\[\]()*&+ -]*? [-+|&^]?= .*;$")
DECLARATION = re.compile(r"^\t+(const |static |struct |enum |u8|u16|u32|u64|s64|int |bool |size_t |"
                         r"unsigned |void |hyp_pf_mmio_t)")

# (name, pattern, replacements): what is found is replaced by each of the replacements.
RULES = (
    ("relation", r"(?<=[\w)\]] )(<|<=|>|>=|==|!=)(?= [\w(~!-])",
     {"<": ["<="], "<=": ["<"], ">": [">="], ">=": [">"], "==": ["!="], "!=": ["=="]}),
    ("logic", r"&&|\|\|", {"&&": ["||"], "||": ["&&"]}),
    ("arithmetic", r"(?<=[\w)\]] )(\+|-|<<|>>|\||&)(?= [\w(~!])",
     {"+": ["-"], "-": ["+"], "<<": [">>"], ">>": ["<<"], "|": ["&"], "&": ["|"]}),
    ("condition", r"(?<=\bif )\(.*\)(?=( \{)?$)", ["(!{0})", "(0 && {0})"]),
    ("error", r"(?<=return )(-E[A-Z0-9]+|ret)(?=;)", ["0"]),
    ("number", r"(?<![\w.])\d+(?![\w.])", ["({0} + 1)"]),
    ("mask", r"(?<=GENMASK_ULL\()\d+|(?<=GENMASK\()\d+|(?<=BIT\()\d+|(?<=BIT_ULL\()\d+",
     ["({0} - 1)"]),
    ("not", r"!(?=[\w(*])", [""]),
    ("clear", r"&= ~", ["&= "]),
)


class Mutant:
    """One change of one line, or of two lines."""

    def __init__(self, path, line, rule, old, new):
        self.path, self.line, self.rule = path, line, rule
        self.old, self.new = old, new
        text = "\n".join((path, rule, *old, *new, str(line)))
        self.name = hashlib.sha1(text.encode()).hexdigest()[:8]

    def key(self):
        """What it is in the list of known ones, wherever in the file."""
        return (self.path, " ".join("".join(self.old).split()), " ".join("".join(self.new).split()))

    def __str__(self):
        return "\n".join([f"{self.path}:{self.line + 1} ({self.rule}, {self.name})"] +
                         [f"  -{o}" for o in self.old] + [f"  +{n}" for n in self.new])


def code_lines(text):
    """(number, line) of lines with code; comments and strings are no place for mutants."""
    inside = False
    for number, line in enumerate(text.split("\n")):
        stripped = line.strip()
        if inside or stripped.startswith("/*"):
            inside = "*/" not in stripped
            continue
        if stripped and not stripped.startswith(("//", "#include", "#if", "#endif", "#else",
                                                 "static_assert", "extern", "*")) \
                and '"' not in line:
            yield number, line.split("/*")[0].rstrip() if "/*" in line else line


def by_rules(path, number, line):
    """Mutants of one line."""
    for rule, pattern, by in RULES:
        for match in re.finditer(pattern, line):
            found = match[0]
            for new in by[found] if isinstance(by, dict) else by:
                changed = line[:match.start()] + new.format(found) + line[match.end():]
                yield Mutant(path, number, rule, [line], [changed])


def of_file(path):
    """All mutants of a file."""
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        lines = dict(code_lines(file.read()))
    prototype = re.compile(r"^[a-z].*\);$")
    for number, line in lines.items():
        if prototype.match(line):
            continue
        yield from by_rules(path, number, line)
        if CALL.match(line) or ASSIGN.match(line) and not DECLARATION.match(line):
            indent = line[:len(line) - len(line.lstrip())]
            yield Mutant(path, number, "drop", [line], [indent + ";"])
            after = lines.get(number + 1, "")
            # The order of two assignments is nobody's business.
            if (CALL.match(after) or CALL.match(line) and ASSIGN.match(after)) and \
                    after.startswith(indent) and after[len(indent)] != "\t" and \
                    not DECLARATION.match(after):
                yield Mutant(path, number, "swap", [line, after], [after, line])


def all_mutants(only):
    """The mutants of the files that are wanted."""
    paths = sorted(os.path.relpath(p, TOP) for s in SOURCES for p in glob.glob(os.path.join(TOP, s)))
    return [m for p in paths if not only or fnmatch.fnmatch(p, only) for m in of_file(p)]


def known():
    """Mutants that nobody can notice: a set of keys."""
    keys = set()
    if os.path.exists(KNOWN):
        with open(KNOWN, encoding="utf-8") as file:
            for line in file:
                if line.strip() and not line.startswith("#"):
                    path, old, new, _ = [w.strip() for w in line.split("\t") if w.strip()]
                    keys.add((path, old, new))
    return keys


class Workshop:
    """A copy of the sources in which one mutant after the other is built."""

    def __init__(self, number):
        self.dir = os.path.join(BUILD, "mutants", str(number))
        os.makedirs(self.dir, exist_ok=True)
        subprocess.run(["rsync", "-rlpc", "--delete", "--exclude=/build", *COPIED, self.dir + "/"],
                       check=True, cwd=TOP)
        self.bins = os.path.join(self.dir, "build", "gcc-plain")
        if not self.build():
            sys.exit("mutants: the sources as they are do not build: make check MODE=plain")
        self.limit = {}
        for name in self.suites("core/"):
            start = time.monotonic()
            if subprocess.run([os.path.join(self.bins, name), "-q"], check=False,
                              stdout=subprocess.DEVNULL).returncode:
                sys.exit(f"mutants: {name} fails as it is: make check MODE=plain")
            self.limit[name] = PATIENCE * (time.monotonic() - start) + LEAST

    def build(self):
        """Builds; true if all programs are there."""
        # Warnings are what a mutant may cause; optimisation is what the tests need to be quick.
        done = subprocess.run(["make", "-s", "-C", os.path.join(self.dir, "kunit"), "build",
                               "MODE=plain", "CFLAGS=-w -g0 -O1", "CCACHE=",
                               "O=" + self.dir + "/build"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False)
        suites = [os.path.basename(p)[:-2] for p in
                  glob.glob(os.path.join(self.dir, "kunit", "*_test.c"))]
        return done.returncode == 0 and all(os.path.exists(os.path.join(self.bins, s))
                                            for s in suites)

    def suites(self, path):
        """The programs, in the order in which they are likely to notice."""
        names = sorted(os.path.basename(p) for p in glob.glob(os.path.join(self.bins, "*_test")))
        part = path.split("/")
        mine = part[1] if part[0] == "backends" else {"pgtable": "pgt", "core": "core"}[part[0]]
        return sorted(names, key=lambda n: (not n.startswith(mine), n.startswith("pgt")))

    def run(self, mutant, show=False):
        """What becomes of a mutant: killed by whom, survived, or none."""
        target = os.path.join(self.dir, mutant.path)
        # Of the copy: somebody may be at work on the sources.
        with open(target, encoding="utf-8") as file:
            original = file.read()
        lines = original.split("\n")
        if lines[mutant.line:mutant.line + len(mutant.old)] != mutant.old:
            return "none"
        lines[mutant.line:mutant.line + len(mutant.new)] = mutant.new
        try:
            self.write(target, "\n".join(lines))
            return self.judge(mutant, show)
        finally:
            self.write(target, original)

    @staticmethod
    def write(path, text):
        """Replaces a file."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def judge(self, mutant, show):
        """Builds and runs the tests until one fails."""
        if not self.build():
            return "none"
        for name in self.suites(mutant.path):
            try:
                done = subprocess.run([os.path.join(self.bins, name), "-q"], check=False,
                                      timeout=self.limit[name], capture_output=True, text=True)
            except subprocess.TimeoutExpired:
                return f"{name} (does not end)"
            if done.returncode:
                if show:
                    print(done.stdout[-3000:] + done.stderr[-2000:])
                return name
        return "survived"


def run_all(mutants, jobs, excused):
    """Runs them; (killed, survivors, none, excused survivors)."""
    shops = queue.Queue()
    for number in range(jobs):
        shops.put(Workshop(number))

    def one(mutant):
        shop = shops.get()
        try:
            return mutant, shop.run(mutant)
        finally:
            shops.put(shop)

    killed, none, fine, survivors = 0, 0, 0, []
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for count, (mutant, fate) in enumerate(pool.map(one, mutants), 1):
            if fate == "none":
                none += 1
            elif fate != "survived":
                killed += 1
            elif mutant.key() in excused:
                fine += 1
            else:
                survivors.append(mutant)
                print(f"not ok survived: {mutant}", flush=True)
            if count % 20 == 0 or count == len(mutants):
                print(f"[mutants {count}/{len(mutants)}] {killed} killed, {len(survivors)} survived, "
                      f"{none} do not compile, {time.monotonic() - start:.0f} s",
                      file=sys.stderr, flush=True)
    return killed, survivors, none, fine


def main():
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--mutant", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()

    mutants = all_mutants(args.only)
    if args.mutant:
        chosen = [m for m in mutants if m.name == args.mutant]
        if not chosen:
            parser.error(f"there is no mutant {args.mutant}")
        print(chosen[0])
        fate = Workshop(0).run(chosen[0], show=True)
        print(fate)
        return fate == "survived"
    if args.number and args.number < len(mutants):
        mutants = random.Random(args.seed).sample(mutants, args.number)
        mutants.sort(key=lambda m: (m.path, m.line))
    if args.list:
        for mutant in mutants:
            print(mutant)
        print(f"{len(mutants)} mutants")
        return 0
    killed, survivors, none, fine = run_all(mutants, args.jobs, known())
    print(f"# {len(mutants)} mutants: {killed} killed, {len(survivors)} survived, {fine} change "
          f"nothing (kunit/mutants.known), {none} do not compile")
    if survivors:
        print("# to repeat one of them: scripts/mutants.py --mutant ID")
    print(f"{killed} passed, {len(survivors)} failed")
    return bool(survivors) or not killed


if __name__ == "__main__":
    sys.exit(main())
