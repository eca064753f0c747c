#include "reset/locks.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "src/base/auto.h"
#include "tests/unit/scratch.h"

static const char db_path[] = "etcd/member/snap/db";
static const char wal_path[] = "etcd/member/wal/0000000000000000-0000000000000000.wal";

static void touch(const char *path)
{
    AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    CHECK(fd >= 0);
}

static void make_live(void)
{
    scratch_make();
    CHECK(mkdir("etcd", 0700) == 0 && mkdir("etcd/member", 0700) == 0);
    CHECK(mkdir("etcd/member/snap", 0700) == 0 && mkdir("etcd/member/wal", 0700) == 0);
    touch(db_path);
    touch(wal_path);
}

struct holder {
    pid_t pid;
    int stop; /* closing it ends the process */
};

enum hold { HOLD_FLOCK, HOLD_OFD, HOLD_OPEN, HOLD_CWD };

static void hold(enum hold how)
{
    const char *path = how == HOLD_OFD ? wal_path : db_path;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = how == HOLD_CWD ? -1 : open(path, O_RDWR | O_CLOEXEC);

    if (how == HOLD_FLOCK)
        CHECK(flock(fd, LOCK_EX) == 0);
    if (how == HOLD_OFD)
        CHECK(fcntl(fd, F_OFD_SETLK, &lock) == 0);
    if (how == HOLD_CWD)
        CHECK(prctl(PR_SET_NAME, "k3s-server") == 0);
}

/* A process that holds the data in some way until it is told to go. */
static struct holder start(enum hold how)
{
    int ready[2];
    int stop[2];
    char c;

    CHECK(pipe2(ready, O_CLOEXEC) == 0 && pipe2(stop, O_CLOEXEC) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        (void)close(stop[1]);
        hold(how);
        CHECK(write(ready[1], "r", 1) == 1);
        _exit(read(stop[0], &c, 1) == 0 ? 0 : 1);
    }
    (void)close(stop[0]);
    CHECK(read(ready[0], &c, 1) == 1);
    (void)close(ready[0]);
    (void)close(ready[1]);
    return (struct holder){.pid = pid, .stop = stop[1]};
}

static void end(const struct holder *h)
{
    (void)close(h->stop);
    CHECK(waitpid(h->pid, NULL, 0) == h->pid);
}

TEST(locks_of_a_stopped_etcd_are_taken_and_shared)
{
    AUTO_RESET_LOCKS struct reset_locks mine = {.count = 0};
    AUTO_RESET_LOCKS struct reset_locks again = {.count = 0};
    struct err err = {0};

    make_live();
    CHECK(reset_locks_take("etcd", &mine, &err) == ERR_OK && mine.count == 2);
    CHECK(reset_locks_take("etcd", &again, &err) == ERR_OK && again.count == 2);
    AUTO_CLOSE int fd = open(db_path, O_RDWR | O_CLOEXEC);
    CHECK(flock(fd, LOCK_EX | LOCK_NB) < 0);
    CHECK(reset_locks_take("nowhere", &again, &err) == ERR_OK);
}

TEST(lock_of_a_running_etcd_on_its_db_is_honoured)
{
    AUTO_RESET_LOCKS struct reset_locks locks = {.count = 0};
    struct err err = {0};

    make_live();
    struct holder h = start(HOLD_FLOCK);
    CHECK(reset_locks_take("etcd", &locks, &err) == ERR_BUSY);
    CHECK(strstr(err.msg, "member/snap/db") != NULL);
    end(&h);
    CHECK(reset_locks_take("etcd", &locks, &err) == ERR_OK);
}

TEST(lock_of_a_running_etcd_on_its_wal_is_honoured)
{
    AUTO_RESET_LOCKS struct reset_locks locks = {.count = 0};
    struct err err = {0};

    make_live();
    struct holder h = start(HOLD_OFD);
    CHECK(reset_locks_take("etcd", &locks, &err) == ERR_BUSY);
    CHECK(strstr(err.msg, ".wal") != NULL);
    end(&h);
}

TEST(a_process_with_a_file_open_is_named)
{
    struct err err = {0};
    char pid[32];

    make_live();
    CHECK(reset_users_check("etcd", NULL, &err) == ERR_OK);
    struct holder h = start(HOLD_OPEN);
    (void)snprintf(pid, sizeof pid, "process %ld ", (long)h.pid);
    CHECK(reset_users_check("etcd", NULL, &err) == ERR_BUSY);
    CHECK(strstr(err.msg, pid) != NULL && strstr(err.msg, "snap/db") != NULL);
    end(&h);
    CHECK(reset_users_check("etcd", NULL, &err) == ERR_OK);
}

TEST(a_k3s_that_works_in_the_server_directory_is_named)
{
    struct err err = {0};

    make_live();
    struct holder h = start(HOLD_CWD);
    CHECK(reset_users_check("etcd", NULL, &err) == ERR_OK);
    CHECK(reset_users_check("etcd", ".", &err) == ERR_BUSY);
    CHECK(strstr(err.msg, "(k3s-server)") != NULL);
    CHECK(reset_users_check("etcd", "etcd/member", &err) == ERR_OK);
    end(&h);
}

TEST(new_db_is_locked_against_an_early_etcd)
{
    AUTO_RESET_LOCKS struct reset_locks locks = {.count = 0};
    struct err err = {0};

    make_live();
    AUTO_CLOSE int snap = open("etcd/member/snap", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    AUTO_CLOSE int other = open(db_path, O_RDWR | O_CLOEXEC);
    CHECK(reset_locks_add_new(&locks, snap, &err) == ERR_OK);
    CHECK(flock(other, LOCK_SH | LOCK_NB) < 0);
}
