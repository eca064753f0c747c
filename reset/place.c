#include "reset/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>

#include "src/base/auto.h"
#include "src/base/le.h"

#define WORK_MARK "etcd-rescue-"

enum {
    WORK_NAME_TRIES = 16,
    PLACE_NAME_MAX = 200, /* bytes: leaves room for what is put around it */
};

static void auto_closedir(DIR **slot)
{
    if (*slot != NULL)
        (void)closedir(*slot);
}

#define AUTO_CLOSEDIR __attribute__((cleanup(auto_closedir)))

static DIR *open_list(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

    if (d == NULL && fd >= 0)
        (void)close(fd);
    return d;
}

static const char *next_name(DIR *d)
{
    for (;;) {
        const struct dirent *e = readdir(d); // NOLINT(concurrency-mt-unsafe): own stream

        if (e == NULL)
            return NULL;
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            return e->d_name;
    }
}

int reset_place_init(struct reset_place *p, const char *path, struct err *err)
{
    size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/')
        len--;
    if (len == 0)
        return err_set(err, ERR_USAGE, "the directory's name is empty");
    p->path = strndup(path, len);
    if (p->path == NULL)
        return err_nomem(err);

    const char *slash = strrchr(p->path, '/');
    const char *name = slash != NULL ? slash + 1 : p->path;
    if (slash == NULL)
        p->parent = strdup(".");
    else
        p->parent = strndup(p->path, slash == p->path ? 1 : (size_t)(slash - p->path));
    if (p->parent == NULL)
        return err_nomem(err);
    if (strlen(name) > PLACE_NAME_MAX)
        return err_set(err, ERR_LIMIT, "name '%s' is too long", name);
    memcpy(p->name, name, strlen(name) + 1);
    return ERR_OK;
}

/* lost+found is a file system's own; ours are what a run is making or was killed making. */
static bool counts_as_content(const char *name)
{
    return strcmp(name, "lost+found") != 0 && strncmp(name, "." WORK_MARK, 1 + 12) != 0;
}

static int check_empty(const struct reset_place *p, const char *what, struct err *err)
{
    AUTO_CLOSEDIR DIR *d = open_list(p->outer_fd, ".");

    if (d == NULL)
        return err_sys(err, "%s '%s' could not be read", what, p->path);
    errno = 0;
    for (const char *name = next_name(d); name != NULL; name = next_name(d)) {
        if (counts_as_content(name))
            return err_set(err, ERR_REFUSED, "%s '%s' is not empty: it holds '%s'", what, p->path,
                           name);
    }
    return errno == 0 ? ERR_OK : err_sys(err, "read %s '%s'", what, p->path);
}

int reset_place_look(struct reset_place *p, const char *what, struct err *err)
{
    p->outer_fd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->outer_fd >= 0) {
        p->kind = RESET_PLACE_INSIDE;
        return check_empty(p, what, err);
    }
    if (errno == ENOTDIR)
        return err_set(err, ERR_REFUSED, "%s '%s' is no directory", what, p->path);
    if (errno != ENOENT)
        return err_sys(err, "%s '%s' could not be read", what, p->path);
    if (p->name[0] == '\0' || strcmp(p->name, ".") == 0 || strcmp(p->name, "..") == 0)
        return err_set(err, ERR_USAGE, "%s '%s' does not name a directory to make", what, p->path);
    p->kind = RESET_PLACE_NEW;
    p->outer_fd = open(p->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->outer_fd < 0 && errno != ENOENT)
        return err_sys(err, "look at '%s'", p->parent);
    return ERR_OK;
}

int reset_place_nearest(const struct reset_place *p, struct err *err)
{
    AUTO_FREE char *path = strdup(p->parent);
    int fd = p->outer_fd >= 0 ? openat(p->outer_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (path == NULL)
        return err_nomem(err);
    while (fd < 0) {
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 && errno != ENOENT)
            return err_sys(err, "look at '%s'", path);
        char *slash = strrchr(path, '/');
        if (slash == NULL)
            memcpy(path, ".", strlen(path) > 0 ? 2 : 1);
        else
            slash[slash == path ? 1 : 0] = '\0';
    }
    return fd;
}

