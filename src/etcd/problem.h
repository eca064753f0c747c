/* The findings of this room: what is wrong with the rows of an etcd backend. docs/errors.md shows
 * this table. Cured are the membership rows, which no restore carries over. */
#ifndef ETCD_PROBLEM_H
#define ETCD_PROBLEM_H

#include "src/base/finding.h"

#define ETCD_ADVICE_OTHER "take another snapshot or another member's directory"
#define ETCD_ADVICE_NONE "nothing needs to be done"
#define ETCD_ADVICE_MEMBERS "a restore writes new members; on a running cluster compare member list"

/*    enum                    code                severity          meaning, next step */
#define ETCD_PROBLEMS(X)                                                                          \
    X(ETCD_NOT_ETCD, "not-etcd", FINDING_DAMAGE, "the db holds none of etcd's buckets",           \
      "check that this is the right file")                                                        \
    X(ETCD_MISSING_BUCKET, "missing-bucket", FINDING_NOTE,                                        \
      "a bucket that every started etcd creates is not there", ETCD_ADVICE_NONE)                  \
    X(ETCD_MISSING_KEYS, "missing-key-bucket", FINDING_SUSPECT,                                   \
      "the bucket with all revisions is not there", ETCD_ADVICE_OTHER)                            \
    X(ETCD_UNKNOWN_BUCKET, "unknown-bucket", FINDING_NOTE,                                        \
      "a top-level bucket that no etcd up to 3.7 creates", "check what wrote it")                 \
    X(ETCD_NESTED_BUCKET, "nested-bucket", FINDING_DAMAGE,                                        \
      "a bucket inside a bucket, which etcd never makes", ETCD_ADVICE_OTHER)                      \
    X(ETCD_ROOT_KEY, "root-key", FINDING_DAMAGE, "a key beside the top-level buckets",            \
      ETCD_ADVICE_OTHER)                                                                          \
    X(ETCD_UNKNOWN_KEY, "unknown-key", FINDING_NOTE,                                              \
      "a row that no etcd up to 3.7 writes into this bucket", "check what wrote it")              \
    X(ETCD_REV_BAD_LENGTH, "revision-length", FINDING_DAMAGE,                                     \
      "a revision key of neither 17 nor 18 bytes", ETCD_ADVICE_OTHER)                             \
    X(ETCD_REV_BAD_SHAPE, "revision-shape", FINDING_DAMAGE,                                       \
      "a revision key with a wrong separator or tombstone mark", ETCD_ADVICE_OTHER)               \
    X(ETCD_REV_BELOW_ZERO, "revision-negative", FINDING_DAMAGE,                                   \
      "a revision key with a negative number", ETCD_ADVICE_OTHER)                                 \
    X(ETCD_REV_TWICE, "revision-twice", FINDING_DAMAGE,                                           \
      "one revision both as a put and as a tombstone", ETCD_ADVICE_OTHER)                         \
    X(ETCD_REV_GAP, "revision-gap", FINDING_SUSPECT,                                              \
      "revisions above the last compaction are missing",                                          \
      "keys may be lost: compare with another snapshot, or accept the loss")                      \
    X(ETCD_KV_DECODE, "kv-decode", FINDING_DAMAGE, "a row that is no KeyValue message",           \
      ETCD_ADVICE_OTHER)                                                                          \
    X(ETCD_KV_UNKNOWN_FIELD, "kv-unknown-field", FINDING_SUSPECT,                                 \
      "a KeyValue with a field that no etcd up to 3.7 writes", ETCD_ADVICE_OTHER)                 \
    X(ETCD_KV_NO_KEY, "kv-no-key", FINDING_DAMAGE, "a KeyValue without a user key",               \
      ETCD_ADVICE_OTHER)                                                                          \
    X(ETCD_KV_MOD, "kv-mod-revision", FINDING_DAMAGE,                                             \
      "a KeyValue whose mod revision is not that of its row", ETCD_ADVICE_OTHER)                  \
    X(ETCD_KV_CREATE, "kv-create-revision", FINDING_DAMAGE,                                       \
      "a KeyValue created below revision 1 or after it was modified", ETCD_ADVICE_OTHER)          \
    X(ETCD_KV_VERSION, "kv-version", FINDING_DAMAGE, "a KeyValue with a version below 1",         \
      ETCD_ADVICE_OTHER)                                                                          \
    X(ETCD_KV_HISTORY, "kv-history", FINDING_SUSPECT,                                             \
      "a KeyValue whose version does not fit its create and mod revisions", ETCD_ADVICE_OTHER)    \
    X(ETCD_TOMBSTONE, "tombstone-content", FINDING_DAMAGE,                                        \
      "a tombstone that holds more than a user key", ETCD_ADVICE_OTHER)                           \
    X(ETCD_BUMP_ROW, "empty-row", FINDING_SUSPECT,                                                \
      "an empty row where no revision bump can have put it", ETCD_ADVICE_OTHER)                   \
    X(ETCD_LEASE_ROW, "lease-row", FINDING_DAMAGE, "a lease row that does not decode or agree",   \
      ETCD_ADVICE_OTHER)                                                                          \
    X(ETCD_AUTH_ROW, "auth-row", FINDING_DAMAGE, "an auth row that does not decode or agree",     \
      ETCD_ADVICE_OTHER)                                                                          \
    X(ETCD_ALARM_ROW, "alarm-row", FINDING_DAMAGE, "an alarm row that does not decode",           \
      ETCD_ADVICE_OTHER)                                                                          \
    X(ETCD_ALARM_TOO_MANY, "too-many-alarms", FINDING_SUSPECT, "more alarms than are kept",       \
      ETCD_ADVICE_OTHER)                                                                          \
    X(ETCD_ALARM_SPACE, "nospace-alarm", FINDING_NOTE, "a NOSPACE alarm stops all writes",        \
      "a restore drops it")                                                                       \
    X(ETCD_ALARM_DAMAGE, "corrupt-alarm", FINDING_SUSPECT,                                        \
      "etcd raised a CORRUPT alarm: members had different data",                                  \
      "prefer another member's data, or accept this one's")                                       \
    X(ETCD_ALARM_OTHER, "unknown-alarm", FINDING_SUSPECT, "an alarm of a type not known here",    \
      "ask the etcd that raised it")                                                              \
    X(ETCD_MEMBER_ROW_KEY, "member-key", FINDING_DAMAGE,                                          \
      "a member row whose key is no ID as etcd writes it", ETCD_ADVICE_OTHER)                     \
    X(ETCD_MEMBER_ROW_JSON, "member-json", FINDING_DAMAGE, "a member row that is no member JSON", \
      ETCD_ADVICE_OTHER)                                                                          \
    X(ETCD_MEMBER_ROW_ID, "member-id", FINDING_DAMAGE,                                            \
      "a member row whose JSON names another ID than its key", ETCD_ADVICE_OTHER)                 \
    X(ETCD_MEMBER_TWICE, "member-twice", FINDING_DAMAGE, "one member ID in two rows",             \
      ETCD_ADVICE_OTHER)                                                                          \
    X(ETCD_MEMBER_URL_TWICE, "member-url-twice", FINDING_CURED, "two members with one peer URL",  \
      ETCD_ADVICE_MEMBERS)                                                                        \
    X(ETCD_MEMBER_NO_URL, "member-no-url", FINDING_CURED, "a member without a peer URL",          \
      ETCD_ADVICE_MEMBERS)                                                                        \
    X(ETCD_MEMBER_REMOVED, "member-removed", FINDING_CURED,                                       \
      "a member that is also in members_removed", ETCD_ADVICE_MEMBERS)                            \
    X(ETCD_MEMBER_TOO_MANY, "too-many-members", FINDING_CURED, "more members than are kept",      \
      ETCD_ADVICE_MEMBERS)                                                                        \
    X(ETCD_NO_MEMBERS, "no-members", FINDING_CURED, "no member is stored",                        \
      "a restore writes new members; etcd 3.6 and newer cannot use this db as it is")             \
    X(ETCD_REMOVED_ROW, "removed-member-row", FINDING_CURED,                                      \
      "a row of members_removed that etcd does not write", ETCD_ADVICE_MEMBERS)                   \
    X(ETCD_LOST_PROMOTION, "lost-promotion", FINDING_CURED,                                       \
      "a member is stored as learner although the conf state has it as voter",                    \
      "a restore writes new members; an upgrade to 3.6 needs 3.5.26 or newer first")              \
    X(ETCD_CONF_STATE_MEMBERS, "conf-state-members", FINDING_NOTE,                                \
      "the conf state names other voters than the member rows",                                   \
      "normal in a restored db: etcd writes a new conf state when it has started")                \
    X(ETCD_CONF_STATE, "conf-state", FINDING_DAMAGE, "the stored conf state does not decode",     \
      ETCD_ADVICE_OTHER)                                                                          \
    X(ETCD_META_LENGTH, "meta-length", FINDING_DAMAGE,                                            \
      "a row of bucket meta that has not its length", ETCD_ADVICE_OTHER)                          \
    X(ETCD_META_COMPACTION, "meta-compaction", FINDING_DAMAGE,                                    \
      "a compaction revision that does not decode", ETCD_ADVICE_OTHER)                            \
    X(ETCD_COMPACTION_ORDER, "compaction-order", FINDING_SUSPECT,                                 \
      "the finished compaction is above the scheduled one", ETCD_ADVICE_OTHER)                    \
    X(ETCD_NO_INDEX, "no-consistent-index", FINDING_NOTE, "the consistent index is absent or 0",  \
      "normal in a cluster that has just begun; a restore writes a new one")                      \
    X(ETCD_STORAGE_VERSION, "storage-version", FINDING_SUSPECT,                                   \
      "the storage version is no version", ETCD_ADVICE_OTHER)                                     \
    X(ETCD_CLUSTER_VERSION_TEXT, "cluster-version", FINDING_SUSPECT,                              \
      "the cluster version is no version", ETCD_ADVICE_OTHER)                                     \
    X(ETCD_DOWNGRADE, "downgrade", FINDING_SUSPECT, "the downgrade row does not decode",          \
      "a restore drops it")                                                                       \
    X(ETCD_DOWNGRADE_ENABLED, "downgrade-enabled", FINDING_NOTE, "a downgrade was under way",     \
      "a restore drops it")

#define ETCD_PROBLEM_ENUM(name, code, severity, meaning, next) name,
enum etcd_problem { ETCD_PROBLEMS(ETCD_PROBLEM_ENUM) ETCD_PROBLEM_COUNT };
#undef ETCD_PROBLEM_ENUM

/* Code, severity, meaning and next step of `problem`; the caller adds place and text. */
struct finding etcd_finding(enum etcd_problem problem);

#endif
