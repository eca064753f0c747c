#include "src/proof/snapshot.h"

static const struct {
    const char *code;
    const char *words;
} row[] = {
    [PROOF_API_SNAPSHOT] = {"api-snapshot", "snapshot made by etcd's API, with its trailer"},
    [PROOF_API_MISMATCH] = {"api-snapshot-mismatch",
                            "snapshot made by etcd's API, whose trailer does not match"},
    [PROOF_API_LOST_TRAILER] = {"api-snapshot-no-trailer",
                                "snapshot made by etcd's API that lost its trailer"},
    [PROOF_DB_COPY] = {"db-copy", "copy of a member's db"},
    [PROOF_TRUNCATED] = {"truncated", "the first part of a longer file"},
    [PROOF_WRAPPED] = {"wrapped", "archive, or compressed or encrypted file"},
    [PROOF_EMPTY] = {"empty", "empty file"},
    [PROOF_NO_DB] = {"no-db", "no bbolt db"},
};

const char *proof_provenance_words(enum proof_provenance p)
{
    return row[p].words;
}

const char *proof_provenance_code(enum proof_provenance p)
{
    return row[p].code;
}
