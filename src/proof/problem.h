/* The findings of this room: what is wrong with a file as a whole, before its pages are looked at.
 * docs/errors.md shows this table. */
#ifndef PROOF_PROBLEM_H
#define PROOF_PROBLEM_H

#include "src/base/finding.h"

/*    enum                    code                severity          meaning, next step */
#define PROOF_PROBLEMS(X)                                                                        \
    X(PROOF_EMPTY_FILE, "empty-file", FINDING_DAMAGE, "the file has no bytes",                   \
      "take another snapshot")                                                                   \
    X(PROOF_NOT_A_DB, "not-a-db", FINDING_DAMAGE, "the file is no bbolt db",                     \
      "check that this is the right file")                                                       \
    X(PROOF_WRAPPED_FILE, "wrapped-file", FINDING_DAMAGE,                                        \
      "the file is an archive or is compressed or encrypted", "unpack it and name the result")   \
    X(PROOF_ZERO_TAIL, "zero-tail", FINDING_DAMAGE, "the file ends in zeros where data belongs", \
      "copy it again or take another")                                                           \
    X(PROOF_TRAILER_MISMATCH, "trailer-mismatch", FINDING_DAMAGE,                                \
      "the SHA-256 at the end of the file is not that of the bytes before it",                   \
      "copy it again or take another")                                                           \
    X(PROOF_TRAILER_MISSING, "trailer-missing", FINDING_SUSPECT,                                 \
      "there is no SHA-256 at the end, so a changed value cannot be seen",                       \
      "use --skip-hash-check when this copy is meant")                                           \
    X(PROOF_OLDER_META_WHOLE, "older-meta-whole", FINDING_NOTE,                                  \
      "the tree of the older meta page is whole", "the state one commit earlier can be rebuilt") \
    X(PROOF_DB_MISSING, "db-missing", FINDING_DAMAGE, "the data directory has no db",            \
      "restore a snapshot, or take another member's directory")                                  \
    X(PROOF_WAL_MISSING, "wal-missing", FINDING_DAMAGE, "the data directory has no WAL",         \
      "name it with --wal-dir, or restore the db as a snapshot")                                 \
    X(PROOF_IN_USE, "in-use", FINDING_NOTE, "another process holds the db",                      \
      "stop it and verify again: what changes while it is read may look damaged")                \
    X(PROOF_DB_AHEAD, "db-ahead-of-wal", FINDING_DAMAGE,                                         \
      "the db has applied entries that the log does not have",                                   \
      "do not start it: new writes would be lost; restore the db as a snapshot")                 \
    X(PROOF_DB_BEHIND, "db-behind-snapshot", FINDING_DAMAGE,                                     \
      "the log starts after what the db has applied",                                            \
      "etcd panics on it; restore the db as a snapshot, or take another member's directory")     \
    X(PROOF_TERM_DIFFERS, "term-differs", FINDING_DAMAGE,                                        \
      "db and log give one index two terms: they are of different histories",                    \
      "find the log that belongs to this db, or restore the db as a snapshot")                   \
    X(PROOF_SELF_REMOVED, "self-removed", FINDING_DAMAGE, "the cluster has removed this member", \
      "take another member's directory")                                                         \
    X(PROOF_SELF_UNKNOWN, "self-unknown", FINDING_DAMAGE,                                        \
      "the log's own member is not among the db's members",                                      \
      "restore the db as a snapshot with etcd-rescue snapshot restore")                          \
    X(PROOF_VIEWS_DIFFER, "members-differ", FINDING_SUSPECT,                                     \
      "db and .snap name different members",                                                     \
      "etcd 3.4 and 3.5 believe the .snap, 3.6 and 3.7 the db: compare before an upgrade")

#define PROOF_ENUM(name, code, severity, meaning, next) name,
enum proof_problem { PROOF_PROBLEMS(PROOF_ENUM) PROOF_PROBLEM_COUNT };
#undef PROOF_ENUM

/* Code, severity and next step of `problem`; the caller adds place and text. */
struct finding proof_finding(enum proof_problem problem);

#endif
