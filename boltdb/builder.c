#include "boltdb/builder.h"

#include <stdlib.h>

#include "boltdb/builder_internal.h"
#include "boltdb/page.h"

enum {
    FILE_SIZE_MIN = 4096, /* bbolt up to 1.3.6 db.go reads as much at open */
    INLINE_SHARE = 4,     /* of a page, bbolt bucket.go maxInlineBucketSize */
};

static void frame_free(struct build_frame *f)
{
    if (f == NULL)
        return;
    buf_done(&f->name);
    buf_done(&f->last_key);
    build_page_done(&f->leaf);
    for (int i = 0; i < BOLT_DEPTH_MAX; i++)
        build_level_free(f->level[i]);
    free(f);
}

void bolt_builder_free(struct bolt_builder *b)
{
    if (b == NULL)
        return;
    for (int i = 0; i <= BOLT_NESTING_MAX; i++)
        frame_free(b->frame[i]);
    buf_done(&b->key[0]);
    buf_done(&b->key[1]);
    buf_done(&b->value);
    free(b);
}

/* The frame at this nesting, empty; its memory is used again. */
static int frame_open(struct bolt_builder *b, unsigned nesting, struct slice name,
                      uint64_t sequence, struct err *err)
{
    struct build_frame *f = b->frame[nesting];

    if (f == NULL) {
        f = calloc(1, sizeof *f);
        if (f == NULL)
            return err_nomem(err);
        f->name = BUF_INIT(BOLT_KEY_MAX);
        f->last_key = BUF_INIT(BOLT_KEY_MAX);
        build_page_init(&f->leaf);
        b->frame[nesting] = f;
    }
    buf_clear(&f->name);
    buf_clear(&f->last_key);
    build_page_clear(&f->leaf);
    f->levels = 0;
    f->has_buckets = false;
    f->sequence = sequence;
    return buf_append(&f->name, name, err);
}

int bolt_builder_new(const struct bolt_build_options *options, const struct bolt_output *out,
                     struct bolt_builder **ret, struct err *err)
{
    uint32_t size = options->page_size;

    if (size < BOLT_PAGE_SIZE_MIN || size > BOLT_PAGE_SIZE_MAX || (size & (size - 1)) != 0)
        return err_set(err, ERR_USAGE, "page size is %u, want a power of two from %d to %d", size,
                       (int)BOLT_PAGE_SIZE_MIN, (int)BOLT_PAGE_SIZE_MAX);
    if (options->txid == 0)
        return err_set(err, ERR_USAGE, "transaction id is 0, want at least 1");
    struct bolt_builder *b = calloc(1, sizeof *b);
    if (b == NULL)
        return err_nomem(err);
    b->options = *options;
    b->out = *out;
    b->pages = 2;
    b->key[0] = BUF_INIT(BOLT_KEY_MAX);
    b->key[1] = BUF_INIT(BOLT_KEY_MAX);
    b->value = BUF_INIT((size_t)2 * BOLT_PAGE_SIZE_MAX);
    int r = frame_open(b, 0, (struct slice){0}, options->root_sequence, err);
    if (r == ERR_OK)
        r = build_write_zeros(b, (uint64_t)2 * size, err);
    if (r < 0) {
        bolt_builder_free(b);
        return r;
    }
    *ret = b;
    return ERR_OK;
}

/* Order and limits of the next key in the open bucket. */
static int key_check(struct build_frame *f, struct slice key, struct err *err)
{
    if (key.len == 0)
        return err_set(err, ERR_CORRUPT, "key is empty");
    if (key.len > BOLT_KEY_MAX)
        return err_set(err, ERR_LIMIT, "key has %zu bytes, want at most %d", key.len,
                       (int)BOLT_KEY_MAX);
    if (f->last_key.len > 0 && slice_cmp(key, buf_slice(&f->last_key)) <= 0) {
        char have[64];
        char want[64];

        return err_set(err, ERR_CORRUPT, "key '%s' does not come after '%s'",
                       finding_printable(key, have, sizeof have),
                       finding_printable(buf_slice(&f->last_key), want, sizeof want));
    }
    buf_clear(&f->last_key);
    return buf_append(&f->last_key, key, err);
}

/* The first failure is kept: the page ids behind it would be wrong. */
static int done(struct bolt_builder *b, int r)
{
    if (r < 0 && b->result == ERR_OK)
        b->result = r;
    return r;
}

static int refuse(const struct bolt_builder *b, struct err *err)
{
    return err_set(err, ERR_USAGE, "the builder has failed before: %s", err_text(b->result));
}

