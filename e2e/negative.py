#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Negative controls: builds in which one guard is missing. A test that cannot fail is a defect.

Each control is applied to a copy of the repository, which is built in a copy of the object
directory; then its scenarios run, and in each of them exactly the tests that are named must fail.
ARCH in the environment, arm64 (default) or x86_64, says of which architecture; HYP=svm: those of the
monitor.

What QEMU's units do by themselves, or do not do at all, no boot can miss; kunit/ shows it on device
models. Of VT-d that is: invalidation of PASID entries (QEMU knows no cache of them), of absent
entries in caching mode (it keeps none), of everything at SRTP and TE, all waits, and all cleaning of
caches.

    e2e/negative.py [--only NAME] [--list] [--keep]

The last line is "N passed, N failed".
"""
import argparse
import dataclasses
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from boot import ARCH, BUILD, TOP, BootError  # noqa: E402 pylint: disable=wrong-import-position
from run import EchoServer, run_scenario, select  # noqa: E402 pylint: disable=wrong-import-position

HYP = os.environ.get("HYP", "")
OBJECTS = f"kernel-{ARCH}" + (f"-{HYP}" if HYP else "")
COPY = os.path.join(BUILD, OBJECTS.replace("kernel", "negative", 1))


@dataclasses.dataclass(frozen=True)
class Control:
    """One guard that is taken away."""
    name: str
    edits: tuple        # (file, text that is there exactly once, what replaces it)
    scenarios: tuple
    fails: frozenset    # the tests that must fail, and no others ...
    may: frozenset = frozenset()    # ... but those, by chance


# ---- guards of every architecture ----

def no_invalidation_after_unmap(*scenarios):
    """The unit goes on with what it had cached."""
    return Control("no-invalidation-after-unmap", (
        ("core/sync.c",
         "\tu32 left = hyp_pgt_gather_empty(gather) ? 0 : domain->units;\n",
         "\tu32 left = 0;\n"),),
        scenarios,
        frozenset({"unmapped-write-blocked", "unmapped-reported", "unmapped-read-reported",
                   "unmapped-read-blocked", "unmapped-and-mapped"}))


UNPINNED_EARLY = Control("unpinned-before-the-sync", (
    ("core/map.c",
     "\tdeferred->pages += *done / HYP_IOMMU_PAGE_SIZE;\n",
     "\thyp_iommu_unpin(deferred->gather.run, deferred->gather.nr);\n"
     "\tdeferred->pages += *done / HYP_IOMMU_PAGE_SIZE;\n"),),
    ("deferred",),
    # And what was unpinned twice, or is held by nobody, is in no account any more.
    frozenset({"deferred-donate-refused", "deferred-all-counted", "deferred-nothing-lost"}))


def no_pin_check(path, old, new):
    """A page that is mapped can be given away."""
    return Control("no-pin-check", ((path, old, new),), ("isolation",),
                   frozenset({"donate-mapped-refused"}))


# What the tests say of a detached endpoint whose entry is still in a cache, or never was removed.
DETACHED_CACHED = frozenset({
    "detached-write-blocked", "detached-reported", "detached-read-reported", "detached-read-blocked",
    "detached-identity-reported", "detached-identity-read-reported"})
DETACHED_BYPASSED = frozenset({
    "detached-reported", "detached-read-reported", "detached-identity-write-blocked",
    "detached-identity-reported", "detached-identity-read-reported",
    "detached-identity-read-blocked"})
# Not every address that is nowhere reads as 0.
READ_FROM_NOWHERE = frozenset({"detached-read-blocked"})
OPEN_BY_DEFAULT = frozenset({
    "never-attached-write-blocked", "never-attached-reported", "never-attached-read-reported",
    "never-attached-0-reported", "never-attached-0-read-reported", "dma-window"})


# ---- arm64 ----

PATCH = "platform/pkvm-arm64/patches/linux-7.3.patch"
# The host's stage-2 gets less memory for what is not memory, so that it can be used up.
SMALL_POOL = (PATCH, """\
+		res += res / (PAGE_SIZE / 16);
+
 	return res;
 }
 
