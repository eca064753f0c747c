#include "boltdb/page_reader.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
    PAGE_READER_BUF = BOLT_PAGE_LOAD_MAX,
    AHEAD_MAX = 256 << 10, /* bytes; larger reads only cost cache */
    GUESS_MAX = 64 << 10,  /* bytes read at once for a page that is probably as long as the last */
};
static_assert(BOLT_PAGE_HEADER_SIZE + UINT16_MAX * BOLT_ELEMENT_SIZE <= PAGE_READER_BUF,
              "any element table fits the buffer");
static_assert(AHEAD_MAX <= PAGE_READER_BUF && GUESS_MAX <= PAGE_READER_BUF &&
                  (int)BOLT_PAGE_SIZE_MAX <= (int)GUESS_MAX,
              "reads fit the buffer");

int page_reader_init(struct page_reader *r, const struct bolt_db *db, struct err *err)
{
    *r = (struct page_reader){.db = db, .guess = db->page_size, .ahead = db->page_size};
    r->buf = malloc(PAGE_READER_BUF);
    return r->buf == NULL ? err_nomem(err) : ERR_OK;
}

void page_reader_done(struct page_reader *r)
{
    free(r->buf);
    r->buf = NULL;
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

/* Put [off, off + want) into the buffer, keeping what is there already. A failed read-ahead is
 * retried without it: a bad sector matters only in a page that is needed. */
static int fill(struct page_reader *r, uint64_t off, size_t need, size_t want, struct err *err)
{
    size_t kept = 0;

    r->generation++;
    if (off >= r->start && off < r->start + r->len) {
        kept = r->len - (size_t)(off - r->start);
        memmove(r->buf, r->buf + (off - r->start), kept);
    }
    r->start = off;
    r->len = kept;
    if (want > bytes_left(r, off))
        want = at_least((size_t)bytes_left(r, off), need);
    const struct bolt_source *src = &r->db->src;
    int code = src->read(src, off + kept, r->buf + kept, want - kept, want > need ? NULL : err);
    if (code < 0 && want > need) {
        want = need;
        code = src->read(src, off + kept, r->buf + kept, want - kept, err);
    }
    if (code == ERR_OK)
        r->len = want;
    return code;
}

static bool holds(const struct page_reader *r, uint64_t off, size_t len)
{
    return off >= r->start && off - r->start <= r->len && len <= r->len - (size_t)(off - r->start);
}

/* How much to read for a page at `off` that is not in the buffer. */
static size_t plan(struct page_reader *r, uint64_t off)
{
    if (off != r->expected) {
        r->ahead = r->guess;
        return r->guess;
    }
    r->ahead = r->ahead * 2 < AHEAD_MAX ? r->ahead * 2 : AHEAD_MAX;
    return at_least(r->ahead, r->guess);
}

static int ensure(struct page_reader *r, uint64_t off, size_t need, size_t want, struct err *err)
{
    if (holds(r, off, need))
        return ERR_OK;
    return fill(r, off, need, at_least(need, want), err);
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
    size_t want = holds(r, off, page_size) ? page_size : plan(r, off);
    int code = ensure(r, off, page_size, want, err);

    if (code < 0)
        return code;
    struct slice seen = {.data = r->buf + (off - r->start), .len = page_size};
    struct bolt_page page = bolt_page_load(seen, off, page_size);
    if (!bolt_page_check(&page, pgid, fault))
        return ERR_CORRUPT;
    if (page.size > bytes_left(r, off)) {
        overflow_fault(r, &page, fault);
        return ERR_CORRUPT;
    }
    bool is_whole = page.size <= BOLT_PAGE_LOAD_MAX;
    size_t need = (size_t)(is_whole ? page.size : bolt_page_table_end(&page));
    code = ensure(r, off, need, off == r->expected ? r->ahead : need, err);
    if (code < 0)
        return code;
    page.data = r->buf + (off - r->start);
    page.loaded = need;
    r->expected = off + page.size;
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