int bolt_builder_put(struct bolt_builder *b, struct slice key, struct slice value, struct err *err)
{
    struct build_frame *f = b->frame[b->nesting];

    if (b->result < 0)
        return refuse(b, err);
    if (value.len > BOLT_VALUE_MAX)
        return done(b, err_set(err, ERR_LIMIT, "value has %zu bytes, want at most %d", value.len,
                               (int)BOLT_VALUE_MAX));
    int r = key_check(f, key, err);
    return done(b, r < 0 ? r : build_leaf_put(b, f, 0, key, value, err));
}

int bolt_builder_enter(struct bolt_builder *b, struct slice name, uint64_t sequence,
                       struct err *err)
{
    if (b->result < 0)
        return refuse(b, err);
    if (b->nesting == BOLT_NESTING_MAX)
        return done(
            b, err_set(err, ERR_LIMIT, "buckets are nested deeper than %d", (int)BOLT_NESTING_MAX));
    int r = key_check(b->frame[b->nesting], name, err);
    if (r == ERR_OK)
        r = frame_open(b, b->nesting + 1, name, sequence, err);
    if (r < 0)
        return done(b, r);
    b->frame[b->nesting]->has_buckets = true;
    b->nesting++;
    return ERR_OK;
}

/* The page tree of this bucket; a bucket without keys gets an empty leaf. */
static int finish_tree(struct bolt_builder *b, struct build_frame *f, uint64_t *ret,
                       struct err *err)
{
    int r = ERR_OK;

    if (f->levels == 0 && build_count(&f->leaf) == 0)
        return build_write_leaf(b, &f->leaf, ret, err);
    if (build_count(&f->leaf) > 0)
        r = build_leaf_flush(b, f, err);
    return r < 0 ? r : build_branch_finish(b, f, ret, err);
}

/* bbolt bucket.go inlineable: one leaf, no buckets in it, at most a quarter page. */
static bool is_inline(const struct bolt_builder *b, const struct build_frame *f)
{
    return f->levels == 0 && !f->has_buckets &&
           build_size(&f->leaf) <= b->options.page_size / INLINE_SHARE;
}

/* Root 0, sequence, then the whole leaf page. */
static int inline_value(struct bolt_builder *b, struct build_frame *f, struct err *err)
{
    uint8_t page[BOLT_PAGE_HEADER_SIZE];

    build_leaf_header(page, 0, build_count(&f->leaf));
    build_leaf_settle(&f->leaf);
    int r = buf_append(&b->value, (struct slice){page, sizeof page}, err);
    if (r == ERR_OK)
        r = buf_append(&b->value, buf_slice(&f->leaf.elements), err);
    return r < 0 ? r : buf_append(&b->value, buf_slice(&f->leaf.data), err);
}

/* What the bucket's element holds, in b->value. */
static int bucket_value(struct bolt_builder *b, struct build_frame *f, struct err *err)
{
    uint8_t header[BOLT_BUCKET_HEADER_SIZE] = {0};
    bool inlined = is_inline(b, f);
    uint64_t root = 0;
    int r = inlined ? ERR_OK : finish_tree(b, f, &root, err);

    if (r < 0)
        return r;
    le64_store(header, root);
    le64_store(header + 8, f->sequence);
    buf_clear(&b->value);
    r = buf_append(&b->value, (struct slice){header, sizeof header}, err);
    return r < 0 || !inlined ? r : inline_value(b, f, err);
}

int bolt_builder_leave(struct bolt_builder *b, struct err *err)
{
    struct build_frame *f = b->frame[b->nesting];

    if (b->result < 0)
        return refuse(b, err);
    if (b->nesting == 0)
        return err_set(err, ERR_USAGE, "no bucket is open");
    int r = bucket_value(b, f, err);
    if (r < 0)
        return done(b, r);
    b->nesting--;
    return done(b, build_leaf_put(b, b->frame[b->nesting], BOLT_LEAF_BUCKET_FLAG,
                                  buf_slice(&f->name), buf_slice(&b->value), err));
}

int bolt_builder_finish(struct bolt_builder *b, struct bolt_built *ret, struct err *err)
{
    uint64_t root;

    if (b->result < 0)
        return refuse(b, err);
    if (b->nesting > 0)
        return err_set(err, ERR_USAGE, "%u buckets are open still", b->nesting);
    int r = finish_tree(b, b->frame[0], &root, err);
    if (r < 0)
        return done(b, r);
    uint64_t size = b->pages * b->options.page_size;
    if (size < FILE_SIZE_MIN) {
        r = build_write_zeros(b, FILE_SIZE_MIN - size, err);
        size = FILE_SIZE_MIN;
    }
    if (r == ERR_OK)
        r = build_write_metas(b, root, err);
    if (r < 0)
        return done(b, r);
    b->result = ERR_USAGE; /* nothing may follow */
    *ret = (struct bolt_built){.size = size, .pages = b->pages};
    return ERR_OK;
}
