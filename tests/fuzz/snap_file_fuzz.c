#include <stdlib.h>

#include "src/base/crc32c.h"
#include "src/base/pb.h"
#include "src/raft/snapfile.h"
#include "src/raft/v2store.h"
#include "tests/fuzz/fuzz.h"

static void read_file(struct slice file)
{
    struct raft_snapshot *snapshot = calloc(1, sizeof *snapshot);
    struct raft_v2store store = {0};
    struct err err = {0};

    if (snapshot == NULL)
        return;
    int r = raft_snap_decode(file, snapshot, &err);
    if (r == 0)
        r = raft_v2store_parse(snapshot->data, &store, &err);
    if ((r == 0) != (err.msg[0] == '\0'))
        __builtin_trap();
    raft_v2store_done(&store);
    free(snapshot);
}

/* First byte: odd takes the rest as the inner message and puts a fitting CRC around it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf file = BUF_INIT(8 << 20);

    if (size == 0)
        return 0;
    struct slice rest = {data + 1, size - 1};
    if ((data[0] & 1) == 0) {
        read_file(rest);
    } else if (pb_put_varint(&file, 1, crc32c_update(0, rest), NULL) == 0 &&
               pb_put_bytes(&file, 2, rest, NULL) == 0) {
        read_file(buf_slice(&file));
    }
    buf_done(&file);
    return 0;
}
