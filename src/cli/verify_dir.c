#include "src/cli/verify.h"

#include <inttypes.h>

static void print_places(struct out *o, const struct proof_datadir *d)
{
    out_object(o, "directory", "Data directory");
    out_text(o, "member", "member", d->member);
    out_text(o, "wal", "write-ahead log", d->has_wal ? d->wal : "none");
    out_bool(o, "has_db", d->has_db ? NULL : "db", d->has_db);
    out_bool(o, "has_wal", NULL, d->has_wal);
    out_bool(o, "in_use", d->in_use ? "in use" : NULL, d->in_use);
    if (d->has_snap_db)
        out_number(o, "snap_db_index", "db sent by a leader", d->snap_db_index);
    out_close(o);
}

static void print_snaps(struct out *o, const struct raft_facts *f)
{
    out_array(o, "snap_files", NULL);
    for (size_t i = 0; i < f->snap_count; i++) {
        const struct raft_snap_fact *snap = &f->snaps[i];

        out_object(o, NULL, NULL);
        out_text(o, "name", NULL, snap->name);
        out_bool(o, "good", NULL, snap->is_good);
        out_bool(o, "in_log", NULL, snap->is_valid);
        out_close(o);
    }
    out_close(o);
}

static void print_log(struct out *o, const struct proof_datadir *d)
{
    const struct raft_wal_facts *w = &d->raft.wal;
    char line[160];

    out_object(o, "log", "Log");
    if (w->has_metadata) {
        out_hex(o, "cluster_id", "cluster ID", w->metadata.cluster_id);
        out_hex(o, "member_id", "member ID", w->metadata.node_id);
    }
    out_number(o, "segments", "segments", w->segments);
    out_number(o, "records", "records", w->records);
    out_number(o, "first_index", NULL, w->first_index);
    out_number(o, "last_index", NULL, w->last_index);
    out_number(o, "last_term", NULL, w->last_term);
    (void)snprintf(line, sizeof line, "%" PRIu64 " to %" PRIu64 ", last term %" PRIu64,
                   w->first_index, w->last_index, w->last_term);
    out_text(o, NULL, "entries", w->last_index == 0 ? "none" : line);
    if (w->has_state)
        out_number(o, "commit", "committed", w->state.commit);
    out_number(o, "above_db", "not yet in the db", d->tail);
    out_bool(o, "torn", w->is_torn ? "torn end" : NULL, w->is_torn);
    out_number(o, NULL, ".snap files", d->raft.snap_count);
    print_snaps(o, &d->raft);
    out_close(o);
}

void verify_print_directory(struct out *o, const struct proof_datadir *d)
{
    print_places(o, d);
    if (d->has_wal)
        print_log(o, d);
}
