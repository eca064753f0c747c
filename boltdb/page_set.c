#include "boltdb/page_set.h"

#include <stdlib.h>

int page_set_init(struct page_set *set, uint64_t limit, struct err *err)
{
    *set = (struct page_set){.limit = limit};
    set->words = calloc((size_t)(limit / 64 + 1), sizeof *set->words);
    return set->words == NULL ? err_nomem(err) : ERR_OK;
}

void page_set_done(struct page_set *set)
{
    free(set->words);
    set->words = NULL;
}
