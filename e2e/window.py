# SPDX-License-Identifier: GPL-2.0-only
"""DMA from power-on: a device that no software in the machine knows, driven from outside.

QEMU's qtest protocol lets this program write to the device's registers while the machine boots. The
device is an edu at 00:10.1; it copies one witness page to another, again and again, in memory that
the guest's kernel does not use (mem=1024M on a machine with more). Before the hypervisor takes the
IOMMU over, the copies land: that is the control. From the moment on that the kernel's log says that
the IOMMU is the hypervisor's, none may: not before the hypervisor finalises, and not before or after
any driver loads.
"""
import os
import re
import socket
import threading
import time

QEMU_ARGS = ("-qtest", "unix:qtest.sock,server=on,wait=off", "-qtest-log", "/dev/null")

# Of QEMU's machines: PCI's configuration space, free PCI memory, and the first byte that mem=1024M
# leaves to nobody.
ECAM, BAR, WITNESS = {
    "arm64": (0x4010000000, 0x3E000000, 0x80000000),
    "x86_64": (0xB0000000, 0xD0000000, 0x40000000),
}[os.environ.get("ARCH", "arm64")]
DEVFN, EDU_ID = 0x81, 0x11E81234
TAKEN = re.compile(r"the hypervisor's: stage")
FINALISED = re.compile(r"DMA is (NOT )?isolated")
INIT = re.compile(r"Run /init")


class Qtest:
    """A connection to QEMU."""

    def __init__(self, directory):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        # The path may be too long for a socket's name; a descriptor's is not.
        where = os.open(directory, os.O_PATH)
        try:
            self.sock.connect(f"/proc/self/fd/{where}/qtest.sock")
        finally:
            os.close(where)
        self.file = self.sock.makefile("rw")

    def ask(self, command):
        """One command; the words after OK."""
        self.file.write(command + "\n")
        self.file.flush()
        while True:
            line = self.file.readline()
            if not line:
                raise ConnectionError("QEMU has ended")
            words = line.split()
            if words and words[0] == "OK":
                return words[1:]
            if words and words[0] != "IRQ":
                raise ConnectionError(f"{command}: {line.strip()}")

    def write(self, width, address, value):
        """width: b, w, l or q."""
        self.ask(f"write{width} {address:#x} {value:#x}")

    def read(self, width, address):
        """The value there."""
        return int(self.ask(f"read{width} {address:#x}")[0], 0)


class Window:
    """Starts with the machine, ends with it."""

    def __init__(self, machine):
        self.machine = machine
        self.attempts = []      # (log before it, log after it, did it land)
        self.error = None
        self.end = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _log(self):
        try:
            with open(self.machine.path("console.log"), encoding="utf-8",
                      errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def _connect(self):
        # A socket of the run before this is not meant.
        while not self.end:
            try:
                if self.machine.process and self.machine.process.poll() is None:
                    return Qtest(self.machine.dir)
            except (FileNotFoundError, ConnectionRefusedError):
                pass
            time.sleep(0.02)
        raise ConnectionError("the machine did not start")

    @staticmethod
    def _dma(qtest, source, target, command):
        for offset, value in ((0x80, source), (0x88, target), (0x90, 4), (0x98, command)):
            qtest.write("q", BAR + offset, value)
        while qtest.read("q", BAR + 0x98) & 1:
            time.sleep(0.005)

    def _run(self):
        try:
            qtest = self._connect()
            config = ECAM + (DEVFN << 12)
            # Some machines have a configuration space only when firmware has put it there.
            while qtest.read("l", config) != EDU_ID:
                time.sleep(0.01)
            qtest.write("l", config + 0x10, BAR)
            qtest.write("w", config + 4, 6)
            # Until init runs: from then on the device is the guest's program's.
            while not INIT.search(before := self._log()):
                mark = 0xD3A00000 + len(self.attempts)
                qtest.write("l", WITNESS, mark)
                qtest.write("l", WITNESS + 0x1000, 0)
                self._dma(qtest, WITNESS, 0x40000, 1)
                self._dma(qtest, 0x40000, WITNESS + 0x1000, 3)
                landed = qtest.read("l", WITNESS + 0x1000) == mark
                self.attempts.append((before, self._log(), landed))
        except (OSError, ValueError) as error:
            self.error = str(error)

    def judge(self, result):
        """Adds what came out of it to the result of the boot."""
        self.end = True
        self.thread.join(60)
        early = [a for a in self.attempts if not TAKEN.search(a[1]) and a[2]]
        late = [a for a in self.attempts if TAKEN.search(a[0])]
        final = [a for a in late if FINALISED.search(a[0])]
        result.info.append(f"window: {len(self.attempts)} DMAs before init, {len(late)} with the "
                           f"IOMMU taken over, {len(final)} of them after finalise")
        tests = (("dma-window-control", early, "no DMA landed before the IOMMU was taken over"),
                 ("dma-window-tried", final, "no DMA was tried between finalise and init"),
                 ("dma-window", late and not [a for a in late if a[2]],
                  "DMA landed that should have been blocked, or none was tried"))
        for name, good, why in tests:
            if good:
                result.ok.append(name)
            else:
                result.failed.append((name, f"{why}; {self.error or ''}"))
