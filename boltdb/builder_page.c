#include <inttypes.h>

#include "boltdb/builder_internal.h"
#include "boltdb/page.h"

enum {
    BRANCH_POS = 0,
    LEAF_POS = 4,
    ELEMENTS_MAX = BOLT_PAGE_SIZE_MAX,
    /* A branch page overflows with two or, after a merge, three keys. */
    DATA_MAX = BOLT_PAGE_SIZE_MAX + 3 * BOLT_KEY_MAX,
};

static const uint8_t zeros[BOLT_PAGE_SIZE_MAX];

void build_page_init(struct build_page *p)
{
    p->elements = BUF_INIT(ELEMENTS_MAX);
    p->data = BUF_INIT(DATA_MAX);
}

void build_page_done(struct build_page *p)
{
    buf_done(&p->elements);
    buf_done(&p->data);
}

void build_page_clear(struct build_page *p)
{
    buf_clear(&p->elements);
    buf_clear(&p->data);
}

static int add(struct build_page *p, const uint8_t element[static BOLT_ELEMENT_SIZE],
               struct slice key, struct slice value, struct err *err)
{
    int r = buf_append(&p->elements, (struct slice){element, BOLT_ELEMENT_SIZE}, err);

    if (r == ERR_OK)
        r = buf_append(&p->data, key, err);
    if (r == ERR_OK)
        r = buf_append(&p->data, value, err);
    return r;
}

static void leaf_element(uint8_t ret[static BOLT_ELEMENT_SIZE], uint32_t flags, size_t pos,
                         struct slice key, struct slice value)
{
    le32_store(ret, flags);
    le32_store(ret + LEAF_POS, (uint32_t)pos);
    le32_store(ret + 8, (uint32_t)key.len);
    le32_store(ret + 12, (uint32_t)value.len);
}

int build_leaf_add(struct build_page *p, uint32_t flags, struct slice key, struct slice value,
                   struct err *err)
{
    uint8_t element[BOLT_ELEMENT_SIZE];

    leaf_element(element, flags, p->data.len, key, value);
    return add(p, element, key, value, err);
}

int build_branch_add(struct build_page *p, struct slice key, uint64_t pgid, struct err *err)
{
    uint8_t element[BOLT_ELEMENT_SIZE];

    le32_store(element + BRANCH_POS, (uint32_t)p->data.len);
    le32_store(element + 4, (uint32_t)key.len);
    le64_store(element + 8, pgid);
    return add(p, element, key, (struct slice){0}, err);
}

struct slice build_branch_key(const struct build_page *p, unsigned at)
{
    const uint8_t *element = p->elements.data + (size_t)at * BOLT_ELEMENT_SIZE;

    return (struct slice){p->data.data + le32_load(element + BRANCH_POS), le32_load(element + 4)};
}

uint64_t build_branch_child(const struct build_page *p, unsigned at)
{
    return le64_load(p->elements.data + (size_t)at * BOLT_ELEMENT_SIZE + 8);
}

struct slice build_leaf_first(const struct build_page *p)
{
    return (struct slice){p->data.data, le32_load(p->elements.data + 8)};
}

static void settle(struct build_page *p, size_t pos_at)
{
    for (size_t at = 0; at < p->elements.len; at += BOLT_ELEMENT_SIZE) {
        uint8_t *pos = p->elements.data + at + pos_at;

        le32_store(pos, le32_load(pos) + (uint32_t)(p->elements.len - at));
    }
}

void build_leaf_settle(struct build_page *p)
{
    settle(p, LEAF_POS);
}

static void header(uint8_t ret[static BOLT_PAGE_HEADER_SIZE], uint64_t id, unsigned type,
                   unsigned count)
{
    memset(ret, 0, BOLT_PAGE_HEADER_SIZE);
    le64_store(ret, id);
    le16_store(ret + 8, (uint16_t)type);
    le16_store(ret + 10, (uint16_t)count);
}

void build_leaf_header(uint8_t ret[static BOLT_PAGE_HEADER_SIZE], uint64_t id, unsigned count)
{
    header(ret, id, BOLT_PAGE_LEAF, count);
}

