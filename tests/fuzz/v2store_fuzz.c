#include "src/raft/v2store.h"
#include "tests/fuzz/fuzz.h"

/* What is read is written and read again with the same members. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct raft_v2store first = {0};
    struct raft_v2store second = {0};
    struct buf out = BUF_INIT(4 << 20);

    if (raft_v2store_parse((struct slice){data, size}, &first, NULL) < 0)
        return 0;
    if (raft_v2store_put(&out, &first, NULL) == 0 &&
        raft_v2store_parse(buf_slice(&out), &second, NULL) == 0 &&
        (second.member_count > first.member_count || second.has_foreign))
        __builtin_trap();
    raft_v2store_done(&first);
    raft_v2store_done(&second);
    buf_done(&out);
    return 0;
}
