#include "src/raft/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "src/base/auto.h"

int raft_new_file(int dir, const char *name, int *ret, struct err *err)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_sys(err, "create '%s'", name);
    *ret = fd;
    return ERR_OK;
}

int raft_write_all(int fd, const char *name, struct slice bytes, struct err *err)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.data, bytes.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, "write '%s'", name);
        bytes = (struct slice){bytes.data + n, bytes.len - (size_t)n};
    }
    return ERR_OK;
}

int raft_finish_file(int *fd, const char *name, struct err *err)
{
    int owned = TAKE_FD(*fd);

    if (fsync(owned) < 0) {
        int r = err_sys(err, "sync '%s'", name);

        (void)close(owned);
        return r;
    }
    if (close(owned) < 0)
        return err_sys(err, "close '%s'", name);
    return ERR_OK;
}

static bool parse_hex(const char *text, uint64_t *ret)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t value = 0;

    for (size_t i = 0; i < 16; i++) {
        const char *digit = text[i] != '\0' ? strchr(digits, text[i]) : NULL;

        if (digit == NULL)
            return false;
        value = value << 4 | (uint64_t)(digit - digits);
    }
    *ret = value;
    return true;
}

bool raft_name_parse(const char *name, const char *suffix, uint64_t *first, uint64_t *second)
{
    return strlen(name) == 33 + strlen(suffix) && parse_hex(name, first) && name[16] == '-' &&
           parse_hex(name + 17, second) && strcmp(name + 33, suffix) == 0;
}
