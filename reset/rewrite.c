#include "reset/rewrite.h"

#include "src/etcd/kv.h"
#include "src/etcd/member.h"
#include "src/etcd/rows.h"

/* Revisions that must stay free above a bump, so that the cluster can go on writing. */
#define REVISION_ROOM ((int64_t)1 << 40)

/* Buckets that etcdutl's restore makes where they are missing, and the one with the raft
 * positions (etcd storage/schema membership.go MustCreateBackendBuckets, cindex.go). */
enum {
    NEEDED_BUCKETS =
        1U << ETCD_CLUSTER | 1U << ETCD_MEMBERS | 1U << ETCD_MEMBERS_REMOVED | 1U << ETCD_META,
};

static bool is_writing(const struct reset_rewrite *w)
{
    return w->builder != NULL && !reset_verdict_is_damaged(w->verdict);
}

static int put(struct reset_rewrite *w, struct slice key, struct slice value, struct err *err)
{
    return is_writing(w) ? bolt_builder_put(w->builder, key, value, err) : ERR_OK;
}

int reset_bump_apply(int64_t last, int64_t current, uint64_t bump, int64_t *ret, struct err *err)
{
    if (bump > (uint64_t)(INT64_MAX - REVISION_ROOM) ||
        last > INT64_MAX - REVISION_ROOM - (int64_t)bump)
        return err_set(err, ERR_REFUSED,
                       "a bump of %llu on revision %lld overflows: it must stay well below 2^63",
                       (unsigned long long)bump, (long long)last);
    if (last + (int64_t)bump <= current)
        return err_set(err, ERR_REFUSED,
                       "a bump of %llu on revision %lld does not pass %lld, which was compacted",
                       (unsigned long long)bump, (long long)last, (long long)current);
    *ret = last + (int64_t)bump;
    return ERR_OK;
}

