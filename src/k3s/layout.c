#include "src/k3s/layout.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/auto.h"

static int join(char ret[static K3S_PATH_SIZE], const char *dir, const char *name, struct err *err)
{
    int len = snprintf(ret, K3S_PATH_SIZE, "%s/%s", dir, name);

    if (len < 0 || len >= K3S_PATH_SIZE)
        return err_set(err, ERR_LIMIT, "path '%s/%s' is too long", dir, name);
    return ERR_OK;
}

static bool exists(const char *dir, const char *name, mode_t type)
{
    char path[K3S_PATH_SIZE];
    struct stat st;

    return join(path, dir, name, NULL) == ERR_OK && lstat(path, &st) == 0 &&
           (st.st_mode & S_IFMT) == type;
}

static bool is_dir(const char *dir, const char *name)
{
    return exists(dir, name, S_IFDIR);
}

/* People give the directory one, two or three levels too deep. */
static int check_level(const char *data_dir, struct err *err)
{
    if (is_dir(data_dir, "server"))
        return ERR_OK;
    if (is_dir(data_dir, "db") && (is_dir(data_dir, "tls") || is_dir(data_dir, "cred")))
        return err_set(err, ERR_REFUSED,
                       "'%s' is the server directory: --data-dir wants the one above it", data_dir);
    if (is_dir(data_dir, "etcd") && exists(data_dir, "reset-flag", S_IFREG))
        return err_set(err, ERR_REFUSED,
                       "'%s' is the db directory: --data-dir wants the one two levels above it",
                       data_dir);
    if (is_dir(data_dir, "member"))
        return err_set(err, ERR_REFUSED,
                       "'%s' is an etcd data directory: 'snapshot restore' makes one, --data-dir "
                       "of this command wants K3s's",
                       data_dir);
    return ERR_OK;
}

/* The exchange needs a plain directory on the file system of its parent. */
static int check_etcd_dir(struct k3s_layout *l, struct err *err)
{
    struct stat st;
    struct stat parent;

    if (lstat(l->etcd, &st) < 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            return err_sys(err, "look at '%s'", l->etcd);
        return ERR_OK;
    }
    if (S_ISLNK(st.st_mode))
        return err_set(err, ERR_REFUSED,
                       "'%s' is a symbolic link: it cannot be exchanged for a new directory",
                       l->etcd);
    if (!S_ISDIR(st.st_mode))
        return err_set(err, ERR_REFUSED, "'%s' is no directory", l->etcd);
    if (stat(l->db, &parent) < 0)
        return err_sys(err, "look at '%s'", l->db);
    if (parent.st_dev != st.st_dev)
        return err_set(err, ERR_REFUSED,
                       "'%s' is a mount point: it cannot be exchanged for a new directory",
                       l->etcd);
    l->has_etcd = true;
    l->has_wal = is_dir(l->etcd, "member/wal");
    l->has_tombstone = exists(l->etcd, "tombstone", S_IFREG);
    return ERR_OK;
}

int k3s_layout_find(const char *data_dir, struct k3s_layout *ret, struct err *err)
{
    struct stat st;

    memset(ret, 0, sizeof *ret);
    if (stat(data_dir, &st) < 0)
        return errno == ENOENT ? err_set(err, ERR_NOTFOUND, "no data directory '%s'", data_dir)
                               : err_sys(err, "look at '%s'", data_dir);
    if (!S_ISDIR(st.st_mode))
        return err_set(err, ERR_REFUSED, "'%s' is no directory", data_dir);

    int r = check_level(data_dir, err);
    if (r == ERR_OK)
        r = join(ret->server, data_dir, "server", err);
    if (r == ERR_OK)
        r = join(ret->db, ret->server, "db", err);
    if (r == ERR_OK)
        r = join(ret->etcd, ret->db, "etcd", err);
    if (r == ERR_OK)
        r = join(ret->snapshots, ret->db, "snapshots", err);
    if (r == ERR_OK)
        r = check_etcd_dir(ret, err);
    if (r < 0)
        return r;
    ret->has_sqlite = exists(ret->db, "state.db", S_IFREG);
    return ERR_OK;
}

