/* A whole image behind one flag byte; flag 1 makes the checksums of both metas right first. What a
 * walk delivers is always in order and properly nested; when it reports no damage, a second walk
 * delivers the same, lookups find it, and the builder makes a file of it that has no finding and
 * delivers the same. */
#include <stdlib.h>
#include <string.h>

#include "boltdb/builder.h"
#include "boltdb/lookup.h"
#include "boltdb/walk.h"
#include "src/base/auto.h"
#include "tests/fuzz/fuzz.h"

enum { SEAL = 1, LOOKUPS_MAX = 64, FINDINGS_A_PAGE_MAX = 24, IMAGE_MAX = 64 << 20 };

static void require(int ok)
{
    if (!ok)
        __builtin_trap();
}

struct state {
    struct buf last[BOLT_NESTING_MAX + 2]; /* key seen last in each open bucket */
    struct buf bucket;                     /* name of the open top-level bucket */
    unsigned depth;
    uint64_t items;
    uint64_t hash;
    struct bolt_db *lookup; /* look items up in it when set */
    unsigned lookups;
    struct bolt_builder *builder; /* build with them when set */
};

static void state_init(struct state *s)
{
    memset(s, 0, sizeof *s);
    for (unsigned i = 0; i < sizeof s->last / sizeof s->last[0]; i++)
        s->last[i] = BUF_INIT(BOLT_KEY_MAX);
    s->bucket = BUF_INIT(BOLT_KEY_MAX);
}

static void state_done(struct state *s)
{
    for (unsigned i = 0; i < sizeof s->last / sizeof s->last[0]; i++)
        buf_done(&s->last[i]);
    buf_done(&s->bucket);
}

static void mix(struct state *s, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        s->hash = (s->hash ^ bytes.data[i]) * UINT64_C(0x100000001b3);
    s->hash += bytes.len;
}

static void next_key(struct state *s, struct slice key)
{
    struct buf *last = &s->last[s->depth];

    require(key.len > 0 && key.len <= BOLT_KEY_MAX);
    require(last->len == 0 || slice_cmp(buf_slice(last), key) < 0);
    buf_clear(last);
    require(buf_append(last, key, NULL) == ERR_OK);
    mix(s, key);
}

static int on_enter(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    struct state *s = ctx;

    next_key(s, bucket->name);
    s->hash += bucket->sequence;
    if (s->builder != NULL)
        require(bolt_builder_enter(s->builder, bucket->name, bucket->sequence, err) == ERR_OK);
    require(bucket->depth == ++s->depth);
    buf_clear(&s->last[s->depth]);
    if (s->depth == 1) {
        buf_clear(&s->bucket);
        require(buf_append(&s->bucket, bucket->name, NULL) == ERR_OK);
    }
    return ERR_OK;
}

static int on_leave(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    struct state *s = ctx;

    if (s->builder != NULL)
        require(bolt_builder_leave(s->builder, err) == ERR_OK);
    require(bucket->depth == s->depth--);
    require(slice_eq(bucket->name, buf_slice(&s->last[s->depth])));
    return ERR_OK;
}

static void look_up(struct state *s, const struct bolt_item *item)
{
    AUTO_BUF struct buf value = BUF_INIT(BOLT_VALUE_MAX);

    if (s->lookup == NULL || s->depth != 1 || s->lookups++ >= LOOKUPS_MAX)
        return;
    require(bolt_get(s->lookup, buf_slice(&s->bucket), item->key, &value, NULL) == ERR_OK);
    require(slice_eq(buf_slice(&value), item->value));
}

static int on_item(void *ctx, const struct bolt_item *item, struct err *err)
{
    struct state *s = ctx;

    next_key(s, item->key);
    if (s->builder != NULL)
        require(bolt_builder_put(s->builder, item->key, item->value, err) == ERR_OK);
    mix(s, item->value);
    s->items++;
    look_up(s, item);
    return ERR_OK;
}

static uint64_t run(struct bolt_db *db, struct bolt_db *lookup, struct bolt_builder *builder,
                    struct finding_sink *sink)
{
    struct state s;
    struct bolt_stats stats = {0};
    const struct bolt_visitor visitor = {
        .ctx = &s, .bucket_enter = on_enter, .item = on_item, .bucket_leave = on_leave};

    state_init(&s);
    s.lookup = lookup;
    s.builder = builder;
    require(bolt_walk(db, &visitor, NULL, sink, &stats, NULL) == ERR_OK);
    require(s.depth == 0 && s.items == stats.items);
    state_done(&s);
    return s.hash;
}

static int image_append(void *ctx, struct slice bytes, struct err *err)
{
    return buf_append(ctx, bytes, err);
}

static int image_head(void *ctx, struct slice metas, struct err *err)
{
    struct buf *image = ctx;

    (void)err;
    require(metas.len <= image->len);
    memcpy(image->data, metas.data, metas.len);
    return ERR_OK;
}

static void rebuild(struct bolt_db *db, uint64_t hash)
{
    AUTO_BUF struct buf image = BUF_INIT(IMAGE_MAX);
    const struct bolt_output out = {.ctx = &image, .append = image_append, .head = image_head};
    const struct bolt_build_options options = {.page_size = bolt_db_page_size(db), .txid = 1};
    struct bolt_builder *builder = NULL;
    struct bolt_db *built_db = NULL;
    struct bolt_built built;
    struct finding_sink sink = {0};

    require(bolt_builder_new(&options, &out, &builder, NULL) == ERR_OK);
    require(run(db, NULL, builder, NULL) == hash);
    require(bolt_builder_finish(builder, &built, NULL) == ERR_OK && built.size == image.len);
    bolt_builder_free(builder);
    const struct bolt_source src = bolt_source_memory(buf_slice(&image), "rebuilt");
    require(bolt_db_open(&src, &sink, &built_db, NULL) == ERR_OK);
    require(run(built_db, built_db, NULL, &sink) == hash);
    require(finding_count(&sink, FINDING_NOTE) == 0);
    bolt_db_free(built_db);
}

static void seal(uint8_t *data, size_t size)
{
    if (size < 16 + BOLT_META_SIZE)
        return;
    le64_store(data + 16 + 56, bolt_meta_checksum(data + 16));
    uint32_t second = le32_load(data + 16 + 8);
    if (second < 16 + BOLT_META_SIZE || second > size || size - second < 16 + BOLT_META_SIZE)
        return;
    le64_store(data + second + 16 + 56, bolt_meta_checksum(data + second + 16));
}

static void check_image(struct slice image)
{
    const struct bolt_source src = bolt_source_memory(image, "image");
    struct finding_sink sink = {0};
    struct bolt_db *db = NULL;
    struct err err = {0};
    bool walks;

    if (bolt_db_open(&src, &sink, &db, &err) < 0) {
        require(err.msg[0] != '\0');
        return;
    }
    uint64_t hash = run(db, NULL, NULL, &sink);
    require(finding_count(&sink, FINDING_NOTE) <=
            FINDINGS_A_PAGE_MAX * (image.len / bolt_db_page_size(db) + 1));
    if (sink.count[FINDING_DAMAGE] == 0) {
        require(run(db, db, NULL, NULL) == hash);
        rebuild(db, hash);
    }
    require(bolt_other_meta_walks(db, &walks, &err) == ERR_OK);
    bolt_db_free(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    uint8_t *copy = malloc(size);
    if (copy == NULL)
        return 0;
    memcpy(copy, data + 1, size - 1);
    if ((data[0] & SEAL) != 0)
        seal(copy, size - 1);
    check_image((struct slice){.data = copy, .len = size - 1});
    free(copy);
    return 0;
}
