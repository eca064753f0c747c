#include "src/etcd/confstate.h"
#include "src/etcd/member.h"
#include "src/etcd/rows.h"
#include "tests/fuzz/fuzz.h"

/* Decode and encode again; false when `in` is no member. */
static bool recode(struct slice in, struct buf *ret)
{
    struct etcd_member m;
    bool is_member = etcd_member_decode(in, &m, NULL) == ERR_OK;

    if (!is_member)
        return false;
    if (etcd_member_encode(&m, ret, NULL) < 0)
        __builtin_trap();
    etcd_member_done(&m);
    return true;
}

/* A member that decodes encodes to one that decodes. The first round may change bytes (spaces,
 * escapes), the second too (invalid UTF-8 has become U+FFFD), the third must not. */
static void round_trip(struct slice in)
{
    AUTO_BUF struct buf once = BUF_INIT(1 << 21);
    AUTO_BUF struct buf twice = BUF_INIT(1 << 21);
    AUTO_BUF struct buf again = BUF_INIT(1 << 21);

    if (!recode(in, &once) || once.len > ETCD_MEMBER_JSON_MAX)
        return;
    if (!recode(buf_slice(&once), &twice) || !recode(buf_slice(&twice), &again) ||
        !slice_eq(buf_slice(&twice), buf_slice(&again)))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = {data, size};
    struct etcd_conf_state c;
    struct etcd_downgrade d;
    uint64_t id;

    round_trip(in);
    if (etcd_conf_state_decode(in, &c, NULL) == ERR_OK)
        etcd_conf_state_done(&c);
    (void)etcd_downgrade_decode(in, &d, NULL);
    (void)etcd_member_key_decode(in, &id);
    return 0;
}
