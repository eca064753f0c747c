/* Where a bbolt image is read from: a descriptor, or memory in tests and fuzzers. Nothing is ever
 * mapped: a file that shrinks or a bad sector is an error with a place, not a signal. */
#ifndef BOLTDB_SOURCE_H
#define BOLTDB_SOURCE_H

#include "src/base/err.h"
#include "src/base/le.h"

struct bolt_source {
    /* Read exactly `len` bytes at `off`. ERR_IO (read error, or the file is shorter than `size`
     * now), with the offset in the message. */
    int (*read)(const struct bolt_source *src, uint64_t off, void *buf, size_t len,
                struct err *err);
    /* True when the byte at `off` is in memory already; NULL means that everything is. */
    bool (*is_cached)(const struct bolt_source *src, uint64_t off);
    /* Say that these bytes are wanted soon; may do nothing, or be NULL. */
    void (*announce)(const struct bolt_source *src, uint64_t off, size_t len);
    const char *name;    /* for messages, lent */
    uint64_t size;       /* bytes of the image, a snapshot's trailer not counted */
    int fd;              /* bolt_source_fd */
    const uint8_t *data; /* bolt_source_memory */
};

/* The descriptor and the name stay the caller's and must outlive the source. Give it a descriptor
 * of its own: read-ahead advice on one that something else reads from front to back slows that
 * down. */
struct bolt_source bolt_source_fd(int fd, const char *name, uint64_t size);
struct bolt_source bolt_source_memory(struct slice image, const char *name);

#endif
