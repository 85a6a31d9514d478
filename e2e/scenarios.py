# SPDX-License-Identifier: GPL-2.0-only
"""The boots that e2e/run.py makes: which machine, which tests, what must be in the log.

What is tried everywhere is described once, and becomes a scenario for each platform and each
configuration of its IOMMU that it is worth trying on. SCENARIOS has those of all architectures.

In tests and devices, {port} is the port of the TCP echo server that run.py offers (10.0.2.2 in the
guest), {ext4} the path of a fresh disk of 512 MiB with ext4.
"""
import dataclasses
import struct

from acpi import dmar
from boot import ARCHES

# An edu that Linux knows, and one that it does not: function 1 without a function 0.
EDU = "edu,addr=3"
HIDDEN_EDU = "edu,addr=10.1"


@dataclasses.dataclass(frozen=True)
class Scenario:  # pylint: disable=too-many-instance-attributes
    """One boot."""
    arch: str
    name: str
    what: str
    tests: tuple
    devices: tuple = ()
    append: str = ""
    cpus: int = 2
    mem: int = 1024
    # Lines of the log that are no problem, and lines that it must have.
    expect: tuple = ()
    must: tuple = ()
    # What the tests may say that they skip; all else has to be tried.
    skips: tuple = ()
    timeout: int = 300
    variant: str = ""
    # Changes of what firmware says, and further arguments of boot.Machine.
    fdt: tuple = ()
    acpi: tuple = ()
    machine: dict = dataclasses.field(default_factory=dict)
    groups: tuple = ()
    # DMA from outside the machine while it boots; see window.py.
    window: bool = False
    # Only when it is asked for.
    special: bool = False


@dataclasses.dataclass(frozen=True)
class Config:
    """How an IOMMU is configured."""
    name: str           # the end of scenarios' names
    stage: int          # what our tables are
    words: str = ""     # of hyp_iommu=
    props: str = ""     # of QEMU's device


@dataclasses.dataclass(frozen=True)
class Platform:
    """What our code runs on: what all of its scenarios have in common."""
    arch: str
    prefix: str         # of scenarios' names
    mode: str           # of hyp_iommu=
    owned: tuple        # the log: the units are ours, and what that is worth
    variant: str = ""
    skips: tuple = ()
    words: str = ""     # further words of the kernel's command line

    def scenario(self, config, name, what, tests, devices=(), append="", must=(), **kwargs):
        """A scenario in which our driver has the IOMMU."""
        mode = f"hyp_iommu={self.mode}{config.words} {self.words}".strip()
        kwargs.setdefault("machine", {"iommu_props": config.props} if config.props else {})
        kwargs.setdefault("skips", self.skips)
        if config.name:
            name, what = f"{name}-{config.name}", f"{what} ({config.name})"
        return Scenario(self.arch, self.prefix + name, what, tests, devices,
                        append=f"{mode} {append}".strip(), variant=self.variant,
                        must=(*self.owned, rf"the hypervisor's: stage {config.stage},", *must),
                        **kwargs)


STAGE2 = Config("", 2)
STAGE1 = Config("stage1", 1, words=",stage1")

AW39 = Config("aw39", 2, props="aw-bits=39")
SCALABLE = Config("scalable", 2, props="x-scalable-mode=on")
FIRST_STAGE = Config("first-stage", 1, props="x-scalable-mode=on,x-flts=on")
CACHING = Config("caching", 2, props="caching-mode=on")
SIMPLE = Config("simple", 2, words=",simple", props="x-scalable-mode=on")

PKVM = Platform("arm64", "", "required", (r"DMA is isolated: the hypervisor owns 1 unit",))
# The hypervisor side is in the kernel: what keeps the kernel itself out is not there to be tried.
INLINE = {
    "owned": (r"hyp_iommu: .*ISOLATES NOTHING", r"DMA is NOT isolated: this build has no hypervisor"),
    "skips": ("map-hyp-data", "map-hyp-tables", "donated-not-readable", "donated-not-writable",
              "unit-registers", "list-in-hyp-refused"),
}
INLINE_ARM64 = Platform("arm64", "inline-", "on", variant="inline", **INLINE)
INLINE_X86 = Platform("x86_64", "", "on", **INLINE)
SVM = Platform("x86_64", "svm-", "required",
               (r"hyp-svm: Linux runs as a guest", r"DMA is isolated: the hypervisor owns 1 unit"),
               variant="svm", words="hyp_svm")


