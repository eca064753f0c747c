/* One .snap file: snappb.snapshot {1 crc32c of data, 2 data}, data = raftpb.Snapshot (etcd
 * snap/snapshotter.go). The CRC is plain, not chained. */
#ifndef RAFT_SNAPFILE_H
#define RAFT_SNAPFILE_H

#include "src/raft/raftpb.h"

enum {
    RAFT_SNAP_NAME = 16 + 1 + 16 + 5 + 1,   /* <term>-<index>.snap with NUL */
    RAFT_SNAP_FILE_MAX = (4 << 20) + 65536, /* bytes: JSON_TEXT_MAX and what stands around it */
};

/* %016x-%016x.snap of term and index. */
void raft_snap_name(uint64_t term, uint64_t index, char ret[static RAFT_SNAP_NAME]);
/* False when `name` is not of that form. */
bool raft_snap_parse_name(const char *name, uint64_t *term, uint64_t *index);

/* Decode a whole file; slices in *ret are lent by it. ERR_CORRUPT as etcd's reader has it: empty
 * file or data, CRC 0, CRC mismatch, no such message; ERR_LIMIT. */
int raft_snap_decode(struct slice file, struct raft_snapshot *ret, struct err *err);

/* Append the bytes of a whole file. */
int raft_snap_put(struct buf *b, const struct raft_snapshot *snapshot, struct err *err);

/* Write one into a directory: new, mode 0600, synced; the directory is not. */
int raft_snap_write(int dir, const struct raft_snapshot *snapshot, struct err *err);

#endif
