/* Findings of the raft room: code, severity, meaning, next step. */
#ifndef RAFT_PROBLEM_H
#define RAFT_PROBLEM_H

#include "src/base/finding.h"

#define RAFT_PROBLEMS(X)                                                                           \
    X(RAFT_NO_WAL, "wal-none", FINDING_DAMAGE, "no WAL segment in the directory",                  \
      "name the right WAL directory (--wal-dir), or restore the db as a snapshot")                 \
    X(RAFT_WAL_NAME, "wal-name", FINDING_NOTE, "a file that etcd ignores lies among the segments", \
      "leave it, or remove it when the member runs again")                                         \
    X(RAFT_WAL_GAP, "wal-gap", FINDING_DAMAGE, "a WAL segment is missing between two others",      \
      "find the missing segment, or restore the db as a snapshot")                                 \
    X(RAFT_WAL_TORN, "wal-torn", FINDING_SUSPECT,                                                  \
      "the last WAL record was not written to its end",                                            \
      "nothing: etcd cuts it off at its next start; an acknowledged write is never torn")          \
    X(RAFT_WAL_TAIL, "wal-tail", FINDING_SUSPECT, "bytes behind the end of the log",               \
      "compare the last index with the other members: etcd zeroes these bytes at its next start")  \
    X(RAFT_WAL_CRC, "wal-crc", FINDING_DAMAGE, "a WAL record's CRC does not fit its bytes",        \
      "take another member's directory, or restore the db as a snapshot")                          \
    X(RAFT_WAL_RECORD, "wal-record", FINDING_DAMAGE, "bytes that are no WAL record",               \
      "take another member's directory, or restore the db as a snapshot")                          \
    X(RAFT_WAL_LARGE, "wal-record-large", FINDING_SUSPECT,                                         \
      "a WAL record larger than is read here", "check the member with its own etcd")               \
    X(RAFT_WAL_METADATA, "wal-metadata", FINDING_DAMAGE,                                           \
      "segments of different members are mixed",                                                   \
      "separate the directories by node and cluster ID")                                           \
    X(RAFT_WAL_HOLE, "wal-hole", FINDING_DAMAGE,                                                   \
      "log entries above the boot snapshot are missing",                                           \
      "take another member's directory, or restore the db as a snapshot")                          \
    X(RAFT_WAL_TERM, "wal-term", FINDING_DAMAGE, "terms of the log go backwards",                  \
      "take another member's directory, or restore the db as a snapshot")                          \
    X(RAFT_WAL_COMMIT, "wal-commit", FINDING_DAMAGE, "the commit index lies outside the log",      \
      "take another member's directory, or restore the db as a snapshot")                          \
    X(RAFT_WAL_MARK, "wal-snapshot", FINDING_DAMAGE, "two snapshot records disagree on a term",    \
      "take another member's directory, or restore the db as a snapshot")                          \
    X(RAFT_WAL_NO_MARK, "wal-no-snapshot", FINDING_SUSPECT, "no valid snapshot record in the WAL", \
      "etcd 3.7 does not start on it; restore the db as a snapshot")                               \
    X(RAFT_WAL_V2, "wal-v2-request", FINDING_NOTE,                                                 \
      "requests of the v2 API lie above the boot snapshot",                                        \
      "start it with etcd 3.4 to 3.6 only, or restore the db as a snapshot")                       \
    X(RAFT_WAL_CONF_V2, "wal-conf-change-v2", FINDING_DAMAGE,                                      \
      "a conf change of a kind no etcd applies", "restore the db as a snapshot")                   \
    X(RAFT_SNAP_BAD, "snap-damaged", FINDING_SUSPECT, "a .snap file is damaged",                   \
      "nothing: etcd sets it aside and takes an older one; see wal-hole when there is none")       \
    X(RAFT_SNAP_NAME_WRONG, "snap-name", FINDING_SUSPECT,                                          \
      "a .snap file's name does not fit its content",                                              \
      "rename it to what its content says, or remove it")                                          \
    X(RAFT_SNAP_ORPHAN, "snap-orphan", FINDING_NOTE, "a .snap file without a valid WAL record",    \
      "nothing: etcd ignores it")                                                                  \
    X(RAFT_SNAP_NONE, "snap-none", FINDING_DAMAGE,                                                 \
      "no usable .snap file though the log does not start at entry 1",                             \
      "start it with etcd 3.7, or restore the db as a snapshot")                                   \
    X(RAFT_V2STORE, "snap-v2store", FINDING_SUSPECT, "the v2 store in a .snap cannot be read",     \
      "start it with etcd 3.7, or restore the db as a snapshot")                                   \
    X(RAFT_V2_FOREIGN, "snap-v2-content", FINDING_SUSPECT, "the v2 store holds v2 API content",    \
      "etcd 3.6 refuses it; migrate or drop the v2 keys")

enum raft_problem {
#define RAFT_PROBLEM_ENUM(name, code, severity, meaning, next) name,
    RAFT_PROBLEMS(RAFT_PROBLEM_ENUM)
#undef RAFT_PROBLEM_ENUM
        RAFT_PROBLEM_COUNT
};

struct raft_problem_info {
    const char *code;
    enum finding_severity severity;
    const char *meaning;
    const char *next;
};
extern const struct raft_problem_info raft_problem_table[RAFT_PROBLEM_COUNT];

#endif
