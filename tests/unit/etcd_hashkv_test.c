/* HashKV's rules on small dbs of our own making, against checksums put together here row by row.
 * Real dbs: etcd_fixture_test.c. */
#include <string.h>

#include "boltdb/builder.h"
#include "src/base/auto.h"
#include "src/base/crc32c.h"
#include "src/etcd/hashkv.h"
#include "src/etcd/kv.h"
#include "src/etcd/rev.h"
#include "src/etcd/scan.h"
#include "tests/unit/test.h"

enum { IMAGE_MAX = 1 << 20, ROWS_MAX = 8 };

AUTO_DEFINE(bolt_db)
AUTO_DEFINE(bolt_builder)

struct row {
    int64_t main;
    const char *key;
    int64_t version; /* 0: a tombstone */
    bool is_hashed;  /* expected */
};

static int append(void *ctx, struct slice bytes, struct err *err)
{
    return buf_append(ctx, bytes, err);
}

static int head(void *ctx, struct slice metas, struct err *err)
{
    struct buf *image = ctx;

    (void)err;
    memcpy(image->data, metas.data, metas.len);
    return ERR_OK;
}

static size_t encode_row(const struct row *row, uint8_t key[static 18], struct buf *value)
{
    struct etcd_kv kv = {.key = slice_str(row->key)};

    if (row->version > 0) {
        kv.create_revision = row->main - row->version + 1;
        kv.mod_revision = row->main;
        kv.version = row->version;
        kv.value = slice_str("value");
    }
    buf_clear(value);
    CHECK(etcd_kv_encode(&kv, value, NULL) == ERR_OK);
    return etcd_rev_encode((struct etcd_revision){row->main, 0}, row->version == 0, key);
}

static void put_compaction(struct bolt_builder *b, const char *name, int64_t rev)
{
    uint8_t value[ETCD_REV_TOMBSTONE_SIZE];
    size_t n = etcd_rev_encode((struct etcd_revision){rev, 0}, false, value);

    if (rev > 0)
        CHECK(bolt_builder_put(b, slice_str(name), (struct slice){value, n}, NULL) == ERR_OK);
}

/* A db with these rows (up to the one without a key) and compactions. */
static void build(const struct row *rows, int64_t finished, int64_t scheduled, struct buf *image)
{
    struct bolt_output out = {image, append, head};
    struct bolt_build_options options = {.page_size = 4096, .txid = 2};
    AUTO_BUF struct buf value = BUF_INIT(1024);
    AUTO(bolt_builder) struct bolt_builder *b = NULL;
    struct bolt_built built;

    CHECK(bolt_builder_new(&options, &out, &b, NULL) == ERR_OK);
    CHECK(bolt_builder_enter(b, slice_str("key"), 0, NULL) == ERR_OK);
    for (; rows->key != NULL; rows++) {
        uint8_t key[ETCD_REV_TOMBSTONE_SIZE];
        size_t n = encode_row(rows, key, &value);

        CHECK(bolt_builder_put(b, (struct slice){key, n}, buf_slice(&value), NULL) == ERR_OK);
    }
    CHECK(bolt_builder_leave(b, NULL) == ERR_OK);
    CHECK(bolt_builder_enter(b, slice_str("meta"), 0, NULL) == ERR_OK);
    put_compaction(b, "finishedCompactRev", finished);
    put_compaction(b, "scheduledCompactRev", scheduled);
    CHECK(bolt_builder_leave(b, NULL) == ERR_OK);
    CHECK(bolt_builder_finish(b, &built, NULL) == ERR_OK);
}

static uint32_t expected(const struct row *rows)
{
    AUTO_BUF struct buf value = BUF_INIT(1024);
    uint32_t crc = crc32c_update(0, slice_str("key"));

    for (; rows->key != NULL; rows++) {
        uint8_t key[ETCD_REV_TOMBSTONE_SIZE];
        size_t n = encode_row(rows, key, &value);

        if (!rows->is_hashed)
            continue;
        crc = crc32c_update(crc, (struct slice){key, n});
        crc = crc32c_update(crc, buf_slice(&value));
    }
    return crc;
}

