#include "src/etcd/versiongate.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "src/etcd/rows.h"

enum { OLDEST_MINOR = 4, LEARNERS_MAX = 1 /* etcd's default of --max-learners */ };

/* One question: may this minor start? */
struct question {
    const struct etcd_facts *db;
    const struct etcd_dir_facts *dir;
    enum etcd_minor minor;
    struct etcd_boot boot; /* where this minor begins to read the log */
    struct etcd_start *ret;
};

const char *etcd_minor_name(enum etcd_minor minor)
{
    static const char *const names[ETCD_MINOR_COUNT] = {"3.4", "3.5", "3.6", "3.7"};

    return names[minor];
}

const char *etcd_verdict_words(enum etcd_verdict verdict)
{
    static const char *const words[] = {"starts", "may start", "does not start"};

    return words[verdict];
}

static void say(const struct question *q, enum etcd_verdict verdict, const char *code,
                const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void say(const struct question *q, enum etcd_verdict verdict, const char *code,
                const char *fmt, ...)
{
    struct etcd_start *s = q->ret;
    struct etcd_reason *reason;
    va_list args;

    if (verdict > s->verdict)
        s->verdict = verdict;
    if (s->reason_count == ETCD_REASONS_MAX)
        return;
    reason = &s->reasons[s->reason_count++];
    reason->verdict = verdict;
    reason->code = code;
    va_start(args, fmt);
    (void)vsnprintf(reason->text, sizeof reason->text, fmt, args);
    va_end(args);
}

/* Is the version that `text` names newer than the server? False when it names none. */
static bool is_newer(const char *text, enum etcd_minor minor)
{
    struct etcd_version v;

    if (!etcd_version_decode(slice_str(text), &v))
        return false;
    return v.major > 3 || (v.major == 3 && v.minor > OLDEST_MINOR + (unsigned)minor);
}

/* 3.6 and newer read the cluster's and the schema's version from the db. */
static void check_db_versions(const struct question *q)
{
    const struct etcd_facts *db = q->db;
    struct etcd_version v;

    if (q->minor < ETCD_3_6)
        return;
    if (is_newer(db->cluster_version, q->minor))
        say(q, ETCD_REFUSES, "cluster-version", "the cluster version is %s", db->cluster_version);
    else if (db->cluster_version[0] != '\0' &&
             !etcd_version_decode(slice_str(db->cluster_version), &v))
        say(q, ETCD_REFUSES, "cluster-version", "the cluster version in the db is no version");
    if (is_newer(db->storage_version, q->minor))
        say(q, ETCD_REFUSES, "storage-version", "the db has the schema of %s", db->storage_version);
}

/* Late releases of 3.4 look at a key that older ones do not know (etcd mvcc/downgrade.go). */
static void check_schema_34(const struct question *q)
{
    if (q->minor == ETCD_3_4 && is_newer(q->db->storage_version, ETCD_3_5))
        say(q, ETCD_MAY_START, "storage-version",
            "3.4.23 starts, late releases (3.4.45) stop at the schema of %s",
            q->db->storage_version);
}

void etcd_gate_restore(const struct etcd_facts *db, struct etcd_gate *ret)
{
    *ret = (struct etcd_gate){0};
    for (int i = 0; i < ETCD_MINOR_COUNT; i++) {
        struct question q = {.db = db, .minor = (enum etcd_minor)i, .ret = &ret->start[i]};

        check_db_versions(&q);
        check_schema_34(&q);
    }
}

static uint64_t log_end(const struct question *q)
{
    uint64_t last = q->dir->last_index;

    return q->boot.found && q->boot.index > last ? q->boot.index : last;
}

/* False when nothing else is worth a check. */
static bool check_parts(const struct question *q)
{
    const struct etcd_dir_facts *dir = q->dir;

    if (!dir->has_wal)
        say(q, ETCD_REFUSES, "no-log",
            "there is no log: it begins a new cluster that does not apply its first writes");
    else if (dir->is_log_damaged)
        say(q, ETCD_REFUSES, "log-damaged", "the log is damaged");
    else if (dir->has_db && dir->is_db_damaged)
        say(q, ETCD_REFUSES, "db-damaged", "the db is damaged");
    else if (!dir->has_db && q->boot.found && q->boot.index > 0)
        say(q, ETCD_REFUSES, "no-db", "there is no db, and the log begins at a snapshot of it");
    else if (!dir->has_db)
        say(q, ETCD_MAY_START, "no-db", "there is no db: it is built from the log");
    else
        return true;
    return false;
}

static void check_boot(const struct question *q)
{
    const struct etcd_dir_facts *dir = q->dir;
    uint64_t boot = q->boot.found ? q->boot.index : 0;

    if (!q->boot.found && q->minor == ETCD_3_7)
        say(q, ETCD_REFUSES, "no-boot-snapshot", "the log has no valid snapshot record");
    else if (boot < dir->lowest_start || (dir->last_index > boot && dir->first_index > boot + 1))
        say(q, ETCD_REFUSES, "log-hole",
            "it reads the log from index %" PRIu64 ", which is not there", boot + 1);
    if (boot > q->db->consistent_index && !(dir->has_snap_db && dir->snap_db_index == boot))
        say(q, ETCD_REFUSES, "db-behind",
            "the db has applied index %" PRIu64 ", the log begins behind %" PRIu64,
            q->db->consistent_index, boot);
}

static void check_indexes(const struct question *q)
{
    const struct etcd_dir_facts *dir = q->dir;
    uint64_t end = log_end(q);
    uint64_t boot = q->boot.found ? q->boot.index : 0;

    if (dir->has_state && (dir->commit > end || dir->commit < boot))
        say(q, ETCD_REFUSES, "commit-range",
            "index %" PRIu64 " was committed, the log reaches from %" PRIu64 " to %" PRIu64,
            dir->commit, boot, end);
    if (q->db->consistent_index > end)
        say(q, q->minor < ETCD_3_6 ? ETCD_MAY_START : ETCD_REFUSES, "db-ahead",
            "the db has applied index %" PRIu64 ", the log ends at %" PRIu64
            ": writes are not applied until it has grown past that",
            q->db->consistent_index, end);
    if (dir->conf_changes_v2 > 0)
        say(q, ETCD_REFUSES, "conf-change-v2", "the log holds a ConfChangeV2");
}

/* 3.7 cannot read a v2 request, 3.6 only those that 3.5 writes about members and the version. */
static void check_v2_requests(const struct question *q)
{
    const struct etcd_dir_facts *dir = q->dir;
    uint64_t boot = q->boot.found ? q->boot.index : 0;

    if (q->minor == ETCD_3_7 && dir->v2_above_boot_37 > 0)
        say(q, ETCD_REFUSES, "v2-requests",
            "%" PRIu64 " v2 requests stand in the log above index %" PRIu64
            ": start 3.5, then 3.6, until each has written a .snap",
            dir->v2_above_boot_37, boot);
    if (q->minor != ETCD_3_6)
        return;
    if (dir->has_v2_kinds && dir->v2_refused_by_36 > 0)
        say(q, ETCD_REFUSES, "v2-requests", "%" PRIu64 " v2 requests in the log are not allowed",
            dir->v2_refused_by_36);
    else if (!dir->has_v2_kinds && dir->v2_last_index > boot)
        say(q, ETCD_MAY_START, "v2-requests",
            "the log holds v2 requests, of which it takes only some");
    if (dir->v2_has_foreign)
        say(q, ETCD_REFUSES, "v2-content", "the v2 store holds user data");
}

/* 3.4 and 3.5 take the cluster version from the .snap and the log, 3.5 leaves it as a v2 request in
 * the log, 3.6 and newer as one that 3.4 does not know. */
static void check_old_versions(const struct question *q)
{
    const struct etcd_dir_facts *dir = q->dir;
    const char *in_snap = dir->has_v2store && dir->v2_version != NULL ? dir->v2_version : "";
    uint64_t boot = q->boot.found ? q->boot.index : 0;

    if (q->minor >= ETCD_3_6)
        return;
    if (is_newer(in_snap, q->minor))
        say(q, ETCD_REFUSES, "cluster-version", "the cluster version is %s", in_snap);
    else if (is_newer(q->db->cluster_version, q->minor) && dir->last_index > boot)
        say(q, ETCD_MAY_START, "cluster-version",
            "the cluster version in the db is %s: it refuses if the log says so too",
            q->db->cluster_version);
    check_schema_34(q);
}

static void check_downgrade(const struct question *q)
{
    struct etcd_downgrade d;
    struct etcd_version v;

    if (q->minor != ETCD_3_5 || !q->db->downgrade_enabled)
        return;
    if (etcd_downgrade_decode(slice_str(q->db->downgrade), &d, NULL) < 0 ||
        !etcd_version_decode(slice_str(d.target), &v) || v.major != 3 || v.minor != 5)
        say(q, ETCD_REFUSES, "downgrade", "a downgrade to another version is under way");
}

static bool has_member(const struct etcd_facts *db, uint64_t id)
{
    for (size_t i = 0; i < db->member_count; i++) {
        if (db->members[i].id == id)
            return true;
    }
    return false;
}

static size_t count_learners(const struct etcd_facts *db)
{
    size_t count = 0;

    for (size_t i = 0; i < db->member_count; i++)
        count += db->members[i].is_learner;
    return count;
}

/* 3.6 and newer take the members from the db. A db that has applied nothing gets them from the log;
 * what etcdctl 3.4 restores still has the old ones, and never gets the new. */
static void check_members(const struct question *q)
{
    const struct etcd_facts *db = q->db;
    const struct etcd_dir_facts *dir = q->dir;
    bool may_come = db->consistent_index == 0 || dir->conf_changes_above_db > 0;

    for (size_t i = 0; dir->has_self && i < db->removed_count; i++) {
        if (db->removed[i] == dir->self)
            say(q, ETCD_MAY_START, "self-removed",
                "member %" PRIx64 " was removed from the cluster", dir->self);
    }
    if (q->minor < ETCD_3_6)
        return;
    if (dir->has_self && !has_member(db, dir->self) && db->consistent_index > 0)
        say(q, may_come ? ETCD_MAY_START : ETCD_REFUSES, "members",
            "the db does not know member %" PRIx64 ": was it restored by etcdctl 3.4?", dir->self);
    if (count_learners(db) > LEARNERS_MAX)
        say(q, ETCD_REFUSES, "learners", "the db has %zu learners, by default %d is allowed",
            count_learners(db), LEARNERS_MAX);
}

static void check_old_members(const struct question *q)
{
    const struct etcd_dir_facts *dir = q->dir;

    if (q->minor < ETCD_3_6 && dir->has_self && dir->has_v2store && !dir->self_in_v2store)
        say(q, dir->conf_changes_above_34 > 0 ? ETCD_MAY_START : ETCD_REFUSES, "members",
            "the .snap does not know member %" PRIx64, dir->self);
}

void etcd_gate_directory(const struct etcd_facts *db, const struct etcd_dir_facts *dir,
                         struct etcd_gate *ret)
{
    *ret = (struct etcd_gate){0};
    for (int i = 0; i < ETCD_MINOR_COUNT; i++) {
        struct question q = {
            .db = db,
            .dir = dir,
            .minor = (enum etcd_minor)i,
            .boot = i == ETCD_3_7 ? dir->boot_37 : dir->boot_34,
            .ret = &ret->start[i],
        };

        if (!check_parts(&q))
            continue;
        check_db_versions(&q);
        check_old_versions(&q);
        check_downgrade(&q);
        check_boot(&q);
        check_indexes(&q);
        check_v2_requests(&q);
        check_members(&q);
        check_old_members(&q);
    }
}
