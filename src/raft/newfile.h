/* New files of the raft room: created once, written through, named by two hex numbers. */
#ifndef RAFT_NEWFILE_H
#define RAFT_NEWFILE_H

#include "src/base/err.h"
#include "src/base/le.h"

/* Create `name` (O_EXCL, mode 0600) for writing. */
int raft_new_file(int dir, const char *name, int *ret, struct err *err);
int raft_write_all(int fd, const char *name, struct slice bytes, struct err *err);
/* Sync and close *fd; it is -1 afterwards, whatever happens. */
int raft_finish_file(int *fd, const char *name, struct err *err);

/* Parse <16 hex>-<16 hex><suffix>, lower case. */
bool raft_name_parse(const char *name, const char *suffix, uint64_t *first, uint64_t *second);

#endif
