/* View of one bbolt page, checked at the door: after bolt_page_fault() its element table may be
 * read, after bolt_page_is_sound() every key and value too. Keep docs/format/bbolt.md in step.
 *
 *   OFFSET  SIZE  FIELD
 *        0     8  page id
 *        8     2  type, one of enum bolt_page_type
 *       10     2  element count
 *       12     4  overflow: pages that follow and belong to this one, without headers
 *       16        elements, 16 bytes each, then their keys and values, packed and in order
 *
 * Branch element: position of the key from the element's start (4), key size (4), child page id
 * (8). Leaf element: flags (4), position (4), key size (4), value size (4); the value follows its
 * key. A bucket's value: root page id (8), sequence (8), and with root 0 a whole leaf page. */
#ifndef BOLTDB_PAGE_H
#define BOLTDB_PAGE_H

#include "boltdb/db.h"
#include "boltdb/problem.h"

enum bolt_page_type {
    BOLT_PAGE_BRANCH = 0x01,
    BOLT_PAGE_LEAF = 0x02,
    BOLT_PAGE_META = 0x04,
    BOLT_PAGE_FREELIST = 0x10,
};

enum {
    BOLT_PAGE_HEADER_SIZE = 16,
    BOLT_ELEMENT_SIZE = 16,
    BOLT_BUCKET_HEADER_SIZE = 16,
    BOLT_LEAF_BUCKET_FLAG = 0x01,
    BOLT_PAGE_LOAD_MAX = 1 << 20, /* bytes; of a larger page only the element table is loaded */
};
#define BOLT_INLINE_PAGE_ID UINT64_C(0)

struct bolt_page {
    const uint8_t *data; /* lent: `loaded` bytes from the header on */
    size_t loaded;
    uint64_t size; /* bytes with overflow */
    uint64_t base; /* byte offset in the file */
    uint64_t id;
    uint32_t page_size; /* 0: an inline page, which is as large as its data */
    uint32_t overflow;
    uint16_t type;
    uint16_t count;
};

struct bolt_element {
    uint32_t flags;      /* leaf */
    uint32_t key_size;   /* bytes */
    uint32_t value_size; /* bytes, leaf */
    uint64_t start;      /* of the key, from the page's start */
    uint64_t pgid;       /* branch */
};

/* Decode a header; `data` holds at least BOLT_PAGE_HEADER_SIZE bytes. Nothing is checked. */
struct bolt_page bolt_page_load(struct slice data, uint64_t base, uint32_t page_size);

/* False, with the reason, when the header is not that of a branch or leaf page with this id, or its
 * element table does not fit. `want_id` is BOLT_INLINE_PAGE_ID for an inline page. */
bool bolt_page_check(const struct bolt_page *page, uint64_t want_id, struct bolt_fault *ret);

/* True when all elements are well formed, packed in order, with ascending keys that are >= low and
 * < high (NULL: open). The whole page must be loaded, else it is false. */
bool bolt_page_is_sound(const struct bolt_page *page, const struct slice *low,
                        const struct slice *high);

/* False, with the reason, when element `i` alone (its flags, sizes, and place) is not well formed.
 */
bool bolt_element_check(const struct bolt_page *page, unsigned i, struct bolt_fault *ret);

/* What the page owns behind its data, which ends at `end` (at most the page's size): overflow
 * pages, or bytes of an inline page. bbolt allocates none (bbolt node.go spill, bucket.go write).
 */
uint64_t bolt_page_slack(const struct bolt_page *page, uint64_t end);

/* Bytes from the element table to the end. */
static inline uint64_t bolt_page_table_end(const struct bolt_page *page)
{
    return BOLT_PAGE_HEADER_SIZE + (uint64_t)page->count * BOLT_ELEMENT_SIZE;
}

static inline struct bolt_element bolt_leaf_element(const struct bolt_page *page, unsigned i)
{
    uint64_t at = BOLT_PAGE_HEADER_SIZE + (uint64_t)i * BOLT_ELEMENT_SIZE;
    const uint8_t *p = page->data + at;

    return (struct bolt_element){
        .flags = le32_load(p),
        .start = at + le32_load(p + 4),
        .key_size = le32_load(p + 8),
        .value_size = le32_load(p + 12),
    };
}

static inline struct bolt_element bolt_branch_element(const struct bolt_page *page, unsigned i)
{
    uint64_t at = BOLT_PAGE_HEADER_SIZE + (uint64_t)i * BOLT_ELEMENT_SIZE;
    const uint8_t *p = page->data + at;

    return (struct bolt_element){
        .start = at + le32_load(p),
        .key_size = le32_load(p + 4),
        .pgid = le64_load(p + 8),
    };
}

static inline struct bolt_element bolt_page_element(const struct bolt_page *page, unsigned i)
{
    return page->type == BOLT_PAGE_LEAF ? bolt_leaf_element(page, i) : bolt_branch_element(page, i);
}

/* End of an element's data, from the page's start. */
static inline uint64_t bolt_element_end(const struct bolt_element *e)
{
    return e->start + e->key_size + e->value_size;
}

/* Key and value in a loaded page; only after the element was checked. */
static inline struct slice bolt_element_key(const struct bolt_page *page,
                                            const struct bolt_element *e)
{
    return (struct slice){.data = page->data + e->start, .len = e->key_size};
}

static inline struct slice bolt_element_value(const struct bolt_page *page,
                                              const struct bolt_element *e)
{
    return (struct slice){.data = page->data + e->start + e->key_size, .len = e->value_size};
}

#endif
