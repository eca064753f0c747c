#include <inttypes.h>
#include <stdlib.h>

#include "boltdb/lookup.h"
#include "src/base/auto.h"
#include "tests/unit/bolt_image.h"
#include "tests/unit/test.h"

static struct image img;
static struct report rep;

static void make(void)
{
    image_init(&img, 4);
    image_leaf(&img, 2, "b#k");
}

/* Open the image; the message of the failure is in rep.err. */
static int reopen(struct bolt_db **ret)
{
    static struct bolt_source src;

    src = bolt_source_memory((struct slice){img.data, (size_t)img.pages * IMAGE_PAGE}, "f");
    memset(&rep, 0, sizeof rep);
    return bolt_db_open(&src, &rep.sink, ret, &rep.err);
}

static void expect_failure(int code, const char *text)
{
    struct bolt_db *db = NULL;

    int r = reopen(&db);
    if (r != code || strstr(rep.err.msg, text) == NULL)
        (void)fprintf(stderr, "have %d: %s\n", r, rep.err.msg);
    CHECK(r == code && db == NULL);
    CHECK(strstr(rep.err.msg, text) != NULL);
}

TEST(db_uses_the_newer_meta)
{
    struct bolt_db *db = NULL;

    make();
    CHECK(reopen(&db) == ERR_OK && bolt_db_active(db) == 1);
    CHECK(bolt_db_page_size(db) == IMAGE_PAGE && bolt_db_logical_size(db) == 4 * IMAGE_PAGE);
    CHECK(bolt_db_meta(db, 0)->txid == 10 && bolt_db_meta(db, 1)->txid == 11);
    bolt_db_free(db);
    le64_store(image_page(&img, 0) + 16 + 48, 12);
    image_seal(&img, 0);
    CHECK(reopen(&db) == ERR_OK && bolt_db_active(db) == 0);
    bolt_db_free(db);
    le64_store(image_page(&img, 0) + 16 + 48, 11);
    image_seal(&img, 0);
    CHECK(reopen(&db) == ERR_OK && bolt_db_active(db) == 0);
    bolt_db_free(db);
}

TEST(db_reads_on_with_one_valid_meta)
{
    for (unsigned which = 0; which < 2; which++) {
        make();
        image_page(&img, which)[16 + 40]++;
        report_image(&rep, &img);
        CHECK(rep.result == ERR_OK && strcmp(rep.items, "b{ k=i } ") == 0);
        CHECK(strcmp(rep.findings, which == 0 ? "meta-invalid@0 " : "meta-invalid@1 ") == 0);
        CHECK(strstr(rep.last, "checksum is") != NULL);
        CHECK(rep.sink.count[FINDING_SUSPECT] == 1);
    }
}

TEST(db_does_not_take_checksum_zero)
{
    make();
    le64_store(image_page(&img, 1) + 16 + 56, 0);
    report_image(&rep, &img);
    CHECK(strcmp(rep.findings, "meta-invalid@1 ") == 0);
    CHECK(strstr(rep.last, "(bbolt up to 1.3.6 takes 0 for any)") != NULL);
}

TEST(db_refuses_two_invalid_metas)
{
    make();
    image_page(&img, 0)[16] = 0;
    image_page(&img, 1)[16 + 60]++;
    expect_failure(ERR_CORRUPT, "'f': neither meta page is valid: page 0: meta: magic is");
}

TEST(db_names_what_it_does_not_support)
{
    make();
    for (unsigned i = 0; i < 2; i++) {
        image_page(&img, i)[16 + 4] = 3;
        image_seal(&img, (int)i);
    }
    expect_failure(ERR_UNSUPPORTED, "'f': meta: version is 3, want 2");
    for (unsigned i = 0; i < 2; i++)
        memcpy(image_page(&img, i) + 16, (uint8_t[]){0xED, 0x0C, 0xDA, 0xED}, 4);
    expect_failure(ERR_UNSUPPORTED, "written on a big-endian machine");
    make();
    le32_store(image_page(&img, 0) + 16 + 8, 1 << 20);
    image_seal(&img, 0);
    expect_failure(ERR_UNSUPPORTED, "page size is 1048576, want a power of two");
    le32_store(image_page(&img, 0) + 16 + 8, 1000);
    image_seal(&img, 0);
    expect_failure(ERR_UNSUPPORTED, "page size is 1000");
}

TEST(db_refuses_files_that_are_too_small)
{
    make();
    img.pages = 0;
    expect_failure(ERR_CORRUPT, "'f': file of 0 bytes is too small");
    img.pages = 1;
    expect_failure(ERR_CORRUPT, "file of 1024 bytes ends inside its second page");
    memset(image_page(&img, 0), 0, IMAGE_PAGE);
    expect_failure(ERR_CORRUPT, "neither meta page is valid");
}

TEST(db_finds_the_second_meta_at_every_page_size)
{
    for (uint32_t size = BOLT_PAGE_SIZE_MIN; size <= BOLT_PAGE_SIZE_MAX; size *= 2) {
        AUTO_FREE uint8_t *data = calloc(4, size);
        struct bolt_db *db = NULL;
        struct bolt_source src;

        CHECK(data != NULL);
        make();
        le32_store(image_page(&img, 1) + 16 + 8, size);
        image_seal(&img, 1);
        memcpy(data + size, image_page(&img, 1), IMAGE_PAGE);
        memcpy(data + (size_t)2 * size, image_page(&img, 2), IMAGE_PAGE);
        src = bolt_source_memory((struct slice){data, (size_t)4 * size}, "f");
        report_source(&rep, &src);
        CHECK(rep.result == ERR_OK && strcmp(rep.findings, "meta-invalid@0 ") == 0);
        CHECK(strcmp(rep.items, "b{ k=i } ") == 0);
        CHECK(bolt_db_open(&src, NULL, &db, NULL) == ERR_OK && bolt_db_page_size(db) == size);
        CHECK(bolt_db_meta(db, 0) == NULL && bolt_db_active(db) == 1);
        bolt_db_free(db);
    }
}

