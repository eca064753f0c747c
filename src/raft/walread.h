/* Reads a WAL directory record by record, with etcd's own rules (etcd wal/decoder.go, wal/util.go):
 * CRC chain across segments, a zero length or the end of the file ends a segment, the torn tail.
 * Memory: one block and the largest record. Nothing is mapped, locked or written. */
#ifndef RAFT_WALREAD_H
#define RAFT_WALREAD_H

#include "src/raft/problem.h"
#include "src/raft/record.h"

enum {
    RAFT_NAME_MAX = 64,          /* bytes of a segment or .snap name with NUL */
    RAFT_SEGMENTS_MAX = 1 << 16, /* 4 TB of log */
    RAFT_WAL_TEXT = 160,
};

struct raft_segment {
    char name[RAFT_NAME_MAX];
    uint64_t sequence;
    uint64_t index; /* by name: index of the first entry that may be in it */
};

struct raft_wal;

/* List the segments in `dir`, which is duplicated. ERR_IO, ERR_LIMIT, ERR_NOMEM. */
int raft_wal_open(int dir, struct raft_wal **ret, struct err *err);
void raft_wal_free(struct raft_wal *w);

/* Ascending by sequence, lent. Gaps in the sequence are the caller's to judge. */
size_t raft_wal_segments(const struct raft_wal *w, const struct raft_segment **ret);
/* Name of a file that etcd passes over with a warning, NULL when there is none; *.tmp is silent. */
const char *raft_wal_ignored(const struct raft_wal *w);

enum raft_read_event {
    RAFT_READ_RECORD,
    RAFT_READ_DAMAGE, /* etcd stops here for good; the next call goes on in the next segment */
    RAFT_READ_TORN,   /* etcd cuts the last segment off here; END follows */
    RAFT_READ_END,
};

struct raft_read_item {
    enum raft_read_event event;
    struct raft_record record;          /* RECORD; lent until the next call */
    const struct raft_segment *segment; /* NULL when there is none at all */
    uint64_t offset;                    /* of the frame: everything before it is good */
    uint64_t segment_size;
    uint64_t tail;             /* TORN, END: bytes up to the last one that is not zero */
    enum raft_problem problem; /* DAMAGE */
    char text[RAFT_WAL_TEXT];  /* DAMAGE, TORN: what is wrong */
};

/* ERR_OK with *ret set, ERR_IO, ERR_NOMEM. */
int raft_wal_next(struct raft_wal *w, struct raft_read_item *ret, struct err *err);

#endif
