#!/usr/bin/env python3
"""usage: streams.py PROGRAM FIXTURES: standard streams that are closed or full, and secrets that stay out of them."""

import os
import pathlib
import subprocess
import sys
import tempfile

SECRET = "K10deadbeef::server:S3cr3tTok3n"


def need(condition, what):
    if not condition:
        sys.exit(what)


def closed(program, fixture, scratch):
    """With standard output closed the db would be opened as descriptor 1, and the report land in it."""
    for number in (0, 1, 2):
        target = pathlib.Path(scratch) / f"closed{number}"
        shell = f'exec "$0" snapshot restore "$1" --data-dir "$2" {number}>&-'
        result = subprocess.run(["sh", "-c", shell, program, fixture, str(target)], capture_output=True, text=True,
                                check=False)
        need(result.returncode == (1 if number == 1 else 0), f"{number} closed: exit {result.returncode}")
        proof = subprocess.run([program, "verify", str(target)], capture_output=True, check=False)
        need(proof.returncode == 0, f"{number} closed: verify says {proof.returncode}: {proof.stdout}")


def full(program, fixture):
    with open("/dev/full", "w") as out:
        for words in (["version"], ["--help"], ["errors"], ["snapshot", "status", fixture], ["verify", fixture],
                      ["verify", "-o", "json", fixture], ["completion", "bash"]):
            result = subprocess.run([program, *words], stdout=out, stderr=subprocess.PIPE, text=True, check=False)
            need(result.returncode == 1 and "No space left" in result.stderr, f"{words}: {result}")


def broken_pipe(program, fixture):
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run([program, "verify", fixture], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    need(result.returncode == 1 and "Broken pipe" in result.stderr, f"broken pipe: {result}")


def secrets(program, fixture, scratch):
    reset = ["server", "--cluster-reset", f"--cluster-reset-restore-path={fixture}", "-d", scratch, "--node-ip", "10.0.0.1",
             "--dry-run"]
    for words in (["--token", SECRET], [f"-t={SECRET}"], ["--agent-token", SECRET], ["--vpn-auth", SECRET],
                  [f"--etcd-s3-secret-key={SECRET}", "--node-ip", "nonsense"], ["--token", SECRET, "--nothing"]):
        result = subprocess.run([program, *reset, *words], capture_output=True, text=True, check=False)
        need(SECRET not in result.stdout + result.stderr, f"{words[0]}: the secret is in the output")
    result = subprocess.run([program, *reset], capture_output=True, text=True, check=False,
                            env=os.environ | {"K3S_TOKEN": SECRET})
    need(SECRET not in result.stdout + result.stderr, "K3S_TOKEN: the secret is in the output")


def main():
    program, fixture = sys.argv[1], str(pathlib.Path(sys.argv[2]).resolve() / "plain-3.6.snapshot")
    with tempfile.TemporaryDirectory() as scratch:
        closed(program, fixture, scratch)
        full(program, fixture)
        broken_pipe(program, fixture)
        secrets(program, fixture, scratch)


main()
