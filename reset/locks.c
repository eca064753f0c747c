#include "reset/locks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "src/base/auto.h"

static int keep(struct reset_locks *locks, int fd, const char *name, struct err *err)
{
    if (locks->count == RESET_LOCKS_MAX)
        return err_set(err, ERR_LIMIT, "more than %d files to lock, at '%s'", RESET_LOCKS_MAX,
                       name);
    locks->fds[locks->count++] = fd;
    return ERR_OK;
}

static int lock_db(struct reset_locks *locks, int dir, struct err *err)
{
    AUTO_CLOSE int fd = openat(dir, "member/snap/db", O_RDONLY | O_CLOEXEC);
    int r;

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? ERR_OK : err_sys(err, "open 'member/snap/db'");
    if (flock(fd, LOCK_SH | LOCK_NB) < 0)
        return errno == EWOULDBLOCK
                   ? err_set(err, ERR_BUSY, "another process holds 'member/snap/db': stop it first")
                   : err_sys(err, "lock 'member/snap/db'");
    r = keep(locks, fd, "member/snap/db", err);
    if (r == ERR_OK)
        TAKE_FD(fd);
    return r;
}

static int lock_wal_file(struct reset_locks *locks, int wal_dir, const char *name, struct err *err)
{
    AUTO_CLOSE int fd = openat(wal_dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    int r;

    if (fd < 0)
        return err_sys(err, "open WAL file '%s'", name);
    if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
        return errno == EAGAIN || errno == EACCES
                   ? err_set(err, ERR_BUSY, "another process holds WAL file '%s': stop it first",
                             name)
                   : err_sys(err, "lock WAL file '%s'", name);
    r = keep(locks, fd, name, err);
    if (r == ERR_OK)
        TAKE_FD(fd);
    return r;
}

static bool is_wal_name(const char *name)
{
    size_t len = strlen(name);

    return len > 4 && strcmp(name + len - 4, ".wal") == 0;
}

static int lock_wal(struct reset_locks *locks, int dir, struct err *err)
{
    int wal = openat(dir, "member/wal", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = wal >= 0 ? fdopendir(wal) : NULL;
    const struct dirent *e;
    int r = ERR_OK;

    if (wal < 0)
        return errno == ENOENT || errno == ENOTDIR ? ERR_OK : err_sys(err, "open 'member/wal'");
    if (d == NULL) {
        (void)close(wal);
        return err_sys(err, "read 'member/wal'");
    }
    while (r == ERR_OK && (e = readdir(d)) != NULL) { // NOLINT(concurrency-mt-unsafe): own stream
        if (is_wal_name(e->d_name))
            r = lock_wal_file(locks, dirfd(d), e->d_name, err);
    }
    (void)closedir(d);
    return r;
}

int reset_locks_take(const char *data_dir, struct reset_locks *ret, struct err *err)
{
    AUTO_CLOSE int dir = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r;

    if (dir < 0)
        return errno == ENOENT ? ERR_OK : err_sys(err, "open '%s'", data_dir);
    r = lock_db(ret, dir, err);
    if (r == ERR_OK)
        r = lock_wal(ret, dir, err);
    if (r < 0)
        return err_wrap(err, r, "'%s'", data_dir);
    return ERR_OK;
}

int reset_locks_add_new(struct reset_locks *locks, int snap_dir, struct err *err)
{
    AUTO_CLOSE int fd = openat(snap_dir, "db", O_RDONLY | O_CLOEXEC);
    int r;

    if (fd < 0)
        return err_sys(err, "open the new db");
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return err_sys(err, "lock the new db");
    r = keep(locks, fd, "db", err);
    if (r == ERR_OK)
        TAKE_FD(fd);
    return r;
}

void reset_locks_drop(struct reset_locks *locks)
{
    for (unsigned i = 0; i < locks->count; i++)
        (void)close(locks->fds[i]);
    locks->count = 0;
}
