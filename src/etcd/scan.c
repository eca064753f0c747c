#include "src/etcd/scan.h"

#include <stdarg.h>

#include "src/base/auto.h"
#include "src/etcd/rev.h"
#include "src/etcd/scan_internal.h"

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int etcd_scan_new_at(struct bolt_db *db, const struct etcd_compaction *compaction,
                     const struct etcd_scan_options *options, struct finding_sink *sink,
                     struct etcd_scan **ret, struct err *err)
{
    struct etcd_scan *s = calloc(1, sizeof *s);
    int r = ERR_OK;

    if (s == NULL)
        return err_nomem(err);
    s->db = db;
    s->options = *options;
    s->sink = sink;
    s->compacted = max64(compaction->finished, compaction->scheduled);
    s->facts.current_revision = max64(1, s->compacted);
    etcd_continuity_start(&s->continuity, s->compacted);
    if (options->want_live_keys && compaction->scheduled > compaction->finished)
        r = etcd_live_keys_new(&s->live, err);
    if (r < 0) {
        etcd_scan_free(s);
        return r;
    }
    *ret = s;
    return ERR_OK;
}

int etcd_scan_new(struct bolt_db *db, const struct etcd_scan_options *options,
                  struct finding_sink *sink, struct etcd_scan **ret, struct err *err)
{
    struct etcd_compaction compaction;
    int r = etcd_compaction_get(db, &compaction, err);

    return r < 0 ? r : etcd_scan_new_at(db, &compaction, options, sink, ret, err);
}

void etcd_scan_free(struct etcd_scan *s)
{
    if (s == NULL)
        return;
    etcd_facts_done(&s->facts);
    etcd_live_keys_free(s->live);
    etcd_conf_state_done(&s->conf_state);
    free(s);
}

const struct etcd_facts *etcd_scan_facts(const struct etcd_scan *s)
{
    return &s->facts;
}

/* The rows of bucket `key` go by their revision: their bytes say nothing to a person. */
static const char *printable_key(const struct etcd_scan *s, struct slice key, char *out,
                                 size_t size)
{
    struct etcd_revision rev;
    bool is_tombstone;

    if (s->place.depth != 1 || s->place.bucket != ETCD_KEY ||
        etcd_rev_decode(key, &rev, &is_tombstone) != ETCD_REV_OK)
        return finding_printable(key, out, size);
    (void)snprintf(out, size, "revision %lld.%lld%s", (long long)rev.main, (long long)rev.sub,
                   is_tombstone ? " (tombstone)" : "");
    return out;
}

void scan_report(struct etcd_scan *s, enum etcd_problem problem, const struct bolt_item *item,
                 const char *fmt, ...)
{
    struct finding f = etcd_finding(problem);
    char text[ERR_MSG_SIZE];
    char key[SCAN_TEXT_MAX];
    va_list args;

    if (s->reported[problem]++ >= SCAN_FINDINGS_MAX)
        return;
    s->own_damage += f.severity == FINDING_DAMAGE;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    f.text = text;
    if (item != NULL) {
        f.page = item->page;
        f.offset = item->offset;
        f.low = printable_key(s, item->key, key, sizeof key);
        f.high = f.low;
        f.bucket = s->place.depth > 0 ? s->place.name : NULL;
    }
    finding_report(s->sink, &f);
}

void scan_report_rest(struct etcd_scan *s)
{
    for (int i = 0; i < ETCD_PROBLEM_COUNT; i++) {
        struct finding f = etcd_finding((enum etcd_problem)i);
        const char *meaning = f.text;

        if (s->reported[i] > SCAN_FINDINGS_MAX)
            finding_reportf(s->sink, &f, "%llu more: %s",
                            (unsigned long long)(s->reported[i] - SCAN_FINDINGS_MAX), meaning);
    }
}

int etcd_scan_enter(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    struct etcd_scan *s = ctx;
    struct bolt_item place = {.key = bucket->name,
                              .page = bucket->root == 0 ? FINDING_NO_PLACE : bucket->root,
                              .offset = FINDING_NO_PLACE};

    (void)err;
    if (s->options.want_hash && bucket->depth <= 2)
        hashbatch_add(&s->hash, bucket->name);
    s->place.depth = bucket->depth;
    if (bucket->depth > 1) {
        s->facts.total_records += bucket->depth == 2;
        scan_report(s, ETCD_NESTED_BUCKET, &place, "bucket inside bucket '%s'", s->place.name);
        return ERR_OK;
    }
    (void)finding_printable(bucket->name, s->place.name, sizeof s->place.name);
    s->place.bucket = etcd_bucket_of(bucket->name);
    if (s->place.bucket == ETCD_BUCKET_OTHER)
        scan_report(s, ETCD_UNKNOWN_BUCKET, &place, "unknown top-level bucket '%s'", s->place.name);
    else
        s->facts.buckets |= 1U << s->place.bucket;
    return ERR_OK;
}

int etcd_scan_leave(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    struct etcd_scan *s = ctx;

    (void)err;
    s->place.depth = bucket->depth - 1;
    return ERR_OK;
}

static int scan_row(struct etcd_scan *s, const struct bolt_item *item, struct err *err)
{
    switch (s->place.bucket) {
    case ETCD_KEY:
        return scan_key_row(s, item, err);
    case ETCD_MEMBERS:
        return scan_member_row(s, item, err);
    case ETCD_MEMBERS_REMOVED:
        return scan_removed_row(s, item, err);
    case ETCD_ALARM:
        return scan_alarm_row(s, item, err);
    case ETCD_META:
        return scan_meta_row(s, item, err);
    case ETCD_CLUSTER:
        return scan_cluster_row(s, item, err);
    case ETCD_LEASE:
        scan_lease_row(s, item);
        return ERR_OK;
    case ETCD_AUTH:
        scan_auth_row(s, item);
        return ERR_OK;
    case ETCD_AUTH_USERS:
        scan_user_row(s, item);
        return ERR_OK;
    case ETCD_AUTH_ROLES:
        scan_role_row(s, item);
        return ERR_OK;
    case ETCD_BUCKET_OTHER:
        return ERR_OK;
    }
    return ERR_OK;
}

int etcd_scan_item(void *ctx, const struct bolt_item *item, struct err *err)
{
    struct etcd_scan *s = ctx;

    if (s->place.depth == 0)
        scan_report(s, ETCD_ROOT_KEY, item, "a key beside the top-level buckets");
    if (s->place.depth != 1)
        return ERR_OK;
    if (s->options.want_hash) {
        hashbatch_add(&s->hash, item->key);
        hashbatch_add(&s->hash, item->value);
    }
    s->facts.total_records++;
    s->facts.live_bytes += item->key.len + item->value.len;
    return scan_row(s, item, err);
}

static void finish_revision(struct etcd_facts *f)
{
    f->current_revision =
        max64(max64(1, f->last.main), max64(f->finished_compact, f->scheduled_compact));
}

int etcd_scan_finish(struct etcd_scan *s, struct etcd_facts *ret, struct err *err)
{
    int r;

    s->place = (struct scan_place){0};
    finish_revision(&s->facts);
    scan_finish_buckets(s);
    scan_finish_meta(s);
    r = scan_finish_members(s, err);
    if (r == ERR_OK)
        r = scan_finish_live_keys(s, err);
    if (r < 0)
        return r;
    scan_report_rest(s);
    if (s->options.want_hash)
        s->facts.hash = hashbatch_sum(&s->hash);
    *ret = s->facts;
    s->facts = (struct etcd_facts){0};
    return ERR_OK;
}
