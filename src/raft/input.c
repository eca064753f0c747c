#include "src/raft/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/auto.h"

enum { BLOCK = 256 << 10 };

static int check_file(int fd, const char *name, uint64_t *size, struct err *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return err_sys(err, "stat '%s'", name);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_IO, "'%s' is no regular file", name);
    *size = (uint64_t)st.st_size;
    return ERR_OK;
}

static void close_file(struct raft_input *in)
{
    if (in->fd >= 0)
        (void)close(TAKE_FD(in->fd));
}

int raft_input_open(struct raft_input *in, int dir, const char *name, struct err *err)
{
    /* O_NONBLOCK: a FIFO must not make it wait. */
    AUTO_CLOSE int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    uint64_t size = 0;

    close_file(in);
    if (fd < 0)
        return err_sys(err, "open '%s'", name);
    int r = check_file(fd, name, &size, err);
    if (r < 0)
        return r;
    uint8_t *block = in->block != NULL ? in->block : malloc(BLOCK);
    if (block == NULL)
        return err_nomem(err);
    *in = (struct raft_input){.fd = TAKE_FD(fd), .size = size, .block = block};
    return ERR_OK;
}

void raft_input_done(struct raft_input *in)
{
    close_file(in);
    free(in->block);
    *in = RAFT_INPUT_NONE;
}

static int read_at(const struct raft_input *in, uint64_t at, uint8_t *to, size_t len, size_t *got,
                   struct err *err)
{
    *got = 0;
    while (*got < len) {
        ssize_t n = pread(in->fd, to + *got, len - *got, (off_t)(at + *got));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, "read at byte %" PRIu64, at + *got);
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return ERR_OK;
}

/* Bytes of the block from the current place on; fills it when there are none. */
static int fill(struct raft_input *in, size_t *ret, struct err *err)
{
    if (in->at < in->block_at || in->at >= in->block_at + in->block_len) {
        in->block_at = in->at;
        int r = read_at(in, in->at, in->block, BLOCK, &in->block_len, err);
        if (r < 0)
            return r;
    }
    *ret = (size_t)(in->block_at + in->block_len - in->at);
    return ERR_OK;
}

int raft_input_read(struct raft_input *in, uint8_t *to, size_t len, size_t *got, struct err *err)
{
    *got = 0;
    while (*got < len) {
        size_t n = 0;
        int r = fill(in, &n, err);

        if (r < 0)
            return r;
        if (n == 0)
            break;
        if (n > len - *got)
            n = len - *got;
        memcpy(to + *got, in->block + (in->at - in->block_at), n);
        *got += n;
        in->at += n;
    }
    return ERR_OK;
}

int raft_input_tail(struct raft_input *in, uint64_t *ret, struct err *err)
{
    uint64_t start = in->at;

    *ret = 0;
    for (;;) {
        size_t n = 0;
        int r = fill(in, &n, err);

        if (r < 0 || n == 0)
            return r;
        const uint8_t *bytes = in->block + (in->at - in->block_at);
        for (size_t i = n; i > 0; i--) {
            if (bytes[i - 1] != 0) {
                *ret = in->at + i - start;
                break;
            }
        }
        in->at += n;
    }
}
