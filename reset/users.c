#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "reset/locks.h"
#include "src/base/auto.h"

enum { COMMAND_SIZE = 64 };

/* The files a running etcd always has open, by identity: in a container they have other names. */
struct watched {
    char *data_dir; /* resolved, NULL when there is none */
    char *home;     /* resolved, or NULL */
    struct stat db;
    bool has_db;
};

static void watched_done(struct watched *w)
{
    free(w->data_dir);
    free(w->home);
}

static bool is_number(const char *name)
{
    return name[0] != '\0' && strspn(name, "0123456789") == strlen(name);
}

static bool is_below(const char *path, const char *dir)
{
    size_t len;

    if (dir == NULL)
        return false;
    len = strlen(dir);
    return strncmp(path, dir, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static bool read_link(int dir, const char *name, char ret[static PATH_MAX])
{
    ssize_t len = readlinkat(dir, name, ret, PATH_MAX - 1);

    if (len < 0)
        return false;
    ret[len] = '\0';
    return true;
}

static void read_command(int process, char ret[static COMMAND_SIZE])
{
    AUTO_CLOSE int fd = openat(process, "comm", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, ret, COMMAND_SIZE - 1) : 0;

    ret[len > 0 ? len : 0] = '\0';
    ret[strcspn(ret, "\n")] = '\0';
}

/* K3s names its threads and processes after the way it was started: k3s, k3s-server. */
static bool is_cluster_command(const char *command)
{
    return strncmp(command, "k3s", 3) == 0 || strncmp(command, "rke2", 4) == 0 ||
           strcmp(command, "etcd") == 0;
}

/* Does file descriptor `name` of the process belong to the data? */
static bool is_data_file(const struct watched *w, int fds, const char *name,
                         char path[static PATH_MAX])
{
    struct stat st;

    if (read_link(fds, name, path) && is_below(path, w->data_dir))
        return true;
    return w->has_db && fstatat(fds, name, &st, 0) == 0 && st.st_dev == w->db.st_dev &&
           st.st_ino == w->db.st_ino;
}

static bool has_data_open(const struct watched *w, int process, char path[static PATH_MAX])
{
    int fds = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fds >= 0 ? fdopendir(fds) : NULL;
    const struct dirent *e;
    bool found = false;

    if (d == NULL) {
        if (fds >= 0)
            (void)close(fds);
        return false;
    }
    while (!found && (e = readdir(d)) != NULL) // NOLINT(concurrency-mt-unsafe): own stream
        found = is_number(e->d_name) && is_data_file(w, fds, e->d_name, path);
    (void)closedir(d);
    return found;
}

static int check_process(const struct watched *w, int proc, const char *pid, struct err *err)
{
    AUTO_CLOSE int process = openat(proc, pid, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char command[COMMAND_SIZE];
    char path[PATH_MAX] = "";

    if (process < 0)
        return ERR_OK; /* it has ended */
    read_command(process, command);
    if (w->data_dir != NULL && has_data_open(w, process, path))
        return err_set(err, ERR_BUSY, "process %s (%s) has '%s' open: stop it first", pid, command,
                       path);
    if (w->home != NULL && is_cluster_command(command) && read_link(process, "cwd", path) &&
        is_below(path, w->home))
        return err_set(err, ERR_BUSY, "process %s (%s) works in '%s': stop it first", pid, command,
                       path);
    return ERR_OK;
}

static int check_all(const struct watched *w, struct err *err)
{
    DIR *proc = opendir("/proc");
    const struct dirent *e;
    char self[32];
    int r = ERR_OK;

    if (proc == NULL)
        return err_sys(err, "read '/proc'");
    (void)snprintf(self, sizeof self, "%ld", (long)getpid());
    while (r == ERR_OK && (e = readdir(proc)) != NULL) { // NOLINT(concurrency-mt-unsafe)
        if (is_number(e->d_name) && strcmp(e->d_name, self) != 0)
            r = check_process(w, dirfd(proc), e->d_name, err);
    }
    (void)closedir(proc);
    return r;
}

int reset_users_check(const char *data_dir, const char *home, struct err *err)
{
    __attribute__((cleanup(watched_done))) struct watched w = {
        .data_dir = realpath(data_dir, NULL),
        .home = home != NULL ? realpath(home, NULL) : NULL,
    };

    if (w.data_dir != NULL) {
        AUTO_CLOSE int dir = open(w.data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        w.has_db = dir >= 0 && fstatat(dir, "member/snap/db", &w.db, 0) == 0;
    }
    return check_all(&w, err);
}
