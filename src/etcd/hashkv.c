#include "src/etcd/hashkv.h"

#include "boltdb/lookup.h"
#include "src/base/auto.h"
#include "src/etcd/hashbatch.h"
#include "src/etcd/kv.h"
#include "src/etcd/livekeys.h"
#include "src/etcd/rev.h"
#include "src/etcd/scan.h"

AUTO_DEFINE(etcd_live_keys)

/* Two walks: the first finds each user key's newest row at or below `rev`; of the rows at or below
 * the compaction only such puts are hashed by the second. */
struct hasher {
    int64_t rev;
    int64_t compacted; /* -1: never */
    bool counts_tombstone_at_compaction;
    bool is_in_keys;
    uint64_t below; /* rows at or below the compaction, in the first walk */
    uint64_t row;   /* number of the row, in the second walk */
    struct etcd_live_keys *newest;
    uint8_t *kept; /* a bit for each of the rows below */
    bool has_kept; /* any key is alive at rev */
    struct hashbatch hash;
};

static int enter(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    struct hasher *h = ctx;

    (void)err;
    h->is_in_keys = bucket->depth == 1 && etcd_bucket_of(bucket->name) == ETCD_KEY;
    return ERR_OK;
}

static int leave(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    struct hasher *h = ctx;

    (void)bucket;
    (void)err;
    h->is_in_keys = false;
    return ERR_OK;
}

static int decode_row(const struct bolt_item *item, struct etcd_revision *rev, bool *is_tombstone,
                      struct err *err)
{
    *is_tombstone = false;
    if (etcd_rev_decode(item->key, rev, is_tombstone) != ETCD_REV_OK)
        return err_set(err, ERR_CORRUPT, "page %llu, offset %llu: key of %zu bytes is no revision",
                       (unsigned long long)item->page, (unsigned long long)item->offset,
                       item->key.len);
    return ERR_OK;
}

static int gather(void *ctx, const struct bolt_item *item, struct err *err)
{
    struct hasher *h = ctx;
    struct etcd_revision rev;
    struct etcd_kv kv;
    bool is_tombstone;
    int r;

    if (!h->is_in_keys)
        return ERR_OK;
    r = decode_row(item, &rev, &is_tombstone, err);
    if (r < 0 || rev.main > h->rev)
        return r;
    if (!etcd_kv_decode(item->value, &kv))
        return err_set(err, ERR_CORRUPT, "page %llu, offset %llu: revision %lld.%lld: no KeyValue",
                       (unsigned long long)item->page, (unsigned long long)item->offset,
                       (long long)rev.main, (long long)rev.sub);
    if (rev.main <= h->compacted && ++h->below > ETCD_HASHKV_ROWS_MAX)
        return err_set(err, ERR_LIMIT, "more than %llu rows at or below the compaction",
                       (unsigned long long)ETCD_HASHKV_ROWS_MAX);
    return etcd_live_keys_add(h->newest, kv.key, is_tombstone, err);
}

static int keep(void *ctx, uint64_t row, bool is_tombstone, struct err *err)
{
    struct hasher *h = ctx;

    (void)err;
    if (is_tombstone)
        return ERR_OK;
    h->has_kept = true;
    if (row < h->below)
        h->kept[row / 8] |= (uint8_t)(1U << row % 8);
    return ERR_OK;
}

/* etcd skips no row at all when no key is alive (mvcc/hash.go: an empty keep is no keep). */
static bool is_left_out(const struct hasher *h, struct etcd_revision rev, bool is_tombstone)
{
    if (rev.main > h->rev)
        return true;
    if (rev.main > h->compacted)
        return false;
    if (rev.main == h->compacted && is_tombstone && !h->counts_tombstone_at_compaction)
        return true;
    return h->has_kept && (h->kept[h->row / 8] >> h->row % 8 & 1) == 0;
}

static int hash_row(void *ctx, const struct bolt_item *item, struct err *err)
{
    struct hasher *h = ctx;
    struct etcd_revision rev;
    bool is_tombstone;
    int r;

    if (!h->is_in_keys)
        return ERR_OK;
    r = decode_row(item, &rev, &is_tombstone, err);
    if (r < 0)
        return r;
    if (rev.main <= h->compacted && rev.main <= h->rev && h->row >= h->below)
        return err_set(err, ERR_IO, "the db changed while it was read");
    if (!is_left_out(h, rev, is_tombstone)) {
        hashbatch_add(&h->hash, item->key);
        hashbatch_add(&h->hash, item->value);
    }
    h->row++;
    return ERR_OK;
}

