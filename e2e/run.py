#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the scenarios of e2e/scenarios.py: whole systems, in QEMU.

ARCH in the environment, arm64 (default) or x86_64, says of which architecture; HYP=svm: those with
the monitor.

    e2e/run.py                    all of them
    e2e/run.py --only NAME        one, or a group, or several (--only a --only b)
    e2e/run.py --list

The last line is "N passed, N failed". What each boot printed is in build/e2e-<arch>/<name>/;
figures that it gave, as key=value lines, are in the file figures there.
"""
import argparse
import concurrent.futures
import os
import re
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from boot import ARCH, RUNS, BootError, Machine  # noqa: E402 pylint: disable=wrong-import-position
from scenarios import SCENARIOS             # noqa: E402 pylint: disable=wrong-import-position
from window import QEMU_ARGS, Window        # noqa: E402 pylint: disable=wrong-import-position

# DMA that was blocked is a problem, unless the scenario expects it.
BLOCKED = re.compile(r"blocked DMA(:| read from| write to)|the unit is stopped|cannot unmap|cannot be detached")


class EchoServer:
    """Sends back what it gets, to any number of clients."""

    def __init__(self):
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen()
        self.port = self.sock.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.sock.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    @staticmethod
    def _serve(client):
        with client:
            try:
                while data := client.recv(1 << 16):
                    client.sendall(data)
            except OSError:
                pass        # the client's test says what it missed


def make_disk(name):
    """A fresh disk with ext4; its path."""
    path = os.path.join(RUNS + "-disks", name + ".img")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        os.remove(path)
    with open(path, "wb") as file:
        file.truncate(512 << 20)
    try:
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", path], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise BootError(f"mkfs.ext4 {path}: {error}; it is in the package e2fsprogs") from error
    return path


def unexpected_blocks(machine, scenario):
    """Lines about DMA that nobody expected to be blocked."""
    with open(machine.path("console.log"), encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    known = [re.compile(e) for e in scenario.expect]
    return [line for line in lines if BLOCKED.search(line) and
            not any(k.search(line) for k in known)]


def unexpected_skips(result, scenario):
    """What a test has left out and should not have."""
    skipped = [line.split(" ", 2)[1:] for line in result.info if line.startswith("skip ")]
    return [(name, f"was skipped: {why}") for name, why in skipped if name not in scenario.skips]


def write_figures(machine, result):
    """The lines "# figure key value" of the tests, and the time to boot."""
    figures = [line.split()[1:3] for line in result.info if line.startswith("figure ")]
    if result.boot_seconds is not None:
        figures.append(["boot_seconds", result.boot_seconds])
    with open(machine.path("figures"), "w", encoding="utf-8") as file:
        for key, value in figures:
            file.write(f"{key}={value}\n")


def run_scenario(scenario, server, initrd=None, kernel=None, name=None, on_line=None):
    """Boots one scenario; the Result of boot.py, to which unexpected blocks are added."""
    name = name or scenario.name
    words = {"port": server.port}
    if any("{ext4}" in d for d in scenario.devices):
        words["ext4"] = make_disk(name)
    machine = Machine(name, tests=[t.format(**words) for t in scenario.tests],
                      devices=[d.format(**words) for d in scenario.devices],
                      cpus=scenario.cpus, mem=scenario.mem, append=scenario.append,
                      expect=scenario.expect, must=scenario.must, timeout=scenario.timeout,
                      variant=scenario.variant, initrd=initrd, kernel=kernel, on_line=on_line,
                      fdt=scenario.fdt, acpi=scenario.acpi,
                      qemu_args=QEMU_ARGS if scenario.window else (), **scenario.machine)
    window = Window(machine) if scenario.window else None
    result = machine.run()
    if window:
        window.judge(result)
    if "ext4" in words:
        os.remove(words["ext4"])
    result.failed += unexpected_skips(result, scenario)
    result.problems += [p for p in unexpected_blocks(machine, scenario)
                        if p not in result.problems]
    write_figures(machine, result)
    return result


def select(names):
    """This architecture's scenarios with these names, or in groups with these names."""
    hyp = os.environ.get("HYP")
    ours = [s for s in SCENARIOS if s.arch == ARCH and (not hyp or hyp in (*s.groups, s.variant))]
    known = {s.name for s in ours} | {g for s in ours for g in s.groups}
    for name in names:
        if name not in known:
            raise BootError(f"there is no scenario {name} for {ARCH}; known: "
                            f"{', '.join(sorted(known))}")
    return [s for s in ours if s.name in names or set(s.groups) & set(names) or
            not (names or s.special)]


def report(scenario, result):
    """Prints what came of one scenario; (passed, failed)."""
    bad = result.why()
    state = "ok" if result.passed else "not ok"
    print(f"{state} {scenario.name}: {len(result.ok)} passed, {len(bad)} failed, "
          f"{result.seconds:.0f} s  ({scenario.what})", flush=True)
    for line in bad:
        print(f"       {line}", flush=True)
    if bad:
        print(f"       logs: {result.directory}\n"
              f"       to repeat just that: ARCH={ARCH} e2e/run.py --only {scenario.name}",
              flush=True)
    return len(result.ok), len(bad)


def run_all(scenarios, jobs, kernel=None):
    """Runs them, up to @jobs at once; (passed, failed)."""
    server = EchoServer()
    passed = failed = finished = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        todo = {pool.submit(run_scenario, s, server, kernel=kernel): s for s in scenarios}
        for future in concurrent.futures.as_completed(todo):
            finished += 1
            try:
                good, bad = report(todo[future], future.result())
            except BootError as error:
                print(f"not ok {todo[future].name}: {error}", flush=True)
                good, bad = 0, 1
            passed += good
            failed += bad
            print(f"[e2e {finished}/{len(scenarios)}]", file=sys.stderr, flush=True)
    return passed, failed


def main():
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], metavar="NAME",
                        help="a scenario or a group of them; repeatable")
    parser.add_argument("--list", action="store_true", help="list the scenarios")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1),
                        help="boots at a time")
    parser.add_argument("--kernel", help="an image; default: build/kernel-<arch>")
    args = parser.parse_args()
    try:
        scenarios = select(args.only)
    except BootError as error:
        parser.error(str(error))
    if args.list:
        for scenario in scenarios:
            print(f"{scenario.name:22} [{' '.join(scenario.groups)}] {scenario.what}")
        return 0
    start = time.monotonic()
    passed, failed = run_all(scenarios, args.jobs,
                             args.kernel and os.path.abspath(args.kernel))
    print(f"e2e: {len(scenarios)} boots in {time.monotonic() - start:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
