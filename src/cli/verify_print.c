#include "src/cli/verify.h"

#include <inttypes.h>

#include "src/cli/names.h"

static const char *trailer_words(const struct proof_snapshot *s)
{
    if (!s->has_trailer)
        return "none: a changed value cannot be seen";
    return s->trailer_ok ? "SHA-256 matches" : "SHA-256 does not match";
}

static void print_source(struct out *o, const char *path, const struct proof_snapshot *s)
{
    out_object(o, "source", "Source");
    out_text(o, "path", "file", path);
    out_text(o, "provenance", NULL, proof_provenance_code(s->provenance));
    out_text(o, NULL, "what it is", proof_provenance_words(s->provenance));
    if (s->wrapping != NULL)
        out_text(o, "wrapping", "packed as", s->wrapping);
    out_size(o, "size", "size", s->file_size);
    out_bool(o, "has_trailer", NULL, s->has_trailer);
    out_bool(o, "trailer_ok", NULL, s->trailer_ok);
    out_text(o, NULL, "trailer", trailer_words(s));
    if (s->has_sha256) {
        out_bytes(o, "sha256", "SHA-256 of the file",
                  (struct slice){.data = s->file_sha256, .len = SHA256_SIZE});
        out_bytes(o, "db_sha256", NULL, (struct slice){.data = s->db_sha256, .len = SHA256_SIZE});
    }
    out_close(o);
}

static void print_structure(struct out *o, const struct proof_snapshot *s)
{
    const struct bolt_stats *st = &s->stats;
    char line[160];

    out_object(o, "structure", "Structure");
    out_number(o, "page_size", "page size", s->page_size);
    out_number(o, "txid", "transaction", s->txid);
    out_number(o, "meta", NULL, (uint64_t)s->active_meta);
    out_number(o, "pages", NULL, st->pages);
    out_number(o, "branch_pages", NULL, st->branch_pages);
    out_number(o, "leaf_pages", NULL, st->leaf_pages);
    out_number(o, "overflow_pages", NULL, st->overflow_pages);
    out_number(o, "free_pages", NULL, st->free_pages);
    (void)snprintf(line, sizeof line,
                   "%" PRIu64 " (%" PRIu64 " branch, %" PRIu64 " leaf, %" PRIu64
                   " overflow, %" PRIu64 " free)",
                   st->pages, st->branch_pages, st->leaf_pages, st->overflow_pages, st->free_pages);
    out_text(o, NULL, "pages", line);
    out_number(o, "buckets", "buckets", st->buckets);
    out_number(o, "items", "rows", st->items);
    out_number(o, "depth", "depth", st->depth);
    out_close(o);
}

/* Numbers of a damaged file must not pass for the truth. */
static void print_revisions(struct out *o, const struct etcd_facts *f, bool is_damaged)
{
    char line[160];

    out_object(o, "revisions",
               is_damaged ? "Keys and revisions, as far as they could be read"
                          : "Keys and revisions");
    out_bool(o, "complete", NULL, !is_damaged);
    out_signed(o, "first", NULL, f->first.main);
    out_signed(o, "last", NULL, f->last.main);
    out_signed(o, "current", "revision", f->current_revision);
    (void)snprintf(line, sizeof line, "%" PRId64 " to %" PRId64 " in %" PRIu64 " records",
                   f->first.main, f->last.main, f->records);
    out_text(o, NULL, "history", f->records == 0 ? "empty" : line);
    out_signed(o, "finished_compaction", f->finished_compact > 0 ? "compacted up to" : NULL,
               f->finished_compact);
    out_signed(o, "scheduled_compaction",
               f->scheduled_compact > f->finished_compact ? "compacting up to" : NULL,
               f->scheduled_compact);
    out_number(o, "records", NULL, f->records);
    out_number(o, "live_keys", "live keys", f->live_keys);
    out_size(o, "live_bytes", "live data", f->live_bytes);
    out_number(o, "leases", "leases", f->leases);
    out_bool(o, "kubernetes", "Kubernetes data", f->has_kubernetes);
    out_bool(o, "auth_enabled", "auth", f->auth_enabled);
    if (f->users > 0 || f->roles > 0) {
        out_number(o, "users", "users", f->users);
        out_number(o, "roles", "roles", f->roles);
    }
    out_close(o);
}

/* A text from the file: shown only when it is there, without control characters. */
static void put_stored(struct out *o, const char *key, const char *label, const char *text)
{
    char shown[1024];

    if (text[0] != '\0')
        out_text(o, key, label, finding_printable(slice_str(text), shown, sizeof shown));
}

