#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Shows what this project is for, in boots of the same kernel.

First the hole: without us (hyp_iommu=off) a device steals what it likes. On arm64, with protected KVM
and Linux's own SMMU driver, that is from a guest that the host's CPUs cannot reach; on x86-64, from
other processes and from the kernel. Then with us: real disks and networks work, and each attack
fails. At the end there is a table of what was done.
"""
import dataclasses
import os
import sys
import textwrap

from boot import ARCH, BootError
from run import EchoServer, run_scenario, select
from scenarios import (EDU, HIDDEN, HIDDEN_EDU, INLINE_X86, KNOWN, LOAD, PKVM, STAGE2, io_devices,
                       SVM, io_tests)


@dataclasses.dataclass(frozen=True)
class Demo:
    """What is shown on one architecture."""
    hole: str           # the scenario with the hole open
    before: str         # the first boot's heading, and what came out of it
    found: str
    platform: object    # the second boot's, its heading, and what it does not show
    after: str
    limits: str
    thefts: tuple       # that the second boot tries again
    cpus: tuple = ()    # how many more boots have, with real I/O and load


DEMO = {
    "arm64": Demo(
        "hole-open",
        "Linux 7.3 with protected KVM and its own SMMU driver (hyp_iommu=off)",
        "The hypervisor protects a guest from the host's CPUs, and not from its devices.",
        PKVM, "The same kernel, and the SMMU belongs to the hypervisor (hyp_iommu=required)", "",
        ("hole:closed", "vfiodma:closed")),
    "x86_64": Demo(
        "steal-open",
        "Linux 7.3, and nobody uses the VT-d unit (hyp_iommu=off)",
        "Whoever can tell a device what to do has all of the machine.",
        INLINE_X86, "The same kernel, and the VT-d unit belongs to hyp-iommu (hyp_iommu=on)",
        "This is platform/inline, without a hypervisor: it keeps devices from memory that nobody gave "
        "them, but not the kernel from the IOMMU's tables. x86-64 has no protected guests here yet.",
        ("steal:closed",)),
    "x86_64-svm": Demo(
        "svm-steal-open",
        "Linux 7.3, and nobody uses the VT-d unit (hyp_iommu=off)",
        "Whoever can tell a device what to do has all of the machine.",
        SVM, "The same kernel as the guest of the SVM monitor, which owns the VT-d unit (hyp_svm)",
        "An AMD processor in front of VT-d exists in QEMU only: platform/svm-x86/README.md says what "
        "this proves and what it does not.",
        (LOAD, "steal:closed", "vault"), (1, 4)),
}[f"{ARCH}-{os.environ['HYP']}" if os.environ.get("HYP") else ARCH]


def second_boot():
    """Everything at once."""
    return DEMO.platform.scenario(
        STAGE2, "demo", DEMO.after, (*io_tests(ARCH), *DEMO.thefts, "isolation", "args", "status"),
        (EDU, HIDDEN_EDU, *io_devices(ARCH)), "hugepages=40",
        expect=(HIDDEN, KNOWN, r"is not the host's to give"), timeout=900)


def boot_with(cpus):
    """Real I/O and load once more."""
    return DEMO.platform.scenario(STAGE2, f"demo-{cpus}cpu", f"{cpus} CPUs",
                                  (*io_tests(ARCH), LOAD, "status"), io_devices(ARCH), cpus=cpus,
                                  timeout=900)


# What the results of the first boot mean.
STORY = {
    "guest-has-secret": "A protected guest keeps a secret in its memory.",
    "cpu-refused": "The host's CPU reads that memory: refused, pKVM works.",
    "device-reads-secret": "A PCI device reads it by DMA: it gets the secret.",
    "device-corrupts-guest": "The device writes to it: the guest finds its memory corrupted.",
    "device-reads-el2": "The device reads the hypervisor's memory: the host's stage-2 table is there.",
    "device-finds-stage2": "It walks that table and finds the guest's page marked as not the host's.",
    "device-opens-stage2": "It rewrites the entry: now the host's CPU reads the guest as well.",
    "process-has-secret": "A process keeps a secret in its memory.",
    "device-reads-process": "A PCI device, driven by another process, reads it by DMA.",
    "device-corrupts-process": "The device writes to it: the process finds its memory corrupted.",
    "device-reads-kernel": "The device reads the kernel's memory.",
    "device-changes-kernel": "It writes there: the machine has another name now.",
}


def say(text=""):
    """Prints at once."""
    print(text, flush=True)


def show_line(line, _machine):
    """While a boot runs: each result."""
    kind, _, rest = line.partition("ok ")
    name, _, why = rest.partition(" # ")
    if kind in ("", "not ") and rest:
        mark = "  " if not kind else "!!"
        say(f" {mark} {STORY.get(name, name):74} {'' if name in STORY else why[:60]}".rstrip())


def show_tests(line, _machine):
    """While the second boot runs: what it is at, and what went wrong."""
    titles = {"disk": "real I/O: disk", "net": "real I/O: network",
              "hole": "the same thefts again", "steal": "the same thefts again", "vfiodma": "thefts through VFIO",
              "load": "60 s of load on all CPUs",
              "vault": "the monitor's vault, and ways out of the monitor",
              "isolation": "a hostile host with a hostile device",
              "args": "hypercalls with bad arguments", "status": "what was counted"}
    if line.startswith("# start "):
        say(f"    {titles.get(line.split()[2], line[8:])}")
    elif line.startswith("not ok "):
        say(f" !! {line}")
    elif line.startswith(("# moved ", "# attack ")):
        say(f"      {line[2:]}")


def rows_of(result, file):
    """The rows of one debugfs file, as the test "status" printed them, without the heading."""
    rows = [line.split()[1:] for line in result.info if line.split(" ", 1)[0] == file]
    return rows


def table(result):
    """The last screen."""
    units, domains = rows_of(result, "units"), rows_of(result, "domains")
    calls, pool = rows_of(result, "calls"), dict(r for r in rows_of(result, "pool") if len(r) == 2)
    out = []
    for row in units[1:]:
        unit = dict(zip(units[0], row))
        out.append(("unit", f"{unit['name']}: {unit['state']}, stage {unit['stage']}, "
                    f"{unit['commands']} commands, {unit['faults']} faults reported"))
        out.append(("endpoints attached", unit["endpoints"]))
    kib = 0
    for row in domains[1:]:
        domain = dict(zip(domains[0], row))
        kib += int(domain["tables"]) * int(domain["table_size"]) // 1024
    out.append(("domains", str(len(domains) - 1)))
    out.append(("pages mapped for DMA", pool.get("hyp_pinned", "?")))
    out.append(("memory in tables", f"{kib} KiB, and {int(pool.get('hyp_pages', 0)) * 4} KiB "
                "that the hypervisor holds in all"))
    moved = [line[6:] for line in result.info if line.startswith("moved ")]
    out.append(("transferred", "; ".join(moved)))
    total = sum(int(r[1]) for r in calls[1:] if len(r) == 3)
    top = sorted((r for r in calls[1:] if len(r) == 3), key=lambda r: -int(r[1]))[:4]
    out.append(("hypercalls", f"{total}: " + ", ".join(f"{r[0]} {r[1]}" for r in top)))
    attacks = [line.split() for line in result.info if line.startswith("attack ")]
    refused = [a for a in attacks if a[2] == "refused"]
    bad = result.value("bad-arguments") or "0"
    out.append(("attacks", f"{len(attacks)} tried, {len(refused)} refused; "
                f"{bad} bad arguments, all refused" if not result.failed else
                f"{len(attacks)} tried, {len(refused)} refused"))
    skipped = [line[5:].partition(" # ")[::2] for line in result.info if line.startswith("skip ")]
    reasons = {why: [n for n, w in skipped if w == why] for _, why in skipped}
    if skipped:
        out.append(("not tried", "; ".join(f"{', '.join(names)}: {why}"
                                           for why, names in reasons.items())))
    width = max(len(name) for name, _ in out)
    say("\n" + "-" * 100)
    for name, value in out:
        wrapped = textwrap.wrap(value, 96 - width) or [""]
        say(f" {name:{width}}  {wrapped[0]}")
        for more in wrapped[1:]:
            say(f" {'':{width}}  {more}")
    say("-" * 100)


def complain(result):
    """Says what failed and how to repeat just that."""
    for line in result.why():
        say(f" !! {line}")
    say(f" !! logs: {result.directory}; to repeat this boot: sh {result.directory}/command")


def main():
    """The command."""
    server = EchoServer()
    try:
        hole, = select([DEMO.hole])
        say(f"1. {DEMO.before}\n")
        first = run_scenario(hole, server, name="demo-off", on_line=show_line)
        if not first.passed:
            complain(first)
            return 1
        say(f"\n   {DEMO.found}\n")
        say(f"2. {DEMO.after}\n")
        second = run_scenario(second_boot(), server, on_line=show_tests)
        more = []
        for number, cpus in enumerate(DEMO.cpus, 3):
            if all(r.passed for r in (second, *more)):
                say(f"\n{number}. The same with {cpus} CPU{'s' if cpus > 1 else ''}\n")
                more.append(run_scenario(boot_with(cpus), server, on_line=show_tests))
    except BootError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    table(second)
    for result in (second, *more):
        if not result.passed:
            complain(result)
            return 1
    for line in textwrap.wrap(DEMO.limits, 98):
        say(f" {line}")
    took = ", ".join(f"{r.seconds:.0f} s" for r in (first, second, *more))
    say(f" Boots took {took}. "
        "More: make test, docs/, README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
