"""Runs a command and measures the whole process: wall time, CPU time, peak resident memory."""
import collections
import os
import resource
import select
import statistics
import subprocess
import tempfile
import time

POLL_MS = 50
Sample = collections.namedtuple('Sample', 'wall cpu rss')  # seconds, user and system seconds, MiB


def resident_peak(pid):
    """VmHWM in MiB, 0 when the process is gone."""
    try:
        with open(f'/proc/{pid}/status', encoding='ascii') as status:
            return next((int(line.split()[1]) / 1024 for line in status if line.startswith('VmHWM')), 0)
    except OSError:
        return 0


def wait_and_watch(pid):
    """The highest VmHWM seen until the process ends."""
    peak, poller = 0, select.poll()
    handle = os.pidfd_open(pid)
    poller.register(handle, select.POLLIN)
    while not poller.poll(POLL_MS):
        peak = max(peak, resident_peak(pid))
    os.close(handle)
    return peak


def run(command, statuses=(0,)):
    """Runs `command`, a list, to its end; RuntimeError when its exit status is another."""
    with tempfile.TemporaryFile() as output:
        started = time.monotonic()
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output) as child:
            peak = wait_and_watch(child.pid)
            wall = time.monotonic() - started
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in statuses:
            output.seek(0)
            raise RuntimeError(f'{command} ended with {child.returncode}:\n{output.read()[-2000:].decode()}')
    # ru_maxrss begins with what this Python had when it forked, so it counts only above that
    maximum = usage.ru_maxrss / 1024
    if maximum > 1.2 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:
        peak = max(peak, maximum)
    return Sample(wall, usage.ru_utime + usage.ru_stime, peak)


def median(samples):
    return Sample(*(statistics.median(column) for column in zip(*samples)))


def read_through(path):
    """Brings a file into the page cache."""
    with open(path, 'rb', buffering=0) as file:
        buffer = bytearray(1 << 20)
        while file.readinto(buffer):
            pass


def drop_caches():
    os.sync()
    with open('/proc/sys/vm/drop_caches', 'w', encoding='ascii') as file:
        file.write('3')
