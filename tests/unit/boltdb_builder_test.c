#include "boltdb/builder.h"

#include "boltdb/walk.h"
#include "src/base/auto.h"
#include "src/base/buf.h"
#include "tests/unit/test.h"

enum { IMAGE_MAX = 64 << 20, BIG = 20 << 20 };

/* The file in memory; call number `fail_at` of append or head fails. */
struct image {
    struct buf bytes;
    int calls;
    int fail_at;
};

static int image_append(void *ctx, struct slice bytes, struct err *err)
{
    struct image *i = ctx;

    if (++i->calls == i->fail_at)
        return err_set(err, ERR_IO, "write 'new'");
    return buf_append(&i->bytes, bytes, err);
}

static int image_head(void *ctx, struct slice metas, struct err *err)
{
    struct image *i = ctx;

    if (++i->calls == i->fail_at)
        return err_set(err, ERR_IO, "write 'new'");
    for (size_t at = 0; at < metas.len; at++)
        CHECK(i->bytes.data[at] == 0);
    memcpy(i->bytes.data, metas.data, metas.len);
    return ERR_OK;
}

static struct bolt_builder *start(struct image *i, uint32_t page_size, uint64_t txid)
{
    struct bolt_output out = {i, image_append, image_head};
    struct bolt_build_options options = {.page_size = page_size, .txid = txid};
    struct bolt_builder *b = NULL;

    *i = (struct image){.bytes = BUF_INIT(IMAGE_MAX)};
    CHECK(bolt_builder_new(&options, &out, &b, NULL) == ERR_OK);
    return b;
}

static void end(struct bolt_builder *b, struct image *i, struct bolt_built *built)
{
    CHECK(bolt_builder_finish(b, built, NULL) == ERR_OK);
    CHECK(built->size == i->bytes.len);
    bolt_builder_free(b);
}

static void put(struct bolt_builder *b, const char *key, const char *value)
{
    CHECK(bolt_builder_put(b, slice_str(key), slice_str(value), NULL) == ERR_OK);
}

/* Bytes at `at` as hex text. */
static bool bytes_are(const struct image *i, size_t at, const char *hex)
{
    for (; hex[0] != '\0'; hex += 2, at++) {
        char two[3] = {hex[0], hex[1], '\0'};

        if (at >= i->bytes.len || i->bytes.data[at] != strtoul(two, NULL, 16))
            return false;
    }
    return true;
}

static bool zero_from(const struct image *i, size_t from, size_t to)
{
    while (from < to && i->bytes.data[from] == 0)
        from++;
    return from == to;
}

/* The checking walk finds nothing and reaches every page. */
static struct bolt_stats check_whole(const struct image *i)
{
    struct bolt_source src = bolt_source_memory(buf_slice(&i->bytes), "image");
    struct finding_sink sink = {0};
    struct bolt_db *db = NULL;
    struct bolt_stats stats = {0};
    struct err err = {0};

    CHECK(bolt_db_open(&src, &sink, &db, &err) == ERR_OK);
    CHECK(bolt_walk(db, NULL, NULL, &sink, &stats, &err) == ERR_OK);
    CHECK(finding_count(&sink, FINDING_NOTE) == 0);
    CHECK(stats.free_pages == 0);
    bolt_db_free(db);
    return stats;
}

/* The checksums were computed apart from this program (FNV-1a/64 of the 56 bytes). */
TEST(smallest_file_byte_by_byte)
{
    struct image i;
    struct bolt_built built;

    end(start(&i, 1024, 1), &i, &built);
    CHECK(built.size == 4096 && built.pages == 3);
    CHECK(bytes_are(&i, 0,
                    "00000000000000000400000000000000"
                    "edda0ced020000000004000000000000"
                    "02000000000000000000000000000000"
                    "ffffffffffffffff0300000000000000"
                    "0000000000000000be72d9aa7de1e0e0"));
    CHECK(zero_from(&i, 80, 1024));
    CHECK(bytes_are(&i, 1024,
                    "01000000000000000400000000000000"
                    "edda0ced020000000004000000000000"
                    "02000000000000000000000000000000"
                    "ffffffffffffffff0300000000000000"
                    "0100000000000000dfbcc8b586a8dbff"));
    CHECK(bytes_are(&i, 2048, "02000000000000000200000000000000"));
    CHECK(zero_from(&i, 2048 + 16, 4096));
    buf_done(&i.bytes);
}

