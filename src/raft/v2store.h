/* The v2 store: the JSON inside every .snap file, etcd 3.4 to 3.7 (etcd v2store/store.go, node.go).
 * Of its content only membership and the cluster version matter today. */
#ifndef RAFT_V2STORE_H
#define RAFT_V2STORE_H

#include "src/raft/member.h"

struct raft_v2store {
    const struct raft_member *members; /* in the order of the text */
    size_t member_count;
    const uint64_t *removed;
    size_t removed_count;
    const char *version;    /* "" when absent */
    bool has_foreign;       /* user keys below /1, v2 auth below /2, or anything else */
    char foreign_path[256]; /* the first of them, printable */
    void *memory;           /* owns everything above when it was parsed */
};

/* Minimal text that etcd 3.4-3.7 load: the tree and the indexes, no history, no statistics.
 * `version` NULL or "" leaves /0/version out. Members that have client URLs get their attributes
 * too. */
int raft_v2store_put(struct buf *b, const struct raft_v2store *store, struct err *err);

/* Read a real one. ERR_CORRUPT where etcd would panic (no JSON, a member without raftAttributes, an
 * unknown child), ERR_LIMIT, ERR_NOMEM. */
int raft_v2store_parse(struct slice json, struct raft_v2store *ret, struct err *err);
void raft_v2store_done(struct raft_v2store *store);

#endif
