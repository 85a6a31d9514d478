#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Shows what this project is for, in two boots of the same kernel.

First the hole: protected KVM with Linux's own SMMU driver (hyp_iommu=off), where a device steals
from a guest that the host's CPUs cannot reach. Then hyp_iommu=on: real disks and networks work, and
each attack fails. At the end there is a table of what was done.
"""
import sys
import textwrap

from boot import BootError
from run import EchoServer, run_scenario
from scenarios import EDU, HIDDEN, HIDDEN_EDU, IO_DEVICES, KNOWN, OWNED, SCENARIOS, Scenario

DEMO = Scenario(
    "demo", "hyp_iommu=on",
    ("disk:nvme0n1:64:ext4", "disk:vda:16", "net:virtio_net:10.0.2.15:10.0.2.2:{port}:8",
     "net:e1000e:10.0.3.15:10.0.3.2:{port}:16", "hole:closed", "vfiodma:closed", "isolation",
     "args", "status"),
    (EDU, HIDDEN_EDU) + IO_DEVICES, append="hyp_iommu=required hugepages=40",
    expect=(HIDDEN, KNOWN, r"is not the host's to give"), must=(OWNED,), timeout=900)

# What the results of the first boot mean.
STORY = {
    "guest-has-secret": "A protected guest keeps a secret in its memory.",
    "cpu-refused": "The host's CPU reads that memory: refused, pKVM works.",
    "device-reads-secret": "A PCI device reads it by DMA: it gets the secret.",
    "device-corrupts-guest": "The device writes to it: the guest finds its memory corrupted.",
    "device-reads-el2": "The device reads the hypervisor's memory: the host's stage-2 table is there.",
    "device-finds-stage2": "It walks that table and finds the guest's page marked as not the host's.",
    "device-opens-stage2": "It rewrites the entry: now the host's CPU reads the guest as well.",
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
              "hole": "the same thefts again", "vfiodma": "thefts through VFIO",
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
    hole = next(s for s in SCENARIOS if s.name == "hole-open")
    try:
        say("1. Linux 7.3 with protected KVM and its own SMMU driver (hyp_iommu=off)\n")
        first = run_scenario(hole, server, name="demo-off", on_line=show_line)
        if not first.passed:
            complain(first)
            return 1
        say("\n   The hypervisor protects a guest from the host's CPUs, and not from its devices.\n")
        say("2. The same kernel, and the SMMU belongs to the hypervisor (hyp_iommu=required)\n")
        second = run_scenario(DEMO, server, on_line=show_tests)
    except BootError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    table(second)
    if not second.passed:
        complain(second)
        return 1
    say(f" Boots took {first.seconds:.0f} s and {second.seconds:.0f} s. "
        "More: make test, docs/, README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
