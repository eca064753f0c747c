/* One pass over the whole tree in key order: every structural rule is checked, and what is sound
 * is handed to a visitor. This is the reader under check, status, hashes and rewrites.
 *
 * Rules (problem.h lists them): every page below the high-water mark is reached exactly once, is
 * the freelist's, or is free; page ids, types and counts; element positions inside the page, packed
 * and in order, the first at 16 x count (bbolt node.go write, so a lowered count shows); keys
 * 1..32768 bytes, strictly ascending within and across pages and inside their parents' bounds; no
 * empty page below a root; bucket headers and inline pages; the freelist, when it is stored. A
 * broken page is reported with its place, owning bucket and the key range it covers, and the walk
 * goes on behind it. At most 16 findings are listed for one page and what it points to, then a
 * summary.
 *
 * What a visitor gets is always in strictly ascending order in each bucket, whatever the file
 * holds: an element that would break it is reported and left out.
 *
 * Memory: one bit a page (two when a freelist is stored), 1 MiB to read in, of which small pages
 * touch little, branch pages up to 8 MiB, one element. The size of the file bounds the bits, not
 * what its meta says. */
#ifndef BOLTDB_WALK_H
#define BOLTDB_WALK_H

#include <stdatomic.h>

#include "boltdb/db.h"

struct bolt_bucket {
    struct slice name; /* lent for the call; empty for the root bucket */
    unsigned depth;    /* 0 root bucket, 1 top-level bucket, ... */
    uint64_t sequence;
    uint64_t root; /* page id, 0 when inline */
    bool is_inline;
};

struct bolt_item {
    struct slice key; /* lent for the call */
    struct slice value;
    uint64_t page;   /* page id that holds it (the outer page of an inline bucket) */
    uint64_t offset; /* byte offset in the file of the value's first byte */
};

/* Any callback may be NULL; a negative result ends the walk and is returned. bucket_enter and
 * bucket_leave are called for every bucket but the root bucket, properly nested. */
struct bolt_visitor {
    void *ctx;
    int (*bucket_enter)(void *ctx, const struct bolt_bucket *bucket, struct err *err);
    int (*item)(void *ctx, const struct bolt_item *item, struct err *err);
    int (*bucket_leave)(void *ctx, const struct bolt_bucket *bucket, struct err *err);
};

struct bolt_stats {
    uint64_t root_sequence;
    uint64_t pages;   /* high-water mark */
    uint64_t reached; /* pages reached, metas and freelist not counted */
    uint64_t branch_pages;
    uint64_t leaf_pages;
    uint64_t overflow_pages;
    uint64_t free_pages; /* below the high-water mark and not reached */
    uint64_t buckets;
    uint64_t items; /* keys, bucket entries not counted */
    unsigned depth; /* deepest tree seen */
};

struct bolt_walk_options {
    _Atomic uint64_t *progress; /* bytes of pages visited so far, may be NULL */
    _Atomic bool *cancel; /* when it becomes true the walk ends with ERR_INTERRUPTED, or NULL */
};

/* ERR_OK however many findings there are; ERR_IO, ERR_NOMEM, ERR_INTERRUPTED, or what a callback
 * returned. `visitor`, `options`, `ret` may be NULL. An item whose value is longer than
 * BOLT_VALUE_MAX is a finding. */
int bolt_walk(struct bolt_db *db, const struct bolt_visitor *visitor,
              const struct bolt_walk_options *options, struct finding_sink *sink,
              struct bolt_stats *ret, struct err *err);

/* True when a check of the other meta's tree alone finds no damage; false also when it is invalid
 * or names the same root. For "the older meta (txid N) is whole". */
int bolt_other_meta_walks(struct bolt_db *db, bool *ret, struct err *err);

#endif
