#include "src/raft/snapdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "src/base/auto.h"
#include "src/raft/input.h"
#include "src/raft/snapfile.h"
#include "src/raft/walcheck.h"

static void report(struct finding_sink *sink, enum raft_problem problem, const char *name,
                   const char *text)
{
    const struct raft_problem_info *info = &raft_problem_table[problem];
    char printable[RAFT_NAME_MAX];
    const struct finding f = {
        .code = info->code,
        .severity = info->severity,
        .file = finding_printable(slice_str(name), printable, sizeof printable),
        .page = FINDING_NO_PLACE,
        .offset = FINDING_NO_PLACE,
        .text = text,
    };

    finding_report(sink, &f);
}

static bool is_snap(const char *name)
{
    size_t len = strlen(name);

    return len > 5 && len < RAFT_NAME_MAX && strcmp(name + len - 5, ".snap") == 0;
}

/* etcd sorts the names, not the numbers. */
static int newest_first(const void *a, const void *b)
{
    const struct raft_snap_fact *left = a;
    const struct raft_snap_fact *right = b;

    return strcmp(right->name, left->name);
}

/* Keep the newest RAFT_SNAPS_MAX names: the array holds twice as many and is halved when full. */
static void add_name(struct raft_facts *facts, const char *name)
{
    struct raft_snap_fact *fact = &facts->snaps[facts->snap_count++];

    *fact = (struct raft_snap_fact){0};
    (void)snprintf(fact->name, sizeof fact->name, "%s", name);
    if (facts->snap_count < (size_t)2 * RAFT_SNAPS_MAX)
        return;
    qsort(facts->snaps, facts->snap_count, sizeof *facts->snaps, newest_first);
    facts->snap_count = RAFT_SNAPS_MAX;
}

static void close_dir(DIR **slot)
{
    if (*slot != NULL)
        (void)closedir(*slot);
}

static int list_names(int dir_fd, struct raft_facts *facts, struct err *err)
{
    AUTO_CLOSE int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(err, "open the snap directory");
    DIR *dir __attribute__((cleanup(close_dir))) = fdopendir(fd);
    if (dir == NULL)
        return err_sys(err, "list the snap directory");
    (void)TAKE_FD(fd);

    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir); /* NOLINT(concurrency-mt-unsafe): own stream */
        if (entry == NULL)
            break;
        if (is_snap(entry->d_name))
            add_name(facts, entry->d_name);
    }
    if (errno != 0)
        return err_sys(err, "list the snap directory");
    qsort(facts->snaps, facts->snap_count, sizeof *facts->snaps, newest_first);
    if (facts->snap_count > RAFT_SNAPS_MAX)
        facts->snap_count = RAFT_SNAPS_MAX;
    return ERR_OK;
}

static int read_whole(int dir, const char *name, struct buf *file, struct err *err)
{
    struct raft_input in = RAFT_INPUT_NONE;
    size_t got = 0;
    int r = raft_input_open(&in, dir, name, err);

    if (r == ERR_OK && in.size > RAFT_SNAP_FILE_MAX)
        r = err_set(err, ERR_LIMIT, "%" PRIu64 " bytes, at most %d are read", in.size,
                    RAFT_SNAP_FILE_MAX);
    buf_clear(file);
    if (r == ERR_OK)
        r = buf_reserve(file, (size_t)in.size, err);
    if (r == ERR_OK)
        r = raft_input_read(&in, file->data, (size_t)in.size, &got, err);
    if (r == ERR_OK)
        file->len = got;
    raft_input_done(&in);
    return r;
}

/* The content of the boot snapshot. */
static int take_content(struct raft_facts *facts, const char *name,
                        const struct raft_snapshot *snapshot, struct finding_sink *sink,
                        struct err *err)
{
    struct err why = {0};
    int r = raft_v2store_parse(snapshot->data, &facts->v2store, &why);

    facts->boot_34 = (struct raft_boot){true, snapshot->index, snapshot->term};
    facts->conf_state = snapshot->conf_state;
    facts->has_v2store = r == ERR_OK;
    if (r == ERR_CORRUPT || r == ERR_LIMIT)
        report(sink, RAFT_V2STORE, name, why.msg);
    else if (r < 0)
        return err_set(err, why.code, "%s", why.msg);
    if (facts->has_v2store && facts->v2store.has_foreign)
        report(sink, RAFT_V2_FOREIGN, name, facts->v2store.foreign_path);
    return ERR_OK;
}

static void check_name(struct raft_snap_fact *fact, const struct raft_snapshot *snapshot,
                       struct finding_sink *sink)
{
    char want[RAFT_SNAP_NAME];

    raft_snap_name(snapshot->term, snapshot->index, want);
    if (strcmp(want, fact->name) != 0)
        report(sink, RAFT_SNAP_NAME_WRONG, fact->name, want);
    fact->term = snapshot->term;
    fact->index = snapshot->index;
}

static int check_one(int dir, struct raft_snap_fact *fact, struct finding_sink *sink,
                     struct raft_facts *facts, struct err *err)
{
    AUTO_BUF struct buf file = BUF_INIT(RAFT_SNAP_FILE_MAX);
    struct raft_snapshot snapshot = {0};
    struct err why = {0};
    int r = read_whole(dir, fact->name, &file, &why);

    if (r == ERR_OK)
        r = raft_snap_decode(buf_slice(&file), &snapshot, &why);
    if (r == ERR_NOMEM)
        return err_nomem(err);
    if (r < 0) {
        report(sink, RAFT_SNAP_BAD, fact->name, why.msg);
        return ERR_OK;
    }
    fact->is_good = true;
    check_name(fact, &snapshot, sink);
    fact->is_valid = raft_mark_is_valid(&facts->wal, snapshot.index, snapshot.term);
    if (!fact->is_valid)
        report(sink, RAFT_SNAP_ORPHAN, fact->name, "no valid record of it in the WAL");
    if (fact->is_valid && !facts->boot_34.found)
        return take_content(facts, fact->name, &snapshot, sink, err);
    return ERR_OK;
}

int raft_check_snaps(int dir, struct finding_sink *sink, struct raft_facts *facts, struct err *err)
{
    facts->snaps = calloc((size_t)2 * RAFT_SNAPS_MAX, sizeof *facts->snaps);
    if (facts->snaps == NULL)
        return err_nomem(err);
    int r = list_names(dir, facts, err);

    for (size_t i = 0; r == ERR_OK && i < facts->snap_count; i++)
        r = check_one(dir, &facts->snaps[i], sink, facts, err);
    return r;
}
