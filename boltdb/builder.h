/* Bulk builder: buckets and keys in order go in, a packed bbolt file comes out in one sequential
 * write, bottom-up. Both metas come last, no freelist is stored (etcd's own setting), and the same
 * input gives the same bytes.
 *
 * Leaves are filled to the page; an element that does not fit a page gets a leaf of its own with
 * overflow; branch pages have at least two children (bbolt node.go rebalance asserts it) and may
 * overflow; a bucket is inline by bbolt's own rule (bbolt bucket.go inlineable); sequences are
 * kept. Memory: O(levels) pages for each open bucket. Format: docs/format/bbolt.md. */
#ifndef BOLTDB_BUILDER_H
#define BOLTDB_BUILDER_H

#include "boltdb/db.h"

/* Where the file goes. append() gets everything from byte 0 on in order; the bytes of the two meta
 * pages are zero then, and head() gives them at the end, after which the sink must make data
 * durable before it writes the head. */
struct bolt_output {
    void *ctx;
    int (*append)(void *ctx, struct slice bytes, struct err *err);
    int (*head)(void *ctx, struct slice metas, struct err *err);
};

struct bolt_build_options {
    uint32_t page_size; /* bytes, power of two, 1 KiB to 64 KiB */
    uint64_t txid;      /* of the newer meta, at least 1; the other has one less */
    uint64_t root_sequence;
};

struct bolt_built {
    uint64_t size;  /* bytes: max(4096, pages x page size) */
    uint64_t pages; /* high-water mark */
};

struct bolt_builder;

int bolt_builder_new(const struct bolt_build_options *options, const struct bolt_output *out,
                     struct bolt_builder **ret, struct err *err);
void bolt_builder_free(struct bolt_builder *b);

/* Open a bucket in the bucket open now (or the root). Names and keys must come in strictly
 * ascending order: ERR_CORRUPT otherwise. ERR_LIMIT past BOLT_NESTING_MAX, BOLT_KEY_MAX,
 * BOLT_VALUE_MAX; what `out` returns; ERR_NOMEM. */
int bolt_builder_enter(struct bolt_builder *b, struct slice name, uint64_t sequence,
                       struct err *err);
int bolt_builder_put(struct bolt_builder *b, struct slice key, struct slice value, struct err *err);
int bolt_builder_leave(struct bolt_builder *b, struct err *err);

/* Every bucket must be left. Writes what is open, then the metas. */
int bolt_builder_finish(struct bolt_builder *b, struct bolt_built *ret, struct err *err);

#endif
