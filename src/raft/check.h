/* Reads a member's WAL and .snap files as etcd would at a start and says what is wrong with them.
 */
#ifndef RAFT_CHECK_H
#define RAFT_CHECK_H

#include "src/base/finding.h"
#include "src/raft/raftpb.h"
#include "src/raft/v2store.h"
#include "src/raft/walread.h"

enum {
    RAFT_MARKS_MAX = 65536,  /* snapshot records kept, the last ones */
    RAFT_TERMS_MAX = 4096,   /* term changes kept, the last ones */
    RAFT_V2_KEPT_MAX = 1024, /* indexes of v2 requests kept, the last ones */
};

/* From this index on the log has this term. */
struct raft_term_run {
    uint64_t index;
    uint64_t term;
};

struct raft_wal_facts {
    size_t segments; /* files whose name is a segment's */
    uint64_t first_sequence, last_sequence;
    uint64_t bytes; /* sizes of the segments */
    uint64_t records;

    bool has_metadata;
    struct raft_metadata metadata;
    bool has_state;
    struct raft_hard_state state; /* the last one */

    /* The log after overrides; all 0 when it holds no entry. */
    uint64_t first_index, last_index, last_term;
    uint64_t entries;    /* entry records */
    uint64_t overridden; /* entries taken back by a later record of the same or a lower index */
    uint64_t
        lowest_start; /* a start at a lower snapshot index fails: the log has a hole above it */
    uint64_t conf_changes; /* in the log after overrides, ConfChangeV2 apart */
    uint64_t conf_changes_v2;
    struct raft_term_run *terms;
    size_t term_count;

    /* v2 requests: etcd 3.7 panics on one above its boot snapshot. */
    uint64_t v2_requests;
    uint64_t v2_above_boot; /* above boot_37.index; at most RAFT_V2_KEPT_MAX are counted */
    uint64_t v2_last_index;

    struct raft_snap_mark *marks; /* snapshot records in WAL order, valid ones or not */
    size_t mark_count;

    bool is_torn; /* etcd cuts the last segment here at its next start */
    char torn_file[RAFT_NAME_MAX];
    uint64_t torn_offset;
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

/* Term of the log at `index`; false when the log does not hold it. */
bool raft_term_at(const struct raft_wal_facts *f, uint64_t index, uint64_t *ret);

#endif
