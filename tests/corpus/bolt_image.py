"""Reads, edits and builds bbolt images in memory, to make damaged ones. Format: docs/format/bbolt.md.

The reader trusts its input: it is for sound files, before they are damaged. The builder writes whatever it
is told, so it can also make files that bbolt never would (keys of length 0, a thousand nested buckets).
"""

import hashlib
import struct

MAGIC, VERSION = 0xED0CDAED, 2
BRANCH, LEAF, META, FREELIST = 0x01, 0x02, 0x04, 0x10
BUCKET = 0x01  # leaf element flag
NO_FREELIST = 0xFFFFFFFFFFFFFFFF
HEADER, ELEMENT, BUCKET_HEADER, TRAILER = 16, 16, 16, 32
META_FIELDS = {"magic": (0, "<I"), "version": (4, "<I"), "page_size": (8, "<I"), "flags": (12, "<I"), "root": (16, "<Q"),
               "sequence": (24, "<Q"), "freelist": (32, "<Q"), "pgid": (40, "<Q"), "txid": (48, "<Q"), "checksum": (56, "<Q")}
PAGE_FIELDS = {"id": (0, "<Q"), "flags": (8, "<H"), "count": (10, "<H"), "overflow": (12, "<I")}
LEAF_FIELDS = {"flags": (0, "<I"), "pos": (4, "<I"), "ksize": (8, "<I"), "vsize": (12, "<I")}
BRANCH_FIELDS = {"pos": (0, "<I"), "ksize": (4, "<I"), "pgid": (8, "<Q")}


