#include "tests/unit/bolt_image.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/test.h"

uint8_t *image_page(struct image *img, uint64_t id)
{
    CHECK(id < IMAGE_PAGES_MAX);
    return img->data + id * IMAGE_PAGE;
}

void image_header(struct image *img, uint64_t id, unsigned type, unsigned count, unsigned overflow)
{
    uint8_t *p = image_page(img, id);

    le64_store(p, id);
    le16_store(p + 8, (uint16_t)type);
    le16_store(p + 10, (uint16_t)count);
    le32_store(p + 12, overflow);
}

void image_seal(struct image *img, int which)
{
    uint8_t *meta = image_page(img, (uint64_t)which) + 16;

    le64_store(meta + 56, bolt_meta_checksum(meta));
}

void image_metas(struct image *img, uint64_t root, uint64_t freelist, uint64_t high_water)
{
    for (int i = 0; i < 2; i++) {
        uint8_t *meta = image_page(img, (uint64_t)i) + 16;

        image_header(img, (uint64_t)i, BOLT_PAGE_META, 0, 0);
        le32_store(meta, BOLT_MAGIC);
        le32_store(meta + 4, BOLT_VERSION);
        le32_store(meta + 8, IMAGE_PAGE);
        le64_store(meta + 16, root);
        le64_store(meta + 24, 9);
        le64_store(meta + 32, freelist);
        le64_store(meta + 40, high_water);
        le64_store(meta + 48, 10 + (uint64_t)i);
        image_seal(img, i);
    }
}

void image_init(struct image *img, uint64_t pages)
{
    memset(img, 0, sizeof *img);
    img->pages = pages;
    image_metas(img, 2, BOLT_NO_FREELIST, pages);
}

/* An element's bytes while a page is put together. */
struct word {
    char key[32];
    uint8_t value[64];
    uint32_t flags;
    uint32_t key_size;
    uint32_t value_size;
    uint64_t child;
};

static void word_bucket(struct word *w, char kind, const char *rest)
{
    w->flags = BOLT_LEAF_BUCKET_FLAG;
    w->value_size = 16;
    le64_store(w->value + 8, 5);
    if (kind == '@') {
        le64_store(w->value, strtoull(rest, NULL, 10));
        return;
    }
    uint32_t len = (uint32_t)strlen(rest);
    le16_store(w->value + 16 + 8, BOLT_PAGE_LEAF);
    le16_store(w->value + 16 + 10, 1);
    le32_store(w->value + 32 + 4, 16);
    le32_store(w->value + 32 + 8, len);
    le32_store(w->value + 32 + 12, 1);
    memcpy(w->value + 48, rest, len);
    w->value[48 + len] = 'i';
    w->value_size = 48 + len + 1;
}

static struct word word_parse(const char *text, size_t len)
{
    struct word w = {0};
    char copy[64] = {0};

    CHECK(len < sizeof copy);
    memcpy(copy, text, len);
    size_t at = strcspn(copy, "=@#:");
    char kind = copy[at];
    copy[at] = '\0';
    w.key_size = (uint32_t)at;
    memcpy(w.key, copy, at);
    if (kind == ':') {
        w.child = strtoull(copy + at + 1, NULL, 10);
    } else if (kind == '=') {
        w.value_size = (uint32_t)strlen(copy + at + 1);
        memcpy(w.value, copy + at + 1, w.value_size);
    } else {
        word_bucket(&w, kind, copy + at + 1);
    }
    return w;
}

static void word_store(uint8_t *page, unsigned i, const struct word *w, bool is_leaf, size_t *data)
{
    uint8_t *e = page + 16 + (size_t)16 * i;
    uint32_t pos = (uint32_t)(*data - 16 - (size_t)16 * i);

    if (is_leaf) {
        le32_store(e, w->flags);
        le32_store(e + 4, pos);
        le32_store(e + 8, w->key_size);
        le32_store(e + 12, w->value_size);
    } else {
        le32_store(e, pos);
        le32_store(e + 4, w->key_size);
        le64_store(e + 8, w->child);
    }
    CHECK(*data + w->key_size + w->value_size <= IMAGE_PAGE);
    memcpy(page + *data, w->key, w->key_size);
    memcpy(page + *data + w->key_size, w->value, w->value_size);
    *data += w->key_size + w->value_size;
}

