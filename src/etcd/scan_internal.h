/* Shared by the files of the scan; nobody else includes it. */
#ifndef ETCD_SCAN_INTERNAL_H
#define ETCD_SCAN_INTERNAL_H

#include "src/etcd/confstate.h"
#include "src/etcd/continuity.h"
#include "src/etcd/hashbatch.h"
#include "src/etcd/livekeys.h"
#include "src/etcd/problem.h"
#include "src/etcd/scan.h"

enum {
    SCAN_FINDINGS_MAX = 16, /* of one code in full, the rest is counted */
    SCAN_TEXT_MAX = 256,    /* bytes of a printable key in a finding */
};

/* Where the scan is: a top-level bucket, or deeper, or in the root bucket (depth 0). */
struct scan_place {
    unsigned depth;
    enum etcd_bucket bucket;
    char name[SCAN_TEXT_MAX]; /* printable name of the top-level bucket */
};

/* Live keys without a set of keys, right when no compaction is pending: puts at or below the
 * compaction + puts above it that begin a key's life - tombstones above it. */
struct scan_quick_count {
    int64_t live;
    bool is_contradicted;
};

struct etcd_scan {
    struct bolt_db *db;
    struct etcd_scan_options options;
    struct finding_sink *sink;
    struct etcd_facts facts;
    struct scan_place place;
    uint64_t reported[ETCD_PROBLEM_COUNT];
    uint64_t own_damage; /* findings that came from here and not from the walk */
    struct etcd_continuity continuity;
    int64_t compacted; /* max(scheduled, finished), looked up before the walk */
    bool has_previous_key;
    struct etcd_conf_state conf_state;
    bool has_conf_state;
    struct scan_quick_count quick;
    struct etcd_live_keys *live; /* exact count, when the quick one cannot be right */
    struct hashbatch hash;
};

/* Report at this item (NULL: no place) with a formatted text; the first SCAN_FINDINGS_MAX of each
 * code in full. */
void scan_report(struct etcd_scan *s, enum etcd_problem problem, const struct bolt_item *item,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Report what was only counted. */
void scan_report_rest(struct etcd_scan *s);

int scan_key_row(struct etcd_scan *s, const struct bolt_item *item, struct err *err);
int scan_member_row(struct etcd_scan *s, const struct bolt_item *item, struct err *err);
int scan_removed_row(struct etcd_scan *s, const struct bolt_item *item, struct err *err);
int scan_alarm_row(struct etcd_scan *s, const struct bolt_item *item, struct err *err);
int scan_meta_row(struct etcd_scan *s, const struct bolt_item *item, struct err *err);
int scan_cluster_row(struct etcd_scan *s, const struct bolt_item *item, struct err *err);
void scan_lease_row(struct etcd_scan *s, const struct bolt_item *item);
void scan_auth_row(struct etcd_scan *s, const struct bolt_item *item);
void scan_user_row(struct etcd_scan *s, const struct bolt_item *item);
void scan_role_row(struct etcd_scan *s, const struct bolt_item *item);

/* Checks that need all members and the conf state. ERR_NOMEM. */
int scan_finish_members(struct etcd_scan *s, struct err *err);
void scan_finish_meta(struct etcd_scan *s);
void scan_finish_buckets(struct etcd_scan *s);
/* Sets facts.live_keys; walks the db again when the quick count cannot be trusted. */
int scan_finish_live_keys(struct etcd_scan *s, struct err *err);

#endif
