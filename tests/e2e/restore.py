"""snapshot restore: real etcds start on the directory and find what etcdutl's restore has."""

import shutil
import time

import etcd
from lab import check, equal, sha256, stop_clean, wal_bytes

TOKEN = "e2e-token"
IGNORED_KEYS = {"cluster": ["downgrade".encode().hex()]}  # dropped by us, kept by the Go tools
TESTS = {}


def pairs():
    """Every snapshot version with every etcd that is not older."""
    return [(source, target) for source in etcd.MINORS for target in etcd.MINORS if target >= source]


def flags_of(server):
    return ["--name", server.name, "--initial-cluster", server.cluster, "--initial-cluster-token", TOKEN,
            "--initial-advertise-peer-urls", server.peer_url]


def checked_server(lab, minor, directory, name="m1", **options):
    flags = [*etcd.corrupt_check_flags(minor), "--heartbeat-interval=50", "--election-timeout=500"]
    return lab.server(minor, directory, name, flags=flags, **options)


def content(lab, directory):
    """What must be equal on both restores: everything but alarms and a downgrade's row."""
    dump = lab.dump(directory / "member/snap/db")
    dump.pop("alarm", None)
    for bucket, keys in IGNORED_KEYS.items():
        for key in keys:
            dump.get(bucket, {}).pop(key, None)
    return dump


def identity(server):
    header = server.header()
    return {"cluster": header["cluster_id"], "member": header["member_id"]}


def add_second_member(lab, first):
    """A new, empty member joins, gets everything, and both agree."""
    second = checked_server(lab, first.minor, lab.scratch / "second", "m2", state="existing")
    second.cluster = f"{first.name}={first.peer_url},m2={second.peer_url}"
    retry(lambda: first.ctl("member", "add", "m2", f"--peer-urls={second.peer_url}"))
    second.start()
    first.wait()
    for i in range(20):
        first.gateway.put(f"/e2e/joined/{i}", "x" * 100)
    equal(second.gateway.revision(), first.gateway.revision(), "revision of the second member")
    equal(second.hashkv(), first.hashkv(), "HashKV of the second member")
    equal(len(second.members()), 2, "members")
    equal(second.gateway.count(), first.gateway.count(), "keys on the second member")
    stop_clean(second)


def retry(action, seconds=20):
    """etcd refuses a member change for some seconds after a start ("unhealthy cluster")."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return action()
        except etcd.EtcdError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def use(server):
    """put, get, delete, compaction, defragmentation."""
    before = server.gateway.count()
    for i in range(50):
        server.gateway.put(f"/e2e/{i:02}", f"value {i}")
    equal(server.gateway.get("/e2e/07"), b"value 7", "value written")
    server.gateway.delete("/e2e/07")
    equal(server.gateway.get("/e2e/07"), None, "value deleted")
    equal(server.gateway.count() - before, 49, "keys added")
    server.gateway.compact(server.gateway.revision() - 5)
    server.ctl("defrag")
    equal(server.gateway.get("/e2e/08"), b"value 8", "value after defragmentation")


def one_member(lab, source, target):
    """One snapshot, our restore and etcdutl's, the same etcd on both."""
    snapshot, truth = lab.fixture(f"plain-{source}.snapshot"), lab.truth(f"plain-{source}")
    digest, revision = sha256(snapshot), truth["server"]["revision"]
    server = checked_server(lab, target, lab.scratch / "ours")
    lab.restore(snapshot, server.data_dir, *flags_of(server))
    equal(sha256(snapshot), digest, "the snapshot after a restore")
    reference = checked_server(lab, target, lab.scratch / "theirs", ports=(server.client_port, server.peer_port))
    lab.reference_restore(target, snapshot, reference.data_dir, *flags_of(server))
    equal(content(lab, server.data_dir), content(lab, reference.data_dir), "content of the db")
    lab.accepted_by_go(server.data_dir / "member/snap/db", revision)

    reference.start()
    want = identity(reference), reference.members(), reference.hashkv(revision)
    stop_clean(reference)
    server.start()
    equal((identity(server), server.members(), server.hashkv(revision)), want, "IDs, members, HashKV")
    equal(server.hashkv(revision)["hash"], truth["server"]["hashkv"]["hash"], "HashKV of the cluster the snapshot is from")
    use(server)
    stop_clean(server)
    server.start()
    equal(server.gateway.get("/e2e/09"), b"value 9", "value after a restart")
    add_second_member(lab, server)
    stop_clean(server)


