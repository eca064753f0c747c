/* Member and cluster IDs as etcd derives them (etcd membership/member.go, cluster.go): the first 8
 * bytes, big-endian, of a SHA-1. Vectors: docs/format/hashes.md. */
#ifndef ETCD_IDS_H
#define ETCD_IDS_H

#include "src/base/err.h"
#include "src/base/le.h"

enum { ETCD_TOKEN_MAX = 4096 /* bytes, our own */ };

/* SHA-1 of the peer URLs, sorted and run together, then the cluster token. This is the ID of a
 * member of an initial cluster; `member add` appends the time as well. Names do not count.
 * ERR_LIMIT past ETCD_URLS_MAX URLs or ETCD_TOKEN_MAX bytes, ERR_NOMEM. */
int etcd_member_id(const char *const *peer_urls, size_t count, const char *token, uint64_t *ret,
                   struct err *err);

/* SHA-1 of all member IDs in ascending order, 8 bytes big-endian each; `ids` may come in any order.
 * ERR_LIMIT past ETCD_MEMBERS_MAX members, ERR_NOMEM. */
int etcd_cluster_id(const uint64_t *ids, size_t count, uint64_t *ret, struct err *err);

#endif
