/* An unlinked temporary file in $TMPDIR, else /var/tmp: it goes away with its descriptor. */
#ifndef ETCD_SPILLFILE_H
#define ETCD_SPILLFILE_H

#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"

/* The descriptor is the caller's. ERR_IO names the directory. */
int spillfile_open(int *ret, struct err *err);

/* Write or read `len` bytes at `off`, all of them. ERR_IO. */
int spillfile_write(int fd, const void *data, size_t len, uint64_t off, struct err *err);
int spillfile_read(int fd, void *data, size_t len, uint64_t off, struct err *err);

#endif
