/* The protobuf messages in WAL and .snap files: raftpb, walpb, etcdserverpb.Metadata.
 *
 * Written as etcd 3.4-3.6 writes them: scalars also when zero, repeated integers unpacked. Read:
 * any order, unknown fields skipped, packed or not. Field numbers: docs/format/wal.md. */
#ifndef RAFT_RAFTPB_H
#define RAFT_RAFTPB_H

#include "src/base/buf.h"
#include "src/raft/member.h"

enum raft_entry_type {
    RAFT_ENTRY_NORMAL = 0,
    RAFT_ENTRY_CONF_CHANGE = 1,
    RAFT_ENTRY_CONF_CHANGE_V2 = 2, /* no etcd writes it, every etcd panics on it */
};

struct raft_entry {
    uint64_t type; /* enum raft_entry_type, or what a newer etcd wrote */
    uint64_t term;
    uint64_t index;
    struct slice data; /* data == NULL: the field is absent */
};

struct raft_hard_state {
    uint64_t term;
    uint64_t vote;
    uint64_t commit;
};

struct raft_ids {
    size_t count;
    uint64_t id[RAFT_MEMBERS_MAX];
};

struct raft_conf_state {
    struct raft_ids voters;
    struct raft_ids learners;
    struct raft_ids voters_outgoing; /* joint consensus: etcd never leaves it in a file */
    struct raft_ids learners_next;
    bool auto_leave;
};

enum raft_conf_change_type {
    RAFT_ADD_NODE = 0,
    RAFT_REMOVE_NODE = 1,
    RAFT_UPDATE_NODE = 2,
    RAFT_ADD_LEARNER = 3,
};

struct raft_conf_change {
    uint64_t id;
    uint64_t type; /* enum raft_conf_change_type */
    uint64_t node_id;
    struct slice context; /* member JSON; data == NULL: absent */
};

/* walpb.Snapshot: a mark in the WAL. */
struct raft_snap_mark {
    uint64_t index;
    uint64_t term;
    bool has_conf_state; /* since 3.5 for index > 0 */
};

/* raftpb.Snapshot: what a .snap file holds. */
struct raft_snapshot {
    struct slice data; /* v2store JSON */
    struct raft_conf_state conf_state;
    uint64_t index;
    uint64_t term;
};

struct raft_metadata {
    uint64_t node_id;
    uint64_t cluster_id;
};

/* Decoders: ERR_CORRUPT when `in` is no such message; slices are lent by `in`. */
int raft_entry_decode(struct slice in, struct raft_entry *ret, struct err *err);
int raft_hard_state_decode(struct slice in, struct raft_hard_state *ret, struct err *err);
/* ERR_LIMIT for more than RAFT_MEMBERS_MAX IDs in one list. */
int raft_conf_state_decode(struct slice in, struct raft_conf_state *ret, struct err *err);
int raft_conf_change_decode(struct slice in, struct raft_conf_change *ret, struct err *err);
/* `conf_state` may be NULL; it is emptied when the mark has none. */
int raft_snap_mark_decode(struct slice in, struct raft_snap_mark *ret,
                          struct raft_conf_state *conf_state, struct err *err);
int raft_snapshot_decode(struct slice in, struct raft_snapshot *ret, struct err *err);
int raft_metadata_decode(struct slice in, struct raft_metadata *ret, struct err *err);

/* Encoders append to `b`; they fail only for lack of memory or at the buffer's maximum. */
int raft_entry_put(struct buf *b, const struct raft_entry *e, struct err *err);
int raft_hard_state_put(struct buf *b, const struct raft_hard_state *s, struct err *err);
int raft_conf_state_put(struct buf *b, const struct raft_conf_state *c, struct err *err);
int raft_conf_change_put(struct buf *b, const struct raft_conf_change *c, struct err *err);
/* `conf_state` NULL leaves the field out, as {0,0} and etcd 3.4 have it. */
int raft_snap_mark_put(struct buf *b, const struct raft_snap_mark *m,
                       const struct raft_conf_state *conf_state, struct err *err);
int raft_snapshot_put(struct buf *b, const struct raft_snapshot *s, struct err *err);
int raft_metadata_put(struct buf *b, const struct raft_metadata *m, struct err *err);

/* Is the payload of a normal entry a request of the v2 API: no InternalRaftRequest at all, or one
 * with field 2 set? Such an entry above the boot snapshot makes etcd 3.7 panic (etcd
 * apply/apply.go); an empty payload is a leader's no-op and is none. */
bool raft_is_v2_request(struct slice payload);

#endif
