/* A cluster member as the raft files name it, and its JSON (etcd membership/member.go). */
#ifndef RAFT_MEMBER_H
#define RAFT_MEMBER_H

#include "src/base/buf.h"

enum {
    RAFT_MEMBERS_MAX = 128,       /* in one configuration; etcd itself advises at most 7 */
    RAFT_MEMBER_URLS_MAX = 64,    /* URLs of one kind in a member */
    RAFT_MEMBER_JSON_MAX = 65536, /* bytes */
    RAFT_MEMBER_ID_TEXT = 16 + 1, /* lower-case hex without leading zeros, as etcd names nodes */
};

/* Everything is lent by whoever filled it in. */
struct raft_member {
    uint64_t id;
    bool is_learner;
    const char *name; /* "" or NULL when none */
    const char *const *peer_urls;
    size_t peer_url_count;
    const char *const *client_urls;
    size_t client_url_count;
};

/* {"id":..,"peerURLs":[..],"isLearner":true,"name":"..","clientURLs":[..]}: the `members` row and
 * the context of a conf change. Empty name, false and empty clientURLs are left out. */
int raft_member_put_json(struct buf *b, const struct raft_member *m, struct err *err);

/* {"peerURLs":[..],"isLearner":true} and {"name":"..","clientURLs":[..]}: the v2store leaves. */
int raft_member_put_raft_attributes(struct buf *b, const struct raft_member *m, struct err *err);
int raft_member_put_attributes(struct buf *b, const struct raft_member *m, struct err *err);

#endif