def three_members(lab, source, target):
    """Three restores of one snapshot with one initial cluster and token form a cluster."""
    snapshot, truth = lab.fixture(f"three-{source}.snapshot"), lab.truth(f"three-{source}")
    ports = [etcd.free_ports(2) for _ in range(3)]
    cluster = ",".join(f"m{i}=http://127.0.0.1:{pair[1]}" for i, pair in enumerate(ports))
    servers = [checked_server(lab, target, lab.scratch / f"m{i}", f"m{i}", ports=pair, cluster=cluster)
               for i, pair in enumerate(ports)]
    for server in servers:
        lab.restore(snapshot, server.data_dir, *flags_of(server))
    dumps = [lab.dump(server.data_dir / "member/snap/db") for server in servers]
    equal(dumps[1:], dumps[:-1], "content of the three restores")
    start_together(servers)
    revision = truth["server"]["revision"]
    for server in servers:
        equal(server.hashkv(revision)["hash"], truth["server"]["hashkv"]["hash"], f"HashKV on {server.name}")
    equal([m["name"] for m in sorted(servers[0].members(), key=lambda m: m["name"])], ["m0", "m1", "m2"], "members")
    servers[0].gateway.put("/e2e/three", "written on one")
    equal(servers[2].gateway.get("/e2e/three"), b"written on one", "value on another member")
    equal(len({s.header()["cluster_id"] for s in servers}), 1, "cluster IDs")
    for server in servers:
        server.kill()
        server.flags = []  # a check of three at once waits for peers that wait too
    start_together(servers)  # from their own logs now
    equal(servers[1].gateway.get("/e2e/three"), b"written on one", "value after a restart of all")


def start_together(servers):
    for server in servers:
        server.launch()
    for server in servers:
        server.wait()


def alarm(lab, minor):
    """A NOSPACE alarm of the dead member must not stop writes."""
    server = checked_server(lab, minor, lab.scratch / "ours")
    lab.restore(lab.fixture(f"alarm-{minor}.snapshot"), server.data_dir, *flags_of(server))
    server.start()
    equal(server.ctl("alarm", "list").stdout, "", "alarms")
    server.gateway.put("/e2e/alarm", "written")
    stop_clean(server)


def auth(lab, minor):
    """Users, roles and passwords are as they were."""
    server = checked_server(lab, minor, lab.scratch / "ours")
    lab.restore(lab.fixture(f"auth-{minor}.snapshot"), server.data_dir, *flags_of(server))
    server.start()
    check(server.ctl("put", "/app/1", "x", check=False).returncode != 0, "a write without a user was accepted")
    server.user = "alice:alicepw"
    equal(server.ctl("get", "/app/7", "--print-value-only").stdout.strip(), "value 7", "value read by alice")
    check(server.ctl("put", "/app/7", "x", check=False).returncode != 0, "alice may only read")
    server.user = "root:rootpw"
    server.ctl("put", "/app/7", "new")
    stop_clean(server)


def bump(lab, minor):
    """--bump-revision: the same rows as etcdutl writes, and an old watcher is told to start anew."""
    snapshot, truth = lab.fixture(f"plain-{minor}.snapshot"), lab.truth(f"plain-{minor}")
    server = checked_server(lab, minor, lab.scratch / "ours")
    flags = [*flags_of(server), "--bump-revision", "1000000", "--mark-compacted"]
    lab.restore(snapshot, server.data_dir, *flags)
    lab.reference_restore(minor, snapshot, lab.scratch / "theirs", *flags)
    equal(content(lab, server.data_dir), content(lab, lab.scratch / "theirs"), "content of the db")
    server.start()
    check(server.gateway.revision() >= truth["server"]["revision"] + 1000000, f"revision {server.gateway.revision()}")
    old = server.ctl("get", "k3s/apiaddresses", "--rev=300", check=False)
    check("compacted" in old.stderr, f"an old revision is still readable: {old.stdout}")
    equal(server.gateway.get("k3s/apiaddresses"), b"127.0.0.1:6443", "a value after the bump")
    use(server)
    stop_clean(server)


def pending_compaction(lab, minor):
    """A compaction that was cut short goes on and ends."""
    truth = lab.truth(f"compacting-{minor}")
    server = checked_server(lab, minor, lab.scratch / "ours")
    lab.restore(lab.fixture(f"compacting-{minor}.snapshot"), server.data_dir, *flags_of(server))
    server.start()
    equal(server.hashkv(truth["server"]["revision"])["hash"], truth["server"]["hashkv"]["hash"], "HashKV")
    use(server)
    stop_clean(server)


