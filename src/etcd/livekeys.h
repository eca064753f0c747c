/* How many user keys are alive (newest record a put), exactly, in bounded memory: one record of 24
 * bytes for each row, kept by 128-bit keyed hash of its user key, spilled to an unlinked temporary
 * file, and resolved partition by partition. At most about 8 MiB of memory for any number of keys;
 * two keys with one hash would be counted once (2^-128, and the hash key is random). */
#ifndef ETCD_LIVEKEYS_H
#define ETCD_LIVEKEYS_H

#include "src/base/err.h"
#include "src/base/le.h"

struct etcd_live_keys;

int etcd_live_keys_new(struct etcd_live_keys **ret, struct err *err);
void etcd_live_keys_free(struct etcd_live_keys *l);

/* Add a row in key order; rows are numbered from 0. ERR_IO (temporary file), ERR_NOMEM. */
int etcd_live_keys_add(struct etcd_live_keys *l, struct slice user_key, bool is_tombstone,
                       struct err *err);

/* Called for the newest row of each user key, in no order. */
typedef int etcd_newest_fn(void *ctx, uint64_t row, bool is_tombstone, struct err *err);

/* After the last row: every key's newest row. ERR_IO, ERR_NOMEM, or what `fn` returned. */
int etcd_live_keys_each(struct etcd_live_keys *l, etcd_newest_fn *fn, void *ctx, struct err *err);

/* After the last row: the number of keys whose newest row is a put. */
int etcd_live_keys_count(struct etcd_live_keys *l, uint64_t *ret, struct err *err);

#endif
