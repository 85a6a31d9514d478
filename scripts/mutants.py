#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Breaks the hypervisor side in many small ways and demands that the unit tests notice.

    scripts/mutants.py                  a sample of 200, the same each time
    scripts/mutants.py --number N       another number; 0: all there are
    scripts/mutants.py --seed N         another sample
    scripts/mutants.py --only GLOB      of these files, e.g. 'backends/vtd/*'
    scripts/mutants.py --mutant ID      one of them; shows it, and what the tests say
    scripts/mutants.py --list

Mutants are derived from the sources of core/, pgtable/, backends/ and platform/ram.c by the rules in
RULES, each at every place where it applies. One that changes nothing that anybody can observe is listed, with the
reason, in kunit/mutants.known. A mutant that does not compile is none.

The last line is "N passed, N failed": mutants that were killed, and mutants that survived.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import glob
import hashlib
import os
import queue
import re
import resource
import shutil
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
KNOWN = os.path.join(TOP, "kunit", "mutants.known")
SOURCES = ("core/*.[ch]", "pgtable/*.[ch]", "backends/*/*.[ch]", "platform/ram.[ch]")
COPIED = ("backends", "core", "hostif", "include", "kunit", "pgtable", "platform")
AREAS = {"core": "core", "pgtable": "pgt", "platform": "ram"}	# what the suites of a directory begin with
PATIENCE = 3         # a mutant does not end if it needs that many times the CPU of the original, ...
LEAST = 3            # ... and that many seconds more

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


def squeeze(text):
    """Code without its white space."""
    return "".join(text.split())


class Mutant:
    """One change of one line, or of two lines."""

    def __init__(self, path, line, rule, old, new):
        self.path, self.line, self.rule = path, line, rule
        self.old, self.new = old, new
        self.name = ""

    def call(self, nr):
        """Names it by what it is, not where: @nr tells apart those that read the same."""
        text = "\n".join((self.path, self.rule, *self.old, *self.new, str(nr)))
        self.name = hashlib.sha1(text.encode()).hexdigest()[:8]

    def key(self):
        """What it is in the list of known ones, wherever in the file."""
        return (self.path, squeeze("".join(self.old)), squeeze("".join(self.new)))

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
    mutants = [m for p in paths if not only or fnmatch.fnmatch(p, only) for m in of_file(p)]
    seen = collections.Counter()
    for mutant in mutants:
        key = (*mutant.key(), mutant.rule)
        mutant.call(seen[key])
        seen[key] += 1
    return mutants


def sample(mutants, number, seed):
    """@number of them, which stay the same while their lines do, whatever else changes."""
    def rank(mutant):
        return hashlib.sha1(f"{seed} {mutant.name}".encode()).digest()
    chosen = sorted(mutants, key=rank)[:number]
    return sorted(chosen, key=lambda m: (m.path, m.line))


def known():
    """Mutants that nobody can notice: a set of keys."""
    keys = set()
    if os.path.exists(KNOWN):
        with open(KNOWN, encoding="utf-8") as file:
            for line in file:
                if line.strip() and not line.startswith("#"):
                    path, old, new, _ = [w.strip() for w in line.split("\t") if w.strip()]
                    keys.add((path, squeeze(old), squeeze(new)))
    return keys


class Bench:
    """A copy of the sources, built; what mutants are made from and compared with."""

    def __init__(self):
        self.dir = os.path.join(BUILD, "mutants")
        self.tree = os.path.join(self.dir, "tree")
        os.makedirs(self.tree, exist_ok=True)
        # Of a copy: somebody may be at work on the sources.
        subprocess.run(["rsync", "-rlpc", "--delete", "--exclude=/build", *COPIED, self.tree + "/"],
                       check=True, cwd=TOP)
        if self.make("build").returncode:
            sys.exit("mutants: the sources as they are do not build: make check")
        self.compile, self.bins = self.make("how").stdout.split("\n")[:2]
        self.compile = self.compile.split()
        self.users = self.find_users()
        self.suites = {}
        for test in sorted(glob.glob(os.path.join(self.tree, "kunit", "*_test.c"))):
            name = os.path.basename(test)[:-2]
            self.suites[name] = self.members(name)
        self.limit = {name: self.time(name) for name in self.suites}

    def make(self, target):
        """The sources' own Makefile, which knows the files and the options."""
        # Warnings are what a mutant may cause; optimisation is what the tests need to be quick.
        return subprocess.run(["make", "-s", "--no-print-directory", "-C",
                               os.path.join(self.tree, "kunit"), target, "MODE=plain",
                               "CFLAGS=-w -g0 -O1", "O=" + os.path.join(self.dir, "base")],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              check=False)

    def find_users(self):
        """{source or header: objects that have to be compiled when it changes}."""
        users = {}
        for path in glob.glob(os.path.join(self.bins, "**", "*.d"), recursive=True):
            obj = os.path.relpath(path, self.bins)[:-1] + "o"
            with open(path, encoding="utf-8") as file:
                words = file.read().replace("\\\n", " ").split(": ")[1].split("\n")[0].split()
            for word in words:
                if word.startswith(self.tree):
                    users.setdefault(os.path.relpath(word, self.tree), set()).add(obj)
        return users

    def objects(self, suite):
        """What a suite's program is linked from, before the archive."""
        return [f"kunit/{suite}.o", "kunit/user/runner.o"]

    def members(self, suite):
        """The objects that end up in a suite's program."""
        done = subprocess.run([self.compile[0], "-Wl,-t,-t", "-o", os.path.join(self.dir, "members"),
                               *(os.path.join(self.bins, o) for o in self.objects(suite)),
                               os.path.join(self.bins, "libhyp.a"), "-lpthread"],
                              stdout=subprocess.PIPE, text=True, check=True)
        return {os.path.relpath(found, self.bins)
                for found in re.findall(re.escape(self.bins) + r"/[\w/-]+\.o", done.stdout)}

    def time(self, suite):
        """CPU seconds that a suite may take; it has to pass as it is."""
        before = os.times()
        if subprocess.run([os.path.join(self.bins, suite), "-q"], check=False,
                          stdout=subprocess.DEVNULL).returncode:
            sys.exit(f"mutants: {suite} fails as it is: make check MODE=plain")
        after = os.times()
        used = (after.children_user + after.children_system -
                before.children_user - before.children_system)
        return PATIENCE * used + LEAST

    def order(self, path, changed):
        """Suites that have anything of what changed, in the order in which they are likely to notice."""
        part = path.split("/")
        area = part[1] if part[0] == "backends" else AREAS[part[0]]
        own = f"{area}_{os.path.splitext(part[-1])[0]}_test"
        return sorted((s for s, members in self.suites.items() if members & changed),
                      key=lambda s: (s != own, not s.startswith(area), self.limit[s]))


