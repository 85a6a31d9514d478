#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What dma_map_page(), dma_map_sg() and their opposites cost in booted systems.

The same kernel and device, with Linux's own IOMMU driver, with ours, and with no IOMMU, counted in
executed instructions: QEMU runs with -icount shift=0, where the guest's clock goes by one nanosecond
for each. So the figures do not depend on the machine that this runs on. They do not say what a trap,
a wait for the IOMMU or a cache miss costs on hardware: therefore the hypercalls, commands and waits
of each operation stand beside them.

    bench/e2e/run.py                 of ARCH (arm64 is the default, or x86_64)
    bench/e2e/run.py --only NAME     one configuration (repeatable): see --list
    bench/e2e/run.py --markdown      the tables as in docs/performance-e2e.md

Figures go to build/bench-e2e-<arch>.csv, boots to build/e2e-<arch>/bench-<name>/. Ends with 1 if
a goal was missed.
"""
import argparse
import csv
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "e2e"))
from boot import ARCH, BUILD, BootError, Machine  # noqa: E402 pylint: disable=wrong-import-position

HYP = os.environ.get("HYP", "")

# What every boot has: time is instructions, and nothing differs from one run to the next.
QEMU_ARGS = ("-icount", "shift=0,sleep=off", "-seed", "1", "-rtc", "base=2026-01-01,clock=vm")

# An instruction that clears a page would hide what it costs: Linux is told not to use it.
ARCHES = {
    "arm64": {"append": "arm64.nomops", "cpu": None, "native": "hyp_iommu=off"},
    "x86_64": {"append": "", "cpu": "max,la57=off,vendor=GenuineIntel,family=6,model=58,"
                                    "stepping=9,-erms,-fsrm",
               "native": "hyp_iommu=off intel_iommu=on"},
}

# name: kernel parameters, IOMMU, what the group's type must be
CONFIGS = {
    "native-strict": ("{native} iommu.strict=1", None, "DMA"),
    "native-lazy": ("{native} iommu.strict=0", None, "DMA-FQ"),
    "hyp-strict": ("hyp_iommu=on iommu.strict=1", None, "DMA"),
    "hyp-lazy": ("hyp_iommu=on iommu.strict=0", None, "DMA-FQ"),
    "none": ("hyp_iommu=off", "none", "none"),
}

# The highest ratio to Linux's own driver, map and unmap together, by row.
GOALS = {
    "arm64": {"strict": {"page-1": 1.0, "page-16": 0.8, "page-256": 0.5, "sg-256": 0.3},
              "lazy": {"page-1": 1.0, "page-16": 1.0, "page-256": 1.0, "sg-16": 1.0,
                       "sg-256": 1.0}},
    "x86_64": {mode: {row: 0.9 for row in ("page-1", "page-16", "page-256", "page-512",
                                           "live-2048", "sg-16", "sg-256")}
               for mode in ("strict", "lazy")},
}


class BenchMachine(Machine):
    """One CPU that counts instructions."""

    def command(self, shell=False):
        args = super().command(shell)
        args[args.index("-accel") + 1] = "tcg,thread=single"
        return args


def words_of(name):
    """The kernel's command line for a configuration."""
    arch = ARCHES[ARCH]
    words = f"{arch['append']} {CONFIGS[name][0].format(**arch)}"
    # QEMU counts no instructions in x2APIC mode.
    if HYP == "svm":
        words += " nox2apic" + (" hyp_svm" if name.startswith("hyp") else "")
    return words


