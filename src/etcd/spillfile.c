#include "src/etcd/spillfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include "src/base/auto.h"

/* For file systems without O_TMPFILE. */
static int open_named(const char *dir, struct err *err)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/etcd-rescue-XXXXXX", dir);
    int fd;

    if (n < 0 || (size_t)n >= sizeof path)
        return err_set(err, ERR_IO, "temporary directory '%s': name too long", dir);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return err_sys(err, "make a temporary file in '%s'", dir);
    if (unlink(path) < 0) {
        int r = err_sys(err, "unlink '%s'", path);

        (void)close(fd);
        return r;
    }
    return fd;
}

int spillfile_open(int *ret, struct err *err)
{
    const char *dir = secure_getenv("TMPDIR");
    int fd;

    if (dir == NULL || dir[0] != '/')
        dir = "/var/tmp";
    fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
        fd = open_named(dir, err);
    else if (fd < 0)
        return err_sys(err, "make a temporary file in '%s'", dir);
    if (fd < 0)
        return fd;
    *ret = fd;
    return ERR_OK;
}

int spillfile_write(int fd, const void *data, size_t len, uint64_t off, struct err *err)
{
    const uint8_t *at = data;

    while (len > 0) {
        ssize_t n = pwrite(fd, at, len, (off_t)off);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, "write the temporary file");
        at += n;
        len -= (size_t)n;
        off += (uint64_t)n;
    }
    return ERR_OK;
}

int spillfile_read(int fd, void *data, size_t len, uint64_t off, struct err *err)
{
    uint8_t *at = data;

    while (len > 0) {
        ssize_t n = pread(fd, at, len, (off_t)off);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, "read the temporary file");
        if (n == 0)
            return err_set(err, ERR_IO, "the temporary file ends at byte %llu",
                           (unsigned long long)off);
        at += n;
        len -= (size_t)n;
        off += (uint64_t)n;
    }
    return ERR_OK;
}
