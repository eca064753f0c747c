#include "src/proof/datadir.h"

static bool v2_has(const struct raft_v2store *v2, uint64_t id)
{
    for (size_t i = 0; i < v2->member_count; i++)
        if (v2->members[i].id == id)
            return true;
    return false;
}

static void take_log(const struct raft_facts *raft, uint64_t applied, struct etcd_dir_facts *ret)
{
    const struct raft_wal_facts *wal = &raft->wal;

    ret->is_log_damaged = wal->is_damaged;
    ret->has_self = wal->has_metadata;
    ret->self = wal->metadata.node_id;
    ret->has_state = wal->has_state;
    ret->commit = wal->state.commit;
    ret->first_index = wal->first_index;
    ret->last_index = wal->last_index;
    ret->lowest_start = wal->lowest_start;
    ret->conf_changes_above_db = raft_index_count_above(&wal->conf_changes, applied);
    ret->conf_changes_above_34 = raft_index_count_above(&wal->conf_changes, raft->boot_34.index);
    ret->conf_changes_v2 = raft_index_count(&wal->conf_changes_v2);
    ret->boot_34 = (struct etcd_boot){raft->boot_34.found, raft->boot_34.index};
    ret->boot_37 = (struct etcd_boot){raft->boot_37.found, raft->boot_37.index};
    if (wal->v2_requests.kept > 0)
        ret->v2_last_index = wal->v2_requests.at[wal->v2_requests.kept - 1];
    ret->v2_above_boot_37 = raft_index_count_above(&wal->v2_requests, raft->boot_37.index);
}

static void take_v2store(const struct raft_facts *raft, struct etcd_dir_facts *ret)
{
    ret->has_v2store = raft->has_v2store;
    if (!raft->has_v2store)
        return;
    ret->self_in_v2store = v2_has(&raft->v2store, raft->wal.metadata.node_id);
    ret->v2_has_foreign = raft->v2store.has_foreign;
    ret->v2_version = raft->v2store.version;
}

void proof_datadir_gate(const struct proof_datadir *d, struct etcd_gate *ret)
{
    struct etcd_dir_facts facts = {
        .has_db = d->has_db,
        .is_db_damaged = d->is_db_damaged,
        .has_wal = d->has_wal,
        .has_snap_db = d->has_snap_db,
        .snap_db_index = d->snap_db_index,
    };

    if (d->has_wal) {
        take_log(&d->raft, d->db.facts.consistent_index, &facts);
        take_v2store(&d->raft, &facts);
    }
    etcd_gate_directory(&d->db.facts, &facts, ret);
}
