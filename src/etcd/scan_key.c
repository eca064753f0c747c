/* Rows of bucket `key`. */
#include "src/etcd/kv.h"
#include "src/etcd/rev.h"
#include "src/etcd/scan_internal.h"

static const struct slice kubernetes_prefix = {(const uint8_t *)"/registry/", 10};

static void report_revision(struct etcd_scan *s, enum etcd_rev_fault fault,
                            const struct bolt_item *item)
{
    switch (fault) {
    case ETCD_REV_LENGTH:
        scan_report(s, ETCD_REV_BAD_LENGTH, item, "revision key has %zu bytes, want %d or %d",
                    item->key.len, ETCD_REV_SIZE, ETCD_REV_TOMBSTONE_SIZE);
        break;
    case ETCD_REV_SHAPE:
        scan_report(s, ETCD_REV_BAD_SHAPE, item,
                    "revision key has 0x%02x as separator, want 0x%02x, or a wrong tombstone mark",
                    (unsigned)item->key.data[8], (unsigned)ETCD_REV_SEPARATOR);
        break;
    case ETCD_REV_NEGATIVE:
        scan_report(s, ETCD_REV_BELOW_ZERO, item, "revision key holds a negative number");
        break;
    case ETCD_REV_OK:
        break;
    }
    s->quick.is_contradicted = true;
}

static void report_gap(struct etcd_scan *s, const struct etcd_gap *gap,
                       const struct bolt_item *item)
{
    s->quick.is_contradicted = true;
    if (gap->is_sub)
        scan_report(s, ETCD_REV_GAP, item, "revisions %lld.%lld to %lld.%lld are missing",
                    (long long)gap->main, (long long)gap->from, (long long)gap->main,
                    (long long)gap->to);
    else
        scan_report(s, ETCD_REV_GAP, item, "revisions %lld to %lld are missing",
                    (long long)gap->from, (long long)gap->to);
}

static void check_sequence(struct etcd_scan *s, struct etcd_revision rev,
                           const struct bolt_item *item)
{
    struct etcd_gap gap;

    if (s->has_previous_key && etcd_rev_cmp(rev, s->facts.last) == 0) {
        s->quick.is_contradicted = true;
        scan_report(s, ETCD_REV_TWICE, item,
                    "revision %lld.%lld is there both as put and tombstone", (long long)rev.main,
                    (long long)rev.sub);
    }
    if (etcd_continuity_next(&s->continuity, rev, &gap))
        report_gap(s, &gap, item);
    if (!s->has_previous_key)
        s->facts.first = rev;
    s->facts.last = rev;
    s->has_previous_key = true;
}

static void check_tombstone(struct etcd_scan *s, const struct etcd_kv *kv,
                            const struct bolt_item *item)
{
    if (kv->key.len == 0)
        scan_report(s, ETCD_TOMBSTONE, item, "tombstone without a user key");
    else if (kv->create_revision != 0 || kv->mod_revision != 0 || kv->version != 0 ||
             kv->lease != 0 || kv->value.len != 0)
        scan_report(s, ETCD_TOMBSTONE, item, "tombstone holds more than a user key");
}

/* A put of version n was created at least n-1 write transactions earlier, version 1 in its own. */
static bool has_history(const struct etcd_kv *kv)
{
    return (kv->version == 1) == (kv->create_revision == kv->mod_revision) &&
           kv->version - 1 <= kv->mod_revision - kv->create_revision;
}

