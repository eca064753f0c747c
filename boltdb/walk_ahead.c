#include <stdlib.h>

#include "boltdb/walk_internal.h"

/* Real files keep only about a third of their leaves in key order, so a cold walk would wait for
 * every page. The children of the next branch are announced, in page order, while this one's are
 * read; when a sample of them is in memory already, nothing is announced, because that costs more
 * than it brings. */

enum {
    AHEAD_CHILDREN_MAX = 4096, /* of one branch */
    AHEAD_SAMPLE = 4,
    AHEAD_GAP_MAX = 64 << 10, /* bytes between two pages that are announced as one run */
    AHEAD_RUN_MAX = 1 << 20,
    AHEAD_QUIET = 16, /* branches in a row that were cached: from then on one in so many is asked */
};

struct ahead {
    unsigned cached; /* branches in a row */
    unsigned turn;
    uint64_t pgids[AHEAD_CHILDREN_MAX];
    uint8_t page[BOLT_PAGE_SIZE_MAX];
};

struct ahead *walk_ahead_new(const struct bolt_db *db)
{
    if (db->src.announce == NULL || db->src.is_cached == NULL)
        return NULL;
    return calloc(1, sizeof(struct ahead)); /* without memory the walk is only slower */
}

static int compare_ids(const void *a, const void *b)
{
    uint64_t x;
    uint64_t y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* The children that lie in the first page of the branch's element table. */
static size_t collect(struct walk *w, uint64_t pgid)
{
    const struct bolt_source *src = &w->db->src;
    const uint32_t page_size = w->db->page_size;
    struct bolt_fault fault;
    size_t count = 0;

    if (src->read(src, pgid * page_size, w->ahead->page, page_size, NULL) < 0)
        return 0;
    const struct slice bytes = {.data = w->ahead->page, .len = page_size};
    const struct bolt_page page = bolt_page_load(bytes, pgid * page_size, page_size);
    if (!bolt_page_check(&page, pgid, &fault) || page.type != BOLT_PAGE_BRANCH)
        return 0;
    for (unsigned i = 0; i < page.count && count < AHEAD_CHILDREN_MAX; i++) {
        if (BOLT_PAGE_HEADER_SIZE + (i + 1U) * BOLT_ELEMENT_SIZE > page_size)
            break;
        uint64_t child = bolt_branch_element(&page, i).pgid;
        if (child >= 2 && child < w->limit && !page_set_has(&w->reached, child))
            w->ahead->pgids[count++] = child;
    }
    return count;
}

static bool are_cached(const struct walk *w, size_t count)
{
    const struct bolt_source *src = &w->db->src;
    size_t step = count / AHEAD_SAMPLE + 1;

    for (size_t i = 0; i < count; i += step)
        if (!src->is_cached(src, w->ahead->pgids[i] * w->db->page_size))
            return false;
    return true;
}

static void announce_runs(const struct walk *w, size_t count)
{
    const struct bolt_source *src = &w->db->src;
    const uint32_t page_size = w->db->page_size;
    const uint64_t *pgids = w->ahead->pgids;
    size_t first = 0;

    for (size_t i = 1; i <= count; i++) {
        uint64_t start = pgids[first] * page_size;
        uint64_t end = pgids[i - 1] * page_size + w->reader.guess;

        if (i < count && pgids[i] * page_size <= end + AHEAD_GAP_MAX &&
            pgids[i] * page_size - start < AHEAD_RUN_MAX)
            continue;
        src->announce(src, start, (size_t)(end - start));
        first = i;
    }
}

void walk_announce(struct walk *w, const struct frame *f, unsigned i)
{
    struct bolt_fault fault;

    if (w->ahead == NULL || f->page.data == NULL || i >= f->page.count ||
        !bolt_element_check(&f->page, i, &fault))
        return;
    uint64_t pgid = bolt_branch_element(&f->page, i).pgid;
    if (pgid < 2 || pgid >= w->limit)
        return;
    if (w->ahead->cached >= AHEAD_QUIET && w->ahead->turn++ % AHEAD_QUIET != 0)
        return;
    size_t count = collect(w, pgid);
    if (count == 0)
        return;
    if (are_cached(w, count)) {
        w->ahead->cached++;
        return;
    }
    w->ahead->cached = 0;
    qsort(w->ahead->pgids, count, sizeof w->ahead->pgids[0], compare_ids);
    announce_runs(w, count);
}