static void image_elements(struct image *img, uint64_t id, const char *words, bool is_leaf)
{
    struct word list[16];
    unsigned count = 0;

    for (const char *p = words; *p != '\0';) {
        size_t len = strcspn(p, " ");

        CHECK(count < 16);
        list[count++] = word_parse(p, len);
        p += len + (p[len] == ' ');
    }
    image_header(img, id, is_leaf ? BOLT_PAGE_LEAF : BOLT_PAGE_BRANCH, count, 0);
    size_t data = 16 + (size_t)16 * count;
    for (unsigned i = 0; i < count; i++)
        word_store(image_page(img, id), i, &list[i], is_leaf, &data);
}

void image_leaf(struct image *img, uint64_t id, const char *words)
{
    image_elements(img, id, words, true);
}

void image_branch(struct image *img, uint64_t id, const char *words)
{
    image_elements(img, id, words, false);
}

void image_set32(struct image *img, uint64_t id, unsigned i, unsigned at, uint32_t v)
{
    le32_store(image_page(img, id) + 16 + (size_t)16 * i + at, v);
}

void image_big_leaf(struct image *img, uint64_t id, uint32_t size, uint32_t value)
{
    uint8_t *page = image_page(img, id);

    image_header(img, id, BOLT_PAGE_LEAF, 1, (31 + size + value) / IMAGE_PAGE);
    image_set32(img, id, 0, 4, 16);
    image_set32(img, id, 0, 8, size);
    image_set32(img, id, 0, 12, value);
    CHECK(id * IMAGE_PAGE + 32 + size + value <= sizeof img->data);
    memset(page + 32, 'k', size);
    memset(page + 32 + size, 'v', value);
}

static void text_add(char *out, size_t size, const char *text)
{
    size_t used = strlen(out);

    (void)snprintf(out + used, size - used, "%s", text);
}

static void report_add(struct finding_sink *sink, const struct finding *f)
{
    struct report *rep = (struct report *)(void *)sink;
    char text[64];

    (void)snprintf(text, sizeof text, "%s@%" PRIu64 " ", f->code, f->page);
    text_add(rep->findings, sizeof rep->findings, text);
    (void)snprintf(rep->last, sizeof rep->last, "%s %" PRIu64 " %s [%s,%s) %s",
                   finding_severity_name(f->severity), f->offset,
                   f->bucket == NULL ? "-" : f->bucket, f->low == NULL ? "" : f->low,
                   f->high == NULL ? "" : f->high, f->text);
}

static void add_slice(struct report *rep, struct slice bytes, const char *behind)
{
    char text[24];

    text_add(rep->items, sizeof rep->items, finding_printable(bytes, text, sizeof text));
    text_add(rep->items, sizeof rep->items, behind);
}

static int report_enter(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    (void)err;
    add_slice(ctx, bucket->name, "{ ");
    return ERR_OK;
}

static int report_leave(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    (void)err;
    add_slice(ctx, (struct slice){.data = bucket->name.data, .len = 0}, "} ");
    return ERR_OK;
}

static int report_item(void *ctx, const struct bolt_item *item, struct err *err)
{
    (void)err;
    add_slice(ctx, item->key, "=");
    add_slice(ctx, item->value, " ");
    return ERR_OK;
}

void report_source(struct report *rep, const struct bolt_source *src)
{
    struct bolt_db *db = NULL;
    const struct bolt_visitor visitor = {.ctx = rep,
                                         .bucket_enter = report_enter,
                                         .item = report_item,
                                         .bucket_leave = report_leave};

    memset(rep, 0, sizeof *rep);
    rep->sink.add = report_add;
    rep->result = bolt_db_open(src, &rep->sink, &db, &rep->err);
    if (rep->result == ERR_OK)
        rep->result = bolt_walk(db, &visitor, NULL, &rep->sink, &rep->stats, &rep->err);
    bolt_db_free(db);
}

void report_image(struct report *rep, const struct image *img)
{
    const struct slice bytes = {.data = img->data, .len = (size_t)img->pages * IMAGE_PAGE};
    const struct bolt_source src = bolt_source_memory(bytes, "image");

    report_source(rep, &src);
}
