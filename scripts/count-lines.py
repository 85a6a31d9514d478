#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Counts lines of C: those with code, and all. Prints "<code> <all>" for the files it is given."""
import re
import sys

COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"', re.S)


def code_lines(text):
    """Lines that are neither blank nor only comment."""
    def keep(match):
        found = match[0]
        return found if found[0] == '"' else re.sub(r"[^\n]", "", found)
    return sum(1 for line in COMMENT_OR_STRING.sub(keep, text).splitlines() if line.strip())


def main():
    """The command."""
    code = total = 0
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8") as file:
            text = file.read()
        code += code_lines(text)
        total += text.count("\n")
    print(code, total)


if __name__ == "__main__":
    main()
