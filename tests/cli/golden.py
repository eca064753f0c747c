#!/usr/bin/env python3
"""usage: golden.py PROGRAM FIXTURES VERSION [--update]

Runs every tests/cli/cases/*.golden: "$ NAME=value etcd-rescue words..." lines, each followed by the expected standard
output, then "stderr:" and the expected talk, then "exit: N" when it is not 0. In a command and in the output @FIXTURES@,
@TMP@ (a fresh directory) and @VERSION@ stand for what differs from run to run. --update writes what came out.
"""

import pathlib
import shlex
import subprocess
import sys
import tempfile

CASES = pathlib.Path(__file__).resolve().parent / "cases"
PROMPT = "$ "


def split_cases(text):
    """(command line, expected block) in the order of the file."""
    found = []
    for line in text.splitlines(keepends=True):
        if line.startswith(PROMPT):
            found.append([line[len(PROMPT):].strip(), ""])
        elif found:
            found[-1][1] += line
    return found


def block(result):
    """What came out, in the form of the files."""
    text = result.stdout
    if result.stderr:
        text += "stderr:\n" + result.stderr
    if result.returncode != 0:
        text += f"exit: {result.returncode}\n"
    return text


class Runner:
    def __init__(self, program, fixtures, version, scratch):
        self.program = str(pathlib.Path(program).resolve())
        self.names = {"@FIXTURES@": str(pathlib.Path(fixtures).resolve()), "@TMP@": scratch, "@VERSION@": version}
        self.scratch = scratch

    def run(self, command):
        for name, value in self.names.items():
            command = command.replace(name, value)
        words = shlex.split(command)
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        while "=" in words[0]:
            name, value = words.pop(0).split("=", 1)
            environment[name] = value
        assert words[0] == "etcd-rescue", command
        result = subprocess.run([self.program] + words[1:], capture_output=True, text=True, timeout=60, cwd=self.scratch,
                                env=environment, stdin=subprocess.DEVNULL, check=False)
        text = block(result)
        for name, value in self.names.items():
            text = text.replace(value, name)
        return text


def check(path, runner, update):
    """Number of cases that failed."""
    failed, out = 0, ""
    for command, want in split_cases(path.read_text()):
        have = runner.run(command)
        out += f"{PROMPT}{command}\n{have}"
        if have != want and not update:
            failed += 1
            print(f"{path.name}: $ {command}\n--- want\n{want}--- have\n{have}---")
    if update:
        path.write_text(out)
    return failed


def main():
    program, fixtures, version = sys.argv[1:4]
    failed = count = 0
    for path in sorted(CASES.glob("*.golden")):
        with tempfile.TemporaryDirectory() as scratch:
            failed += check(path, Runner(program, fixtures, version, scratch), "--update" in sys.argv[4:])
        count += len(split_cases(path.read_text()))
    print(f"{count} commands, {failed} failed")
    sys.exit(1 if failed or count == 0 else 0)


main()
