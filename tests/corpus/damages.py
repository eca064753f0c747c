"""The damages: name, what was done, the verdict of a sound tool, and the bytes.

Bases are a real snapshot and the same content rebuilt with 1 KiB pages, whose `key` bucket is three levels
deep. Unless the trailer itself is the subject it is computed anew, so that the damage is the only one.
"""

import dataclasses
import gzip
import io
import json
import lzma
import random
import struct
import tarfile
import zipfile

import bolt_image as bolt
from verdict import (BARE, BROKEN, CONTENT, CURED, CURED_OR_REFUSED, HASH, NOT_A_DB, OTHER, SOUND, SUSPECT, TASTE)

HUGE = 1 << 63
MARK = b"t"  # behind the revision of a tombstone


class Bases:
    def __init__(self, snapshot, other):
        self.snapshot, self.other = snapshot, other  # two real snapshots
        self.tree = bolt.Image(snapshot).tree()
        self.deep_db = bolt.Builder(1024).build(self.tree)

    def image(self):
        return bolt.Image(self.snapshot)

    def deep(self):
        return bolt.Image(self.deep_db, has_trailer=False)

    def rebuilt(self, edit, **builder):
        """The content after `edit(tree)`, written anew."""
        tree = {name: dict(pairs) for name, pairs in self.tree.items()}
        edit(tree)
        return bolt.with_trailer(bolt.Builder(**builder).build(tree))


def edited(image):
    return bolt.with_trailer(image.data)


CASES = []  # (name, what, verdict, function of the bases that gives the bytes)


def case(name, what, verdict):
    def add(function):
        CASES.append((name, what, verdict, function))
        return function
    return add


def add(name, what, verdict, function):
    CASES.append((name, what, verdict, function))


# Sound files: a tool that finds fault with everything is no use either

add("sound", "the real snapshot itself", SOUND, lambda b: b.snapshot)
add("sound-1k", "the same content in 1 KiB pages, small buckets not inline", SOUND, lambda b: edited(b.deep()))
add("sound-16k", "the same content in 16 KiB pages", SOUND, lambda b: b.rebuilt(lambda t: None, page_size=16384))
add("sound-64k", "the same content in 64 KiB pages", SOUND, lambda b: b.rebuilt(lambda t: None, page_size=65536))
add("sound-other-meta", "meta 1 is the newer one", SOUND, lambda b: _meta1_newer(b))


def _meta1_newer(bases):
    image = bases.image()
    image.set_meta(0, txid=image.meta(1)["txid"] - 1)
    return edited(image)


# The file as a whole

