"""snapshot status, snapshot hashkv and verify say what the real tools and servers said."""

import json
import shutil

import etcd
from lab import FIXTURES, check, equal, stop_clean

FORMS = ("simple", "table", "json", "fields")
SNAPSHOTS = ("plain", "young", "auth", "alarm", "compacting", "three")
DIRECTORIES = ("datadir", "killed", "restored", "bumped")
TESTS = {}


def databases(lab, minor):
    """(name, path, truth) of every db of a version: snapshots, a raw copy, the db of each directory."""
    for family in SNAPSHOTS:
        yield f"{family}-{minor}", lab.fixture(f"{family}-{minor}.snapshot"), lab.truth(f"{family}-{minor}")
    yield f"raw-{minor}", lab.fixture(f"raw-{minor}.db"), lab.truth(f"raw-{minor}")
    for family in DIRECTORIES:
        if (FIXTURES / f"{family}-{minor}.json").exists():
            yield f"{family}-{minor}", lab.fixture(f"{family}-{minor}.tar") / "member/snap/db", lab.truth(f"{family}-{minor}")


def status(lab, minor):
    """Byte for byte the text of etcdutl 3.7, as recorded when the fixture was made."""
    for name, path, truth in databases(lab, minor):
        for form in FORMS:
            have = lab.run("snapshot", "status", path, "-w", form).stdout
            equal(have, truth["status_text"][form], f"status -w {form} of {name}")


def hashkv(lab, minor):
    for name, path, truth in databases(lab, minor):
        target = path if lab.is_ours else lab.copy(path)
        for form in FORMS:
            have = lab.run("snapshot", "hashkv", target, "-w", form).stdout if lab.is_ours \
                else lab.run("hashkv", target, "-w", form).stdout
            equal(have, truth["hashkv_text"][form], f"hashkv -w {form} of {name}")


def hashkv_at_revisions(lab):
    """At every revision that can be asked for, against etcdutl 3.7."""
    for name, first in (("plain-3.6", 258), ("young-3.7", 2), ("three-3.5", 2), ("compacting-3.6", 90)):
        path, last = lab.fixture(f"{name}.snapshot"), lab.truth(name)["server"]["revision"]
        for revision in sorted({*range(first, last, 17), first, first + 1, last}):
            want = json.loads(etcd.run(etcd.program("etcdutl-3.7"), "hashkv", lab.copy(path), f"--rev={revision}", "-w", "json").stdout)
            have = json.loads(lab.run("snapshot", "hashkv", path, f"--rev={revision}", "-w", "json").stdout)
            equal(have, want, f"HashKV of {name} at {revision}")
    for revision in (257, 5000):  # compacted, and not there yet
        refused = lab.run("snapshot", "hashkv", lab.fixture("plain-3.6.snapshot"), f"--rev={revision}", check_status=False)
        check(refused.returncode != 0, f"HashKV at {revision} was answered")


def etcdutl_ignores_what_we_do_not(lab):
    """etcdutl status says OK to a snapshot with a wrong trailer: ours must not."""
    path = lab.fixture("plain-3.6.snapshot")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    equal(lab.run("snapshot", "status", path, check_status=False).returncode, 3, "status of a wrong trailer")


def verify_sound(lab, minor):
    """Everything a real etcd left behind is sound."""
    for family in SNAPSHOTS:
        result = lab.run("verify", lab.fixture(f"{family}-{minor}.snapshot"), check_status=False)
        check(result.returncode == 0, f"verify of {family}-{minor}: {result.returncode}\n{result.stdout}{result.stderr}")
    raw = json.loads(lab.run("verify", "-o", "json", lab.fixture(f"raw-{minor}.db"), check_status=False).stdout)
    equal([f["code"] for f in raw["findings"] if f["severity"] != "note"], ["trailer-missing"], f"findings in raw-{minor}")
    for family in ("datadir", "killed"):
        result = lab.run("verify", lab.fixture(f"{family}-{minor}.tar"), check_status=False)
        check(result.returncode == 0, f"verify of {family}-{minor}: {result.returncode}\n{result.stdout}{result.stderr}")


def verify_restored(lab):
    """Restores by the Go tools are sound; the one of etcdctl 3.4 keeps etcd 3.6 and 3.7 from starting."""
    for minor in ("3.5", "3.6", "3.7"):
        lab.run("verify", lab.fixture(f"restored-{minor}.tar"))
    lab.run("verify", lab.fixture("bumped-3.6.tar"))
    old = lab.run("verify", "-o", "json", lab.fixture("restored-3.4.tar"), check_status=False)
    equal(old.returncode, 3, "verify of a restore by etcdctl 3.4")
    verdicts = {row["etcd"]: row["verdict"] for row in json.loads(old.stdout)["starts"]}
    equal(verdicts, {"3.4": "starts", "3.5": "starts", "3.6": "refuses", "3.7": "refuses"}, "who starts on it")