def blocked(who):
    """The line about blocked DMA of a device, as a pattern."""
    return rf"hyp-iommu .*: {who}: blocked DMA"


HIDDEN = blocked("endpoint 0x81")
KNOWN = blocked("0000:00:03.0")


# ---- what is tried everywhere ----

def isolation(on, config):
    """One attack after the other."""
    return on.scenario(config, "isolation", "a hostile host and a hostile device, attack by attack",
                       ("isolation",), (EDU, HIDDEN_EDU), "hugepages=40", expect=(HIDDEN, KNOWN),
                       must=(HIDDEN,), groups=("attacks",))


def deferred(on, config):
    """A host that never syncs."""
    return on.scenario(config, "deferred", "deferred unmaps, and lists of what is not the host's",
                       ("deferred",), (HIDDEN_EDU,), "hugepages=40", expect=(HIDDEN,),
                       groups=("attacks",))


def arguments(on, config):
    """Bad arguments."""
    return on.scenario(config, "arguments", "every argument of every hypercall, out of range",
                       ("args",), append="hugepages=40", groups=("attacks",))


def random(on, config, calls, *more):
    """Random calls."""
    return on.scenario(config, "random",
                       f"{calls:,} random calls compared with a model, then nothing may be lost",
                       (f"random:{calls}", *more), append="hugepages=40", timeout=600,
                       groups=("attacks",))


def blocked_by_default(on, config):
    """Nobody attached the device."""
    return on.scenario(config, "blocked-by-default",
                       "DMA by a device that nobody attached, from power-on",
                       ("isolation:never", "true"), (HIDDEN_EDU,), "hugepages=40 mem=1024M",
                       mem=1088, window=True, expect=(HIDDEN,), must=(HIDDEN,),
                       groups=("attacks",))


def figures(on, config):
    """Numbers for make stats."""
    return on.scenario(config, "figures", "memory for tables, time to boot", ("figures",),
                       append="hugepages=40", groups=("figures",))


def stolen(on, config):
    """What anybody's device could do."""
    return on.scenario(config, "steal-closed", "a device does not reach processes, nor the kernel",
                       ("steal:closed", "status"), (EDU,), expect=(KNOWN,), must=(KNOWN,),
                       groups=("hole",))


# Each architecture's disks: device, how the test calls it, how much to move, and in full.
DISKS = {
    "arm64": (("nvme,file={ext4},addr=4", "nvme0n1", ":ext4", 48, 256),
              ("virtio-blk,size=128M,addr=5", "vda", "", 12, 64)),
    "x86_64": (("nvme,file={ext4},addr=4", "nvme0n1", ":ext4", 8, 256),
               ("virtio-blk,size=128M,addr=5", "vda", "", 4, 32),
               ("ahci,size=64M,addr=8", "ata", "", 4, 24),
               ("xhci,size=64M,addr=9", "usb", "", 4, 8)),
}
NETS = ("virtio-net,addr=6", "e1000e,net.net=10.0.3.0/24,addr=7")
NET_MIB = {"arm64": (8, 64), "x86_64": (4, 64)}


def io_devices(arch):
    """Disks and networks."""
    return tuple(d[0] for d in DISKS[arch]) + NETS


def io_tests(arch, full=False):
    """What moves data to all of them and back; full: as much as it takes."""
    net = NET_MIB[arch][full]
    return tuple(f"disk:{name}:{much if full else little}{fs}"
                 for _, name, fs, little, much in DISKS[arch]) + (
        f"net:virtio_net:10.0.2.15:10.0.2.2:{{port}}:{net // 4}",
        f"net:e1000e:10.0.3.15:10.0.3.2:{{port}}:{net}")


def real_io(on, config, cpus, gib, full=False, lazy=False):
    """Disks and networks, whose DMA must all go through our tables."""
    return on.scenario(config, f"io-{cpus}cpu-{gib}g" + ("-lazy" if lazy else ""),
                       f"real disks and networks; {cpus} CPUs, {gib} GiB" +
                       (", lazy mode" if lazy else ""),
                       (*io_tests(on.arch, full), "status"), io_devices(on.arch),
                       append="iommu.strict=0" if lazy else "",
                       must=(r"invalidation policy: lazy mode",) if lazy else (), cpus=cpus,
                       mem=gib * 1024, timeout=900, groups=("io",))


ONE_DISK = ("nvme,size=64M,addr=4",)
SMALL_IO = ("disk:nvme0n1:4",)
LOAD = "load:60:nvme0n1"


