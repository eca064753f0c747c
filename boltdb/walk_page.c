#include <inttypes.h>
#include <stdlib.h>

#include "boltdb/walk_internal.h"

static bool is_on_stack(const struct walk *w, uint64_t pgid)
{
    for (int i = 0; i < w->frame_count; i++)
        if (w->frames[i].page.id == pgid)
            return true;
    return false;
}

/* The checks that need only the page's id. */
static bool id_is_good(struct walk *w, const struct arrival *a)
{
    const uint64_t high_water = bolt_db_current(w->db)->high_water_pgid;

    if (a->depth > BOLT_DEPTH_MAX)
        walk_report(w, &a->from, BOLT_TREE_DEPTH,
                    "page %" PRIu64 " is %u pages deep, want at most %d", a->pgid, a->depth,
                    BOLT_DEPTH_MAX);
    else if (a->pgid < 2 || a->pgid >= high_water)
        walk_report(w, &a->from, BOLT_PAGE_RANGE, "points to page %" PRIu64 ", want 2 to %" PRIu64,
                    a->pgid, high_water - 1);
    else if (a->pgid >= w->limit)
        walk_report(w, &a->from, BOLT_PAGE_PAST_END,
                    "points to page %" PRIu64 ", the file ends with page %" PRIu64, a->pgid,
                    w->limit - 1);
    else if (!page_set_has(&w->reached, a->pgid))
        return true;
    else if (is_on_stack(w, a->pgid))
        walk_report(w, &a->from, BOLT_PAGE_CYCLE, "points back to page %" PRIu64, a->pgid);
    else
        walk_report(w, &a->from, BOLT_PAGE_SHARED,
                    "points to page %" PRIu64 ", which is reached from elsewhere too", a->pgid);
    return false;
}

/* Pages that the data of a page fills: what an inflated overflow claims beyond it is not taken from
 * its neighbours. */
static uint64_t slots_needed(const struct bolt_page *page)
{
    struct bolt_fault ignored;

    if (page->count == 0)
        return 1;
    const struct bolt_element last = bolt_page_element(page, page->count - 1U);
    if (!bolt_element_check(page, page->count - 1U, &ignored))
        return (uint64_t)page->overflow + 1;
    return (bolt_element_end(&last) - 1) / page->page_size + 1;
}

/* Take the overflow pages. They are marked even when one of them is not free, so that no file can
 * make the walk look at a page more than a few times. */
static bool take_slots(struct walk *w, const struct arrival *a, const struct bolt_page *page)
{
    uint64_t slots = slots_needed(page);

    for (uint64_t i = 1; i < slots; i++) {
        if (page_set_has(&w->reached, page->id + i)) {
            walk_report(w,
                        &(struct place){.owner = a->from.owner,
                                        .page = page->id,
                                        .offset = page->base,
                                        .low = a->from.low,
                                        .high = a->from.high},
                        BOLT_PAGE_SHARED, "overflow page %" PRIu64 " is reached from elsewhere too",
                        page->id + i);
            return false;
        }
        page_set_add(&w->reached, page->id + i);
    }
    w->stats.reached += slots;
    w->stats.overflow_pages += slots - 1;
    return true;
}

/* The lowest branches are needed again last. */
static void give_up_branches(struct walk *w)
{
    for (int i = 0; i < w->frame_count && w->branch_bytes > WALK_BRANCH_BYTES_MAX; i++) {
        struct frame *f = &w->frames[i];

        if (f->own != NULL) {
            w->branch_bytes -= f->page.loaded;
            free(f->own);
            f->own = NULL;
            f->page.data = NULL;
        }
    }
}

/* A branch's bytes must outlive the reader's buffer. */
static int keep_branch(struct walk *w, struct frame *f, struct err *err)
{
    w->branch_bytes += f->page.loaded;
    give_up_branches(w);
    f->own = malloc(f->page.loaded);
    if (f->own == NULL)
        return err_nomem(err);
    memcpy(f->own, f->page.data, f->page.loaded);
    f->page.data = f->own;
    return ERR_OK;
}

