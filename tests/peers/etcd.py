"""Starts and asks the real etcds that tests/peers/build made. Loopback only, random ports."""

import base64
import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

MINORS = ("3.4", "3.5", "3.6", "3.7")
START_TIMEOUT = 60  # seconds; the machine may be busy
_PR_SET_PDEATHSIG = 1


class MissingPeer(Exception):
    """A program that tests/peers/build makes is not there."""


class EtcdError(Exception):
    """A real program failed where the test needs it to work."""


def peers_dir():
    default = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "etcd-rescue/peers"
    return pathlib.Path(os.environ.get("RESCUE_PEERS") or default)


def program(name):
    """Path of a peer such as 'etcd-3.6', 'etcdutl-3.7', 'bbolt'."""
    path = peers_dir() / "bin" / name
    if not path.exists():
        raise MissingPeer(f"{path}: not there; tests/peers/build makes it")
    return str(path)


def clean_environment(**extra):
    """The environment without etcd's own variables: a flag's variable would win over its default."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("ETCD_", "ETCDCTL_"))}
    return env | {"ETCDCTL_API": "3", "GOMAXPROCS": "2"} | extra


def run(*command, check=True, timeout=120, **options):
    """Run a peer; returns the finished process with text output."""
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True, errors="backslashreplace",
                            timeout=timeout, stdin=subprocess.DEVNULL, env=clean_environment(), check=False, **options)
    if check and result.returncode != 0:
        raise EtcdError(f"{' '.join(map(str, command))}: exit {result.returncode}\n{result.stdout}{result.stderr}")
    return result


def free_ports(count):
    """Free ports below the range from which the kernel takes those of outgoing connections."""
    ports = []
    while len(ports) < count:
        port = random.randrange(20000, 32000)
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            if port not in ports:
                ports.append(port)
    return ports


def _die_with_parent():
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def corrupt_check_flags(minor):
    """The initial corruption check under the name it has in this version."""
    if minor in ("3.4", "3.5"):
        return ["--experimental-initial-corrupt-check=true"]
    return ["--feature-gates=InitialCorruptCheck=true"]


def fast_flags(minor):
    """No fsync, short elections: for making data, where no machine will lose power."""
    return ([] if minor == "3.4" else ["--unsafe-no-fsync"]) + ["--heartbeat-interval=50", "--election-timeout=500"]


def slow_compaction_flags(minor):
    """Compaction of one revision a batch, so that it can be caught unfinished."""
    prefix = "--experimental-" if minor in ("3.4", "3.5") else "--"
    return [f"{prefix}compaction-batch-limit=1"] + ([] if minor == "3.4" else [f"{prefix}compaction-sleep-interval=5s"])


class Gateway:
    """etcd's JSON gateway over one kept connection: a thousand puts take a second."""

    def __init__(self, port):
        self._port = port
        self._connection = None

    def call(self, path, **body):
        data = json.dumps(body)
        for attempt in (1, 2):
            try:
                if self._connection is None:
                    self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
                self._connection.request("POST", f"/v3/{path}", data, {"Content-Type": "application/json"})
                response = self._connection.getresponse()
                text = response.read()
                break
            except (http.client.HTTPException, OSError):
                self._connection = None
                if attempt == 2:
                    raise
        if response.status != 200:
            raise EtcdError(f"{path}: HTTP {response.status} {text.decode(errors='replace')}")
        return json.loads(text)

    def put(self, key, value, lease=0):
        return self.call("kv/put", **put_request(key, value, lease))

    def delete(self, key, end=None):
        return self.call("kv/deleterange", **delete_request(key, end))

    def txn(self, *operations):
        return self.call("kv/txn", compare=[], success=list(operations), failure=[])

    def compact(self, revision, physical=True):
        return self.call("kv/compaction", revision=str(revision), physical=physical)

    def grant(self, lease_id, seconds):
        return self.call("lease/grant", ID=str(lease_id), TTL=str(seconds))

    def get(self, key):
        """Value of a key, None when it is not there."""
        found = self.call("kv/range", key=b64(key)).get("kvs", [])
        return base64.b64decode(found[0].get("value", "")) if found else None

    def revision(self):
        return int(self.call("kv/range", key=b64(b"\0"))["header"]["revision"])

    def count(self, start=b"\0", end=b"\0"):
        return int(self.call("kv/range", key=b64(start), range_end=b64(end), count_only=True).get("count", 0))


def b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def put_request(key, value, lease=0):
    request = {"key": b64(key), "value": b64(value)}
    return request | ({"lease": str(lease)} if lease else {})


def delete_request(key, end=None):
    request = {"key": b64(key)}
    return request | ({"range_end": b64(end)} if end is not None else {})


