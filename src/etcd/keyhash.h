/* SipHash-2-4 with 128 bits of result (Aumasson and Bernstein), keyed at random: nobody can choose
 * user keys that collide. */
#ifndef ETCD_KEYHASH_H
#define ETCD_KEYHASH_H

#include "src/base/err.h"
#include "src/base/le.h"

struct keyhash_key {
    uint64_t low;
    uint64_t high;
};

struct keyhash {
    uint64_t low;
    uint64_t high;
};

/* ERR_IO when the kernel gives no random bytes. */
int keyhash_new_key(struct keyhash_key *ret, struct err *err);

struct keyhash keyhash_of(const struct keyhash_key *key, struct slice bytes);

#endif
