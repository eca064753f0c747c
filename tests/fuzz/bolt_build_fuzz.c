/* Bytes say which buckets and keys to build; the checking walk must give them back and find
 * nothing. Input: a page size, then operations of 6 bytes (kind, key filling, key size, value
 * size). */
#include <stdlib.h>
#include <string.h>

#include "boltdb/builder.h"
#include "boltdb/walk.h"
#include "src/base/buf.h"
#include "tests/fuzz/fuzz.h"

enum { IMAGE_MAX = 32 << 20, VALUE_SPACE = 1 << 17, OPERATION = 6, EVENTS_MAX = 4096 };
enum event_kind { EVENT_PUT, EVENT_ENTER, EVENT_LEAVE };

struct event {
    enum event_kind kind;
    uint32_t number; /* of the key in its bucket */
    size_t key_len;
    size_t value_len;
    uint8_t fill;
};

static struct event event[EVENTS_MAX];
static size_t events;
static size_t seen;
static uint32_t number[BOLT_NESTING_MAX + 2];
static uint8_t value_bytes[VALUE_SPACE];

static void must(bool ok)
{
    if (!ok)
        __builtin_trap();
}

static int image_append(void *ctx, struct slice bytes, struct err *err)
{
    return buf_append(ctx, bytes, err);
}

static int image_head(void *ctx, struct slice metas, struct err *err)
{
    struct buf *image = ctx;

    (void)err;
    memcpy(image->data, metas.data, metas.len);
    return ERR_OK;
}

/* The number keeps keys ascending; the filling makes them long. */
static struct slice key_of(const struct event *e, uint8_t ret[static BOLT_KEY_MAX])
{
    memset(ret, e->fill, e->key_len);
    for (size_t i = 0; i < 4; i++)
        ret[i] = (uint8_t)(e->number >> (24 - 8 * i));
    return (struct slice){ret, e->key_len};
}

static struct slice value_of(const struct event *e)
{
    return (struct slice){value_bytes + e->fill, e->value_len};
}

static struct event decode(const uint8_t op[static OPERATION])
{
    size_t key_len = le16_load(op + 2) % (op[0] & 0x40 ? (size_t)BOLT_KEY_MAX : 100U) + 1;

    return (struct event){
        .kind = op[0] % 8 < 6    ? EVENT_PUT
                : op[0] % 8 == 6 ? EVENT_ENTER
                                 : EVENT_LEAVE,
        .key_len = key_len < 4 ? 4 : key_len,
        .value_len = le16_load(op + 4) % (op[0] & 0x20 ? 65536U : 200U),
        .fill = op[1],
    };
}

/* One operation; false when it does not apply here. */
static bool apply(struct bolt_builder *b, struct event e, unsigned *nesting)
{
    static uint8_t key[BOLT_KEY_MAX];

    if (events + *nesting + 2 >= EVENTS_MAX || (e.kind == EVENT_LEAVE && *nesting == 0) ||
        (e.kind == EVENT_ENTER && *nesting == BOLT_NESTING_MAX))
        return false;
    if (e.kind != EVENT_LEAVE)
        e.number = number[*nesting]++;
    event[events++] = e;
    if (e.kind == EVENT_PUT)
        return bolt_builder_put(b, key_of(&e, key), value_of(&e), NULL) == ERR_OK;
    if (e.kind == EVENT_LEAVE) {
        --*nesting;
        return bolt_builder_leave(b, NULL) == ERR_OK;
    }
    number[++*nesting] = 0;
    return bolt_builder_enter(b, key_of(&e, key), e.fill, NULL) == ERR_OK;
}

static void build(struct slice in, struct buf *image, struct bolt_built *built)
{
    struct bolt_output out = {image, image_append, image_head};
    struct bolt_build_options options = {.page_size = 1024U << in.data[0] % 7,
                                         .txid = 1U + in.data[0] / 7};
    struct bolt_builder *b = NULL;
    unsigned nesting = 0;

    number[0] = 0;
    must(bolt_builder_new(&options, &out, &b, NULL) == ERR_OK);
    for (size_t at = 1; at + OPERATION <= in.len && image->len < IMAGE_MAX / 2; at += OPERATION)
        (void)apply(b, decode(in.data + at), &nesting);
    while (nesting > 0)
        must(apply(b, (struct event){.kind = EVENT_LEAVE}, &nesting));
    must(bolt_builder_finish(b, built, NULL) == ERR_OK);
    bolt_builder_free(b);
}

static int enter(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    static uint8_t key[BOLT_KEY_MAX];
    const struct event *e = &event[seen++];

    (void)ctx;
    (void)err;
    must(seen <= events && e->kind == EVENT_ENTER && slice_eq(bucket->name, key_of(e, key)));
    must(bucket->sequence == e->fill);
    return ERR_OK;
}

static int item(void *ctx, const struct bolt_item *i, struct err *err)
{
    static uint8_t key[BOLT_KEY_MAX];
    const struct event *e = &event[seen++];

    (void)ctx;
    (void)err;
    must(seen <= events && e->kind == EVENT_PUT && slice_eq(i->key, key_of(e, key)));
    must(slice_eq(i->value, value_of(e)));
    return ERR_OK;
}

static int leave(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    (void)ctx;
    (void)bucket;
    (void)err;
    must(seen < events && event[seen++].kind == EVENT_LEAVE);
    return ERR_OK;
}

static void read_again(struct slice image, const struct bolt_built *built)
{
    static const struct bolt_visitor visitor = {NULL, enter, item, leave};
    struct bolt_source src = bolt_source_memory(image, "image");
    struct finding_sink sink = {0};
    struct bolt_stats stats;
    struct bolt_db *db = NULL;

    must(image.len == built->size);
    must(bolt_db_open(&src, &sink, &db, NULL) == ERR_OK);
    must(bolt_walk(db, &visitor, NULL, &sink, &stats, NULL) == ERR_OK);
    must(finding_count(&sink, FINDING_NOTE) == 0 && seen == events);
    must(stats.free_pages == 0 && stats.pages == built->pages);
    bolt_db_free(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf image = BUF_INIT(IMAGE_MAX);
    struct bolt_built built;

    if (size == 0)
        return 0;
    for (size_t i = 0; i < sizeof value_bytes; i++)
        value_bytes[i] = (uint8_t)(i * 31 + i / 256);
    events = 0;
    seen = 0;
    build((struct slice){data, size}, &image, &built);
    read_again(buf_slice(&image), &built);
    buf_done(&image);
    return 0;
}
