# SPDX-License-Identifier: GPL-2.0-only
"""ACPI's tables: those that QEMU offers a machine, and an initrd with other versions of them.

Linux takes tables from kernel/firmware/acpi/ in an uncompressed cpio in front of the initrd, if
they are newer than firmware's and their length and checksum are right; so these are made right
here, and what a test makes wrong has to be inside.
"""
import struct
import subprocess
import threading
import time

from window import QEMU_ARGS, Qtest

HEADER = struct.Struct("<4sIBB6s8sI4sI")
# Where QEMU's fw_cfg is, and which of its entries lists the others.
SELECT_DMA, DIRECTORY = 0x514, 0x19
# Memory of the machine that is free before its firmware runs.
REQUEST, DATA = 0x100000, 0x200000


class AcpiError(Exception):
    """The machine's tables could not be had, or not be changed."""


def _fw_cfg(qtest, key, size):
    """The first bytes of one entry, by DMA."""
    request = struct.pack(">IIQ", key << 16 | 8 | 2, size, DATA)
    qtest.ask(f"write {REQUEST:#x} {len(request)} 0x{request.hex()}")
    for port, word in ((SELECT_DMA, 0), (SELECT_DMA + 4, REQUEST)):
        qtest.ask(f"outl {port:#x} {int.from_bytes(struct.pack('>I', word), 'little'):#x}")
    if int(qtest.ask(f"read {REQUEST:#x} 4")[0], 16):
        raise AcpiError(f"fw_cfg does not give its entry {key:#x}")
    return bytes.fromhex(qtest.ask(f"read {DATA:#x} {size}")[0][2:])


def _read(qtest):
    """What fw_cfg calls etc/acpi/tables: all tables, one behind the other."""
    count, = struct.unpack(">I", _fw_cfg(qtest, DIRECTORY, 4))
    listing = _fw_cfg(qtest, DIRECTORY, 4 + 64 * count)
    for size, key, name in struct.iter_unpack(">IHxx56s", listing[4:]):
        if name.rstrip(b"\0") == b"etc/acpi/tables":
            return _fw_cfg(qtest, key, size)
    raise AcpiError("the machine has no ACPI tables")


def own_tables(command, directory):
    """{signature: table} of the machine that @command starts; it does not run."""
    args = [*command, "-S"] + ([] if "-qtest" in command else list(QEMU_ARGS))
    with subprocess.Popen(args, cwd=directory, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        timer = threading.Timer(30, process.kill)
        timer.start()
        try:
            while process.poll() is None:
                try:
                    blob = _read(Qtest(directory))
                    break
                except (FileNotFoundError, ConnectionRefusedError):
                    time.sleep(0.02)
            else:
                raise AcpiError(f"QEMU ended: {process.stderr.read().strip()[-500:]}")
        except OSError as error:
            raise AcpiError(f"QEMU does not tell its ACPI tables: {error}") from error
        finally:
            timer.cancel()
            process.kill()
    tables, at = {}, 0
    while at + 8 <= len(blob):
        signature, size = struct.unpack_from("<4sI", blob, at)
        if signature.isalnum() and 8 < size <= len(blob) - at:
            tables.setdefault(signature.decode(), blob[at:at + size])
            at += size
        else:
            at += 1
    return tables


def _seal(table):
    """The table with a length and a checksum that are right, newer than it was."""
    signature, _, revision, _, oem, oem_table, oem_revision, creator, creator_revision = \
        HEADER.unpack_from(table)
    out = bytearray(HEADER.pack(signature, len(table), revision, 0, oem, oem_table,
                                oem_revision + 1, creator, creator_revision))
    out += table[HEADER.size:]
    out[9] = -sum(out) & 0xff
    return bytes(out)


def _cpio(name, data):
    """One file of a cpio."""
    name = name.encode() + b"\0"
    fields = (0, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
    out = b"070701" + b"".join(b"%08X" % f for f in fields) + name
    out += bytes(-len(out) % 4) + data
    return out + bytes(-len(out) % 4)


def initrd(own, changes):
    """What to put in front of an initrd. @changes are pairs of a signature and a function, which
    makes the new table of the machine's own, or of a header alone if the machine has none."""
    out = b""
    for number, (signature, change) in enumerate(changes):
        none = HEADER.pack(signature.encode(), 0, 1, 0, b"HYPTST", b"HYPTEST ", 1, b"HYPT", 1)
        table = change(own.get(signature, none))
        if len(table) < HEADER.size:
            raise AcpiError(f"{signature}: {len(table)} bytes are no table")
        out += _cpio(f"kernel/firmware/acpi/{number}.aml", _seal(table))
    return out + _cpio("TRAILER!!!", b"")


def dmar(change):
    """A function for initrd(): @change makes a new list of remapping structures of the old one."""
    def new(table):
        head, rest, parts = table[:48], table[48:], []
        while rest:
            size = max(int.from_bytes(rest[2:4], "little"), 4)
            parts.append(rest[:size])
            rest = rest[size:]
        return head + b"".join(change(parts))
    return new