def fnv64(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def with_trailer(db):
    return bytes(db) + hashlib.sha256(db).digest()


class Image:
    """A db (without trailer) with edits by field name; offsets are into `data`."""

    def __init__(self, snapshot, has_trailer=True):
        self.data = bytearray(snapshot[:-TRAILER] if has_trailer else snapshot)
        self.page_size = self.meta(0)["page_size"]

    # Fields

    def _get(self, at, fields):
        return {name: struct.unpack_from(form, self.data, at + off)[0] for name, (off, form) in fields.items()}

    def _set(self, at, fields, values):
        for name, value in values.items():
            off, form = fields[name]
            struct.pack_into(form, self.data, at + off, value)

    def meta_at(self, which):
        return which * (getattr(self, "page_size", None) or 4096) + HEADER

    def meta(self, which):
        return self._get(self.meta_at(which), META_FIELDS)

    def set_meta(self, which, fix=True, **values):
        """Change fields of one meta; `fix` makes its checksum right again."""
        at = self.meta_at(which)
        self._set(at, META_FIELDS, values)
        if fix and "checksum" not in values:
            self._set(at, META_FIELDS, {"checksum": fnv64(self.data[at:at + 56])})

    def set_metas(self, **values):
        for which in (0, 1):
            self.set_meta(which, **values)

    def page_at(self, page):
        return page * self.page_size

    def page(self, page):
        return self._get(self.page_at(page), PAGE_FIELDS)

    def set_page(self, page, **values):
        self._set(self.page_at(page), PAGE_FIELDS, values)

    def element_at(self, page, index):
        return self.page_at(page) + HEADER + index * ELEMENT

    def element(self, page, index):
        fields = BRANCH_FIELDS if self.page(page)["flags"] == BRANCH else LEAF_FIELDS
        return self._get(self.element_at(page, index), fields)

    def set_element(self, page, index, **values):
        fields = BRANCH_FIELDS if self.page(page)["flags"] == BRANCH else LEAF_FIELDS
        self._set(self.element_at(page, index), fields, values)

    def key_at(self, page, index):
        return self.element_at(page, index) + self.element(page, index)["pos"]

    def value_at(self, page, index):
        return self.key_at(page, index) + self.element(page, index)["ksize"]

    def pages(self):
        return len(self.data) // self.page_size

    # The tree

    def bucket_entry(self, name):
        """(page, index) of a top-level bucket's entry."""
        for page in self.leaves(self.meta(0)["root"]):
            for index in range(self.page(page)["count"]):
                at, size = self.key_at(page, index), self.element(page, index)["ksize"]
                if self.data[at:at + size] == name.encode():
                    return page, index
        raise KeyError(name)

    def bucket_root(self, name):
        """Page of a bucket's root, 0 when it is inline."""
        return struct.unpack_from("<Q", self.data, self.value_at(*self.bucket_entry(name)))[0]

    def children(self, page):
        return [self.element(page, i)["pgid"] for i in range(self.page(page)["count"])]

    def leaves(self, root):
        """Leaf pages below a root in key order."""
        if self.page(root)["flags"] == LEAF:
            return [root]
        return [leaf for child in self.children(root) for leaf in self.leaves(child)]

    def branches(self, root):
        if self.page(root)["flags"] != BRANCH:
            return []
        return [root, *(b for child in self.children(root) for b in self.branches(child))]

    def pair(self, page, index):
        e, at = self.element(page, index), self.key_at(page, index)
        return bytes(self.data[at:at + e["ksize"]]), bytes(self.data[at + e["ksize"]:at + e["ksize"] + e["vsize"]])

    def tree(self):
        """{bucket name: {key: value}} of the top-level buckets (etcd nests none)."""
        result = {}
        for page in self.leaves(self.meta(0)["root"]):
            for index in range(self.page(page)["count"]):
                name, value = self.pair(page, index)
                root = struct.unpack_from("<Q", value)[0]
                if root:
                    pairs = dict(self.pair(p, i) for p in self.leaves(root) for i in range(self.page(p)["count"]))
                else:
                    pairs = inline_pairs(value)
                result[name] = pairs
        return result


def inline_pairs(value):
    """Pairs of an inline bucket: a leaf page image behind the bucket header."""
    count = struct.unpack_from("<H", value, BUCKET_HEADER + 10)[0]
    pairs = {}
    for i in range(count):
        at = BUCKET_HEADER + HEADER + i * ELEMENT
        _, pos, ksize, vsize = struct.unpack_from("<IIII", value, at)
        pairs[value[at + pos:at + pos + ksize]] = value[at + pos + ksize:at + pos + ksize + vsize]
    return pairs


class Raw(bytes):
    """A value that is written with the bucket flag as it stands: for broken bucket headers."""


class Builder:
    """Writes {name: {key: value or sub-bucket}} bottom-up, keys in the order given by `order`."""

    def __init__(self, page_size=4096, order=sorted):
        self.page_size, self.order = page_size, order
        self.pages = [b"", b""]  # page images, with their overflow in further slots

    def build(self, tree, txid=7):
        root = self._bucket(tree)
        for which, number in ((txid % 2, txid), (1 - txid % 2, txid - 1)):
            body = struct.pack("<IIIIQQQQQ", MAGIC, VERSION, self.page_size, 0, root, 0, NO_FREELIST, len(self.pages), number)
            head = struct.pack("<QHHI", which, META, 0, 0)
            self.pages[which] = (head + body + struct.pack("<Q", fnv64(body))).ljust(self.page_size, b"\0")
        return b"".join(self.pages)

    def _bucket(self, tree):
        """Write a bucket's pages; returns its root page."""
        items = [self._item(key, tree[key]) for key in self.order(tree)]
        level = [self._page(LEAF, group) for group in self._groups(items)]
        while len(level) > 1:
            entries = [(key, struct.pack("<Q", page), 0) for key, page in level]
            level = [self._page(BRANCH, group) for group in self._groups(entries, bytes_beside_key=0, least=2)]
        return level[0][1]

    def _item(self, key, value):
        if isinstance(value, dict):
            return key, struct.pack("<QQ", self._bucket(value), 0), BUCKET
        return key, bytes(value), BUCKET if isinstance(value, Raw) else 0

    def _groups(self, items, bytes_beside_key=1, least=1):
        groups, size = [[]], HEADER
        for item in items:
            need = ELEMENT + len(item[0]) + bytes_beside_key * len(item[1])
            if len(groups[-1]) >= least and size + need > self.page_size:
                groups.append([])
                size = HEADER
            groups[-1].append(item)
            size += need
        if len(groups) > 1 and len(groups[-1]) < least:
            groups[-1].insert(0, groups[-2].pop())
        return groups

    def _page(self, flags, items):
        number, body, data = len(self.pages), b"", b""
        for i, (key, value, item_flags) in enumerate(items):
            pos = ELEMENT * (len(items) - i) + len(data)
            if flags == LEAF:
                body += struct.pack("<IIII", item_flags, pos, len(key), len(value))
                data += key + value
            else:
                body += struct.pack("<II", pos, len(key)) + value
                data += key
        slots = max(1, -(-(HEADER + len(body) + len(data)) // self.page_size))
        image = struct.pack("<QHHI", number, flags, len(items), slots - 1) + body + data
        image = image.ljust(slots * self.page_size, b"\0")
        self.pages += [image[i:i + self.page_size] for i in range(0, len(image), self.page_size)]
        return (items[0][0] if items else b""), number
