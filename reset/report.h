/* What a restore found, did and leaves to do: plain data, filled while it runs, printed by the
 * commands. Strings and arrays are owned by the report; reset_report_done() frees them. */
#ifndef RESET_REPORT_H
#define RESET_REPORT_H

#include "src/base/sha256.h"
#include "src/etcd/facts.h"

enum { RESET_LINES_MAX = 100 }; /* lines of one kind that are kept */

/* A growing list of owned strings. */
struct reset_lines {
    char **items;
    size_t count;
};

struct reset_seconds {
    double build;     /* reading, checking, hashing and writing, to the last fdatasync */
    double read_back; /* comparing what is on the disk with what was written */
    double install;   /* renames and directory syncs */
};

struct reset_report {
    /* source */
    char *source;
    uint64_t source_size;
    char *provenance;        /* in words */
    uint64_t source_db_size; /* bytes below the high-water mark */
    int64_t revision;
    uint64_t live_keys;
    uint64_t records;

    /* what changes */
    struct etcd_member *dropped; /* the source's members */
    size_t dropped_count;
    uint64_t dropped_tombstones; /* rows of members_removed */
    struct etcd_alarm *alarms;   /* cleared */
    size_t alarm_count;
    char *downgrade;          /* dropped, NULL when there was none */
    int64_t bump;             /* 0: none */
    int64_t old_revision;     /* last revision of the directory that is replaced, 0: unknown */
    int64_t revision_after;   /* of the new db */
    char *emptied_key;        /* written empty at revision_after, NULL: no such key or already so */
    struct reset_lines cured; /* damage in the source that a rebuild does not carry over */
    struct reset_lines accepted; /* what --accept let pass */
    struct reset_lines notes;    /* anything else a person should know */

    /* the new directory */
    char *data_dir;
    char *wal_dir;               /* NULL: inside data_dir */
    char *old_dir;               /* where the former one is, NULL: there was none */
    struct etcd_member *members; /* ascending id */
    size_t member_count;
    size_t self; /* index in members */
    uint64_t cluster_id;
    char *token;             /* cluster token, always set */
    uint64_t new_size;       /* bytes of the new db */
    struct reset_lines next; /* what to do now, in order */

    struct reset_seconds seconds;

    char source_sha256[SHA256_HEX];
    bool is_dry_run; /* nothing was written: what is here is the plan */
    bool trailer_checked;
    bool bump_is_automatic;
    bool token_is_new; /* made up by this run */
    bool write_is_direct;
};

void reset_report_done(struct reset_report *r);

/* Append a copy of the formatted line. ERR_NOMEM. */
int reset_lines_addf(struct reset_lines *lines, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void reset_lines_done(struct reset_lines *lines);

/* Deep copies for the report; `ret` is untouched on failure. ERR_NOMEM. */
int reset_members_copy(const struct etcd_member *members, size_t count, struct etcd_member **ret,
                       struct err *err);
void reset_members_free(struct etcd_member *members, size_t count);

#endif
