/* A scratch directory and whole-file reads and writes for the tests of the raft room. */
#ifndef TESTS_UNIT_RAFT_DIR_H
#define TESTS_UNIT_RAFT_DIR_H

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "tests/unit/test.h"

struct scratch {
    char path[64];
    int fd;
};

static inline struct scratch scratch_make(void)
{
    struct scratch s = {.path = "/tmp/raft-test-XXXXXX", .fd = -1};

    CHECK(mkdtemp(s.path) != NULL);
    s.fd = open(s.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(s.fd >= 0);
    return s;
}

/* The directory holds files only. */
static inline void scratch_done(struct scratch *s)
{
    DIR *dir = fdopendir(s->fd);

    CHECK(dir != NULL);
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (e->d_name[0] != '.')
            CHECK(unlinkat(dirfd(dir), e->d_name, 0) == 0);
    }
    CHECK(closedir(dir) == 0);
    CHECK(rmdir(s->path) == 0);
}

static inline void read_file(int dir, const char *name, struct buf *into)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    ssize_t n = 0;

    CHECK(fd >= 0);
    do {
        CHECK(buf_reserve(into, 65536, NULL) == ERR_OK);
        n = read(fd, into->data + into->len, 65536);
        CHECK(n >= 0);
        into->len += (size_t)n;
    } while (n > 0);
    CHECK(close(fd) == 0);
}

static inline void write_file(int dir, const char *name, struct slice bytes)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    CHECK(fd >= 0);
    CHECK(write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len);
    CHECK(close(fd) == 0);
}

static inline void add_hex(struct buf *b, const char *hex)
{
    for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
        const char pair[3] = {hex[0], hex[1], '\0'};

        CHECK(buf_byte(b, (uint8_t)strtoul(pair, NULL, 16), NULL) == ERR_OK);
    }
}

#endif
