#include "boltdb/builder_internal.h"

int build_leaf_flush(struct bolt_builder *b, struct build_frame *f, struct err *err)
{
    uint64_t id;
    int r = build_write_leaf(b, &f->leaf, &id, err);

    if (r == ERR_OK)
        r = build_branch_push(b, f, build_leaf_first(&f->leaf), id, err);
    build_page_clear(&f->leaf);
    return r;
}

/* Larger than a page: a leaf of its own, straight from the caller's memory. */
static int put_single(struct bolt_builder *b, struct build_frame *f, uint32_t flags,
                      struct slice key, struct slice value, struct err *err)
{
    uint64_t id;
    int r = build_write_single(b, flags, key, value, &id, err);

    return r < 0 ? r : build_branch_push(b, f, key, id, err);
}

int build_leaf_put(struct bolt_builder *b, struct build_frame *f, uint32_t flags, struct slice key,
                   struct slice value, struct err *err)
{
    size_t element = 16 + key.len + value.len;
    size_t page_size = b->options.page_size;
    int r = ERR_OK;

    if (build_count(&f->leaf) > 0 && build_size(&f->leaf) + element > page_size)
        r = build_leaf_flush(b, f, err);
    if (r < 0)
        return r;
    if (16 + element > page_size)
        return put_single(b, f, flags, key, value, err);
    return build_leaf_add(&f->leaf, flags, key, value, err);
}
