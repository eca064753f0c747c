/* A directory for one test: made, entered, and removed again when the test's process ends. */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/test.h"

enum { SCRATCH_PATH_SIZE = 64, SCRATCH_FDS = 16 };

/* Path of the newest one. */
static char scratch_path[SCRATCH_PATH_SIZE];

static inline int scratch_remove_one(const char *path, const struct stat *st, int type,
                                     struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static inline void scratch_remove(void)
{
    (void)nftw(scratch_path, scratch_remove_one, SCRATCH_FDS, FTW_DEPTH | FTW_PHYS);
}

/* One that is made after another in the same process takes its place. */
static inline void scratch_make(void)
{
    if (scratch_path[0] != '\0')
        scratch_remove();
    else
        CHECK(atexit(scratch_remove) == 0);
    (void)snprintf(scratch_path, sizeof scratch_path, "/tmp/etcd-rescue-test.XXXXXX");
    CHECK(mkdtemp(scratch_path) != NULL);
    CHECK(chdir(scratch_path) == 0);
}

#endif
