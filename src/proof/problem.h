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
    X(PROOF_TRUNCATED_FILE, "truncated", FINDING_DAMAGE,                                         \
      "the file is shorter than its newest meta page says", "copy it again or take another")     \
    X(PROOF_ZERO_TAIL, "zero-tail", FINDING_DAMAGE, "the file ends in zeros where data belongs", \
      "copy it again or take another")                                                           \
    X(PROOF_TRAILER_MISMATCH, "trailer-mismatch", FINDING_DAMAGE,                                \
      "the SHA-256 at the end of the file is not that of the bytes before it",                   \
      "copy it again or take another")                                                           \
    X(PROOF_TRAILER_MISSING, "trailer-missing", FINDING_SUSPECT,                                 \
      "there is no SHA-256 at the end, so a changed value cannot be seen",                       \
      "use --skip-hash-check when this copy is meant")                                           \
    X(PROOF_EXTRA_BYTES, "extra-bytes", FINDING_SUSPECT,                                         \
      "bytes that are no zeros follow the last page", "check where the file comes from")         \
    X(PROOF_OLDER_META_WHOLE, "older-meta-whole", FINDING_NOTE,                                  \
      "the tree of the older meta page is whole", "the state one commit earlier can be rebuilt")

#define PROOF_ENUM(name, code, severity, meaning, next) name,
enum proof_problem { PROOF_PROBLEMS(PROOF_ENUM) PROOF_PROBLEM_COUNT };
#undef PROOF_ENUM

/* Code, severity and next step of `problem`; the caller adds place and text. */
struct finding proof_finding(enum proof_problem problem);

#endif
