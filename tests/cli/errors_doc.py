#!/usr/bin/env python3
"""usage: errors_doc.py PROGRAM [--update]: docs/errors.md ends with what 'errors -o markdown' prints."""

import pathlib
import subprocess
import sys

DOC = pathlib.Path(__file__).resolve().parents[2] / "docs/errors.md"
MARK = "<!-- from here on: etcd-rescue errors -o markdown -->\n"


def main():
    printed = subprocess.run([sys.argv[1], "errors", "-o", "markdown"], capture_output=True, text=True, check=True).stdout
    head, mark, tables = DOC.read_text().partition(MARK)
    if "--update" in sys.argv[2:]:
        DOC.write_text(head + MARK + printed)
        return
    if not mark or tables != printed or "| `" not in printed:
        sys.exit(f"{DOC.name} is not what the program prints; run {pathlib.Path(__file__).name} PROGRAM --update")


main()
