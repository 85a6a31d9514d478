#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Where the instructions of dma_map and dma_unmap go: one operation of each row of run.py, after
its warm-up, in single steps through QEMU's gdb stub, counted by function. Of ARCH, and HYP=svm.

    bench/e2e/profile.py [--config hyp-strict] [--row page-1 ...] [--top 20]
    bench/e2e/profile.py --config hyp-lazy --function hyp_host_flush_all

The second looks at one call of a function while the rows run.
Functions of a hypervisor have the prefix "hyp:". Inlined ones count for their callers.
"""
import argparse
import bisect
import collections
import os
import socket
import subprocess
import sys
import threading
import time

from run import ARCH, ARCHES, BUILD, CONFIGS, HYP, QEMU_ARGS, BenchMachine, words_of

SKIP = 600		# calls before the one that is looked at: more than the warm-up
FUNCTION_SKIP = 3	# the same for --function
NVHE = "__kvm_nvhe_"
MONITOR = "drivers/iommu/hyp/platform/svm-x86/monitor.elf"
# gdb's numbers of the second argument, the stack pointer and the program counter; the size of a
# breakpoint.
ARG, SP, PC, BREAK = {"arm64": (1, 31, 32, 4), "x86_64": (4, 7, 16, 1)}[ARCH]
ROWS = {"page-1": ("page", 1), "page-16": ("page", 16), "page-256": ("page", 256),
        "page-512": ("page", 512), "sg-16": ("sg", 16), "sg-256": ("sg", 256)}


class Gdb:
    """The little of the remote protocol that single steps take."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        while True:
            try:
                self.sock.connect(path)
                break
            except OSError:
                time.sleep(0.1)
        self.buffer = b""

    def ask(self, what):
        """One packet and its answer."""
        self.sock.sendall(f"${what}#{sum(what.encode()) & 255:02x}".encode())
        while True:
            start, end = self.buffer.find(b"$"), self.buffer.find(b"#")
            if 0 <= start < end and len(self.buffer) >= end + 3:
                break
            data = self.sock.recv(65536)
            if not data:
                raise EOFError
            self.buffer += data
        answer, self.buffer = self.buffer[start + 1:end], self.buffer[end + 3:]
        self.sock.sendall(b"+")
        return answer.decode()

    def reg(self, number):
        """The value of a register."""
        return int.from_bytes(bytes.fromhex(self.ask(f"p{number:x}")), "little")

    def caller(self):
        """Where a function that has just been entered returns to: the PC and SP after it."""
        stack = self.reg(SP)
        if ARCH == "arm64":
            return self.reg(30), stack
        back = bytes.fromhex(self.ask(f"m{stack:x},8"))
        return int.from_bytes(back, "little"), stack + 8


def functions(elf):
    """(address, name), sorted."""
    out = subprocess.run(["nm", "-n", elf], capture_output=True, text=True, check=True)
    lines = (line.split()[-3:] for line in out.stdout.splitlines())
    return sorted((int(address, 16), name) for address, kind, name in lines
                  if kind in "tTwW" and not name.startswith("$"))


class Symbols:
    """Names for addresses, of the kernel and, once its place is known, of the hypervisor."""

    def __init__(self, kernel):
        self.table = functions(os.path.join(kernel, "vmlinux"))
        self.names = {name: address for address, name in self.table}
        self.hyp_table, self.hyp_offset = self.table, None
        if HYP:
            self.hyp_table, self.hyp_offset = functions(os.path.join(kernel, MONITOR)), 0

    def of(self, pc):
        """The function."""
        if pc >> 63:
            return self.table[bisect.bisect(self.table, (pc, "~")) - 1][1]
        if self.hyp_offset is None:
            # The first one is where an HVC from 64-bit EL1 goes.
            self.hyp_offset = self.names[NVHE + "__kvm_hyp_host_vector"] + 0x400 - pc
        name = self.hyp_table[bisect.bisect(self.hyp_table, (pc + self.hyp_offset, "~")) - 1][1]
        return "hyp:" + name.removeprefix(NVHE)


def one(gdb, symbols):
    """The histogram of the function at whose first instruction the guest is."""
    histogram = collections.Counter()
    back, stack = gdb.caller()
    pc = gdb.reg(PC)
    while pc != back or gdb.reg(SP) != stack:
        histogram[symbols.of(pc)] += 1
        gdb.ask("vCont;s")
        pc = gdb.reg(PC)
    return histogram


def show(title, histogram, top):
    """One table."""
    print(f"\n{title}: {sum(histogram.values())}")
    for name, count in histogram.most_common(top):
        print(f"{count:8} {name}")
    sys.stdout.flush()


def main():
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="hyp-strict", choices=CONFIGS)
    parser.add_argument("--row", action="append", choices=ROWS)
    parser.add_argument("--function", metavar="NAME")
    parser.add_argument("--top", type=int, default=20)
    args = parser.parse_args()

    symbols = Symbols(os.path.join(BUILD, f"kernel-{ARCH}" + (f"-{HYP}" if HYP else "")))
    gdb_path = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"hyp-profile-{os.getpid()}.sock")
    machine = BenchMachine("profile", tests=["dmabench"], devices=["edu"], cpus=1, mem=1024,
                           append=f"{words_of(args.config)} nokaslr",
                           iommu=CONFIGS[args.config][1], timeout=3600, variant=HYP,
                           cpu=ARCHES[ARCH]["cpu"],
                           qemu_args=(*QEMU_ARGS, "-gdb", f"unix:{gdb_path},server=on,wait=off", "-S"))
    threading.Thread(target=machine.run, daemon=True).start()
    gdb = Gdb(gdb_path)
    os.unlink(gdb_path)
    wanted = {(do + kind, pages): (row, do.rstrip("_")) for row, (kind, pages) in ROWS.items()
              for do in ("map_", "unmap_") if not args.row or row in args.row}
    if args.function:
        wanted = {(args.function, None): ("a call of", args.function)}
    entries = {symbols.names[name]: name for name, _ in wanted}
    for address in entries:
        gdb.ask(f"Z0,{address:x},{BREAK}")
    seen = collections.Counter()
    try:
        while wanted:
            gdb.ask("vCont;c")
            what = entries.get(gdb.reg(PC)), None if args.function else gdb.reg(ARG)
            seen[what] += 1
            if what in wanted and seen[what] > (FUNCTION_SKIP if args.function else SKIP):
                show(" ".join(wanted.pop(what)), one(gdb, symbols), args.top)
            else:
                gdb.ask("vCont;s")
    except EOFError:
        print("the guest has ended", file=sys.stderr)
        return 1
    finally:
        machine.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