def measure(name):
    """Boots one configuration; {row: {column: number}}."""
    _, iommu, group = CONFIGS[name]
    arch = ARCHES[ARCH]
    result = BenchMachine("bench-" + name, tests=["dmabench"], devices=["edu"], cpus=1, mem=1024,
                          variant=HYP, append=words_of(name), iommu=iommu, cpu=arch["cpu"], timeout=900,
                          qemu_args=QEMU_ARGS).run()
    if not result.passed:
        raise BootError(f"{name}: {'; '.join(result.why())}; logs: {result.directory}")
    if result.value("group-type") != group:
        raise BootError(f"{name}: the device's IOMMU group is {result.value('group-type')}, "
                        f"not {group}")
    rows, scale, rounds = {}, 1.0, 1
    for line in result.info:
        words = line.split()
        if words[0] != "bench":
            continue
        if words[1] == "ticks-per-second":
            scale = 1e9 / float(words[2])
        elif words[1] == "rounds":
            rounds = int(words[2])
        elif words[1] == "hypercall":
            print(f"{ARCH} {name}: a hypercall that does nothing: "
                  f"{float(words[2]) * scale:.0f} instructions")
        else:
            ticks = [float(w) * scale for w in words[2:6]]
            counts = [float(w) / rounds for w in words[6:9]]
            rows[words[1]] = dict(zip(("map", "map_mean", "unmap", "unmap_mean", "calls",
                                       "commands", "waits"), ticks + counts))
    return rows


def cost(config, row):
    """Of map and unmap together. Strict: the median, which no tick of the timer disturbs; lazy:
    the mean, because one unmap in many pays for all."""
    kind = "_mean" if config.endswith("lazy") else ""
    return row["map" + kind] + row["unmap" + kind]


def print_table(table, markdown):
    """Lines of cells, the first of which is the head."""
    widths = [max(len(r[i]) for r in table) for i in range(len(table[0]))]
    for number, line in enumerate(table):
        if markdown:
            print("| " + " | ".join(c.ljust(w) for c, w in zip(line, widths)) + " |")
            if not number:
                print("|" + "|".join("-" * (w + 2) for w in widths) + "|")
        else:
            print("  ".join(c.rjust(w) for c, w in zip(line, widths)))


def report(figures, markdown):
    """Prints the tables; the goals that were missed."""
    missed = []
    for mode in ("strict", "lazy"):
        native, hyp = figures.get("native-" + mode), figures.get("hyp-" + mode)
        if not native and not hyp:
            continue
        kind = "_mean" if mode == "lazy" else ""
        head = ("row", "none", "native map", "unmap", "ours map", "unmap", "ratio", "goal",
                "hypercalls", "commands", "waits")
        table = [head]
        for row in native or hyp:
            line = [row]
            line.append(f"{cost('none', figures['none'][row]):.0f}" if "none" in figures else "-")
            for rows in (native, hyp):
                line += [f"{rows[row][c + kind]:.0f}" if rows else "-" for c in ("map", "unmap")]
            goal = GOALS[ARCH][mode].get(row)
            ratio = None
            if native and hyp:
                ratio = cost("hyp-" + mode, hyp[row]) / cost("native-" + mode, native[row])
            line.append(f"{ratio:.2f}" if ratio else "-")
            line.append(f"{goal:.1f}" if goal else "")
            line += [f"{hyp[row][c]:.2f}" if hyp else "-" for c in ("calls", "commands", "waits")]
            table.append(line)
            if ratio and goal and ratio > goal:
                missed.append(f"{mode} {row}: {ratio:.3f} of Linux's, the goal is {goal}")
        print(f"\n{ARCH}, {mode}: instructions, and per map and unmap of ours:\n")
        print_table(table, markdown)
    return missed


def main():
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=CONFIGS, help="repeatable")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--markdown", action="store_true")
    args = parser.parse_args()
    if args.list:
        print("\n".join(CONFIGS))
        return 0
    figures = {}
    try:
        for name in args.only or CONFIGS:
            print(f"[bench-e2e] {ARCH} {name}", file=sys.stderr, flush=True)
            figures[name] = measure(name)
    except BootError as error:
        print(f"bench-e2e: {error}", file=sys.stderr)
        return 1
    with open(os.path.join(BUILD, f"bench-e2e-{ARCH}.csv"), "w", encoding="utf-8",
              newline="") as file:
        out = csv.writer(file)
        first = next(iter(next(iter(figures.values())).values()))
        out.writerow(["config", "row", *first])
        for name, rows in figures.items():
            for row, values in rows.items():
                out.writerow([name, row, *(f"{v:.3f}" for v in values.values())])
    missed = report(figures, args.markdown)
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
