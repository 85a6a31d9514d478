#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the benchmark of page tables: row by row, several processes for each, pinned to one CPU.

Prints a table, and leaves build/bench/bench.csv (medians of all) and build/bench/bench.svg.
What can be compared is what ran in one process: a ratio is the median of the ratios of the
processes. "Linux" is the best of its implementations and compilers in that row, "ours" the worse of
VMSAv8-64 stage 2 and VT-d second stage, with the better compiler.

run.py [--processes <n>] [--cpu <n>] [--row <name>] [--quick]
run.py --check: do all implementations come to the same translations? Ends in "N passed, N failed".
"""
import argparse
import csv
import datetime
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import xml.sax.saxutils

TOP = pathlib.Path(__file__).resolve().parent.parent
OUT = pathlib.Path(os.environ.get("BUILD", TOP / "build")) / "bench"
BENCH = OUT / "bench"
LINUX = ("ioarm-s1", "ioarm-s2", "genpt-vtdss", "genpt-x86_64")
OURS = ("hyp-s2", "hyp-ss")
OURS_PIN = ("hyp-s2-pin", "hyp-ss-pin")
COMPILERS = ("gcc", "clang")


def say(text):
    """Progress."""
    print(f"[bench] {text}", file=sys.stderr, flush=True)


def rows():
    """The names of all rows."""
    return subprocess.run([BENCH, "--list"], check=True, capture_output=True,
                          text=True).stdout.splitlines()


def run(cpu, *args):
    """One process. {(row, operation): {(implementation, compiler): value}}"""
    out = subprocess.run(["taskset", "-c", str(cpu), BENCH, *args], check=True,
                         capture_output=True, text=True).stdout
    values = {}
    for row, op, impl, compiler, value in csv.reader(out.splitlines()):
        values.setdefault((row, op), {})[impl, compiler] = float(value)
    return values


def best(values, impls):
    """The best of these, over compilers."""
    return min(values[i, c] for i in impls for c in COMPILERS)


def worst_of_best(values, impls):
    """The worst of these, each with its better compiler."""
    return max(best(values, (i,)) for i in impls)


def figures(values):
    """What the table shows of one row of one process, or of the medians."""
    return {
        "ioarm": best(values, LINUX[:2]), "genpt": best(values, LINUX[2:]),
        "linux": best(values, LINUX), "floor": best(values, ("floor",)),
        "off": worst_of_best(values, OURS), "on": worst_of_best(values, OURS_PIN),
    }


def summarise(processes):
    """Per row: medians of the figures, and of the ratios."""
    out = {}
    for key in processes[0]:
        each = [figures(p[key]) for p in processes]
        fig = {name: statistics.median(f[name] for f in each) for name in each[0]}
        for name, a, b in (("off/linux", "off", "linux"), ("on/linux", "on", "linux"),
                           ("off/floor", "off", "floor")):
            fig[name] = statistics.median(f[a] / f[b] if f[b] else 0 for f in each)
        out[key] = fig
    return out


COLUMNS = (("floor", "floor"), ("io-pgtable-arm", "ioarm"), ("generic_pt", "genpt"),
           ("ours", "off"), ("ours + pins", "on"), ("ours/Linux", "off/linux"),
           ("+ pins/Linux", "on/linux"), ("ours/floor", "off/floor"))


def table(summary):
    """As Markdown."""
    yield "| row | " + " | ".join(title for title, _ in COLUMNS) + " |"
    yield "|---|" + "---:|" * len(COLUMNS)
    for (row, op), fig in summary.items():
        cells = []
        for _, name in COLUMNS:
            value = fig[name]
            cells.append(f"{value:.2f}" if "/" in name or value < 10 else f"{value:,.0f}" if value >= 100
                         else f"{value:.1f}")
        yield f"| {row}: {op} | " + " | ".join(cells) + " |"


def svg(summary, title):
    """A bar chart: ours and the floor over Linux, which is 1."""
    shown = [(k, f) for k, f in summary.items() if k[1] not in ("used", "kept")]
    left, unit, step = 330, 240, 40
    width, height = left + int(2.2 * unit), 60 + step * len(shown)
    bars = (("off", "#2b6cb0", "ours"), ("on", "#90cdf4", "ours with pins"), ("floor", "#a0aec0", "floor"))
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
           'font-family="sans-serif" font-size="11">')
    yield f'<rect width="{width}" height="{height}" fill="white"/>'
    yield f'<text x="8" y="16" font-size="13">{xml.sax.saxutils.escape(title)}</text>'
    for n, (_, colour, name) in enumerate(bars):
        yield f'<rect x="{left + n * 130}" y="26" width="10" height="10" fill="{colour}"/>'
        yield f'<text x="{left + n * 130 + 14}" y="35">{name}</text>'
    for n, ((row, op), fig) in enumerate(shown):
        top = 48 + n * step
        yield f'<text x="{left - 6}" y="{top + 18}" text-anchor="end">{row}: {op}</text>'
        for m, (name, colour, _) in enumerate(bars):
            ratio = fig[name] / fig["linux"]
            y = top + m * 11
            yield (f'<rect x="{left}" y="{y}" width="{min(ratio, 2) * unit:.1f}" height="10" '
                   f'fill="{colour}"/>')
            yield (f'<text x="{left + min(ratio, 2) * unit + 4:.1f}" y="{y + 9}">{ratio:.2f}'
                   f'{" (cut off)" if ratio > 2 else ""}</text>')
    yield (f'<line x1="{left + unit}" y1="44" x2="{left + unit}" y2="{height}" stroke="#c53030"/>'
           f'<text x="{left + unit + 3}" y="{height - 4}" fill="#c53030">Linux = 1</text>')
    yield "</svg>"


def machine():
    """What this ran on."""
    cpu = "unknown CPU"
    for line in open("/proc/cpuinfo", encoding="utf-8"):
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    return f"{cpu}, {os.cpu_count()} CPUs, {platform.machine()}, {datetime.date.today()}"


def measure(args):
    """All rows; writes what is to be kept."""
    names = [args.row] if args.row else rows()
    processes = [{} for _ in range(args.processes)]
    for number, name in enumerate(names):
        say(f"{number + 1}/{len(names)}: {name}")
        for process in processes:
            process.update(run(args.cpu, *(["-q"] if args.quick else []), "-r", name))
    summary = summarise(processes)
    text = "\n".join(table(summary))
    title = f"Page tables, time relative to the best of Linux ({machine()})"
    with open(OUT / "bench.csv", "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("row", "operation", "implementation", "compiler", "median", "min", "max"))
        for key in processes[0]:
            for who in processes[0][key]:
                values = [p[key][who] for p in processes]
                out.writerow((*key, *who, f"{statistics.median(values):.3f}", min(values), max(values)))
    (OUT / "bench.svg").write_text("\n".join(svg(summary, title)) + "\n", encoding="utf-8")
    (OUT / "bench.md").write_text(f"{machine()}, {args.processes} processes per row"
                                  f"{', one turn each' if args.quick else ''}\n\n{text}\n",
                                  encoding="utf-8")
    print(text)
    say(f"{OUT}/bench.csv, bench.svg, bench.md")


def check():
    """Is each translation the same, would a wrong one be seen, and is every row measured?"""
    passed = failed = 0
    for what, args, good in (("all implementations agree", ("--check", "1"), 0),
                             ("with another seed", ("--check", "2"), 0),
                             ("one that forgets a leaf is found", ("--check", "--break"), 1)):
        done = subprocess.run([BENCH, *args], capture_output=True, text=True, check=False)
        if done.returncode == good:
            passed += 1
            continue
        failed += 1
        print(f"not ok {what}\n{done.stdout}{done.stderr}to repeat just that: {BENCH} {' '.join(args)}")
    try:
        values = run(0, "-q")
        summary = summarise([values])
        missing = set(rows()) - {row for row, _ in values}
        good = not missing and all(v > 0 for fig in summary.values() for v in fig.values())
        list(table(summary)), list(svg(summary, ""))
    except (subprocess.CalledProcessError, KeyError) as error:
        good, missing = False, error
    if good:
        passed += 1
    else:
        failed += 1
        print(f"not ok every row has values: {missing}\nto repeat just that: {BENCH} -q")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


def main():
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--processes", type=int, default=5)
    parser.add_argument("--cpu", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--row")
    parser.add_argument("--quick", action="store_true", help="one turn of each implementation per process")
    args = parser.parse_args()
    if args.check:
        return check()
    return measure(args)


if __name__ == "__main__":
    sys.exit(main())
