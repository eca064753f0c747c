#include <inttypes.h>

#include "boltdb/walk_internal.h"

/* A stored freelist (bbolt internal/freelist/shared.go): page ids behind the page header; when the
 * count field is 0xFFFF the first 8 bytes are the count. It is bookkeeping: a rebuild ignores it.
 */

enum { FREELIST_CHUNK = 4096, FREELIST_COUNT_IS_FIRST = 0xFFFF };

struct freelist {
    struct walk *w;
    struct bolt_page page;
    struct page_set free;
    uint64_t first; /* byte offset of the first id, from the page's start */
    uint64_t count;
    struct frame owner; /* only for its limit of reports */
};

static void report(struct freelist *l, enum bolt_problem problem, uint64_t offset, uint64_t id,
                   const char *what)
{
    walk_report(l->w,
                &(struct place){.owner = &l->owner,
                                .page = l->page.id,
                                .offset = l->page.base + offset,
                                .low = BOUND_OPEN,
                                .high = BOUND_OPEN},
                problem, "freelist: page %" PRIu64 " %s", id, what);
}

static bool is_own(const struct freelist *l, uint64_t id)
{
    return id >= l->page.id && id - l->page.id <= l->page.overflow;
}

static void check_id(struct freelist *l, uint64_t id, uint64_t offset)
{
    const struct walk *w = l->w;

    if (id < 2 || id >= bolt_db_current(w->db)->high_water_pgid)
        report(l, BOLT_FREELIST_RANGE, offset, id, "is outside the file's pages");
    else if (page_set_has(&l->free, id))
        report(l, BOLT_FREELIST_DUPLICATE, offset, id, "is listed twice");
    else if (is_own(l, id))
        report(l, BOLT_FREELIST_REACHABLE, offset, id, "is listed, but it is the freelist's own");
    else if (page_set_has(&w->reached, id))
        report(l, BOLT_FREELIST_REACHABLE, offset, id, "is listed, but in use");
    page_set_add(&l->free, id);
}

static int check_ids(struct freelist *l, struct err *err)
{
    const struct bolt_source *src = &l->w->db->src;
    uint8_t chunk[FREELIST_CHUNK];
    uint64_t at = l->first;
    uint64_t end = l->first + l->count * 8;

    while (at < end) {
        size_t len = end - at < sizeof chunk ? (size_t)(end - at) : sizeof chunk;
        int r = src->read(src, l->page.base + at, chunk, len, err);

        if (r < 0)
            return r;
        for (size_t i = 0; i < len; i += 8)
            check_id(l, le64_load(chunk + i), at + i);
        at += len;
    }
    return ERR_OK;
}

/* Pages that nothing owns, as runs. */
static void check_leaks(struct freelist *l)
{
    const struct walk *w = l->w;
    uint64_t first = 0;

    for (uint64_t id = 2; id <= w->limit; id++) {
        bool is_leaked = id < w->limit && !page_set_has(&w->reached, id) &&
                         !page_set_has(&l->free, id) && !is_own(l, id);

        if (is_leaked && first == 0)
            first = id;
        if (is_leaked || first == 0)
            continue;
        walk_report(l->w,
                    &(struct place){.owner = &l->owner,
                                    .page = first,
                                    .offset = first * w->db->page_size,
                                    .low = BOUND_OPEN,
                                    .high = BOUND_OPEN},
                    BOLT_PAGE_LEAKED,
                    "pages %" PRIu64 " to %" PRIu64 " are neither in use nor in the freelist",
                    first, id - 1);
        first = 0;
    }
}

/* The page itself; false when there is no list to check. */
static bool page_is_good(struct freelist *l)
{
    struct walk *w = l->w;
    const struct bolt_page *page = &l->page;
    uint64_t pgid = page->base / w->db->page_size;
    const struct place place = {
        .page = pgid, .offset = page->base, .low = BOUND_OPEN, .high = BOUND_OPEN};

    if (page->id != pgid || page->type != BOLT_PAGE_FREELIST)
        walk_report(w, &place, BOLT_FREELIST_PAGE,
                    "freelist page: id is %" PRIu64 ", want %" PRIu64 "; type is %#x, want %#x",
                    page->id, pgid, (unsigned)page->type, (unsigned)BOLT_PAGE_FREELIST);
    else if (page->overflow >= w->limit - pgid)
        walk_report(w, &place, BOLT_FREELIST_PAGE,
                    "freelist: %" PRIu32 " overflow pages run past the end", page->overflow);
    else if (l->count > (page->size - l->first) / 8)
        walk_report(w, &place, BOLT_FREELIST_PAGE,
                    "freelist: %" PRIu64 " ids do not fit its %" PRIu64 " bytes", l->count,
                    page->size);
    else if (page_set_has(&w->reached, pgid))
        walk_report(w, &place, BOLT_FREELIST_PAGE, "freelist page is part of the tree too");
    else
        return true;
    return false;
}

static int load(struct freelist *l, uint64_t pgid, struct err *err)
{
    const struct bolt_db *db = l->w->db;
    uint8_t head[BOLT_PAGE_HEADER_SIZE + 8];
    uint64_t base = pgid * db->page_size;
    int r = db->src.read(&db->src, base, head, sizeof head, err);

    if (r < 0)
        return r;
    l->page = bolt_page_load((struct slice){.data = head, .len = sizeof head}, base, db->page_size);
    l->page.data = NULL;
    l->first = BOLT_PAGE_HEADER_SIZE;
    l->count = l->page.count;
    if (l->page.count == FREELIST_COUNT_IS_FIRST) {
        l->first += 8;
        l->count = le64_load(head + BOLT_PAGE_HEADER_SIZE);
    }
    return ERR_OK;
}

static int check(struct freelist *l, uint64_t pgid, uint64_t *ret_pages, struct err *err)
{
    int r = load(l, pgid, err);

    if (r < 0 || !page_is_good(l))
        return r;
    l->owner.page = l->page;
    r = page_set_init(&l->free, l->w->limit, err);
    if (r == ERR_OK)
        r = check_ids(l, err);
    if (r == ERR_OK) {
        check_leaks(l);
        walk_report_rest(l->w, &l->owner);
        *ret_pages = (uint64_t)l->page.overflow + 1;
    }
    page_set_done(&l->free);
    return r;
}

int walk_freelist(struct walk *w, uint64_t *ret_pages, struct err *err)
{
    const struct bolt_meta *meta = bolt_db_current(w->db);
    struct freelist l = {.w = w};

    *ret_pages = 0;
    if (meta->freelist_pgid == BOLT_NO_FREELIST)
        return ERR_OK;
    if (meta->freelist_pgid >= 2 && meta->freelist_pgid < w->limit)
        return check(&l, meta->freelist_pgid, ret_pages, err);
    walk_report(w,
                &(struct place){.page = (uint64_t)w->db->active,
                                .offset = (uint64_t)w->db->active * w->db->page_size +
                                          BOLT_PAGE_HEADER_SIZE,
                                .low = BOUND_OPEN,
                                .high = BOUND_OPEN},
                BOLT_FREELIST_PAGE, "freelist is page %" PRIu64 ", the last page is %" PRIu64,
                meta->freelist_pgid, w->limit - 1);
    return ERR_OK;
}
