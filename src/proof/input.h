/* The file under proof: opened without ever hanging, locking or writing, and watched for change. */
#ifndef PROOF_INPUT_H
#define PROOF_INPUT_H

#include <sys/stat.h>

#include "src/base/err.h"
#include "src/base/le.h"

struct input {
    int fd;         /* for the tree: random reads with read-ahead advice */
    int hash_fd;    /* for the hash: front to back */
    struct stat st; /* as it was when it was opened */
};

/* ERR_NOTFOUND, ERR_REFUSED for a directory, FIFO, device or socket, ERR_IO. */
int input_open(const char *path, struct input *ret, struct err *err);
void input_close(struct input *in);

/* ERR_IO when size or modification time are no longer those of input_open(). */
int input_unchanged(const struct input *in, const char *path, struct err *err);

/* Read exactly `len` bytes at `off`; false when that cannot be had. */
bool input_read(const struct input *in, uint64_t off, void *buf, size_t len);

/* Where the zeros that end the file's first `end` bytes begin: `end` when the last byte is none. */
uint64_t input_zero_tail(const struct input *in, uint64_t end);

/* "zip", "gzip", ... by the first bytes, whatever the name says; NULL when nothing is known. */
const char *input_wrapping(const struct input *in);

#endif
