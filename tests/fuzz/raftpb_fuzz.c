#include <stdlib.h>

#include "src/raft/raftpb.h"
#include "tests/fuzz/fuzz.h"

static void entry(struct slice in, struct buf *out)
{
    struct raft_entry a;
    struct raft_entry b;

    if (raft_entry_decode(in, &a, NULL) < 0)
        return;
    (void)raft_is_v2_request(a.data);
    if (raft_entry_put(out, &a, NULL) == 0 &&
        (raft_entry_decode(buf_slice(out), &b, NULL) < 0 || a.type != b.type || a.term != b.term ||
         a.index != b.index || !slice_eq(a.data, b.data)))
        __builtin_trap();
}

static void conf_change(struct slice in, struct buf *out)
{
    struct raft_conf_change a;
    struct raft_conf_change b;

    if (raft_conf_change_decode(in, &a, NULL) < 0)
        return;
    if (raft_conf_change_put(out, &a, NULL) == 0 &&
        (raft_conf_change_decode(buf_slice(out), &b, NULL) < 0 || a.node_id != b.node_id ||
         !slice_eq(a.context, b.context)))
        __builtin_trap();
}

static void conf_state(struct slice in, struct buf *out)
{
    struct raft_conf_state *a = calloc(2, sizeof *a);

    if (a != NULL && raft_conf_state_decode(in, a, NULL) == 0 &&
        raft_conf_state_put(out, a, NULL) == 0 &&
        (raft_conf_state_decode(buf_slice(out), a + 1, NULL) < 0 ||
         a[0].voters.count != a[1].voters.count || a[0].auto_leave != a[1].auto_leave))
        __builtin_trap();
    free(a);
}

static void others(struct slice in, struct buf *out)
{
    struct raft_hard_state state;
    struct raft_metadata metadata;
    struct raft_snap_mark mark;

    (void)raft_hard_state_decode(in, &state, NULL);
    (void)raft_metadata_decode(in, &metadata, NULL);
    if (raft_snap_mark_decode(in, &mark, NULL, NULL) == 0 &&
        raft_snap_mark_put(out, &mark, NULL, NULL) < 0 && out->max > 256)
        __builtin_trap();
}

/* First byte: which message. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const kinds[])(struct slice, struct buf *) = {entry, conf_change, conf_state,
                                                                others};
    struct buf out = BUF_INIT(1 << 20);

    if (size == 0)
        return 0;
    kinds[data[0] % 4]((struct slice){data + 1, size - 1}, &out);
    buf_done(&out);
    return 0;
}