/* What bbolt 1.5.0 writes for the same content, ids aside: an inline bucket with sequence 7. */
TEST(inline_bucket_byte_by_byte)
{
    struct image i;
    struct bolt_built built;
    struct bolt_builder *b = start(&i, 4096, 2);

    CHECK(bolt_builder_enter(b, slice_str("bk"), 7, NULL) == ERR_OK);
    put(b, "a", "1");
    put(b, "bc", "");
    CHECK(bolt_builder_leave(b, NULL) == ERR_OK);
    end(b, &i, &built);
    CHECK(bytes_are(&i, 8192,
                    "02000000000000000200010000000000" /* page 2, leaf, 1 */
                    "01000000100000000200000044000000" /* bucket, pos, 2, 68 */
                    "626b"
                    "00000000000000000700000000000000" /* root 0, sequence 7 */
                    "00000000000000000200020000000000" /* inline leaf, 2 */
                    "00000000200000000100000001000000"
                    "00000000120000000200000000000000"
                    "61316263"));
    CHECK(zero_from(&i, 8192 + 16 + 16 + 2 + 68, 12288));
    buf_done(&i.bytes);
}

/* Commit T stands in page T % 2 (bbolt meta.go Write), the other page has T - 1. */
TEST(metas_follow_the_parity_of_the_transaction)
{
    for (uint64_t txid = 1; txid < 5; txid++) {
        struct image i;
        struct bolt_built built;

        end(start(&i, 4096, txid), &i, &built);
        CHECK(le64_load(i.bytes.data + 64 + 4096 * (txid % 2)) == txid);
        CHECK(le64_load(i.bytes.data + 64 + 4096 * (1 - txid % 2)) == txid - 1);
        buf_done(&i.bytes);
    }
}

TEST(the_root_bucket_keeps_its_sequence)
{
    struct image i = {.bytes = BUF_INIT(IMAGE_MAX)};
    struct bolt_output out = {&i, image_append, image_head};
    struct bolt_build_options options = {.page_size = 4096, .txid = 9, .root_sequence = 77};
    struct bolt_builder *b = NULL;
    struct bolt_built built;

    CHECK(bolt_builder_new(&options, &out, &b, NULL) == ERR_OK);
    end(b, &i, &built);
    CHECK(le64_load(i.bytes.data + 40) == 77 && le64_load(i.bytes.data + 4096 + 40) == 77);
    buf_done(&i.bytes);
}

/* A bucket with one key of `value` bytes: inline while 16 + 16 + 1 + value <= a quarter page. */
static bool is_inline(uint32_t page_size, size_t value)
{
    static const uint8_t zeros[65536];
    struct image i;
    struct bolt_built built;
    struct bolt_builder *b = start(&i, page_size, 1);

    CHECK(bolt_builder_enter(b, slice_str("b"), 0, NULL) == ERR_OK);
    CHECK(bolt_builder_put(b, slice_str("k"), (struct slice){zeros, value}, NULL) == ERR_OK);
    CHECK(bolt_builder_leave(b, NULL) == ERR_OK);
    end(b, &i, &built);
    (void)check_whole(&i);
    buf_done(&i.bytes);
    return built.pages == 3;
}

TEST(a_bucket_is_inline_up_to_a_quarter_page)
{
    for (uint32_t page_size = 1024; page_size <= 65536; page_size *= 2) {
        CHECK(is_inline(page_size, page_size / 4 - 33));
        CHECK(!is_inline(page_size, page_size / 4 - 32));
    }
}

TEST(a_bucket_that_holds_a_bucket_is_not_inline)
{
    struct image i;
    struct bolt_built built;
    struct bolt_builder *b = start(&i, 4096, 1);

    CHECK(bolt_builder_enter(b, slice_str("outer"), 0, NULL) == ERR_OK);
    CHECK(bolt_builder_enter(b, slice_str("inner"), 0, NULL) == ERR_OK);
    CHECK(bolt_builder_leave(b, NULL) == ERR_OK);
    CHECK(bolt_builder_leave(b, NULL) == ERR_OK);
    end(b, &i, &built);
    CHECK(built.pages == 4);
    CHECK(check_whole(&i).buckets == 2);
    buf_done(&i.bytes);
}

/* Page count of one element whose leaf would have `size` bytes. */
static uint64_t pages_of(size_t size)
{
    AUTO_FREE uint8_t *value = calloc(1, BIG);
    struct image i;
    struct bolt_built built;
    struct bolt_builder *b = start(&i, 4096, 1);

    CHECK(value != NULL);
    CHECK(bolt_builder_put(b, slice_str("k"), (struct slice){value, size - 33}, NULL) == ERR_OK);
    end(b, &i, &built);
    CHECK(le32_load(i.bytes.data + 8192 + 12) == built.pages - 3);
    (void)check_whole(&i);
    buf_done(&i.bytes);
    return built.pages - 2;
}

TEST(a_large_element_overflows_by_whole_pages)
{
    CHECK(pages_of(4096) == 1);
    CHECK(pages_of(4097) == 2);
    CHECK(pages_of(8192) == 2);
    CHECK(pages_of(8193) == 3);
    CHECK(pages_of(BOLT_VALUE_MAX + 33) == 4097);
}