""", """\
+		res += res / (PAGE_SIZE / 16);
+
 	return res;
 }
 
@@ -155,7 +159,7 @@
 	res = __hyp_pgtable_total_pages() + 16;
 
 	/* Allow 1 GiB for MMIO mappings */
-	res += __hyp_pgtable_max_pages(SZ_1G >> PAGE_SHIFT);
+	res += __hyp_pgtable_max_pages(SZ_2M >> PAGE_SHIFT);
 
 	return res;
 }
""")

CONTROLS_ARM64 = [
    no_invalidation_after_unmap("isolation"),
    Control("no-CFGI-after-detach", (
        ("backends/smmuv3/smmuv3.c",
         "\tif (sync->range)\n"
         "\t\thyp_smmuv3_cmdq_push(q, hyp_smmuv3_cfgi_ste_range(sync->sid, "
         "HYP_SMMUV3_SPLIT));\n"
         "\telse\n"
         "\t\thyp_smmuv3_cmdq_push(q, hyp_smmuv3_cfgi_ste(sync->sid));\n"
         "\tif (smmu->caps.stage1)\n"
         "\t\thyp_smmuv3_cmdq_push(q, hyp_smmuv3_cfgi_cd_all(sync->sid));\n",
         ""),),
            ("isolation",), DETACHED_CACHED),
    no_pin_check("platform/pkvm-arm64/pkvm.c",
                 "\tpage->dma_pin_count = count;\n", ""),
    UNPINNED_EARLY,
    Control("detached-is-bypassed", (
        ("backends/smmuv3/smmuv3.c",
         "\tret = write_ste(smmu, endpoint, false, ste, &none);\n",
         "\tstruct hyp_smmuv3_entry bypass = none;\n\n"
         "\tbypass.w[0] = 9;\t/* valid, bypass */\n"
         "\tret = write_ste(smmu, endpoint, false, ste, &bypass);\n"),),
            ("isolation",), DETACHED_BYPASSED, READ_FROM_NOWHERE),
    Control("open-by-default", (
        ("backends/smmuv3/init.c",
         "\treturn ret ? ret : set_cr0(regs, cr0 | CR0_SMMUEN);\n",
         "\thyp_pf_write32(regs, SMMU_GBPA, GBPA_UPDATE);\n"
         "\treturn ret;\n"),),
            ("blocked-by-default",), OPEN_BY_DEFAULT),
    # No guard is missing: the attack is only possible with the small pool.
    Control("small-stage2-pool", (SMALL_POOL,), ("recycle",), frozenset()),
    Control("recycled-registers", (
        SMALL_POOL,
        (PATCH, "+		if (pgt->flags & KVM_PGTABLE_S2_IDMAP)\n",
         "+		if (false && pgt->flags & KVM_PGTABLE_S2_IDMAP)\n")),
            ("recycle",),
            frozenset({"recycled-0", "recycled-1", "recycled-2"})),
]


# ---- x86-64 ----

PINS_OF_RAM = ("platform/ram.c",
               "\t\tif (unpinned && (word & HYP_RAM_PINS || block_of(ram, pa)->pins))\n"
               "\t\t\treturn -EBUSY;\n")
CONTROLS_X86 = [
    no_invalidation_after_unmap("isolation", "isolation-scalable", "isolation-first-stage"),
    Control("no-context-invalidation-after-detach", (
        ("backends/vtd/vtd.c",
         "\tif (sid >= 0) {\n",
         "\tif (false) {\n"),),
            ("isolation", "isolation-scalable"), DETACHED_CACHED),
    no_pin_check(*PINS_OF_RAM, ""),
    Control("detached-is-bypassed", (
        ("backends/vtd/vtd.c",
         "\tret = write_ctx(vtd, &place, endpoint, space, &none);\n",
         "\tstruct hyp_vtd_entry bypass = none;\n\n"
         "\tbypass.w[0] = 9;\t/* present, pass-through */\n"
         "\tbypass.w[1] = 2;\t/* of 48 bits */\n"
         "\tret = write_ctx(vtd, &place, endpoint, space, &bypass);\n"),),
            ("isolation",), DETACHED_BYPASSED, READ_FROM_NOWHERE),
    Control("open-by-default", (
        ("backends/vtd/init.c",
         "\tif (!ret)\n\t\tret = command(vtd, GCMD_TE, true, GCMD_TE);\n",
         ""),),
            ("blocked-by-default",), OPEN_BY_DEFAULT),
]


# ---- x86-64: the SVM monitor ----

MEMORY = "platform/svm-x86/memory.c"
CONTROLS_SVM = [
    # Pages are the vault's by the book only.
    Control("vault-not-hidden", (
        (MEMORY, "\tif (!ret && loses)\n", "\tif (!ret && loses && !size)\n"),
        # What is there cannot be mapped once more.
        (MEMORY, "\tif (!ret && gains)\n", "\tif (!ret && gains && !size)\n")),
            ("svm-vault-2cpu",), frozenset({
                "vault-cpu-read", "vault-cpu-write", "vault-dev-mem", "vault-intact",
                "vault-unshared", "vault-part-is-not-in-it", "vault-part-shared",
                "vault-other-cpu"})),
    Control("no-kick", (
        ("platform/svm-x86/smp.c",
         "\treturn !__atomic_load_n(&cpu->in_guest, __ATOMIC_SEQ_CST) ||\n",
         "\treturn true || !__atomic_load_n(&cpu->in_guest, __ATOMIC_SEQ_CST) ||\n"),),
            ("svm-vault-2cpu",), frozenset({"vault-other-cpu"})),
    Control("no-pin-check", (
        (*PINS_OF_RAM, ""),),
            ("svm-vault-2cpu",), frozenset({
                "vault-give-mapped", "vault-unshare-mapped", "vault-returned-still-pinned",
                "vault-give-of-block", "vault-give-rest-of-block"})),
    Control("no-block-pin-check", (
        ("platform/ram.c", " || block_of(ram, pa)->pins))\n", "))\n"),),
            ("svm-vault-2cpu",), frozenset({"vault-give-of-block"})),
    Control("not-zeroed", (
        (MEMORY, "\tmemset(hyp_pf_va(pa), 0, nr << HYP_IOMMU_PAGE_SHIFT);\n"
         "\treturn svm_pages_move(pa, nr, SVM_HYP, SVM_HOST);\n",
         "\treturn svm_pages_move(pa, nr, SVM_HYP, SVM_HOST);\n"),),
            ("svm-vault-2cpu",), frozenset({"vault-returned-zero"})),
    Control("monitor-not-hidden", (
        (MEMORY, "\tmust(hide(svm_boot.image_pa, SVM_CHUNK));\n", ""),),
            ("svm-vault-2cpu",), frozenset({"monitor-memory"})),
    Control("msrs-not-watched", (
        ("platform/svm-x86/monitor.c",
         "\t\tif (msr != MSR_PAT)\n\t\t\tmsr_exits(msr, false);\n", "\t\t;\n"),),
            ("svm-vault-2cpu",), frozenset({"msr-mtrr", "msr-mtrr-default"})),
]

CONTROLS = {"arm64": CONTROLS_ARM64, "x86_64": CONTROLS_X86, "x86_64-svm": CONTROLS_SVM}[
    OBJECTS.partition("-")[2]]


def run(args, **kwargs):
    """A command that has to succeed."""
    done = subprocess.run(args, capture_output=True, text=True, check=False, **kwargs)
    if done.returncode:
        raise BootError(f"{' '.join(args)}:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def make_copy():
    """The repository and the object directory, once for all controls."""
    if not os.path.exists(os.path.join(BUILD, OBJECTS, ".config")):
        raise BootError("there is no kernel yet: make kernel")
    os.makedirs(COPY, exist_ok=True)
    src = os.path.join(COPY, "src")
    # What is tracked, and what will be.
    names = run(["git", "ls-files", "-co", "--exclude-standard"], cwd=TOP).split("\n")
    names = [n for n in names if n and os.path.exists(os.path.join(TOP, n)) and
             not n.startswith("build/")]
    run(["rsync", "-a", "--delete", "--exclude=/build", "--files-from=-", TOP + "/", src + "/"],
        input="\n".join(names))
    build = os.path.join(src, "build")
    os.makedirs(build, exist_ok=True)
    for name in ("linux", OBJECTS):
        run(["rsync", "-a", "--delete", os.path.join(BUILD, name) + "/",
             os.path.join(build, name) + "/"])
    return src


def build_kernel(src):
    """Builds the copy; the path of its image."""
    env = dict(os.environ, BUILD=os.path.join(src, "build"))
    variant = ["-v", HYP] if HYP else []
    out = run([os.path.join(src, "scripts", "kernel.sh"), *variant], cwd=src, env=env)
    return out.strip().split("\n")[-1]


def write(path, text):
    """Writes a file."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def apply(control, src):
    """Takes the guard away; gives back what undoes it."""
    before = {}
    for name, old, new in control.edits:
        path = os.path.join(src, name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        before.setdefault(path, text)
        if text.count(old) != 1:
            raise BootError(f"{name}: what {control.name} replaces is there {text.count(old)} "
                            "times, not once; see e2e/negative.py")
        write(path, text.replace(old, new))

    def undo():
        for path, text in before.items():
            write(path, text)
    return undo


def judge(control, result):
    """What was not as it should be, one line each."""
    failed = {name for name, _ in result.failed}
    why = [f"ended with: {result.status}"] if result.status != "end" else []
    why += [] if result.ok else ["no test passed"]
    for name in sorted(control.fails - failed):
        why.append(f"{name} passed although the guard is missing")
    for name in sorted(failed - control.fails - control.may):
        why.append(f"{name} failed, which was not expected: {dict(result.failed)[name]}")
    return why + [f"logs: {result.directory}"] if why else []


def run_control(control, src, server):
    """Return: what was not as it should be, one line each."""
    why = []
    undo = apply(control, src)
    try:
        kernel = build_kernel(src)
        for scenario in select(control.scenarios):
            name = f"negative-{control.name}-{scenario.name}"
            why += judge(control, run_scenario(scenario, server, kernel=kernel, name=name))
    finally:
        undo()
    return why


def main():
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--keep", action="store_true", help="keep the copy in build/negative")
    args = parser.parse_args()
    if args.list:
        for control in CONTROLS:
            print(f"{control.name:28} {control.edits[-1][0]}: {', '.join(sorted(control.fails))}")
        return 0
    unknown = set(args.only) - {c.name for c in CONTROLS}
    if unknown:
        parser.error(f"there is no control {', '.join(sorted(unknown))}")
    controls = [c for c in CONTROLS if not args.only or c.name in args.only]
    passed = failed = 0
    server = EchoServer()
    src = make_copy()
    for number, control in enumerate(controls, 1):
        start = time.monotonic()
        try:
            why = run_control(control, src, server)
        except BootError as error:
            why = [str(error)]
        seconds = time.monotonic() - start
        if not why:
            passed += 1
            what = f"{', '.join(sorted(control.fails))} failed, as they must"
            print(f"ok negative {control.name}: {what if control.fails else 'all passed'}; "
                  f"{seconds:.0f} s", flush=True)
        else:
            failed += 1
            lines = "\n       ".join(why)
            print(f"not ok negative {control.name}\n       {lines}\n       to repeat just that: "
                  f"ARCH={ARCH} HYP={HYP} e2e/negative.py --only {control.name}", flush=True)
        print(f"[negative {number}/{len(controls)}]", file=sys.stderr, flush=True)
    if not args.keep:
        shutil.rmtree(COPY)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BootError as problem:
        print(f"negative: {problem}", file=sys.stderr)
        sys.exit(2)
