/* Inside the bulk builder: builder.c (buckets), builder_leaf.c, builder_branch.c (the levels above)
 * and builder_page.c (bytes of a page). Keep docs/format/bbolt.md in step. */
#ifndef BOLTDB_BUILDER_INTERNAL_H
#define BOLTDB_BUILDER_INTERNAL_H

#include "boltdb/builder.h"
#include "src/base/buf.h"

/* A page being filled. Until it is written, an element's position counts from the start of `data`
 * and not from the element. */
struct build_page {
    struct buf elements;
    struct buf data; /* keys and values, packed in element order */
};

/* The branch pages at one height. One full page is held back: when the last page would have a
 * single child, the two share their children. */
struct build_level {
    struct build_page page;
    struct build_page held;
    bool has_held;
};

/* An open bucket. */
struct build_frame {
    struct buf name;
    struct buf last_key; /* empty: none yet */
    uint64_t sequence;
    bool has_buckets;
    struct build_page leaf;
    struct build_level *level[BOLT_DEPTH_MAX]; /* kept for the next bucket at this nesting */
    unsigned levels;                           /* in use */
};

struct bolt_builder {
    struct bolt_build_options options;
    struct bolt_output out;
    uint64_t pages; /* next page id */
    int result;     /* first failure: nothing good can come after it */
    unsigned nesting;
    struct build_frame *frame[BOLT_NESTING_MAX + 1]; /* 0 is the root bucket */
    struct buf key[2];                               /* first keys on their way up */
    struct buf value;                                /* a bucket's header and inline page */
};

/* builder_page.c */
static inline unsigned build_count(const struct build_page *p)
{
    return (unsigned)(p->elements.len / 16);
}

/* Bytes of the page with its header. */
static inline size_t build_size(const struct build_page *p)
{
    return 16 + p->elements.len + p->data.len;
}

void build_page_init(struct build_page *p);
void build_page_done(struct build_page *p);
void build_page_clear(struct build_page *p);
int build_leaf_add(struct build_page *p, uint32_t flags, struct slice key, struct slice value,
                   struct err *err);
int build_branch_add(struct build_page *p, struct slice key, uint64_t pgid, struct err *err);
/* Lent until the page changes. */
struct slice build_branch_key(const struct build_page *p, unsigned at);
uint64_t build_branch_child(const struct build_page *p, unsigned at);
struct slice build_leaf_first(const struct build_page *p);
/* Make positions count from their elements, as they are stored. */
void build_leaf_settle(struct build_page *p);

/* Write the page (settled here) with as many overflow pages as it needs. */
int build_write_leaf(struct bolt_builder *b, struct build_page *p, uint64_t *ret, struct err *err);
int build_write_branch(struct bolt_builder *b, struct build_page *p, uint64_t *ret,
                       struct err *err);
/* A leaf of one element, which may be larger than a page; nothing is copied. */
int build_write_single(struct bolt_builder *b, uint32_t flags, struct slice key, struct slice value,
                       uint64_t *ret, struct err *err);
void build_leaf_header(uint8_t ret[static 16], uint64_t id, unsigned count);
int build_write_zeros(struct bolt_builder *b, uint64_t len, struct err *err);
int build_write_metas(struct bolt_builder *b, uint64_t root, struct err *err);

/* builder_leaf.c */
int build_leaf_put(struct bolt_builder *b, struct build_frame *f, uint32_t flags, struct slice key,
                   struct slice value, struct err *err);
int build_leaf_flush(struct bolt_builder *b, struct build_frame *f, struct err *err);

/* builder_branch.c */
int build_branch_push(struct bolt_builder *b, struct build_frame *f, struct slice key,
                      uint64_t pgid, struct err *err);
/* Write what is open above the leaves; `ret` is the root page. At least one child was pushed. */
int build_branch_finish(struct bolt_builder *b, struct build_frame *f, uint64_t *ret,
                        struct err *err);
void build_level_free(struct build_level *l);

#endif
