#include "src/proof/datadir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "src/base/auto.h"
#include "src/proof/datadir_internal.h"
#include "src/proof/problem.h"

static bool is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Join two parts; false when the result does not fit. */
static bool join(char out[static PATH_MAX], const char *dir, const char *rest)
{
    int n = snprintf(out, PATH_MAX, "%s/%s", dir, rest);

    return n > 0 && n < PATH_MAX;
}

/* `.../member` of a plain data directory, or of the one inside K3s's. */
static bool find_member(const char *path, char out[static PATH_MAX])
{
    static const char *const below[] = {"member", "etcd/member", "db/etcd/member",
                                        "server/db/etcd/member"};

    for (size_t i = 0; i < sizeof below / sizeof *below; i++)
        if (join(out, path, below[i]) && is_directory(out))
            return true;
    return false;
}

bool proof_is_datadir(const char *path)
{
    char member[PATH_MAX];

    return find_member(path, member);
}

static int find_paths(const char *path, const char *wal_dir, struct proof_datadir *d,
                      struct err *err)
{
    if (!is_directory(path))
        return err_set(err, ERR_NOTFOUND, "'%s' is not a directory", path);
    if (!find_member(path, d->member))
        return err_set(err, ERR_NOTFOUND,
                       "'%s' holds no 'member' directory: it is no etcd data directory", path);

    bool fits = join(d->snap, d->member, "snap") && join(d->db_path, d->snap, "db");
    if (wal_dir == NULL)
        fits = fits && join(d->wal, d->member, "wal");
    else
        fits = fits && snprintf(d->wal, sizeof d->wal, "%s", wal_dir) < PATH_MAX;
    if (!fits)
        return err_set(err, ERR_LIMIT, "'%s': the path is too long", path);
    return ERR_OK;
}

/* bbolt takes an exclusive flock while it has a db open for writing (bbolt bolt_unix.go). */
static bool is_locked(const char *path)
{
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

/* Newest `%016x.snap.db`: a leader's db that a start puts in the place of an older one (etcd
 * snap/db.go). */
static void find_snap_db(struct proof_datadir *d)
{
    DIR *dir = opendir(d->snap);
    const struct dirent *e;

    if (dir == NULL)
        return;
    while ((e = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe): this stream is ours alone
        char *end = NULL;
        uint64_t index = strtoull(e->d_name, &end, 16);

        if (end != e->d_name + 16 || strcmp(end, ".snap.db") != 0)
            continue;
        if (!d->has_snap_db || index > d->snap_db_index)
            d->snap_db_index = index;
        d->has_snap_db = true;
    }
    (void)closedir(dir);
}

static int check_db(struct proof_datadir *d, const struct proof_options *options,
                    struct finding_sink *sink, struct err *err)
{
    int r = proof_snapshot_open(d->db_path, PROOF_TRAILER_NONE, sink, &d->db, err);

    if (r == ERR_NOTFOUND) {
        struct finding f = proof_finding(PROOF_DB_MISSING);

        finding_reportf(sink, &f, "there is no '%s'", d->db_path);
        return ERR_OK;
    }
    if (r < 0)
        return r;
    d->has_db = true;
    d->in_use = is_locked(d->db_path);
    if (d->in_use) {
        struct finding f = proof_finding(PROOF_IN_USE);

        finding_reportf(sink, &f, "another process holds '%s'", d->db_path);
    }
    uint64_t before = finding_count(sink, FINDING_DAMAGE);
    r = proof_snapshot_run(&d->db, options, err);
    d->is_db_damaged = proof_snapshot_db(&d->db) == NULL || d->db.provenance == PROOF_TRUNCATED ||
                       finding_count(sink, FINDING_DAMAGE) > before;
    return r;
}

static int check_log(struct proof_datadir *d, struct finding_sink *sink, struct err *err)
{
    AUTO_CLOSE int wal = open(d->wal, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    AUTO_CLOSE int snap = open(d->snap, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (wal < 0 && errno == ENOENT) {
        struct finding f = proof_finding(PROOF_WAL_MISSING);

        finding_reportf(sink, &f, "there is no '%s'", d->wal);
        return ERR_OK;
    }
    if (wal < 0)
        return err_sys(err, "open '%s'", d->wal);
    d->has_wal = true;
    return raft_check_dir(wal, snap, sink, &d->raft, err);
}

void proof_datadir_free(struct proof_datadir *d)
{
    if (d == NULL)
        return;
    if (d->has_db)
        proof_snapshot_done(&d->db);
    if (d->has_wal)
        raft_facts_done(&d->raft);
    free(d);
}
AUTO_DEFINE(proof_datadir)

int proof_datadir_run(const char *path, const char *wal_dir, const struct proof_options *options,
                      struct finding_sink *sink, struct proof_datadir **ret, struct err *err)
{
    AUTO(proof_datadir) struct proof_datadir *d = calloc(1, sizeof *d);
    int r = d == NULL ? err_nomem(err) : find_paths(path, wal_dir, d, err);

    if (r == ERR_OK)
        r = check_db(d, options, sink, err);
    if (r == ERR_OK)
        r = check_log(d, sink, err);
    if (r < 0)
        return r;
    find_snap_db(d);
    proof_datadir_compare(d, sink);
    *ret = TAKE_PTR(d);
    return ERR_OK;
}