static int hash(const struct buf *image, const struct etcd_hashkv_options *options,
                struct etcd_hashkv *ret, struct err *err)
{
    struct bolt_source source = bolt_source_memory(buf_slice(image), "image");
    AUTO(bolt_db) struct bolt_db *db = NULL;

    CHECK(bolt_db_open(&source, NULL, &db, NULL) == ERR_OK);
    return etcd_hashkv(db, options, ret, err);
}

static bool hashes_as_expected(const struct row *rows, int64_t finished, int64_t scheduled,
                               const struct etcd_hashkv_options *options)
{
    AUTO_BUF struct buf image = BUF_INIT(IMAGE_MAX);
    struct etcd_hashkv got;

    build(rows, finished, scheduled, &image);
    CHECK(hash(&image, options, &got, NULL) == ERR_OK);
    return got.hash == expected(rows);
}

TEST(hashkv_of_all_revisions)
{
    static const struct row rows[ROWS_MAX] = {
        {2, "a", 1, true}, {3, "a", 2, true}, {4, "b", 1, true}, {5, "a", 0, true}, {.key = NULL}};
    static const struct row older[ROWS_MAX] = {
        {2, "a", 1, true}, {3, "a", 2, true}, {4, "b", 1, false}, {.key = NULL}};

    CHECK(hashes_as_expected(rows, 0, 0, &(struct etcd_hashkv_options){0}));
    CHECK(hashes_as_expected(older, 0, 0, &(struct etcd_hashkv_options){.rev = 3}));
}

/* What the compaction has not deleted yet is left out, and so is the tombstone at it. */
TEST(hashkv_with_pending_compaction)
{
    static const struct row rows[ROWS_MAX] = {
        {2, "a", 1, false}, {3, "b", 1, true}, {4, "a", 2, false}, {5, "c", 1, false},
        {6, "a", 0, false}, {7, "c", 3, true}, {.key = NULL}};

    CHECK(hashes_as_expected(rows, 0, 6, &(struct etcd_hashkv_options){0}));
}

/* At revision 6 key c's row at 5 is the newest one, so it counts although 7 replaces it. */
TEST(hashkv_at_a_revision)
{
    static const struct row rows[ROWS_MAX] = {
        {3, "b", 1, true}, {5, "c", 1, true}, {7, "c", 2, false}, {.key = NULL}};

    CHECK(hashes_as_expected(rows, 6, 6, &(struct etcd_hashkv_options){.rev = 6}));
}

/* etcd takes an empty set of keys to keep for no set: nothing is left out then. */
TEST(hashkv_without_a_live_key)
{
    static const struct row rows[ROWS_MAX] = {
        {2, "a", 1, true}, {3, "a", 0, true}, {4, "b", 1, true}, {5, "b", 0, true}, {.key = NULL}};

    CHECK(hashes_as_expected(rows, 4, 4, &(struct etcd_hashkv_options){0}));
}

/* Only then the tombstone at the compaction makes a difference. */
TEST(hashkv_tombstone_at_compaction)
{
    static const struct row rows[ROWS_MAX] = {{2, "a", 1, true}, {3, "a", 0, false}, {.key = NULL}};
    static const struct row old[ROWS_MAX] = {{2, "a", 1, true}, {3, "a", 0, true}, {.key = NULL}};
    struct etcd_hashkv_options options = {.counts_tombstone_at_compaction = true};

    CHECK(hashes_as_expected(rows, 0, 3, &(struct etcd_hashkv_options){0}));
    CHECK(hashes_as_expected(old, 0, 3, &options));
}

