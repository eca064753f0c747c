/* Reads a member's WAL and .snap files as etcd would at a start and says what is wrong with them.
 */
#ifndef RAFT_CHECK_H
#define RAFT_CHECK_H

#include "src/base/finding.h"
#include "src/raft/raftpb.h"
#include "src/raft/v2store.h"
#include "src/raft/walread.h"

enum {
    RAFT_MARKS_MAX = 65536, /* snapshot records kept, the last ones */
    RAFT_TERMS_MAX = 4096,  /* term changes kept, the last ones */
    RAFT_KEPT_MAX = 128,    /* indexes kept of each kind of entry, the last ones */
};

/* Indexes of the log's entries of one kind, ascending. */
struct raft_index_list {
    uint64_t at[RAFT_KEPT_MAX]; /* the last ones */
    size_t kept;
    uint64_t dropped; /* earlier ones, only counted */
};

/* From this index on the log has this term. */
struct raft_term_run {
    uint64_t index;
    uint64_t term;
};

struct raft_wal_facts {
    size_t segments; /* files whose name is a segment's */
    uint64_t first_sequence, last_sequence;
    uint64_t first_name_index; /* of the first segment: a start at a lower index fails */
    uint64_t bytes;            /* sizes of the segments */
    uint64_t records;

    bool has_metadata;
    struct raft_metadata metadata;
    bool has_state;
    struct raft_hard_state state; /* the last one */

    /* The log after overrides; all 0 when it holds no entry. */
    uint64_t first_index, last_index, last_term;
    uint64_t entries;      /* entry records */
    uint64_t overridden;   /* entries taken back by a later record of the same or a lower index */
    uint64_t holes;        /* a leader's snapshot was installed over each of them */
    uint64_t lowest_start; /* a start at a lower index fails: there is a hole above it */
    struct raft_term_run *terms;
    size_t term_count;

    /* In the log after overrides. */
    struct raft_index_list conf_changes;
    struct raft_index_list conf_changes_v2; /* no etcd writes them, every etcd panics on one */
    struct raft_index_list v2_requests;     /* etcd 3.7 panics on one above its boot snapshot */

    struct raft_snap_mark *marks; /* snapshot records in WAL order, valid ones or not */
    size_t mark_count;

    uint64_t end_offset; /* where the records of the last segment end */
    bool is_torn;        /* etcd cuts the last segment here at its next start */
    char torn_file[RAFT_NAME_MAX];
    uint64_t torn_offset;
    uint64_t torn_bytes; /* from there to the last byte that is not zero */
    uint64_t tail_bytes; /* the same behind an end that is not torn: etcd zeroes them */
    bool is_damaged; /* a finding of severity damage: the facts are those of what was readable */
};

/* One *.snap file. */
struct raft_snap_fact {
    char name[RAFT_NAME_MAX];
    uint64_t term, index; /* by name */
    bool is_good;         /* CRC, content and name agree */
    bool is_valid;        /* a WAL record of this term and index, not above the commit, exists */
};

enum { RAFT_SNAPS_MAX = 1024 }; /* .snap files looked at, the newest; etcd keeps 5 */

struct raft_boot {
    bool found; /* false: etcd replays the log from entry 1 (3.4-3.6) or panics (3.7) */
    uint64_t index, term;
};

struct raft_facts {
    struct raft_wal_facts wal;
    struct raft_snap_fact *snaps; /* newest first, by name */
    size_t snap_count;
    struct raft_boot boot_34; /* 3.4-3.6: newest good .snap that has a valid record in the WAL */
    struct raft_boot boot_37; /* last valid record in the WAL, no .snap needed */

    /* Content of boot_34's .snap. */
    bool has_v2store;
    struct raft_v2store v2store;
    struct raft_conf_state conf_state;
};

/* Read everything below the two directory descriptors (snap_dir -1: there is none) with bounded
 * memory; nothing is written or locked. Findings go to `sink` with file and offset. ERR_IO and
 * ERR_NOMEM only; the caller then still calls raft_facts_done(). */
int raft_check_dir(int wal_dir, int snap_dir, struct finding_sink *sink, struct raft_facts *ret,
                   struct err *err);
void raft_facts_done(struct raft_facts *f);

uint64_t raft_index_count(const struct raft_index_list *list);
/* Of those above `index`; at most RAFT_KEPT_MAX are counted. */
uint64_t raft_index_count_above(const struct raft_index_list *list, uint64_t index);

/* Term of the log at `index`; false when the log does not hold it. */
bool raft_term_at(const struct raft_wal_facts *f, uint64_t index, uint64_t *ret);

#endif
