/* HashKV: the CRC-32C over the key space at a revision by which members of a cluster are compared
 * (etcd mvcc/hash.go), read from a db without changing it. Shown in docs/format/hashes.md.
 *
 * A compaction that was scheduled but not finished counts as done, as it does in etcdutl 3.6 and
 * newer (which resumes it, and so writes into the file it inspects). A running etcd 3.5.5 and newer
 * answers for a revision it compacted lately from a cache, with the compact_revision before that:
 * such an answer cannot be had from the db. */
#ifndef ETCD_HASHKV_H
#define ETCD_HASHKV_H

#include "boltdb/walk.h"

/* Rows at or below the last compaction that are looked at; one bit each. */
#define ETCD_HASHKV_ROWS_MAX (UINT64_C(1) << 27)

struct etcd_hashkv_options {
    int64_t rev; /* 0: the current one; below 0 there is no row, as in etcdutl */
    /* As 3.4 before .34 and 3.5 before .16 compute it: a tombstone at the compaction revision
     * counts, where no key is alive (else it is left out anyway). */
    bool counts_tombstone_at_compaction;
    struct finding_sink *sink; /* findings of the walk, may be NULL */
    struct bolt_walk_options walk;
};

struct etcd_hashkv {
    uint32_t hash;
    int64_t hash_revision;
    int64_t compact_revision; /* -1 when there never was a compaction */
    int64_t current_revision;
};

/* ERR_NOTFOUND with etcd's own words for a revision that is compacted or in the future;
 * ERR_CORRUPT when the walk found damage or a row does not decode: no number is better than one
 * that only looks right. ERR_LIMIT past ETCD_HASHKV_ROWS_MAX, ERR_IO (also the temporary file),
 * ERR_NOMEM, ERR_INTERRUPTED. At most about 8 MiB of memory beside one bit for each row at or below
 * the compaction. */
int etcd_hashkv(struct bolt_db *db, const struct etcd_hashkv_options *options,
                struct etcd_hashkv *ret, struct err *err);

#endif
