#include "src/raft/walcheck.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "src/base/auto.h"

AUTO_DEFINE(raft_wal)

struct checker {
    struct raft_wal_facts *facts;
    struct finding_sink *sink;
    struct raft_read_item *item; /* being followed */
    bool has_log;
    struct buf metadata; /* bytes of the first metadata record */
    bool terms_reported;
    const struct raft_segment *broken; /* the last one that did not end well */
};

enum { METADATA_MAX = 4096 };

static void report(struct checker *c, enum raft_problem problem, const char *text)
{
    const struct raft_problem_info *info = &raft_problem_table[problem];
    const struct finding f = {.code = info->code,
                              .severity = info->severity,
                              .file = c->item->segment != NULL ? c->item->segment->name : NULL,
                              .page = FINDING_NO_PLACE,
                              .offset = c->item->offset,
                              .text = text};

    finding_report(c->sink, &f);
    if (info->severity == FINDING_DAMAGE)
        c->facts->is_damaged = true;
}

__attribute__((format(printf, 3, 4))) static void
reportf(struct checker *c, enum raft_problem problem, const char *fmt, ...)
{
    char text[RAFT_WAL_TEXT];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    report(c, problem, text);
}

static void list_add(struct raft_index_list *list, uint64_t index)
{
    if (list->kept == RAFT_KEPT_MAX) {
        list->dropped += RAFT_KEPT_MAX / 2;
        list->kept -= RAFT_KEPT_MAX / 2;
        memmove(list->at, list->at + RAFT_KEPT_MAX / 2, list->kept * sizeof list->at[0]);
    }
    list->at[list->kept++] = index;
}

/* Forget what an entry of this index overrides. */
static void list_cut(struct raft_index_list *list, uint64_t index)
{
    while (list->kept > 0 && list->at[list->kept - 1] >= index)
        list->kept--;
}

/* Grow an array of `size`-byte rows that keeps its last `max` rows: at the maximum the older half
 * goes. *count is the number of rows, room for one more is behind them afterwards. */
static int make_room(void **rows, size_t *count, size_t size, size_t max, struct err *err)
{
    bool is_power = (*count & (*count - 1)) == 0;

    if (*count == max) {
        memmove(*rows, (uint8_t *)*rows + max / 2 * size, (max - max / 2) * size);
        *count -= max / 2;
    } else if (is_power) {
        void *grown = realloc(*rows, (*count > 0 ? *count * 2 : 1) * size);

        if (grown == NULL)
            return err_nomem(err);
        *rows = grown;
    }
    return ERR_OK;
}

static int add_term(struct raft_wal_facts *f, uint64_t index, uint64_t term, struct err *err)
{
    void *rows = f->terms;

    while (f->term_count > 0 && f->terms[f->term_count - 1].index >= index)
        f->term_count--;
    if (f->term_count > 0 && f->terms[f->term_count - 1].term == term)
        return ERR_OK;
    int r = make_room(&rows, &f->term_count, sizeof *f->terms, RAFT_TERMS_MAX, err);
    f->terms = rows;
    if (r == ERR_OK)
        f->terms[f->term_count++] = (struct raft_term_run){index, term};
    return r;
}

/* Place an entry into the log: it follows, overrides, or leaves a hole behind which a new log
 * starts. Entries at or below lowest_start are below every start that works. */
static void place_entry(struct checker *c, const struct raft_entry *e)
{
    struct raft_wal_facts *f = c->facts;

    if (!c->has_log || e->index > f->last_index + 1) {
        if (c->has_log)
            f->holes++;
        c->has_log = true;
        f->first_index = e->index;
        f->lowest_start = e->index - 1;
        f->term_count = 0;
    } else if (e->index <= f->last_index) {
        f->overridden += f->last_index - e->index + 1;
        list_cut(&f->conf_changes, e->index);
        list_cut(&f->conf_changes_v2, e->index);
        list_cut(&f->v2_requests, e->index);
    }
    f->last_index = e->index;
}

static void check_term(struct checker *c, const struct raft_entry *e)
{
    uint64_t before = 0;

    if (c->terms_reported || !raft_term_at(c->facts, e->index - 1, &before) || e->term >= before)
        return;
    c->terms_reported = true;
    reportf(c, RAFT_WAL_TERM, "entry %" PRIu64 " has term %" PRIu64 ", the one before it %" PRIu64,
            e->index, e->term, before);
}

static int follow_entry(struct checker *c, struct err *err)
{
    struct raft_wal_facts *f = c->facts;
    struct raft_entry e;
    int r = raft_entry_decode(c->item->record.data, &e, err);

    if (r < 0)
        return r;
    f->entries++;
    if (e.index == 0 || (c->has_log && e.index <= f->lowest_start))
        return ERR_OK; /* at or below every start: etcd passes over it */
    place_entry(c, &e);
    r = add_term(f, e.index, e.term, err);
    if (r < 0)
        return r;
    check_term(c, &e);
    f->last_term = e.term;
    if (e.type == RAFT_ENTRY_CONF_CHANGE)
        list_add(&f->conf_changes, e.index);
    else if (e.type != RAFT_ENTRY_NORMAL)
        list_add(&f->conf_changes_v2, e.index);
    else if (raft_is_v2_request(e.data))
        list_add(&f->v2_requests, e.index);
    return ERR_OK;
}

static int follow_metadata(struct checker *c, struct err *err)
{
    struct slice have = c->item->record.data;

    if (c->facts->has_metadata) {
        if (!slice_eq(have, buf_slice(&c->metadata)))
            report(c, RAFT_WAL_METADATA, "the node and cluster ID differ from the first segment's");
        return ERR_OK;
    }
    c->facts->has_metadata = true;
    int r = raft_metadata_decode(have, &c->facts->metadata, err);
    if (r == ERR_OK && have.len > METADATA_MAX)
        return err_set(err, ERR_CORRUPT, "metadata of %zu bytes", have.len);
    return r < 0 ? r : buf_append(&c->metadata, have, err);
}

