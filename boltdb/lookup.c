#include "boltdb/lookup.h"

#include <inttypes.h>
#include <stdlib.h>

#include "boltdb/page_reader.h"
#include "src/base/auto.h"

/* One descent through the pages of a bucket. Two scratch buffers: a key that is compared, and what
 * is returned. */
struct descent {
    struct bolt_db *db;
    struct page_reader reader;
    struct buf key;
    struct bolt_page page;
    struct buf inline_page; /* holds the page of an inline bucket */
};

static void descent_free(struct descent *d)
{
    if (d == NULL)
        return;
    page_reader_done(&d->reader);
    buf_done(&d->key);
    buf_done(&d->inline_page);
    free(d);
}
AUTO_DEFINE(descent)

/* NULL without memory. */
static struct descent *descent_new(struct bolt_db *db, struct err *err)
{
    AUTO(descent) struct descent *d = calloc(1, sizeof *d);

    if (d == NULL) {
        (void)err_nomem(err);
        return NULL;
    }
    d->db = db;
    d->key = BUF_INIT(BOLT_KEY_MAX);
    d->inline_page = BUF_INIT(BOLT_VALUE_MAX);
    if (page_reader_init(&d->reader, db, err) < 0)
        return NULL;
    return TAKE_PTR(d);
}

static int element_at(struct descent *d, unsigned i, struct bolt_element *ret, struct slice *key,
                      struct err *err)
{
    struct bolt_fault fault;

    if (!bolt_element_check(&d->page, i, &fault))
        return err_set(err, ERR_CORRUPT, "page %" PRIu64 ": %s", d->page.id, fault.text);
    *ret = bolt_page_element(&d->page, i);
    return page_reader_key(&d->reader, &d->page, ret, &d->key, key, err);
}

/* First element whose key is >= `key`; *ret_is_equal when it is `key`. */
static int search(struct descent *d, struct slice key, unsigned *ret, bool *ret_is_equal,
                  struct err *err)
{
    unsigned low = 0;
    unsigned high = d->page.count;

    *ret_is_equal = false;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        struct bolt_element e = {0};
        struct slice have = {0};
        int r = element_at(d, middle, &e, &have, err);

        if (r < 0)
            return r;
        int order = slice_cmp(have, key);
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
            *ret_is_equal = order == 0;
        }
    }
    *ret = low;
    return ERR_OK;
}

static int load_page(struct descent *d, uint64_t pgid, struct err *err)
{
    struct bolt_fault fault;

    if (pgid < 2 || pgid >= page_reader_limit(d->db))
        return err_set(err, ERR_CORRUPT, "page %" PRIu64 " is outside the file", pgid);
    int r = page_reader_load(&d->reader, pgid, &d->page, &fault, err);
    if (r == ERR_CORRUPT)
        return err_set(err, ERR_CORRUPT, "page %" PRIu64 ": %s", pgid, fault.text);
    return r;
}

/* The leaf under `root` where `key` would be; key NULL: the last leaf. */
static int descend(struct descent *d, uint64_t root, const struct slice *key, struct err *err)
{
    uint64_t pgid = root;

    for (int depth = 0; depth < BOLT_DEPTH_MAX; depth++) {
        struct bolt_element e = {0};
        struct slice ignored = {0};
        unsigned i;
        bool is_equal = false;

        int r = load_page(d, pgid, err);
        if (r < 0 || d->page.type == BOLT_PAGE_LEAF)
            return r;
        if (d->page.count == 0)
            return err_set(err, ERR_CORRUPT, "page %" PRIu64 ": a branch without elements", pgid);
        i = d->page.count;
        if (key != NULL)
            r = search(d, *key, &i, &is_equal, err);
        if (r == ERR_OK)
            r = element_at(d, is_equal || i == 0 ? i : i - 1, &e, &ignored, err);
        if (r < 0)
            return r;
        pgid = e.pgid;
    }
    return err_set(err, ERR_CORRUPT, "page %" PRIu64 " is more than %d pages deep", pgid,
                   BOLT_DEPTH_MAX);
}

/* Value of `key` in the leaf loaded now. */
static int find(struct descent *d, struct slice key, bool want_bucket, struct buf *ret,
                struct err *err)
{
    char printed[64];
    unsigned i = 0;
    bool is_equal = false;
    struct bolt_element e = {0};
    struct slice value = {0};

    int r = search(d, key, &i, &is_equal, err);
    if (r < 0)
        return r;
    if (is_equal)
        r = element_at(d, i, &e, &value, err);
    if (r < 0)
        return r;
    if (!is_equal || (e.flags != 0) != want_bucket)
        return err_set(err, ERR_NOTFOUND, "no %s '%s'", want_bucket ? "bucket" : "key",
                       finding_printable(key, printed, sizeof printed));
    buf_clear(ret);
    r = page_reader_value(&d->reader, &d->page, &e, ret, &value, err);
    if (r < 0 || value.data == ret->data)
        return r;
    return buf_append(ret, value, err);
}

/* Load the leaf of top-level bucket `bucket` where `key` would be. */
static int descend_bucket(struct descent *d, struct slice bucket, const struct slice *key,
                          struct err *err)
{
    struct buf *value = &d->inline_page;
    struct bolt_fault fault;

    int r = descend(d, bolt_db_current(d->db)->root_pgid, &bucket, err);
    if (r == ERR_OK)
        r = find(d, bucket, true, value, err);
    if (r < 0)
        return r;
    if (value->len < BOLT_BUCKET_HEADER_SIZE)
        return err_set(err, ERR_CORRUPT, "bucket header of %zu bytes", value->len);
    uint64_t root = le64_load(value->data);
    if (root != 0)
        return descend(d, root, key, err);
    if (value->len < BOLT_BUCKET_HEADER_SIZE + BOLT_PAGE_HEADER_SIZE)
        return err_set(err, ERR_CORRUPT, "inline bucket of %zu bytes", value->len);
    struct slice bytes = {.data = value->data + BOLT_BUCKET_HEADER_SIZE,
                          .len = value->len - BOLT_BUCKET_HEADER_SIZE};
    d->page = bolt_page_load(bytes, 0, 0);
    d->page.size = bytes.len;
    if (!bolt_page_check(&d->page, BOLT_INLINE_PAGE_ID, &fault))
        return err_set(err, ERR_CORRUPT, "inline bucket: %s", fault.text);
    if (d->page.type != BOLT_PAGE_LEAF)
        return err_set(err, ERR_CORRUPT, "inline bucket: not a leaf page");
    return ERR_OK;
}

int bolt_get(struct bolt_db *db, struct slice bucket, struct slice key, struct buf *ret,
             struct err *err)
{
    AUTO(descent) struct descent *d = descent_new(db, err);

    if (d == NULL)
        return ERR_NOMEM;
    int r = descend_bucket(d, bucket, &key, err);
    if (r == ERR_OK)
        r = find(d, key, false, ret, err);
    return r;
}

int bolt_last_key(struct bolt_db *db, struct slice bucket, struct buf *ret, struct err *err)
{
    AUTO(descent) struct descent *d = descent_new(db, err);
    struct bolt_element e = {0};
    struct slice key = {0};

    if (d == NULL)
        return ERR_NOMEM;
    int r = descend_bucket(d, bucket, NULL, err);
    if (r < 0)
        return r;
    if (d->page.count == 0)
        return err_set(err, ERR_NOTFOUND, "bucket is empty");
    r = element_at(d, d->page.count - 1U, &e, &key, err);
    if (r < 0)
        return r;
    buf_clear(ret);
    return buf_append(ret, key, err);
}
