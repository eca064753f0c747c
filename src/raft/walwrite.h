/* Writes the one segment of a new WAL directory. */
#ifndef RAFT_WALWRITE_H
#define RAFT_WALWRITE_H

#include "src/raft/raftpb.h"

struct raft_wal_writer;

/* Create 0000000000000000-0000000000000000.wal in `dir` (new, mode 0600) and begin it with the
 * records every segment 0 has: crc 0, metadata, snapshot {0,0} (etcd wal.go Create). */
int raft_wal_create(int dir, const struct raft_metadata *metadata, struct raft_wal_writer **ret,
                    struct err *err);
/* Closes; an unfinished file stays where it is. */
void raft_wal_writer_free(struct raft_wal_writer *w);

/* Append a record. Order of etcd's own writers: entries, state, snapshot. ERR_LIMIT for an entry
 * above RAFT_RECORD_MAX. */
int raft_wal_put_entry(struct raft_wal_writer *w, const struct raft_entry *e, struct err *err);
int raft_wal_put_state(struct raft_wal_writer *w, const struct raft_hard_state *s, struct err *err);
int raft_wal_put_mark(struct raft_wal_writer *w, const struct raft_snap_mark *m,
                      const struct raft_conf_state *conf_state, struct err *err);

/* Write out and sync the file; nothing may be appended after it. No zero tail is written: every
 * etcd appends past the end and preallocates its next segment itself. The directory is not synced.
 */
int raft_wal_finish(struct raft_wal_writer *w, struct err *err);

#endif
