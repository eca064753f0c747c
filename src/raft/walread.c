#include "src/raft/walread.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "src/base/auto.h"
#include "src/raft/input.h"
#include "src/raft/newfile.h"

enum { SECTOR = 512 };

struct raft_wal {
    int dir;
    struct raft_segment *segments;
    size_t count, capacity;
    char ignored[RAFT_NAME_MAX];

    size_t current; /* segment being read, `count` at the end */
    bool is_open;   /* `input` is segment `current` */
    struct raft_input input;
    uint32_t chain;
    struct buf body;
};

void raft_wal_free(struct raft_wal *w)
{
    if (w == NULL)
        return;
    if (w->dir >= 0)
        (void)close(w->dir);
    raft_input_done(&w->input);
    buf_done(&w->body);
    free(w->segments);
    free(w);
}

AUTO_DEFINE(raft_wal)

static bool ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name);
    size_t want = strlen(suffix);

    return len >= want && strcmp(name + len - want, suffix) == 0;
}

static int add_segment(struct raft_wal *w, const struct raft_segment *segment, struct err *err)
{
    if (w->count == RAFT_SEGMENTS_MAX)
        return err_set(err, ERR_LIMIT, "more than %d segments", RAFT_SEGMENTS_MAX);
    if (w->count == w->capacity) {
        size_t capacity = w->capacity > 0 ? w->capacity * 2 : 16;
        struct raft_segment *grown = realloc(w->segments, capacity * sizeof *grown);

        if (grown == NULL)
            return err_nomem(err);
        w->segments = grown;
        w->capacity = capacity;
    }
    w->segments[w->count++] = *segment;
    return ERR_OK;
}

static int add_name(struct raft_wal *w, const char *name, struct err *err)
{
    struct raft_segment segment = {0};

    if (raft_name_parse(name, ".wal", &segment.sequence, &segment.index)) {
        (void)snprintf(segment.name, sizeof segment.name, "%s", name);
        return add_segment(w, &segment, err);
    }
    if (name[0] != '.' && !ends_with(name, ".tmp"))
        (void)finding_printable(slice_str(name), w->ignored, sizeof w->ignored);
    return ERR_OK;
}

static void close_dir(DIR **slot)
{
    if (*slot != NULL)
        (void)closedir(*slot);
}

static int list_names(struct raft_wal *w, struct err *err)
{
    AUTO_CLOSE int fd = openat(w->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(err, "open the WAL directory");
    DIR *dir __attribute__((cleanup(close_dir))) = fdopendir(fd);
    if (dir == NULL)
        return err_sys(err, "list the WAL directory");
    (void)TAKE_FD(fd);

    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir); /* NOLINT(concurrency-mt-unsafe): own stream */
        if (entry == NULL)
            return errno != 0 ? err_sys(err, "list the WAL directory") : ERR_OK;
        int r = add_name(w, entry->d_name, err);
        if (r < 0)
            return r;
    }
}

static int by_name(const void *a, const void *b)
{
    const struct raft_segment *left = a;
    const struct raft_segment *right = b;

    return strcmp(left->name, right->name);
}

int raft_wal_open(int dir, struct raft_wal **ret, struct err *err)
{
    AUTO(raft_wal) struct raft_wal *w = calloc(1, sizeof *w);
    if (w == NULL)
        return err_nomem(err);
    w->input = RAFT_INPUT_NONE;
    w->body = BUF_INIT(RAFT_RECORD_MAX + 8);
    w->dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
    if (w->dir < 0)
        return err_sys(err, "open the WAL directory");
    int r = list_names(w, err);
    if (r < 0)
        return r;
    if (w->count > 0)
        qsort(w->segments, w->count, sizeof *w->segments, by_name);
    *ret = TAKE_PTR(w);
    return ERR_OK;
}

size_t raft_wal_segments(const struct raft_wal *w, const struct raft_segment **ret)
{
    *ret = w->segments;
    return w->count;
}

const char *raft_wal_ignored(const struct raft_wal *w)
{
    return w->ignored[0] != '\0' ? w->ignored : NULL;
}

static bool is_last(const struct raft_wal *w)
{
    return w->current + 1 == w->count;
}

/* Of a record that does not check: one that never reached the disk whole has a sector that is still
 * zero. etcd looks at the sectors of the file, and in the last segment only. */
static bool has_zero_sector(const struct raft_wal *w, uint64_t offset)
{
    uint64_t at = offset + RAFT_FRAME_HEAD;
    struct slice rest = buf_slice(&w->body);

    while (rest.len > 0) {
        size_t n = SECTOR - (size_t)(at % SECTOR);
        bool is_zero = true;

        if (n > rest.len)
            n = rest.len;
        for (size_t i = 0; is_zero && i < n; i++)
            is_zero = rest.data[i] == 0;
        if (is_zero)
            return true;
        rest = (struct slice){rest.data + n, rest.len - n};
        at += n;
    }
    return false;
}

static void set_damage(struct raft_read_item *item, enum raft_problem problem, const char *text)
{
    item->event = RAFT_READ_DAMAGE;
    item->problem = problem;
    (void)snprintf(item->text, sizeof item->text, "%s", text);
}

/* A record that is cut off, or does not check with a zero sector in it: torn in the last segment.
 */
static void set_cut(const struct raft_wal *w, struct raft_read_item *item, const char *text)
{
    set_damage(item, RAFT_WAL_RECORD, text);
    if (is_last(w))
        item->event = RAFT_READ_TORN;
}

static void set_bad(const struct raft_wal *w, struct raft_read_item *item,
                    enum raft_problem problem, const char *text)
{
    set_damage(item, problem, text);
    if (is_last(w) && has_zero_sector(w, item->offset))
        item->event = RAFT_READ_TORN;
}

