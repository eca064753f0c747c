"""What every end-to-end test needs: fixtures, the program under test, servers that end with the test."""

import hashlib
import io
import json
import lzma
import pathlib
import shutil
import tarfile

import etcd

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures"


class Failure(Exception):
    """The program under test did something wrong."""


class NoSamples(Exception):
    """Optional third-party files are not there: skipped everywhere."""


def check(condition, message):
    if not condition:
        raise Failure(message)


def equal(have, want, what):
    check(have == want, f"{what}: have {have!r}, want {want!r}")


class Lab:
    def __init__(self, program, scratch):
        self.program, self.scratch = str(pathlib.Path(program).resolve()), scratch
        self.servers = []
        self._copies = 0

    @property
    def is_ours(self):
        return not pathlib.Path(self.program).name.startswith("etcdutl")

    def fixture(self, name):
        """Path of an unpacked fixture ('plain-3.6.snapshot', 'datadir-3.4.tar')."""
        data = lzma.decompress((FIXTURES / f"{name}.xz").read_bytes())
        target = self.scratch / name
        if name.endswith(".tar"):
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                archive.extractall(self.scratch)
            return self.scratch / name.removesuffix(".tar")
        target.write_bytes(data)
        return target

    @staticmethod
    def truth(name):
        """What the real tools said of a fixture."""
        return json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))

    def run(self, *arguments, check_status=True, **options):
        return etcd.run(self.program, *arguments, check=check_status, **options)

    def restore(self, source, target, *flags):
        return self.run("snapshot", "restore", source, "--data-dir", target, *flags)

    def reference_restore(self, minor, source, target, *flags):
        """The same by the Go tool."""
        return etcd.run(etcd.program(f"etcdutl-{max(minor, '3.5')}"), "snapshot", "restore", source, "--data-dir", target, *flags)

    def server(self, *arguments, **options):
        """A server that runs until the test ends or stops it."""
        server = etcd.Server(*arguments, **options)
        self.servers.append(server)
        return server

    def end(self):
        for server in self.servers:
            if server.process is not None:
                server.kill()

    def copy(self, path):
        """A copy for a Go tool: etcdutl hashkv writes into the file it reads."""
        self._copies += 1
        return shutil.copy(path, self.scratch / f"copy-{self._copies}")

    def dump(self, db):
        """{bucket: {key: value}} as bbolt reads it, in hex."""
        content = json.loads(etcd.run(etcd.program("boltdump"), self.copy(db)).stdout)
        return {name: dict(bucket["pairs"]) for name, bucket in content.items()}

    def accepted_by_go(self, db, revision):
        """bbolt's check and etcdutl's status take the db."""
        equal(etcd.run(etcd.program("bbolt"), "check", self.copy(db)).stdout.strip(), "OK", f"bbolt check {db}")
        for minor in ("3.5", "3.6", "3.7"):
            status = json.loads(etcd.run(etcd.program(f"etcdutl-{minor}"), "snapshot", "status", self.copy(db), "-w", "json").stdout)
            equal(status["revision"], revision, f"revision by etcdutl {minor}")


def stop_clean(server):
    """etcd ends itself by the signal it got; a failed ETCD_VERIFY is a panic with status 2."""
    status = server.stop()
    check(status in (0, -15), f"etcd {server.minor} ended with {status}:\n{server.tail()}")


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def wal_bytes(directory):
    """The first segment up to its last record."""
    data = (directory / "member/wal/0000000000000000-0000000000000000.wal").read_bytes()
    at = 0
    while at + 8 <= len(data) and (field := int.from_bytes(data[at:at + 8], "little")):
        at += 8 + (field & (1 << 56) - 1) + ((field >> 56 & 7) if field >> 63 else 0)
    return data[:at]
