#include "boltdb/page_reader.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
    PAGE_READER_BUF = BOLT_PAGE_LOAD_MAX,
    AHEAD_MAX = 256 << 10, /* bytes; larger reads only cost cache */
    GUESS_MAX = 64 << 10,  /* bytes read at once for a page that is probably as long as the last */
    NEAR = 64 << 10,       /* bytes that may be left out of a run: branch and free pages */
};
static_assert(BOLT_PAGE_HEADER_SIZE + UINT16_MAX * BOLT_ELEMENT_SIZE <= PAGE_READER_BUF,
              "any element table fits the buffer");
static_assert(AHEAD_MAX <= PAGE_READER_BUF && GUESS_MAX <= PAGE_READER_BUF &&
                  (int)BOLT_PAGE_SIZE_MAX <= (int)GUESS_MAX,
              "reads fit the buffer");

int page_reader_init(struct page_reader *r, const struct bolt_db *db, struct err *err)
{
    *r = (struct page_reader){.db = db, .guess = db->page_size};
    for (int i = 0; i < PAGE_WINDOWS; i++) {
        r->windows[i].ahead = db->page_size;
        r->windows[i].buf = malloc(PAGE_READER_BUF);
        if (r->windows[i].buf == NULL)
            return err_nomem(err);
    }
    return ERR_OK;
}

void page_reader_done(struct page_reader *r)
{
    for (int i = 0; i < PAGE_WINDOWS; i++) {
        free(r->windows[i].buf);
        r->windows[i].buf = NULL;
    }
}

uint64_t page_reader_limit(const struct bolt_db *db)
{
    uint64_t in_file = db->src.size / db->page_size;
    uint64_t high_water = bolt_db_current(db)->high_water_pgid;

    return high_water < in_file ? high_water : in_file;
}

/* Bytes the file can give from `off` on. */
static uint64_t bytes_left(const struct page_reader *r, uint64_t off)
{
    return page_reader_limit(r->db) * r->db->page_size - off;
}