/* mkdir -p of the parent; the topmost that was made is kept, to take them away again. */
static int make_parents(struct reset_place *p, struct err *err)
{
    AUTO_FREE char *path = strdup(p->parent);

    if (path == NULL)
        return err_nomem(err);
    for (char *end = path + 1;; end++) {
        end += strcspn(end, "/");
        char at = *end;
        *end = '\0';
        if (mkdir(path, 0700) == 0 && p->made_above == NULL) {
            p->made_above = strdup(path);
            if (p->made_above == NULL)
                return err_nomem(err);
        }
        *end = at;
        if (at == '\0')
            break;
    }
    p->outer_fd = open(p->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->outer_fd < 0)
        return err_sys(err, "make directory '%s'", p->parent);
    return ERR_OK;
}

static void remove_parents(struct reset_place *p)
{
    char *path = p->parent;

    while (p->made_above != NULL && strlen(path) >= strlen(p->made_above)) {
        if (rmdir(path) < 0)
            return;
        char *slash = strrchr(path, '/');
        if (slash == NULL || slash == path)
            return;
        *slash = '\0';
    }
}

static void remove_files(int dir, const char *name)
{
    AUTO_CLOSEDIR DIR *d = open_list(dir, name);

    if (d == NULL)
        return;
    for (const char *file = next_name(d); file != NULL; file = next_name(d))
        (void)unlinkat(dirfd(d), file, 0);
}

/* Empties and removes every directory right inside, then itself. Only plain files and one level:
 * called from the deepest directory up. */
static void remove_level(int dir, const char *name)
{
    AUTO_CLOSEDIR DIR *d = open_list(dir, name);

    if (d == NULL)
        return;
    for (const char *sub = next_name(d); sub != NULL; sub = next_name(d)) {
        remove_files(dirfd(d), sub);
        if (unlinkat(dirfd(d), sub, AT_REMOVEDIR) < 0)
            (void)unlinkat(dirfd(d), sub, 0);
    }
    (void)unlinkat(dir, name, AT_REMOVEDIR);
}

/* A working directory holds files, member/snap, member/wal and perhaps a WAL directory. */
static void remove_work(int dir, const char *name)
{
    AUTO_CLOSE int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return;
    remove_level(fd, "member");
    remove_level(dir, name);
}

static void remove_stale(const struct reset_place *p)
{
    AUTO_CLOSEDIR DIR *d = open_list(p->outer_fd, ".");
    char prefix[RESET_TARGET_NAME_MAX + 32];
    bool is_inside = p->kind == RESET_PLACE_INSIDE;
    int len = snprintf(prefix, sizeof prefix, ".%s%s%s", is_inside ? "" : p->name,
                       is_inside ? "" : ".", WORK_MARK);

    if (d == NULL || p->kind == RESET_PLACE_REPLACE)
        return;
    for (const char *name = next_name(d); name != NULL; name = next_name(d)) {
        if (strncmp(name, prefix, (size_t)len) != 0 || strlen(name) != (size_t)len + 8)
            continue;
        AUTO_CLOSE int fd =
            openat(p->outer_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            remove_work(p->outer_fd, name);
    }
}

int reset_place_leftovers(const struct reset_place *p, struct reset_lines *ret, struct err *err)
{
    AUTO_CLOSEDIR DIR *d = p->outer_fd >= 0 ? open_list(p->outer_fd, ".") : NULL;
    char prefix[RESET_TARGET_NAME_MAX];
    int len = snprintf(prefix, sizeof prefix, "%.200s.new-", p->name);
    int r = ERR_OK;

    if (d == NULL)
        return ERR_OK;
    for (const char *name = next_name(d); name != NULL && r == ERR_OK; name = next_name(d)) {
        if (strncmp(name, prefix, (size_t)len) == 0)
            r = reset_lines_addf(ret, err,
                                 "'%s/%s' was left by a run that was killed; look into it before "
                                 "you remove it: it may be the former directory",
                                 p->parent, name);
    }
    return r;
}

int reset_make_dir(int dir, const char *name, int *ret_fd, struct err *err)
{
    if (mkdirat(dir, name, 0700) < 0)
        return err_sys(err, "make directory '%s'", name);
    *ret_fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*ret_fd < 0)
        return err_sys(err, "open directory '%s'", name);
    return ERR_OK;
}

