/* Prove a data directory: its db, its WAL, its .snap files, and whether the three belong together.
 *
 * Nothing is written, and no lock is kept: a directory that a running etcd holds is said to be in
 * use, since what is read then may be half of a commit. */
#ifndef PROOF_DATADIR_H
#define PROOF_DATADIR_H

#include <limits.h>

#include "src/etcd/versiongate.h"
#include "src/proof/snapshot.h"
#include "src/raft/check.h"

struct proof_datadir {
    char member[PATH_MAX]; /* .../member */
    char wal[PATH_MAX];
    char snap[PATH_MAX];
    char db_path[PATH_MAX];
    bool has_db, has_wal;
    bool is_db_damaged;
    bool in_use;            /* another process holds the db */
    bool has_snap_db;       /* a db received from a leader waits beside it: <index>.snap.db */
    uint64_t snap_db_index; /* the newest such index */
    uint64_t tail;          /* log entries above the db's consistent index: a start replays them */
    struct proof_snapshot db; /* only when has_db */
    struct raft_facts raft;   /* only when has_wal */
};

/* True when `path` is a directory that holds `member`, or a K3s or RKE2 data directory with
 * server/db/etcd/member below it. */
bool proof_is_datadir(const char *path);

/* Read everything, report to `sink`, compare. `wal_dir` NULL: member/wal. `options` as for
 * proof_snapshot_run(). ERR_NOTFOUND when it is no data directory; ERR_IO, ERR_NOMEM,
 * ERR_INTERRUPTED. The caller owns *ret; `sink` is lent until it is freed. */
int proof_datadir_run(const char *path, const char *wal_dir, const struct proof_options *options,
                      struct finding_sink *sink, struct proof_datadir **ret, struct err *err);
void proof_datadir_free(struct proof_datadir *d);

/* Which etcd will start on it as it stands. */
void proof_datadir_gate(const struct proof_datadir *d, struct etcd_gate *ret);

#endif
