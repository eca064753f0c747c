/* The one list of what can be wrong with a bbolt file: docs/errors.md shows it. Codes are stable.
 *
 * Damage: keys are missing or wrong. Suspect: the file is whole, but it may not be the newest
 * state. Cured: only the file's own bookkeeping is wrong; a rebuild does not carry it over, but a
 * running etcd may trip on it. */
#ifndef BOLTDB_PROBLEM_H
#define BOLTDB_PROBLEM_H

#include "src/base/finding.h"

#define BOLT_NEXT_OTHER "use an older snapshot or another member's copy"
#define BOLT_NEXT_CUT "copy the file again: the source may still be whole"
#define BOLT_NEXT_REBUILD "restore it: the rebuilt file does not have this"

/* clang-format off */
/*    name                     code                   severity         meaning, next step */
#define BOLT_PROBLEMS(X) \
    X(BOLT_META_INVALID,       "meta-invalid",        FINDING_SUSPECT, "one of the two meta pages is not valid; the last transaction may be lost", "compare the revision with what you expect") \
    X(BOLT_META_HEADER,        "meta-header",         FINDING_CURED,   "the page header of a meta page is wrong", BOLT_NEXT_REBUILD) \
    X(BOLT_META_RANGE,         "meta-range",          FINDING_DAMAGE,  "a valid meta names impossible pages", BOLT_NEXT_OTHER) \
    X(BOLT_FILE_TRUNCATED,     "file-truncated",      FINDING_DAMAGE,  "the file ends before its high-water mark", BOLT_NEXT_CUT) \
    X(BOLT_PAGE_RANGE,         "page-range",          FINDING_DAMAGE,  "a page id points outside the file's pages", BOLT_NEXT_OTHER) \
    X(BOLT_PAGE_PAST_END,      "page-past-end",       FINDING_DAMAGE,  "a page lies behind the end of the file", BOLT_NEXT_CUT) \
    X(BOLT_PAGE_CYCLE,         "page-cycle",          FINDING_DAMAGE,  "a page is its own descendant", BOLT_NEXT_OTHER) \
    X(BOLT_PAGE_SHARED,        "page-shared",         FINDING_DAMAGE,  "a page is reached in two ways", BOLT_NEXT_OTHER) \
    X(BOLT_PAGE_ID,            "page-id",             FINDING_DAMAGE,  "a page's header has another page's id", BOLT_NEXT_OTHER) \
    X(BOLT_PAGE_TYPE,          "page-type",           FINDING_DAMAGE,  "a page is not of the type its place asks for", BOLT_NEXT_OTHER) \
    X(BOLT_PAGE_COUNT,         "page-count",          FINDING_DAMAGE,  "a page's element table does not fit the page", BOLT_NEXT_OTHER) \
    X(BOLT_PAGE_OVERFLOW,      "page-overflow",       FINDING_DAMAGE,  "a page's overflow runs past the end", BOLT_NEXT_OTHER) \
    X(BOLT_PAGE_SLACK,         "page-slack",          FINDING_CURED,   "a page owns more overflow pages than its data fills", BOLT_NEXT_REBUILD) \
    X(BOLT_PAGE_EMPTY,         "page-empty",          FINDING_DAMAGE,  "a page below a root has no element", BOLT_NEXT_OTHER) \
    X(BOLT_ELEMENT_FLAGS,      "element-flags",       FINDING_DAMAGE,  "an element has unknown flags", BOLT_NEXT_OTHER) \
    X(BOLT_ELEMENT_POS,        "element-pos",         FINDING_DAMAGE,  "an element's data is not where bbolt puts it; elements may be missing", BOLT_NEXT_OTHER) \
    X(BOLT_ELEMENT_BOUNDS,     "element-bounds",      FINDING_DAMAGE,  "an element's data is not inside its page", BOLT_NEXT_OTHER) \
    X(BOLT_KEY_SIZE,           "key-size",            FINDING_DAMAGE,  "a key is empty or longer than 32768 bytes", BOLT_NEXT_OTHER) \
    X(BOLT_VALUE_TOO_LARGE,    "value-too-large",     FINDING_DAMAGE,  "a value is longer than 16 MiB", "check the file with etcd's own tools") \
    X(BOLT_KEY_ORDER,          "key-order",           FINDING_DAMAGE,  "a key is not greater than the one before it", BOLT_NEXT_OTHER) \
    X(BOLT_KEY_BOUNDS,         "key-bounds",          FINDING_DAMAGE,  "a key is outside the range its parent pages give", BOLT_NEXT_OTHER) \
    X(BOLT_BUCKET_BAD_HEADER,  "bucket-header",       FINDING_DAMAGE,  "a bucket's header is not sound", BOLT_NEXT_OTHER) \
    X(BOLT_INLINE_PAGE,        "inline-page",         FINDING_DAMAGE,  "the page inside an inline bucket is not sound", BOLT_NEXT_OTHER) \
    X(BOLT_INLINE_BUCKET,      "inline-bucket",       FINDING_DAMAGE,  "an inline bucket holds a bucket", BOLT_NEXT_OTHER) \
    X(BOLT_TREE_DEPTH,         "tree-depth",          FINDING_DAMAGE,  "a tree is deeper than 64 pages", BOLT_NEXT_OTHER) \
    X(BOLT_BUCKET_NESTING,     "bucket-nesting",      FINDING_DAMAGE,  "buckets are nested deeper than 64", BOLT_NEXT_OTHER) \
    X(BOLT_MORE_PROBLEMS,      "more-problems",       FINDING_DAMAGE,  "a page has more problems than are listed", BOLT_NEXT_OTHER) \
    X(BOLT_FREELIST_PAGE,      "freelist-page",       FINDING_CURED,   "the freelist pointer does not name a freelist page", BOLT_NEXT_REBUILD) \
    X(BOLT_FREELIST_RANGE,     "freelist-range",      FINDING_CURED,   "the freelist names an impossible page", BOLT_NEXT_REBUILD) \
    X(BOLT_FREELIST_DUPLICATE, "freelist-duplicate",  FINDING_CURED,   "the freelist names a page twice", BOLT_NEXT_REBUILD) \
    X(BOLT_FREELIST_REACHABLE, "freelist-reachable",  FINDING_CURED,   "the freelist names a page that is in use", BOLT_NEXT_REBUILD) \
    X(BOLT_PAGE_LEAKED,        "page-leaked",         FINDING_CURED,   "a page is neither in use nor in the freelist", BOLT_NEXT_REBUILD)
/* clang-format on */

#define BOLT_PROBLEM_ENUM(name, code, severity, meaning, next) name,
enum bolt_problem { BOLT_PROBLEMS(BOLT_PROBLEM_ENUM) BOLT_PROBLEM_COUNT };
#undef BOLT_PROBLEM_ENUM

struct bolt_problem_info {
    const char *code;
    enum finding_severity severity;
    const char *meaning;
    const char *next;
};

extern const struct bolt_problem_info bolt_problems[BOLT_PROBLEM_COUNT];

/* One problem met at a place, before it becomes a finding or an error message. */
struct bolt_fault {
    enum bolt_problem problem;
    uint64_t offset; /* from the start of the page */
    char text[160];
};

/* Fill `ret` and return false, so that a check can end with it. */
bool bolt_fault_set(struct bolt_fault *ret, enum bolt_problem problem, uint64_t offset,
                    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