# ---- arm64: protected KVM, and inline ----

UNIT = "/smmuv3@9050000"
NATIVE_ARM64 = r"arm-smmu-v3 9050000"


def arm64(name, what, tests, devices=(), append="hyp_iommu=required", **kwargs):
    """A scenario of arm64 alone."""
    return Scenario("arm64", name, what, tests, devices, append=append, **kwargs)


def bad_tree(name, what, must, *fdt):
    """A device tree that makes no sense: a clear message, nothing half done, and no panic."""
    return arm64(f"dt-{name}", f"device tree: {what}", ("true",), append="hyp_iommu=on",
                 must=(must, r"DMA is NOT isolated: 0 of 1 unit\(s\) taken over"), fdt=fdt,
                 groups=("config",))


def required(name, what, must, **kwargs):
    """hyp_iommu=required where that is not to be had: no VMs."""
    return arm64(f"required-{name}", f"hyp_iommu=required, and {what}", ("novm",),
                 must=(must, r"hyp_iommu=required: that is not enough",
                       r"Not finalizing Hyp protection"), groups=("config",), **kwargs)


def no_iommu(arch):
    """hyp_iommu=on without an IOMMU."""
    return Scenario(arch, "on-no-iommu", "hyp_iommu=on without an IOMMU: it says so, and goes on",
                    SMALL_IO, ONE_DISK, append="hyp_iommu=on", machine={"iommu": "none"},
                    must=(r"no IOMMU was found: DMA is NOT isolated",), groups=("config",))


def nonsense(on):
    """A parameter that does not exist."""
    return dataclasses.replace(
        on.scenario(STAGE2, "on-nonsense", "hyp_iommu=nonsense is named, and means on", ("true",),
                    must=(r"hyp_iommu=nonsense is not known",), groups=("config",)),
        append="hyp_iommu=nonsense")


SCENARIOS_ARM64 = [
    arm64("hole-open", "hyp_iommu=off: a device steals from a protected guest (the control)",
          ("hole:open",), (EDU,), append="hyp_iommu=off iommu.passthrough=1",
          must=(NATIVE_ARM64,), groups=("hole",)),
    arm64("vfio-open", "hyp_iommu=off: the same through VFIO (the control)",
          ("vfiodma:open",), (EDU,), append="hyp_iommu=off", must=(NATIVE_ARM64,),
          groups=("hole",)),
    PKVM.scenario(STAGE2, "hole-closed", "none of it works", ("hole:closed", "status"), (EDU,),
                  "iommu.passthrough=1", expect=(KNOWN,), must=(KNOWN,), groups=("hole",)),
    PKVM.scenario(STAGE2, "vfio-closed", "the same through VFIO", ("vfiodma:closed", "status"),
                  (EDU,), expect=(KNOWN, r"is not the host's to give"), must=(KNOWN,),
                  groups=("hole",)),
    isolation(PKVM, STAGE2), isolation(PKVM, STAGE1), deferred(PKVM, STAGE2),
    arguments(PKVM, STAGE2),
    random(PKVM, STAGE2, 100000, "status"), random(PKVM, STAGE1, 30000),
    blocked_by_default(PKVM, STAGE2),
    arm64("recycle", "the host makes the hypervisor recycle its stage-2 tables",
          ("recycle",), must=PKVM.owned, special=True),
    figures(PKVM, STAGE2),
    arm64("figures-off", "time to boot with Linux's own driver", ("true",),
          append="hyp_iommu=off", groups=("figures",)),
    # Pairwise: each number of CPUs with each memory size and each stage. Four of them on the
    # two that people have here are slow.
    *(real_io(PKVM, *row, full=True) for row in (
        (STAGE2, 1, 1), (STAGE1, 1, 3), (STAGE1, 2, 1), (STAGE2, 2, 3))),
    real_io(PKVM, STAGE2, 4, 1), real_io(PKVM, STAGE1, 4, 3),
    *(real_io(PKVM, c, 4, 1, lazy=True) for c in (STAGE2, STAGE1)),
    # What firmware and users get wrong.
    bad_tree("no-reg", "the unit has no registers", r"reg is missing", ("-d", UNIT + " reg")),
    bad_tree("short-reg", "the unit's registers are cut short", r"need 0x20000 bytes",
             ("-t x", UNIT + " reg 0 9050000 0 1000")),
    bad_tree("unaligned-reg", "the unit's registers begin anywhere", r"aligned to 0x10000",
             ("-t x", UNIT + " reg 0 9051000 0 20000")),
    bad_tree("not-a-unit", "what is there is no SMMUv3 but flash", r"the hypervisor refuses",
             ("-t x", UNIT + " reg 0 4000000 0 20000")),
    bad_tree("memory", "what is there is memory", r"the hypervisor refuses",
             ("-t x", UNIT + " reg 0 50000000 0 20000")),
    bad_tree("nothing", "nothing answers the bus there", r"the hypervisor refuses.*ENXIO",
             ("-t x", UNIT + " reg 0 b000000 0 20000")),
    bad_tree("half", "something answers in the first of its two frames only",
             r"the hypervisor refuses.*ENXIO", ("-t x", UNIT + " reg 0 a000000 0 20000")),
    bad_tree("no-cells", "#iommu-cells is missing", r"#iommu-cells is missing",
             ("-d", UNIT + " #iommu-cells")),
    PKVM.scenario(STAGE2, "dt-disabled-its", "device tree: the ITS is too small for a doorbell",
                  ("true",), must=(r"no MSIs from there",), groups=("config",),
                  fdt=(("-t x", "/intc@8000000/its@8080000 reg 0 8080000 0 10000"),)),
    required("no-iommu", "there is none", r"no IOMMU was found: DMA is NOT isolated",
             machine={"iommu": "none"}),
    required("no-reg", "it has no registers",
             r"DMA is NOT isolated: 0 of 1 unit\(s\) taken over", fdt=(("-d", UNIT + " reg"),)),
    required("no-map", "nothing says that an IOMMU is in front of PCI", r"PCI without an iommu-map",
             fdt=(("-d", "/pcie@10000000 iommu-map"),)),
    no_iommu("arm64"), nonsense(PKVM),
    arm64("on-not-protected", "KVM is not protected: Linux's own driver is used",
          SMALL_IO, ONE_DISK, append="hyp_iommu=on",
          must=(r"not active: protected KVM is not enabled", NATIVE_ARM64),
          machine={"mode": "kvm-arm.mode=nvhe"}, groups=("config",)),
    INLINE_ARM64.scenario(
        STAGE2, "io", "the hypervisor side in the kernel: NVMe, attacks, thefts",
        ("disk:nvme0n1:16:ext4", "isolation", "steal:closed", "status"),
        (EDU, HIDDEN_EDU, "nvme,file={ext4},addr=4"), "hugepages=40", expect=(HIDDEN, KNOWN),
        must=(HIDDEN, KNOWN), groups=("inline",)),
]


