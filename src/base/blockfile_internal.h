/* Shared by the writing half (blockfile.c) and the reading half (blockfile_check.c). */
#ifndef BASE_BLOCKFILE_INTERNAL_H
#define BASE_BLOCKFILE_INTERNAL_H

#include <pthread.h>
#include <sys/types.h>

#include "src/base/blockfile.h"

enum {
    BLOCKFILE_SLOTS = 3,
    BLOCKFILE_ALIGN = 4096,        /* of O_DIRECT offsets, lengths and buffers */
    BLOCKFILE_COUNT_MAX = 1 << 24, /* blocks, 16 TiB */
};

/* The system calls, so that a test can fail any of them. */
struct blockfile_ops {
    int (*openat)(int dir, const char *name, int flags, mode_t mode);
    ssize_t (*pwrite)(int fd, const void *data, size_t len, off_t off);
    ssize_t (*pread)(int fd, void *data, size_t len, off_t off);
    int (*fdatasync)(int fd);
    int (*ftruncate)(int fd, off_t size);
};

struct blockfile_slot {
    uint8_t *data;
    size_t len;
    uint64_t index; /* of the block */
};

struct blockfile {
    const struct blockfile_ops *ops;
    int fd;
    _Atomic bool is_direct;
    char *name;
    uint64_t size_hint;
    uint8_t *memory; /* block 0, then the ring */

    /* Only the appending thread. */
    uint64_t size;
    struct blockfile_slot *open; /* being filled, NULL when none */
    bool is_finished;            /* nothing more may be appended */
    bool is_whole;               /* finished without a failure */

    /* Writer thread; others when it is idle. */
    uint32_t *crc; /* per block */
    size_t crc_cap;

    /* Under the lock. The open slot is number `filled` % BLOCKFILE_SLOTS. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct blockfile_slot slot[BLOCKFILE_SLOTS];
    uint64_t filled;  /* slots handed to the writer so far */
    uint64_t written; /* slots it is done with */
    bool stop;
    int result; /* first failure of the writer */
    struct err failure;

    bool has_thread;
    pthread_t thread;
};

int blockfile_create_with(const struct blockfile_ops *ops, int dir, const char *name,
                          uint64_t size_hint, struct blockfile **ret, struct err *err);

#endif
