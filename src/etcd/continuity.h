/* Revision continuity: above the last compaction every main revision is there, with sub-revisions
 * 0..n without a gap (each write transaction takes the next main revision, a compaction removes
 * only what is at or below its own). It sees keys that vanished where no page shows damage. It says
 * nothing about rows at or below the compaction, nor about a lost end. */
#ifndef ETCD_CONTINUITY_H
#define ETCD_CONTINUITY_H

#include "src/etcd/facts.h"

struct etcd_continuity {
    struct etcd_revision last; /* newest one accounted for; {floor, any} before the first */
    int64_t floor;             /* rows at or below it are not looked at */
    uint64_t gaps;
};

/* What is missing: main revisions from..to, or, when is_sub, sub-revisions from..to of `main`. */
struct etcd_gap {
    bool is_sub;
    int64_t main;
    int64_t from;
    int64_t to;
};

/* `compacted` is max(scheduled, finished compaction), 0 when there was none: then revision 2 must
 * be the first (etcd mvcc/kvstore.go starts at 1). */
void etcd_continuity_start(struct etcd_continuity *c, int64_t compacted);

/* Take the next row's revision, in key order; true with *ret set when something is missing before
 * it. */
bool etcd_continuity_next(struct etcd_continuity *c, struct etcd_revision rev,
                          struct etcd_gap *ret);

#endif