# ---- x86-64: inline ----

NATIVE_X86 = r"DMAR: Intel\(R\) Virtualization Technology for Directed I/O"


def x86(name, what, tests, devices=(), append="hyp_iommu=on", **kwargs):
    """A scenario of x86-64 alone."""
    return Scenario("x86_64", name, what, tests, devices, append=append, **kwargs)


NO_HYPERVISOR = INLINE["owned"][1]


def rmrr(base, last):
    """A record: firmware has memory there that the edu at 00:03.0 uses."""
    return struct.pack("<HHHHQQBBHBBBB", 1, 32, 0, 0, base, last, 1, 8, 0, 0, 0, 3, 0)


def with_rmrr(base, last):
    """QEMU's DMAR, and reserved memory."""
    return dmar(lambda parts: [*parts, rmrr(base, last)])


def unit_at(base):
    """QEMU's DMAR with its unit elsewhere."""
    return dmar(lambda parts: [parts[0][:8] + struct.pack("<Q", base) + parts[0][16:], *parts[1:]])


def table(name, what, change, *must, **kwargs):
    """Another DMAR than QEMU's. If it makes no sense: a clear message, nothing half done, no panic,
    and the disk works all the same."""
    return x86(f"dmar-{name}", f"ACPI: {what}", SMALL_IO, ONE_DISK, must=must,
               acpi=(("DMAR", change),), groups=("config",), **kwargs)


def refused_table(name, what, change, why):
    """A DMAR that is refused as a whole."""
    return table(name, what, change, rf"ACPI table DMAR is refused: {why}",
                 r"no IOMMU was found: DMA is NOT isolated")


def refused_unit(name, what, base, why):
    """A DMAR with a unit that is none; the disk is behind it, and does what it can."""
    return dataclasses.replace(table(name, what, unit_at(base), why, NO_HYPERVISOR),
                               tests=("true",))


# Memory that firmware would reserve; the kernel is told to leave it alone.
RESERVED = (0x3F000000, 0x3F00FFFF)

