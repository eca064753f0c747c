/* Small bbolt images made by hand for tests, page size 1024: every field can be wrong. */
#ifndef TESTS_UNIT_BOLT_IMAGE_H
#define TESTS_UNIT_BOLT_IMAGE_H

#include "boltdb/page.h"
#include "boltdb/walk.h"
#include "src/base/buf.h"

enum { IMAGE_PAGE = 1024, IMAGE_PAGES_MAX = 80 };

struct image {
    uint64_t pages;
    uint8_t data[IMAGE_PAGES_MAX * IMAGE_PAGE];
};

/* Root page 2, no freelist, `pages` pages; both metas valid. */
void image_init(struct image *img, uint64_t pages);
/* Write both metas again. */
void image_metas(struct image *img, uint64_t root, uint64_t freelist, uint64_t high_water);
/* Make the checksum of meta `which` right again. */
void image_seal(struct image *img, int which);
uint8_t *image_page(struct image *img, uint64_t id);
void image_header(struct image *img, uint64_t id, unsigned type, unsigned count, unsigned overflow);

/* A leaf from words: "key=value", "bucket@root" or "bucket#key" (an inline bucket with one key). */
void image_leaf(struct image *img, uint64_t id, const char *words);
/* A branch from words: "key:child". */
void image_branch(struct image *img, uint64_t id, const char *words);
/* Field of element `i`: `at` is its offset in the element. */
void image_set32(struct image *img, uint64_t id, unsigned i, unsigned at, uint32_t v);
/* A key of `size` bytes 'k' and a value of `value` bytes 'v', alone on a leaf. */
void image_big_leaf(struct image *img, uint64_t id, uint32_t size, uint32_t value);

/* What a walk says and delivers, as text: "code@page ..." and "key=value ... bucket{ ... } ". */
struct report {
    struct finding_sink sink; /* first, so that a sink is a report */
    char findings[4096];
    char items[8192];
    char last[2048]; /* severity, place, range and text of the last finding */
    struct bolt_stats stats;
    struct err err;
    int result;
};

void report_source(struct report *rep, const struct bolt_source *src);
void report_image(struct report *rep, const struct image *img);

#endif
