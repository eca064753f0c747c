#include "reset/old.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "boltdb/lookup.h"
#include "src/base/auto.h"
#include "src/etcd/rev.h"
#include "src/etcd/rows.h"
#include "src/etcd/scan.h"
#include "src/raft/check.h"

enum { TAIL_MAX = 1 << 24 }; /* entries; a db that lags more is not believed */

static int open_below(const char *data_dir, const char *name, int flags)
{
    AUTO_FREE char *path = NULL;

    if (asprintf(&path, "%s/member/%s", data_dir, name) < 0) {
        path = NULL;
        return -1;
    }
    return open(path, O_RDONLY | O_CLOEXEC | flags);
}

/* Greatest of the last row and both compactions, as a starting etcd works it out. */
static void look_at_keys(struct bolt_db *db, struct reset_old *ret)
{
    AUTO_BUF struct buf key = BUF_INIT(BOLT_KEY_MAX);
    struct etcd_compaction compaction = {0};
    struct etcd_revision last = {0};
    bool is_tombstone;

    if (bolt_last_key(db, slice_str(etcd_bucket_name[ETCD_KEY]), &key, NULL) < 0 ||
        etcd_rev_decode(buf_slice(&key), &last, &is_tombstone) != ETCD_REV_OK ||
        etcd_compaction_get(db, &compaction, NULL) < 0)
        return;
    ret->is_known = true;
    ret->revision = last.main;
    if (compaction.scheduled > ret->revision)
        ret->revision = compaction.scheduled;
    if (compaction.finished > ret->revision)
        ret->revision = compaction.finished;
}

/* Entries of the log above the index that the db has applied. */
static uint64_t look_at_log(const char *data_dir, uint64_t applied)
{
    AUTO_CLOSE int wal = open_below(data_dir, "wal", O_DIRECTORY);
    AUTO_FREE struct raft_facts *facts = calloc(1, sizeof *facts);
    uint64_t tail = 0;

    if (wal < 0 || facts == NULL)
        return 0;
    if (raft_check_dir(wal, -1, NULL, facts, NULL) == ERR_OK && facts->wal.last_index > applied)
        tail = facts->wal.last_index - applied;
    raft_facts_done(facts);
    return tail < TAIL_MAX ? tail : TAIL_MAX;
}

struct reset_old reset_old_look(const char *data_dir)
{
    AUTO_CLOSE int fd = open_below(data_dir, "snap/db", O_NONBLOCK);
    AUTO_BUF struct buf applied = BUF_INIT(BOLT_KEY_MAX);
    struct reset_old old = {0};
    struct bolt_db *db = NULL;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return old;
    struct bolt_source source = bolt_source_fd(fd, "db", (uint64_t)st.st_size);
    if (bolt_db_open(&source, NULL, &db, NULL) < 0)
        return old;
    look_at_keys(db, &old);
    if (old.is_known && old.revision < INT64_MAX - TAIL_MAX &&
        bolt_get(db, slice_str(etcd_bucket_name[ETCD_META]), slice_str(ETCD_META_CONSISTENT_INDEX),
                 &applied, NULL) == ERR_OK &&
        applied.len == 8)
        old.tail = look_at_log(data_dir, be64_load(applied.data));
    bolt_db_free(db);
    return old;
}