SCENARIOS_DMAR = [
    refused_table("header", "the DMAR has not even a header of its own", lambda t: t[:40],
                  "it is shorter than its header"),
    refused_table("truncated", "the DMAR ends in the middle of a unit", lambda t: t[:56],
                  "a record goes beyond the table"),
    refused_table("endless", "a record of the DMAR has no length",
                  dmar(lambda p: [p[0][:2] + bytes(2) + p[0][4:], *p[1:]]),
                  "a record is shorter than its header"),
    refused_table("scope", "a scope of the DMAR goes beyond its record",
                  dmar(lambda p: [p[0][:17] + b"\xff" + p[0][18:], *p[1:]]),
                  "a scope goes beyond its record"),
    refused_table("unaligned", "a unit's registers begin anywhere", unit_at(0xFED90800),
                  "a unit's registers are not at the beginning of a page"),
    refused_table("twice", "the same unit twice", dmar(lambda p: [p[0], *p]),
                  "two units have the same registers"),
    table("empty", "the DMAR has no units", dmar(lambda p: []),
          r"no IOMMU was found: DMA is NOT isolated"),
    refused_unit("nothing", "nothing answers where a unit should be", 0xFED91000,
                 r"the VT-d unit at 0xfed91000 is not used: nothing answers there"),
    refused_unit("memory", "a unit's registers are memory", 0x10000000,
                 r"the VT-d unit at 0x10000000 is not used: its registers are memory"),
    refused_unit("not-a-unit", "what is there is no unit but the HPET", 0xFED00000,
                 r"the hypervisor refuses"),
    INLINE_X86.scenario(
        STAGE2, "dmar-rmrr", "ACPI: firmware reserves memory for a device",
        (f"rmrr:{RESERVED[0]:#x}:0x10000",), (EDU,), f"memmap=64K${RESERVED[0]:#x}",
        expect=(KNOWN,), acpi=(("DMAR", with_rmrr(*RESERVED)),), groups=("config",)),
    refused_table("rmrr-backwards", "reserved memory ends before it begins",
                  with_rmrr(*reversed(RESERVED)), "reserved memory ends before it begins"),
    refused_table("rmrr-registers", "reserved memory is where the unit is",
                  with_rmrr(0xFED90000, 0xFED90FFF), "reserved memory is where a unit's registers"),
    INLINE_X86.scenario(
        STAGE2, "dmar-rmrr-memory", "ACPI: reserved memory is the kernel's", SMALL_IO, ONE_DISK,
        must=(r"DMAR reserves 0x10000000-.*Linux's memory: refused",),
        acpi=(("DMAR", with_rmrr(0x10000000, 0x10000FFF)),), groups=("config",)),
]


# What QEMU's CPU is in all of these scenarios.
ARCH_CPU = ARCHES["x86_64"]["cpu"]

# Pairwise: each configuration with each number of CPUs and each memory size, which go together, too.
X86_IO = ((STAGE2, 2, 5), (STAGE2, 1, 1), (STAGE2, 4, 1), (AW39, 1, 1), (AW39, 2, 5), (AW39, 4, 1),
          (SCALABLE, 1, 1), (SCALABLE, 2, 1), (SCALABLE, 4, 5), (FIRST_STAGE, 1, 5),
          (FIRST_STAGE, 2, 1), (FIRST_STAGE, 4, 1), (CACHING, 1, 1), (CACHING, 2, 5),
          (CACHING, 4, 1))
STEAL_OPEN = x86(
    "steal-open", "hyp_iommu=off: a device steals from processes and the kernel (the control)",
    ("steal:open",), (EDU,), append="hyp_iommu=off", must=(r"not active: hyp_iommu=off",),
    groups=("hole",))