/* Branch pages of an image must have two children at least, and ids run in write order. */
static void check_branches(const struct image *i, uint32_t page_size, uint64_t pages)
{
    for (uint64_t id = 2; id < pages;) {
        const uint8_t *page = i->bytes.data + id * page_size;

        CHECK(le64_load(page) == id);
        CHECK(le16_load(page + 8) == 2 || le16_load(page + 10) >= 2);
        id += 1 + le32_load(page + 12);
    }
}

/* `count` keys of `key_size` bytes: 4 bytes of number, then filling. */
static void build_and_check(uint32_t page_size, unsigned count, size_t key_size)
{
    static uint8_t key[BOLT_KEY_MAX];
    struct image i;
    struct bolt_built built;
    struct bolt_builder *b = start(&i, page_size, 1);

    for (unsigned n = 0; n < count; n++) {
        key[0] = (uint8_t)(n >> 24);
        key[1] = (uint8_t)(n >> 16);
        key[2] = (uint8_t)(n >> 8);
        key[3] = (uint8_t)n;
        CHECK(bolt_builder_put(b, (struct slice){key, key_size}, slice_str("v"), NULL) == ERR_OK);
    }
    end(b, &i, &built);
    check_branches(&i, page_size, built.pages);
    struct bolt_stats stats = check_whole(&i);
    CHECK(stats.items == count && stats.pages == built.pages);
    buf_done(&i.bytes);
}

TEST(no_branch_has_one_child_at_any_count)
{
    for (unsigned count = 1; count < 140; count++)
        build_and_check(1024, count, 240);
}

TEST(no_branch_has_one_child_with_keys_larger_than_a_page)
{
    for (unsigned count = 1; count < 24; count++) {
        build_and_check(1024, count, BOLT_KEY_MAX);
        build_and_check(65536, count, BOLT_KEY_MAX);
        build_and_check(1024, count, 500);
    }
}

TEST(many_small_keys_make_a_tree_of_three_levels)
{
    build_and_check(1024, 60000, 4);
    build_and_check(4096, 60000, 16);
}

/* 4096 - 16 over 16 + 4 + 1: 194 elements fill a page, the next one starts another. */
TEST(a_leaf_is_filled_to_the_page)
{
    struct image i;
    struct bolt_built built;
    struct bolt_builder *b = start(&i, 4096, 1);

    for (unsigned n = 0; n < 194; n++) {
        char key[8];

        (void)snprintf(key, sizeof key, "%04u", n);
        put(b, key, "v");
    }
    end(b, &i, &built);
    CHECK(built.pages == 3 && le16_load(i.bytes.data + 8192 + 10) == 194);
    buf_done(&i.bytes);
    build_and_check(4096, 195, 4);
}

TEST(the_same_input_gives_the_same_bytes)
{
    struct image image[2];

    for (int run = 0; run < 2; run++) {
        struct bolt_built built;
        struct bolt_builder *b = start(&image[run], 1024, 5);

        for (int n = 0; n < 300; n++) {
            char key[16];

            (void)snprintf(key, sizeof key, "%04d", n);
            CHECK(bolt_builder_enter(b, slice_str(key), 0, NULL) == ERR_OK);
            put(b, "some", "thing");
            CHECK(bolt_builder_leave(b, NULL) == ERR_OK);
        }
        end(b, &image[run], &built);
    }
    CHECK(slice_eq(buf_slice(&image[0].bytes), buf_slice(&image[1].bytes)));
    buf_done(&image[0].bytes);
    buf_done(&image[1].bytes);
}

/* The code and message of one refused put after key "m". */
static void refuse_put(struct slice key, struct slice value, int code, const char *text)
{
    struct image i;
    struct bolt_built built;
    struct err err = {0};
    struct bolt_builder *b = start(&i, 4096, 1);

    put(b, "m", "");
    CHECK(bolt_builder_put(b, key, value, &err) == code);
    CHECK(strcmp(err.msg, text) == 0);
    CHECK(bolt_builder_finish(b, &built, &err) == ERR_USAGE);
    CHECK(strstr(err.msg, "the builder has failed before") != NULL);
    CHECK(bolt_builder_put(b, slice_str("n"), value, &err) == ERR_USAGE);
    bolt_builder_free(b);
    buf_done(&i.bytes);
}

TEST(keys_and_values_out_of_bounds_are_refused)
{
    AUTO_FREE uint8_t *big = malloc(BIG);

    CHECK(big != NULL);
    memset(big, 'z', BIG);
    struct slice none = {0};
    refuse_put(none, none, ERR_CORRUPT, "key is empty");
    refuse_put(slice_str("m"), none, ERR_CORRUPT, "key 'm' does not come after 'm'");
    refuse_put(slice_str("a\n"), none, ERR_CORRUPT, "key 'a\\x0a' does not come after 'm'");
    refuse_put((struct slice){big, 32769}, none, ERR_LIMIT,
               "key has 32769 bytes, want at most 32768");
    refuse_put(slice_str("n"), (struct slice){big, BOLT_VALUE_MAX + 1}, ERR_LIMIT,
               "value has 16777217 bytes, want at most 16777216");
}

