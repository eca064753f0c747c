#include <inttypes.h>
#include <stdio.h>

#include "boltdb/walk_internal.h"

static uint64_t element_place(unsigned i)
{
    return BOLT_PAGE_HEADER_SIZE + (uint64_t)i * BOLT_ELEMENT_SIZE;
}

static void fault_at(struct walk *w, struct frame *f, enum bolt_problem problem, unsigned i,
                     const char *text)
{
    struct bolt_fault fault;

    (void)bolt_fault_set(&fault, problem, element_place(i), "%s", text);
    walk_report_fault(w, f, &fault);
}

/* bbolt packs data behind the element table in order (bbolt node.go write): a first position that
 * is not 16 x count is what a lowered count leaves behind. */
static void judge_packing(struct walk *w, struct frame *f)
{
    const struct bolt_page *page = &f->page;
    uint64_t expected = bolt_page_table_end(page);
    char text[128];

    for (unsigned i = 0; i < page->count; i++) {
        const struct bolt_element e = bolt_page_element(page, i);

        if (e.start != expected) {
            (void)snprintf(text, sizeof text,
                           "element %u of %u: data starts at byte %" PRIu64
                           " of the page, want %" PRIu64,
                           i, (unsigned)page->count, e.start, expected);
            fault_at(w, f, BOLT_ELEMENT_POS, i, text);
        }
        expected = bolt_element_end(&e);
    }
    if (expected <= page->size && bolt_page_slack(page, expected) > 0) {
        (void)snprintf(text, sizeof text, "data ends at byte %" PRIu64 " of a page of %" PRIu64,
                       expected, page->size);
        fault_at(w, f, BOLT_PAGE_SLACK, 0, text);
    }
}

static void report_order(struct walk *w, struct frame *f, unsigned i, struct slice key,
                         struct slice before)
{
    char a[48];
    char b[48];
    char text[150];

    (void)snprintf(text, sizeof text, "element %u: key '%s' is not greater than '%s'", i,
                   finding_printable(key, a, sizeof a), finding_printable(before, b, sizeof b));
    fault_at(w, f, BOLT_KEY_ORDER, i, text);
}

/* *ret_ok: the key is inside the bounds of the page. */
static int judge_bounds(struct walk *w, struct frame *f, unsigned i, struct slice key, bool *ret_ok,
                        struct err *err)
{
    const struct slice *low = NULL;
    const struct slice *high = NULL;
    struct slice low_key;
    struct slice high_key;
    char printed[48];
    char text[150];

    int r = walk_bound(w, f->low, &w->low, &low_key, &low, err);
    if (r == ERR_OK)
        r = walk_bound(w, f->high, &w->high, &high_key, &high, err);
    if (r < 0)
        return r;
    bool is_low = low != NULL && slice_cmp(key, *low) < 0;
    *ret_ok = !is_low && (high == NULL || slice_cmp(key, *high) < 0);
    if (*ret_ok)
        return ERR_OK;
    (void)snprintf(text, sizeof text, "element %u: key '%s' is %s the page's range", i,
                   finding_printable(key, printed, sizeof printed), is_low ? "below" : "above");
    fault_at(w, f, BOLT_KEY_BOUNDS, i, text);
    return ERR_OK;
}

static int judge_branch_key(struct walk *w, struct frame *f, unsigned i, bool *ret_ok,
                            struct err *err)
{
    const struct bolt_element e = bolt_branch_element(&f->page, i);
    struct bolt_fault ignored;
    struct slice before = {0};
    struct slice key = {0};

    int r = page_reader_key(&w->reader, &f->page, &e, &w->key, &key, err);
    if (r == ERR_OK)
        r = judge_bounds(w, f, i, key, ret_ok, err);
    if (r < 0 || i == 0 || !bolt_element_check(&f->page, i - 1, &ignored))
        return r;
    const struct bolt_element previous = bolt_branch_element(&f->page, i - 1);
    r = page_reader_key(&w->reader, &f->page, &previous, &w->value, &before, err);
    if (r == ERR_OK && slice_cmp(before, key) >= 0) {
        report_order(w, f, i, key, before);
        *ret_ok = false;
    }
    return r;
}

static int judge_branch(struct walk *w, struct frame *f, struct err *err)
{
    struct bolt_fault fault;

    for (unsigned i = 0; i < f->page.count; i++) {
        bool is_ok = true;

        if (!bolt_element_check(&f->page, i, &fault)) {
            walk_report_fault(w, f, &fault);
            continue;
        }
        int r = judge_branch_key(w, f, i, &is_ok, err);
        if (r < 0)
            return r;
    }
    return ERR_OK;
}

int walk_judge_page(struct walk *w, struct frame *f, struct err *err)
{
    judge_packing(w, f);
    if (f->page.type != BOLT_PAGE_BRANCH)
        return ERR_OK;
    int r = judge_branch(w, f, err);
    f->is_sound = r == ERR_OK && f->reported == 0;
    return r;
}

int walk_judge_element(struct walk *w, struct frame *f, unsigned i, bool *ret_ok, struct err *err)
{
    const struct bolt_element e = bolt_leaf_element(&f->page, i);
    struct bolt_fault fault;
    struct slice key = {0};

    *ret_ok = false;
    if (!bolt_element_check(&f->page, i, &fault)) {
        walk_report_fault(w, f, &fault);
        return ERR_OK;
    }
    int r = page_reader_key(&w->reader, &f->page, &e, &w->key, &key, err);
    if (r == ERR_OK)
        r = judge_bounds(w, f, i, key, ret_ok, err);
    if (r < 0 || !*ret_ok)
        return r;
    *ret_ok = false;
    if (w->has_last && slice_cmp(buf_slice(&w->last), key) >= 0) {
        report_order(w, f, i, key, buf_slice(&w->last));
        return ERR_OK;
    }
    /* A size that does not lead to the next element is wrong; that was reported with the page. */
    if (i + 1U < f->page.count && bolt_element_end(&e) != bolt_leaf_element(&f->page, i + 1).start)
        return ERR_OK;
    *ret_ok = true;
    return walk_set_last(w, key, err);
}