# The tests that mostly wait run beside one that mostly works.
SCENARIOS_X86 = [
    real_io(INLINE_X86, *X86_IO[0], full=True),
    *(isolation(INLINE_X86, c) for c in (STAGE2, SCALABLE, FIRST_STAGE, CACHING)),
    STEAL_OPEN,
    deferred(INLINE_X86, STAGE2), deferred(INLINE_X86, FIRST_STAGE),
    stolen(INLINE_X86, STAGE2), stolen(INLINE_X86, FIRST_STAGE), stolen(INLINE_X86, SIMPLE),
    arguments(INLINE_X86, STAGE2), arguments(INLINE_X86, FIRST_STAGE),
    random(INLINE_X86, STAGE2, 60000, "status"), random(INLINE_X86, SCALABLE, 20000),
    random(INLINE_X86, FIRST_STAGE, 20000), random(INLINE_X86, CACHING, 20000),
    blocked_by_default(INLINE_X86, STAGE2),
    figures(INLINE_X86, STAGE2),
    x86("figures-off", "time to boot without an IOMMU driver", ("true",), append="hyp_iommu=off",
        groups=("figures",)),
    x86("io-native", "hyp_iommu=off intel_iommu=on: the same I/O with Linux's own (the control)",
        io_tests("x86_64"), io_devices("x86_64"), append="hyp_iommu=off intel_iommu=on",
        must=(NATIVE_X86,), timeout=900, groups=("io",)),
    *(real_io(INLINE_X86, *row) for row in X86_IO[1:]), real_io(INLINE_X86, STAGE2, 4, 1, lazy=True),
    no_iommu("x86_64"), nonsense(INLINE_X86),
    x86("on-native", "hyp_iommu=on intel_iommu=on: Linux's own driver has it, and the log says so",
        SMALL_IO, ONE_DISK, append="hyp_iommu=on intel_iommu=on",
        must=(NATIVE_X86, r"not active: Linux's own driver \(intel_iommu=on\) .* uses a VT-d unit"),
        groups=("config",)),
    *SCENARIOS_DMAR,
]



# ---- x86-64: the SVM monitor ----

def vault(config, cpus):
    """Memory that is nobody's but the vault's; and ways out of the monitor. Two CPUs really run at
    the same time: what disturbs that in QEMU (see boot.py) takes much more of other work."""
    return SVM.scenario(config, f"vault-{cpus}cpu", "the monitor's vault, and the monitor, attacked",
                        ("vault", "status"), (HIDDEN_EDU,), "hugepages=40", cpus=cpus,
                        machine={"thread": "multi"} if cpus == 2 else {},
                        expect=(HIDDEN,), must=(HIDDEN,), timeout=600,
                        skips=("vault-other-cpu", "init-other-cpu", "sleepers") if cpus == 1 else (),
                        groups=("svm", "attacks"))


def svm(scenario):
    """The same scenario, in the group of those of the monitor."""
    return dataclasses.replace(scenario, groups=(*scenario.groups, "svm"))


def load(cpus):
    """A machine that is used."""
    return SVM.scenario(STAGE2, f"load-{cpus}cpu", "60 s of load on all CPUs of the guest",
                        (LOAD, "status"), ONE_DISK, cpus=cpus, groups=("svm", "io"))


def not_launched(name, what, why, **kwargs):
    """hyp_svm where it cannot be had: a message, and the machine goes on without."""
    return x86(f"svm-{name}", f"hyp_svm: {what}", SMALL_IO, ONE_DISK, append="hyp_iommu=on hyp_svm",
               variant="svm", must=(rf"hyp-svm: not launched: {why}", r"not active: no hypervisor"),
               groups=("svm", "config"), **kwargs)


SCENARIOS_SVM = [
    svm(dataclasses.replace(STEAL_OPEN, name="svm-steal-open", variant="svm")),
    *(svm(isolation(SVM, c)) for c in (STAGE2, FIRST_STAGE)),
    *(vault(STAGE2, n) for n in (1, 2, 4)),
    svm(arguments(SVM, STAGE2)), svm(random(SVM, STAGE2, 100000, "status")),
    svm(deferred(SVM, STAGE2)), svm(blocked_by_default(SVM, STAGE2)), svm(stolen(SVM, STAGE2)),
    *(svm(real_io(SVM, *row)) for row in ((STAGE2, 1, 1), (SCALABLE, 2, 5), (STAGE2, 4, 1))),
    svm(real_io(SVM, STAGE2, 2, 1, lazy=True)),
    *(load(n) for n in (1, 2, 4)),
    svm(figures(SVM, STAGE2)),
    not_launched("no-svm", "the CPU has none", "no SVM", machine={"cpu": ARCH_CPU + ",-svm"}),
    not_launched("xapic", "several CPUs, and not x2APIC", "several CPUs",
                 machine={"cpu": ARCH_CPU + ",-x2apic"}),
    x86("svm-off", "without hyp_svm the same kernel is not a guest", SMALL_IO, ONE_DISK,
        variant="svm", must=(r"not active: no hypervisor was started",), groups=("svm", "config")),
]

SCENARIOS = SCENARIOS_ARM64 + SCENARIOS_X86 + SCENARIOS_SVM