TEST(db_checks_the_header_of_meta_pages)
{
    make();
    image_header(&img, 0, BOLT_PAGE_LEAF, 0, 0);
    report_image(&rep, &img);
    CHECK(strcmp(rep.findings, "meta-header@0 ") == 0 && rep.sink.count[FINDING_CURED] == 1);
    CHECK(strcmp(rep.items, "b{ k=i } ") == 0);
}

TEST(db_refuses_a_meta_of_another_page_size)
{
    make();
    le32_store(image_page(&img, 1) + 16 + 8, 4096);
    image_seal(&img, 1);
    report_image(&rep, &img);
    CHECK(strcmp(rep.findings, "meta-invalid@1 ") == 0);
    CHECK(strstr(rep.last, "page size is 4096, meta 0 has 1024") != NULL);
}

/* Bucket t is a tree, bucket i is inline, bucket e is empty. */
static struct bolt_db *open_lookup(void)
{
    struct bolt_db *db = NULL;

    image_init(&img, 9);
    image_branch(&img, 2, "e:3 t:4");
    image_leaf(&img, 3, "e@8 i#in");
    image_leaf(&img, 4, "plain=1 t@5");
    image_branch(&img, 5, "b:6 m:7");
    image_leaf(&img, 6, "b=1 d=2");
    image_leaf(&img, 7, "m=3 o=4");
    image_leaf(&img, 8, "");
    CHECK(reopen(&db) == ERR_OK);
    return db;
}

static const char *get(struct bolt_db *db, const char *bucket, const char *key)
{
    static char text[64];
    AUTO_BUF struct buf value = BUF_INIT(64);
    int r = bolt_get(db, slice_str(bucket), slice_str(key), &value, &rep.err);

    if (r < 0)
        return err_text(r);
    return finding_printable(buf_slice(&value), text, sizeof text);
}

TEST(lookup_finds_keys)
{
    struct bolt_db *db = open_lookup();

    CHECK(strcmp(get(db, "t", "b"), "1") == 0);
    CHECK(strcmp(get(db, "t", "d"), "2") == 0);
    CHECK(strcmp(get(db, "t", "m"), "3") == 0);
    CHECK(strcmp(get(db, "t", "o"), "4") == 0);
    CHECK(strcmp(get(db, "i", "in"), "i") == 0);
    bolt_db_free(db);
}

TEST(lookup_says_what_is_not_there)
{
    struct bolt_db *db = open_lookup();

    CHECK(strcmp(get(db, "t", "a"), "not found") == 0);
    CHECK(strcmp(get(db, "t", "c"), "not found") == 0);
    CHECK(strcmp(get(db, "t", "z"), "not found") == 0);
    CHECK(strstr(rep.err.msg, "no key 'z'") != NULL);
    CHECK(strcmp(get(db, "e", "z"), "not found") == 0);
    CHECK(strcmp(get(db, "x", "z"), "not found") == 0);
    CHECK(strstr(rep.err.msg, "no bucket 'x'") != NULL);
    CHECK(strcmp(get(db, "plain", "z"), "not found") == 0);
    bolt_db_free(db);
}

TEST(lookup_finds_the_last_key)
{
    struct bolt_db *db = open_lookup();
    AUTO_BUF struct buf key = BUF_INIT(64);

    CHECK(bolt_last_key(db, slice_str("t"), &key, NULL) == ERR_OK);
    CHECK(slice_eq(buf_slice(&key), slice_str("o")));
    CHECK(bolt_last_key(db, slice_str("i"), &key, NULL) == ERR_OK);
    CHECK(slice_eq(buf_slice(&key), slice_str("in")));
    CHECK(bolt_last_key(db, slice_str("e"), &key, NULL) == ERR_NOTFOUND);
    CHECK(bolt_last_key(db, slice_str("x"), &key, NULL) == ERR_NOTFOUND);
    bolt_db_free(db);
}

TEST(lookup_trusts_nothing)
{
    struct bolt_db *db = open_lookup();
    AUTO_BUF struct buf key = BUF_INIT(64);

    image_branch(&img, 5, "b:5 m:77");
    CHECK(strcmp(get(db, "t", "b"), "data is corrupt") == 0);
    CHECK(strstr(rep.err.msg, "more than 64 pages deep") != NULL);
    CHECK(strcmp(get(db, "t", "m"), "data is corrupt") == 0);
    CHECK(strstr(rep.err.msg, "page 77 is outside the file") != NULL);
    image_branch(&img, 5, "");
    CHECK(strcmp(get(db, "t", "m"), "data is corrupt") == 0);
    image_branch(&img, 5, "b:6 m:7");
    image_set32(&img, 7, 1, 4, 9000);
    CHECK(bolt_last_key(db, slice_str("t"), &key, NULL) == ERR_CORRUPT);
    image_leaf(&img, 3, "e=short i#in");
    image_set32(&img, 3, 0, 0, BOLT_LEAF_BUCKET_FLAG);
    CHECK(strcmp(get(db, "e", "m"), "data is corrupt") == 0);
    image_leaf(&img, 3, "e@0 i#in");
    CHECK(strcmp(get(db, "e", "m"), "data is corrupt") == 0);
    image_header(&img, 3, BOLT_PAGE_META, 1, 0);
    CHECK(strcmp(get(db, "e", "m"), "data is corrupt") == 0);
    bolt_db_free(db);
}
