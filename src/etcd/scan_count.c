/* What the scan asks of the db itself: the compaction revisions before the walk, and a second walk
 * for the live keys when the first one showed that they cannot be counted quickly. */
#include "boltdb/lookup.h"
#include "src/base/auto.h"
#include "src/etcd/kv.h"
#include "src/etcd/rev.h"
#include "src/etcd/rows.h"
#include "src/etcd/scan_internal.h"

AUTO_DEFINE(etcd_live_keys)

static int get_revision(struct bolt_db *db, const char *key, int64_t *ret, struct err *err)
{
    AUTO_BUF struct buf value = BUF_INIT(BOLT_VALUE_MAX);
    struct err why = {0};
    struct etcd_revision rev;
    bool is_tombstone;
    int r = bolt_get(db, slice_str(etcd_bucket_name[ETCD_META]), slice_str(key), &value, &why);

    *ret = 0;
    if (r == ERR_IO || r == ERR_NOMEM) {
        if (err != NULL)
            *err = why;
        return r;
    }
    if (r == ERR_OK && value.len == ETCD_REV_SIZE &&
        etcd_rev_decode(buf_slice(&value), &rev, &is_tombstone) == ETCD_REV_OK)
        *ret = rev.main;
    return ERR_OK;
}

int etcd_compaction_get(struct bolt_db *db, struct etcd_compaction *ret, struct err *err)
{
    struct etcd_compaction c;
    int r = get_revision(db, ETCD_META_FINISHED_COMPACT, &c.finished, err);

    if (r == ERR_OK)
        r = get_revision(db, ETCD_META_SCHEDULED_COMPACT, &c.scheduled, err);
    if (r == ERR_OK)
        *ret = c;
    return r;
}

struct recount {
    struct etcd_live_keys *live;
    bool is_in_keys;
};

static int recount_enter(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    struct recount *c = ctx;

    (void)err;
    c->is_in_keys = bucket->depth == 1 && etcd_bucket_of(bucket->name) == ETCD_KEY;
    return ERR_OK;
}

static int recount_leave(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    struct recount *c = ctx;

    (void)bucket;
    (void)err;
    c->is_in_keys = false;
    return ERR_OK;
}

static int recount_item(void *ctx, const struct bolt_item *item, struct err *err)
{
    struct recount *c = ctx;
    struct etcd_revision rev;
    struct etcd_kv kv;
    bool is_tombstone;

    if (!c->is_in_keys || etcd_rev_decode(item->key, &rev, &is_tombstone) != ETCD_REV_OK ||
        !etcd_kv_decode(item->value, &kv))
        return ERR_OK;
    return etcd_live_keys_add(c->live, kv.key, is_tombstone, err);
}

static int count_again(struct etcd_scan *s, uint64_t *ret, struct err *err)
{
    AUTO(etcd_live_keys) struct etcd_live_keys *live = NULL;
    struct recount recount = {0};
    struct bolt_visitor visitor = {&recount, recount_enter, recount_item, recount_leave};
    int r = etcd_live_keys_new(&live, err);

    recount.live = live;
    if (r == ERR_OK)
        r = bolt_walk(s->db, &visitor, NULL, NULL, NULL, err);
    return r < 0 ? r : etcd_live_keys_count(live, ret, err);
}

int scan_finish_live_keys(struct etcd_scan *s, struct err *err)
{
    bool is_doubtful =
        s->quick.is_contradicted || s->quick.live < 0 || finding_count(s->sink, FINDING_DAMAGE) > 0;

    if (!s->options.want_live_keys)
        return ERR_OK;
    if (s->live != NULL)
        return etcd_live_keys_count(s->live, &s->facts.live_keys, err);
    if (is_doubtful && s->db != NULL)
        return count_again(s, &s->facts.live_keys, err);
    s->facts.live_keys = s->quick.live < 0 ? 0 : (uint64_t)s->quick.live;
    return ERR_OK;
}
