# SPDX-License-Identifier: GPL-2.0-only
"""The boots that e2e/run.py makes: which machine, which tests, what must be in the log.

In tests and devices, {port} is the port of the TCP echo server that run.py offers (10.0.2.2 in the
guest), {ext4} the path of a fresh disk of 512 MiB with ext4.
"""
import dataclasses

# An edu that Linux knows, and one that it does not: function 1 without a function 0.
EDU = "edu,addr=3"
HIDDEN_EDU = "edu,addr=1f.1"

OWNED = r"DMA is isolated: the hypervisor owns 1 unit"


@dataclasses.dataclass(frozen=True)
class Scenario:  # pylint: disable=too-many-instance-attributes
    """One boot."""
    name: str
    what: str
    tests: tuple
    devices: tuple = ()
    append: str = "hyp_iommu=required"
    cpus: int = 2
    mem: int = 1024
    # Lines of the log that are no problem, and lines that it must have.
    expect: tuple = ()
    must: tuple = (OWNED,)
    timeout: int = 300
    variant: str = ""
    # Changes of the device tree, and further arguments of boot.Machine.
    fdt: tuple = ()
    machine: dict = dataclasses.field(default_factory=dict)
    groups: tuple = ()
    # DMA from outside the machine while it boots; see window.py.
    window: bool = False
    # Only when it is asked for.
    special: bool = False


def blocked(who):
    """The line about blocked DMA of a device, as a pattern."""
    return rf"hyp-iommu .*: {who}: blocked DMA"


HIDDEN = blocked("endpoint 0xf9")
KNOWN = blocked("0000:00:03.0")

IO_DEVICES = ("nvme,file={ext4},addr=4", "virtio-blk,size=128M,addr=5", "virtio-net,addr=6",
              "e1000e,net.net=10.0.3.0/24,addr=7")

def real_io(cpus, mem, stage, full=False):
    """Disks and networks, whose DMA must all go through our tables; full: as much as it takes."""
    disk, net = (256, 64) if full else (48, 8)
    return Scenario(
        f"io-{cpus}cpu-{mem // 1024}g-stage{stage}",
        f"NVMe with ext4, virtio-blk, virtio-net, e1000e; {cpus} CPUs, {mem // 1024} GiB, "
        f"stage {stage}",
        (f"disk:nvme0n1:{disk}:ext4", f"disk:vda:{disk // 4}",
         f"net:virtio_net:10.0.2.15:10.0.2.2:{{port}}:{net // 4}",
         f"net:e1000e:10.0.3.15:10.0.3.2:{{port}}:{net}", "status"),
        IO_DEVICES, cpus=cpus, mem=mem, timeout=900,
        append="hyp_iommu=required" + (",stage1" if stage == 1 else ""),
        must=(OWNED, rf"the hypervisor's: stage {stage},"), groups=("io",))


UNIT = "/smmuv3@9050000"
NOT_ISOLATED = r"DMA is NOT isolated: 0 of 1 unit\(s\) taken over"


def bad_tree(name, what, must, *fdt, mode="on"):
    """A device tree that makes no sense: a clear message, nothing half done, and no panic."""
    return Scenario(f"dt-{name}", f"device tree: {what}", ("true",), append=f"hyp_iommu={mode}",
                    must=(must, NOT_ISOLATED), fdt=fdt, groups=("config",))


def required(name, what, must, **kwargs):
    """hyp_iommu=required where that is not to be had: no VMs."""
    return Scenario(f"required-{name}", f"hyp_iommu=required, and {what}", ("novm",),
                    must=(must, r"hyp_iommu=required: that is not enough",
                          r"Not finalizing Hyp protection"), groups=("config",), **kwargs)