static int walk(struct bolt_db *db, struct hasher *h,
                int (*item)(void *, const struct bolt_item *, struct err *),
                const struct etcd_hashkv_options *options, struct err *err)
{
    struct bolt_visitor visitor = {h, enter, item, leave};
    struct finding_sink quiet = {0};
    struct finding_sink *sink = options->sink != NULL ? options->sink : &quiet;
    uint64_t before = finding_count(sink, FINDING_DAMAGE);
    int r = bolt_walk(db, &visitor, &options->walk, sink, NULL, err);

    if (r == ERR_OK && finding_count(sink, FINDING_DAMAGE) > before)
        r = err_set(err, ERR_CORRUPT, "the db is damaged, its hash would say nothing");
    return r;
}

static int find_kept(struct bolt_db *db, struct hasher *h,
                     const struct etcd_hashkv_options *options, struct err *err)
{
    AUTO(etcd_live_keys) struct etcd_live_keys *newest = NULL;
    int r = etcd_live_keys_new(&newest, err);

    h->newest = newest;
    if (r == ERR_OK)
        r = walk(db, h, gather, options, err);
    h->newest = NULL;
    if (r < 0)
        return r;
    h->kept = calloc(h->below / 8 + 1, 1);
    if (h->kept == NULL)
        return err_nomem(err);
    return etcd_live_keys_each(newest, keep, h, err);
}

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* etcd mvcc/kvstore.go restore: the last row, or a compaction above it. */
static int find_revisions(struct bolt_db *db, struct etcd_hashkv *ret, struct err *err)
{
    AUTO_BUF struct buf last = BUF_INIT(BOLT_KEY_MAX);
    struct etcd_compaction compaction;
    struct etcd_revision rev = {0};
    bool is_tombstone;
    int64_t compacted;
    int r = etcd_compaction_get(db, &compaction, err);

    if (r < 0)
        return r;
    r = bolt_last_key(db, slice_str(etcd_bucket_name[ETCD_KEY]), &last, err);
    if (r < 0 && r != ERR_NOTFOUND)
        return err_wrap(err, r, "last revision");
    if (r == ERR_OK && etcd_rev_decode(buf_slice(&last), &rev, &is_tombstone) != ETCD_REV_OK)
        return err_set(err, ERR_CORRUPT,
                       "last key of bucket 'key' has %zu bytes and is no revision", last.len);
    compacted = max64(compaction.finished, compaction.scheduled);
    ret->compact_revision = compacted == 0 ? -1 : compacted;
    ret->current_revision = max64(max64(1, rev.main), compacted);
    return ERR_OK;
}

static int choose_revision(struct etcd_hashkv *h, int64_t rev, struct err *err)
{
    if (rev > 0 && rev < h->compact_revision)
        return err_set(err, ERR_NOTFOUND, "mvcc: required revision has been compacted");
    if (rev > h->current_revision)
        return err_set(err, ERR_NOTFOUND, "mvcc: required revision is a future revision");
    h->hash_revision = rev == 0 ? h->current_revision : rev;
    return ERR_OK;
}

static int hash_rows(struct bolt_db *db, struct hasher *h,
                     const struct etcd_hashkv_options *options, struct err *err)
{
    int r = h->compacted < 0 ? ERR_OK : find_kept(db, h, options, err);

    hashbatch_add(&h->hash, slice_str(etcd_bucket_name[ETCD_KEY]));
    return r < 0 ? r : walk(db, h, hash_row, options, err);
}

int etcd_hashkv(struct bolt_db *db, const struct etcd_hashkv_options *options,
                struct etcd_hashkv *ret, struct err *err)
{
    AUTO_FREE struct hasher *h = calloc(1, sizeof *h);
    struct etcd_hashkv result = {0};
    int r;

    if (h == NULL)
        return err_nomem(err);
    r = find_revisions(db, &result, err);
    if (r == ERR_OK)
        r = choose_revision(&result, options->rev, err);
    if (r < 0)
        return r;
    h->rev = result.hash_revision;
    h->compacted = result.compact_revision;
    h->counts_tombstone_at_compaction = options->counts_tombstone_at_compaction;
    r = hash_rows(db, h, options, err);
    result.hash = hashbatch_sum(&h->hash);
    free(h->kept);
    if (r == ERR_OK)
        *ret = result;
    return r;
}
