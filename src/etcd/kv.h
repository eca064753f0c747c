/* mvccpb.KeyValue, the value of every row of bucket `key` (etcd api/mvccpb/kv.proto):
 *
 *   1 key bytes   2 create_revision   3 mod_revision   4 version   5 value bytes   6 lease
 *
 * A put has key and all three revisions, a tombstone the key alone; the row that a revision bump
 * adds is empty (etcdutl snapshot restore --bump-revision). */
#ifndef ETCD_KV_H
#define ETCD_KV_H

#include "src/base/buf.h"

struct etcd_kv {
    struct slice key; /* lent by the decoded bytes */
    int64_t create_revision;
    int64_t mod_revision;
    int64_t version;
    struct slice value; /* lent by the decoded bytes */
    int64_t lease;      /* 0: none */
    bool has_unknown;   /* a field that no etcd up to 3.7 writes */
};

/* False when the bytes are no KeyValue (cut off, a known field with another wire type); *ret is
 * then undefined. Copies nothing. */
bool etcd_kv_decode(struct slice in, struct etcd_kv *ret);

/* Append the message as Go's protobuf writes it: ascending fields, zero and empty ones left out.
 * ERR_NOMEM, ERR_LIMIT. */
int etcd_kv_encode(const struct etcd_kv *kv, struct buf *ret, struct err *err);

#endif
