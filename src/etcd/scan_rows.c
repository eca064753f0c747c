/* Rows of the buckets alarm, auth, authRoles, authUsers and lease. */
#include "src/base/auto.h"
#include "src/etcd/rows.h"
#include "src/etcd/scan_internal.h"

static int keep_alarm(struct etcd_scan *s, const struct etcd_alarm *alarm, struct err *err)
{
    struct etcd_facts *f = &s->facts;
    struct etcd_alarm *grown;

    if (f->alarm_count >= ETCD_MEMBERS_MAX) {
        scan_report(s, ETCD_ALARM_TOO_MANY, NULL, "more than %d alarms", ETCD_MEMBERS_MAX);
        return ERR_OK;
    }
    grown = realloc(f->alarms, (f->alarm_count + 1) * sizeof *grown);
    if (grown == NULL)
        return err_nomem(err);
    f->alarms = grown;
    f->alarms[f->alarm_count++] = *alarm;
    return ERR_OK;
}

int scan_alarm_row(struct etcd_scan *s, const struct bolt_item *item, struct err *err)
{
    struct etcd_alarm alarm;

    if (!etcd_alarm_decode(item->key, &alarm)) {
        scan_report(s, ETCD_ALARM_ROW, item, "%zu bytes that are no alarm", item->key.len);
        return ERR_OK;
    }
    if (item->value.len != 0)
        scan_report(s, ETCD_ALARM_ROW, item, "an alarm's value has %zu bytes, want 0",
                    item->value.len);
    switch (alarm.type) {
    case ETCD_ALARM_NOSPACE:
        scan_report(s, ETCD_ALARM_SPACE, item, "NOSPACE alarm of member %llx",
                    (unsigned long long)alarm.member_id);
        break;
    case ETCD_ALARM_CORRUPT:
        scan_report(s, ETCD_ALARM_DAMAGE, item, "CORRUPT alarm of member %llx",
                    (unsigned long long)alarm.member_id);
        break;
    default:
        scan_report(s, ETCD_ALARM_OTHER, item, "alarm of type %llu of member %llx",
                    (unsigned long long)alarm.type, (unsigned long long)alarm.member_id);
        break;
    }
    return keep_alarm(s, &alarm, err);
}

void scan_lease_row(struct etcd_scan *s, const struct bolt_item *item)
{
    struct etcd_lease lease;

    s->facts.leases++;
    if (item->key.len != ETCD_LEASE_KEY_SIZE)
        scan_report(s, ETCD_LEASE_ROW, item, "lease key has %zu bytes, want %d", item->key.len,
                    ETCD_LEASE_KEY_SIZE);
    else if (!etcd_lease_decode(item->value, &lease))
        scan_report(s, ETCD_LEASE_ROW, item, "%zu bytes that are no lease", item->value.len);
    else if ((uint64_t)lease.id != be64_load(item->key.data))
        scan_report(s, ETCD_LEASE_ROW, item, "lease is %llx, its key says %llx",
                    (unsigned long long)lease.id, (unsigned long long)be64_load(item->key.data));
}

void scan_auth_row(struct etcd_scan *s, const struct bolt_item *item)
{
    if (slice_eq(item->key, slice_str(ETCD_AUTH_ENABLED))) {
        if (item->value.len != 1 || item->value.data[0] > 1)
            scan_report(s, ETCD_AUTH_ROW, item, "authEnabled is not one byte of 0 or 1");
        else
            s->facts.auth_enabled = item->value.data[0] == 1;
    } else if (slice_eq(item->key, slice_str(ETCD_AUTH_REVISION))) {
        if (item->value.len != 8)
            scan_report(s, ETCD_AUTH_ROW, item, "authRevision has %zu bytes, want 8",
                        item->value.len);
        else
            s->facts.auth_revision = be64_load(item->value.data);
    } else {
        scan_report(s, ETCD_UNKNOWN_KEY, item, "unknown row");
    }
}

static void check_named(struct etcd_scan *s, const struct bolt_item *item, bool is_decoded,
                        struct slice name, const char *what)
{
    if (!is_decoded)
        scan_report(s, ETCD_AUTH_ROW, item, "%zu bytes that are no %s", item->value.len, what);
    else if (!slice_eq(name, item->key))
        scan_report(s, ETCD_AUTH_ROW, item, "the %s is named otherwise than its key", what);
}

void scan_user_row(struct etcd_scan *s, const struct bolt_item *item)
{
    struct slice name = {0};
    bool is_decoded = etcd_user_decode(item->value, &name);

    s->facts.users++;
    check_named(s, item, is_decoded, name, "user");
}

void scan_role_row(struct etcd_scan *s, const struct bolt_item *item)
{
    struct slice name = {0};
    bool is_decoded = etcd_role_decode(item->value, &name);

    s->facts.roles++;
    check_named(s, item, is_decoded, name, "role");
}
