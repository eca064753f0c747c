/* Is anybody using the data? The locks of a running etcd are honoured and held to the end: flock on
 * member/snap/db (bbolt), open-file-description locks on member/wal/(anything).wal (etcd fileutil).
 * Since K3s copies and writes before it takes a lock, processes are looked at as well. */
#ifndef RESET_LOCKS_H
#define RESET_LOCKS_H

#include "src/base/err.h"

enum { RESET_LOCKS_MAX = 256 }; /* files; etcd keeps 5 WAL files by default */

struct reset_locks {
    int fds[RESET_LOCKS_MAX];
    unsigned count;
};

/* Take shared locks on the db and the WAL files of `data_dir`; what is not there is not locked.
 * ERR_BUSY names the file that another process holds; ERR_IO, ERR_LIMIT. */
int reset_locks_take(const char *data_dir, struct reset_locks *ret, struct err *err);

/* Lock the db that was just built, so that an etcd that starts early waits. ERR_BUSY, ERR_IO,
 * ERR_LIMIT. */
int reset_locks_add_new(struct reset_locks *locks, int snap_dir, struct err *err);

void reset_locks_drop(struct reset_locks *locks);

/* Refuse (ERR_BUSY, naming process and command) while a process has a file open below `data_dir`,
 * or is k3s, rke2 or etcd and works in `home` (NULL: any place but data_dir is all right). Only
 * what this user may see is seen. */
int reset_users_check(const char *data_dir, const char *home, struct err *err);

#define AUTO_RESET_LOCKS __attribute__((cleanup(reset_locks_drop)))

#endif
