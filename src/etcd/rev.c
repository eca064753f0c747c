#include "src/etcd/rev.h"

enum { SEPARATOR_AT = 8, SUB_AT = 9, MARK_AT = 17 };

enum etcd_rev_fault etcd_rev_decode(struct slice key, struct etcd_revision *ret, bool *is_tombstone)
{
    bool marked = key.len == ETCD_REV_TOMBSTONE_SIZE;
    struct etcd_revision rev;

    if (!marked && key.len != ETCD_REV_SIZE)
        return ETCD_REV_LENGTH;
    if (key.data[SEPARATOR_AT] != ETCD_REV_SEPARATOR ||
        (marked && key.data[MARK_AT] != ETCD_REV_MARK))
        return ETCD_REV_SHAPE;
    rev.main = (int64_t)be64_load(key.data);
    rev.sub = (int64_t)be64_load(key.data + SUB_AT);
    if (rev.main < 0 || rev.sub < 0)
        return ETCD_REV_NEGATIVE;
    *ret = rev;
    *is_tombstone = marked;
    return ETCD_REV_OK;
}

size_t etcd_rev_encode(struct etcd_revision rev, bool is_tombstone,
                       uint8_t ret[static ETCD_REV_TOMBSTONE_SIZE])
{
    be64_store(ret, (uint64_t)rev.main);
    ret[SEPARATOR_AT] = ETCD_REV_SEPARATOR;
    be64_store(ret + SUB_AT, (uint64_t)rev.sub);
    ret[MARK_AT] = ETCD_REV_MARK;
    return is_tombstone ? ETCD_REV_TOMBSTONE_SIZE : ETCD_REV_SIZE;
}