TEST(nesting_is_limited)
{
    struct image i;
    struct err err = {0};
    struct bolt_built built;
    struct bolt_builder *b = start(&i, 4096, 1);

    for (int n = 0; n < BOLT_NESTING_MAX; n++)
        CHECK(bolt_builder_enter(b, slice_str("b"), 0, &err) == ERR_OK);
    for (int n = 0; n < BOLT_NESTING_MAX; n++)
        CHECK(bolt_builder_leave(b, &err) == ERR_OK);
    CHECK(bolt_builder_leave(b, &err) == ERR_USAGE);
    CHECK(strcmp(err.msg, "no bucket is open") == 0);
    end(b, &i, &built);
    CHECK(check_whole(&i).buckets == BOLT_NESTING_MAX);
    buf_done(&i.bytes);

    b = start(&i, 4096, 1);
    for (int n = 0; n < BOLT_NESTING_MAX; n++)
        CHECK(bolt_builder_enter(b, slice_str("b"), 0, &err) == ERR_OK);
    CHECK(bolt_builder_enter(b, slice_str("b"), 0, &err) == ERR_LIMIT);
    CHECK(strcmp(err.msg, "buckets are nested deeper than 64") == 0);
    bolt_builder_free(b);
    buf_done(&i.bytes);
}

TEST(an_open_bucket_keeps_the_end_away)
{
    struct image i;
    struct err err = {0};
    struct bolt_built built;
    struct bolt_builder *b = start(&i, 4096, 1);

    CHECK(bolt_builder_enter(b, slice_str("b"), 0, &err) == ERR_OK);
    CHECK(bolt_builder_finish(b, &built, &err) == ERR_USAGE);
    CHECK(strcmp(err.msg, "1 buckets are open still") == 0);
    CHECK(bolt_builder_leave(b, &err) == ERR_OK);
    CHECK(bolt_builder_finish(b, &built, &err) == ERR_OK);
    CHECK(bolt_builder_put(b, slice_str("k"), slice_str("v"), &err) == ERR_USAGE);
    bolt_builder_free(b);
    buf_done(&i.bytes);
}

static void refuse_options(uint32_t page_size, uint64_t txid, const char *text)
{
    struct image i = {.bytes = BUF_INIT(IMAGE_MAX)};
    struct bolt_output out = {&i, image_append, image_head};
    struct bolt_build_options options = {.page_size = page_size, .txid = txid};
    struct bolt_builder *b = NULL;
    struct err err = {0};

    CHECK(bolt_builder_new(&options, &out, &b, &err) == ERR_USAGE && b == NULL);
    CHECK(strcmp(err.msg, text) == 0);
}

TEST(wrong_options_are_refused)
{
    refuse_options(512, 1, "page size is 512, want a power of two from 1024 to 65536");
    refuse_options(131072, 1, "page size is 131072, want a power of two from 1024 to 65536");
    refuse_options(5000, 1, "page size is 5000, want a power of two from 1024 to 65536");
    refuse_options(4096, 0, "transaction id is 0, want at least 1");
}

/* Everything of one small build; the number of output calls, or the failure. */
static int build_failing(int fail_at, int *calls)
{
    struct image i = {.bytes = BUF_INIT(IMAGE_MAX), .fail_at = fail_at};
    struct bolt_output out = {&i, image_append, image_head};
    struct bolt_build_options options = {.page_size = 1024, .txid = 1};
    struct bolt_builder *b = NULL;
    struct bolt_built built;
    struct err err = {0};

    int r = bolt_builder_new(&options, &out, &b, &err);
    for (int n = 0; n < 120 && r == ERR_OK; n++) {
        uint8_t key[240] = {(uint8_t)n};

        r = bolt_builder_put(b, (struct slice){key, sizeof key}, slice_str("v"), &err);
    }
    if (r == ERR_OK)
        r = bolt_builder_finish(b, &built, &err);
    CHECK(r == ERR_OK || strcmp(err.msg, "write 'new'") == 0);
    *calls = i.calls;
    bolt_builder_free(b);
    buf_done(&i.bytes);
    return r;
}

TEST(each_failing_write_ends_the_build)
{
    int all;
    int calls;

    CHECK(build_failing(0, &all) == ERR_OK && all > 100);
    for (int at = 1; at <= all; at++)
        CHECK(build_failing(at, &calls) == ERR_IO && calls == at);
}