/* Keeps `found` as the answer, or refuses it when another file was found before. */
static int keep_candidate(const char *found, const struct stat *st, struct stat *ret_st,
                          char ret[static K3S_PATH_SIZE], struct err *err)
{
    if (ret[0] != '\0' && (ret_st->st_dev != st->st_dev || ret_st->st_ino != st->st_ino))
        return err_set(err, ERR_REFUSED,
                       "two different files are meant: '%s' and '%s': give the absolute path", ret,
                       found);
    if (ret[0] == '\0') {
        memcpy(ret, found, strlen(found) + 1);
        *ret_st = *st;
    }
    return ERR_OK;
}

static int try_place(const char *dir, const char *path, struct stat *ret_st,
                     char ret[static K3S_PATH_SIZE], struct err *err)
{
    char found[K3S_PATH_SIZE];
    struct stat st;
    int r = join(found, dir, path, err);

    if (r < 0)
        return r;
    if (stat(found, &st) < 0)
        return errno == ENOENT || errno == ENOTDIR ? ERR_OK : err_sys(err, "look at '%s'", found);
    return keep_candidate(found, &st, ret_st, ret, err);
}

int k3s_find_snapshot(const struct k3s_layout *layout, const char *path, const char *snapshot_dir,
                      char ret[static K3S_PATH_SIZE], struct err *err)
{
    const char *snapshots =
        snapshot_dir != NULL && snapshot_dir[0] != '\0' ? snapshot_dir : layout->snapshots;
    char found[K3S_PATH_SIZE] = "";
    char cwd[K3S_PATH_SIZE];
    struct stat st = {0};
    int r;

    if (path[0] == '/') {
        int len = snprintf(ret, K3S_PATH_SIZE, "%s", path);
        return len < K3S_PATH_SIZE ? ERR_OK
                                   : err_set(err, ERR_LIMIT, "path '%s' is too long", path);
    }
    if (path[0] == '\0')
        return err_set(err, ERR_USAGE, "the restore path is empty");
    if (getcwd(cwd, sizeof cwd) == NULL)
        return err_sys(err, "find the working directory");
    r = try_place(cwd, path, &st, found, err);
    if (r == ERR_OK)
        r = try_place(layout->server, path, &st, found, err);
    if (r == ERR_OK)
        r = try_place(snapshots, path, &st, found, err);
    if (r < 0)
        return r;
    if (found[0] == '\0')
        return err_set(err, ERR_NOTFOUND, "no snapshot '%s' in '%s', '%s' or '%s'", path, cwd,
                       layout->server, snapshots);
    memcpy(ret, found, strlen(found) + 1);
    return ERR_OK;
}

static bool is_name_char(char c)
{
    unsigned char u = (unsigned char)c;

    return u < 0x80 && (isalnum(u) || c == '-' || c == '.');
}

static char lower(char c)
{
    if (c < 'A' || c > 'Z')
        return c;
    return "abcdefghijklmnopqrstuvwxyz"[c - 'A'];
}

static int check_node_name(const char *given, char ret[static K3S_NAME_MAX + 1], struct err *err)
{
    size_t len = strlen(given);

    if (len == 0 || len > K3S_NAME_MAX)
        return err_set(err, ERR_USAGE, "node name has %zu bytes, want 1 to %d", len, K3S_NAME_MAX);
    for (size_t i = 0; i < len; i++) {
        if (!is_name_char(given[i]))
            return err_set(err, ERR_USAGE, "'%s' cannot be a node's name", given);
        ret[i] = lower(given[i]);
    }
    ret[len] = '\0';
    return ERR_OK;
}

int k3s_node_name(const char *given, char ret[static K3S_NAME_MAX + 1], struct err *err)
{
    char host[K3S_NAME_MAX + 2] = "";

    if (given != NULL && given[0] != '\0')
        return check_node_name(given, ret, err);
    if (gethostname(host, sizeof host - 1) < 0)
        return err_sys(err, "find the host's name");
    return check_node_name(host, ret, err);
}

int k3s_member_name(const char *node, char ret[static K3S_MEMBER_NAME_SIZE], struct err *err)
{
    uint8_t random[4];

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return err_sys(err, "get random bytes");
    int len = snprintf(ret, K3S_MEMBER_NAME_SIZE, "%s-%08x", node, le32_load(random));
    if (len < 0 || len >= K3S_MEMBER_NAME_SIZE)
        return err_set(err, ERR_LIMIT, "node name '%s' is too long", node);
    return ERR_OK;
}
