/* Sequential writer of one large new file, and the proof that it reads back.
 *
 * Bytes are collected in 1 MiB blocks; a writer thread puts them on disk, with O_DIRECT where the
 * file system has it, else buffered in 256 KiB calls with early write-back. A CRC32C per block is
 * kept for blockfile_read_back(). Block 0 is held back and written last, after everything else is
 * durable: a file whose first page is missing is no db. */
#ifndef BASE_BLOCKFILE_H
#define BASE_BLOCKFILE_H

#include "src/base/err.h"
#include "src/base/le.h"

enum { BLOCKFILE_BLOCK = 1 << 20 };

struct blockfile;

enum blockfile_check { BLOCKFILE_CHECK_ALL, BLOCKFILE_CHECK_SAMPLE, BLOCKFILE_CHECK_NONE };

/* Create `name` in directory `dir` (O_EXCL, mode 0600). `size_hint` bytes are expected at most. */
int blockfile_create(int dir, const char *name, uint64_t size_hint, struct blockfile **ret,
                     struct err *err);
/* Stops the thread and closes; the file stays where it is, unfinished when not finished. */
void blockfile_free(struct blockfile *f);

/* Append at the end. A failed write shows here or in blockfile_finish(). */
int blockfile_append(struct blockfile *f, struct slice bytes, struct err *err);

/* Make all appended blocks durable, then write `head` over the first bytes of block 0 (at most one
 * block) and make that durable. Nothing may be appended after it. A failed sync is final. */
int blockfile_finish(struct blockfile *f, struct slice head, struct err *err);

/* Re-read from the disk (O_DIRECT, else after dropping the cache) and compare the CRCs: all blocks,
 * or a sample (first, last, and every 64th). ERR_CORRUPT names the block's offset. */
int blockfile_read_back(struct blockfile *f, enum blockfile_check how, struct err *err);

bool blockfile_is_direct(const struct blockfile *f);

#endif