SCENARIOS = [
    Scenario("hole-open", "hyp_iommu=off: a device steals from a protected guest (the control)",
             ("hole:open",), (EDU,), append="hyp_iommu=off iommu.passthrough=1",
             must=(r"arm-smmu-v3 9050000",), groups=("hole",)),
    Scenario("vfio-open", "hyp_iommu=off: the same through VFIO (the control)",
             ("vfiodma:open",), (EDU,), append="hyp_iommu=off", must=(r"arm-smmu-v3 9050000",),
             groups=("hole",)),
    Scenario("hole-closed", "hyp_iommu=on: none of it works",
             ("hole:closed", "status"), (EDU,), append="hyp_iommu=on iommu.passthrough=1",
             expect=(KNOWN,), must=(OWNED, KNOWN), groups=("hole",)),
    Scenario("vfio-closed", "hyp_iommu=on: the same through VFIO",
             ("vfiodma:closed", "status"), (EDU,), append="hyp_iommu=on",
             expect=(KNOWN, r"is not the host's to give"), must=(OWNED, KNOWN), groups=("hole",)),
    Scenario("isolation", "a hostile host and a hostile device, one attack after the other",
             ("isolation",), (EDU, HIDDEN_EDU), expect=(HIDDEN, KNOWN), must=(OWNED, HIDDEN),
             append="hyp_iommu=required hugepages=40", groups=("attacks",)),
    Scenario("isolation-stage1", "the same with first-stage tables",
             ("isolation",), (EDU, HIDDEN_EDU), expect=(HIDDEN, KNOWN), must=(OWNED, HIDDEN),
             append="hyp_iommu=required,stage1 hugepages=40", groups=("attacks",)),
    Scenario("arguments", "every argument of every hypercall, out of range",
             ("args",), (), append="hyp_iommu=required hugepages=40", groups=("attacks",)),
    Scenario("random", "100,000 random calls compared with a model, then nothing may be lost",
             ("random:100000", "status"), (), append="hyp_iommu=required hugepages=40",
             timeout=600, groups=("attacks",)),
    Scenario("random-stage1", "the same with first-stage tables",
             ("random:30000:7",), (), append="hyp_iommu=required,stage1 hugepages=40",
             timeout=600, groups=("attacks",)),
    Scenario("blocked-by-default", "DMA by a device that nobody attached, from power-on",
             ("isolation:never", "true"), (HIDDEN_EDU,), expect=(HIDDEN,), must=(OWNED, HIDDEN),
             append="hyp_iommu=required hugepages=40 mem=1024M", mem=1088, window=True,
             groups=("attacks",)),
    Scenario("recycle", "the host makes the hypervisor recycle its stage-2 tables",
             ("recycle",), (), special=True),
    Scenario("figures", "memory for tables, time to boot",
             ("figures",), (), append="hyp_iommu=required hugepages=40", groups=("figures",)),
    Scenario("figures-off", "time to boot with Linux's own driver",
             ("true",), (), append="hyp_iommu=off", must=(), groups=("figures",)),
    # Pairwise: each number of CPUs with each memory size and each stage.
    real_io(1, 1024, 2), real_io(1, 3072, 1), real_io(2, 1024, 1, full=True),
    real_io(2, 3072, 2, full=True), real_io(4, 1024, 2), real_io(4, 3072, 1),
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
    Scenario("dt-disabled-its", "device tree: the ITS is too small for a doorbell", ("true",),
             append="hyp_iommu=required", must=(r"no MSIs from there", OWNED),
             fdt=(("-t x", "/intc@8000000/its@8080000 reg 0 8080000 0 10000"),),
             groups=("config",)),
    required("no-iommu", "there is none", r"no IOMMU was found: DMA is NOT isolated",
             machine={"iommu": "none"}),
    required("no-reg", "it has no registers", NOT_ISOLATED, fdt=(("-d", UNIT + " reg"),)),
    Scenario("on-no-iommu", "hyp_iommu=on without an IOMMU: it says so, and goes on",
             ("disk:nvme0n1:16",), ("nvme,size=64M,addr=4",), append="hyp_iommu=on",
             must=(r"no IOMMU was found: DMA is NOT isolated",), machine={"iommu": "none"},
             groups=("config",)),
    Scenario("on-not-protected", "KVM is not protected: Linux's own driver is used",
             ("disk:nvme0n1:16",), ("nvme,size=64M,addr=4",), append="hyp_iommu=on",
             must=(r"not active: protected KVM is not enabled", r"arm-smmu-v3 9050000"),
             machine={"mode": "kvm-arm.mode=nvhe"}, groups=("config",)),
    Scenario("on-nonsense", "hyp_iommu=nonsense is named, and means on", ("true",),
             append="hyp_iommu=nonsense", must=(r"hyp_iommu=nonsense is not known", OWNED),
             groups=("config",)),
]