TEST(hashkv_revisions_out_of_range)
{
    static const struct row rows[ROWS_MAX] = {{5, "a", 1, true}, {9, "a", 2, true}, {.key = NULL}};
    AUTO_BUF struct buf image = BUF_INIT(IMAGE_MAX);
    struct etcd_hashkv got;
    struct err err = {0};

    build(rows, 7, 7, &image);
    CHECK(hash(&image, &(struct etcd_hashkv_options){.rev = 6}, &got, &err) == ERR_NOTFOUND);
    CHECK(strcmp(err.msg, "mvcc: required revision has been compacted") == 0);
    CHECK(hash(&image, &(struct etcd_hashkv_options){.rev = 10}, &got, &err) == ERR_NOTFOUND);
    CHECK(strcmp(err.msg, "mvcc: required revision is a future revision") == 0);
    CHECK(hash(&image, &(struct etcd_hashkv_options){.rev = 7}, &got, &err) == ERR_OK);
    CHECK(got.hash_revision == 7 && got.compact_revision == 7 && got.current_revision == 9);
}

TEST(hashkv_of_an_empty_store)
{
    static const struct row rows[ROWS_MAX] = {{.key = NULL}};
    AUTO_BUF struct buf image = BUF_INIT(IMAGE_MAX);
    struct etcd_hashkv got;

    build(rows, 0, 0, &image);
    CHECK(hash(&image, &(struct etcd_hashkv_options){0}, &got, NULL) == ERR_OK);
    CHECK(got.hash == 1084519789 && got.hash_revision == 1 && got.compact_revision == -1);
}

TEST(hashkv_gives_no_number_of_a_damaged_db)
{
    static const struct row rows[ROWS_MAX] = {{2, "a", 1, true}, {3, "b", 1, true}, {.key = NULL}};
    AUTO_BUF struct buf image = BUF_INIT(IMAGE_MAX);
    struct etcd_hashkv got;
    struct err err = {0};
    uint8_t *at;

    build(rows, 0, 0, &image);
    at = memmem(image.data, image.len, "\0\0\0\0\0\0\0\3_", 9);
    CHECK(at != NULL);
    at[8] = '-';
    CHECK(hash(&image, &(struct etcd_hashkv_options){.rev = 2}, &got, &err) == ERR_CORRUPT);
    at[8] = '_';
    at[7] = 1; /* not ascending */
    CHECK(hash(&image, &(struct etcd_hashkv_options){0}, &got, &err) == ERR_CORRUPT);
    CHECK(err.msg[0] != '\0');
}

/* A gap contradicts the quick count: key a's first row is gone, a second walk finds it alive. */
TEST(scan_counts_again_after_a_gap)
{
    static const struct row rows[ROWS_MAX] = {
        {2, "b", 1, true}, {4, "a", 2, true}, {5, "b", 0, true}, {.key = NULL}};
    AUTO_BUF struct buf image = BUF_INIT(IMAGE_MAX);
    AUTO(bolt_db) struct bolt_db *db = NULL;
    struct etcd_scan_options options = {.want_live_keys = true};
    struct bolt_visitor visitor = {NULL, etcd_scan_enter, etcd_scan_item, etcd_scan_leave};
    struct finding_sink sink = {0};
    struct etcd_scan *scan = NULL;
    struct etcd_facts facts;

    build(rows, 0, 0, &image);
    struct bolt_source source = bolt_source_memory(buf_slice(&image), "image");
    CHECK(bolt_db_open(&source, &sink, &db, NULL) == ERR_OK);
    CHECK(etcd_scan_new(db, &options, &sink, &scan, NULL) == ERR_OK);
    visitor.ctx = scan;
    CHECK(bolt_walk(db, &visitor, NULL, &sink, NULL, NULL) == ERR_OK);
    CHECK(etcd_scan_finish(scan, &facts, NULL) == ERR_OK);
    CHECK(facts.live_keys == 1 && sink.count[FINDING_SUSPECT] == 1);
    etcd_facts_done(&facts);
    etcd_scan_free(scan);
}
