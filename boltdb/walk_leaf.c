#include <inttypes.h>

#include "boltdb/walk_internal.h"

int walk_set_last(struct walk *w, struct slice key, struct err *err)
{
    buf_clear(&w->last);
    w->has_last = true;
    return buf_append(&w->last, key, err);
}

static struct bucket_level *level_top(struct walk *w)
{
    return &w->levels[w->nesting];
}

int walk_leave_bucket(struct walk *w, struct err *err)
{
    const struct bolt_visitor *v = w->visitor;
    struct bucket_level *level = level_top(w);
    int r = ERR_OK;

    if (w->nesting == 0)
        return ERR_OK;
    if (v != NULL && v->bucket_leave != NULL)
        r = v->bucket_leave(v->ctx, &level->bucket, err);
    if (r < 0)
        return r;
    w->nesting--;
    return walk_set_last(w, buf_slice(&level->name), err);
}

static int enter_bucket(struct walk *w, struct slice name, const uint8_t *header, struct err *err)
{
    const struct bolt_visitor *v = w->visitor;
    struct bucket_level *level = &w->levels[w->nesting + 1];

    buf_clear(&level->name);
    int r = buf_append(&level->name, name, err);
    if (r < 0)
        return r;
    w->nesting++;
    w->has_last = false;
    w->stats.buckets++;
    level->bucket = (struct bolt_bucket){
        .name = buf_slice(&level->name),
        .depth = w->nesting,
        .root = le64_load(header),
        .sequence = le64_load(header + 8),
        .is_inline = le64_load(header) == 0,
    };
    if (v == NULL || v->bucket_enter == NULL)
        return ERR_OK;
    return v->bucket_enter(v->ctx, &level->bucket, err);
}

static bool inline_page_check(const struct bolt_page *page, struct bolt_fault *fault)
{
    if (!bolt_page_check(page, BOLT_INLINE_PAGE_ID, fault))
        return false;
    if (page->type != BOLT_PAGE_LEAF)
        return bolt_fault_set(fault, BOLT_INLINE_PAGE, 8, "page type is %#x, want leaf",
                              (unsigned)page->type);
    if (page->overflow != 0)
        return bolt_fault_set(fault, BOLT_INLINE_PAGE, 12, "%" PRIu32 " overflow pages, want 0",
                              page->overflow);
    return true;
}

/* The bucket's page is in its value (bbolt bucket.go openBucket). */
static int enter_inline(struct walk *w, struct frame *f, struct slice value, uint64_t offset,
                        struct err *err)
{
    struct slice bytes = {
        .data = value.data + BOLT_BUCKET_HEADER_SIZE,
        .len = value.len - BOLT_BUCKET_HEADER_SIZE,
    };
    struct bolt_page page = bolt_page_load(bytes, offset + BOLT_BUCKET_HEADER_SIZE, 0);
    struct bolt_fault fault;

    page.size = bytes.len;
    if (inline_page_check(&page, &fault)) {
        page.id = f->page.id;
        return walk_push_inline(w, &page, err);
    }
    walk_report(w,
                &(struct place){.owner = f,
                                .page = f->page.id,
                                .offset = page.base + fault.offset,
                                .low = BOUND_OPEN,
                                .high = BOUND_OPEN},
                BOLT_INLINE_PAGE, "inline bucket: %s", fault.text);
    return walk_leave_bucket(w, err);
}

static int enter_tree(struct walk *w, struct frame *f, uint64_t root, uint64_t offset,
                      struct err *err)
{
    const struct arrival a = {
        .pgid = root,
        .from = {.owner = f,
                 .page = f->page.id,
                 .offset = offset,
                 .low = BOUND_OPEN,
                 .high = BOUND_OPEN},
        .depth = 1,
        .is_bucket_root = true,
    };
    bool is_pushed;
    int r = walk_push(w, &a, &is_pushed, err);

    return r < 0 || is_pushed ? r : walk_leave_bucket(w, err);
}

