/* Brings pages into memory with few and small reads: one page at a time where page ids jump, up to
 * 256 KiB at a time while they follow each other. Two buffers, so that a branch page read in
 * between does not end a run of leaves; nothing is cached beyond them. */
#ifndef BOLTDB_PAGE_READER_H
#define BOLTDB_PAGE_READER_H

#include "boltdb/db_internal.h"
#include "src/base/buf.h"

/* One stretch of the file in memory. */
struct page_window {
    uint8_t *buf;      /* PAGE_READER_BUF bytes, touched only as far as needed */
    uint64_t start;    /* file offset of buf[0] */
    size_t len;        /* bytes in buf */
    uint64_t expected; /* file offset behind the page served last */
    size_t ahead;      /* bytes the next sequential read asks for */
};

enum { PAGE_WINDOWS = 2 };

struct page_reader {
    const struct bolt_db *db;
    struct page_window windows[PAGE_WINDOWS];
    size_t guess;        /* bytes of the page read last */
    unsigned generation; /* counts changes of a buffer: a lent page is good while it stays so */
};

int page_reader_init(struct page_reader *r, const struct bolt_db *db, struct err *err);
void page_reader_done(struct page_reader *r);

/* Pages that the file holds whole, of those below the high-water mark. */
uint64_t page_reader_limit(const struct bolt_db *db);

/* Load page `pgid` (below page_reader_limit()). A page of at most BOLT_PAGE_LOAD_MAX bytes is
 * loaded whole, of a larger one as much as its element table needs. ERR_CORRUPT with *fault when
 * the header is not one of a tree page, when pages run past the end; ERR_IO. The page is lent until
 * the reader's generation changes. */
int page_reader_load(struct page_reader *r, uint64_t pgid, struct bolt_page *ret,
                     struct bolt_fault *fault, struct err *err);

/* Key of an element that was checked: in the page, or read into `scratch`, replacing its content.
 */
int page_reader_key(const struct page_reader *r, const struct bolt_page *page,
                    const struct bolt_element *e, struct buf *scratch, struct slice *ret,
                    struct err *err);
/* The same for a value; the scratch takes up to BOLT_VALUE_MAX bytes. */
int page_reader_value(const struct page_reader *r, const struct bolt_page *page,
                      const struct bolt_element *e, struct buf *scratch, struct slice *ret,
                      struct err *err);

#endif