/* Read the frame whose head is at item->offset. False with *item set when there is no whole one. */
static int read_frame(struct raft_wal *w, struct raft_frame frame, struct raft_read_item *item,
                      bool *is_whole, struct err *err)
{
    uint64_t left = w->input.size > item->offset ? w->input.size - item->offset : 0;
    size_t got = 0;

    *is_whole = false;
    if (frame.length > left || frame.pad > left - frame.length) {
        set_cut(w, item, "the record passes the end of the segment");
        return ERR_OK;
    }
    if (frame.length > RAFT_RECORD_MAX) {
        set_damage(item, RAFT_WAL_LARGE, "the record is larger than 16 MiB");
        return ERR_OK;
    }
    size_t want = (size_t)frame.length + frame.pad;
    buf_clear(&w->body);
    int r = buf_reserve(&w->body, want, err);
    if (r == ERR_OK)
        r = raft_input_read(&w->input, w->body.data, want, &got, err);
    if (r < 0)
        return r;
    w->body.len = got;
    *is_whole = got == want;
    if (!*is_whole)
        set_cut(w, item, "the record passes the end of the segment");
    return ERR_OK;
}

static bool is_known(uint64_t type)
{
    return type >= RAFT_RECORD_METADATA && type <= RAFT_RECORD_SNAPSHOT;
}

/* Decode the body and roll the chain. */
static void judge(struct raft_wal *w, size_t length, struct raft_read_item *item)
{
    struct err err = {0};
    struct slice message = {w->body.data, length};
    uint32_t chain = w->chain;

    if (raft_record_decode(message, &item->record, &err) < 0) {
        set_bad(w, item, RAFT_WAL_RECORD, err.msg);
        return;
    }
    if (!raft_record_chain(&item->record, &chain)) {
        (void)snprintf(err.msg, sizeof err.msg,
                       "the record's CRC is %08" PRIx32 ", want %08" PRIx32, item->record.crc,
                       chain);
        if (item->record.type == RAFT_RECORD_CRC)
            set_damage(item, RAFT_WAL_CRC, err.msg);
        else
            set_bad(w, item, RAFT_WAL_CRC, err.msg);
        return;
    }
    w->chain = chain;
    item->event = RAFT_READ_RECORD;
    if (!is_known(item->record.type)) {
        (void)snprintf(err.msg, sizeof err.msg, "record type %" PRIu64, item->record.type);
        set_damage(item, RAFT_WAL_RECORD, err.msg);
    }
}

/* *has_item false: the segment has ended. */
static int next_in_segment(struct raft_wal *w, struct raft_read_item *item, bool *has_item,
                           struct err *err)
{
    uint8_t head[RAFT_FRAME_HEAD];
    bool is_whole = false;
    size_t got = 0;
    int r = raft_input_read(&w->input, head, sizeof head, &got, err);

    *has_item = false;
    if (r < 0 || got == 0 || (got == sizeof head && le64_load(head) == 0))
        return r;
    *has_item = true;
    if (got < sizeof head) {
        set_cut(w, item, "the length of a record is cut off");
        return ERR_OK;
    }
    struct raft_frame frame = raft_frame_decode(head);
    r = read_frame(w, frame, item, &is_whole, err);
    if (r == ERR_OK && is_whole)
        judge(w, (size_t)frame.length, item);
    return r;
}

static int open_current(struct raft_wal *w, struct err *err)
{
    if (w->is_open)
        return ERR_OK;
    int r = raft_input_open(&w->input, w->dir, w->segments[w->current].name, err);
    w->is_open = r == ERR_OK;
    return r;
}

static void leave_segment(struct raft_wal *w)
{
    w->current++;
    w->is_open = false;
}

/* The last segment has ended, or is torn, at item->offset. */
static int measure_tail(struct raft_wal *w, struct raft_read_item *item, struct err *err)
{
    w->input.at = item->offset;
    int r = raft_input_tail(&w->input, &item->tail, err);

    leave_segment(w);
    return r;
}

/* One step; *again when a segment has ended and another one follows. */
static int step(struct raft_wal *w, struct raft_read_item *item, bool *again, struct err *err)
{
    bool has_item = false;
    int r = open_current(w, err);

    *again = false;
    if (r < 0)
        return r;
    item->segment = &w->segments[w->current];
    item->offset = w->input.at;
    item->segment_size = w->input.size;
    r = next_in_segment(w, item, &has_item, err);
    if (r < 0)
        return err_wrap(err, r, "segment '%s'", item->segment->name);
    if (!has_item && !is_last(w)) {
        *again = true;
        leave_segment(w);
    } else if (!has_item || item->event == RAFT_READ_TORN) {
        item->event = has_item ? RAFT_READ_TORN : RAFT_READ_END;
        return measure_tail(w, item, err);
    } else if (item->event == RAFT_READ_DAMAGE) {
        w->chain = 0; /* the next segment's first record sets it anew */
        leave_segment(w);
    }
    return ERR_OK;
}

int raft_wal_next(struct raft_wal *w, struct raft_read_item *ret, struct err *err)
{
    bool again = true;

    while (again) {
        *ret = (struct raft_read_item){.event = RAFT_READ_END};
        if (w->current >= w->count) {
            ret->segment = w->count > 0 ? &w->segments[w->count - 1] : NULL;
            ret->offset = w->count > 0 ? w->input.at : 0;
            return ERR_OK;
        }
        int r = step(w, ret, &again, err);
        if (r < 0)
            return r;
    }
    return ERR_OK;
}