/* False, and reported, when the value of a bucket element cannot be one. */
static bool bucket_is_good(struct walk *w, struct frame *f, struct slice value, uint64_t offset)
{
    const struct place place = {
        .owner = f, .page = f->page.id, .offset = offset, .low = BOUND_OPEN, .high = BOUND_OPEN};

    if (f->is_inline)
        walk_report(w, &place, BOLT_INLINE_BUCKET, "an inline bucket holds a bucket");
    else if (w->nesting >= BOLT_NESTING_MAX)
        walk_report(w, &place, BOLT_BUCKET_NESTING, "a bucket %u deep, want at most %d",
                    w->nesting + 1, BOLT_NESTING_MAX);
    else if (value.len < BOLT_BUCKET_HEADER_SIZE)
        walk_report(w, &place, BOLT_BUCKET_BAD_HEADER, "bucket header of %zu bytes, want %d",
                    value.len, BOLT_BUCKET_HEADER_SIZE);
    else if (le64_load(value.data) == 0 &&
             value.len < BOLT_BUCKET_HEADER_SIZE + BOLT_PAGE_HEADER_SIZE)
        walk_report(w, &place, BOLT_BUCKET_BAD_HEADER,
                    "inline bucket of %zu bytes, want at least %d", value.len,
                    BOLT_BUCKET_HEADER_SIZE + BOLT_PAGE_HEADER_SIZE);
    else
        return true;
    return false;
}

/* Leaves with the bucket's page on the stack, or past the bucket when it has none that can be
 * walked. */
static int visit_bucket(struct walk *w, struct frame *f, const struct bolt_element *e,
                        struct err *err)
{
    uint64_t offset = f->page.base + e->start + e->key_size;
    struct slice name = {0};
    struct slice value = {0};

    int r = page_reader_key(&w->reader, &f->page, e, &w->key, &name, err);
    if (r == ERR_OK)
        r = page_reader_value(&w->reader, &f->page, e, &w->value, &value, err);
    if (r < 0 || !bucket_is_good(w, f, value, offset))
        return r;
    uint64_t root = le64_load(value.data);
    if (root != 0 && value.len != BOLT_BUCKET_HEADER_SIZE)
        walk_report(w,
                    &(struct place){.owner = f,
                                    .page = f->page.id,
                                    .offset = offset,
                                    .low = BOUND_OPEN,
                                    .high = BOUND_OPEN},
                    BOLT_BUCKET_BAD_HEADER, "bucket header of %zu bytes, want %d", value.len,
                    BOLT_BUCKET_HEADER_SIZE);
    r = enter_bucket(w, name, value.data, err);
    if (r < 0)
        return r;
    return root == 0 ? enter_inline(w, f, value, offset, err) : enter_tree(w, f, root, offset, err);
}

static int visit_item(struct walk *w, const struct frame *f, const struct bolt_element *e,
                      struct err *err)
{
    const struct bolt_visitor *v = w->visitor;
    struct bolt_item item = {
        .page = f->page.id,
        .offset = f->page.base + e->start + e->key_size,
    };

    w->stats.items++;
    if (v == NULL || v->item == NULL)
        return ERR_OK;
    int r = page_reader_key(&w->reader, &f->page, e, &w->key, &item.key, err);
    if (r == ERR_OK)
        r = page_reader_value(&w->reader, &f->page, e, &w->value, &item.value, err);
    return r < 0 ? r : v->item(v->ctx, &item, err);
}

/* The hot path: a sound page is in memory and nothing in it is checked again. */
static inline int deliver(struct walk *w, const struct frame *f, const struct bolt_element *e,
                          struct err *err)
{
    if (!f->is_sound)
        return visit_item(w, f, e, err);
    const struct bolt_item item = {
        .key = bolt_element_key(&f->page, e),
        .value = bolt_element_value(&f->page, e),
        .page = f->page.id,
        .offset = f->page.base + e->start + e->key_size,
    };
    w->stats.items++;
    if (w->visitor == NULL || w->visitor->item == NULL)
        return ERR_OK;
    return w->visitor->item(w->visitor->ctx, &item, err);
}

static int end_of_leaf(struct walk *w, const struct frame *f, struct err *err)
{
    if (!f->is_sound || f->page.count == 0)
        return ERR_OK;
    const struct bolt_element e = bolt_leaf_element(&f->page, f->page.count - 1U);
    return walk_set_last(w, bolt_element_key(&f->page, &e), err);
}

int walk_leaf(struct walk *w, struct err *err)
{
    struct frame *f = walk_top(w);

    while (f->next < f->page.count) {
        unsigned i = f->next++;
        bool is_ok = true;

        int r = f->is_sound ? ERR_OK : walk_judge_element(w, f, i, &is_ok, err);
        if (r < 0)
            return r;
        if (!is_ok)
            continue;
        const struct bolt_element e = bolt_leaf_element(&f->page, i);
        bool is_bucket = e.flags != 0;
        r = is_bucket ? visit_bucket(w, f, &e, err) : deliver(w, f, &e, err);
        if (r < 0)
            return r;
        if (is_bucket && (walk_top(w) != f || f->generation != w->reader.generation))
            return ERR_OK;
    }
    return end_of_leaf(w, f, err);
}