static int follow_mark(struct checker *c, struct err *err)
{
    struct raft_wal_facts *f = c->facts;
    struct raft_snap_mark mark;
    void *rows = f->marks;
    int r = raft_snap_mark_decode(c->item->record.data, &mark, NULL, err);

    if (r == ERR_OK)
        r = make_room(&rows, &f->mark_count, sizeof *f->marks, RAFT_MARKS_MAX, err);
    f->marks = rows;
    if (r == ERR_OK)
        f->marks[f->mark_count++] = mark;
    return r;
}

static int follow_record(struct checker *c, struct err *err)
{
    struct raft_hard_state state;
    int r = ERR_OK;

    c->facts->records++;
    switch (c->item->record.type) {
    case RAFT_RECORD_METADATA:
        return follow_metadata(c, err);
    case RAFT_RECORD_ENTRY:
        return follow_entry(c, err);
    case RAFT_RECORD_STATE:
        r = raft_hard_state_decode(c->item->record.data, &state, err);
        if (r == ERR_OK) {
            c->facts->state = state;
            c->facts->has_state = true;
        }
        return r;
    case RAFT_RECORD_SNAPSHOT:
        return follow_mark(c, err);
    default:
        return ERR_OK; /* a crc record: the reader has used it */
    }
}

static void note_torn(struct checker *c)
{
    struct raft_wal_facts *f = c->facts;

    f->is_torn = true;
    f->torn_offset = c->item->offset;
    f->torn_bytes = c->item->tail;
    (void)snprintf(f->torn_file, sizeof f->torn_file, "%s", c->item->segment->name);
    reportf(c, RAFT_WAL_TORN, "%s; %" PRIu64 " bytes are cut off", c->item->text, c->item->tail);
}

static void check_sequence(struct checker *c, const struct raft_segment *segments, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (segments[i].sequence == segments[i - 1].sequence + 1)
            continue;
        *c->item = (struct raft_read_item){.segment = &segments[i]};
        reportf(c, RAFT_WAL_GAP, "segment %" PRIx64 " follows %" PRIx64, segments[i].sequence,
                segments[i - 1].sequence);
    }
}

/* The files before their content. */
static void check_names(struct checker *c, const struct raft_wal *wal)
{
    const struct raft_segment *segments = NULL;
    size_t count = raft_wal_segments(wal, &segments);

    *c->item = (struct raft_read_item){.offset = FINDING_NO_PLACE};
    c->facts->segments = count;
    if (raft_wal_ignored(wal) != NULL)
        reportf(c, RAFT_WAL_NAME, "'%s'", raft_wal_ignored(wal));
    if (count == 0) {
        report(c, RAFT_NO_WAL, "no *.wal file");
        return;
    }
    c->facts->first_sequence = segments[0].sequence;
    c->facts->last_sequence = segments[count - 1].sequence;
    c->facts->first_name_index = segments[0].index;
    check_sequence(c, segments, count);
}

static int follow_item(struct checker *c, const struct raft_segment **last, struct err *err)
{
    struct err why = {0};
    int r = ERR_OK;

    if (c->item->segment != *last) {
        *last = c->item->segment;
        c->facts->bytes += c->item->segment_size;
    }
    if (c->item->event == RAFT_READ_RECORD) {
        r = follow_record(c, &why);
        if (r == ERR_CORRUPT || r == ERR_LIMIT) {
            report(c, RAFT_WAL_RECORD, why.msg);
            return ERR_OK;
        }
        return r < 0 ? err_set(err, why.code, "%s", why.msg) : r;
    }
    if (c->item->event != RAFT_READ_END || c->item->segment != c->broken)
        c->facts->end_offset = c->item->offset;
    c->broken = c->item->segment;
    if (c->item->event == RAFT_READ_DAMAGE) {
        report(c, c->item->problem, c->item->text);
        c->facts->is_damaged = true;
    } else if (c->item->event == RAFT_READ_TORN) {
        note_torn(c);
    } else if (c->item->tail > 0) {
        c->facts->tail_bytes = c->item->tail;
        reportf(c, RAFT_WAL_TAIL, "%" PRIu64 " bytes lie behind the end", c->item->tail);
    }
    return r;
}

int raft_check_wal(int dir, struct finding_sink *sink, struct raft_wal_facts *facts,
                   struct err *err)
{
    AUTO(raft_wal) struct raft_wal *wal = NULL;
    AUTO_FREE struct raft_read_item *item = calloc(1, sizeof *item);
    if (item == NULL)
        return err_nomem(err);
    struct checker c = {
        .facts = facts, .sink = sink, .item = item, .metadata = BUF_INIT(METADATA_MAX)};
    const struct raft_segment *last = NULL;
    int r = raft_wal_open(dir, &wal, err);

    if (r < 0)
        return r;
    check_names(&c, wal);
    do {
        r = raft_wal_next(wal, item, err);
        if (r == ERR_OK)
            r = follow_item(&c, &last, err);
    } while (r == ERR_OK && item->event != RAFT_READ_END);
    buf_done(&c.metadata);
    return r;
}

bool raft_mark_is_valid(const struct raft_wal_facts *facts, uint64_t index, uint64_t term)
{
    for (size_t i = 0; i < facts->mark_count; i++) {
        const struct raft_snap_mark *m = &facts->marks[i];

        if (m->index == index && m->term == term)
            return index <= facts->state.commit;
    }
    return false;
}
