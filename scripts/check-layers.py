#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks who includes whom, by the rules of the design:

- core/ knows pgtable/pgtable.h, core/backend.h, platform/platform.h and the ABI; like the ABI itself
  it names no vendor, not even in a comment, and nothing that only one vendor has;
- a backend knows core/backend.h, the page tables of its formats, platform/platform.h; no other backend;
- pgtable/ knows only platform/platform.h, and neither locks nor invalidates;
- hostif/ knows the ABI and the host kernel; no header of the hypervisor's side;
- platform/platform.h finds its platform's hyp_pf.h, and nothing else on the hypervisor's side
  includes a kernel header, except in platform/<name>/.

check-layers.py [--root <directory>]; check-layers.py --self-test proves that it sees violations.
"""
import argparse
import pathlib
import re
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
# Words, not parts of others: disarm, upstream, intelligent.
VENDOR = re.compile(r"smmu|(?<![a-z])(?:(?:vt-?d|arm(?:64|v[89])?|intel|amd)(?![a-z])|risc-?v|x86|dmar|"
                    r"stream|context[ _]?entr|pasid[ _]?table)", re.I)
LOCKS = re.compile(r"\bhyp_pf_(?:spin|lock|unlock)\w*|\bspin_lock|\bhyp_smmuv3_|\bhyp_vtd_|\btlbi\b")

# part: what it may include of ours. A trailing / is a whole directory.
OWN = {
    "core": ("core/", "pgtable/pgtable.h", "pgtable/pool.h", "platform/platform.h",
             "include/hyp_iommu/"),
    "pgtable": ("pgtable/", "platform/platform.h"),
    "backends": ("core/backend.h", "pgtable/", "platform/platform.h", "include/hyp_iommu/"),
    "hostif": ("hostif/", "include/hyp_iommu/"),
    "include": ("include/hyp_iommu/",),
}
# Parts that run in the hypervisor on every platform: no kernel header, no libc.
PORTABLE = ("core", "pgtable", "backends")


def resolve(root, file, kind, name):
    """The included file as a path in the repository, or None if it is not ours."""
    near = (file.parent / name).resolve() if kind == '"' else None
    for path in filter(None, (near, root / name, root / "include" / name)):
        try:
            inside = path.resolve().relative_to(root.resolve())
        except ValueError:
            continue
        if path.is_file():
            return inside.as_posix()
    # A header that is not there (yet) is judged by its name.
    top = name.split("/")[0]
    if top in (*OWN, "platform", "kunit"):
        return name
    if top == "hyp_iommu":
        return "include/" + name
    return None


def allowed(own, prefixes):
    """Is the path in one of the directories, or one of the files?"""
    return any(own == p or (p.endswith("/") and own.startswith(p)) for p in prefixes)


def check_file(root, file):
    """The violations of one file."""
    path = file.relative_to(root).as_posix()
    part = path.split("/")[0]
    if part not in OWN:
        return
    text = file.read_text(encoding="utf-8")
    prefixes = OWN[part]
    if part == "backends":
        prefixes += ("/".join(path.split("/")[:2]) + "/",)

    def at(position, message):
        return f"{path}:{text.count(chr(10), 0, position) + 1}: {message}"

    for match in INCLUDE.finditer(text):
        kind, name = match.groups()
        where = match.start(2)
        own = resolve(root, file, kind, name)
        if own:
            if not allowed(own, prefixes):
                yield at(where, f"{part}/ must not include {own}")
        elif part in PORTABLE:
            yield at(where, f"{part}/ must not include <{name}>: what it needs comes from platform/platform.h")
        elif part == "include" and not name.startswith("linux/") and \
                name not in ("stdbool.h", "stddef.h", "stdint.h"):
            yield at(where, f"the ABI must not include <{name}>")
    code = COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    if part in ("core", "include"):
        for match in VENDOR.finditer(text):
            yield at(match.start(), f"{part}/ must not name a vendor: {match[0]}")
    if part == "pgtable":
        for match in LOCKS.finditer(code):
            yield at(match.start(), f"pgtable/ must neither lock nor invalidate: {match[0]}")


def check(root):
    """All violations below root."""
    out = []
    for part in OWN:
        for file in sorted((root / part).rglob("*.[ch]")):
            out += check_file(root, file)
    return out


# (file, line, is it a violation?)
CASES = (
    ("core/a.c", '#include "backend.h"', False),
    ("core/a.c", "#include <hyp_iommu/abi.h>", False),
    ("core/a.c", "#include <core/backend.h>", False),
    ("core/a.c", '#include "../pgtable/pgtable.h"', False),
    ("core/a.c", "#include <platform/platform.h>", False),
    ("core/a.c", '#include "../pgtable/fmt_vmsa.h"', True),
    ("core/a.c", '#include "../backends/smmuv3/regs.h"', True),
    ("core/a.c", '#include "../hostif/linux/x.h"', True),
    ("core/a.c", "#include <linux/types.h>", True),
    ("core/a.c", "#include <stdio.h>", True),
    ("core/a.c", '#include "../platform/sim/hyp_pf.h"', True),
    ("core/a.c", "int smmu_thing;", True),
    ("core/a.c", "/* like an SMMU's */", True),
    ("core/a.c", "/* Stream tables */", True),
    ("core/a.c", "int context_entry;", True),
    ("core/a.c", "u64 arm_ttbr;", True),
    ("core/a.c", "int vtd;", True),
    ("core/a.c", "/* Disarm what is upstream; the alarm. pasid_bits */", False),
    ("include/hyp_iommu/abi.h", "/* a StreamID */", True),
    ("include/hyp_iommu/abi.h", "/* a PASID, a context */", False),
    ("pgtable/a.c", '#include "pgtable.h"', False),
    ("pgtable/a.c", '#include "../platform/platform.h"', False),
    ("pgtable/a.c", '#include "../core/backend.h"', True),
    ("pgtable/a.c", "#include <hyp_iommu/abi.h>", True),
    ("pgtable/a.c", "#include <asm/barrier.h>", True),
    ("pgtable/a.c", "hyp_pf_spin_lock(&l);", True),
    ("backends/smmuv3/a.c", '#include "../../core/backend.h"', False),
    ("backends/smmuv3/a.c", '#include "regs.h"', False),
    ("backends/smmuv3/a.c", '#include "../../pgtable/fmt_vmsa.h"', False),
    ("backends/smmuv3/a.c", '#include "../vtd/regs.h"', True),
    ("backends/smmuv3/a.c", '#include "../../core/domain.h"', True),
    ("backends/smmuv3/a.c", "#include <linux/bitfield.h>", True),
    ("backends/vtd/a.c", '#include "../../pgtable/fmt_vtd.h"', False),
    ("backends/vtd/a.c", '#include "../smmuv3/regs.h"', True),
    ("backends/vtd/a.c", '#include "../../core/domain.h"', True),
    ("backends/vtd/a.c", "#include <linux/dmar.h>", True),
    ("hostif/linux/a.c", "#include <linux/iommu.h>", False),
    ("hostif/linux/a.c", "#include <hyp_iommu/abi.h>", False),
    ("hostif/linux/a.c", '#include "../../core/domain.h"', True),
    ("hostif/linux/a.c", '#include "../../platform/platform.h"', True),
    ("hostif/linux/a.c", '#include "../../backends/smmuv3/regs.h"', True),
    ("hostif/linux/a.c", "#include <asm/sections.h>", False),
    ("include/hyp_iommu/a.h", "#include <linux/types.h>", False),
    ("include/hyp_iommu/a.h", '#include "../../core/backend.h"', True),
)
HEADERS = ("core/backend.h", "core/domain.h", "pgtable/pgtable.h", "pgtable/fmt_vmsa.h",
           "pgtable/fmt_vtd.h", "platform/platform.h", "platform/sim/hyp_pf.h",
           "include/hyp_iommu/abi.h", "backends/smmuv3/regs.h", "backends/vtd/regs.h", "hostif/linux/x.h")


def self_test():
    """Every case, in a tree of its own."""
    wrong = 0
    for name, line, bad in CASES:
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for header in HEADERS:
                (root / header).parent.mkdir(parents=True, exist_ok=True)
                (root / header).write_text("/* empty */\n", encoding="utf-8")
            (root / name).write_text(line + "\n", encoding="utf-8")
            if bool(check(root)) != bad:
                wrong += 1
                print(f"self test: {name}: {line}: {'not seen' if bad else 'wrongly refused'}")
    print(f"{len(CASES) - wrong} passed, {wrong} failed")
    return wrong != 0


def main():
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=TOP)
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    if args.self_test:
        return self_test()
    violations = check(args.root.resolve())
    print("\n".join(violations) if violations else "include rules hold")
    return bool(violations)


if __name__ == "__main__":
    sys.exit(main())
