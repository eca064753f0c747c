#include "src/proof/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

enum { TAIL_STEP = 8 << 10, HEAD_SIZE = 512 };

static const char *kind_name(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a directory";
    if (S_ISFIFO(mode))
        return "a FIFO";
    if (S_ISSOCK(mode))
        return "a socket";
    return "a device";
}

static int open_regular(const char *path, int *ret_fd, struct stat *ret_st, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0 && errno == ENOENT)
        return err_set(err, ERR_NOTFOUND, "'%s' does not exist", path);
    if (fd < 0 && errno == ENXIO)
        return err_set(err, ERR_REFUSED, "'%s' is a socket or a device, want a file", path);
    if (fd < 0)
        return err_sys(err, "open '%s'", path);
    if (fstat(fd, ret_st) < 0) {
        int r = err_sys(err, "stat '%s'", path);

        (void)close(fd);
        return r;
    }
    if (!S_ISREG(ret_st->st_mode)) {
        (void)close(fd);
        return err_set(err, ERR_REFUSED, "'%s' is %s, want a file", path,
                       kind_name(ret_st->st_mode));
    }
    *ret_fd = fd;
    return ERR_OK;
}

int input_open(const char *path, struct input *ret, struct err *err)
{
    struct input in = {.fd = -1, .hash_fd = -1};
    struct stat again;
    int r = open_regular(path, &in.fd, &in.st, err);

    if (r == ERR_OK)
        r = open_regular(path, &in.hash_fd, &again, err);
    if (r == ERR_OK && (again.st_ino != in.st.st_ino || again.st_dev != in.st.st_dev))
        r = err_set(err, ERR_IO, "'%s' was replaced while it was opened", path);
    if (r < 0) {
        input_close(&in);
        return r;
    }
    (void)posix_fadvise(in.hash_fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    *ret = in;
    return ERR_OK;
}

void input_close(struct input *in)
{
    if (in->fd >= 0)
        (void)close(in->fd);
    if (in->hash_fd >= 0)
        (void)close(in->hash_fd);
    in->fd = in->hash_fd = -1;
}

int input_unchanged(const struct input *in, const char *path, struct err *err)
{
    struct stat now;

    if (fstat(in->fd, &now) < 0)
        return err_sys(err, "stat '%s'", path);
    if (now.st_size != in->st.st_size || now.st_mtim.tv_sec != in->st.st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != in->st.st_mtim.tv_nsec)
        return err_set(err, ERR_IO,
                       "'%s' changed while it was read (%" PRId64 " bytes before, %" PRId64
                       " now): try again when nothing writes to it",
                       path, (int64_t)in->st.st_size, (int64_t)now.st_size);
    return ERR_OK;
}

bool input_read(const struct input *in, uint64_t off, void *buf, size_t len)
{
    uint8_t *to = buf;

    while (len > 0) {
        ssize_t n = pread(in->fd, to, len, (off_t)off);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        to += n;
        off += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

uint64_t input_zero_tail(const struct input *in, uint64_t end)
{
    uint8_t step[TAIL_STEP];

    while (end > 0) {
        size_t len = end < sizeof step ? (size_t)end : sizeof step;

        if (!input_read(in, end - len, step, len))
            return end;
        for (size_t i = len; i > 0; i--)
            if (step[i - 1] != 0)
                return end - len + i;
        end -= len;
    }
    return 0;
}

static const struct {
    const char *name;
    size_t offset;
    struct slice magic;
} wrapping[] = {
#define MAGIC(name, offset, bytes)                      \
    {                                                   \
        name, offset,                                   \
        {                                               \
            (const uint8_t *)(bytes), sizeof(bytes) - 1 \
        }                                               \
    }
    MAGIC("zip", 0, "PK\x03\x04"),
    MAGIC("empty zip", 0, "PK\x05\x06"),
    MAGIC("gzip", 0, "\x1f\x8b"),
    MAGIC("zstd", 0, "\x28\xb5\x2f\xfd"),
    MAGIC("xz", 0,
          "\xfd"
          "7zXZ"),
    MAGIC("bzip2", 0, "BZh"),
    MAGIC("lz4", 0, "\x04\x22\x4d\x18"),
    MAGIC("age", 0, "age-encryption.org/"),
    MAGIC("ASCII age", 0, "-----BEGIN AGE"),
    MAGIC("ASCII PGP", 0, "-----BEGIN PGP"),
    MAGIC("tar", 257, "ustar"),
#undef MAGIC
};

const char *input_wrapping(const struct input *in)
{
    uint8_t head[HEAD_SIZE];
    size_t have = (uint64_t)in->st.st_size < sizeof head ? (size_t)in->st.st_size : sizeof head;
    struct slice all = {head, have};
    struct slice part;

    if (!input_read(in, 0, head, have))
        return NULL;
    for (size_t i = 0; i < sizeof wrapping / sizeof *wrapping; i++)
        if (slice_sub(all, wrapping[i].offset, wrapping[i].magic.len, &part) &&
            slice_eq(part, wrapping[i].magic))
            return wrapping[i].name;
    return NULL;
}
