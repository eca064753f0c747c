"""Flipped bits: what is called clean must read through bbolt as it does after a restore, and nothing may be made of the rest."""

import json
import random
import shutil
import sys
from pathlib import Path

import etcd
from lab import check, equal

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "corpus"))
import bolt_image as bolt  # noqa: E402

FLIPS = 100
HEADS = 120  # bytes of a page where most structure is
TESTS = {}


def bases(lab):
    """The real snapshot and the same content in 1 KiB pages, which is deeper."""
    image = bolt.Image(lab.fixture("plain-3.6.snapshot").read_bytes())
    return [(bytes(image.data), 4096), (bolt.Builder(1024).build(image.tree()), 1024)]


def flipped(rng, base, page_size):
    """One bit changed, more often near the start of a page; the trailer is right."""
    at = rng.randrange(len(base))
    if rng.random() < 0.6:
        at = at // page_size * page_size + rng.randrange(HEADS)
    data = bytearray(base)
    data[at] ^= 1 << rng.randrange(8)
    return at, bolt.with_trailer(data)


def kept_rows(lab, db):
    """What a restore does not change."""
    content = {name: dict(bucket["pairs"]) for name, bucket in json.loads(etcd.run(etcd.program("boltdump"), db).stdout).items()}
    for name in ("members", "members_removed", "alarm"):
        content.pop(name, None)
    for key in (b"consistent_index", b"term", b"confState"):
        content.get("meta", {}).pop(key.hex(), None)
    return content


def flips(lab):
    rng, source, target = random.Random(31), lab.scratch / "flipped", lab.scratch / "restored"
    both, clean = bases(lab), 0
    for number in range(FLIPS):
        at, data = flipped(rng, *both[number % 2])
        source.write_bytes(data)
        verdict = lab.run("verify", source, check_status=False).returncode
        check(verdict in (0, 3), f"a bit at {at}: verify gives {verdict}")
        restored = lab.run("snapshot", "restore", source, "--data-dir", target, check_status=False).returncode == 0
        check(restored or verdict == 3, f"a bit at {at}: clean, but not restored")
        check(restored or not target.exists(), f"a bit at {at}: the refused restore left its target behind")
        if restored:
            equal(kept_rows(lab, target / "member/snap/db"), kept_rows(lab, source), f"rows after a bit at {at}")
            shutil.rmtree(target)
        clean += verdict == 0
    check(0 < clean < FLIPS, f"{clean} of {FLIPS} are clean: this proves nothing")


TESTS["flips"] = flips
