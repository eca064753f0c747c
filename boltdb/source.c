#include "boltdb/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int fd_read(const struct bolt_source *src, uint64_t off, void *buf, size_t len,
                   struct err *err)
{
    uint8_t *to = buf;
    size_t done = 0;

    if (off > src->size || len > src->size - off)
        return err_set(err, ERR_IO,
                       "'%s': read of %zu bytes at byte %" PRIu64 " is past the end, byte %" PRIu64,
                       src->name, len, off, src->size);
    while (done < len) {
        ssize_t n = pread(src->fd, to + done, len - done, (off_t)(off + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, "'%s': read at byte %" PRIu64, src->name, off + done);
        if (n == 0)
            return err_set(err, ERR_IO,
                           "'%s': file has shrunk while it was read: it ends at byte %" PRIu64
                           ", want %" PRIu64,
                           src->name, off + done, src->size);
        done += (size_t)n;
    }
    return ERR_OK;
}

static bool fd_is_cached(const struct bolt_source *src, uint64_t off)
{
    uint8_t byte;
    struct iovec iov = {.iov_base = &byte, .iov_len = 1};

    return preadv2(src->fd, &iov, 1, (off_t)off, RWF_NOWAIT) == 1;
}

static void fd_announce(const struct bolt_source *src, uint64_t off, size_t len)
{
    (void)posix_fadvise(src->fd, (off_t)off, (off_t)len, POSIX_FADV_WILLNEED);
}

static int memory_read(const struct bolt_source *src, uint64_t off, void *buf, size_t len,
                       struct err *err)
{
    if (off > src->size || len > src->size - off)
        return err_set(err, ERR_IO,
                       "'%s': read of %zu bytes at byte %" PRIu64 " is past the end, byte %" PRIu64,
                       src->name, len, off, src->size);
    if (len > 0)
        memcpy(buf, src->data + off, len);
    return ERR_OK;
}

struct bolt_source bolt_source_fd(int fd, const char *name, uint64_t size)
{
    return (struct bolt_source){
        .read = fd_read,
        .is_cached = fd_is_cached,
        .announce = fd_announce,
        .name = name,
        .size = size,
        .fd = fd,
    };
}

struct bolt_source bolt_source_memory(struct slice image, const char *name)
{
    return (struct bolt_source){
        .read = memory_read,
        .name = name,
        .size = image.len,
        .fd = -1,
        .data = image.data,
    };
}
