#include "src/cli/report.h"

#include <inttypes.h>

#include "src/cli/names.h"

static void put_lines(struct out *o, const char *key, const char *label,
                      const struct reset_lines *lines)
{
    out_array(o, key, NULL);
    for (size_t i = 0; i < lines->count; i++)
        out_text(o, NULL, i == 0 ? label : "", lines->items[i]);
    out_close(o);
}

static void put_text(struct out *o, const char *key, const char *label, const char *text)
{
    if (text != NULL)
        out_text(o, key, label, text);
}

static void print_source(struct out *o, const struct reset_report *r)
{
    out_object(o, "source", "Source");
    put_text(o, "path", "file", r->source);
    put_text(o, "what_it_is", "what it is", r->provenance);
    out_bool(o, "trailer_checked", NULL, r->trailer_checked);
    if (r->source_sha256[0] != '\0')
        out_text(o, "sha256", "SHA-256", r->source_sha256);
    out_size(o, "size", "size", r->source_size);
    out_number(o, "db_size", NULL, r->source_db_size);
    out_signed(o, "revision", "revision", r->revision);
    out_number(o, "live_keys", "live keys", r->live_keys);
    out_number(o, "records", "records", r->records);
    put_lines(o, "cured", "damage left behind", &r->cured);
    put_lines(o, "accepted", "accepted", &r->accepted);
    out_close(o);
}

static void print_members(struct out *o, const char *key, const char *label,
                          const struct etcd_member *members, size_t count)
{
    out_array(o, key, NULL);
    for (size_t i = 0; i < count; i++) {
        const struct etcd_member *m = &members[i];
        char name[256];
        char line[512];

        (void)finding_printable(slice_str(m->name == NULL ? "" : m->name), name, sizeof name);
        (void)snprintf(line, sizeof line, "%" PRIx64 " %s", m->id, name);
        out_object(o, NULL, NULL);
        out_hex(o, "id", NULL, m->id);
        out_text(o, "name", NULL, name);
        out_text(o, NULL, i == 0 ? label : "", line);
        names_urls(o, "peer_urls", "", m->peer_urls, m->peer_url_count);
        out_close(o);
    }
    out_close(o);
}

static void print_alarms(struct out *o, const struct reset_report *r)
{
    out_array(o, "alarms_cleared", NULL);
    for (size_t i = 0; i < r->alarm_count; i++) {
        char line[80];

        (void)snprintf(line, sizeof line, "%s of member %" PRIx64, names_alarm(r->alarms[i].type),
                       r->alarms[i].member_id);
        out_object(o, NULL, NULL);
        out_text(o, "alarm", NULL, names_alarm(r->alarms[i].type));
        out_hex(o, "member", NULL, r->alarms[i].member_id);
        out_text(o, NULL, i == 0 ? "alarms cleared" : "", line);
        out_close(o);
    }
    out_close(o);
}

static void print_bump(struct out *o, const struct reset_report *r)
{
    char line[160];

    if (r->old_revision > 0)
        out_signed(o, "replaced_revision", "replaced one was at", r->old_revision);
    out_signed(o, "bump", NULL, r->bump);
    out_bool(o, "bump_is_automatic", NULL, r->bump_is_automatic);
    out_signed(o, "revision_after", NULL, r->revision_after);
    (void)snprintf(line, sizeof line, "%" PRId64 "%s", r->revision_after,
                   r->bump > 0 ? ", everything below is marked compacted" : "");
    out_text(o, NULL, "revision", line);
    if (r->bump > 0) {
        (void)snprintf(line, sizeof line, "%" PRId64 "%s", r->bump,
                       r->bump_is_automatic ? " (automatic; --bump-revision 0 switches it off)"
                                            : "");
        out_text(o, NULL, "revision bump", line);
    }
    put_text(o, "emptied_key", "emptied key", r->emptied_key);
}

static void print_changes(struct out *o, const struct reset_report *r)
{
    out_object(o, "changes", "What changes");
    print_members(o, "dropped_members", "members dropped", r->dropped, r->dropped_count);
    out_number(o, "dropped_removed_members",
               r->dropped_tombstones == 0 ? NULL : "tombstones dropped", r->dropped_tombstones);
    print_alarms(o, r);
    put_text(o, "downgrade_dropped", "downgrade dropped", r->downgrade);
    print_bump(o, r);
    out_close(o);
}

static void print_result(struct out *o, const struct reset_report *r)
{
    char token[160];

    out_object(o, "result", r->is_dry_run ? "What would be made" : "New data directory");
    put_text(o, "data_dir", "data directory", r->data_dir);
    put_text(o, "wal_dir", "WAL directory", r->wal_dir);
    put_text(o, "old_dir", "former one is now", r->old_dir);
    out_hex(o, "cluster_id", "cluster ID", r->cluster_id);
    if (r->self < r->member_count)
        out_hex(o, "member_id", "member ID", r->members[r->self].id);
    print_members(o, "members", "members", r->members, r->member_count);
    if (r->token != NULL) {
        (void)snprintf(token, sizeof token, "%s%s", r->token, r->token_is_new ? " (new)" : "");
        out_text(o, "token", NULL, r->token);
        out_text(o, NULL, "cluster token", token);
    }
    out_bool(o, "token_is_new", NULL, r->token_is_new);
    out_size(o, "size", r->is_dry_run ? NULL : "size", r->new_size);
    out_bool(o, "direct_io", NULL, r->write_is_direct);
    out_close(o);
}

static void put_seconds(struct out *o, const char *key, const char *label, double seconds)
{
    char text[340];

    (void)snprintf(text, sizeof text, "%.2f", seconds);
    out_decimal(o, key, NULL, text);
    (void)snprintf(text, sizeof text, "%.2f s", seconds);
    out_text(o, NULL, label, text);
}

static void print_seconds(struct out *o, const struct reset_report *r)
{
    out_object(o, "seconds", "Time");
    put_seconds(o, "build", "check and build", r->seconds.build);
    put_seconds(o, "read_back", "read back", r->seconds.read_back);
    put_seconds(o, "install", "put in place", r->seconds.install);
    out_close(o);
}

static void print_next(struct out *o, const struct reset_report *r)
{
    out_array(o, "next", r->next.count == 0 ? NULL : "What to do now");
    for (size_t i = 0; i < r->next.count; i++) {
        char number[24];

        (void)snprintf(number, sizeof number, "%zu", i + 1);
        if (o->is_json)
            out_text(o, NULL, NULL, r->next.items[i]);
        else
            text_printf(&o->text, "  %s. %s\n", number, r->next.items[i]);
    }
    out_close(o);
}

void report_print(struct out *o, const struct reset_report *r)
{
    if (o->is_json)
        out_bool(o, "dry_run", NULL, r->is_dry_run);
    else if (r->is_dry_run)
        text_add(&o->text, "Plan: nothing was written.\n");
    print_source(o, r);
    print_changes(o, r);
    print_result(o, r);
    if (!r->is_dry_run)
        print_seconds(o, r);
    if (r->notes.count > 0 || o->is_json) {
        if (!o->is_json)
            text_add(&o->text, "\nNotes\n");
        out_array(o, "notes", NULL);
        for (size_t i = 0; i < r->notes.count; i++) {
            if (o->is_json)
                out_text(o, NULL, NULL, r->notes.items[i]);
            else
                out_line(o, r->notes.items[i]);
        }
        out_close(o);
    }
    print_next(o, r);
}