static void print_state(struct out *o, const struct etcd_facts *f)
{
    out_object(o, "state", "Cluster state");
    if (f->has_consistent_index)
        out_number(o, "consistent_index", "consistent index", f->consistent_index);
    if (f->has_term)
        out_number(o, "term", "term", f->term);
    put_stored(o, "cluster_version", "cluster version", f->cluster_version);
    put_stored(o, "storage_version", "storage version", f->storage_version);
    put_stored(o, "conf_state", NULL, f->conf_state);
    put_stored(o, "downgrade", "downgrade", f->downgrade);
    out_close(o);
}

static void print_alarms(struct out *o, const struct etcd_facts *f)
{
    out_array(o, "alarms", f->alarm_count == 0 ? NULL : "Alarms");
    for (size_t i = 0; i < f->alarm_count; i++) {
        char label[48];

        out_object(o, NULL, NULL);
        out_hex(o, "member", NULL, f->alarms[i].member_id);
        out_text(o, "alarm", NULL, names_alarm(f->alarms[i].type));
        (void)snprintf(label, sizeof label, "member %" PRIx64, f->alarms[i].member_id);
        out_text(o, NULL, label, names_alarm(f->alarms[i].type));
        out_close(o);
    }
    out_close(o);
}

static void print_members(struct out *o, const struct etcd_facts *f)
{
    out_array(o, "members", f->member_count == 0 ? NULL : "Members");
    for (size_t i = 0; i < f->member_count; i++) {
        const struct etcd_member *m = &f->members[i];

        out_object(o, NULL, NULL);
        out_hex(o, "id", "member", m->id);
        put_stored(o, "name", "name", m->name);
        out_bool(o, "learner", m->is_learner ? "learner" : NULL, m->is_learner);
        names_urls(o, "peer_urls", "peer URLs", m->peer_urls, m->peer_url_count);
        names_urls(o, "client_urls", "client URLs", m->client_urls, m->client_url_count);
        out_close(o);
    }
    out_close(o);
    out_number(o, "removed_members", f->removed_count == 0 ? NULL : "removed members",
               f->removed_count);
}

static const char *verdict_code(enum etcd_verdict verdict)
{
    if (verdict == ETCD_STARTS)
        return "starts";
    return verdict == ETCD_MAY_START ? "may-start" : "refuses";
}

static void print_reasons(struct out *o, const struct etcd_start *start)
{
    out_array(o, "reasons", NULL);
    for (size_t i = 0; i < start->reason_count; i++) {
        out_object(o, NULL, NULL);
        out_text(o, "code", NULL, start->reasons[i].code);
        out_text(o, "text", "", start->reasons[i].text);
        out_close(o);
    }
    out_close(o);
}

static void print_gate(struct out *o, const char *key, const char *title,
                       const struct etcd_gate *gate)
{
    out_array(o, key, title);
    for (int m = 0; m < (int)ETCD_MINOR_COUNT; m++) {
        const struct etcd_start *start = &gate->start[m];
        const char *name = etcd_minor_name((enum etcd_minor)m);
        char label[16];

        (void)snprintf(label, sizeof label, "etcd %s", name);
        out_object(o, NULL, NULL);
        out_text(o, "etcd", NULL, name);
        out_text(o, "verdict", NULL, verdict_code(start->verdict));
        out_text(o, NULL, label, etcd_verdict_words(start->verdict));
        print_reasons(o, start);
        out_close(o);
    }
    out_close(o);
}

void verify_print_restore_gate(struct out *o, const struct etcd_facts *facts)
{
    struct etcd_gate gate;

    etcd_gate_restore(facts, &gate);
    print_gate(o, "restore_starts", "Servers on a restore of it", &gate);
}

void verify_print_directory_gate(struct out *o, const struct proof_datadir *d)
{
    struct etcd_gate gate;

    proof_datadir_gate(d, &gate);
    print_gate(o, "starts", "Servers on this directory", &gate);
}

void verify_print_proof(struct out *o, const char *path, const struct proof_snapshot *s,
                        bool is_damaged)
{
    print_source(o, path, s);
    if (proof_snapshot_db(s) == NULL)
        return;
    print_structure(o, s);
    print_revisions(o, &s->facts, is_damaged);
    print_state(o, &s->facts);
    print_members(o, &s->facts);
    print_alarms(o, &s->facts);
}

static const char *verdict(const struct collect *c)
{
    if (c->sink.count[FINDING_DAMAGE] > 0)
        return "damaged: the findings say what is lost and what to do";
    if (c->sink.count[FINDING_SUSPECT] > 0)
        return "suspect: nothing is broken, but see the findings before you rely on it";
    if (c->sink.count[FINDING_CURED] > 0)
        return "usable: a restore leaves the damage behind, a running etcd may trip on it";
    return "clean";
}

void verify_print_verdict(struct out *o, const struct collect *found)
{
    collect_print(found, o);
    out_text(o, "verdict", NULL, verdict(found));
    if (!o->is_json)
        text_printf(&o->text, "\nVerdict: %s\n", verdict(found));
}