class Server:
    """One real etcd on a data directory. Use as a context manager; leaves by SIGTERM."""

    def __init__(self, minor, data_dir, name="default", *, ports=None, cluster=None, state="new", token=None,
                 verify=True, flags=()):
        self.minor, self.data_dir, self.name = minor, pathlib.Path(data_dir), name
        self.client_port, self.peer_port = ports or free_ports(2)
        self.cluster = cluster or f"{name}={self.peer_url}"
        self.state, self.token, self.verify, self.flags = state, token, verify, list(flags)
        self.log = self.data_dir.with_name(self.data_dir.name + f".{name}.log")
        self.process = None
        self.gateway = Gateway(self.client_port)
        self.user = None

    @property
    def peer_url(self):
        return f"http://127.0.0.1:{self.peer_port}"

    @property
    def client_url(self):
        return f"http://127.0.0.1:{self.client_port}"

    def command(self):
        command = [program(f"etcd-{self.minor}"), f"--name={self.name}", f"--data-dir={self.data_dir}",
                   f"--listen-client-urls={self.client_url}", f"--advertise-client-urls={self.client_url}",
                   f"--listen-peer-urls={self.peer_url}", f"--initial-advertise-peer-urls={self.peer_url}",
                   f"--initial-cluster={self.cluster}", f"--initial-cluster-state={self.state}",
                   "--logger=zap", "--log-outputs=stderr"]
        if self.token:
            command.append(f"--initial-cluster-token={self.token}")
        return command + self.flags

    def launch(self):
        """Start without waiting."""
        env = clean_environment(**({"ETCD_VERIFY": "all"} if self.verify else {}))
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=env, preexec_fn=_die_with_parent)
        self.gateway = Gateway(self.client_port)
        return self

    def start(self, healthy=True):
        self.launch()
        self.wait(healthy)
        return self

    def wait(self, healthy=True, timeout=START_TIMEOUT):
        """Until /health answers (and says true); raises with the end of the log otherwise."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise EtcdError(f"etcd {self.minor} ended with status {self.process.returncode}:\n{self.tail()}")
            if self._health() in ((True,) if healthy else (True, False)):
                return
            time.sleep(0.05)
        raise EtcdError(f"etcd {self.minor} did not get healthy in {timeout} s:\n{self.tail()}")

    def _health(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.client_port, timeout=5)
        try:
            connection.request("GET", "/health")
            return json.loads(connection.getresponse().read()).get("health") == "true"
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    def stop(self):
        """SIGTERM; returns the exit status (a failed ETCD_VERIFY at the end shows here)."""
        return self._end(signal.SIGTERM)

    def kill(self):
        return self._end(signal.SIGKILL)

    def _end(self, number):
        if self.process is None:
            return None
        self.process.send_signal(number)
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise EtcdError(f"etcd {self.minor} did not end:\n{self.tail()}") from None
        self.process = None
        return status

    def tail(self, lines=15):
        with contextlib.suppress(OSError):
            return "\n".join(line[:600] for line in self.log.read_text(errors="replace").splitlines()[-lines:])
        return "(no log)"

    def ctl(self, *arguments, check=True):
        user = [f"--user={self.user}"] if self.user else []
        return run(program(f"etcdctl-{self.minor}"), f"--endpoints={self.client_url}", "--command-timeout=30s",
                   *user, *arguments, check=check)

    def ctl_json(self, *arguments):
        return json.loads(self.ctl(*arguments, "-w", "json").stdout)

    def hashkv(self, revision=0):
        """{'hash', 'compact_revision', 'revision'} of the server's own answer."""
        answer = self.ctl_json("endpoint", "hashkv", f"--rev={revision}")[0]["HashKV"]
        return {"hash": answer["hash"], "compact_revision": answer["compact_revision"],
                "revision": revision or answer["header"]["revision"]}

    def members(self):
        """[{'id', 'name', 'peer_urls', 'client_urls', 'learner'}] in ID order."""
        rows = self.ctl_json("member", "list").get("members", [])
        return sorted(({"id": m["ID"], "name": m.get("name", ""), "peer_urls": sorted(m.get("peerURLs", [])),
                        "client_urls": sorted(m.get("clientURLs", [])), "learner": bool(m.get("isLearner"))}
                       for m in rows), key=lambda m: m["id"])

    def header(self):
        return self.ctl_json("endpoint", "status")[0]["Status"]["header"]

    def snapshot(self, path):
        self.ctl("snapshot", "save", path)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        if self.process is not None:
            if kind is None:
                self.stop()
            else:
                self.kill()
