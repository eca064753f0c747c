/* Gathers etcd_facts from the items of one walk and checks every one of them: revision keys,
 * KeyValues, members, alarms, leases, auth rows, meta keys, and the continuity of revisions above
 * the last compaction. Feed it from a bolt_visitor, alone or before a rewrite. */
#ifndef ETCD_SCAN_H
#define ETCD_SCAN_H

#include "boltdb/walk.h"
#include "src/etcd/facts.h"

struct etcd_scan_options {
    bool want_hash;      /* compute etcd_facts.hash */
    bool want_live_keys; /* compute etcd_facts.live_keys (may spill to an unlinked temporary
                            file when a compaction is unfinished) */
    struct slice follow; /* user key to follow, empty: none; lent until etcd_scan_free() */
};

struct etcd_scan;

/* What bucket `meta` says about compactions; 0 when absent. */
struct etcd_compaction {
    int64_t finished;
    int64_t scheduled; /* above `finished`: etcd resumes it when it starts */
};

/* Look both up. A damaged way to them, or a value that is no revision, counts as absent: the walk
 * reports it. ERR_IO, ERR_NOMEM. */
int etcd_compaction_get(struct bolt_db *db, struct etcd_compaction *ret, struct err *err);

/* Looks the compaction revisions up first: the continuity check needs them before the walk.
 * `sink` and `db` are lent until etcd_scan_free(). */
int etcd_scan_new(struct bolt_db *db, const struct etcd_scan_options *options,
                  struct finding_sink *sink, struct etcd_scan **ret, struct err *err);
/* The same for a caller who knows them. Without a `db` (NULL) live_keys is not counted again when
 * findings contradict the quick count. */
int etcd_scan_new_at(struct bolt_db *db, const struct etcd_compaction *compaction,
                     const struct etcd_scan_options *options, struct finding_sink *sink,
                     struct etcd_scan **ret, struct err *err);
void etcd_scan_free(struct etcd_scan *s);

/* The three callbacks of a bolt_visitor; ctx is the scan. Findings go to the sink; ERR_IO (spill),
 * ERR_NOMEM. */
int etcd_scan_enter(void *ctx, const struct bolt_bucket *bucket, struct err *err);
int etcd_scan_item(void *ctx, const struct bolt_item *item, struct err *err);
int etcd_scan_leave(void *ctx, const struct bolt_bucket *bucket, struct err *err);

/* Facts so far, lent until etcd_scan_free(): within a walk a rewrite may look at what it has passed
 * (the last revision when bucket key is left, the followed key). */
const struct etcd_facts *etcd_scan_facts(const struct etcd_scan *s);

/* After the walk: the checks that need everything, and the facts move to the caller, who calls
 * etcd_facts_done(). */
int etcd_scan_finish(struct etcd_scan *s, struct etcd_facts *ret, struct err *err);

#endif