class Workshop:
    """A place where one mutant after the other is built, from the bench's objects and its own."""

    def __init__(self, bench, number):
        self.bench = bench
        self.dir = os.path.join(bench.dir, str(number))

    def run(self, mutant, show=False):
        """What becomes of a mutant: killed by whom, survived, or none."""
        shutil.rmtree(self.dir, ignore_errors=True)
        with open(os.path.join(self.bench.tree, mutant.path), encoding="utf-8") as file:
            lines = file.read().split("\n")
        if lines[mutant.line:mutant.line + len(mutant.old)] != mutant.old:
            return "none"
        lines[mutant.line:mutant.line + len(mutant.new)] = mutant.new
        target = os.path.join(self.dir, mutant.path)
        os.makedirs(os.path.dirname(target))
        with open(target, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))

        changed = self.bench.users.get(mutant.path, set())
        tests = {f"kunit/{s}.o" for s in self.bench.suites}
        if not all(self.compile(obj, mutant.path) for obj in sorted(changed - tests)):
            return "none"
        for suite in self.bench.order(mutant.path, changed):
            if not all(self.compile(obj, mutant.path)
                       for obj in changed.intersection(self.bench.objects(suite))):
                return "none"
            if not self.link(suite, changed):
                return "none"
            why = self.judge(suite, show)
            if why:
                return why
        return "survived"

    def compile(self, obj, path):
        """Compiles one object with the mutant in place of the file @path."""
        source = obj[:-1] + "c"
        target = os.path.join(self.dir, "obj", obj)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        source = os.path.join(self.dir if source == path else self.bench.tree, source)
        command = [self.bench.compile[0], "-I" + self.dir, "-I" + os.path.join(self.dir, "include"),
                   *self.bench.compile[1:], "-c", "-o", target, source]
        return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0

    def link(self, suite, changed):
        """Links a suite's program: objects that are named come before those of the archive."""
        objects = sorted(self.bench.suites[suite] & changed)
        objects += [o for o in self.bench.objects(suite) if o not in changed]
        command = [self.bench.compile[0], "-o", os.path.join(self.dir, suite),
                   *(os.path.join(self.dir, "obj", o) if o in changed else
                     os.path.join(self.bench.bins, o) for o in objects),
                   os.path.join(self.bench.bins, "libhyp.a"), "-lpthread"]
        return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0

    def judge(self, suite, show):
        """Runs a suite up to its first failure.  Return: who has noticed, or None."""
        limit = int(self.bench.limit[suite])
        # CPU time, which does not depend on what else the machine does.
        done = subprocess.run([os.path.join(self.dir, suite), "-q", "-x"], check=False,
                              capture_output=True, text=True, errors="replace",
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU,
                                                                    (limit, limit)))
        if show:
            print(f"{suite}: {'passes' if not done.returncode else 'fails'}")
        if not done.returncode:
            return None
        if show:
            print(done.stdout[-3000:] + done.stderr[-2000:])
        return suite


def run_all(mutants, jobs, excused):
    """Runs them; (killed, survivors, none, excused survivors)."""
    bench = Bench()
    shops = queue.Queue()
    for number in range(jobs):
        shops.put(Workshop(bench, number))

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
        fate = Workshop(Bench(), 0).run(chosen[0], show=True)
        print(fate)
        return fate == "survived"
    if args.number and args.number < len(mutants):
        mutants = sample(mutants, args.number, args.seed)
    if args.list:
        for mutant in mutants:
            print(mutant)
        print(f"{len(mutants)} mutants")
        return 0
    start = time.monotonic()
    killed, survivors, none, fine = run_all(mutants, args.jobs, known())
    print(f"# {len(mutants)} mutants: {killed} killed, {len(survivors)} survived, {fine} change "
          f"nothing (kunit/mutants.known), {none} do not compile; {time.monotonic() - start:.0f} s")
    if survivors:
        print("# to repeat one of them: scripts/mutants.py --mutant ID")
    print(f"{killed} passed, {len(survivors)} failed")
    return bool(survivors) or not killed


if __name__ == "__main__":
    sys.exit(main())
