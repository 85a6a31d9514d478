#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Boots a kernel of ours in QEMU, runs tests in it and judges what it printed.

As a library:

    from boot import Machine
    r = Machine("io-nvme", tests=["nvme:256"], devices=["nvme,size=512M", "edu"],
                cpus=2, mem=1024, append="hyp_iommu=on", expect=[r"fault .* sid 0x10"]).run()
    r.ok, r.failed, r.info, r.problems, r.passed

As a command: boot.py --help; boot.py --shell is an interactive guest.

A device is "<name>[,property=value...]". Names: nvme, virtio-blk, ahci, xhci (a USB disk),
virtio-net, e1000e, edu, and any other that QEMU knows. size=, file= give those with a disk theirs
(default: 64M, empty); net.<property>= goes to the user network. The host is 10.0.2.2 in the guest.

The environment's ARCH, arm64 or x86_64, says which machine it is. What a run leaves in
build/e2e-<arch>/<name>/: console.log (the kernel's), results.log (the tests'), qemu.log, command
(to repeat it by hand), result.json.
"""
import argparse
import bisect
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time

from acpi import AcpiError, initrd as acpi_initrd, own_tables
from results import Parser, Result, Tail

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))

# What differs between architectures. The first IOMMU is the default; it is a property of the
# machine, or a device that has to come before all others.
ARCHES = {
    "arm64": {
        "qemu": "qemu-system-aarch64",
        "image": "arch/arm64/boot/Image",
        "machine": "virt,virtualization=on,gic-version=3",
        "iommu": {"smmuv3": {"machine": "iommu=smmuv3"}, "none": {}},
        "cpu": "max,pauth-impdef=on",
        "console": "ttyAMA0",
        "results": "ttyAMA1",
        "append": "kvm-arm.mode=protected",
    },
    "x86_64": {
        "qemu": "qemu-system-x86_64",
        "image": "arch/x86/boot/bzImage",
        "machine": "q35,smm=off",
        "iommu": {"vtd": {"device": "intel-iommu,intremap=off"}, "none": {}},
        # A model whose TSC Linux takes to be constant: it calibrates badly where time jumps.
        "cpu": "max,la57=off,vendor=GenuineIntel,family=6,model=58,stepping=9",
        "console": "ttyS0",
        "results": "ttyS1",
        # Interrupts are not remapped, and VFIO wants to hear that this is known.
        "append": "tsc=reliable no_timer_check vfio_iommu_type1.allow_unsafe_interrupts=1",
    },
}
ARCH = os.environ.get("ARCH", "arm64")
# What the runs leave, one directory for each.
RUNS = os.path.join(BUILD, f"e2e-{ARCH}")

# Lines of the kernel log that fail a run unless the caller expects them.
PROBLEMS = re.compile(
    r"Kernel panic|Internal error|\bOops|Unable to handle kernel|BUG:|WARNING:|"
    r"INFO: task .* blocked|INFO: (rcu|lockdep)|rcu: .*stall|soft lockup|hyp panic|"
    r"possible circular locking|possible recursive locking|inconsistent lock state|"
    r"suspicious RCU|DMA-API:|list_(add|del) corruption|Unable to mount root|"
    r"arm-smmu-v3 .*\b(event|EVTQ|CERROR|GERROR|PRIQ|timeout|timed out)|CMD_SYNC timeout|"
    r"DMAR: .*(fault|error)|"
    r"hyp-iommu.*\bfault\b", re.I)
FATAL = re.compile(r"Kernel panic|hyp panic|Unable to mount root|No working init")
# Lines that look like problems but are how Linux says all is well.
HARMLESS = re.compile(r"arm-smmu-v3 .*(allocated \d+ entries for (evtq|priq|cmdq)|msi|"
                      r"option mask|ias \d)|"
                      r"DMA-API: (preallocated|debugging enabled)", re.I)

SIZES = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


class BootError(Exception):
    """The run could not take place."""


class Machine:
    """One boot. Every argument but name has a default."""

    # pylint: disable=too-many-instance-attributes,too-many-arguments
    def __init__(self, name, tests=(), devices=(), cpus=2, mem=1024, append="", kernel=None,
                 variant="", initrd=None, iommu=None, iommu_props="", machine="", cpu=None,
                 timeout=300, expect=(), must=(), qemu_args=(), on_line=None, mode=None,
                 verbose=False, fdt=(), acpi=(), thread=None):
        if ARCH not in ARCHES:
            raise BootError(f"unknown architecture {ARCH}; known: {', '.join(ARCHES)}")
        conf = self.conf = ARCHES[ARCH]
        objects = f"kernel-{ARCH}" + (f"-{variant}" if variant else "")
        self.name = name
        self.tests = list(tests)
        self.devices = list(devices)
        self.cpus, self.mem = cpus, mem
        self.append = append
        self.mode = conf["append"] if mode is None else mode
        self.kernel = kernel or os.path.join(BUILD, objects, conf["image"])
        self.initrd = initrd or os.path.join(BUILD, f"initramfs-{ARCH}.cpio")
        self.iommu = self._iommu(iommu, iommu_props)
        self.machine = ",".join(x for x in (conf["machine"], self.iommu.get("machine"), machine)
                                if x)
        self.cpu = cpu or conf["cpu"]
        self.timeout = timeout * float(os.environ.get("TIMEOUT_SCALE", "1"))
        self.expect = [re.compile(e) for e in expect]
        self.must = [re.compile(m) for m in must]
        self.qemu_args = list(qemu_args)
        # Changes of what firmware says. Of the device tree: pairs of fdtput's options and what
        # follows the file. Of ACPI's tables: see initrd() in acpi.py.
        self.fdt, self.acpi = list(fdt), list(acpi)
        # Each load of x87 state makes QEMU (10.0: cpu_clear_ignne()) write flags of the first CPU,
        # not atomically, from the thread of the CPU that does it. What VMRUN or a VMEXIT changes
        # there at that moment comes back: nested paging, which then is on in the monitor.
        self.thread = thread or ("single" if variant == "svm" and cpus > 1 else "multi")
        self.on_line = on_line
        self.verbose = verbose
        self.dir = os.path.join(RUNS, name)
        self.process = None

    def _iommu(self, name, props):
        known = self.conf["iommu"]
        name = name or next(iter(known))
        if name not in known:
            raise BootError(f"unknown IOMMU {name}; known: {', '.join(known)}")
        iommu = dict(known[name])
        if props and "device" not in iommu:
            raise BootError(f"the IOMMU {name} has no properties: {props}")
        if props:
            iommu["device"] += "," + props
        return iommu

    def path(self, *name):
        """A path in the directory of this run."""
        return os.path.join(self.dir, *name)

    def _disk(self, props, number):
        size = props.pop("size", "64M")
        path = props.pop("file", None)
        if path is None:
            path = self.path(f"disk{number}.img")
            match = re.fullmatch(r"(\d+)([kmg]?)", size.lower())
            if not match:
                raise BootError(f"size={size}: not a size")
            with open(path, "wb") as disk:
                disk.truncate(int(match[1]) * SIZES.get(match[2], 1))
        elif not os.path.exists(path):
            raise BootError(f"file={path}: no such disk")
        return ["-drive", f"if=none,id=disk{number},format=raw,cache=unsafe,file={path}"]

    def _device(self, spec, number):
        name, *rest = spec.split(",")
        props = dict(p.partition("=")[::2] for p in rest)
        net = {k[4:]: props.pop(k) for k in list(props) if k.startswith("net.")}
        before, front, after = [], [], []
        if name in ("nvme", "virtio-blk", "ahci", "xhci"):
            before = self._disk(props, number)
        if name in ("nvme", "virtio-blk"):
            front = [f"drive=disk{number}"]
        elif name in ("virtio-net", "e1000e", "igb"):
            more = "".join(f",{k}={v}" for k, v in net.items())
            before = ["-netdev", f"user,id=net{number}{more}"]
            front = [f"netdev=net{number}", "romfile="]
        if name == "nvme":
            front.append(f"serial=hyp{number}")
        elif name in ("virtio-blk", "virtio-net"):
            name += "-pci"
            front += ["disable-legacy=on", "iommu_platform=on"]
        elif name in ("ahci", "xhci"):
            # A controller, and behind it a disk.
            front = [f"id=ctl{number}"]
            after = ["-device", f"{'ide-hd' if name == 'ahci' else 'usb-storage'},"
                     f"bus=ctl{number}.0,drive=disk{number}"]
            name = {"xhci": "qemu-xhci"}.get(name, name)
        elif name == "edu":
            front.append("dma_mask=0xffffffffffffffff")
        given = [f"{k}={v}" for k, v in props.items()]
        front = [f for f in front if f.split("=")[0] not in props]
        return before + ["-device", ",".join([name] + front + given)] + after

    def command_line(self, shell=False):
        """The kernel's."""
        words = [self.mode, f"console={self.conf['console']}", "panic=-1",
                 self.append, f"hyp_test={'shell' if shell else ','.join(self.tests)}"]
        if not shell:
            words.append(f"hyp_out={self.conf['results']} hyp_timeout={int(self.timeout)}")
        return " ".join(w for w in words if w)

    def command(self, shell=False):
        """QEMU's argument vector."""
        args = [self.conf["qemu"], "-nodefaults", "-display", "none", "-no-reboot",
                "-machine", self.machine, "-cpu", self.cpu, "-accel", f"tcg,thread={self.thread}",
                "-smp", str(self.cpus), "-m", str(self.mem),
                "-kernel", self.kernel, "-initrd", self.initrd,
                "-append", self.command_line(shell)]
        if shell:
            args += ["-serial", "mon:stdio"]
        else:
            args += ["-serial", f"file:{self.path('console.log')}",
                     "-serial", f"file:{self.path('results.log')}",
                     "-qmp", "unix:qmp.sock,server=on,wait=off",
                     "-d", "guest_errors", "-D", self.path("guest-errors.log")]
        if "device" in self.iommu:
            args += ["-device", self.iommu["device"]]
        for number, spec in enumerate(self.devices):
            args += self._device(spec, number)
        return args + self.qemu_args

    def _prepare(self):
        if not shutil.which(self.conf["qemu"]):
            raise BootError(f"{self.conf['qemu']} is not installed; to get it: make deps")
        for path, how in ((self.kernel, "make kernel"), (self.initrd, "make initramfs")):
            if not os.path.exists(path):
                raise BootError(f"{path} is not there; to build it: {how} ARCH={ARCH}")
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)

    def _device_tree(self):
        """Writes the machine's device tree with our changes; QEMU's arguments to use it."""
        if not self.fdt:
            return []
        path = self.path("machine.dtb")
        dump = self.command()
        dump[dump.index("-machine") + 1] += f",dumpdtb={path}"
        commands = [dump]
        for options, rest in self.fdt:
            commands.append(["fdtput", *options.split(), path, *rest.split()])
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, check=False,
                                  cwd=self.dir)
            if done.returncode or not os.path.exists(path):
                raise BootError(f"{shlex.join(command)}: {done.stderr.strip()}")
        return ["-dtb", path]

    def _acpi(self):
        """Puts our versions of ACPI's tables before the initrd."""
        if not self.acpi:
            return
        try:
            front = acpi_initrd(own_tables(self.command(), self.dir), self.acpi)
        except AcpiError as error:
            raise BootError(str(error)) from error
        with open(self.initrd, "rb") as file:
            front += file.read()
        self.initrd = self.path("initrd.cpio")
        with open(self.initrd, "wb") as file:
            file.write(front)

    def shell(self):
        """An interactive guest."""
        self._prepare()
        return subprocess.call(self.command(shell=True), cwd=self.dir)

    def monitor(self, command):
        """Runs one command of QEMU's human monitor while the machine runs; its output."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(10)
            # The path may be too long for a socket's name; a descriptor's is not.
            where = os.open(self.dir, os.O_PATH)
            try:
                sock.connect(f"/proc/self/fd/{where}/qmp.sock")
            finally:
                os.close(where)
            file = sock.makefile("rw")
            file.readline()
            for what in ({"execute": "qmp_capabilities"},
                         {"execute": "human-monitor-command",
                          "arguments": {"command-line": command}}):
                file.write(json.dumps(what) + "\n")
                file.flush()
                reply = {}
                while not {"return", "error"} & set(reply):
                    reply = json.loads(file.readline())
            if "error" in reply:
                raise BootError(f"monitor: {command}: {reply['error'].get('desc')}")
            return reply["return"]

    def whereabouts(self):
        """For one that does not end: where each CPU is, and the last lines of the kernel's log."""
        symbols, lines = [], []
        try:
            registers = self.monitor("info registers -a")
        except (OSError, ValueError, BootError) as error:
            registers = str(error)
        maps = os.path.join(self.kernel.split("/arch/")[0], "System.map")
        if os.path.exists(maps):
            with open(maps, encoding="utf-8") as file:
                symbols = sorted((int(a, 16), n) for a, k, n in map(str.split, file) if k in "tTwW")
        with open(self.path("registers"), "w", encoding="utf-8") as file:
            file.write(registers)
        for cpu in re.split(r"(?=^CPU#)", registers, flags=re.M):
            pc = re.search(r"\b[RE]?(?:IP|PC)=\s*([0-9a-f]+)", cpu)
            if pc:
                place = bisect.bisect(symbols, (int(pc[1], 16), "~")) - 1
                name = symbols[place][1] if place >= 0 else "?"
                flags = " ".join(re.findall(r"\b(?:HLT|II|CPL)=\d", cpu))
                lines.append(f"{cpu.split()[0]} is at {pc[1]}, {name} {flags}".rstrip())
        return lines + self._console().splitlines()[-30:]

    def stop(self):
        """Ends the machine at once."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def run(self):
        """Boots, waits for the end, judges."""
        self._prepare()
        self._acpi()
        args = self.command() + self._device_tree()
        with open(self.path("command"), "w", encoding="utf-8") as file:
            file.write(f"cd {shlex.quote(self.dir)} && {shlex.join(args)}\n")
        result = Result(self.name)
        result.directory = self.dir
        start = time.monotonic()
        with open(self.path("qemu.log"), "wb") as log:
            # pylint: disable=consider-using-with
            self.process = subprocess.Popen(args, cwd=self.dir, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
            try:
                self._follow(result, start)
            finally:
                self.stop()
        result.seconds = round(time.monotonic() - start, 2)
        if result.status == "qemu":
            with open(self.path("qemu.log"), encoding="utf-8", errors="replace") as log:
                result.failed.append(("qemu", log.read().strip()[-500:] or "ended by itself"))
        result.absent = [m.pattern for m in self.must if not m.search(self._console())]
        self._write(result)
        return result

    def _console(self):
        try:
            with open(self.path("console.log"), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def _follow(self, result, start):
        console = Tail(self.path("console.log"))
        results = Tail(self.path("results.log"))
        parser = Parser(result)
        while True:
            running = self.process.poll() is None
            fatal = False
            for line in console.lines(final=not running):
                if self.verbose:
                    print(line, flush=True)
                if PROBLEMS.search(line) and not HARMLESS.search(line) and \
                        not any(e.search(line) for e in self.expect):
                    result.problems.append(line)
                fatal = fatal or FATAL.search(line)
            for line in results.lines(final=not running):
                if self.verbose:
                    print(line, flush=True)
                parser.line(line)
                if self.on_line:
                    self.on_line(line, self)
            if parser.ended:
                result.status = "end"
                # Let the kernel say what it has to say at the end.
                self._wait(2)
                for line in console.lines(final=True):
                    if PROBLEMS.search(line) and not HARMLESS.search(line) and \
                            not any(e.search(line) for e in self.expect):
                        result.problems.append(line)
                return
            if fatal:
                self._wait(1)
                result.status = "panic"
            elif not running:
                result.status = "poweroff" if self.process.returncode == 0 else "qemu"
            elif time.monotonic() - start > self.timeout:
                result.status = "timeout"
                result.whereabouts = self.whereabouts()
            else:
                time.sleep(0.05)
                continue
            for line in results.lines(final=True):
                parser.line(line)
            parser.cut()
            return

    def _wait(self, seconds):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass

    def _write(self, result):
        with open(self.path("result.json"), "w", encoding="utf-8") as file:
            json.dump({**result.__dict__, "passed": result.passed, "append": self.append,
                       "cpus": self.cpus, "mem": self.mem}, file, indent=1)
            file.write("\n")


def main():
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tests", nargs="*", help="tests to run: <name>[:argument...]")
    parser.add_argument("--name", default="manual", help="directory under build/e2e-<arch>")
    parser.add_argument("--shell", action="store_true", help="an interactive guest")
    parser.add_argument("--device", action="append", default=[], help="see above; repeatable")
    parser.add_argument("--cpus", type=int, default=2)
    parser.add_argument("--mem", type=int, default=1024, help="MiB")
    parser.add_argument("--append", default="", help="more words for the kernel")
    parser.add_argument("--mode", help="instead of the architecture's, kvm-arm.mode=protected")
    parser.add_argument("--kernel", help="an image; default: build/kernel-<arch>")
    parser.add_argument("--variant", default="", help="build/kernel-<arch>-<variant>")
    parser.add_argument("--initrd")
    parser.add_argument("--iommu", help="smmuv3, vtd, none")
    parser.add_argument("--iommu-props", default="", help="more properties of vtd: aw-bits=39 ...")
    parser.add_argument("--machine", default="", help="more machine properties")
    parser.add_argument("--cpu")
    parser.add_argument("--timeout", type=int, default=300, help="seconds")
    parser.add_argument("--expect", action="append", default=[],
                        help="pattern of a log line that is no problem; repeatable")
    parser.add_argument("--must", action="append", default=[],
                        help="pattern that the kernel log must have; repeatable")
    parser.add_argument("--qemu", action="append", default=[], help="one more QEMU argument")
    parser.add_argument("-v", "--verbose", action="store_true", help="show all that is printed")
    args = vars(parser.parse_args())
    shell, args["qemu_args"] = args.pop("shell"), args.pop("qemu")
    args["devices"] = args.pop("device")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        machine = Machine(**args)
        if shell:
            return machine.shell()
        result = machine.run()
    except BootError as error:
        print(f"boot.py: {error}", file=sys.stderr)
        return 2
    for name in result.ok:
        print(f"ok {name}")
    for line in result.info:
        print(f"# {line}")
    for line in result.why():
        print(f"not ok {line}")
    print(f"# {result.status} after {result.seconds} s; logs: {result.directory}")
    return 0 if result.passed or (not machine.tests and result.status == "end") else 1


if __name__ == "__main__":
    sys.exit(main())
