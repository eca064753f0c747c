/* Do db, WAL and .snap belong together? The relations that etcd's start relies on (etcd
 * bootstrap.go, backend.go, raft.go); a broken one makes it panic, refuse, or lose writes. */
#include <inttypes.h>

#include "src/proof/datadir_internal.h"
#include "src/proof/problem.h"

static bool has_member(const struct etcd_facts *f, uint64_t id)
{
    for (size_t i = 0; i < f->member_count; i++)
        if (f->members[i].id == id)
            return true;
    return false;
}

static bool is_removed(const struct etcd_facts *f, uint64_t id)
{
    for (size_t i = 0; i < f->removed_count; i++)
        if (f->removed[i] == id)
            return true;
    return false;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Last index that the log or the boot snapshot accounts for. */
static uint64_t log_end(const struct raft_facts *raft)
{
    uint64_t boot = larger(raft->boot_34.found ? raft->boot_34.index : 0,
                           raft->boot_37.found ? raft->boot_37.index : 0);

    return larger(raft->wal.last_index, boot);
}

static void compare_indexes(struct proof_datadir *d, struct finding_sink *sink)
{
    uint64_t applied = d->db.facts.consistent_index;
    uint64_t end = log_end(&d->raft);

    d->tail = end > applied ? end - applied : 0;
    if (applied > end) {
        struct finding f = proof_finding(PROOF_DB_AHEAD);

        finding_reportf(sink, &f, "the db has applied index %" PRIu64 ", the log ends at %" PRIu64,
                        applied, end);
    }

    uint64_t boot = d->raft.boot_34.found ? d->raft.boot_34.index : d->raft.boot_37.index;
    if (boot <= applied || (d->has_snap_db && d->snap_db_index == boot))
        return;
    struct finding f = proof_finding(PROOF_DB_BEHIND);

    finding_reportf(sink, &f,
                    "the db has applied index %" PRIu64 ", the log starts after %" PRIu64
                    " and there is no %016" PRIx64 ".snap.db",
                    applied, boot, boot);
}

static void compare_term(const struct proof_datadir *d, struct finding_sink *sink)
{
    const struct etcd_facts *facts = &d->db.facts;
    uint64_t term;

    if (!facts->has_term || !raft_term_at(&d->raft.wal, facts->consistent_index, &term) ||
        term == facts->term)
        return;
    struct finding f = proof_finding(PROOF_TERM_DIFFERS);

    finding_reportf(sink, &f,
                    "the db says index %" PRIu64 " has term %" PRIu64 ", the log says %" PRIu64,
                    facts->consistent_index, facts->term, term);
}

/* Bucket members counts only once the db has applied the log's conf changes. */
static void compare_self(const struct proof_datadir *d, struct finding_sink *sink)
{
    const struct etcd_facts *facts = &d->db.facts;
    uint64_t self = d->raft.wal.metadata.node_id;

    if (!d->raft.wal.has_metadata)
        return;
    if (is_removed(facts, self)) {
        struct finding f = proof_finding(PROOF_SELF_REMOVED);

        finding_reportf(sink, &f, "member %" PRIx64 " was removed from its cluster", self);
    } else if (facts->consistent_index > 0 && facts->member_count > 0 && !has_member(facts, self)) {
        struct finding f = proof_finding(PROOF_SELF_UNKNOWN);

        finding_reportf(sink, &f, "member %" PRIx64 " of the log is not among the db's members",
                        self);
    }
}

static bool v2_has(const struct raft_v2store *v2, uint64_t id)
{
    for (size_t i = 0; i < v2->member_count; i++)
        if (v2->members[i].id == id)
            return true;
    return false;
}

/* The .snap is as of its index, the db as of the consistent index: they can be compared only when
 * the log changes nothing in between. */
static void compare_views(const struct proof_datadir *d, struct finding_sink *sink)
{
    const struct etcd_facts *facts = &d->db.facts;
    const struct raft_v2store *v2 = &d->raft.v2store;
    size_t only_db = 0;
    size_t only_v2 = 0;

    if (!d->raft.has_v2store ||
        raft_index_count_above(&d->raft.wal.conf_changes, d->raft.boot_34.index) > 0)
        return;
    for (size_t i = 0; i < facts->member_count; i++)
        only_db += !v2_has(v2, facts->members[i].id);
    for (size_t i = 0; i < v2->member_count; i++)
        only_v2 += !has_member(facts, v2->members[i].id);
    if (only_db == 0 && only_v2 == 0)
        return;
    struct finding f = proof_finding(PROOF_VIEWS_DIFFER);

    finding_reportf(sink, &f, "%zu members are only in the db, %zu only in the .snap", only_db,
                    only_v2);
}

void proof_datadir_compare(struct proof_datadir *d, struct finding_sink *sink)
{
    if (!d->has_db || !d->has_wal || proof_snapshot_db(&d->db) == NULL)
        return;
    compare_indexes(d, sink);
    compare_term(d, sink);
    compare_self(d, sink);
    compare_views(d, sink);
}
