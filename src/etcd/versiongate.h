/* Which etcd will start on it: on a restore of a db made by this program, or on a data directory as
 * it stands, and why not. The rules are the checks of etcd's own start (server bootstrap.go,
 * version/downgrade.go, storage/schema, apply_v2.go), run against real 3.4 to 3.7 servers. What
 * starts with those is ETCD_STARTS; what depends on something that is not looked at is
 * ETCD_MAY_START. */
#ifndef ETCD_VERSIONGATE_H
#define ETCD_VERSIONGATE_H

#include "src/etcd/facts.h"

enum etcd_minor { ETCD_3_4, ETCD_3_5, ETCD_3_6, ETCD_3_7, ETCD_MINOR_COUNT };
enum etcd_verdict { ETCD_STARTS, ETCD_MAY_START, ETCD_REFUSES };

enum { ETCD_REASONS_MAX = 8, ETCD_REASON_TEXT_MAX = 200 };

/* Why a start is doubtful or refused. */
struct etcd_reason {
    enum etcd_verdict verdict;       /* ETCD_MAY_START or ETCD_REFUSES */
    const char *code;                /* stable, static: "cluster-version" */
    char text[ETCD_REASON_TEXT_MAX]; /* for a person */
};

struct etcd_start {
    enum etcd_verdict verdict; /* the worst of the reasons */
    size_t reason_count;       /* at most ETCD_REASONS_MAX are kept, the first ones */
    struct etcd_reason reasons[ETCD_REASONS_MAX];
};

struct etcd_gate {
    struct etcd_start start[ETCD_MINOR_COUNT];
};

struct etcd_boot {
    bool found;
    uint64_t index;
};

/* What lies beside the db in a data directory. A caller leaves out (0, NULL) what it does not know.
 */
struct etcd_dir_facts {
    bool has_db;
    bool is_db_damaged;
    bool has_wal;
    bool is_log_damaged; /* more than a torn end */

    /* the log, after overrides and behind a torn end */
    bool has_self;
    uint64_t self; /* member ID in the WAL's metadata */
    bool has_state;
    uint64_t commit;                  /* of the last HardState */
    uint64_t first_index, last_index; /* of the entries, 0: none */
    uint64_t lowest_start;            /* starts at a lower index fail: the log has a hole above */
    uint64_t conf_changes_above_db;   /* membership changes that the db has not applied */
    uint64_t conf_changes_above_34;   /* above boot_34 */
    uint64_t conf_changes_v2;
    struct etcd_boot boot_34; /* 3.4-3.6: newest good .snap with a valid record in the WAL */
    struct etcd_boot boot_37; /* last valid snapshot record of the WAL */

    /* v2 requests in the log */
    uint64_t v2_above_boot_37;
    uint64_t v2_last_index;
    bool has_v2_kinds;         /* the next one is known */
    uint64_t v2_refused_by_36; /* above boot_34, other than PUT of attributes or the version */

    /* the .snap of boot_34, and a db that a leader sent */
    bool has_v2store;
    bool self_in_v2store;
    bool v2_has_foreign;    /* user keys or v2 auth */
    const char *v2_version; /* cluster version in it, "" or NULL: none; lent for the call */
    bool has_snap_db;
    uint64_t snap_db_index;
};

/* On a restore: new members, new log, downgrade dropped, all else of the db kept. */
void etcd_gate_restore(const struct etcd_facts *db, struct etcd_gate *ret);

/* On the directory as it stands. `db` holds what was read of its db, zeros when there is none. */
void etcd_gate_directory(const struct etcd_facts *db, const struct etcd_dir_facts *dir,
                         struct etcd_gate *ret);

/* "3.4" */
const char *etcd_minor_name(enum etcd_minor minor);
/* "starts", "may start", "does not start" */
const char *etcd_verdict_words(enum etcd_verdict verdict);

#endif
