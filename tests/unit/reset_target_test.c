#include "reset/target.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

#include "src/base/auto.h"
#include "tests/unit/scratch.h"

static void put(const char *path, const char *text)
{
    AUTO_FCLOSE FILE *f = fopen(path, "we");

    CHECK(f != NULL);
    CHECK(fputs(text, f) >= 0);
}

static bool holds(const char *path, const char *text)
{
    AUTO_FCLOSE FILE *f = fopen(path, "re");
    char got[64] = "";

    if (f == NULL)
        return false;
    (void)fread(got, 1, sizeof got - 1, f);
    return strcmp(got, text) == 0;
}

static bool exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

static int entries(const char *path)
{
    DIR *d = opendir(path);
    int n = -2; /* . and .. */

    CHECK(d != NULL);
    while (readdir(d) != NULL) // NOLINT(concurrency-mt-unsafe): one thread
        n++;
    (void)closedir(d);
    return n;
}

/* What a restore writes, as far as names go. */
static void build(struct reset_target *t)
{
    struct err err = {0};
    int wal;
    int db;

    CHECK(reset_target_begin(t, &err) == ERR_OK);
    db = openat(t->snap_fd, "db", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    wal = openat(t->wal_fd, "0000000000000000-0000000000000000.wal", O_WRONLY | O_CREAT | O_CLOEXEC,
                 0600);
    CHECK(db >= 0 && wal >= 0);
    CHECK(write(db, "new", 3) == 3);
    CHECK(close(db) == 0 && close(wal) == 0);
}

static int restore(const struct reset_target_flags *flags, bool install, struct err *err)
{
    struct reset_target t;
    int r = reset_target_check(flags, &t, err);

    if (r == ERR_OK) {
        build(&t);
        if (flags->replace)
            CHECK(reset_target_put_name(&t, "n1-01234567", err) == ERR_OK);
        r = reset_target_seal(&t, err);
    }
    if (r == ERR_OK && install)
        r = reset_target_install(&t, flags, err);
    reset_target_done(&t);
    return r;
}

TEST(new_directory_appears_whole_with_private_modes)
{
    struct reset_target_flags flags = {.data_dir = "a/b/data/"};
    struct err err = {0};
    struct stat st;

    scratch_make();
    CHECK(restore(&flags, true, &err) == ERR_OK);
    CHECK(holds("a/b/data/member/snap/db", "new"));
    CHECK(exists("a/b/data/member/wal/0000000000000000-0000000000000000.wal"));
    CHECK(stat("a/b/data/member/snap", &st) == 0 && (st.st_mode & 07777) == 0700);
    CHECK(entries("a/b") == 1 && entries("a/b/data") == 1);
}

TEST(nothing_is_left_of_what_was_not_installed)
{
    struct reset_target_flags flags = {.data_dir = "a/b/data"};
    struct err err = {0};

    scratch_make();
    CHECK(restore(&flags, false, &err) == ERR_OK);
    CHECK(entries(".") == 0);
    CHECK(mkdir("data", 0700) == 0);
    flags.data_dir = "data";
    CHECK(restore(&flags, false, &err) == ERR_OK);
    CHECK(entries("data") == 0);
}

TEST(empty_directory_is_filled_from_inside)
{
    struct reset_target_flags flags = {.data_dir = "data"};
    struct err err = {0};
    struct stat before;
    struct stat after;

    scratch_make();
    CHECK(mkdir("data", 0750) == 0 && mkdir("data/lost+found", 0700) == 0);
    CHECK(stat("data", &before) == 0);
    CHECK(restore(&flags, true, &err) == ERR_OK);
    CHECK(stat("data", &after) == 0 && after.st_ino == before.st_ino);
    CHECK(holds("data/member/snap/db", "new") && entries("data") == 2);
}

TEST(directory_that_holds_something_is_refused)
{
    struct reset_target_flags flags = {.data_dir = "data"};
    struct err err = {0};

    scratch_make();
    CHECK(mkdir("data", 0700) == 0);
    put("data/x", "old");
    CHECK(restore(&flags, true, &err) == ERR_REFUSED && strstr(err.msg, "'x'") != NULL);
    put("file", "old");
    flags.data_dir = "file";
    CHECK(restore(&flags, true, &err) == ERR_REFUSED);
    flags.data_dir = "new";
    flags.wal_dir = "data";
    CHECK(restore(&flags, true, &err) == ERR_REFUSED && strstr(err.msg, "wal-dir") != NULL);
    CHECK(entries(".") == 2 && entries("data") == 1);
}

TEST(wal_directory_of_its_own)
{
    static const char wal_file[] = "0000000000000000-0000000000000000.wal";
    struct reset_target_flags flags = {.data_dir = "data", .wal_dir = "w/wal"};
    struct err err = {0};
    char path[128];

    scratch_make();
    CHECK(restore(&flags, true, &err) == ERR_OK);
    (void)snprintf(path, sizeof path, "w/wal/%s", wal_file);
    CHECK(exists(path) && entries("w/wal") == 1 && !exists("data/member/wal"));
    CHECK(mkdir("empty", 0700) == 0);
    flags = (struct reset_target_flags){.data_dir = "data2", .wal_dir = "empty"};
    CHECK(restore(&flags, true, &err) == ERR_OK);
    (void)snprintf(path, sizeof path, "empty/%s", wal_file);
    CHECK(exists(path) && entries("empty") == 1);
    flags = (struct reset_target_flags){.data_dir = "data3", .wal_dir = "data3/wal"};
    CHECK(restore(&flags, true, &err) == ERR_OK);
    CHECK(entries("data3/wal") == 1 && entries("data3") == 2);
    flags = (struct reset_target_flags){.data_dir = "data4", .wal_dir = "data4/member/wal"};
    CHECK(restore(&flags, true, &err) == ERR_OK);
    CHECK(entries("data4/member/wal") == 1 && entries("data4") == 1);
    CHECK(entries("w") == 1 && entries(".") == 6);
}

TEST(leftovers_of_a_killed_run_are_removed)
{
    struct reset_target_flags flags = {.data_dir = "data"};
    struct err err = {0};

    scratch_make();
    CHECK(mkdir(".data.etcd-rescue-01234567", 0700) == 0);
    CHECK(mkdir(".data.etcd-rescue-01234567/member", 0700) == 0);
    CHECK(mkdir(".data.etcd-rescue-01234567/member/snap", 0700) == 0);
    put(".data.etcd-rescue-01234567/member/snap/db", "half");
    CHECK(mkdir(".other.etcd-rescue-01234567", 0700) == 0);
    CHECK(restore(&flags, true, &err) == ERR_OK);
    CHECK(!exists(".data.etcd-rescue-01234567") && exists(".other.etcd-rescue-01234567"));
}

static void make_live(void)
{
    CHECK(mkdir("db", 0700) == 0 && mkdir("db/etcd", 0700) == 0);
    put("db/etcd/name", "former");
}

/* Name of the one entry of db that is neither etcd nor the flag. */
static bool find_old(char ret[static 128])
{
    DIR *d = opendir("db");
    const struct dirent *e;
    bool found = false;

    CHECK(d != NULL);
    while ((e = readdir(d)) != NULL) { // NOLINT(concurrency-mt-unsafe): one thread
        if (strncmp(e->d_name, "etcd-old-", 9) == 0 || strncmp(e->d_name, "etcd.new-", 9) == 0) {
            (void)snprintf(ret, 128, "db/%.40s/name", e->d_name);
            found = true;
        }
    }
    (void)closedir(d);
    return found;
}

static const struct reset_target_flags replace = {
    .data_dir = "db/etcd", .replace = true, .flag_file = "reset-flag"};

TEST(live_directory_is_exchanged_and_kept)
{
    struct err err = {0};
    char old[128];

    scratch_make();
    make_live();
    CHECK(restore(&replace, true, &err) == ERR_OK);
    CHECK(holds("db/etcd/name", "n1-01234567") && holds("db/etcd/member/snap/db", "new"));
    CHECK(find_old(old) && strncmp(old, "db/etcd-old-", 12) == 0 && holds(old, "former"));
    CHECK(holds("db/reset-flag", "") && entries("db") == 3);
    CHECK(restore(&replace, true, &err) == ERR_OK); /* at once again: a name of its own */
    CHECK(entries("db") == 4);
}

TEST(live_directory_stays_when_nothing_is_installed)
{
    struct err err = {0};

    scratch_make();
    make_live();
    CHECK(restore(&replace, false, &err) == ERR_OK);
    CHECK(holds("db/etcd/name", "former") && entries("db") == 1);
}

TEST(a_host_without_a_directory_gets_one)
{
    struct err err = {0};
    char old[128];

    scratch_make();
    CHECK(restore(&replace, true, &err) == ERR_OK);
    CHECK(holds("db/etcd/name", "n1-01234567") && !find_old(old) && entries("db") == 2);
}

TEST(a_link_in_place_of_the_live_directory_is_refused)
{
    struct err err = {0};

    scratch_make();
    CHECK(mkdir("db", 0700) == 0 && mkdir("there", 0700) == 0);
    CHECK(symlink("../there", "db/etcd") == 0);
    CHECK(restore(&replace, true, &err) == ERR_REFUSED);
    CHECK(strstr(err.msg, "symbolic link") != NULL && entries("db") == 1);
}

/* Acts on the Nth call. */
static struct {
    int at;
    int calls;
    bool crash;
} fault;

static bool hit(void)
{
    bool is_it = ++fault.calls == fault.at;

    if (is_it && fault.crash)
        _exit(42);
    if (is_it)
        errno = EIO;
    return is_it;
}

static int f_rename(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    return hit() ? -1 : renameat2(from_dir, from, to_dir, to, flags);
}

static int f_open(int dir, const char *name, int flags, mode_t mode)
{
    return hit() ? -1 : openat(dir, name, flags | O_CLOEXEC, mode);
}

static int f_fsync(int fd)
{
    return hit() ? -1 : fsync(fd);
}

static int f_close(int fd)
{
    int r = close(fd);

    return hit() ? -1 : r;
}

static int f_unlink(int dir, const char *name, int flags)
{
    return hit() ? -1 : unlinkat(dir, name, flags);
}

static const struct reset_install_ops faulty = {f_rename, f_open, f_fsync, f_close, f_unlink};

/* The steps of a replacement on a small tree: db/work becomes db/etcd. */
static int swap(const struct reset_install_ops *ops, struct err *err)
{
    AUTO_CLOSE int dir = open("db", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct reset_install list = {.count = 0};

    CHECK(dir >= 0);
    reset_install_add(&list, RESET_STEP_EXCHANGE, dir, "work", dir, "etcd");
    reset_install_add(&list, RESET_STEP_RENAME, dir, "work", dir, "etcd-old-1");
    reset_install_add(&list, RESET_STEP_SYNC, -1, NULL, dir, NULL);
    reset_install_add(&list, RESET_STEP_CREATE, -1, NULL, dir, "reset-flag");
    reset_install_add(&list, RESET_STEP_SYNC, -1, NULL, dir, NULL);
    return reset_install_run(ops, &list, err);
}

static void make_swap_tree(void)
{
    scratch_make();
    make_live();
    CHECK(mkdir("db/work", 0700) == 0);
    put("db/work/name", "new");
}

TEST(each_failing_step_is_taken_back)
{
    for (int n = 1;; n++) {
        struct err err = {0};
        int r;

        make_swap_tree();
        fault.at = n;
        fault.calls = 0;
        r = swap(&faulty, &err);
        if (fault.calls < n) {
            CHECK(r == ERR_OK && n > 6);
            return;
        }
        CHECK(r == ERR_IO && err.msg[0] != '\0');
        CHECK(holds("db/etcd/name", "former") && holds("db/work/name", "new"));
        CHECK(entries("db") == 2);
    }
}

/* Where the file system cannot exchange: two renames, and the same promise on failure. */
static int swap_by_renames(const struct reset_install_ops *ops, struct err *err)
{
    AUTO_CLOSE int dir = open("db", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct reset_install list = {.count = 0};

    CHECK(dir >= 0);
    reset_install_add(&list, RESET_STEP_RENAME, dir, "etcd", dir, "etcd-old-1");
    reset_install_add(&list, RESET_STEP_RENAME, dir, "work", dir, "etcd");
    reset_install_add(&list, RESET_STEP_SYNC, -1, NULL, dir, NULL);
    return reset_install_run(ops, &list, err);
}

TEST(two_renames_are_taken_back_too)
{
    for (int n = 1;; n++) {
        struct err err = {0};
        int r;

        make_swap_tree();
        fault.at = n;
        fault.calls = 0;
        r = swap_by_renames(&faulty, &err);
        if (fault.calls < n) {
            CHECK(r == ERR_OK && n == 4 && holds("db/etcd-old-1/name", "former"));
            return;
        }
        CHECK(r == ERR_IO && holds("db/etcd/name", "former") && holds("db/work/name", "new"));
    }
}

/* A second failure, while the first is taken back, says where things are. */
TEST(what_could_not_be_taken_back_is_named)
{
    AUTO_CLOSE int dir = -1;
    struct reset_install list = {.count = 0};
    struct err err = {0};

    make_swap_tree();
    dir = open("db", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    reset_install_add(&list, RESET_STEP_RENAME, dir, "etcd", dir, "etcd-old-1");
    reset_install_add(&list, RESET_STEP_REMOVE_DIR, dir, "none", -1, NULL);
    fault.at = 3; /* rename, rmdir (fails by itself), rename back */
    fault.calls = 0;
    CHECK(reset_install_run(&faulty, &list, &err) == ERR_IO);
    CHECK(strstr(err.msg, "what was 'etcd' is now 'etcd-old-1'") != NULL);
}

/* A run that ends at any call leaves an etcd directory, and the former data under some name. */
TEST(there_is_no_moment_without_a_directory)
{
    for (int n = 1;; n++) {
        int status;

        make_swap_tree();
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            fault.at = n;
            fault.calls = 0;
            fault.crash = true;
            _exit(swap(&faulty, NULL) == ERR_OK ? 0 : 1);
        }
        CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
        CHECK(holds("db/etcd/name", "former") || holds("db/etcd/name", "new"));
        CHECK(holds("db/etcd/name", "former") || holds("db/work/name", "former") ||
              holds("db/etcd-old-1/name", "former"));
        if (WEXITSTATUS(status) == 0)
            return;
        CHECK(WEXITSTATUS(status) == 42);
    }
}

TEST(what_appeared_meanwhile_is_not_replaced)
{
    struct err err = {0};

    make_swap_tree();
    CHECK(mkdir("db/etcd-old-1", 0700) == 0);
    put("db/etcd-old-1/name", "older");
    CHECK(swap(&reset_install_posix, &err) == ERR_REFUSED);
    CHECK(holds("db/etcd/name", "former") && holds("db/etcd-old-1/name", "older"));
}