static size_t at_least(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Put [off, off + want) into the window, keeping what is there already. A failed read-ahead is
 * retried without it: a bad sector matters only in a page that is needed. */
static int fill(struct page_reader *r, struct page_window *w, uint64_t off, size_t need,
                size_t want, struct err *err)
{
    size_t kept = 0;

    r->generation++;
    if (off >= w->start && off < w->start + w->len) {
        kept = w->len - (size_t)(off - w->start);
        memmove(w->buf, w->buf + (off - w->start), kept);
    }
    w->start = off;
    w->len = kept;
    if (want > bytes_left(r, off))
        want = at_least((size_t)bytes_left(r, off), need);
    const struct bolt_source *src = &r->db->src;
    int code = src->read(src, off + kept, w->buf + kept, want - kept, want > need ? NULL : err);
    if (code < 0 && want > need) {
        want = need;
        code = src->read(src, off + kept, w->buf + kept, want - kept, err);
    }
    if (code == ERR_OK)
        w->len = want;
    return code;
}

static bool holds(const struct page_window *w, uint64_t off, size_t len)
{
    return off >= w->start && off - w->start <= w->len && len <= w->len - (size_t)(off - w->start);
}

/* The window that serves a page at `off`: the one that has it, the one whose run goes on there, or
 * the one with the shorter run, which begins again. Its `ahead` is what to read when it lacks it.
 */
static struct page_window *choose(struct page_reader *r, uint64_t off)
{
    for (int i = 0; i < PAGE_WINDOWS; i++)
        if (holds(&r->windows[i], off, r->db->page_size))
            return &r->windows[i];
    for (int i = 0; i < PAGE_WINDOWS; i++) {
        struct page_window *w = &r->windows[i];

        if (w->len > 0 && off >= w->expected && off - w->expected <= NEAR) {
            w->ahead = w->ahead * 2 < AHEAD_MAX ? w->ahead * 2 : AHEAD_MAX;
            return w;
        }
    }
    struct page_window *shorter =
        &r->windows[r->windows[0].ahead < r->windows[1].ahead ? 0 : PAGE_WINDOWS - 1];
    shorter->ahead = r->guess;
    return shorter;
}

static int ensure(struct page_reader *r, struct page_window *w, uint64_t off, size_t need,
                  struct err *err)
{
    if (holds(w, off, need))
        return ERR_OK;
    return fill(r, w, off, need, at_least(need, at_least(w->ahead, r->guess)), err);
}

static void overflow_fault(const struct page_reader *r, const struct bolt_page *page,
                           struct bolt_fault *fault)
{
    uint64_t end = page->id + page->overflow;
    bool is_cut = end < bolt_db_current(r->db)->high_water_pgid;

    (void)bolt_fault_set(fault, is_cut ? BOLT_PAGE_PAST_END : BOLT_PAGE_OVERFLOW, 12,
                         "%" PRIu32 " overflow pages up to page %" PRIu64 ", want at most %" PRIu64,
                         page->overflow, end, page_reader_limit(r->db) - 1);
}

int page_reader_load(struct page_reader *r, uint64_t pgid, struct bolt_page *ret,
                     struct bolt_fault *fault, struct err *err)
{
    const uint32_t page_size = r->db->page_size;
    const uint64_t off = pgid * page_size;
    struct page_window *w = choose(r, off);
    int code = ensure(r, w, off, page_size, err);

    if (code < 0)
        return code;
    struct slice seen = {.data = w->buf + (off - w->start), .len = page_size};
    struct bolt_page page = bolt_page_load(seen, off, page_size);
    if (!bolt_page_check(&page, pgid, fault))
        return ERR_CORRUPT;
    if (page.size > bytes_left(r, off)) {
        overflow_fault(r, &page, fault);
        return ERR_CORRUPT;
    }
    bool is_whole = page.size <= BOLT_PAGE_LOAD_MAX;
    size_t need = (size_t)(is_whole ? page.size : bolt_page_table_end(&page));
    code = ensure(r, w, off, need, err);
    if (code < 0)
        return code;
    page.data = w->buf + (off - w->start);
    page.loaded = need;
    w->expected = off + page.size;
    r->guess = page.size <= GUESS_MAX ? (size_t)page.size : page_size;
    *ret = page;
    return ERR_OK;
}

/* Bytes [start, start + len) of a page, from memory when they are loaded. */
static int page_part(const struct page_reader *r, const struct bolt_page *page, struct slice *ret,
                     uint64_t start, struct buf *scratch, struct err *err)
{
    const struct bolt_source *src = &r->db->src;
    size_t len = ret->len;

    if (start <= page->loaded && len <= page->loaded - start) {
        ret->data = page->data + start;
        return ERR_OK;
    }
    buf_clear(scratch);
    int code = buf_reserve(scratch, len, err);
    if (code < 0)
        return code;
    code = src->read(src, page->base + start, scratch->data, len, err);
    if (code < 0)
        return code;
    scratch->len = len;
    ret->data = scratch->data;
    return ERR_OK;
}

int page_reader_key(const struct page_reader *r, const struct bolt_page *page,
                    const struct bolt_element *e, struct buf *scratch, struct slice *ret,
                    struct err *err)
{
    struct slice part = {.len = e->key_size};
    int code = page_part(r, page, &part, e->start, scratch, err);

    if (code == ERR_OK)
        *ret = part;
    return code;
}

int page_reader_value(const struct page_reader *r, const struct bolt_page *page,
                      const struct bolt_element *e, struct buf *scratch, struct slice *ret,
                      struct err *err)
{
    struct slice part = {.len = e->value_size};
    int code = page_part(r, page, &part, e->start + e->key_size, scratch, err);

    if (code == ERR_OK)
        *ret = part;
    return code;
}
