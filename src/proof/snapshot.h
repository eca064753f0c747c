/* Prove an input: one pass over a snapshot file or a db that says what it is, whether it is whole,
 * and what its cluster looks like.
 *
 * Two threads read it: one hashes it front to back (and so warms the page cache), the calling one
 * walks the tree and hands every sound item to etcd_scan and then to `next`, which may be a
 * rewrite. The source is opened read-only, never locked, never written.
 *
 * An API snapshot is the db followed by 32 bytes, the SHA-256 of it (etcd api/v3rpc
 * maintenance.go); its db ends at the high-water mark and has the newer txid in meta 0
 * (bbolt tx.go WriteTo). A copied db may be longer than that and has txid T in meta T % 2. */
#ifndef PROOF_SNAPSHOT_H
#define PROOF_SNAPSHOT_H

#include "boltdb/walk.h"
#include "src/base/sha256.h"
#include "src/etcd/facts.h"

enum proof_provenance {
    PROOF_API_SNAPSHOT,     /* with its trailer; trailer_ok once it has run */
    PROOF_API_MISMATCH,     /* with a trailer that is not its own; known once it has run */
    PROOF_API_LOST_TRAILER, /* ends exactly at the high-water mark, metas as WriteTo writes them */
    PROOF_DB_COPY,          /* a live or stopped member's db, or a defragmented or rebuilt one */
    PROOF_TRUNCATED,        /* shorter than the meta says */
    PROOF_WRAPPED,          /* zip, gzip, zstd, xz, ...: wrapping says which */
    PROOF_EMPTY,
    PROOF_NO_DB,
};

/* For people: "snapshot made by etcd's API, trailer matches". */
const char *proof_provenance_words(enum proof_provenance p);
/* For JSON: "api-snapshot". */
const char *proof_provenance_code(enum proof_provenance p);

enum proof_trailer {
    PROOF_TRAILER_WANTED,   /* a missing one is suspect */
    PROOF_TRAILER_OPTIONAL, /* a missing one is a note; one that is there must match */
    PROOF_TRAILER_NONE,     /* the db of a data directory: none is looked for */
};

struct proof_snapshot {
    enum proof_provenance provenance;
    const char *wrapping; /* "gzip", NULL when not wrapped */
    uint64_t file_size;   /* bytes */
    uint64_t db_size;     /* without the trailer */
    bool has_trailer;
    bool trailer_ok; /* has_trailer, and it matched */
    bool has_sha256; /* both digests are set: a trailer was checked, or want_sha256 */
    uint8_t file_sha256[SHA256_SIZE];
    uint8_t db_sha256[SHA256_SIZE]; /* without the trailer */
    uint32_t page_size;
    uint64_t txid;
    int active_meta;
    bool other_meta_walks; /* asked only when the walk found damage */
    struct bolt_stats stats;
    struct etcd_facts facts;
    struct proof_input *input; /* private */
};

struct proof_options {
    bool want_sha256;           /* digests although there is no trailer to check */
    bool want_hash;             /* etcd_scan_options */
    bool want_live_keys;        /* etcd_scan_options */
    bool use_older_meta;        /* walk from the valid meta with the smaller txid */
    struct slice follow;        /* etcd_scan_options; lent */
    struct bolt_visitor next;   /* each call goes here after etcd_scan; NULL members are skipped */
    _Atomic uint64_t *progress; /* bytes done of db_size, or NULL */
    _Atomic bool *cancel;       /* becomes true: ERR_INTERRUPTED, or NULL */
};

/* Open and identify. ERR_OK whatever the file holds: what it is stands in `ret->provenance`, what
 * is wrong with it goes to `sink` (lent until proof_snapshot_done()). ERR_NOTFOUND, ERR_REFUSED
 * for anything but a regular file, ERR_IO, ERR_NOMEM. `ret` needs proof_snapshot_done() on
 * success. */
int proof_snapshot_open(const char *path, enum proof_trailer trailer, struct finding_sink *sink,
                        struct proof_snapshot *ret, struct err *err);

/* The db inside, lent until proof_snapshot_done(); NULL when there is none to walk. */
struct bolt_db *proof_snapshot_db(const struct proof_snapshot *s);
/* A callback of `next` may look at what the scan has seen so far; after the run use s->facts. */
const struct etcd_facts *proof_snapshot_facts_so_far(const struct proof_snapshot *s);

/* Hash, walk, scan; fills the rest of `s`. Once. Without a db only the hash is made. ERR_OK however
 * many findings there are; ERR_IO (also when the source changed meanwhile), ERR_NOMEM,
 * ERR_INTERRUPTED, or what `next` returned. */
int proof_snapshot_run(struct proof_snapshot *s, const struct proof_options *options,
                       struct err *err);
void proof_snapshot_done(struct proof_snapshot *s);

#define AUTO_PROOF_SNAPSHOT __attribute__((cleanup(proof_snapshot_done)))

#endif
