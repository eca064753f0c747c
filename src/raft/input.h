/* Sequential reads of one file through a block, at any length. */
#ifndef RAFT_INPUT_H
#define RAFT_INPUT_H

#include "src/base/buf.h"

struct raft_input {
    int fd;
    uint64_t size; /* at the time it was opened */
    uint64_t at;   /* offset of the next byte */
    uint64_t block_at;
    size_t block_len;
    uint8_t *block;
};

#define RAFT_INPUT_NONE ((struct raft_input){.fd = -1})

/* Open a regular file; an open one is closed first, its block is kept. ERR_IO. */
int raft_input_open(struct raft_input *in, int dir, const char *name, struct err *err);
void raft_input_done(struct raft_input *in);

/* Read up to `len` bytes; *got is less at the end of the file only. */
int raft_input_read(struct raft_input *in, uint8_t *to, size_t len, size_t *got, struct err *err);

/* Number of bytes from `at` on up to the last one that is not zero. Moves to the end. */
int raft_input_tail(struct raft_input *in, uint64_t *ret, struct err *err);

#endif
