#include "src/etcd/rows.h"

#include "src/base/auto.h"
#include "src/base/json.h"
#include "src/base/pb.h"

enum { NUMBER_MAX = 1000000 /* of a version's parts, our own */ };

AUTO_DEFINE(json_doc)

bool etcd_lease_decode(struct slice value, struct etcd_lease *ret)
{
    struct etcd_lease lease = {0};
    int64_t *const target[] = {NULL, &lease.id, &lease.ttl, &lease.remaining_ttl};
    struct pb_field f;

    while (pb_next(&value, &f)) {
        if (f.number >= sizeof target / sizeof target[0])
            continue;
        if (f.wire != PB_VARINT)
            return false;
        *target[f.number] = (int64_t)f.value;
    }
    *ret = lease;
    return value.len == 0;
}

/* authpb.User and authpb.Role: 1 name bytes, then fields that are all length-delimited. */
static bool decode_name(struct slice value, uint32_t last_field, struct slice *ret)
{
    struct slice name = {0};
    struct pb_field f;

    while (pb_next(&value, &f)) {
        if (f.number <= last_field && f.wire != PB_BYTES)
            return false;
        if (f.number == 1)
            name = f.bytes;
    }
    *ret = name;
    return value.len == 0;
}

bool etcd_user_decode(struct slice value, struct slice *ret_name)
{
    return decode_name(value, 4, ret_name); /* name, password, roles, options */
}

bool etcd_role_decode(struct slice value, struct slice *ret_name)
{
    return decode_name(value, 2, ret_name); /* name, keyPermission */
}

bool etcd_alarm_decode(struct slice key, struct etcd_alarm *ret)
{
    struct etcd_alarm alarm = {0};
    struct pb_field f;

    while (pb_next(&key, &f)) {
        if (f.number > 2)
            continue;
        if (f.wire != PB_VARINT)
            return false;
        *(f.number == 1 ? &alarm.member_id : &alarm.type) = f.value;
    }
    *ret = alarm;
    return key.len == 0;
}

int etcd_alarm_encode(const struct etcd_alarm *alarm, struct buf *ret, struct err *err)
{
    int r = alarm->member_id == 0 ? ERR_OK : pb_put_varint(ret, 1, alarm->member_id, err);

    return r < 0 || alarm->type == 0 ? r : pb_put_varint(ret, 2, alarm->type, err);
}

static bool take_number(struct slice *in, unsigned *ret)
{
    size_t n = 0;
    unsigned value = 0;

    for (; n < in->len && in->data[n] >= '0' && in->data[n] <= '9'; n++) {
        value = value * 10 + (unsigned)(in->data[n] - '0');
        if (value > NUMBER_MAX)
            return false;
    }
    *ret = value;
    *in = (struct slice){in->data + n, in->len - n};
    return n > 0;
}

static bool take_dot(struct slice *in)
{
    if (in->len == 0 || in->data[0] != '.')
        return false;
    *in = (struct slice){in->data + 1, in->len - 1};
    return true;
}

bool etcd_version_decode(struct slice text, struct etcd_version *ret)
{
    struct etcd_version v = {0};

    if (!take_number(&text, &v.major) || !take_dot(&text) || !take_number(&text, &v.minor) ||
        !take_dot(&text) || !take_number(&text, &v.patch))
        return false;
    if (text.len > 0 && text.data[0] != '-' && text.data[0] != '+')
        return false;
    *ret = v;
    return true;
}

int etcd_downgrade_decode(struct slice json, struct etcd_downgrade *ret, struct err *err)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct etcd_downgrade d = {0};
    struct json_value enabled;
    struct json_value target;
    struct slice text = {0};
    int r = json_parse(json, &doc, err);

    if (r < 0)
        return err_wrap(err, r, "downgrade");
    enabled = json_get(json_root(doc), "enabled");
    target = json_get(json_root(doc), "target-version");
    if (json_kind(json_root(doc)) != JSON_OBJECT ||
        (json_kind(enabled) != JSON_NULL && !json_as_bool(enabled, &d.enabled)) ||
        (json_kind(target) != JSON_NULL && !json_as_string(target, &text)))
        return err_set(err, ERR_CORRUPT, "downgrade: not an object of target-version and enabled");
    if (text.len > ETCD_VERSION_TEXT_MAX)
        return err_set(err, ERR_LIMIT, "downgrade: target version of %zu bytes", text.len);
    if (text.len > 0)
        memcpy(d.target, text.data, text.len);
    *ret = d;
    return ERR_OK;
}
