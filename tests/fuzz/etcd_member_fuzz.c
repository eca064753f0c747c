#include "src/etcd/confstate.h"
#include "src/etcd/member.h"
#include "src/etcd/rows.h"
#include "tests/fuzz/fuzz.h"

/* A member that decodes encodes to JSON that decodes, and is stable from then on. */
static void round_trip(struct slice in)
{
    AUTO_BUF struct buf once = BUF_INIT(1 << 21);
    AUTO_BUF struct buf twice = BUF_INIT(1 << 21);
    struct etcd_member m;
    struct etcd_member again;

    if (etcd_member_decode(in, &m, NULL) < 0)
        return;
    if (etcd_member_encode(&m, &once, NULL) < 0)
        __builtin_trap();
    if (once.len <= ETCD_MEMBER_JSON_MAX) {
        if (etcd_member_decode(buf_slice(&once), &again, NULL) < 0 || again.id != m.id ||
            again.peer_url_count != m.peer_url_count ||
            etcd_member_encode(&again, &twice, NULL) < 0 ||
            !slice_eq(buf_slice(&once), buf_slice(&twice)))
            __builtin_trap();
        etcd_member_done(&again);
    }
    etcd_member_done(&m);
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
