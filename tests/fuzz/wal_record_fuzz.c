#include "src/base/buf.h"
#include "src/raft/record.h"
#include "tests/fuzz/fuzz.h"

/* One framed record: what decodes is written again and read back the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice message = {0};
    struct raft_record first;
    struct raft_record second;

    if (size < RAFT_FRAME_HEAD)
        return 0;
    struct raft_frame frame = raft_frame_decode(data);
    if (frame.length > RAFT_RECORD_MAX || frame.pad > 7 ||
        !slice_sub((struct slice){data, size}, RAFT_FRAME_HEAD, (size_t)frame.length, &message) ||
        raft_record_decode(message, &first, NULL) < 0)
        return 0;

    struct buf out = BUF_INIT(1 << 20);
    uint32_t chain = 0;
    enum raft_record_type type = (enum raft_record_type)(first.type % 6);
    if (raft_record_put(&out, &chain, type, first.data, NULL) == 0) {
        message = (struct slice){out.data + 8, (size_t)raft_frame_decode(out.data).length};
        if (out.len % 8 != 0 || raft_record_decode(message, &second, NULL) < 0 ||
            !slice_eq(first.data, second.data) || second.type != (uint64_t)type ||
            second.crc != chain)
            __builtin_trap();
    }
    buf_done(&out);
    return 0;
}