static int changed(const struct walk *w, const struct bolt_page *page, struct err *err)
{
    return err_set(err, ERR_IO,
                   "'%s': page %" PRIu64 " at byte %" PRIu64 " has changed while it was read",
                   w->db->src.name, page->id, page->base);
}

static bool is_same_page(const struct bolt_page *a, const struct bolt_page *b)
{
    return a->id == b->id && a->type == b->type && a->count == b->count &&
           a->overflow == b->overflow;
}

static int revive_branch(struct walk *w, struct frame *f, struct err *err)
{
    const struct bolt_source *src = &w->db->src;

    if (f->own != NULL)
        return ERR_OK;
    uint8_t *own = malloc(f->page.loaded);
    if (own == NULL)
        return err_nomem(err);
    int r = src->read(src, f->page.base, own, f->page.loaded, err);
    struct bolt_page now = f->page;
    if (r == ERR_OK) {
        const struct slice bytes = {.data = own, .len = f->page.loaded};

        now = bolt_page_load(bytes, f->page.base, w->db->page_size);
        if (!is_same_page(&now, &f->page))
            r = changed(w, &f->page, err);
    }
    if (r < 0) {
        free(own);
        return r;
    }
    w->branch_bytes += now.loaded;
    f->own = own;
    f->page = now;
    return ERR_OK;
}

int walk_bound(struct walk *w, struct bound b, struct bound_key *scratch, struct slice *key,
               const struct slice **ret, struct err *err)
{
    struct bolt_fault fault;

    *ret = NULL;
    if (b.frame < 0)
        return ERR_OK;
    struct frame *f = &w->frames[b.frame];
    int r = revive_branch(w, f, err);
    if (r < 0)
        return r;
    if (!bolt_element_check(&f->page, b.element, &fault))
        return changed(w, &f->page, err);
    const struct bolt_element e = bolt_branch_element(&f->page, b.element);
    uint64_t place = f->page.base + BOLT_PAGE_HEADER_SIZE + (uint64_t)b.element * BOLT_ELEMENT_SIZE;
    *ret = key;
    if (scratch->place == place) {
        *key = buf_slice(&scratch->buf);
        return ERR_OK;
    }
    r = page_reader_key(&w->reader, &f->page, &e, &scratch->buf, key, err);
    scratch->place = r == ERR_OK && key->data == scratch->buf.data ? place : 0;
    return r;
}

int walk_refresh(struct walk *w, struct err *err)
{
    struct frame *f = walk_top(w);
    struct bolt_fault fault;
    struct bolt_page now;

    if (f->page.type == BOLT_PAGE_BRANCH)
        return revive_branch(w, f, err);
    if (f->is_inline || f->generation == w->reader.generation)
        return ERR_OK;
    int r = page_reader_load(&w->reader, f->page.id, &now, &fault, err);
    if (r < 0 && r != ERR_CORRUPT)
        return r;
    if (r < 0 || !is_same_page(&now, &f->page) ||
        (f->is_sound && !bolt_page_is_sound(&now, NULL, NULL)))
        return changed(w, &f->page, err);
    f->page = now;
    f->generation = w->reader.generation;
    return ERR_OK;
}

static int check_content(struct walk *w, struct frame *f, struct err *err)
{
    const struct slice *low = NULL;
    const struct slice *high = NULL;
    struct slice low_key;
    struct slice high_key;

    int r = walk_bound(w, f->low, &w->low, &low_key, &low, err);
    if (r == ERR_OK)
        r = walk_bound(w, f->high, &w->high, &high_key, &high, err);
    if (r < 0)
        return r;
    f->is_sound = bolt_page_is_sound(&f->page, low, high);
    if (f->is_sound && f->page.count > 0 && w->has_last) {
        const struct bolt_element first = bolt_page_element(&f->page, 0);

        f->is_sound = slice_cmp(buf_slice(&w->last), bolt_element_key(&f->page, &first)) < 0;
    }
    return f->is_sound ? ERR_OK : walk_judge_page(w, f, err);
}

