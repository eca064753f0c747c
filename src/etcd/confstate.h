/* raft's ConfState as etcd 3.5 and newer keep it in meta/confState: JSON of raftpb.ConfState,
 * {"voters":[<uint64>,..],"auto_leave":false}; 3.7 may leave auto_leave out. */
#ifndef ETCD_CONFSTATE_H
#define ETCD_CONFSTATE_H

#include "src/base/buf.h"

struct etcd_conf_state {
    uint64_t *voters; /* as stored */
    size_t voter_count;
    uint64_t *learners;
    size_t learner_count;
    bool is_joint; /* voters_outgoing or learners_next is not empty; etcd never does that */
};

/* *ret is the caller's: etcd_conf_state_done(). ERR_CORRUPT, ERR_LIMIT past ETCD_MEMBERS_MAX,
 * ERR_NOMEM. */
int etcd_conf_state_decode(struct slice json, struct etcd_conf_state *ret, struct err *err);
void etcd_conf_state_done(struct etcd_conf_state *c);

/* Append the JSON of these voters (and no learner), as etcd 3.5 and 3.6 write it. ERR_NOMEM,
 * ERR_LIMIT. */
int etcd_conf_state_encode(const uint64_t *voters, size_t count, struct buf *ret, struct err *err);

#define AUTO_CONF_STATE __attribute__((cleanup(etcd_conf_state_done)))

#endif
