#include <stdlib.h>

#include "boltdb/builder_internal.h"

void build_level_free(struct build_level *l)
{
    if (l == NULL)
        return;
    build_page_done(&l->page);
    build_page_done(&l->held);
    free(l);
}

static int level_at(struct build_frame *f, unsigned at, struct build_level **ret, struct err *err)
{
    if (at >= BOLT_DEPTH_MAX) {
        (void)err_set(err, ERR_LIMIT, "tree is deeper than %d pages", (int)BOLT_DEPTH_MAX);
        return ERR_LIMIT;
    }
    if (f->level[at] == NULL) {
        f->level[at] = calloc(1, sizeof *f->level[at]);
        if (f->level[at] == NULL) {
            (void)err_nomem(err);
            return ERR_NOMEM;
        }
        build_page_init(&f->level[at]->page);
        build_page_init(&f->level[at]->held);
    }
    if (at == f->levels) {
        f->levels++;
        build_page_clear(&f->level[at]->page);
        f->level[at]->has_held = false;
    }
    *ret = f->level[at];
    return ERR_OK;
}

/* The full page is held back; the former held page must be written. */
static void hold(struct build_level *l)
{
    struct build_page former = l->held;

    l->held = l->page;
    l->page = former;
    l->has_held = true;
    build_page_clear(&l->page);
}

/* Write the held page, and keep its first key in `key` for the level above. */
static int write_held(struct bolt_builder *b, struct build_level *l, struct buf *key, uint64_t *id,
                      struct err *err)
{
    buf_clear(key);
    int r = buf_append(key, build_branch_key(&l->held, 0), err);

    return r < 0 ? r : build_write_branch(b, &l->held, id, err);
}

/* Add a child at height `at`, and above it what became full. bbolt asserts two children in each
 * branch page (node.go rebalance), so a page with one takes a second one of any size. */
static int push(struct bolt_builder *b, struct build_frame *f, unsigned at, struct slice key,
                uint64_t pgid, struct err *err)
{
    for (;; at++) {
        struct build_level *l = NULL;
        struct buf *up_key = &b->key[at % 2];
        uint64_t up_id = 0;
        int r = level_at(f, at, &l, err);

        if (r < 0)
            return r;
        bool is_full = build_count(&l->page) >= 2 &&
                       build_size(&l->page) + 16 + key.len > b->options.page_size;
        bool goes_up = is_full && l->has_held;
        if (goes_up)
            r = write_held(b, l, up_key, &up_id, err);
        if (is_full)
            hold(l);
        if (r == ERR_OK)
            r = build_branch_add(&l->page, key, pgid, err);
        if (r < 0 || !goes_up)
            return r;
        key = buf_slice(up_key);
        pgid = up_id;
    }
}

int build_branch_push(struct bolt_builder *b, struct build_frame *f, struct slice key,
                      uint64_t pgid, struct err *err)
{
    return push(b, f, 0, key, pgid, err);
}

/* The last page has one child: it gets the held page's last one, or all when that has only two. */
static int share(struct bolt_builder *b, struct build_level *l, struct err *err)
{
    uint64_t child = build_branch_child(&l->page, 0);
    struct buf *key = &b->key[0];

    buf_clear(key);
    int r = buf_append(key, build_branch_key(&l->page, 0), err);
    if (r < 0)
        return r;
    unsigned last = build_count(&l->held) - 1;
    if (last < 2) {
        struct build_page single = l->page;
        l->page = l->held;
        l->held = single;
        l->has_held = false;
        return build_branch_add(&l->page, buf_slice(key), child, err);
    }
    struct slice moved = build_branch_key(&l->held, last);
    build_page_clear(&l->page);
    r = build_branch_add(&l->page, moved, build_branch_child(&l->held, last), err);
    l->held.elements.len -= 16;
    l->held.data.len -= moved.len;
    return r < 0 ? r : build_branch_add(&l->page, buf_slice(key), child, err);
}

static int write_and_push(struct bolt_builder *b, struct build_frame *f, unsigned at,
                          struct build_page *p, struct err *err)
{
    uint64_t id;
    int r = build_write_branch(b, p, &id, err);

    /* The first element's position counts from the element now. */
    struct slice key = {p->data.data, le32_load(p->elements.data + 4)};
    return r < 0 ? r : push(b, f, at + 1, key, id, err);
}

int build_branch_finish(struct bolt_builder *b, struct build_frame *f, uint64_t *ret,
                        struct err *err)
{
    int r = ERR_OK;

    for (unsigned at = 0; r == ERR_OK; at++) {
        struct build_level *l = f->level[at];

        if (!l->has_held && build_count(&l->page) == 1) {
            *ret = build_branch_child(&l->page, 0);
            break;
        }
        if (l->has_held && build_count(&l->page) == 1)
            r = share(b, l, err);
        if (r == ERR_OK && l->has_held)
            r = write_and_push(b, f, at, &l->held, err);
        if (r == ERR_OK)
            r = write_and_push(b, f, at, &l->page, err);
    }
    f->levels = 0;
    return r;
}