def verify_damaged_directory(lab):
    """One bit in the log, a missing segment, a cut db, a .snap of noise: each is found."""
    good = lab.fixture("datadir-3.6.tar")
    wal = sorted(good.glob("member/wal/*.wal"))[-1].relative_to(good)
    snap = sorted(good.glob("member/snap/*.snap"))[-1].relative_to(good)

    def flip(path):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    def halve(path):
        path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])

    for what, path, damage in (("log bit", wal, flip), ("no log", wal, lambda p: p.unlink()), ("db cut", "member/snap/db", halve),
                               ("no db", "member/snap/db", lambda p: p.unlink()), (".snap bit", snap, flip)):
        bad = lab.scratch / "bad"
        shutil.rmtree(bad, ignore_errors=True)
        shutil.copytree(good, bad)
        damage(bad / path)
        result = lab.run("verify", bad, check_status=False)
        check(result.returncode in (3, 4), f"verify of a directory with {what}: {result.returncode}\n{result.stdout}{result.stderr}")
        text = result.stdout + result.stderr
        name = ".wal" if what == "no log" else (bad / path).name
        check(name in text, f"verify of a directory with {what} does not name the file:\n{text}")


def starts(lab, minor):
    """Which etcd starts on a directory: every version is started on a copy of it."""
    for family in DIRECTORIES:
        if not (FIXTURES / f"{family}-{minor}.json").exists():
            continue
        directory = lab.fixture(f"{family}-{minor}.tar")
        said = json.loads(lab.run("verify", "-o", "json", directory, check_status=False).stdout)["starts"]
        for row in said:
            real = really_starts(lab, directory, row["etcd"])
            check(row["verdict"] == "may-start" or (row["verdict"] == "starts") == real,
                  f"{directory.name} with etcd {row['etcd']}: said '{row['verdict']}' {row['reasons']}, it {'starts' if real else 'does not start'}")


def really_starts(lab, directory, minor):
    """True when etcd gets healthy and serves a read; a version that hangs does not."""
    copy = lab.scratch / f"{directory.name}-on-{minor}"
    shutil.copytree(directory, copy)
    server = lab.server(minor, copy, "any", flags=etcd.corrupt_check_flags(minor)).launch()
    try:
        server.wait(timeout=20)
        server.gateway.count()
    except etcd.EtcdError:
        return False
    finally:
        if server.process.poll() is None:
            server.kill()
        shutil.rmtree(copy)
    return True


def verify_live(lab):
    """verify of a directory that an etcd writes into: it says so, disturbs nothing and does not crash."""
    server = lab.server("3.6", lab.scratch / "live", flags=["--heartbeat-interval=50", "--election-timeout=500"]).start()
    for i in range(30):
        for k in range(20):
            server.gateway.put(f"/e2e/{i}/{k}", "x" * 500)
        result = lab.run("verify", "-o", "json", server.data_dir, check_status=False)
        check(result.returncode in (0, 3), f"verify of a running member: {result.returncode}\n{result.stderr}")
        check(json.loads(result.stdout)["directory"]["in_use"], "verify does not see that the directory is in use")
    equal(server.gateway.count(), 600, "keys")
    stop_clean(server)
    equal(lab.run("verify", server.data_dir, check_status=False).returncode, 0, "verify after the stop")


TESTS["verify-live"] = verify_live
for _minor in etcd.MINORS:
    TESTS[f"starts-{_minor}"] = lambda lab, m=_minor: starts(lab, m)
    TESTS[f"status-{_minor}"] = lambda lab, m=_minor: status(lab, m)
    TESTS[f"hashkv-{_minor}"] = lambda lab, m=_minor: hashkv(lab, m)
    TESTS[f"verify-{_minor}"] = lambda lab, m=_minor: verify_sound(lab, m)
TESTS["hashkv-revisions"] = hashkv_at_revisions
TESTS["status-trailer"] = etcdutl_ignores_what_we_do_not
TESTS["verify-restored"] = verify_restored
TESTS["verify-damaged"] = verify_damaged_directory
# These compare with what was recorded: no peer is needed.
WITHOUT_PEERS = [name for name in TESTS if not name.startswith(("hashkv-revisions", "starts", "verify-live"))]
