#include "src/raft/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "src/base/auto.h"
#include "src/raft/problem.h"
#include "src/raft/snapdir.h"
#include "src/raft/walcheck.h"

struct judge {
    struct raft_facts *facts;
    struct finding_sink *sink;
};

__attribute__((format(printf, 3, 4))) static void
reportf(const struct judge *j, enum raft_problem problem, const char *fmt, ...)
{
    const struct raft_problem_info *info = &raft_problem_table[problem];
    char text[RAFT_WAL_TEXT];
    const struct finding f = {.code = info->code,
                              .severity = info->severity,
                              .page = FINDING_NO_PLACE,
                              .offset = FINDING_NO_PLACE,
                              .text = text};
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    finding_report(j->sink, &f);
    if (info->severity == FINDING_DAMAGE)
        j->facts->wal.is_damaged = true;
}

/* etcd 3.7 boots from the last record that is not above the commit. */
static void choose_boot_37(struct raft_facts *facts)
{
    for (size_t i = facts->wal.mark_count; i > 0; i--) {
        const struct raft_snap_mark *m = &facts->wal.marks[i - 1];

        if (m->index > facts->wal.state.commit)
            continue;
        facts->boot_37 = (struct raft_boot){true, m->index, m->term};
        return;
    }
}

/* Can the log be read from this start (etcd wal.go ReadAll, raft.go loadState)? */
static void judge_start(const struct judge *j, const struct raft_boot *boot, const char *who)
{
    const struct raft_wal_facts *w = &j->facts->wal;
    uint64_t last = w->last_index > boot->index ? w->last_index : boot->index;

    if (w->first_name_index > boot->index)
        reportf(j, RAFT_WAL_HOLE, "%s starts at %" PRIu64 ", the first segment at %" PRIu64, who,
                boot->index, w->first_name_index);
    else if (w->last_index > boot->index && w->lowest_start > boot->index)
        reportf(j, RAFT_WAL_HOLE, "%s starts at %" PRIu64 ", the log at %" PRIu64, who, boot->index,
                w->lowest_start + 1);
    else if (w->has_state && w->state.commit > last)
        reportf(j, RAFT_WAL_COMMIT, "%s: commit is %" PRIu64 ", the last entry %" PRIu64, who,
                w->state.commit, last);
    for (size_t i = 0; i < w->mark_count; i++) {
        if (w->marks[i].index != boot->index || w->marks[i].term == boot->term)
            continue;
        reportf(j, RAFT_WAL_MARK, "snapshot %" PRIu64 " has terms %" PRIu64 " and %" PRIu64,
                boot->index, boot->term, w->marks[i].term);
        break;
    }
}

static bool same_boot(const struct raft_facts *f)
{
    return f->boot_34.found == f->boot_37.found && f->boot_34.index == f->boot_37.index &&
           f->boot_34.term == f->boot_37.term;
}

static void judge_starts(const struct judge *j)
{
    const struct raft_facts *f = j->facts;

    if (!f->boot_34.found && (f->wal.lowest_start > 0 || f->wal.first_name_index > 0)) {
        reportf(j, RAFT_SNAP_NONE, "the log starts at entry %" PRIu64, f->wal.lowest_start + 1);
    } else if (same_boot(f)) {
        judge_start(j, &f->boot_34, "etcd");
        return;
    } else {
        judge_start(j, &f->boot_34, "etcd 3.4 to 3.6");
    }
    if (f->boot_37.found)
        judge_start(j, &f->boot_37, "etcd 3.7");
    else
        reportf(j, RAFT_WAL_NO_MARK, "%zu snapshot records, commit is %" PRIu64, f->wal.mark_count,
                f->wal.state.commit);
}

static void judge_entries(const struct judge *j)
{
    const struct raft_wal_facts *w = &j->facts->wal;
    uint64_t v2 = raft_index_count_above(&w->v2_requests, j->facts->boot_37.index);
    uint64_t conf = raft_index_count_above(&w->conf_changes_v2, j->facts->boot_37.index);

    if (v2 > 0)
        reportf(j, RAFT_WAL_V2, "%" PRIu64 " above index %" PRIu64 ", the last at %" PRIu64, v2,
                j->facts->boot_37.index, w->v2_requests.at[w->v2_requests.kept - 1]);
    if (conf > 0)
        reportf(j, RAFT_WAL_CONF_V2, "%" PRIu64 " above index %" PRIu64, conf,
                j->facts->boot_37.index);
}

int raft_check_dir(int wal_dir, int snap_dir, struct finding_sink *sink, struct raft_facts *ret,
                   struct err *err)
{
    const struct judge j = {ret, sink};

    *ret = (struct raft_facts){0};
    int r = raft_check_wal(wal_dir, sink, &ret->wal, err);
    if (r == ERR_OK && snap_dir >= 0)
        r = raft_check_snaps(snap_dir, sink, ret, err);
    if (r < 0 || ret->wal.segments == 0)
        return r;
    choose_boot_37(ret);
    /* Behind damage the log is not known: what is missing was read past. */
    if (!ret->wal.is_damaged)
        judge_starts(&j);
    judge_entries(&j);
    return ERR_OK;
}

void raft_facts_done(struct raft_facts *f)
{
    free(f->wal.terms);
    free(f->wal.marks);
    free(f->snaps);
    raft_v2store_done(&f->v2store);
    *f = (struct raft_facts){0};
}

uint64_t raft_index_count(const struct raft_index_list *list)
{
    return list->dropped + list->kept;
}

uint64_t raft_index_count_above(const struct raft_index_list *list, uint64_t index)
{
    uint64_t count = 0;

    while (count < list->kept && list->at[list->kept - 1 - count] > index)
        count++;
    return count;
}

bool raft_term_at(const struct raft_wal_facts *f, uint64_t index, uint64_t *ret)
{
    if (index < f->first_index || index > f->last_index || index == 0)
        return false;
    for (size_t i = f->term_count; i > 0; i--) {
        if (f->terms[i - 1].index <= index) {
            *ret = f->terms[i - 1].term;
            return true;
        }
    }
    return false;
}