static int64_t max_revision(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* As a starting etcd works it out (mvcc kvstore.go restore). */
static int64_t current_revision(const struct reset_rewrite *w, int64_t last)
{
    int64_t compacted = max_revision(w->compaction.finished, w->compaction.scheduled);

    return max_revision(1, max_revision(last, compacted));
}

static uint64_t wanted_bump(const struct reset_rewrite *w, int64_t last, int64_t current)
{
    uint64_t ahead = 0;

    if (w->request->bump_mode == RESET_BUMP_BY)
        return w->request->bump;
    if (w->request->bump_mode == RESET_BUMP_NONE)
        return 0;
    if (!w->knows_old_revision)
        return RESET_BUMP_BLIND;
    if (w->old_revision > current)
        ahead = (uint64_t)(w->old_revision - current);
    return ahead + RESET_BUMP_MARGIN + (uint64_t)(current - last);
}

static void add_meta(struct reset_rewrite *w, const char *key, struct slice value)
{
    struct reset_meta_row *row = &w->meta[w->meta_count++];

    row->key = key;
    row->len = value.len;
    memcpy(row->value, value.data, value.len);
}

/* In byte order of their keys: consistent_index, scheduledCompactRev, term. */
static void prepare_meta(struct reset_rewrite *w)
{
    uint8_t number[8];

    be64_store(number, w->cluster->member_count);
    add_meta(w, ETCD_META_CONSISTENT_INDEX, (struct slice){number, sizeof number});
    if (w->bump > 0) {
        uint8_t rev[ETCD_REV_TOMBSTONE_SIZE];
        struct etcd_revision to = {.main = w->revision_after, .sub = 0};

        if (w->key_was_emptied)
            to.main--;
        add_meta(w, ETCD_META_SCHEDULED_COMPACT,
                 (struct slice){rev, etcd_rev_encode(to, false, rev)});
    }
    be64_store(number, 1);
    add_meta(w, ETCD_META_TERM, (struct slice){number, sizeof number});
}

static int put_bump_row(struct reset_rewrite *w, int64_t revision, struct err *err)
{
    uint8_t key[ETCD_REV_TOMBSTONE_SIZE];
    size_t len = etcd_rev_encode((struct etcd_revision){.main = revision}, false, key);

    return put(w, (struct slice){key, len}, (struct slice){NULL, 0}, err);
}

static int put_empty_key(struct reset_rewrite *w, const struct etcd_followed_key *old,
                         struct err *err)
{
    AUTO_BUF struct buf value = BUF_INIT(BOLT_KEY_MAX);
    uint8_t key[ETCD_REV_TOMBSTONE_SIZE];
    size_t len;
    struct etcd_kv kv = {
        .key = slice_str(w->request->empty_key),
        .create_revision = old->create_revision,
        .mod_revision = ++w->revision_after,
        .version = old->version + 1,
    };
    int r = etcd_kv_encode(&kv, &value, err);

    if (r < 0)
        return r;
    w->key_was_emptied = true;
    len = etcd_rev_encode((struct etcd_revision){.main = kv.mod_revision}, false, key);
    return put(w, (struct slice){key, len}, buf_slice(&value), err);
}

/* Behind the last row of bucket `key`: what moves the revision on. */
static int finish_keys(struct reset_rewrite *w, struct err *err)
{
    const struct etcd_facts *facts = proof_snapshot_facts_so_far(w->source);
    const struct etcd_followed_key *old = &facts->followed;
    int64_t last = facts->last.main;
    int64_t current = current_revision(w, last);
    uint64_t bump = wanted_bump(w, last, current);
    int r = ERR_OK;

    w->revision_before = current;
    w->revision_after = current;
    if (bump > 0) {
        r = reset_bump_apply(last, current, bump, &w->revision_after, err);
        if (r == ERR_OK)
            r = put_bump_row(w, w->revision_after, err);
        w->bump = (int64_t)bump;
    }
    if (r == ERR_OK && w->request->empty_key != NULL && old->seen && !old->is_deleted &&
        !old->value_is_empty)
        r = put_empty_key(w, old, err);
    return r;
}

static int put_members(struct reset_rewrite *w, struct err *err)
{
    bool done[RESET_MEMBERS_MAX] = {false};

    /* Keys are hex without padding: their order is not that of the numbers. */
    for (size_t n = 0; n < w->cluster->member_count; n++) {
        AUTO_BUF struct buf json = BUF_INIT(ETCD_MEMBER_JSON_MAX);
        char least[ETCD_MEMBER_KEY_MAX] = "";
        size_t pick = 0;

        for (size_t i = 0; i < w->cluster->member_count; i++) {
            char key[ETCD_MEMBER_KEY_MAX];

            (void)etcd_member_key(w->cluster->members[i].id, key);
            if (!done[i] && (least[0] == '\0' || strcmp(key, least) < 0)) {
                memcpy(least, key, sizeof least);
                pick = i;
            }
        }
        done[pick] = true;
        int r = etcd_member_encode(&w->cluster->members[pick], &json, err);
        if (r == ERR_OK)
            r = put(w, slice_str(least), buf_slice(&json), err);
        if (r < 0)
            return r;
    }
    return ERR_OK;
}

/* Write the new meta rows whose keys are below `key` (all when it is NULL); true in *ret_replaced
 * when one has that very key. */
static int put_meta_before(struct reset_rewrite *w, const struct slice *key, bool *ret_replaced,
                           struct err *err)
{
    while (w->meta_next < w->meta_count) {
        const struct reset_meta_row *row = &w->meta[w->meta_next];
        struct slice own = slice_str(row->key);
        int order = key != NULL ? slice_cmp(own, *key) : -1;

        if (order > 0)
            return ERR_OK;
        int r = put(w, own, (struct slice){row->value, row->len}, err);
        if (r < 0)
            return r;
        w->meta_next++;
        if (order == 0) {
            *ret_replaced = true;
            return ERR_OK;
        }
    }
    return ERR_OK;
}

/* What a bucket gets at its end, new or copied. */
static int finish_bucket(struct reset_rewrite *w, enum etcd_bucket bucket, struct err *err)
{
    bool replaced = false;

    if (bucket == ETCD_KEY)
        return finish_keys(w, err);
    if (bucket == ETCD_MEMBERS)
        return put_members(w, err);
    if (bucket == ETCD_META)
        return put_meta_before(w, NULL, &replaced, err);
    return ERR_OK;
}

static int create_bucket(struct reset_rewrite *w, enum etcd_bucket bucket, struct err *err)
{
    int r = ERR_OK;

    w->created |= 1U << bucket;
    if (bucket == ETCD_META)
        prepare_meta(w);
    if (is_writing(w))
        r = bolt_builder_enter(w->builder, slice_str(etcd_bucket_name[bucket]), 0, err);
    if (r == ERR_OK)
        r = finish_bucket(w, bucket, err);
    if (r == ERR_OK && is_writing(w))
        r = bolt_builder_leave(w->builder, err);
    return r;
}

/* Buckets that are missing before `name` (all when it is NULL). */
static int create_missing(struct reset_rewrite *w, const struct slice *name, struct err *err)
{
    for (unsigned b = 0; b < ETCD_BUCKET_COUNT; b++) {
        struct slice own = slice_str(etcd_bucket_name[b]);

        if ((NEEDED_BUCKETS & 1U << b) == 0 || (w->created & 1U << b) != 0)
            continue;
        if (name != NULL && slice_cmp(own, *name) >= 0)
            continue;
        int r = create_bucket(w, (enum etcd_bucket)b, err);
        if (r < 0)
            return r;
    }
    return ERR_OK;
}

static int enter(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    struct reset_rewrite *w = ctx;
    int r = ERR_OK;

    if (bucket->depth == 1) {
        r = create_missing(w, &bucket->name, err);
        w->bucket = etcd_bucket_of(bucket->name);
        if (w->bucket != ETCD_BUCKET_OTHER)
            w->created |= 1U << w->bucket;
        if (w->bucket == ETCD_META)
            prepare_meta(w);
    }
    if (r == ERR_OK && is_writing(w))
        r = bolt_builder_enter(w->builder, bucket->name, bucket->sequence, err);
    return r;
}

static int item(void *ctx, const struct bolt_item *it, struct err *err)
{
    struct reset_rewrite *w = ctx;
    bool replaced = false;

    switch (w->bucket) {
    case ETCD_ALARM:
    case ETCD_MEMBERS:
    case ETCD_MEMBERS_REMOVED:
        return ERR_OK;
    case ETCD_CLUSTER:
        if (slice_eq(it->key, slice_str(ETCD_CLUSTER_DOWNGRADE)))
            return ERR_OK;
        break;
    case ETCD_META: {
        int r = put_meta_before(w, &it->key, &replaced, err);
        if (r < 0 || replaced)
            return r;
        break;
    }
    case ETCD_AUTH:
    case ETCD_AUTH_ROLES:
    case ETCD_AUTH_USERS:
    case ETCD_KEY:
    case ETCD_LEASE:
    case ETCD_BUCKET_OTHER:
    default:
        break;
    }
    return put(w, it->key, it->value, err);
}

static int leave(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    struct reset_rewrite *w = ctx;
    int r = ERR_OK;

    if (bucket->depth == 1) {
        r = finish_bucket(w, w->bucket, err);
        w->bucket = ETCD_BUCKET_OTHER;
    }
    if (r == ERR_OK && is_writing(w))
        r = bolt_builder_leave(w->builder, err);
    return r;
}

struct bolt_visitor reset_rewrite_visitor(struct reset_rewrite *w)
{
    w->bucket = ETCD_BUCKET_OTHER;
    w->created = 0;
    w->meta_count = 0;
    w->meta_next = 0;
    return (struct bolt_visitor){
        .ctx = w,
        .bucket_enter = enter,
        .item = item,
        .bucket_leave = leave,
    };
}

int reset_rewrite_finish(struct reset_rewrite *w, struct err *err)
{
    if ((w->created & 1U << ETCD_KEY) == 0) {
        w->revision_before = current_revision(w, 0);
        w->revision_after = w->revision_before;
    }
    return create_missing(w, NULL, err);
}
