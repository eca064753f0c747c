#include "boltdb/page.h"

#include <assert.h>
#include <inttypes.h>

enum { PAGE_ID = 0, PAGE_TYPE = 8, PAGE_COUNT = 10, PAGE_OVERFLOW = 12 };

/* bbolt internal/common/page.go and bucket.go, as a compiler lays them out. */
struct page_layout {
    uint64_t id;
    uint16_t type;
    uint16_t count;
    uint32_t overflow;
};
struct branch_layout {
    uint32_t pos;
    uint32_t key_size;
    uint64_t pgid;
};
struct leaf_layout {
    uint32_t flags;
    uint32_t pos;
    uint32_t key_size;
    uint32_t value_size;
};
struct bucket_layout {
    uint64_t root;
    uint64_t sequence;
};

static_assert(offsetof(struct page_layout, id) == PAGE_ID, "page id");
static_assert(offsetof(struct page_layout, type) == PAGE_TYPE, "page type");
static_assert(offsetof(struct page_layout, count) == PAGE_COUNT, "page count");
static_assert(offsetof(struct page_layout, overflow) == PAGE_OVERFLOW, "page overflow");
static_assert(sizeof(struct page_layout) == BOLT_PAGE_HEADER_SIZE, "page header");
static_assert(offsetof(struct branch_layout, key_size) == 4, "branch key size");
static_assert(offsetof(struct branch_layout, pgid) == 8, "branch child");
static_assert(sizeof(struct branch_layout) == BOLT_ELEMENT_SIZE, "branch element");
static_assert(offsetof(struct leaf_layout, pos) == 4, "leaf position");
static_assert(offsetof(struct leaf_layout, key_size) == 8, "leaf key size");
static_assert(offsetof(struct leaf_layout, value_size) == 12, "leaf value size");
static_assert(sizeof(struct leaf_layout) == BOLT_ELEMENT_SIZE, "leaf element");
static_assert(offsetof(struct bucket_layout, sequence) == 8, "bucket sequence");
static_assert(sizeof(struct bucket_layout) == BOLT_BUCKET_HEADER_SIZE, "bucket header");

struct bolt_page bolt_page_load(struct slice data, uint64_t base, uint32_t page_size)
{
    struct bolt_page page = {
        .data = data.data,
        .loaded = data.len,
        .base = base,
        .id = le64_load(data.data + PAGE_ID),
        .page_size = page_size,
        .overflow = le32_load(data.data + PAGE_OVERFLOW),
        .type = le16_load(data.data + PAGE_TYPE),
        .count = le16_load(data.data + PAGE_COUNT),
    };

    page.size = ((uint64_t)page.overflow + 1) * page_size;
    return page;
}

bool bolt_page_check(const struct bolt_page *page, uint64_t want_id, struct bolt_fault *ret)
{
    if (page->id != want_id)
        return bolt_fault_set(ret, BOLT_PAGE_ID, PAGE_ID, "page id is %" PRIu64 ", want %" PRIu64,
                              page->id, want_id);
    if (page->type != BOLT_PAGE_BRANCH && page->type != BOLT_PAGE_LEAF)
        return bolt_fault_set(ret, BOLT_PAGE_TYPE, PAGE_TYPE,
                              "page type is %#x, want branch (0x1) or leaf (0x2)",
                              (unsigned)page->type);
    if (bolt_page_table_end(page) > page->size)
        return bolt_fault_set(ret, BOLT_PAGE_COUNT, PAGE_COUNT,
                              "%u elements do not fit a page of %" PRIu64 " bytes",
                              (unsigned)page->count, page->size);
    return true;
}

static uint64_t element_place(unsigned i)
{
    return BOLT_PAGE_HEADER_SIZE + (uint64_t)i * BOLT_ELEMENT_SIZE;
}

bool bolt_element_check(const struct bolt_page *page, unsigned i, struct bolt_fault *ret)
{
    const struct bolt_element e = bolt_page_element(page, i);
    uint64_t at = element_place(i);

    if ((e.flags & ~(uint32_t)BOLT_LEAF_BUCKET_FLAG) != 0)
        return bolt_fault_set(ret, BOLT_ELEMENT_FLAGS, at, "element %u: flags are %#" PRIx32, i,
                              e.flags);
    if (e.key_size == 0 || e.key_size > BOLT_KEY_MAX)
        return bolt_fault_set(ret, BOLT_KEY_SIZE, at,
                              "element %u: key of %" PRIu32 " bytes, want 1 to %d", i, e.key_size,
                              BOLT_KEY_MAX);
    if (e.start < bolt_page_table_end(page) || bolt_element_end(&e) > page->size)
        return bolt_fault_set(ret, BOLT_ELEMENT_BOUNDS, at,
                              "element %u: data at bytes %" PRIu64 " to %" PRIu64
                              " of the page, want %" PRIu64 " to %" PRIu64,
                              i, e.start, bolt_element_end(&e), bolt_page_table_end(page),
                              page->size);
    if (e.value_size > BOLT_VALUE_MAX)
        return bolt_fault_set(ret, BOLT_VALUE_TOO_LARGE, at,
                              "element %u: value of %" PRIu32 " bytes, want at most %d", i,
                              e.value_size, BOLT_VALUE_MAX);
    return true;
}

uint64_t bolt_page_slack(const struct bolt_page *page, uint64_t end)
{
    if (page->page_size == 0)
        return page->size - end;
    return page->overflow - (end - 1) / page->page_size;
}

/* Every element in its place and every key above the one before it. */
static bool elements_are_sound(const struct bolt_page *page)
{
    uint64_t expected = bolt_page_table_end(page);
    struct slice last = {0};

    for (unsigned i = 0; i < page->count; i++) {
        const struct bolt_element e = bolt_page_element(page, i);
        uint64_t end = bolt_element_end(&e);

        if (e.flags > BOLT_LEAF_BUCKET_FLAG || e.key_size - 1 >= BOLT_KEY_MAX ||
            e.start != expected || end > page->size)
            return false;
        struct slice key = bolt_element_key(page, &e);
        if (i > 0 && slice_cmp(last, key) >= 0)
            return false;
        last = key;
        expected = end;
    }
    return bolt_page_slack(page, expected) == 0;
}

bool bolt_page_is_sound(const struct bolt_page *page, const struct slice *low,
                        const struct slice *high)
{
    if (page->loaded < page->size || !elements_are_sound(page))
        return false;
    if (page->count == 0)
        return true;
    const struct bolt_element first = bolt_page_element(page, 0);
    const struct bolt_element last = bolt_page_element(page, page->count - 1U);

    return (low == NULL || slice_cmp(bolt_element_key(page, &first), *low) >= 0) &&
           (high == NULL || slice_cmp(bolt_element_key(page, &last), *high) < 0);
}
