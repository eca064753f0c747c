"""server --cluster-reset --cluster-reset-restore-path on K3s's layout, then etcd started on what is left."""

import base64
import json
import os
import pathlib
import random
import re
import shutil
import stat
import subprocess
import time

import etcd
from lab import NoSamples, check, equal, sha256, stop_clean

SUCCESS = "restart without --cluster-reset flag now"  # K3s's own line, scripts wait for it
NODE_IP = "127.0.0.1"
MARGIN = 1_000_000  # revisions beyond the last known one
TESTS = {}


class Node:
    """A K3s data directory made from fixtures."""

    def __init__(self, lab, minor):
        self.lab, self.minor = lab, minor
        self.data = lab.scratch / "k3s"
        self.db = self.data / "server/db"
        (self.db / "snapshots").mkdir(parents=True)
        lab.fixture(f"datadir-{minor}.tar").rename(self.db / "etcd")
        (self.db / "etcd/name").write_text("plain-node")
        (self.data / "server/token").write_text("K10" + "0" * 64 + "::server:made-up\n")
        for directory in (self.data / "server", self.db, self.db / "etcd", self.db / "snapshots"):
            directory.chmod(0o700)
        (self.db / "etcd/name").chmod(0o600)
        self.snapshot = lab.fixture(f"plain-{minor}.snapshot").rename(self.db / "snapshots/on-demand-n1-1795430382")
        self.truth = lab.truth(f"plain-{minor}")

    def reset(self, *flags, path=None, check_status=True, **options):
        return self.lab.run(*self.words(path), *flags, check_status=check_status, **options)

    def start_reset(self):
        """The same without waiting."""
        return subprocess.Popen([self.lab.program, *map(str, self.words())], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def words(self, path=None):
        return ["server", "--cluster-reset", f"--cluster-reset-restore-path={path or self.snapshot}", "--data-dir", self.data,
                "--node-ip", NODE_IP, "--node-name", "n1"]

    def tree(self, below=None):
        """Everything, with content and modes: what must not change."""
        root = below or self.data
        return {str(p.relative_to(root)): (stat.S_IMODE(p.lstat().st_mode), sha256(p) if p.is_file() else None) for p in root.rglob("*")}

    def server(self, minor):
        """etcd as K3s starts it: the name from the file, the initial corruption check on."""
        name = (self.db / "etcd/name").read_text()
        return self.lab.server(minor, self.db / "etcd", name, flags=[*etcd.corrupt_check_flags(minor), "--heartbeat-interval=50",
                                                                       "--election-timeout=500", "--snapshot-count=10000"])


def check_layout(node, before):
    """Names, modes and the kept former directory."""
    name = (node.db / "etcd/name").read_bytes()
    check(re.fullmatch(rb"n1-[0-9a-f]{8}", name), f"member name {name!r}")
    old = [p for p in node.db.iterdir() if re.fullmatch(r"etcd-old-\d+(-\d+)?", p.name)]
    equal(len(old), 1, "former directories")
    equal(node.tree(old[0]), before, "the former directory")
    flag = node.db / "reset-flag"
    check(flag.is_file(), "no reset-flag")
    equal(flag.read_bytes(), b"", "content of reset-flag")
    for path, mode in ((flag, 0o600), (node.db / "etcd", 0o700), (node.db / "etcd/name", 0o600), (node.db / "etcd/member", 0o700),
                       (node.db / "etcd/member/snap", 0o700), (node.db / "etcd/member/wal", 0o700), (node.db / "etcd/member/snap/db", 0o600)):
        equal(oct(stat.S_IMODE(path.stat().st_mode)), oct(mode), f"mode of {path}")
    left = {p.name for p in node.db.iterdir()} - {"etcd", old[0].name, "reset-flag", "snapshots", ".etcd-rescue"}
    check(not left, f"left in {node.db}: {left}")


def all_keys(server):
    rows = server.gateway.call("kv/range", key=etcd.b64(b"\0"), range_end=etcd.b64(b"\0")).get("kvs", [])
    return {base64.b64decode(row["key"]): base64.b64decode(row.get("value", "")) for row in rows}


def expected_keys(lab, minor, snapshot):
    """What the real etcd serves from etcdutl's restore, K3s's address list emptied."""
    lab.reference_restore(minor, snapshot, lab.scratch / "theirs", "--name=r", "--initial-cluster=r=http://127.0.0.1:1",
                          "--initial-cluster-token=x", "--initial-advertise-peer-urls=http://127.0.0.1:1")
    with lab.server(minor, lab.scratch / "theirs", "r", flags=["--heartbeat-interval=50", "--election-timeout=500"]) as reference:
        keys = all_keys(reference)
    check(b"k3s/apiaddresses" in keys, "no k3s/apiaddresses in the snapshot")
    return keys | {b"k3s/apiaddresses": b""}


def reset(lab, minor, target):
    node = Node(lab, minor)
    before, digest = node.tree(node.db / "etcd"), sha256(node.snapshot)
    result = node.reset()
    check(SUCCESS in result.stdout + result.stderr, f"no success line:\n{result.stdout}{result.stderr}")
    equal(sha256(node.snapshot), digest, "the snapshot")
    check_layout(node, before)
    lab.accepted_by_go(node.db / "etcd/member/snap/db", node_revision(lab, node))

    server = node.server(target).start()
    equal(all_keys(server), expected_keys(lab, target, node.snapshot), "keys")
    check(server.gateway.revision() >= node.truth["server"]["revision"] + MARGIN, f"revision {server.gateway.revision()}: not bumped")
    check("compacted" in server.ctl("get", "k3s/apiaddresses", "--rev=300", check=False).stderr, "an old revision is still readable")
    members = server.members()
    equal([(m["name"], m["peer_urls"]) for m in members], [(server.name, [f"https://{NODE_IP}:2380"])], "members")
    server.gateway.put("/registry/new", "value")
    stop_clean(server)
    server.start()
    equal(server.gateway.get("/registry/new"), b"value", "value after a restart")
    stop_clean(server)


def node_revision(lab, node):

    text = etcd.run(etcd.program("etcdutl-3.7"), "snapshot", "status", lab.copy(node.db / "etcd/member/snap/db"), "-w", "json").stdout
    return json.loads(text)["revision"]


def bump_off(lab):
    """--bump-revision 0: one new revision for k3s/apiaddresses and nothing else."""
    node = Node(lab, "3.6")
    node.reset("--bump-revision", "0")
    server = node.server("3.6").start()
    equal(server.gateway.revision(), node.truth["server"]["revision"] + 1, "revision")
    equal(server.gateway.get("k3s/apiaddresses"), b"", "k3s/apiaddresses")
    stop_clean(server)


def alarm(lab):
    """A snapshot taken under NOSPACE: K3s dies at every start unless the alarm goes."""
    node = Node(lab, "3.6")
    node.reset(path=lab.fixture("alarm-3.6.snapshot"))
    server = node.server("3.6").start()
    equal(server.ctl("alarm", "list").stdout, "", "alarms")
    server.gateway.put("/registry/new", "value")
    stop_clean(server)


def dry_run(lab):
    node = Node(lab, "3.6")
    before = node.tree()
    result = node.reset("--dry-run")
    equal(node.tree(), before, "the data directory after a dry run")
    check(SUCCESS not in result.stdout + result.stderr, "a dry run must not claim success")
    check(str(node.db / "etcd") in result.stdout + result.stderr, f"the plan does not name the directory:\n{result.stdout}{result.stderr}")


def refusals(lab):
    """Whatever is wrong is found before anything is moved."""
    node = Node(lab, "3.6")
    bad = lab.scratch / "bad"
    good = node.snapshot.read_bytes()
    before = node.tree()
    cases = {"a flipped bit": good[:5000] + bytes([good[5000] ^ 1]) + good[5001:], "a truncated file": good[:len(good) // 2],
             "an empty file": b"", "no trailer": good[:-32]}
    for what, data in cases.items():
        bad.write_bytes(data)
        result = node.reset(path=bad, check_status=False)
        check(result.returncode not in (0, 2), f"{what}: exit {result.returncode}\n{result.stderr}")
        equal(node.tree(), before, f"the data directory after {what}")
        check(SUCCESS not in result.stdout + result.stderr, f"{what}: success line")
    result = node.reset(path=lab.scratch / "nowhere", check_status=False)
    check(result.returncode != 0, "a missing snapshot was accepted")
    equal(node.tree(), before, "the data directory after a missing snapshot")
    without = lab.run("server", f"--cluster-reset-restore-path={node.snapshot}", "--data-dir", node.data, check_status=False)
    check(without.returncode != 0, "--cluster-reset-restore-path without --cluster-reset was accepted")
    equal(node.tree(), before, "the data directory after a usage error")


def in_use(lab):
    """A running etcd holds its locks: refuse with status 5."""
    node = Node(lab, "3.6")
    server = node.server("3.6").start()
    old = {p.name for p in node.db.iterdir()}
    equal(node.reset(check_status=False).returncode, 5, "exit status while etcd runs")
    equal({p.name for p in node.db.iterdir()}, old, "server/db while etcd runs")
    server.gateway.put("/registry/still", "here")
    stop_clean(server)


def names(lab):
    """A bare name is found in the snapshot directory, a relative path in the shell's or below server."""
    for path in ("on-demand-n1-1795430382", "db/snapshots/on-demand-n1-1795430382"):
        node = Node(lab, "3.6")
        result = node.reset(path=path, cwd=lab.scratch)
        check(SUCCESS in result.stdout + result.stderr, f"{path}: {result.stderr}")
        node.data.rename(lab.scratch / f"done-{path.count('/')}")


def twice(lab):
    """A second restore in a row works: the first one's leavings are no obstacle."""
    node = Node(lab, "3.6")
    node.reset()
    node.reset()
    old = sorted(p.name for p in node.db.iterdir() if p.name.startswith("etcd-old-"))
    equal(len(old), 2, "former directories")
    server = node.server("3.6").start()
    check(server.gateway.get("/registry/empty") == b"", "a key of the snapshot")
    stop_clean(server)


def no_old_directory(lab):
    """A new host: no db/etcd yet."""

    node = Node(lab, "3.6")
    shutil.rmtree(node.db / "etcd")
    node.reset()
    server = node.server("3.6").start()
    check(server.gateway.get("/registry/empty") == b"", "a key of the snapshot")
    stop_clean(server)


def killed(lab):
    """SIGKILL at any time: db/etcd is there all the time, old or new as a whole, and the same command works again."""
    original = Node(lab, "3.6")
    spare = lab.scratch / "spare"
    original.data.rename(spare)
    shutil.copytree(spare, original.data)
    rng, started = random.Random(11), time.monotonic()
    original.reset()
    whole = time.monotonic() - started
    for _ in range(15):
        shutil.rmtree(original.data)
        shutil.copytree(spare, original.data)
        before = original.tree(original.db / "etcd")
        delay = rng.uniform(0, whole)
        with original.start_reset() as process:
            time.sleep(delay)
            process.kill()
        now = original.tree(original.db / "etcd")
        old = [p for p in original.db.iterdir() if p.name.startswith("etcd-") and original.tree(p) == before]
        check(now == before or (old and (original.db / "etcd/member/wal").is_dir()),
              f"killed after {delay:.3f} s: neither the old nor the new directory: {sorted(p.name for p in original.db.iterdir())}")
        result = original.reset()
        check(SUCCESS in result.stdout + result.stderr, f"the reset after a kill at {delay:.3f} s:\n{result.stdout}{result.stderr}")
    server = original.server("3.6").start()
    equal(all_keys(server), expected_keys(lab, "3.6", original.snapshot), "keys")
    stop_clean(server)


def samples():
    directory = pathlib.Path(os.environ.get("RESCUE_SAMPLES", ""), "k3s")
    if not os.environ.get("RESCUE_SAMPLES") or not directory.is_dir():
        raise NoSamples("RESCUE_SAMPLES names no directory with k3s/*.tar.zst")
    return directory


def real_k3s(lab, state):
    """A directory of a real K3s, its own snapshot: every object as in etcdutl's restore; bad ones change nothing."""
    for name in (f"k3s-{state}", "k3s-snapshots"):
        subprocess.run(["tar", "--zstd", "-xf", samples() / f"{name}.tar.zst", "-C", lab.scratch], check=True)
    data, snapshots = lab.scratch / state, lab.scratch / "snapshots"
    flags = ["--data-dir", data, "--node-ip", "10.77.0.1", "--node-name", "n1"]
    config = sorted(p.name for p in (data / "server/db").iterdir())
    for bad in ("base-bitflip", "base-truncated-mod32"):
        result = lab.run("server", "--cluster-reset", f"--cluster-reset-restore-path={snapshots / bad}", *flags, check_status=False)
        check(result.returncode not in (0, 2), f"{bad}: exit {result.returncode}")
        equal(sorted(p.name for p in (data / "server/db").iterdir()), config, f"server/db after {bad}")
    result = lab.run("server", "--cluster-reset", f"--cluster-reset-restore-path={snapshots / 'base.snap'}", *flags)
    check(SUCCESS in result.stdout + result.stderr, f"no success line:\n{result.stdout}{result.stderr}")
    name = (data / "server/db/etcd/name").read_text()
    check(re.fullmatch(r"n1-[0-9a-f]{8}", name), f"member name {name!r}")
    server = lab.server("3.6", data / "server/db/etcd", name, flags=etcd.corrupt_check_flags("3.6")).start()
    equal([m["peer_urls"] for m in server.members()], [["https://10.77.0.1:2380"]], "peer URLs")
    equal(all_keys(server), expected_keys(lab, "3.6", snapshots / "base.snap"), "keys")
    check(server.gateway.count("/registry/configmaps/", "/registry/configmaps0") >= 200, "configmaps are gone")
    stop_clean(server)


for _minor, _target in (("3.5", "3.5"), ("3.5", "3.6"), ("3.6", "3.6"), ("3.7", "3.7")):
    TESTS[f"k3s-{_minor}-{_target}"] = lambda lab, m=_minor, t=_target: reset(lab, m, t)
for _function in (bump_off, alarm, dry_run, refusals, in_use, names, twice, no_old_directory, killed):
    TESTS["k3s-" + _function.__name__.replace("_", "-")] = _function
for _state in ("clean", "killed"):
    TESTS[f"real-k3s-{_state}"] = lambda lab, s=_state: real_k3s(lab, s)
