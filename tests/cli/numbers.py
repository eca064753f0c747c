#!/usr/bin/env python3
"""usage: numbers.py PROGRAM FIXTURES [--peers]

'snapshot status' and 'snapshot hashkv' print what etcdutl 3.7 prints, byte for byte, for every fixture. Without --peers
the texts are those recorded beside the fixtures; with it the real etcdutl runs on copies, at several revisions.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

FORMS = ("simple", "table", "json", "fields")
HERE = pathlib.Path(__file__).resolve().parent
RECORDS = HERE.parent.parent / "fixtures"


class Comparison:
    def __init__(self, program):
        self.program = program
        self.failed = self.count = 0

    def ours(self, *words):
        return subprocess.run([self.program, *words], capture_output=True, text=True, timeout=60, check=False)

    def same(self, want, path, *words):
        result = self.ours("snapshot", *words, str(path))
        self.count += 1
        if result.stdout != want or result.returncode != 0:
            self.failed += 1
            print(f"{' '.join(words)} {path.name}: exit {result.returncode}\n{result.stderr}"
                  f"--- want\n{want}--- have\n{result.stdout}---")


def db_of(record, fixtures):
    """The file that the record's texts are about."""
    path = fixtures / record["file"]
    return path / "member/snap/db" if record["kind"] == "tar" else path


def compare_records(comparison, fixtures):
    for record_path in sorted(RECORDS.glob("*.json")):
        record = json.loads(record_path.read_text())
        path = db_of(record, fixtures)
        for form in FORMS:
            comparison.same(record["status_text"][form], path, "status", "-w", form)
            comparison.same(record["hashkv_text"][form], path, "hashkv", "-w", form)


def compare_peer(comparison, fixtures, etcdutl):
    def theirs(source, *words):
        with tempfile.TemporaryDirectory() as scratch:
            copy = shutil.copy(source, scratch)
            return subprocess.run([etcdutl, *words, copy], capture_output=True, text=True, timeout=60, check=False)

    for path in sorted(fixtures.glob("*.snapshot")):
        for form in FORMS:
            comparison.same(theirs(path, "snapshot", "status", "-w", form).stdout, path, "status", "-w", form)
        for revision in (1, 10, 31, 60, 300, 100000):
            words = ("hashkv", "-w", FORMS[revision % 4], "--rev", str(revision))
            want = theirs(path, *words)
            if want.returncode == 0:
                comparison.same(want.stdout, path, *words)
                continue
            have = comparison.ours("snapshot", *words, str(path))
            comparison.count += 1
            if have.returncode == 0 or have.stderr.split(": ", 1)[-1] != want.stderr.split(": ", 1)[-1]:
                comparison.failed += 1
                print(f"{' '.join(words)} {path.name}: want {want.stderr!r}, have {have.stderr!r}")


def main():
    comparison = Comparison(sys.argv[1])
    fixtures = pathlib.Path(sys.argv[2])
    if "--peers" in sys.argv[3:]:
        etcdutl = pathlib.Path(os.environ.get("RESCUE_PEERS") or "/nonexistent") / "bin/etcdutl-3.7"
        if not etcdutl.exists():
            print(f"SKIP: {etcdutl} is not there; tests/peers/build makes it, RESCUE_PEERS names its directory")
            sys.exit(1 if os.environ.get("CI") == "true" else 77)
        compare_peer(comparison, fixtures, str(etcdutl))
    else:
        compare_records(comparison, fixtures)
    print(f"{comparison.count} outputs, {comparison.failed} differ")
    sys.exit(1 if comparison.failed or comparison.count == 0 else 0)


main()
