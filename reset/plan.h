/* Everything that is known and checked before anything is written. */
#ifndef RESET_PLAN_H
#define RESET_PLAN_H

#include "reset/accept.h"
#include "reset/locks.h"
#include "reset/members.h"
#include "reset/target.h"
#include "src/etcd/scan.h"
#include "src/proof/snapshot.h"

struct reset_plan {
    const struct reset_restore_request *request; /* lent */
    struct reset_report *report;                 /* lent */
    struct reset_verdict verdict;
    struct reset_cluster cluster;
    struct reset_target_flags target_flags;
    struct reset_target target;
    struct reset_locks locks;
    bool knows_old_revision;
    int64_t old_revision;
};

/* Flags, cluster, target, users and locks of a live directory, its last revision. Nothing is
 * written. `ret` needs reset_plan_done() in every case. ERR_USAGE, ERR_REFUSED, ERR_BUSY, ERR_IO,
 * ERR_NOMEM, ERR_LIMIT. */
int reset_plan_make(const struct reset_restore_request *request, struct reset_report *report,
                    struct reset_plan *ret, struct err *err);
void reset_plan_done(struct reset_plan *p);

/* The source once it is open: is it something to restore from, and is there room for it?
 * ERR_CORRUPT, ERR_REFUSED, ERR_IO, ERR_INTERRUPTED. */
int reset_plan_check_source(struct reset_plan *p, const struct proof_snapshot *source,
                            struct err *err);

/* Alarms that need consent. ERR_REFUSED. */
int reset_plan_check_alarms(const struct reset_plan *p, const struct etcd_facts *facts,
                            struct err *err);

#endif
