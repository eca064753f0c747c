/* Where K3s and RKE2 keep things, and how a server names itself. Facts: k3s pkg/etcd,
 * pkg/daemons/config; docs/restore.md. Knows paths and names, no page formats. */
#ifndef K3S_LAYOUT_H
#define K3S_LAYOUT_H

#include "src/base/err.h"
#include "src/base/le.h"

enum {
    K3S_PATH_SIZE = 2048, /* bytes of a path with its NUL */
    K3S_NAME_MAX = 253,   /* bytes of a Kubernetes node name */
    K3S_MEMBER_NAME_SIZE = K3S_NAME_MAX + 10,
    K3S_ADDRESS_SIZE = 64,
    K3S_URL_SIZE = 96,
};

/* Paths below `<data-dir>/server`, as given (not resolved). */
struct k3s_layout {
    char server[K3S_PATH_SIZE];
    char db[K3S_PATH_SIZE];
    char etcd[K3S_PATH_SIZE];
    char snapshots[K3S_PATH_SIZE];
    bool has_etcd;      /* db/etcd exists */
    bool has_wal;       /* db/etcd/member/wal is a directory: how K3s tells an etcd server */
    bool has_sqlite;    /* db/state.db exists */
    bool has_tombstone; /* db/etcd/tombstone exists: etcd had removed this member */
};

/* Looks at `data_dir`. ERR_REFUSED with a hint when it is the server, db or etcd directory itself,
 * or when db/etcd is a symbolic link or a mount point; ERR_NOTFOUND when there is no data_dir;
 * ERR_LIMIT for an overlong path; ERR_IO. */
int k3s_layout_find(const char *data_dir, struct k3s_layout *ret, struct err *err);

/* The file that `path` means: as it is when absolute, else looked for in the working directory, in
 * `server` (where K3s itself runs) and in `snapshot_dir`, which may be NULL for the default one.
 * ERR_NOTFOUND names the places, ERR_REFUSED two different files. `ret` holds K3S_PATH_SIZE bytes.
 */
int k3s_find_snapshot(const struct k3s_layout *layout, const char *path, const char *snapshot_dir,
                      char ret[static K3S_PATH_SIZE], struct err *err);

/* Node name: `given`, or the host's name when it is NULL or "", in lower case. ERR_USAGE when that
 * cannot be a node name; `ret` holds K3S_NAME_MAX + 1 bytes. */
int k3s_node_name(const char *given, char ret[static K3S_NAME_MAX + 1], struct err *err);

/* `<node>-<8 lower-case hex digits>`, fresh at each call (k3s pkg/etcd setName). */
int k3s_member_name(const char *node, char ret[static K3S_MEMBER_NAME_SIZE], struct err *err);

#endif
