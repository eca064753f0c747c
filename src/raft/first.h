/* The raft files of a new cluster: what a restore writes beside the db. */
#ifndef RAFT_FIRST_H
#define RAFT_FIRST_H

#include "src/raft/member.h"

enum { RAFT_FIRST_TERM = 1 }; /* term of every entry; the last index is the number of members */

struct raft_first {
    uint64_t node_id; /* this member, one of `members` */
    uint64_t cluster_id;
    const struct raft_member *members; /* ascending ID, 1 to RAFT_MEMBERS_MAX of them */
    size_t member_count;
};

/* Write 0000000000000000-0000000000000000.wal into `wal_dir` and 0000000000000001-<N>.snap into
 * `snap_dir` (directory descriptors), mode 0600, both new, synced, the directories too. The WAL is
 * etcdutl 3.5's and 3.6's byte for byte, without their zero tail. The db's consistent index must
 * become N, its term RAFT_FIRST_TERM. ERR_USAGE for members that are unordered, without peer URLs
 * or without node_id; ERR_IO. On an error half of it may be there. */
int raft_write_first(const struct raft_first *what, int wal_dir, int snap_dir, struct err *err);

#endif
