#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/raft/check.h"
#include "src/raft/record.h"
#include "tests/fuzz/fuzz.h"

static const char name[] = "0000000000000000-0000000000000000.wal";

/* A directory of this run; the file in it is written anew each time. */
static char path[] = "/tmp/wal-fuzz-XXXXXX";
static int dir = -1;

static void make_scratch(void)
{
    if (dir < 0 && mkdtemp(path) != NULL)
        dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

__attribute__((destructor)) static void remove_scratch(void)
{
    if (dir < 0)
        return;
    (void)unlinkat(dir, name, 0);
    (void)close(dir);
    (void)rmdir(path);
}

/* Frame and chain the records of the input anew, so that what lies behind the CRC is reached. */
static void mend(struct buf *out, struct slice in)
{
    uint32_t chain = 0;

    while (in.len > RAFT_FRAME_HEAD) {
        struct raft_frame frame = raft_frame_decode(in.data);
        size_t length = (size_t)(frame.length % 4096);
        struct raft_record record;
        struct slice message;

        if (!slice_sub(in, RAFT_FRAME_HEAD, length, &message))
            message = (struct slice){in.data + RAFT_FRAME_HEAD, in.len - RAFT_FRAME_HEAD};
        size_t step = RAFT_FRAME_HEAD + message.len + frame.pad;
        if (raft_record_decode(message, &record, NULL) == 0)
            (void)raft_record_put(out, &chain, (enum raft_record_type)(record.type % 6),
                                  record.data, NULL);
        if (step >= in.len)
            return;
        in = (struct slice){in.data + step, in.len - step};
    }
}

static void check(struct slice bytes)
{
    struct raft_facts *facts = calloc(1, sizeof *facts);
    struct err err = {0};
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || facts == NULL || write(fd, bytes.data, bytes.len) != (ssize_t)bytes.len)
        __builtin_trap();
    (void)close(fd);
    if (raft_check_dir(dir, -1, NULL, facts, &err) < 0)
        __builtin_trap();
    if (facts->wal.is_torn && facts->wal.torn_offset > bytes.len)
        __builtin_trap();
    raft_facts_done(facts);
    free(facts);
}

/* First byte: odd frames and chains the records anew. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf mended = BUF_INIT(4 << 20);
    struct slice bytes = {data + 1, size - 1};

    if (size == 0)
        return 0;
    if ((data[0] & 1) != 0) {
        mend(&mended, bytes);
        bytes = buf_slice(&mended);
    }
    make_scratch();
    check(bytes);
    buf_done(&mended);
    return 0;
}
