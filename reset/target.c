#include "reset/target.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <time.h>

#include "reset/place.h"
#include "src/base/auto.h"

static const char first_wal[] = "0000000000000000-0000000000000000.wal";

enum { OLD_NAME_TRIES = 100 };

void reset_target_init(struct reset_target *t)
{
    *t = (struct reset_target){
        .data = {.outer_fd = -1, .work_fd = -1},
        .wal = {.outer_fd = -1, .work_fd = -1},
        .member_fd = -1,
        .snap_fd = -1,
        .wal_fd = -1,
    };
}

/* The exchange wants a directory on the file system of its parent, under its own name. */
static int look_replace(struct reset_target *t, struct err *err)
{
    struct reset_place *p = &t->data;
    struct stat parent;

    p->kind = RESET_PLACE_REPLACE;
    p->outer_fd = open(p->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->outer_fd < 0)
        return errno == ENOENT ? ERR_OK : err_sys(err, "look at '%s'", p->parent);
    if (fstatat(p->outer_fd, p->name, &t->old, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? ERR_OK : err_sys(err, "look at '%s'", p->path);
    if (S_ISLNK(t->old.st_mode))
        return err_set(err, ERR_REFUSED, "'%s' is a symbolic link: it cannot be exchanged",
                       p->path);
    if (!S_ISDIR(t->old.st_mode))
        return err_set(err, ERR_REFUSED, "'%s' is no directory", p->path);
    if (fstat(p->outer_fd, &parent) < 0)
        return err_sys(err, "look at '%s'", p->parent);
    if (parent.st_dev != t->old.st_dev)
        return err_set(err, ERR_REFUSED, "'%s' is a mount point: it cannot be exchanged", p->path);
    t->has_old = true;
    return ERR_OK;
}

/* A WAL directory inside the data directory that does not exist yet is built with it. */
static int look_wal_inside(struct reset_target *t, const char *rest, struct err *err)
{
    size_t len = strlen(rest);

    while (len > 0 && rest[len - 1] == '/')
        len--;
    if (len == 10 && strncmp(rest, "member/wal", 10) == 0)
        return ERR_OK;
    if (len == 0 || memchr(rest, '/', len) != NULL || len >= sizeof t->wal_inside ||
        (len == 6 && strncmp(rest, "member", 6) == 0))
        return err_set(err, ERR_USAGE,
                       "wal-dir inside the data-dir must be '%s/NAME' or '%s/member/wal'",
                       t->data.path, t->data.path);
    memcpy(t->wal_inside, rest, len);
    return ERR_OK;
}

static int look_wal(struct reset_target *t, const char *wal_dir, struct err *err)
{
    size_t len = strlen(t->data.path);

    bool is_inside = strncmp(wal_dir, t->data.path, len) == 0 && wal_dir[len] == '/';
    if (is_inside && (t->data.kind == RESET_PLACE_NEW || strstr(wal_dir, "/member/wal") != NULL))
        return look_wal_inside(t, wal_dir + len + 1, err);

    int r = reset_place_init(&t->wal, wal_dir, err);
    if (r < 0)
        return r;
    t->has_wal_place = true;
    return reset_place_look(&t->wal, "wal-dir", err);
}

int reset_target_check(const struct reset_target_flags *flags, struct reset_target *ret,
                       struct err *err)
{
    int r;

    reset_target_init(ret);
    r = reset_place_init(&ret->data, flags->data_dir, err);
    if (r == ERR_OK)
        r = flags->replace ? look_replace(ret, err) : reset_place_look(&ret->data, "data-dir", err);
    if (r == ERR_OK && flags->wal_dir != NULL && flags->wal_dir[0] != '\0')
        r = look_wal(ret, flags->wal_dir, err);
    return r;
}

int reset_target_begin(struct reset_target *t, struct err *err)
{
    int r = reset_place_begin(&t->data, err);

    if (r == ERR_OK)
        r = reset_make_dir(t->data.work_fd, "member", &t->member_fd, err);
    if (r == ERR_OK)
        r = reset_make_dir(t->member_fd, "snap", &t->snap_fd, err);
    if (r < 0)
        return r;
    if (t->has_wal_place) {
        r = reset_place_begin(&t->wal, err);
        if (r == ERR_OK)
            t->wal_fd = openat(t->wal.work_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (r == ERR_OK && t->wal_fd < 0)
            r = err_sys(err, "open '%s'", t->wal.work);
        return r;
    }
    if (t->wal_inside[0] != '\0')
        return reset_make_dir(t->data.work_fd, t->wal_inside, &t->wal_fd, err);
    return reset_make_dir(t->member_fd, "wal", &t->wal_fd, err);
}

int reset_target_put_name(struct reset_target *t, const char *name, struct err *err)
{
    int fd = openat(t->data.work_fd, "name", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t len = strlen(name);
    int r = ERR_OK;

    if (fd < 0)
        return err_sys(err, "create 'name'");
    if (write(fd, name, len) != (ssize_t)len)
        r = err_sys(err, "write 'name'");
    else if (fsync(fd) < 0)
        r = err_sys(err, "sync 'name'");
    if (close(fd) < 0 && r == ERR_OK)
        r = err_sys(err, "close 'name'");
    return r;
}

/* All plain files of one directory, and the directory. */
static int give_away(int dir, const struct stat *owner, struct err *err)
{
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *e;
    int r = ERR_OK;

    if (d == NULL) {
        r = err_sys(err, "read new directory");
        if (copy >= 0)
            (void)close(copy);
        return r;
    }
    while (r == ERR_OK && (e = readdir(d)) != NULL) { // NOLINT(concurrency-mt-unsafe): own stream
        if (strcmp(e->d_name, "..") != 0 &&
            fchownat(dir, e->d_name, owner->st_uid, owner->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
            r = err_sys(err, "give '%s' to user %u", e->d_name, owner->st_uid);
    }
    (void)closedir(d);
    return r;
}

int reset_target_seal(struct reset_target *t, struct err *err)
{
    const int dirs[] = {t->snap_fd, t->wal_fd, t->member_fd, t->data.work_fd};
    bool is_foreign = t->has_old && (t->old.st_uid != geteuid() || t->old.st_gid != getegid());
    int r = ERR_OK;

    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0] && r == ERR_OK; i++) {
        if (is_foreign)
            r = give_away(dirs[i], &t->old, err);
        if (r == ERR_OK && fsync(dirs[i]) < 0)
            r = err_sys(err, "sync new directory");
    }
    if (r == ERR_OK)
        r = reset_place_sync_above(&t->data, err);
    if (r == ERR_OK && t->has_wal_place)
        r = reset_place_sync_above(&t->wal, err);
    return r;
}

/* `<name>-old-<unix>[-n]`, the first that is free. */
static int choose_old_name(struct reset_target *t, struct err *err)
{
    struct stat st;
    time_t now = time(NULL);

    for (int n = 0; n < OLD_NAME_TRIES; n++) {
        char suffix[16] = "";

        if (n > 0)
            (void)snprintf(suffix, sizeof suffix, "-%d", n);
        (void)snprintf(t->old_name, sizeof t->old_name, "%.200s-old-%lld%s", t->data.name,
                       (long long)now, suffix);
        if (fstatat(t->data.outer_fd, t->old_name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
            return ERR_OK;
    }
    return err_set(err, ERR_REFUSED, "no free name like '%s' for the former directory",
                   t->old_name);
}

static void add_wal_steps(struct reset_target *t, struct reset_install *list)
{
    struct reset_place *p = &t->wal;

    if (p->kind == RESET_PLACE_NEW) {
        reset_install_add(list, RESET_STEP_RENAME, p->outer_fd, p->work, p->outer_fd, p->name);
    } else {
        reset_install_add(list, RESET_STEP_RENAME, p->work_fd, first_wal, p->outer_fd, first_wal);
    }
    reset_install_add(list, RESET_STEP_SYNC, -1, NULL, p->outer_fd, NULL);
}

static void add_replace_steps(struct reset_target *t, struct reset_install *list)
{
    const struct reset_place *p = &t->data;
    int dir = p->outer_fd;

    if (!t->has_old) {
        reset_install_add(list, RESET_STEP_RENAME, dir, p->work, dir, p->name);
    } else if (reset_can_exchange(p->work_fd)) {
        reset_install_add(list, RESET_STEP_EXCHANGE, dir, p->work, dir, p->name);
        reset_install_add(list, RESET_STEP_RENAME, dir, p->work, dir, t->old_name);
    } else {
        reset_install_add(list, RESET_STEP_RENAME, dir, p->name, dir, t->old_name);
        reset_install_add(list, RESET_STEP_RENAME, dir, p->work, dir, p->name);
    }
}

static void add_data_steps(struct reset_target *t, const struct reset_target_flags *flags,
                           struct reset_install *list)
{
    const struct reset_place *p = &t->data;

    switch (p->kind) {
    case RESET_PLACE_NEW:
        reset_install_add(list, RESET_STEP_RENAME, p->outer_fd, p->work, p->outer_fd, p->name);
        break;
    case RESET_PLACE_INSIDE:
        reset_install_add(list, RESET_STEP_RENAME, p->work_fd, "member", p->outer_fd, "member");
        break;
    case RESET_PLACE_REPLACE:
        add_replace_steps(t, list);
        break;
    }
    reset_install_add(list, RESET_STEP_SYNC, -1, NULL, p->outer_fd, NULL);
    if (flags->flag_file != NULL) {
        reset_install_add(list, RESET_STEP_CREATE, -1, NULL, p->outer_fd, flags->flag_file);
        reset_install_add(list, RESET_STEP_SYNC, -1, NULL, p->outer_fd, NULL);
    }
}

int reset_target_install(struct reset_target *t, const struct reset_target_flags *flags,
                         struct err *err)
{
    struct reset_install list = {.count = 0};
    int r = t->has_old ? choose_old_name(t, err) : ERR_OK;

    if (r < 0)
        return r;
    if (t->has_wal_place)
        add_wal_steps(t, &list);
    add_data_steps(t, flags, &list);
    r = reset_install_run(&reset_install_posix, &list, err);
    if (r < 0)
        return r;
    t->is_installed = true;
    return ERR_OK;
}

static void settle(const struct reset_target *t, struct reset_place *p)
{
    bool is_emptied = t->is_installed && p->kind == RESET_PLACE_INSIDE;

    if (p->path != NULL && (!t->is_installed || is_emptied))
        reset_place_abandon(p);
    reset_place_done(p);
}

void reset_target_done(struct reset_target *t)
{
    const int fds[] = {t->snap_fd, t->wal_fd, t->member_fd};

    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (fds[i] >= 0)
            (void)close(fds[i]);
    }
    settle(t, &t->data);
    settle(t, &t->wal);
    reset_target_init(t);
}
