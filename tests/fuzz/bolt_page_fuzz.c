/* One page: first byte: 0 for an inline page, else the page size is 1024. A page that is called
 * sound must hold all its elements. */
#include <stdlib.h>
#include <string.h>

#include "boltdb/page.h"
#include "tests/fuzz/fuzz.h"

static void require(int ok)
{
    if (!ok)
        __builtin_trap();
}

static void touch(struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        (void)*(const volatile uint8_t *)(bytes.data + i);
}

static void check_elements(const struct bolt_page *page, bool is_sound)
{
    struct slice last = {0};
    struct bolt_fault fault;

    for (unsigned i = 0; i < page->count; i++) {
        bool is_good = bolt_element_check(page, i, &fault);
        const struct bolt_element e = bolt_page_element(page, i);

        require(is_good || !is_sound || fault.problem == BOLT_VALUE_TOO_LARGE);
        if (!is_good || bolt_element_end(&e) > page->loaded)
            continue;
        struct slice key = bolt_element_key(page, &e);
        touch(key);
        touch(bolt_element_value(page, &e));
        require(!is_sound || i == 0 || slice_cmp(last, key) < 0);
        last = key;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bolt_fault fault = {0};

    if (size < 1 + BOLT_PAGE_HEADER_SIZE)
        return 0;
    bool is_inline = data[0] == 0;
    size_t len = size - 1;
    uint8_t *copy = malloc(len); /* of its own, so that a byte past the end is seen */
    if (copy == NULL)
        return 0;
    memcpy(copy, data + 1, len);
    struct slice bytes = {.data = copy, .len = len};
    struct bolt_page page = bolt_page_load(bytes, 0, is_inline ? 0 : 1024);
    if (is_inline)
        page.size = len;
    if (bolt_page_check(&page, page.id, &fault) && bolt_page_table_end(&page) <= page.loaded)
        check_elements(&page, bolt_page_is_sound(&page, NULL, NULL));
    free(copy);
    return 0;
}