static void name_work(struct reset_place *p, uint32_t random)
{
    switch (p->kind) {
    case RESET_PLACE_NEW:
        (void)snprintf(p->work, sizeof p->work, ".%.200s." WORK_MARK "%08x", p->name, random);
        break;
    case RESET_PLACE_INSIDE:
        (void)snprintf(p->work, sizeof p->work, "." WORK_MARK "%08x", random);
        break;
    case RESET_PLACE_REPLACE:
        (void)snprintf(p->work, sizeof p->work, "%.200s.new-%08x", p->name, random);
        break;
    }
}

static int make_work(struct reset_place *p, struct err *err)
{
    for (int i = 0; i < WORK_NAME_TRIES; i++) {
        uint8_t random[4];

        if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
            return err_sys(err, "get random bytes");
        name_work(p, le32_load(random));
        if (mkdirat(p->outer_fd, p->work, 0700) == 0)
            return ERR_OK;
        if (errno != EEXIST)
            break;
    }
    int r = err_sys(err, "make directory '%s' in '%s'", p->work,
                    p->kind == RESET_PLACE_INSIDE ? p->path : p->parent);
    p->work[0] = '\0';
    return r;
}

int reset_place_begin(struct reset_place *p, struct err *err)
{
    int r = p->outer_fd >= 0 ? ERR_OK : make_parents(p, err);

    if (r < 0)
        return r;
    remove_stale(p);
    r = make_work(p, err);
    if (r < 0)
        return r;
    p->work_fd = openat(p->outer_fd, p->work, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (p->work_fd < 0)
        return err_sys(err, "open directory '%s'", p->work);
    if (flock(p->work_fd, LOCK_EX | LOCK_NB) < 0)
        return err_sys(err, "lock directory '%s'", p->work);
    return ERR_OK;
}

int reset_place_sync_above(const struct reset_place *p, struct err *err)
{
    AUTO_FREE char *path = NULL;

    if (p->made_above == NULL)
        return ERR_OK;
    path = strdup(p->parent);
    if (path == NULL)
        return err_nomem(err);
    while (strlen(path) >= strlen(p->made_above)) {
        char *slash = strrchr(path, '/');

        if (slash == NULL)
            memcpy(path, ".", 2);
        else
            slash[slash == path ? 1 : 0] = '\0';
        AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fsync(fd) < 0)
            return err_sys(err, "sync directory '%s'", path);
        if (slash == NULL || slash == path)
            break;
    }
    return ERR_OK;
}

/* After an exchange that could not be taken back the working name is the former directory's: only
 * what was made here is removed. */
static bool is_own_work(const struct reset_place *p)
{
    struct stat made;
    struct stat named;

    if (p->outer_fd < 0 || p->work_fd < 0 || p->work[0] == '\0')
        return false;
    return fstat(p->work_fd, &made) == 0 &&
           fstatat(p->outer_fd, p->work, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           made.st_dev == named.st_dev && made.st_ino == named.st_ino;
}

void reset_place_abandon(struct reset_place *p)
{
    if (is_own_work(p)) {
        remove_work(p->outer_fd, p->work);
        (void)fsync(p->outer_fd);
    }
    p->work[0] = '\0';
    if (p->made_above != NULL)
        remove_parents(p);
}

void reset_place_done(struct reset_place *p)
{
    if (p->outer_fd >= 0)
        (void)close(p->outer_fd);
    if (p->work_fd >= 0)
        (void)close(p->work_fd);
    p->outer_fd = -1;
    p->work_fd = -1;
    free(p->path);
    free(p->parent);
    free(p->made_above);
    p->path = NULL;
    p->parent = NULL;
    p->made_above = NULL;
}