static bool page_is_empty(struct walk *w, const struct arrival *a, const struct bolt_page *page)
{
    if (page->count > 0 || (page->type == BOLT_PAGE_LEAF && a->is_bucket_root))
        return false;
    walk_report(w,
                &(struct place){.owner = a->from.owner,
                                .page = page->id,
                                .offset = page->base,
                                .low = a->from.low,
                                .high = a->from.high},
                BOLT_PAGE_EMPTY, "a %s page without elements",
                page->type == BOLT_PAGE_LEAF ? "leaf" : "branch");
    return true;
}

static void count_page(struct walk *w, const struct arrival *a, const struct bolt_page *page)
{
    if (page->type == BOLT_PAGE_BRANCH)
        w->stats.branch_pages++;
    else
        w->stats.leaf_pages++;
    if (a->depth > w->stats.depth)
        w->stats.depth = a->depth;
    if (w->options != NULL && w->options->progress != NULL)
        (void)atomic_fetch_add_explicit(w->options->progress, page->size, memory_order_relaxed);
}

static int load(struct walk *w, const struct arrival *a, struct bolt_page *page, bool *ret_ok,
                struct err *err)
{
    struct bolt_fault fault;
    int r = page_reader_load(&w->reader, a->pgid, page, &fault, err);

    if (r == ERR_CORRUPT)
        walk_report(w,
                    &(struct place){.owner = a->from.owner,
                                    .page = a->pgid,
                                    .offset = a->pgid * w->db->page_size + fault.offset,
                                    .low = a->from.low,
                                    .high = a->from.high},
                    fault.problem, "%s", fault.text);
    *ret_ok = r == ERR_OK;
    return r == ERR_CORRUPT ? ERR_OK : r;
}

int walk_push(struct walk *w, const struct arrival *a, bool *ret_pushed, struct err *err)
{
    struct bolt_page page;
    bool is_ok = false;

    *ret_pushed = false;
    if (w->options != NULL && w->options->cancel != NULL &&
        atomic_load_explicit(w->options->cancel, memory_order_relaxed))
        return err_set(err, ERR_INTERRUPTED, "'%s': interrupted", w->db->src.name);
    if (!id_is_good(w, a))
        return ERR_OK;
    page_set_add(&w->reached, a->pgid);
    int r = load(w, a, &page, &is_ok, err);
    if (r < 0 || !is_ok || !take_slots(w, a, &page))
        return r;
    count_page(w, a, &page);
    if (page_is_empty(w, a, &page))
        return ERR_OK;

    struct frame *f = &w->frames[w->frame_count];
    *f = (struct frame){
        .page = page,
        .low = a->from.low,
        .high = a->from.high,
        .depth = a->depth,
        .generation = w->reader.generation,
        .is_bucket_root = a->is_bucket_root,
    };
    if (page.type == BOLT_PAGE_BRANCH) {
        r = keep_branch(w, f, err);
        if (r < 0)
            return r;
    }
    w->frame_count++;
    *ret_pushed = true;
    return check_content(w, f, err);
}

int walk_push_inline(struct walk *w, const struct bolt_page *page, struct err *err)
{
    struct frame *f = &w->frames[w->frame_count++];

    *f = (struct frame){
        .page = *page,
        .low = BOUND_OPEN,
        .high = BOUND_OPEN,
        .is_bucket_root = true,
        .is_inline = true,
        .is_sound = bolt_page_is_sound(page, NULL, NULL),
    };
    return f->is_sound ? ERR_OK : walk_judge_page(w, f, err);
}

void walk_pop(struct walk *w)
{
    struct frame *f = walk_top(w);

    walk_report_rest(w, f);
    if (f->own != NULL) {
        w->branch_bytes -= f->page.loaded;
        free(f->own);
    }
    w->frame_count--;
}
