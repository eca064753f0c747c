/* Members in buckets `members` and `members_removed` (etcd membership/member.go, storage/schema):
 * the key is the ID in lower-case hex without padding, the value JSON in Go's field order
 *
 *   {"id":<uint64>,"peerURLs":[..],"isLearner":true,"name":"..","clientURLs":[..]}
 *
 * where isLearner, name and clientURLs are left out when false or empty. A conf change of the log
 * carries the same object. */
#ifndef ETCD_MEMBER_H
#define ETCD_MEMBER_H

#include "src/etcd/facts.h"

enum { ETCD_MEMBER_KEY_MAX = 17 /* with its NUL */ };
#define ETCD_REMOVED_VALUE "removed" /* every value of members_removed */

/* Decode a member's JSON; IDs are exact uint64. *ret is the caller's: etcd_member_done().
 * ERR_CORRUPT (no JSON, no object, a field of another type, no id), ERR_LIMIT past
 * ETCD_MEMBER_JSON_MAX or ETCD_URLS_MAX, ERR_NOMEM. */
int etcd_member_decode(struct slice json, struct etcd_member *ret, struct err *err);

/* Append exactly what Go's encoding/json writes for the member: HTML characters and U+2028/9
 * escaped, invalid UTF-8 as \ufffd, peerURLs null without one. ERR_NOMEM, ERR_LIMIT. */
int etcd_member_encode(const struct etcd_member *m, struct buf *ret, struct err *err);

/* The member's key, with a NUL behind it; returns its length. */
size_t etcd_member_key(uint64_t id, char ret[static ETCD_MEMBER_KEY_MAX]);

/* Decode such a key; false for anything etcd does not write: upper case, padding, 0 bytes. */
bool etcd_member_key_decode(struct slice key, uint64_t *ret);

#endif
