/* Is there room for what will be written? Asked before anything is. */
#ifndef RESET_SPACE_H
#define RESET_SPACE_H

#include "src/base/err.h"
#include "src/base/le.h"

enum {
    RESET_SPACE_EXTRA = 4 << 20, /* bytes: WAL, .snap, directories, a growing journal */
    RESET_INODES = 12,           /* files and directories of a new member */
};

struct reset_space {
    uint64_t free_bytes; /* for this user */
    uint64_t free_inodes;
    bool has_inodes; /* some file systems make them as they go */
};

/* Of the file system that holds directory `dir`. ERR_IO. */
int reset_space_get(int dir, struct reset_space *ret, struct err *err);

/* ERR_REFUSED, with have and want, when `bytes` of db do not fit. `path` is for the message. */
int reset_space_check(const struct reset_space *space, uint64_t bytes, const char *path,
                      struct err *err);

#endif
