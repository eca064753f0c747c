/* A set of page ids, one bit a page. */
#ifndef BOLTDB_PAGE_SET_H
#define BOLTDB_PAGE_SET_H

#include "src/base/err.h"
#include "src/base/le.h"

struct page_set {
    uint64_t *words;
    uint64_t limit; /* ids below it can be members */
};

/* `limit` must come from the file's size, not from its content. ERR_NOMEM. */
int page_set_init(struct page_set *set, uint64_t limit, struct err *err);
void page_set_done(struct page_set *set);

static inline bool page_set_has(const struct page_set *set, uint64_t id)
{
    return id < set->limit && (set->words[id / 64] >> (id % 64) & 1) != 0;
}

/* Ids at or above the limit are ignored. */
static inline void page_set_add(struct page_set *set, uint64_t id)
{
    if (id < set->limit)
        set->words[id / 64] |= UINT64_C(1) << (id % 64);
}

#endif
