/* SHA-256 of a file on a thread of its own, front to back, while others read it elsewhere. */
#ifndef PROOF_HASHER_H
#define PROOF_HASHER_H

#include <stdatomic.h>

#include "src/base/sha256.h"

struct hasher;

struct hasher_job {
    int fd;
    const char *name;           /* for messages, lent */
    uint64_t db_size;           /* the first digest covers these bytes */
    uint64_t file_size;         /* the second one all of them */
    _Atomic uint64_t *progress; /* bytes hashed so far, or NULL */
    const _Atomic bool *cancel; /* or NULL */
};

int hasher_start(const struct hasher_job *job, struct hasher **ret, struct err *err);

/* End it early: hasher_join() returns ERR_INTERRUPTED unless it was done. */
void hasher_stop(struct hasher *h);

/* Wait, take both digests, free. ERR_IO with the offset, ERR_INTERRUPTED, ERR_NOMEM. */
int hasher_join(struct hasher *h, uint8_t ret_db[static SHA256_SIZE],
                uint8_t ret_file[static SHA256_SIZE], struct err *err);

#endif
