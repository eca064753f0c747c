"""Runs the program under test and judges one run: status, message, memory, time, signals."""

import dataclasses
import hashlib
import os
import pathlib
import re
import resource
import subprocess
import tempfile
import threading

RSS_LIMIT = 32 << 10  # KiB
TIMEOUT = 20  # seconds; 120 for a sanitizer build
PLACE = re.compile(r"\b(page|offset|byte|meta|bucket|key|revision|member|trailer|row|element|lease|alarm|user|role)\b", re.I)


@dataclasses.dataclass
class Result:
    status: int  # negative: ended by that signal; None: hung
    output: str
    peak: int    # KiB

    def last_line(self):
        lines = [line for line in self.output.splitlines() if line.strip()]
        return lines[-1][:200] if lines else "(no output)"


class Judge:
    def __init__(self, program, scratch):
        self.program, self.scratch = str(pathlib.Path(program).resolve()), scratch
        binary = pathlib.Path(self.program).read_bytes()
        self.sanitized = any(mark in binary for mark in (b"__asan_init", b"__msan_init", b"__tsan_init"))
        self.timeout = 120 if self.sanitized else TIMEOUT
        self.peak_rss = 0
        self.peers = None

    def run(self, *arguments, user=None):
        """Run once. The output is cut at 1 MiB."""
        with tempfile.TemporaryFile(dir=self.scratch) as output:
            process = subprocess.Popen([self.program, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=output, user=user, extra_groups=[] if user else None)
            hung = threading.Event()
            timer = threading.Timer(self.timeout, lambda: (hung.set(), process.kill()))
            timer.start()
            _, status, usage = os.wait4(process.pid, 0)
            timer.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            text = output.read(1 << 20).decode(errors="backslashreplace")
        self.peak_rss = max(self.peak_rss, usage.ru_maxrss)
        return Result(None if hung.is_set() else process.returncode, text, usage.ru_maxrss)

    def sane(self, what, result):
        """Problems that are wrong whatever the file is."""
        if result.status is None:
            return [f"{what}: hangs"]
        if result.status < 0:
            return [f"{what}: ended by signal {-result.status}: {result.last_line()}"]
        if "Sanitizer" in result.output or "runtime error:" in result.output:
            return [f"{what}: sanitizer report: {result.last_line()}"]
        if not self.sanitized and result.peak > RSS_LIMIT:
            return [f"{what}: {result.peak >> 10} MiB"]
        return []

    def expect(self, what, result, statuses, name, place):
        """Problems with an exit status and its message."""
        problems = self.sane(what, result)
        if problems:
            return problems
        if result.status not in statuses:
            problems.append(f"{what}: exit {result.status}, not {' or '.join(map(str, statuses))}: {result.last_line()}")
        if result.status and name and name not in result.output:
            problems.append(f"{what}: no message names the file: {result.last_line()}")
        if result.status and place and not PLACE.search(result.output):
            problems.append(f"{what}: no message names a place: {result.last_line()}")
        return problems

    def restored(self, target):
        """Problems of a directory that a restore called done."""
        if not (target / "member/snap/db").is_file():
            return ["no member/snap/db"]
        again = self.run("verify", target)
        return [] if again.status == 0 else [f"verify of the restored directory: {again.status}: {again.last_line()}"]

    @staticmethod
    def fingerprint(path):
        info = path.stat()
        return hashlib.sha256(path.read_bytes()).hexdigest(), info.st_mtime_ns, info.st_mode, info.st_ino


def no_core_files():
    """Crashing runs leave none."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
