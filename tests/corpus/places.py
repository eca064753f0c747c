"""Bad places: sources that are no files, targets that cannot be written."""

import contextlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

NOBODY = 65534
CHECKS = {}


class Skip(Exception):
    """The machine does not let this be tested."""


def check(function):
    CHECKS[function.__name__.replace("_", "-")] = function
    return function


def refused(judge, source, statuses, **options):
    """verify, status and restore of a source that cannot be read."""
    problems = []
    for what, arguments in (("verify", ["verify", source]), ("status", ["snapshot", "status", source])):
        problems += judge.expect(what, judge.run(*arguments, **options), statuses, pathlib.Path(source).name, False)
    with tempfile.TemporaryDirectory(dir=judge.scratch) as parent:
        if "user" in options:
            os.chmod(parent, 0o777)
        for flags in ([], ["--skip-hash-check"]):
            result = judge.run("snapshot", "restore", source, "--data-dir", f"{parent}/data", *flags, **options)
            problems += judge.expect("restore", result, (1, 2, 3, 4, 5), pathlib.Path(source).name, False)
            if os.listdir(parent):
                problems.append(f"restore: left behind: {os.listdir(parent)}")
    return problems


@check
def source_missing(judge, sound, scratch):
    return refused(judge, scratch / "nothing-here", (1, 2, 4))


@check
def source_directory(judge, sound, scratch):
    empty = scratch / "empty-directory"
    empty.mkdir()
    return refused(judge, empty, (1, 2, 3, 4, 5))


@check
def source_fifo(judge, sound, scratch):
    os.mkfifo(scratch / "fifo")
    return refused(judge, scratch / "fifo", (1, 2, 3, 4, 5))


@check
def source_socket(judge, sound, scratch):
    import socket
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(scratch / "socket"))
        return refused(judge, scratch / "socket", (1, 2, 3, 4, 5))


@check
def source_dev_null(judge, sound, scratch):
    return refused(judge, "/dev/null", (1, 2, 3, 4, 5))


@check
def source_dev_zero(judge, sound, scratch):
    return refused(judge, "/dev/zero", (1, 2, 3, 4, 5))


@check
def source_link_loop(judge, sound, scratch):
    (scratch / "loop").symlink_to("loop")
    return refused(judge, scratch / "loop", (1, 2, 4))


@check
def source_unreadable(judge, sound, scratch):
    """Mode 000; as another user when root, whom modes do not stop."""
    user = {"user": NOBODY} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="rescue-open.") as directory:
        os.chmod(directory, 0o755)
        source = pathlib.Path(directory) / "unreadable"
        shutil.copy(sound, source)
        os.chmod(source, 0)
        os.chmod(judge.scratch, 0o755)
        if user and subprocess.run([judge.program, "--help"], user=NOBODY, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, check=False).returncode == 126:
            raise Skip("the program cannot be run by another user here")
        return refused(judge, source, (1, 4, 5), **user)


def restore_into(judge, sound, target, *flags):
    return judge.run("snapshot", "restore", sound, "--data-dir", target, *flags)


def tree(path):
    """Everything below a directory, with content."""
    return {str(p.relative_to(path)): p.read_bytes() if p.is_file() else None for p in sorted(path.rglob("*"))}


@check
def target_not_empty(judge, sound, scratch):
    target = scratch / "busy"
    (target / "member/snap").mkdir(parents=True)
    (target / "member/snap/db").write_bytes(b"the only copy")
    before = tree(target)
    problems = judge.expect("restore", restore_into(judge, sound, target), (1, 2, 5), "busy", False)
    return problems + ([] if tree(target) == before else ["target changed"])


@check
def target_is_file(judge, sound, scratch):
    target = scratch / "file"
    target.write_bytes(b"the only copy")
    problems = judge.expect("restore", restore_into(judge, sound, target), (1, 2, 5), "file", False)
    return problems + ([] if target.read_bytes() == b"the only copy" else ["target changed"])


@check
def target_empty(judge, sound, scratch):
    target = scratch / "empty-target"
    target.mkdir()
    result = restore_into(judge, sound, target)
    problems = judge.expect("restore", result, (0,), "", False)
    return problems or judge.restored(target)


@check
def target_lost_found(judge, sound, scratch):
    """A mounted, empty volume holds lost+found."""
    target = scratch / "volume"
    (target / "lost+found").mkdir(parents=True)
    problems = judge.expect("restore", restore_into(judge, sound, target), (0, 5), "", False)
    return problems + ([] if (target / "lost+found").is_dir() else ["lost+found is gone"])


@check
def target_parent_missing(judge, sound, scratch):
    """etcdutl makes the parents (MkdirAll)."""
    target = scratch / "a/b/c"
    return judge.expect("restore", restore_into(judge, sound, target), (0, 1, 2, 5), "", False)


@contextlib.contextmanager
def mounted(scratch, options):
    """A small tmpfs; needs root."""
    if os.geteuid() != 0:
        raise Skip("mounting needs root")
    point = pathlib.Path(tempfile.mkdtemp(dir=scratch))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", point], check=False, stderr=subprocess.DEVNULL).returncode:
        raise Skip("no mounts in this container")
    try:
        yield point
    finally:
        subprocess.run(["umount", "-l", point], check=True)


def small_target(judge, sound, scratch, options):
    with mounted(scratch, options) as point:
        problems = judge.expect("restore", restore_into(judge, sound, point / "data"), (1, 5), "", False)
        left = sorted(p.name for p in point.rglob("*"))
        return problems + ([f"left behind: {left}"] if left else [])


