#include "src/etcd/continuity.h"

#include "src/etcd/rev.h"

void etcd_continuity_start(struct etcd_continuity *c, int64_t compacted)
{
    int64_t floor = compacted > 1 ? compacted : 1;

    *c = (struct etcd_continuity){.floor = floor, .last = {.main = floor}};
}

static bool find_gap(struct etcd_revision last, struct etcd_revision rev, struct etcd_gap *ret)
{
    bool is_same_main = rev.main == last.main;
    int64_t next_sub = is_same_main ? last.sub + 1 : 0;

    if (!is_same_main && rev.main - last.main > 1) {
        *ret = (struct etcd_gap){.from = last.main + 1, .to = rev.main - 1};
        return true;
    }
    if (rev.sub == next_sub)
        return false;
    *ret = (struct etcd_gap){.is_sub = true, .main = rev.main, .from = next_sub, .to = rev.sub - 1};
    return true;
}

bool etcd_continuity_next(struct etcd_continuity *c, struct etcd_revision rev, struct etcd_gap *ret)
{
    struct etcd_revision last = c->last;

    if (rev.main <= c->floor || etcd_rev_cmp(rev, last) <= 0)
        return false;
    c->last = rev;
    if (!find_gap(last, rev, ret))
        return false;
    c->gaps++;
    return true;
}
