#include "src/k3s/layout.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "src/base/auto.h"
#include "tests/unit/scratch.h"

static void make_dirs(const char *path)
{
    char copy[2 * K3S_PATH_SIZE];

    (void)snprintf(copy, sizeof copy, "%s/%s", scratch_path, path);
    for (char *slash = copy + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(copy, 0700);
        *slash = '/';
    }
    (void)mkdir(copy, 0700);
}

static void make_file(const char *path)
{
    char full[2 * K3S_PATH_SIZE];

    (void)snprintf(full, sizeof full, "%s/%s", scratch_path, path);
    AUTO_CLOSE int fd = open(full, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
}

static const char *at(const char *path)
{
    static char full[2 * K3S_PATH_SIZE];

    (void)snprintf(full, sizeof full, "%s/%s", scratch_path, path);
    return full;
}

TEST(layout_of_an_etcd_server)
{
    struct k3s_layout l;
    struct err err = {0};

    scratch_make();
    make_dirs("server/db/etcd/member/wal");
    make_file("server/db/etcd/tombstone");
    CHECK(k3s_layout_find(scratch_path, &l, &err) == ERR_OK);
    CHECK(l.has_etcd && l.has_wal && l.has_tombstone && !l.has_sqlite);
    CHECK(strcmp(l.etcd, at("server/db/etcd")) == 0);
    CHECK(strcmp(l.snapshots, at("server/db/snapshots")) == 0);
}

TEST(layout_of_a_sqlite_server_and_of_nothing)
{
    struct k3s_layout l;
    struct err err = {0};

    scratch_make();
    CHECK(k3s_layout_find(scratch_path, &l, &err) == ERR_OK);
    CHECK(!l.has_etcd && !l.has_sqlite);
    make_dirs("server/db");
    make_file("server/db/state.db");
    CHECK(k3s_layout_find(scratch_path, &l, &err) == ERR_OK);
    CHECK(!l.has_etcd && l.has_sqlite);
    CHECK(k3s_layout_find(at("none"), &l, &err) == ERR_NOTFOUND);
}

TEST(layout_refuses_a_directory_too_deep)
{
    struct k3s_layout l;
    struct err err = {0};

    scratch_make();
    make_dirs("server/db/etcd/member/wal");
    make_dirs("server/tls");
    CHECK(k3s_layout_find(at("server"), &l, &err) == ERR_REFUSED);
    CHECK(strstr(err.msg, "above it") != NULL);
    CHECK(k3s_layout_find(at("server/db/etcd"), &l, &err) == ERR_REFUSED);
}

TEST(layout_refuses_a_link_as_etcd_directory)
{
    struct k3s_layout l;
    struct err err = {0};

    scratch_make();
    make_dirs("server/db");
    make_dirs("elsewhere");
    CHECK(symlink("../../elsewhere", at("server/db/etcd")) == 0);
    CHECK(k3s_layout_find(scratch_path, &l, &err) == ERR_REFUSED);
    CHECK(strstr(err.msg, "symbolic link") != NULL);
}

static int find(const char *path, const char *snapshot_dir, char ret[static K3S_PATH_SIZE],
                struct err *err)
{
    struct k3s_layout l;

    CHECK(k3s_layout_find(scratch_path, &l, err) == ERR_OK);
    return k3s_find_snapshot(&l, path, snapshot_dir, ret, err);
}

TEST(snapshot_is_found_in_the_three_places)
{
    char got[K3S_PATH_SIZE];
    struct err err = {0};

    scratch_make();
    make_dirs("server/db/snapshots");
    make_dirs("cwd");
    make_dirs("own");
    make_file("server/db/snapshots/a");
    make_file("own/b");
    make_file("cwd/c");
    CHECK(chdir(at("cwd")) == 0);
    CHECK(find("a", NULL, got, &err) == ERR_OK && strcmp(got, at("server/db/snapshots/a")) == 0);
    CHECK(find("db/snapshots/a", NULL, got, &err) == ERR_OK);
    CHECK(strcmp(got, at("server/db/snapshots/a")) == 0);
    CHECK(find("c", NULL, got, &err) == ERR_OK && strcmp(got, at("cwd/c")) == 0);
    CHECK(find("/some/where", NULL, got, &err) == ERR_OK && strcmp(got, "/some/where") == 0);
    CHECK(find("b", NULL, got, &err) == ERR_NOTFOUND && strstr(err.msg, "snapshots") != NULL);
    char own[K3S_PATH_SIZE];
    (void)snprintf(own, sizeof own, "%.200s", at("own"));
    CHECK(find("b", own, got, &err) == ERR_OK && strcmp(got, at("own/b")) == 0);
}

TEST(two_different_snapshots_of_one_name_are_refused)
{
    char got[K3S_PATH_SIZE];
    char link_path[K3S_PATH_SIZE];
    struct err err = {0};

    scratch_make();
    make_dirs("server/db/snapshots");
    make_dirs("cwd");
    make_file("server/db/snapshots/a");
    make_file("cwd/a");
    make_file("server/db/snapshots/same");
    (void)snprintf(link_path, sizeof link_path, "%.200s", at("cwd/same"));
    CHECK(link(at("server/db/snapshots/same"), link_path) == 0);
    CHECK(chdir(at("cwd")) == 0);
    CHECK(find("a", NULL, got, &err) == ERR_REFUSED);
    CHECK(strstr(err.msg, "cwd/a") != NULL && strstr(err.msg, "snapshots/a") != NULL);
    CHECK(find("same", NULL, got, &err) == ERR_OK);
}

TEST(member_name_is_the_node_and_eight_digits)
{
    char node[K3S_NAME_MAX + 1];
    char name[K3S_MEMBER_NAME_SIZE];
    struct err err = {0};

    CHECK(k3s_node_name("Node-1.Example", node, &err) == ERR_OK);
    CHECK(strcmp(node, "node-1.example") == 0);
    CHECK(k3s_member_name(node, name, &err) == ERR_OK);
    CHECK(strncmp(name, "node-1.example-", 15) == 0 && strlen(name) == 15 + 8);
    CHECK(strspn(name + 15, "0123456789abcdef") == 8);
}

TEST(node_name_refuses_what_kubernetes_does)
{
    static const char *const bad[] = {"a b", "a/b", "a\nb", "n\xc3\xa4"};
    char node[K3S_NAME_MAX + 1];

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err err = {0};
        CHECK(k3s_node_name(bad[i], node, &err) == ERR_USAGE);
    }
    CHECK(k3s_node_name(NULL, node, &(struct err){0}) == ERR_OK);
}