@check
def target_disk_full(judge, sound, scratch):
    """Less room than the db needs."""
    return small_target(judge, sound, scratch, "size=128k")


@check
def target_disk_nearly_full(judge, sound, scratch):
    """Room for the db, none for both of log and snap file."""
    target = scratch / "measured"
    if (result := restore_into(judge, sound, target)).status != 0:
        return [f"cannot measure: {result.last_line()}"]
    pages = -(-(target / "member/snap/db").stat().st_size // 4096)
    return small_target(judge, sound, scratch, f"size={(pages + 1) * 4}k")


@check
def target_no_inodes(judge, sound, scratch):
    return small_target(judge, sound, scratch, "size=64m,nr_inodes=4")


@check
def target_read_only(judge, sound, scratch):
    return small_target(judge, sound, scratch, "size=1m,ro")


@check
def output_full(judge, sound, scratch):
    """A result that cannot be printed is a failure."""
    result = subprocess.run([judge.program, "snapshot", "status", sound], stdout=open("/dev/full", "wb"),
                            stderr=subprocess.PIPE, check=False, timeout=judge.timeout)
    return [] if result.returncode == 1 else [f"exit {result.returncode} though stdout is full"]


# Runs that are disturbed under way

def big(scratch):
    """A snapshot that takes some tens of milliseconds, made once in a process of its own."""
    path = scratch / "big"
    if not path.exists():
        make = pathlib.Path(__file__).resolve().parent / "make"
        subprocess.run([sys.executable, make, "--big", path], check=True)
    return path


@check
def big_file(judge, sound, scratch):
    """Memory does not grow with the file."""
    source, problems = big(scratch), []
    for words in (["verify", source], ["snapshot", "status", source], ["snapshot", "hashkv", source],
                  ["snapshot", "restore", source, "--data-dir", scratch / "from-big"]):
        problems += judge.expect(words[-1].name, judge.run(*words), (0,), "", False)
    return problems or judge.restored(scratch / "from-big")


def disturbed(judge, source, parent, disturb, delay):
    """Start a restore, disturb it after a while; returns its exit status (negative: signal)."""
    with subprocess.Popen([judge.program, "snapshot", "restore", source, "--data-dir", parent / "data"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(delay)
        disturb(process)
        return process.wait(judge.timeout)


def delays(judge, source, count=8):
    """Moments spread over the time that one undisturbed restore takes, in a fixed order."""
    with tempfile.TemporaryDirectory(dir=judge.scratch) as parent:
        started = time.monotonic()
        restore_into(judge, source, f"{parent}/data")
        whole = time.monotonic() - started
    rng = random.Random(7)
    return [rng.uniform(0, whole) for _ in range(count)]


def after_disturbance(judge, source, parent, what):
    """A target that is there is whole; one that is not can be made."""
    target = parent / "data"
    if target.exists():
        return [f"{what}: {p}" for p in judge.restored(target)]
    result = restore_into(judge, source, target)
    return [] if result.status == 0 else [f"{what}: the next restore: {result.status}: {result.last_line()}"]


@check
def run_interrupted(judge, sound, scratch):
    """SIGINT and SIGTERM: documented status 6, or done; nothing is left of a run that did not end."""
    source, problems = big(scratch), []
    for number in (signal.SIGINT, signal.SIGTERM):
        for delay in delays(judge, source, 4):
            with tempfile.TemporaryDirectory(dir=scratch) as parent:
                status = disturbed(judge, source, pathlib.Path(parent), lambda p, n=number: p.send_signal(n), delay)
                if status not in (0, 6, -number):  # by the signal itself: before the program asked for it
                    problems.append(f"{number.name} after {delay:.3f} s: exit {status}")
                if status and os.listdir(parent):
                    problems.append(f"{number.name} after {delay:.3f} s: left {os.listdir(parent)}")
                problems += after_disturbance(judge, source, pathlib.Path(parent), number.name)
    return problems


@check
def run_killed(judge, sound, scratch):
    """SIGKILL at any time: the target is whole or not there, and the same command works again."""
    source, problems = big(scratch), []
    for delay in delays(judge, source):
        with tempfile.TemporaryDirectory(dir=scratch) as parent:
            disturbed(judge, source, pathlib.Path(parent), lambda p: p.kill(), delay)
            problems += after_disturbance(judge, source, pathlib.Path(parent), f"SIGKILL after {delay:.3f} s")
    return problems


@check
def source_shrinks(judge, sound, scratch):
    """A file that is cut while it is read: an error, not a signal, and nothing left."""
    problems = []
    for delay in delays(judge, big(scratch), 4):
        with tempfile.TemporaryDirectory(dir=scratch) as parent:
            source = pathlib.Path(parent) / "source"
            shutil.copy(big(scratch), source)
            (target := pathlib.Path(parent) / "to").mkdir()
            status = disturbed(judge, source, target, lambda p, s=source: os.truncate(s, 10 << 20), delay)
            if status < 0 or status in (2, 6):
                problems.append(f"cut after {delay:.3f} s: exit {status}")
            if status and os.listdir(target):
                problems.append(f"cut after {delay:.3f} s: left {os.listdir(target)}")
            if status == 0:
                problems += [f"cut after {delay:.3f} s: {p}" for p in judge.restored(target / "data")]
    return problems
