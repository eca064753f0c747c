#!/usr/bin/env python3
"""usage: completion.py PROGRAM: the bash script completes, and the shells that are here accept theirs."""

import shutil
import subprocess
import sys
import tempfile

CASES = {  # typed so far: (some of what must come, something that must not)
    "": ({"snapshot", "verify", "server", "--version"}, "restore"),
    "sna": ({"snapshot"}, "verify"),
    "snapshot ": ({"restore", "status", "hashkv"}, "verify"),
    "snapshot restore --da": ({"--data-dir"}, "--name"),
    "snapshot restore -": ({"--data-dir", "--wal-dir", "-o"}, "--rev"),
    "hashkv --": ({"--rev", "--write-out"}, "--data-dir"),
    "snapshot status -w ": ({"simple", "table", "json", "fields"}, "--rev"),
    "snapshot status -w j": ({"json"}, "simple"),
    "snapshot status -w = j": ({"json"}, "simple"),
    "server --verify-written ": ({"all", "sample", "none"}, "--token"),
    "server --cluster-reset-": ({"--cluster-reset-restore-path"}, "--cluster-reset"),
    "completion ": ({"bash", "zsh", "fish"}, "--output"),
}


def script(program, shell):
    return subprocess.run([program, "completion", shell], capture_output=True, text=True, check=True).stdout


def complete(text, typed):
    words = ["etcd-rescue"] + typed.split(" ")
    array = " ".join(f"'{w}'" for w in words)
    run = f"{text}\nCOMP_WORDS=({array}) COMP_CWORD={len(words) - 1}\n_etcd_rescue\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
    result = subprocess.run(["bash", "--norc", "-c", run], capture_output=True, text=True, check=True)
    if result.stderr:
        sys.exit(f"bash says for '{typed}': {result.stderr}")
    return set(result.stdout.split())


def main():
    program = sys.argv[1]
    bash = script(program, "bash")
    for typed, (want, unwanted) in CASES.items():
        have = complete(bash, typed)
        if not want <= have or unwanted in have:
            sys.exit(f"'{typed}': want {sorted(want)}, not {unwanted}, have {sorted(have)}")
    for shell in ("zsh", "fish"):
        if shutil.which(shell):
            with tempfile.NamedTemporaryFile("w", suffix=".script") as file:
                file.write(script(program, shell))
                file.flush()
                subprocess.run([shell, "-n", file.name], check=True)


main()
