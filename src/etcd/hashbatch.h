/* CRC-32C over many small slices: they are gathered first, so that the checksum runs over long
 * stretches at full speed. */
#ifndef ETCD_HASHBATCH_H
#define ETCD_HASHBATCH_H

#include "src/base/crc32c.h"

enum {
    HASHBATCH_SIZE = 32768,
    HASHBATCH_DIRECT = 4096, /* slices from this length on are not copied */
};

struct hashbatch {
    uint32_t crc;
    size_t used;
    uint8_t bytes[HASHBATCH_SIZE];
};

static inline void hashbatch_flush(struct hashbatch *h)
{
    h->crc = crc32c_update(h->crc, (struct slice){h->bytes, h->used});
    h->used = 0;
}

static inline void hashbatch_add(struct hashbatch *h, struct slice bytes)
{
    if (bytes.len > sizeof h->bytes - h->used || bytes.len >= HASHBATCH_DIRECT)
        hashbatch_flush(h);
    if (bytes.len >= HASHBATCH_DIRECT) {
        h->crc = crc32c_update(h->crc, bytes);
    } else if (bytes.len > 0) {
        memcpy(h->bytes + h->used, bytes.data, bytes.len);
        h->used += bytes.len;
    }
}

static inline uint32_t hashbatch_sum(struct hashbatch *h)
{
    hashbatch_flush(h);
    return h->crc;
}

#endif
