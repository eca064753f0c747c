/* Revision keys of bucket `key` (etcd mvcc/revision.go): main, '_', sub, big-endian; a 't' behind
 * them marks a tombstone. Byte order equals (main, sub) order. Shown in
 * docs/format/etcd-buckets.md.
 *
 *   OFFSET  SIZE  FIELD
 *        0     8  main, int64, one for each write transaction
 *        8     1  0x5F
 *        9     8  sub, int64, position in the transaction
 *       17     1  0x74, tombstones only
 */
#ifndef ETCD_REV_H
#define ETCD_REV_H

#include "src/etcd/facts.h"

enum {
    ETCD_REV_SIZE = 17,
    ETCD_REV_TOMBSTONE_SIZE = 18,
    ETCD_REV_SEPARATOR = 0x5F,
    ETCD_REV_MARK = 0x74,
};

enum etcd_rev_fault {
    ETCD_REV_OK,
    ETCD_REV_LENGTH,   /* neither 17 nor 18 bytes */
    ETCD_REV_SHAPE,    /* separator or tombstone mark differs */
    ETCD_REV_NEGATIVE, /* main or sub below 0 */
};

/* Decode strictly, as etcd 3.6 and newer do (they panic on the others). *ret and *is_tombstone are
 * set on ETCD_REV_OK only. */
enum etcd_rev_fault etcd_rev_decode(struct slice key, struct etcd_revision *ret,
                                    bool *is_tombstone);

/* Encode into the first 17 bytes, or 18 for a tombstone; returns that number. Both parts must be at
 * least 0. */
size_t etcd_rev_encode(struct etcd_revision rev, bool is_tombstone,
                       uint8_t ret[static ETCD_REV_TOMBSTONE_SIZE]);

static inline int etcd_rev_cmp(struct etcd_revision a, struct etcd_revision b)
{
    if (a.main != b.main)
        return a.main < b.main ? -1 : 1;
    return a.sub == b.sub ? 0 : a.sub < b.sub ? -1 : 1;
}

#endif
