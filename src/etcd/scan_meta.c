/* Rows of the buckets meta and cluster, and what they must say together. */
#include "src/base/auto.h"
#include "src/etcd/rev.h"
#include "src/etcd/rows.h"
#include "src/etcd/scan_internal.h"

static bool is_key(const struct bolt_item *item, const char *name)
{
    return slice_eq(item->key, slice_str(name));
}

static bool take_number(struct etcd_scan *s, const struct bolt_item *item, uint64_t *ret)
{
    if (item->value.len != 8) {
        scan_report(s, ETCD_META_LENGTH, item, "value has %zu bytes, want 8", item->value.len);
        return false;
    }
    *ret = be64_load(item->value.data);
    return true;
}

/* Copy a text into a fact; false when it does not fit. */
static bool take_text(const struct bolt_item *item, char *ret, size_t size)
{
    if (item->value.len >= size)
        return false;
    if (item->value.len > 0)
        memcpy(ret, item->value.data, item->value.len);
    ret[item->value.len] = '\0';
    return true;
}

static void take_compaction(struct etcd_scan *s, const struct bolt_item *item, int64_t *ret)
{
    struct etcd_revision rev;
    bool is_tombstone;

    if (item->value.len != ETCD_REV_SIZE)
        scan_report(s, ETCD_META_LENGTH, item, "value has %zu bytes, want %d", item->value.len,
                    ETCD_REV_SIZE);
    else if (etcd_rev_decode(item->value, &rev, &is_tombstone) != ETCD_REV_OK)
        scan_report(s, ETCD_META_COMPACTION, item, "value is no revision");
    else
        *ret = rev.main;
}

/* Written empty for a moment when the cluster version rises (etcd storage/schema). */
static void take_storage_version(struct etcd_scan *s, const struct bolt_item *item)
{
    struct etcd_version version;

    s->facts.has_storage_version = true;
    if (!take_text(item, s->facts.storage_version, sizeof s->facts.storage_version))
        scan_report(s, ETCD_STORAGE_VERSION, item, "storage version has %zu bytes",
                    item->value.len);
    else if (item->value.len > 0 && !etcd_version_decode(item->value, &version))
        scan_report(s, ETCD_STORAGE_VERSION, item, "storage version '%s' is no version",
                    finding_printable(item->value, (char[64]){0}, 64));
}

static int take_conf_state(struct etcd_scan *s, const struct bolt_item *item, struct err *err)
{
    struct etcd_conf_state c;
    struct err why = {0};
    int r;

    s->facts.has_conf_state = true;
    if (!take_text(item, s->facts.conf_state, sizeof s->facts.conf_state)) {
        scan_report(s, ETCD_CONF_STATE, item, "conf state has %zu bytes, at most %zu are supported",
                    item->value.len, sizeof s->facts.conf_state - 1);
        return ERR_OK;
    }
    r = etcd_conf_state_decode(item->value, &c, &why);
    if (r == ERR_NOMEM)
        return err_nomem(err);
    if (r < 0) {
        scan_report(s, ETCD_CONF_STATE, item, "%s", why.msg);
        return ERR_OK;
    }
    etcd_conf_state_done(&s->conf_state);
    s->conf_state = c;
    s->has_conf_state = true;
    return ERR_OK;
}

int scan_meta_row(struct etcd_scan *s, const struct bolt_item *item, struct err *err)
{
    struct etcd_facts *f = &s->facts;

    if (is_key(item, ETCD_META_CONSISTENT_INDEX))
        f->has_consistent_index = take_number(s, item, &f->consistent_index);
    else if (is_key(item, ETCD_META_TERM))
        f->has_term = take_number(s, item, &f->term);
    else if (is_key(item, ETCD_META_CONF_STATE))
        return take_conf_state(s, item, err);
    else if (is_key(item, ETCD_META_STORAGE_VERSION))
        take_storage_version(s, item);
    else if (is_key(item, ETCD_META_FINISHED_COMPACT))
        take_compaction(s, item, &f->finished_compact);
    else if (is_key(item, ETCD_META_SCHEDULED_COMPACT))
        take_compaction(s, item, &f->scheduled_compact);
    else
        scan_report(s, ETCD_UNKNOWN_KEY, item, "unknown row");
    return ERR_OK;
}

static int take_downgrade(struct etcd_scan *s, const struct bolt_item *item, struct err *err)
{
    struct etcd_downgrade d;
    struct etcd_version version;
    struct err why = {0};
    int r = etcd_downgrade_decode(item->value, &d, &why);

    (void)take_text(item, s->facts.downgrade, sizeof s->facts.downgrade);
    if (r == ERR_NOMEM)
        return err_nomem(err);
    if (r < 0) {
        scan_report(s, ETCD_DOWNGRADE, item, "%s", why.msg);
        return ERR_OK;
    }
    if (d.enabled && !etcd_version_decode(slice_str(d.target), &version))
        scan_report(s, ETCD_DOWNGRADE, item, "target of the downgrade is no version");
    if (d.enabled)
        scan_report(s, ETCD_DOWNGRADE_ENABLED, item, "a downgrade to '%s' was under way", d.target);
    s->facts.downgrade_enabled = d.enabled;
    return ERR_OK;
}

static void take_cluster_version(struct etcd_scan *s, const struct bolt_item *item)
{
    struct etcd_version version;

    if (!take_text(item, s->facts.cluster_version, sizeof s->facts.cluster_version))
        scan_report(s, ETCD_CLUSTER_VERSION_TEXT, item, "cluster version has %zu bytes",
                    item->value.len);
    else if (!etcd_version_decode(item->value, &version))
        scan_report(s, ETCD_CLUSTER_VERSION_TEXT, item, "cluster version '%s' is no version",
                    finding_printable(item->value, (char[64]){0}, 64));
}

int scan_cluster_row(struct etcd_scan *s, const struct bolt_item *item, struct err *err)
{
    if (is_key(item, ETCD_CLUSTER_VERSION))
        take_cluster_version(s, item);
    else if (is_key(item, ETCD_CLUSTER_DOWNGRADE))
        return take_downgrade(s, item, err);
    else
        scan_report(s, ETCD_UNKNOWN_KEY, item, "unknown row");
    return ERR_OK;
}

void scan_finish_meta(struct etcd_scan *s)
{
    const struct etcd_facts *f = &s->facts;

    if (f->buckets != 0 && f->consistent_index == 0)
        scan_report(s, ETCD_NO_INDEX, NULL, "the consistent index is %s",
                    f->has_consistent_index ? "0" : "absent");
    if (f->finished_compact > f->scheduled_compact)
        scan_report(s, ETCD_COMPACTION_ORDER, NULL,
                    "compaction finished at %lld, but scheduled only at %lld",
                    (long long)f->finished_compact, (long long)f->scheduled_compact);
}

void scan_finish_buckets(struct etcd_scan *s)
{
    if (finding_count(s->sink, FINDING_DAMAGE) > s->own_damage)
        return; /* a bucket may stand behind a damaged page */
    if (s->facts.buckets == 0) {
        scan_report(s, ETCD_NOT_ETCD, NULL, "none of etcd's buckets is there");
        return;
    }
    for (unsigned i = 0; i < ETCD_BUCKET_COUNT; i++) {
        if (s->facts.buckets >> i & 1U)
            continue;
        scan_report(s, i == ETCD_KEY ? ETCD_MISSING_KEYS : ETCD_MISSING_BUCKET, NULL,
                    "bucket '%s' is not there", etcd_bucket_name[i]);
    }
}
