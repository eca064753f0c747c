#include "reset/space.h"

#include <sys/statvfs.h>

int reset_space_get(int dir, struct reset_space *ret, struct err *err)
{
    struct statvfs st;

    if (fstatvfs(dir, &st) < 0)
        return err_sys(err, "ask for free space");
    ret->free_bytes = (uint64_t)st.f_bavail * st.f_frsize;
    ret->free_inodes = st.f_favail;
    ret->has_inodes = st.f_files > 0;
    return ERR_OK;
}

int reset_space_check(const struct reset_space *space, uint64_t bytes, const char *path,
                      struct err *err)
{
    uint64_t want = bytes + RESET_SPACE_EXTRA;

    if (space->free_bytes < want)
        return err_set(
            err, ERR_REFUSED, "not enough space for '%s': have %llu MiB free, want %llu MiB", path,
            (unsigned long long)(space->free_bytes >> 20), (unsigned long long)(want >> 20) + 1);
    if (space->has_inodes && space->free_inodes < RESET_INODES)
        return err_set(err, ERR_REFUSED, "not enough inodes for '%s': have %llu, want %d", path,
                       (unsigned long long)space->free_inodes, RESET_INODES);
    return ERR_OK;
}