add("empty", "0 bytes", NOT_A_DB, lambda b: b"")
add("one-byte", "1 byte", NOT_A_DB, lambda b: b"\xed")
add("one-page", "the first page only", NOT_A_DB, lambda b: b.snapshot[:4096])
add("two-pages", "the two metas only", BROKEN, lambda b: b.snapshot[:8192])
add("random", "64 KiB of noise", NOT_A_DB, lambda b: random.Random(1).randbytes(65536))
add("zeros", "64 KiB of zeros", NOT_A_DB, lambda b: bytes(65536))
add("text", "a text file", NOT_A_DB, lambda b: b"this is not a snapshot\n" * 500)
for _name, _cut in (("half", lambda n: n // 8192 * 4096), ("last-page", lambda n: n // 4096 * 4096 - 4096),
                    ("random", lambda n: n * 2 // 3 + 1234), ("fake-trailer", lambda n: n // 1024 * 512 + 32)):
    add(f"cut-{_name}", "cut: the end is missing", BROKEN, lambda b, cut=_cut: b.snapshot[:cut(len(b.snapshot))])
add("tail-zeroed", "the last quarter is zeros, trailer too", BROKEN,
    lambda b: b.snapshot[:len(b.snapshot) * 3 // 4] + bytes(len(b.snapshot) - len(b.snapshot) * 3 // 4))
add("trailer-zeroed", "trailer of 32 zeros", HASH, lambda b: b.snapshot[:-32] + bytes(32))
add("trailer-bit", "one bit of the trailer flipped", HASH, lambda b: flipped(b.snapshot, len(b.snapshot) - 5, 3))
add("trailer-missing", "no trailer", BARE, lambda b: b.snapshot[:-32])
add("trailer-other", "trailer of another snapshot", HASH, lambda b: b.snapshot[:-32] + b.other[-32:])
add("trailer-cut", "trailer of 16 bytes", BARE, lambda b: b.snapshot[:-16])
add("appended", "a page of noise behind the trailer", TASTE,
    lambda b: b.snapshot + random.Random(2).randbytes(4096))
add("value-flip", "one byte of a value changed under the old trailer", HASH, lambda b: value_flip(b, old_trailer=True))
add("value-flip-new-trailer", "one byte of a value changed, trailer right: nothing can tell", TASTE, lambda b: value_flip(b))


def flipped(data, at, bit=0):
    data = bytearray(data)
    data[at] ^= 1 << bit
    return bytes(data)


def value_flip(bases, old_trailer=False):
    image = bases.image()
    leaf = image.leaves(image.bucket_root("key"))[3]
    image.data[image.value_at(leaf, 2) + image.element(leaf, 2)["vsize"] - 20] ^= 1
    return bytes(image.data) + bases.snapshot[-32:] if old_trailer else edited(image)


def _zip(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("snapshot", data)
    return out.getvalue()


def _tar(data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("snapshot")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


for _name, _wrap in (("gzip", lambda d: gzip.compress(d, mtime=0)), ("zip", _zip), ("xz", lzma.compress), ("tar", _tar)):
    add(f"wrapped-{_name}", f"a snapshot inside {_name}", NOT_A_DB, lambda b, wrap=_wrap: wrap(b.snapshot))


# Metas

for _which in (0, 1):
    @case(f"meta{_which}-zeroed", "one meta page is zeros, the other is whole", CURED_OR_REFUSED)
    def _(b, which=_which):
        image = b.image()
        image.data[which * 4096:(which + 1) * 4096] = bytes(4096)
        return edited(image)

    for _field in ("magic", "version", "page_size", "root", "freelist", "pgid", "txid", "checksum"):
        @case(f"meta{_which}-{_field.replace('_', '-')}-bit", "one bit of one meta flipped, its checksum tells", CURED_OR_REFUSED)
        def _(b, which=_which, field=_field):
            image = b.image()
            image.set_meta(which, fix=False, **{field: image.meta(which)[field] ^ 4})
            return edited(image)

add("metas-zeroed", "both meta pages are zeros", NOT_A_DB, lambda b: bolt.with_trailer(bytes(8192) + b.snapshot[8192:-32]))


def metas(name, what, verdict=BROKEN, **values):
    def make(bases):
        image = bases.image()
        image.set_metas(**{k: v(image) if callable(v) else v for k, v in values.items()})
        return edited(image)
    add(f"metas-{name}", f"both metas, checksums right: {what}", verdict, make)


metas("root-past-end", "root page behind the end", root=lambda i: i.pages() + 5)
metas("root-huge", "root page 2^63", root=HUGE)
metas("root-is-meta", "root page 0", root=0)
metas("root-inner", "root page is a page of a bucket", root=lambda i: i.bucket_root("key"))
metas("hwm-huge", "high-water mark 2^63", pgid=HUGE)
metas("hwm-double", "high-water mark of twice the file", pgid=lambda i: 2 * i.pages())
metas("hwm-low", "high-water mark below pages in use", pgid=lambda i: 10)
metas("page-size-0", "page size 0", NOT_A_DB, page_size=0)
metas("page-size-3000", "page size not a power of two", NOT_A_DB, page_size=3000)
metas("page-size-2g", "page size 2^31", NOT_A_DB, page_size=1 << 31)
metas("version-3", "format version 3", NOT_A_DB, version=3)
metas("freelist-is-leaf", "freelist page is a leaf", CURED, freelist=lambda i: i.leaves(i.bucket_root("key"))[0])
metas("freelist-past-end", "freelist page behind the end", CURED, freelist=lambda i: i.pages() + 7)
metas("txid-max", "transaction id 2^64-1", TASTE, txid=0xFFFFFFFFFFFFFFFF)


# Pages of the tree. Each edit gets the deep image, its branch pages and its leaves of bucket `key`.

def tree(name, what, edit, verdict=BROKEN):
    def make(bases):
        image = bases.deep()
        root = image.bucket_root("key")
        edit(image, image.branches(root), image.leaves(root))
        return edited(image)
    add(name, what, verdict, make)


tree("branch-child-past-end", "a branch names a page behind the end",
     lambda i, br, lf: i.set_element(br[1], 2, pgid=i.pages() + 999))
tree("branch-child-huge", "a branch names page 2^63", lambda i, br, lf: i.set_element(br[1], 2, pgid=HUGE))
tree("branch-child-self", "a branch names itself", lambda i, br, lf: i.set_element(br[1], 2, pgid=br[1]))
tree("branch-child-root", "a branch names its parent: a cycle", lambda i, br, lf: i.set_element(br[1], 2, pgid=br[0]))
tree("branch-child-meta", "a branch names page 0", lambda i, br, lf: i.set_element(br[1], 2, pgid=0))
tree("branch-child-twice", "two branch elements name one page",
     lambda i, br, lf: i.set_element(br[1], 3, pgid=i.element(br[1], 2)["pgid"]))
tree("branch-child-swapped", "two children of a branch swapped: keys out of their bounds", lambda i, br, lf: swap_children(i, br[1]))
tree("branch-count-0", "a branch without elements", lambda i, br, lf: i.set_page(br[1], count=0))
tree("branch-count-lowered", "a branch lost its last element: keys vanish",
     lambda i, br, lf: i.set_page(br[1], count=i.page(br[1])["count"] - 1))
tree("branch-count-65535", "a branch with 65535 elements", lambda i, br, lf: i.set_page(br[1], count=65535))
tree("branch-key-changed", "a separator key greater than its child's keys", lambda i, br, lf: break_separator(i, br[1]))
tree("branch-pos-past-end", "position of a separator key behind the page", lambda i, br, lf: i.set_element(br[1], 1, pos=0x7FFFFFF0))
tree("branch-flags-leaf", "a branch called leaf", lambda i, br, lf: i.set_page(br[1], flags=bolt.LEAF))
tree("leaf-flags-branch", "a leaf called branch", lambda i, br, lf: i.set_page(lf[4], flags=bolt.BRANCH))
tree("leaf-flags-0", "a page of no type", lambda i, br, lf: i.set_page(lf[4], flags=0))
tree("leaf-flags-many", "a page of all types", lambda i, br, lf: i.set_page(lf[4], flags=0x17))
tree("leaf-id", "a page that calls itself another", lambda i, br, lf: i.set_page(lf[4], id=lf[4] + 1))
tree("leaf-count-0", "a leaf without elements", lambda i, br, lf: i.set_page(lf[4], count=0))
tree("leaf-count-lowered", "a leaf lost its last element: a key vanishes",
     lambda i, br, lf: i.set_page(lf[4], count=i.page(lf[4])["count"] - 1))
tree("leaf-count-raised", "a leaf with one element too many",
     lambda i, br, lf: i.set_page(lf[4], count=i.page(lf[4])["count"] + 1))
tree("leaf-count-65535", "a leaf with 65535 elements", lambda i, br, lf: i.set_page(lf[4], count=65535))
tree("leaf-overflow-past-end", "overflow behind the end", lambda i, br, lf: i.set_page(lf[-1], overflow=100000))
tree("leaf-overflow-max", "overflow 2^32-1", lambda i, br, lf: i.set_page(lf[4], overflow=0xFFFFFFFF))
tree("leaf-overflow-into-next", "overflow that takes the next page too", lambda i, br, lf: i.set_page(lf[4], overflow=1),
     CURED_OR_REFUSED)
tree("leaf-overflow-missing", "a big value's page without its overflow", lambda i, br, lf: i.set_page(big_leaf(i, lf), overflow=0))
tree("element-pos-past-end", "an element's position behind the page", lambda i, br, lf: i.set_element(lf[4], 0, pos=5000))
tree("element-pos-into-header", "an element's position inside the element array", lambda i, br, lf: i.set_element(lf[4], 0, pos=4))
tree("element-ksize-0", "key of length 0", lambda i, br, lf: i.set_element(lf[4], 0, ksize=0))
tree("element-ksize-huge", "key of 2^31-1 bytes", lambda i, br, lf: i.set_element(lf[4], 0, ksize=0x7FFFFFFF))
tree("element-vsize-huge", "value of 2^32-1 bytes", lambda i, br, lf: i.set_element(lf[4], 0, vsize=0xFFFFFFFF))
tree("element-vsize-long", "a value that reaches into the next key", lambda i, br, lf: lengthen_value(i, several(i, lf)))
tree("element-flags-unknown", "an element with unknown flags", lambda i, br, lf: i.set_element(lf[4], 0, flags=0x80))
tree("element-flags-bucket", "a pair that calls itself a bucket", lambda i, br, lf: i.set_element(lf[4], 0, flags=bolt.BUCKET))
tree("elements-swapped", "two elements in the wrong order", lambda i, br, lf: swap_elements(i, several(i, lf)))
tree("key-repeated", "one key twice in a leaf", lambda i, br, lf: repeat_key(i, several(i, lf)))
tree("page-zeroed", "a lost sector: a leaf is zeros", lambda i, br, lf: overwrite(i, lf[4], bytes(1024)))
tree("page-noise", "a leaf is noise", lambda i, br, lf: overwrite(i, lf[4], random.Random(5).randbytes(1024)))
tree("page-misdirected", "a leaf holds a copy of another leaf", lambda i, br, lf: overwrite(i, lf[4], page_bytes(i, lf[7])))
tree("page-misdirected-own-id", "the same with the page id made right", lambda i, br, lf: misdirect(i, lf[4], lf[7]))
tree("page-half-zeroed", "the second half of a leaf is zeros",
     lambda i, br, lf: overwrite(i, lf[4], page_bytes(i, lf[4])[:512] + bytes(512)))


def swap_children(image, branch):
    first, second = image.element(branch, 1)["pgid"], image.element(branch, 2)["pgid"]
    image.set_element(branch, 1, pgid=second)
    image.set_element(branch, 2, pgid=first)


def break_separator(image, branch):
    image.data[image.key_at(branch, 1) + 7] += 1  # low byte of the main revision


def big_leaf(image, leaves):
    return next(leaf for leaf in leaves if image.page(leaf)["overflow"])


def several(image, leaves):
    """A leaf with at least three elements."""
    return next(leaf for leaf in leaves if image.page(leaf)["count"] >= 3)


def lengthen_value(image, leaf):
    image.set_element(leaf, 0, vsize=image.element(leaf, 0)["vsize"] + 4)


def swap_elements(image, leaf):
    """Exchange two elements; positions count from the element itself."""
    first, second = image.element(leaf, 0), image.element(leaf, 1)
    image.set_element(leaf, 0, **(second | {"pos": second["pos"] + bolt.ELEMENT}))
    image.set_element(leaf, 1, **(first | {"pos": first["pos"] - bolt.ELEMENT}))


def repeat_key(image, leaf):
    source, target = image.key_at(leaf, 0), image.key_at(leaf, 1)
    image.data[target:target + 17] = image.data[source:source + 17]


def page_bytes(image, page):
    return bytes(image.data[image.page_at(page):image.page_at(page + 1)])


def overwrite(image, page, data):
    image.data[image.page_at(page):image.page_at(page) + len(data)] = data


def misdirect(image, page, other):
    overwrite(image, page, page_bytes(image, other))
    image.set_page(page, id=page)


# Buckets and freelist

def bucket(name, what, edit, verdict=BROKEN):
    def make(bases):
        image = bases.deep()
        edit(image, image.value_at(*image.bucket_entry("key")))
        return edited(image)
    add(f"bucket-{name}", what, verdict, make)


def _pack(image, at, form, value):
    struct.pack_into(form, image.data, at, value)


bucket("root-past-end", "bucket root behind the end", lambda i, at: _pack(i, at, "<Q", i.pages() + 3))
bucket("root-0", "a bucket of 16 bytes that calls itself inline", lambda i, at: _pack(i, at, "<Q", 0))
bucket("root-parent", "a bucket whose root is the root bucket: endless nesting", lambda i, at: _pack(i, at, "<Q", i.meta(0)["root"]))
bucket("root-shared", "two buckets with one root", lambda i, at: _pack(i, at, "<Q", i.bucket_root("lease")))


@case("bucket-inline-count", "an inline bucket with 60000 elements", BROKEN)
def _inline_count(bases):
    image = bases.image()
    at = image.value_at(*image.bucket_entry("lease"))
    assert struct.unpack_from("<Q", image.data, at)[0] == 0, "the bucket is inline"
    struct.pack_into("<H", image.data, at + bolt.BUCKET_HEADER + 10, 60000)
    return edited(image)


@case("freelist-lists-live-pages", "a stored freelist that names pages in use", CURED)
def _freelist_live(bases):
    return with_freelist(bases, lambda i: i.leaves(i.bucket_root("key"))[:3])


@case("freelist-count-huge", "a stored freelist of 2^63 pages", CURED)
def _freelist_huge(bases):
    return with_freelist(bases, lambda i: [HUGE], count=0xFFFF)


def with_freelist(bases, ids, count=None):
    """A freelist page behind the last page."""
    image = bases.image()
    ids, number = ids(image), image.pages()
    head = struct.pack("<QHHI", number, bolt.FREELIST, len(ids) if count is None else count, 0)
    image.data += (head + struct.pack(f"<{len(ids)}Q", *ids)).ljust(image.page_size, b"\0")
    image.set_metas(freelist=number, pgid=number + 1)
    return edited(image)


# Content

def content(name, what, verdict, edit, **builder):
    add(name, what, verdict, lambda b: b.rebuilt(edit, **builder))


def revision(main, sub=0):
    return struct.pack(">Q", main) + b"_" + struct.pack(">Q", sub)


def nth_live(keys, n=20):
    """A revision key that is no tombstone, well above the compaction."""
    return [k for k in sorted(keys) if len(k) == 17][-n]


def replace_key(keys, old, new):
    keys[new] = keys.pop(old)


def nest(depth):
    inner = {b"key": b"value"}
    for _ in range(depth):
        inner = {b"b": inner}
    return inner


def member(tree_):
    key, value = next(iter(tree_[b"members"].items()))
    return key, json.loads(value)


def set_member(tree_, **values):
    key, row = member(tree_)
    tree_[b"members"][key] = json.dumps(row | values, separators=(",", ":")).encode()


def two_members_one_id(tree_):
    _, row = member(tree_)
    tree_[b"members"][b"1234"] = json.dumps(row, separators=(",", ":")).encode()


def set_row(tree_, bucket_name, key, value):
    tree_[bucket_name][key] = value


def drop_main(keys, lowest=290):
    """Take all rows of one main revision away."""
    main = min(m for m in (struct.unpack(">Q", k[:8])[0] for k in keys) if m >= lowest)
    for key in [k for k in keys if k[:8] == struct.pack(">Q", main)]:
        del keys[key]


def drop_sub(keys):
    """Take sub-revision 0 of a transaction with more of them away."""
    subs = [k for k in sorted(keys) if struct.unpack(">Q", k[9:17])[0] == 1]
    del keys[subs[-1][:9] + bytes(8)]


def key_value(**fields):
    """mvccpb.KeyValue: 1 key, 2 create_revision, 3 mod_revision, 4 version, 5 value."""
    numbers = {"key": 1, "create": 2, "mod": 3, "version": 4, "value": 5}
    out = b""
    for name, value in fields.items():
        out += bytes([numbers[name] << 3 | (2 if isinstance(value, bytes) else 0)])
        out += varint(len(value)) + value if isinstance(value, bytes) else varint(value)
    return out


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def set_key_value(keys, **changes):
    at = nth_live(keys)
    main = struct.unpack(">Q", at[:8])[0]
    fields = {"key": b"/registry/x", "create": main, "mod": main, "version": 1, "value": b"v"} | changes
    keys[at] = key_value(**{k: v for k, v in fields.items() if v is not None})


def swap_order(names):
    """Builder order that puts the first two of a bucket the wrong way round."""
    names = sorted(names)
    return [names[1], names[0], *names[2:]] if len(names) > 1 else names


for _name, _what, _new in (("short", "16 bytes", lambda k: k[:16]), ("tiny", "5 bytes", lambda k: k[:5]),
                           ("long", "19 bytes", lambda k: k + b"tt"), ("mark", "18 bytes with another mark", lambda k: k + b"x"),
                           ("separator", "another separator", lambda k: k[:8] + b"-" + k[9:])):
    content(f"revision-{_name}", f"revision key of {_what}", CONTENT,
            lambda t, new=_new: replace_key(t[b"key"], nth_live(t[b"key"]), new(nth_live(t[b"key"]))))
content("revision-negative", "revision 2^63: negative for etcd", CONTENT,
        lambda t: replace_key(t[b"key"], sorted(t[b"key"])[-1], revision(HUGE)))
content("revision-both", "a revision with and without the tombstone mark", CONTENT,
        lambda t: set_row(t, b"key", nth_live(t[b"key"]) + MARK, key_value(key=b"/registry/x")))
content("revision-gap", "one main revision above the compaction is missing", SUSPECT, lambda t: drop_main(t[b"key"]))
content("revision-sub-gap", "a transaction without its first row", SUSPECT, lambda t: drop_sub(t[b"key"]))
content("keyvalue-noise", "a KeyValue of noise", CONTENT, lambda t: set_row(t, b"key", nth_live(t[b"key"]), b"\xff" * 40))
content("keyvalue-cut", "a KeyValue cut in its value", CONTENT,
        lambda t: set_row(t, b"key", nth_live(t[b"key"]), t[b"key"][nth_live(t[b"key"])][:-3]))
content("keyvalue-no-key", "a put without a user key above the compaction", CONTENT, lambda t: set_key_value(t[b"key"], key=None))
content("keyvalue-mod-other", "mod_revision is not the revision it is stored under", CONTENT, lambda t: set_key_value(t[b"key"], mod=7))
content("keyvalue-create-later", "create_revision behind mod_revision", CONTENT, lambda t: set_key_value(t[b"key"], create=1 << 40))
content("keyvalue-version-0", "version 0", CONTENT, lambda t: set_key_value(t[b"key"], version=None))
content("member-not-json", "member row that is not JSON", OTHER, lambda t: set_row(t, b"members", member(t)[0], b"{nonsense"))
content("member-empty", "member row of 0 bytes", OTHER, lambda t: set_row(t, b"members", member(t)[0], b""))
content("member-other-id", "member row under another ID", OTHER, lambda t: set_member(t, id=77))
content("member-key-not-hex", "member row under a name", OTHER, lambda t: replace_key(t[b"members"], member(t)[0], b"node-one"))
content("member-two-one-id", "two member rows with one ID", OTHER, two_members_one_id)
content("meta-index-short", "consistent_index of 3 bytes", OTHER, lambda t: set_row(t, b"meta", b"consistent_index", b"\0\0\1"))
content("meta-compact-short", "scheduledCompactRev of 9 bytes", OTHER, lambda t: set_row(t, b"meta", b"scheduledCompactRev", revision(9)[:9]))
content("meta-confstate-not-json", "confState that is not JSON", OTHER, lambda t: set_row(t, b"meta", b"confState", b"[["))
content("meta-storage-version", "storageVersion that is none", OTHER, lambda t: set_row(t, b"meta", b"storageVersion", b"three"))
content("cluster-version", "clusterVersion that is none", OTHER, lambda t: set_row(t, b"cluster", b"clusterVersion", b"latest"))
content("lease-noise", "a lease of noise", OTHER, lambda t: set_row(t, b"lease", struct.pack(">Q", 5), b"\xff\xff\xff"))
content("alarm-noise", "an alarm of noise", OTHER, lambda t: set_row(t, b"alarm", b"\xff\xff\xff", b""))
content("auth-user-noise", "a user of noise", OTHER, lambda t: set_row(t, b"authUsers", b"eve", b"\xff\xff\xff"))
content("auth-role-noise", "a role of noise", OTHER, lambda t: set_row(t, b"authRoles", b"admin", b"\xff\xff\xff"))
content("bucket-key-missing", "no bucket 'key'", dataclasses.replace(OTHER, place=False), lambda t: t.pop(b"key"))
content("bucket-meta-missing", "no bucket 'meta'", OTHER, lambda t: t.pop(b"meta"))
content("no-etcd-db", "a sound bbolt file without etcd's buckets", dataclasses.replace(OTHER, place=False), lambda t: (t.clear(), t.update({b"other": {b"a": b"b"}})))
content("order-across-buckets", "buckets in the wrong order", BROKEN, lambda t: None, order=swap_order)
content("key-length-0", "a key of length 0", BROKEN, lambda t: set_row(t, b"lease", b"", b"x"))
content("key-length-40000", "a key of 40000 bytes", BROKEN, lambda t: set_row(t, b"lease", b"k" * 40000, b"x"))
content("nested-1000", "a bucket nested 1000 deep", BROKEN, lambda t: set_row(t, b"lease", b"nest", nest(1000)))
content("nested-key", "a bucket inside bucket 'key'", OTHER, lambda t: set_row(t, b"key", b"zzz", {}))
content("bucket-header-short", "a bucket header of 8 bytes", BROKEN, lambda t: t.update({b"zzz": bolt.Raw(bytes(8))}))


def big_snapshot(young):
    """The rows of a never compacted store, then 24000 more of 2 KiB."""
    tree_ = bolt.Image(young).tree()
    main = struct.unpack(">Q", max(tree_[b"key"])[:8])[0]
    for i in range(main + 1, main + 24001):
        value = key_value(key=b"/registry/big/%d" % i, create=i, mod=i, version=1, value=b"%d " % i * 300)
        tree_[b"key"][revision(i)] = value
    return bolt.with_trailer(bolt.Builder().build(tree_))