static void check_put(struct etcd_scan *s, const struct etcd_kv *kv, struct etcd_revision rev,
                      const struct bolt_item *item)
{
    if (kv->key.len == 0)
        scan_report(s, ETCD_KV_NO_KEY, item, "KeyValue without a user key");
    if (kv->mod_revision != rev.main)
        scan_report(s, ETCD_KV_MOD, item, "mod revision is %lld, want %lld",
                    (long long)kv->mod_revision, (long long)rev.main);
    else if (kv->create_revision < 1 || kv->create_revision > kv->mod_revision)
        scan_report(s, ETCD_KV_CREATE, item, "create revision is %lld, want 1 to %lld",
                    (long long)kv->create_revision, (long long)kv->mod_revision);
    else if (kv->version < 1)
        scan_report(s, ETCD_KV_VERSION, item, "version is %lld, want at least 1",
                    (long long)kv->version);
    else if (!has_history(kv))
        scan_report(s, ETCD_KV_HISTORY, item, "version %lld, created at %lld, modified at %lld",
                    (long long)kv->version, (long long)kv->create_revision,
                    (long long)kv->mod_revision);
}

/* etcdutl's --bump-revision leaves a row without any content, at {rev, 0}, and schedules a
 * compaction there. */
static void check_empty_row(struct etcd_scan *s, struct etcd_revision rev, bool is_tombstone,
                            const struct bolt_item *item)
{
    if (is_tombstone || rev.sub != 0 || rev.main > s->compacted)
        scan_report(s, ETCD_BUMP_ROW, item, "row without content at revision %lld.%lld%s",
                    (long long)rev.main, (long long)rev.sub, is_tombstone ? " (tombstone)" : "");
}

static void count_quickly(struct etcd_scan *s, const struct etcd_kv *kv, struct etcd_revision rev,
                          bool is_tombstone)
{
    bool is_above = rev.main > s->compacted;

    if (is_tombstone) {
        s->quick.live -= is_above;
        s->quick.is_contradicted |= rev.main < s->compacted;
    } else {
        s->quick.live += !is_above || kv->version == 1;
    }
}

static void follow_key(struct etcd_scan *s, const struct etcd_kv *kv, struct etcd_revision rev,
                       bool is_tombstone)
{
    struct etcd_followed_key *f = &s->facts.followed;

    if (s->options.follow.len == 0 || !slice_eq(s->options.follow, kv->key))
        return;
    *f = (struct etcd_followed_key){
        .seen = true,
        .is_deleted = is_tombstone,
        .mod = rev,
        .create_revision = kv->create_revision,
        .version = kv->version,
        .lease = kv->lease,
        .value_is_empty = kv->value.len == 0,
    };
}

static void note_facts(struct etcd_scan *s, const struct etcd_kv *kv)
{
    struct slice head;

    s->facts.leased_records += kv->lease != 0;
    if (!s->facts.has_kubernetes && slice_sub(kv->key, 0, kubernetes_prefix.len, &head))
        s->facts.has_kubernetes = slice_eq(head, kubernetes_prefix);
}

int scan_key_row(struct etcd_scan *s, const struct bolt_item *item, struct err *err)
{
    struct etcd_revision rev;
    struct etcd_kv kv;
    bool is_tombstone;
    enum etcd_rev_fault fault = etcd_rev_decode(item->key, &rev, &is_tombstone);

    s->facts.records++;
    if (fault != ETCD_REV_OK) {
        report_revision(s, fault, item);
        return ERR_OK;
    }
    check_sequence(s, rev, item);
    if (!etcd_kv_decode(item->value, &kv)) {
        scan_report(s, ETCD_KV_DECODE, item, "%zu bytes that are no KeyValue", item->value.len);
        s->quick.is_contradicted = true;
        return ERR_OK;
    }
    if (item->value.len == 0)
        check_empty_row(s, rev, is_tombstone, item);
    else if (is_tombstone)
        check_tombstone(s, &kv, item);
    else
        check_put(s, &kv, rev, item);
    if (kv.has_unknown)
        scan_report(s, ETCD_KV_UNKNOWN_FIELD, item, "KeyValue with an unknown field");
    follow_key(s, &kv, rev, is_tombstone);
    note_facts(s, &kv);
    count_quickly(s, &kv, rev, is_tombstone);
    return s->live == NULL ? ERR_OK : etcd_live_keys_add(s->live, kv.key, is_tombstone, err);
}
