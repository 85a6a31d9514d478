#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the figures of run.py would come to on hardware of which figures were published.

    bench/e2e/model.py [--markdown]      of build/bench-e2e-arm64.csv

A model, not a measurement: time = instructions x INSTRUCTION + hypercalls x HYPERCALL +
commands x COMMAND + waits x WAIT. The constants are from the measurements with dma_map_benchmark in
the cover letter of pKVM's SMMUv3 driver, RFC v2 (M. Saleh, 12 Dec 2024, message
20241212180423.1578358-1 of the kernel lists): four-core Morello, SMMUv3 without range invalidation,
microseconds of map / unmap, Linux's driver and pKVM's own hypercalls:

    4K, 1 thread      0.1 / 0.7     0.3 / 1.3
    1M, 1 thread      0.8 / 21.5    2.6 / 27.3
"""
import argparse
import csv
import os
import sys

from run import BUILD, print_table

# A map of Linux's own, 856 instructions here, takes 0.1 us there, which has no command and no wait.
INSTRUCTION = 0.1 / 856
# A map by hypercall takes 0.2 us more, which is at least the trap and at most that and its work.
HYPERCALL = 0.2
# An unmap of 256 pages takes 20.8 us more than one of a page: 255 commands.
COMMAND = (21.5 - 0.7) / 255
# What is left of the 0.7 us of an unmap of one page, 2073 instructions here, with one command.
WAIT = 0.7 - 2073 * INSTRUCTION - COMMAND


def model(row, hypercalls=True):
    """Microseconds of a row, map and unmap."""
    calls = row["calls"] if hypercalls else 0
    return ((row["map_mean"] + row["unmap_mean"]) * INSTRUCTION + calls * HYPERCALL +
            row["commands"] * COMMAND + row["waits"] * WAIT)


def main():
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markdown", action="store_true")
    args = parser.parse_args()
    rows = {}
    try:
        with open(os.path.join(BUILD, "bench-e2e-arm64.csv"), encoding="utf-8") as file:
            for line in csv.DictReader(file):
                name = line.pop("config"), line.pop("row")
                rows[name] = {k: float(v) for k, v in line.items()}
    except OSError as error:
        print(f"model: {error}; ARCH=arm64 bench/e2e/run.py makes it", file=sys.stderr)
        return 1
    table = [("row", "Linux strict", "ours strict", "ratio", "Linux lazy", "ours lazy", "ratio")]
    for name in [r for c, r in rows if c == "hyp-strict"]:
        line = [name]
        for mode in ("strict", "lazy"):
            ours = rows["hyp-" + mode, name]
            # Linux's driver is not counted: it has the commands and waits of ours in strict mode.
            waits = {k: ours[k] if mode == "strict" else 0 for k in ("commands", "waits")}
            native = model({**rows["native-" + mode, name], **waits}, hypercalls=False)
            line += [f"{native:.2f}", f"{model(ours):.2f}", f"{model(ours) / native:.2f}"]
        table.append(tuple(line))
    print_table(table, args.markdown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