def raw_copy(lab, minor):
    """A db without trailer: refused without --skip-hash-check, nothing left, then taken."""
    source, target = lab.fixture(f"raw-{minor}.db"), lab.scratch / "ours"
    server = checked_server(lab, minor, target)
    refused = lab.run("snapshot", "restore", source, "--data-dir", target, *flags_of(server), check_status=False)
    check(refused.returncode != 0, "a db without trailer was taken without --skip-hash-check")
    if lab.is_ours:
        check(not target.exists(), "the refused restore left its target behind")
    else:
        shutil.rmtree(target)
    lab.restore(source, target, *flags_of(server), "--skip-hash-check")
    server.start()
    equal(server.hashkv(0)["hash"], lab.truth(f"raw-{minor}")["server"]["hashkv"]["hash"], "HashKV")
    stop_clean(server)


def wal_bytes_equal(lab):
    """With equal flags the log is byte for byte that of etcdutl 3.6, for one member and for three."""
    snapshot = lab.fixture("plain-3.6.snapshot")
    one = ["--name", "default", "--initial-cluster", "default=http://localhost:2380", "--initial-cluster-token", "etcd-cluster",
           "--initial-advertise-peer-urls", "http://localhost:2380"]
    three = ["--name", "b", "--initial-cluster", "a=http://10.0.0.1:2380,b=http://10.0.0.2:2380,c=http://10.0.0.3:2380",
             "--initial-cluster-token", "tok", "--initial-advertise-peer-urls", "http://10.0.0.2:2380"]
    for name, flags in (("one", one), ("three", three)):
        lab.restore(snapshot, lab.scratch / f"ours-{name}", *flags)
        lab.reference_restore("3.6", snapshot, lab.scratch / f"theirs-{name}", *flags)
        equal(wal_bytes(lab.scratch / f"ours-{name}"), wal_bytes(lab.scratch / f"theirs-{name}"), f"log of {name}")
        equal(content(lab, lab.scratch / f"ours-{name}"), content(lab, lab.scratch / f"theirs-{name}"), f"db of {name}")


def page_sizes(lab):
    """Other page sizes than the source's, smallest and greatest: etcd reads and writes them."""
    snapshot, truth = lab.fixture("plain-3.6.snapshot"), lab.truth("plain-3.6")
    for size in (1024, 16384, 65536):
        server = checked_server(lab, "3.6", lab.scratch / f"pages-{size}")
        lab.restore(snapshot, server.data_dir, *flags_of(server), "--page-size", size)
        lab.accepted_by_go(server.data_dir / "member/snap/db", truth["server"]["revision"])
        server.start()
        equal(server.hashkv(truth["server"]["revision"])["hash"], truth["server"]["hashkv"]["hash"], f"HashKV with pages of {size}")
        use(server)
        stop_clean(server)


def separate_wal_dir(lab):
    server = checked_server(lab, "3.6", lab.scratch / "ours", verify=False)  # ETCD_VERIFY only looks inside the data directory
    wal = lab.scratch / "wal"
    lab.restore(lab.fixture("plain-3.6.snapshot"), server.data_dir, *flags_of(server), "--wal-dir", wal)
    server.flags.append(f"--wal-dir={wal}")
    server.start()
    use(server)
    stop_clean(server)


def tokens(lab):
    """One member and no token: a cluster of its own each time. Several and no token: a usage error."""
    snapshot = lab.fixture("young-3.6.snapshot")
    logs = []
    for name in ("a", "b"):
        lab.restore(snapshot, lab.scratch / name)
        logs.append(wal_bytes(lab.scratch / name))
    check(logs[0] != logs[1], "two restores without a token got the same IDs")
    several = lab.run("snapshot", "restore", snapshot, "--data-dir", lab.scratch / "c", "--name", "a", "--initial-cluster",
                      "a=http://10.0.0.1:2380,b=http://10.0.0.2:2380", "--initial-advertise-peer-urls", "http://10.0.0.1:2380",
                      check_status=False)
    equal(several.returncode, 2, "exit status of several members without a token")
    check(not (lab.scratch / "c").exists(), "a usage error left its target behind")


def _register():
    for source, target in pairs():
        TESTS[f"one-{source}-{target}"] = lambda lab, s=source, t=target: one_member(lab, s, t)
        if target in (source, etcd.MINORS[-1]):
            TESTS[f"three-{source}-{target}"] = lambda lab, s=source, t=target: three_members(lab, s, t)
    for name, function in (("alarm", alarm), ("auth", auth), ("compacting", pending_compaction), ("raw", raw_copy)):
        for minor in etcd.MINORS:
            TESTS[f"{name}-{minor}"] = lambda lab, f=function, m=minor: f(lab, m)
    for minor in ("3.5", "3.6", "3.7"):
        TESTS[f"bump-{minor}"] = lambda lab, m=minor: bump(lab, m)
    TESTS["wal-bytes"] = wal_bytes_equal
    TESTS["wal-dir"] = separate_wal_dir
    TESTS["tokens"] = tokens
    TESTS["page-sizes"] = page_sizes


_register()