static int out(struct bolt_builder *b, struct slice bytes, struct err *err)
{
    return bytes.len == 0 ? ERR_OK : b->out.append(b->out.ctx, bytes, err);
}

int build_write_zeros(struct bolt_builder *b, uint64_t len, struct err *err)
{
    int r = ERR_OK;

    while (len > 0 && r == ERR_OK) {
        size_t n = len < sizeof zeros ? (size_t)len : sizeof zeros;

        r = out(b, (struct slice){zeros, n}, err);
        len -= n;
    }
    return r;
}

/* Header, parts and padding; the page gets the next ids. */
static int write_page(struct bolt_builder *b, unsigned type, const struct slice part[static 3],
                      uint64_t *ret, struct err *err)
{
    uint8_t head[BOLT_PAGE_HEADER_SIZE];
    uint64_t page_size = b->options.page_size;
    uint64_t size = BOLT_PAGE_HEADER_SIZE + part[0].len + part[1].len + part[2].len;
    uint64_t slots = (size + page_size - 1) / page_size;

    header(head, b->pages, type, (unsigned)(part[0].len / BOLT_ELEMENT_SIZE));
    le32_store(head + 12, (uint32_t)(slots - 1));
    int r = out(b, (struct slice){head, sizeof head}, err);
    for (int i = 0; i < 3 && r == ERR_OK; i++)
        r = out(b, part[i], err);
    if (r == ERR_OK)
        r = build_write_zeros(b, slots * page_size - size, err);
    if (r < 0)
        return r;
    *ret = b->pages;
    b->pages += slots;
    return ERR_OK;
}

int build_write_leaf(struct bolt_builder *b, struct build_page *p, uint64_t *ret, struct err *err)
{
    settle(p, LEAF_POS);
    const struct slice part[3] = {buf_slice(&p->elements), buf_slice(&p->data), {0}};
    return write_page(b, BOLT_PAGE_LEAF, part, ret, err);
}

int build_write_branch(struct bolt_builder *b, struct build_page *p, uint64_t *ret, struct err *err)
{
    settle(p, BRANCH_POS);
    const struct slice part[3] = {buf_slice(&p->elements), buf_slice(&p->data), {0}};
    return write_page(b, BOLT_PAGE_BRANCH, part, ret, err);
}

int build_write_single(struct bolt_builder *b, uint32_t flags, struct slice key, struct slice value,
                       uint64_t *ret, struct err *err)
{
    uint8_t element[BOLT_ELEMENT_SIZE];

    leaf_element(element, flags, BOLT_ELEMENT_SIZE, key, value);
    const struct slice part[3] = {{element, sizeof element}, key, value};
    return write_page(b, BOLT_PAGE_LEAF, part, ret, err);
}

/* Page `id` of the two; the newer txid T stands in page T % 2 (bbolt meta.go Write). */
static void meta_page(const struct bolt_builder *b, uint8_t *ret, uint64_t id, uint64_t root)
{
    uint8_t *meta = ret + BOLT_PAGE_HEADER_SIZE;
    uint64_t txid = b->options.txid;

    header(ret, id, BOLT_PAGE_META, 0);
    le32_store(meta, BOLT_MAGIC);
    le32_store(meta + 4, BOLT_VERSION);
    le32_store(meta + 8, b->options.page_size);
    le64_store(meta + 16, root);
    le64_store(meta + 24, b->options.root_sequence);
    le64_store(meta + 32, BOLT_NO_FREELIST);
    le64_store(meta + 40, b->pages);
    le64_store(meta + 48, id == txid % 2 ? txid : txid - 1);
    le64_store(meta + 56, bolt_meta_checksum(meta));
}

int build_write_metas(struct bolt_builder *b, uint64_t root, struct err *err)
{
    size_t page_size = b->options.page_size;
    struct buf *metas = &b->value;

    buf_clear(metas);
    int r = buf_reserve(metas, 2 * page_size, err);
    if (r < 0)
        return r;
    memset(metas->data, 0, 2 * page_size);
    meta_page(b, metas->data, 0, root);
    meta_page(b, metas->data + page_size, 1, root);
    return b->out.head(b->out.ctx, (struct slice){metas->data, 2 * page_size}, err);
}
