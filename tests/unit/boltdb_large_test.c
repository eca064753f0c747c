/* Branch pages so large that they are given up and read again, or never loaded whole. */
#include <stdlib.h>

#include "src/base/auto.h"
#include "tests/unit/bolt_image.h"
#include "tests/unit/test.h"

enum { LEVELS = 12, PAGE = 4096, KEY = BOLT_KEY_MAX };

static struct report rep;

struct tower {
    uint8_t *data;
    uint64_t pages;
    unsigned children; /* of each branch */
};

static void header(struct tower *t, uint64_t id, unsigned type, unsigned count, uint64_t size)
{
    uint8_t *p = t->data + id * PAGE;

    le64_store(p, id);
    le16_store(p + 8, (uint16_t)type);
    le16_store(p + 10, (uint16_t)count);
    le32_store(p + 12, (uint32_t)((size - 1) / PAGE));
}

/* A leaf with one key: `level` zeros, i, 1. Its separator is the same with zeros behind i. */
static uint64_t add_leaf(struct tower *t, unsigned level, unsigned i)
{
    uint64_t id = t->pages++;
    uint8_t *e = t->data + id * PAGE + 16;

    header(t, id, BOLT_PAGE_LEAF, 1, 32);
    le32_store(e + 4, 16);
    le32_store(e + 8, level + 2);
    le32_store(e + 12, 1);
    e[16 + level] = (uint8_t)i;
    e[16 + level + 1] = 1;
    e[16 + level + 2] = 'v';
    return id;
}

/* The root bucket: one leaf with one bucket, whose root is page 2. */
static uint64_t add_root(struct tower *t)
{
    uint64_t id = t->pages++;
    uint8_t *e = t->data + id * PAGE + 16;

    header(t, id, BOLT_PAGE_LEAF, 1, 49);
    le32_store(e, BOLT_LEAF_BUCKET_FLAG);
    le32_store(e + 4, 16);
    le32_store(e + 8, 1);
    le32_store(e + 12, BOLT_BUCKET_HEADER_SIZE);
    e[16] = 'b';
    le64_store(e + 17, 2);
    return id;
}

static void add_metas(struct tower *t, uint64_t root)
{
    for (unsigned i = 0; i < 2; i++) {
        uint8_t *meta = t->data + (size_t)i * PAGE + 16;

        header(t, i, BOLT_PAGE_META, 0, 1);
        le32_store(meta, BOLT_MAGIC);
        le32_store(meta + 4, BOLT_VERSION);
        le32_store(meta + 8, PAGE);
        le64_store(meta + 16, root);
        le64_store(meta + 32, BOLT_NO_FREELIST);
        le64_store(meta + 40, t->pages);
        le64_store(meta + 48, i);
        le64_store(meta + 56, bolt_meta_checksum(meta));
    }
}

/* Branches below each other: the first child of each is the next level, the others are leaves. */
static void make(struct tower *t, unsigned children)
{
    const uint64_t size = 16 + children * (uint64_t)(16 + KEY);
    const uint64_t slots = (size - 1) / PAGE + 1;

    *t = (struct tower){.children = children, .pages = 2 + LEVELS * slots};
    t->data = calloc(t->pages + LEVELS * children + 2, PAGE);
    CHECK(t->data != NULL);
    for (unsigned level = 0; level < LEVELS; level++) {
        uint64_t id = 2 + level * slots;
        uint8_t *page = t->data + id * PAGE;

        header(t, id, BOLT_PAGE_BRANCH, children, size);
        for (unsigned i = 0; i < children; i++) {
            uint8_t *e = page + 16 + (size_t)16 * i;
            uint64_t start = 16 + (uint64_t)16 * children + (uint64_t)i * KEY;
            bool is_down = i == 0 && level + 1 < LEVELS;

            le32_store(e, (uint32_t)(start - 16 - (uint64_t)16 * i));
            le32_store(e + 4, KEY);
            le64_store(e + 8, is_down ? id + slots : add_leaf(t, level, i));
            page[start + level] = (uint8_t)i;
        }
    }
    uint64_t root = add_root(t);
    add_metas(t, root);
}

static void walk_tower(const struct tower *t)
{
    const struct bolt_source src =
        bolt_source_memory((struct slice){t->data, (size_t)t->pages * PAGE}, "tower");

    report_source(&rep, &src);
    CHECK(rep.result == ERR_OK);
}

TEST(walk_reads_branches_again_that_it_gave_up)
{
    struct tower t;

    make(&t, 31);
    walk_tower(&t);
    CHECK(rep.findings[0] == '\0');
    CHECK(rep.stats.items == LEVELS * 30 + 1 && rep.stats.depth == LEVELS + 1);
    free(t.data);
}

TEST(walk_reads_branches_that_are_never_in_memory_whole)
{
    struct tower t;

    make(&t, 40);
    walk_tower(&t);
    CHECK(rep.findings[0] == '\0');
    CHECK(rep.stats.items == LEVELS * 39 + 1 && rep.stats.branch_pages == LEVELS);
    free(t.data);
}

TEST(walk_checks_bounds_that_are_not_in_memory)
{
    struct tower t;
    char want[64];

    make(&t, 40);
    uint8_t *key = t.data + (t.pages - 2) * PAGE + 32;
    key[0] = 1; /* the last leaf of the lowest branch now has a key above all its bounds */
    walk_tower(&t);
    (void)snprintf(want, sizeof want, "key-bounds@%u ", (unsigned)(t.pages - 2));
    CHECK(strcmp(rep.findings, want) == 0);
    CHECK(rep.stats.items == LEVELS * 39);
    free(t.data);
}

static const struct tower *moving;
static unsigned moving_reads;

/* The root branch changes as soon as it was read once. */
static int moving_read(const struct bolt_source *src, uint64_t off, void *buf, size_t len,
                       struct err *err)
{
    (void)err;
    memcpy(buf, src->data + off, len);
    if (off == 2 * PAGE && ++moving_reads == 1)
        le16_store(moving->data + 2 * PAGE + 10, 7);
    return ERR_OK;
}

TEST(walk_ends_when_a_branch_changes_under_it)
{
    struct tower t;

    make(&t, 31);
    struct bolt_source src =
        bolt_source_memory((struct slice){t.data, (size_t)t.pages * PAGE}, "tower");
    src.read = moving_read;
    moving = &t;
    report_source(&rep, &src);
    CHECK(rep.result == ERR_IO);
    CHECK(strstr(rep.err.msg, "page 2 at byte 8192 has changed while it was read") != NULL);
    free(t.data);
}
