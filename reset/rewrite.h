/* The visitor that turns the source's rows into those of the new db: everything is copied in order
 * but membership, alarms, the downgrade row and the raft positions; a bump and an emptied key are
 * rows of their own behind the last revision. What the db holds afterwards: docs/restore.md. */
#ifndef RESET_REWRITE_H
#define RESET_REWRITE_H

#include "boltdb/builder.h"
#include "boltdb/walk.h"
#include "reset/accept.h"
#include "reset/members.h"
#include "src/etcd/rev.h"
#include "src/etcd/scan.h"
#include "src/proof/snapshot.h"

enum {
    RESET_BUMP_MARGIN = 1000000,   /* auto: beyond everything known */
    RESET_BUMP_BLIND = 1000000000, /* auto: when nothing is known */
    RESET_META_ROWS_MAX = 3,       /* rows of bucket meta that are written anew */
    RESET_META_VALUE_MAX = ETCD_REV_SIZE,
};

struct reset_meta_row {
    const char *key;
    uint8_t value[RESET_META_VALUE_MAX];
    size_t len;
};

struct reset_rewrite {
    /* set by the caller, lent */
    const struct reset_restore_request *request;
    const struct reset_cluster *cluster;
    const struct reset_verdict *verdict;
    const struct proof_snapshot *source;
    struct etcd_compaction compaction; /* of the source */
    bool knows_old_revision;
    int64_t old_revision;
    struct bolt_builder *builder; /* NULL: only work out what would change */

    /* results */
    int64_t bump;
    int64_t revision_before;
    int64_t revision_after;
    bool key_was_emptied;

    /* while it runs */
    enum etcd_bucket bucket;
    unsigned created;                                /* bit set of buckets written */
    struct reset_meta_row meta[RESET_META_ROWS_MAX]; /* ascending */
    size_t meta_count;
    size_t meta_next;
};

struct bolt_visitor reset_rewrite_visitor(struct reset_rewrite *w);

/* After the walk: the buckets behind the last one. ERR_* of the builder. */
int reset_rewrite_finish(struct reset_rewrite *w, struct err *err);

/* New latest revision for `bump` on top of `last`; ERR_REFUSED when it does not leave room below
 * 2^63, or does not pass `current`. */
int reset_bump_apply(int64_t last, int64_t current, uint64_t bump, int64_t *ret, struct err *err);

#endif
