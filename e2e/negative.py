#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Negative controls: builds in which one guard is missing. A test that cannot fail is a defect.

Each control is applied to a copy of the repository, which is built in a copy of the object
directory; then one scenario runs, and exactly the tests that are named must fail.

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
from boot import BUILD, TOP, BootError  # noqa: E402 pylint: disable=wrong-import-position
from run import EchoServer, run_scenario, select  # noqa: E402 pylint: disable=wrong-import-position

ARCH = os.environ.get("ARCH", "arm64")
COPY = os.path.join(BUILD, "negative")


@dataclasses.dataclass(frozen=True)
class Control:
    """One guard that is taken away."""
    name: str
    edits: tuple        # (file, text that is there exactly once, what replaces it)
    scenario: str
    fails: frozenset    # the tests that must fail, and no others


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

CONTROLS = [
    Control("no-invalidation-after-unmap", (
        ("core/domain.c",
         "\tif (!hyp_pgt_gather_empty(gather)) {\n",
         "\tif (false) {\n"),),
            "isolation",
            frozenset({"unmapped-write-blocked", "unmapped-reported", "unmapped-read-blocked",
                       "unmapped-and-mapped"})),
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
            "isolation",
            frozenset({"detached-write-blocked", "detached-reported", "detached-read-blocked",
                       "detached-identity-reported"})),
    Control("no-pin-check", (
        ("platform/pkvm-arm64/pkvm.c",
         "\t\thyp_phys_to_page(pa)->dma_pin_count++;\n",
         "\t\tcontinue;\n"),),
            "isolation",
            frozenset({"donate-mapped-refused"})),
    Control("detached-is-bypassed", (
        ("backends/smmuv3/smmuv3.c",
         "\tret = write_ste(smmu, endpoint, false, ste, &none);\n",
         "\tstruct hyp_smmuv3_entry bypass = none;\n\n"
         "\tbypass.w[0] = 9;\t/* valid, bypass */\n"
         "\tret = write_ste(smmu, endpoint, false, ste, &bypass);\n"),),
            "isolation",
            # The last: a table in which an entry is left is not given back.
            frozenset({"detached-reported", "detached-read-blocked",
                       "detached-identity-write-blocked", "detached-identity-reported",
                       "detached-identity-read-blocked", "nothing-lost"})),
    Control("open-by-default", (
        ("backends/smmuv3/init.c",
         "\treturn ret ? ret : set_cr0(regs, cr0 | CR0_SMMUEN);\n",
         "\thyp_pf_write32(regs, SMMU_GBPA, GBPA_UPDATE);\n"
         "\treturn ret;\n"),),
            "blocked-by-default",
            frozenset({"never-attached-write-blocked", "never-attached-reported",
                       "never-attached-0-reported", "dma-window"})),
    # No guard is missing: the attack is only possible with the small pool.
    Control("small-stage2-pool", (SMALL_POOL,), "recycle", frozenset()),
    Control("recycled-registers", (
        SMALL_POOL,
        (PATCH, "+		if (pgt->flags & KVM_PGTABLE_S2_IDMAP)\n",
         "+		if (false && pgt->flags & KVM_PGTABLE_S2_IDMAP)\n")),
            "recycle",
            frozenset({"recycled-0", "recycled-1", "recycled-2"})),
]


def run(args, **kwargs):
    """A command that has to succeed."""
    done = subprocess.run(args, capture_output=True, text=True, check=False, **kwargs)
    if done.returncode:
        raise BootError(f"{' '.join(args)}:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def make_copy():
    """The repository and the object directory, once for all controls."""
    objects = f"kernel-{ARCH}"
    if not os.path.exists(os.path.join(BUILD, objects, ".config")):
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
    for name in ("linux", objects):
        run(["rsync", "-a", "--delete", os.path.join(BUILD, name) + "/",
             os.path.join(build, name) + "/"])
    return src


def build_kernel(src):
    """Builds the copy; the path of its image."""
    env = dict(os.environ, BUILD=os.path.join(src, "build"))
    out = run([os.path.join(src, "scripts", "kernel.sh")], cwd=src, env=env)
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


def run_control(control, src, server):
    """Return: None, or what was not as it should be."""
    scenario, = select([control.scenario])
    undo = apply(control, src)
    try:
        kernel = build_kernel(src)
        result = run_scenario(scenario, server, kernel=kernel, name=f"negative-{control.name}")
    finally:
        undo()
    failed = {name for name, _ in result.failed}
    if failed == control.fails and result.status == "end" and result.ok:
        return None
    why = [f"ended with: {result.status}"] if result.status != "end" else []
    for name in sorted(control.fails - failed):
        why.append(f"{name} passed although the guard is missing")
    for name in sorted(failed - control.fails):
        why.append(f"{name} failed, which was not expected: {dict(result.failed)[name]}")
    why.append(f"logs: {result.directory}")
    return "\n       ".join(why)


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
            why = str(error)
        seconds = time.monotonic() - start
        if why is None:
            passed += 1
            what = f"{', '.join(sorted(control.fails))} failed, as they must"
            print(f"ok negative {control.name}: {what if control.fails else 'all passed'}; "
                  f"{seconds:.0f} s", flush=True)
        else:
            failed += 1
            print(f"not ok negative {control.name}\n       {why}\n"
                  f"       to repeat just that: e2e/negative.py --only {control.name}", flush=True)
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
