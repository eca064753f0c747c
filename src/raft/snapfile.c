#include "src/raft/snapfile.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "src/base/auto.h"
#include "src/base/crc32c.h"
#include "src/base/pb.h"
#include "src/raft/newfile.h"
#include "src/raft/record.h"

enum { FIELD_CRC = 1, FIELD_DATA = 2 };

void raft_snap_name(uint64_t term, uint64_t index, char ret[static RAFT_SNAP_NAME])
{
    (void)snprintf(ret, RAFT_SNAP_NAME, "%016" PRIx64 "-%016" PRIx64 ".snap", term, index);
}

bool raft_snap_parse_name(const char *name, uint64_t *term, uint64_t *index)
{
    return raft_name_parse(name, ".snap", term, index);
}

/* The outer message. */
static int unwrap(struct slice file, uint32_t *crc, struct slice *data, struct err *err)
{
    struct pb_field f;

    while (pb_next(&file, &f)) {
        if (f.number == FIELD_CRC && f.wire == PB_VARINT)
            *crc = (uint32_t)f.value;
        else if (f.number == FIELD_DATA && f.wire == PB_BYTES)
            *data = f.bytes;
        else if (f.number == FIELD_CRC || f.number == FIELD_DATA)
            return err_set(err, ERR_CORRUPT, "field %u has wire type %d", f.number, (int)f.wire);
    }
    if (file.len > 0)
        return err_set(err, ERR_CORRUPT, "no protobuf field at %zu bytes before the end", file.len);
    return ERR_OK;
}

int raft_snap_decode(struct slice file, struct raft_snapshot *ret, struct err *err)
{
    uint32_t crc = 0;
    struct slice data = {0};

    if (file.len > RAFT_SNAP_FILE_MAX)
        return err_set(err, ERR_LIMIT, "%zu bytes, at most %d are read", file.len,
                       RAFT_SNAP_FILE_MAX);
    int r = unwrap(file, &crc, &data, err);
    if (r < 0)
        return r;
    if (data.len == 0 || crc == 0)
        return err_set(err, ERR_CORRUPT, "empty snapshot: %zu bytes of data, CRC %08" PRIx32,
                       data.len, crc);
    uint32_t have = crc32c_update(0, data);
    if (have != crc)
        return err_set(err, ERR_CORRUPT, "CRC is %08" PRIx32 ", want %08" PRIx32, have, crc);
    return raft_snapshot_decode(data, ret, err);
}

int raft_snap_put(struct buf *b, const struct raft_snapshot *snapshot, struct err *err)
{
    AUTO_BUF struct buf data = BUF_INIT(RAFT_SNAP_FILE_MAX);
    int r = raft_snapshot_put(&data, snapshot, err);

    if (r == ERR_OK)
        r = pb_put_varint(b, FIELD_CRC, crc32c_update(0, buf_slice(&data)), err);
    return r < 0 ? r : pb_put_bytes(b, FIELD_DATA, buf_slice(&data), err);
}

int raft_snap_write(int dir, const struct raft_snapshot *snapshot, struct err *err)
{
    AUTO_BUF struct buf file = BUF_INIT(RAFT_SNAP_FILE_MAX);
    AUTO_CLOSE int fd = -1;
    char name[RAFT_SNAP_NAME];

    raft_snap_name(snapshot->term, snapshot->index, name);
    int r = raft_snap_put(&file, snapshot, err);
    if (r == ERR_OK)
        r = raft_new_file(dir, name, &fd, err);
    if (r == ERR_OK)
        r = raft_write_all(fd, name, buf_slice(&file), err);
    return r < 0 ? r : raft_finish_file(&fd, name, err);
}
