# SPDX-License-Identifier: GPL-2.0-only
"""What a boot gives: the lines that the guest's init and its tests print, and what they mean.

A test prints "ok <name>", "not ok <name> # <why>" and "# <anything>"; e2e/init prints what starts
and ends.
"""


class Result:
    """What a run gave."""

    def __init__(self, name):
        self.name = name
        self.ok = []            # names
        self.failed = []        # (name, why)
        self.info = []          # "# ..." lines, without the "# "
        self.problems = []      # lines of the kernel log
        self.absent = []        # patterns in must= that no line matched
        self.status = "none"    # end, poweroff, panic, timeout, qemu
        self.whereabouts = []   # with timeout: lines that say where it is
        self.seconds = 0.0
        self.boot_seconds = None
        self.directory = ""

    @property
    def passed(self):
        """Every test passed and nothing unexpected was in the log."""
        return (self.status == "end" and bool(self.ok) and
                not (self.failed or self.problems or self.absent))

    def value(self, key):
        """The rest of the last info line that starts with the word key."""
        for line in reversed(self.info):
            if line.split(" ", 1)[0] == key:
                return line[len(key):].strip()
        return None

    def why(self):
        """The reasons for not passing, one line each."""
        out = [f"{n}: {w}" for n, w in self.failed]
        out += [f"in the kernel log: {p}" for p in self.problems]
        out += [f"not in the kernel log: {p}" for p in self.absent]
        if self.status != "end":
            out.append({"timeout": "no end within the time limit", "panic": "the kernel panicked",
                        "poweroff": "powered off before the tests ended",
                        "qemu": "QEMU failed"}.get(self.status, self.status))
            out += self.whereabouts
        elif not self.ok and not self.failed:
            out.append("no test said anything")
        return out


class Tail:
    """The lines that are appended to a file."""

    def __init__(self, path):
        self.path, self.file, self.rest = path, None, ""

    def lines(self, final=False):
        """The complete lines since the last call; final: the incomplete one too."""
        if self.file is None:
            try:
                # pylint: disable=consider-using-with
                self.file = open(self.path, encoding="utf-8", errors="replace", newline="")
            except FileNotFoundError:
                return []
        self.rest += self.file.read()
        *done, self.rest = self.rest.split("\n")
        if final and self.rest:
            done.append(self.rest)
            self.rest = ""
        return [d.rstrip("\r") for d in done]


class Parser:
    """Reads what the guest's init and its tests print."""

    def __init__(self, result):
        self.result, self.ended = result, False
        self.current, self.said = None, 0

    def line(self, line):
        """One line."""
        result = self.result
        if line == "# hyp-test end":
            self.ended = True
        elif line.startswith("# start "):
            self.current = line.split()[2]
            self.said = len(result.ok) + len(result.failed)
        elif line.startswith("# end ") and self.current:
            status = line.split()[-1]
            said = len(result.ok) + len(result.failed) - self.said
            bad = len([1 for n, _ in result.failed[-said:]]) if said and result.failed else 0
            if status != "0" and not bad:
                what = "killed: took too long" if status == "137" else f"exit status {status}"
                result.failed.append((self.current, what))
            elif not said:
                result.ok.append(self.current)
            self.current = None
        elif line.startswith("# boot-seconds "):
            result.boot_seconds = float(line.split()[2])
            result.info.append(line[2:])
        elif line.startswith("ok "):
            result.ok.append(line[3:].split(" #")[0].strip())
        elif line.startswith("not ok "):
            name, _, why = line[7:].partition(" # ")
            result.failed.append((name.strip(), why.strip() or "failed"))
        elif line.startswith("# "):
            result.info.append(line[2:])

    def cut(self):
        """The machine ended before init said so."""
        if self.current:
            self.result.failed.append((self.current, "did not come to its end"))
