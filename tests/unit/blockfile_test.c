#include "src/base/blockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "src/base/auto.h"
#include "src/base/blockfile_internal.h"
#include "tests/unit/test.h"

enum { MIB = BLOCKFILE_BLOCK };

/* Real system calls on a scratch file; call number `at` of one kind does something else. */
enum call { CALL_NONE, CALL_OPEN, CALL_WRITE, CALL_READ, CALL_SYNC, CALL_CUT };
static struct {
    enum call call;
    int at;
    int error;         /* errno, or 0: a short write */
    _Atomic int calls; /* two threads read back */
    bool no_direct;
} fault;

static bool hit(enum call call)
{
    return fault.call == call && ++fault.calls == fault.at;
}

static int f_openat(int dir, const char *name, int flags, mode_t mode)
{
    errno = hit(CALL_OPEN) ? fault.error : EINVAL;
    if (errno != EINVAL || (fault.no_direct && (flags & O_DIRECT) != 0))
        return -1;
    return openat(dir, name, flags | O_CLOEXEC, mode);
}

static ssize_t f_pwrite(int fd, const void *data, size_t len, off_t off)
{
    if (hit(CALL_WRITE)) {
        errno = fault.error;
        if (fault.error != 0)
            return -1;
        len = 4096 + 512;
    }
    /* The kernel need not take a length off the alignment. */
    if (len % BLOCKFILE_ALIGN != 0)
        (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_DIRECT);
    return pwrite(fd, data, len, off);
}

static ssize_t f_pread(int fd, void *data, size_t len, off_t off)
{
    errno = fault.error;
    return hit(CALL_READ) ? -1 : pread(fd, data, len, off);
}

static int f_fdatasync(int fd)
{
    errno = fault.error;
    return hit(CALL_SYNC) ? -1 : fdatasync(fd);
}

static int f_ftruncate(int fd, off_t size)
{
    errno = fault.error;
    return hit(CALL_CUT) ? -1 : ftruncate(fd, size);
}

static const struct blockfile_ops ops = {f_openat, f_pwrite, f_pread, f_fdatasync, f_ftruncate};

static int scratch_dir(void)
{
    char path[] = "/var/tmp/blockfile.XXXXXX";

    CHECK(mkdtemp(path) != NULL);
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(dir >= 0);
    return dir;
}

static void remove_scratch(int dir)
{
    char link[64];
    char path[256];

    (void)unlinkat(dir, "new", 0);
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
    ssize_t n = readlink(link, path, sizeof path - 1);
    CHECK(n > 0);
    path[n] = '\0';
    CHECK(rmdir(path) == 0);
    (void)close(dir);
}

static uint8_t *pattern(size_t len)
{
    uint8_t *p = malloc(len + 1);
    uint32_t state = 7;

    CHECK(p != NULL);
    for (size_t i = 0; i < len; i++) {
        state = state * 1664525 + 1013904223;
        p[i] = (uint8_t)(state >> 24);
    }
    return p;
}

/* Append in uneven pieces. */
static int append_all(struct blockfile *f, struct slice in, struct err *err)
{
    int r = ERR_OK;

    for (size_t piece = 1; in.len > 0 && r == ERR_OK; piece = piece * 3 % 700001 + 1) {
        size_t n = piece < in.len ? piece : in.len;

        r = blockfile_append(f, (struct slice){in.data, n}, err);
        in = (struct slice){in.data + n, in.len - n};
    }
    return r;
}

static void check_content(int dir, struct slice want)
{
    AUTO_CLOSE int fd = openat(dir, "new", O_RDONLY | O_CLOEXEC);
    AUTO_FREE uint8_t *have = malloc(want.len + 2);

    CHECK(fd >= 0 && have != NULL);
    CHECK(lseek(fd, 0, SEEK_END) == (off_t)want.len);
    CHECK(pread(fd, have, want.len + 1, 0) == (ssize_t)want.len);
    CHECK(memcmp(have, want.data, want.len) == 0);
}

/* Write `len` bytes whose first ones come with the head, read them back, compare. */
static void write_and_compare(size_t len)
{
    int dir = scratch_dir();
    AUTO_FREE uint8_t *data = pattern(len);
    struct slice whole = {data, len};
    uint8_t head[100];
    size_t head_len = len < sizeof head ? len : sizeof head;
    struct blockfile *f = NULL;
    struct err err = {0};

    CHECK(blockfile_create_with(&ops, dir, "new", len, &f, &err) == ERR_OK);
    memcpy(head, data, head_len);
    memset(data, 0, head_len);
    CHECK(append_all(f, whole, &err) == ERR_OK);
    memcpy(data, head, head_len);
    CHECK(blockfile_finish(f, (struct slice){head, head_len}, &err) == ERR_OK);
    check_content(dir, whole);
    CHECK(blockfile_read_back(f, BLOCKFILE_CHECK_ALL, &err) == ERR_OK);
    CHECK(blockfile_read_back(f, BLOCKFILE_CHECK_SAMPLE, &err) == ERR_OK);
    blockfile_free(f);
    remove_scratch(dir);
}

static const size_t sizes[] = {0, 1, 4096, MIB - 1, MIB, MIB + 1, 2 * MIB, 5 * MIB + 1234};

TEST(content_of_every_size)
{
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        write_and_compare(sizes[i]);
}

TEST(content_where_open_refuses_direct)
{
    fault.no_direct = true;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        write_and_compare(sizes[i]);
}

TEST(content_where_write_refuses_direct)
{
    fault.call = CALL_WRITE;
    fault.error = EINVAL;
    for (fault.at = 1; fault.at < 4; fault.at++) {
        fault.calls = 0;
        write_and_compare(3 * MIB + 5);
    }
}

TEST(content_after_short_and_interrupted_writes)
{
    fault.call = CALL_WRITE;
    for (fault.at = 1; fault.at < 4; fault.at++) {
        fault.calls = 0;
        fault.error = 0;
        write_and_compare(3 * MIB + 5);
        fault.calls = 0;
        fault.error = EINTR;
        write_and_compare(3 * MIB + 5);
    }
}

/* Result of writing 12 MiB under the fault set, first block and message left for the caller. */
static int write_under_fault(uint8_t first[static 4096], struct err *err)
{
    int dir = scratch_dir();
    AUTO_FREE uint8_t *data = pattern(12 * MIB);
    struct blockfile *f = NULL;

    int r = blockfile_create_with(&ops, dir, "new", 20 * MIB, &f, err);
    if (r == ERR_OK)
        r = append_all(f, (struct slice){data, 12 * MIB}, err);
    if (r == ERR_OK)
        r = blockfile_finish(f, (struct slice){0}, err);
    if (f != NULL && r < 0)
        CHECK(blockfile_read_back(f, BLOCKFILE_CHECK_ALL, NULL) == ERR_USAGE);
    blockfile_free(f);
    AUTO_CLOSE int fd = openat(dir, "new", O_RDONLY | O_CLOEXEC);
    memset(first, 0, 4096);
    CHECK(fd < 0 || pread(fd, first, 4096, 0) >= 0);
    remove_scratch(dir);
    return r;
}

static bool all_zero(const uint8_t first[static 4096])
{
    for (size_t i = 0; i < 4096; i++) {
        if (first[i] != 0)
            return false;
    }
    return true;
}

TEST(every_failing_call_is_reported_and_leaves_no_first_block)
{
    for (fault.call = CALL_OPEN; fault.call <= CALL_CUT; fault.call++) {
        if (fault.call == CALL_READ)
            continue;
        for (fault.at = 1;; fault.at++) {
            uint8_t first[4096];
            struct err err = {0};

            fault.calls = 0;
            fault.error = EIO;
            int r = write_under_fault(first, &err);
            if (fault.calls < fault.at) {
                CHECK(r == ERR_OK && fault.at > 1);
                break;
            }
            CHECK(r == ERR_IO && err.sys_errno == EIO);
            CHECK(strstr(err.msg, "'new'") != NULL);
            CHECK(all_zero(first) || fault.call == CALL_SYNC || fault.call == CALL_CUT);
        }
    }
}

TEST(a_failed_first_sync_writes_no_first_block)
{
    uint8_t first[4096];
    struct err err = {0};

    fault.call = CALL_SYNC;
    fault.at = 1;
    fault.error = EIO;
    CHECK(write_under_fault(first, &err) == ERR_IO);
    CHECK(all_zero(first));
    CHECK(strcmp(err.msg, "sync 'new': Input/output error") == 0);
}

TEST(a_full_file_system_is_told_in_words)
{
    uint8_t first[4096];
    struct err err = {0};

    fault.call = CALL_WRITE;
    fault.at = 3;
    fault.error = ENOSPC;
    CHECK(write_under_fault(first, &err) == ERR_IO);
    CHECK(strstr(err.msg, "the file system is full after 3145728 of at most 20971520 bytes: No "
                          "space left on device") != NULL);
}

TEST(an_existing_name_is_kept)
{
    int dir = scratch_dir();
    AUTO_CLOSE int fd = openat(dir, "new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    struct blockfile *f = NULL;
    struct err err = {0};

    CHECK(fd >= 0 && write(fd, "old", 3) == 3);
    CHECK(blockfile_create(dir, "new", 0, &f, &err) == ERR_IO);
    CHECK(strcmp(err.msg, "create 'new': File exists") == 0);
    check_content(dir, slice_str("old"));
    remove_scratch(dir);
}

TEST(use_in_the_wrong_order_is_refused)
{
    int dir = scratch_dir();
    struct blockfile *f = NULL;

    CHECK(blockfile_create(dir, "new", 0, &f, NULL) == ERR_OK);
    CHECK(blockfile_read_back(f, BLOCKFILE_CHECK_ALL, NULL) == ERR_USAGE);
    CHECK(blockfile_append(f, slice_str("abc"), NULL) == ERR_OK);
    CHECK(blockfile_finish(f, slice_str("abc"), NULL) == ERR_OK);
    CHECK(blockfile_append(f, slice_str("abc"), NULL) == ERR_USAGE);
    CHECK(blockfile_finish(f, slice_str("abc"), NULL) == ERR_USAGE);
    blockfile_free(f);
    remove_scratch(dir);
}

/* Flip one byte of a 70 MiB + 9 byte file behind the writer's back and read back. */
static int read_back_with_flip(off_t at, enum blockfile_check how, struct err *err)
{
    const size_t len = 70 * (size_t)MIB + 9;
    int dir = scratch_dir();
    AUTO_FREE uint8_t *data = pattern(len);
    struct blockfile *f = NULL;

    CHECK(blockfile_create(dir, "new", len, &f, err) == ERR_OK);
    CHECK(append_all(f, (struct slice){data, len}, err) == ERR_OK);
    CHECK(blockfile_finish(f, (struct slice){0}, err) == ERR_OK);
    AUTO_CLOSE int fd = openat(dir, "new", O_RDWR | O_CLOEXEC);
    uint8_t byte = 0;
    CHECK(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= 0x10;
    CHECK(pwrite(fd, &byte, 1, at) == 1 && fsync(fd) == 0);
    int r = blockfile_read_back(f, how, err);
    blockfile_free(f);
    remove_scratch(dir);
    return r;
}

TEST(read_back_finds_a_flipped_bit)
{
    struct err err = {0};

    CHECK(read_back_with_flip(0, BLOCKFILE_CHECK_ALL, &err) == ERR_CORRUPT);
    CHECK(strstr(err.msg, "the 1 MiB at byte 0 is not what was written") != NULL);
    CHECK(read_back_with_flip(5 * MIB + 7, BLOCKFILE_CHECK_ALL, &err) == ERR_CORRUPT);
    CHECK(strstr(err.msg, "at byte 5242880 is not") != NULL);
    CHECK(read_back_with_flip(70 * MIB + 8, BLOCKFILE_CHECK_ALL, &err) == ERR_CORRUPT);
    CHECK(read_back_with_flip(0, BLOCKFILE_CHECK_NONE, &err) == ERR_OK);
}

TEST(a_sample_holds_first_last_and_each_64th)
{
    CHECK(read_back_with_flip(0, BLOCKFILE_CHECK_SAMPLE, NULL) == ERR_CORRUPT);
    CHECK(read_back_with_flip(64 * MIB, BLOCKFILE_CHECK_SAMPLE, NULL) == ERR_CORRUPT);
    CHECK(read_back_with_flip(70 * MIB, BLOCKFILE_CHECK_SAMPLE, NULL) == ERR_CORRUPT);
    CHECK(read_back_with_flip(3 * MIB, BLOCKFILE_CHECK_SAMPLE, NULL) == ERR_OK);
}

TEST(read_back_reports_a_read_error)
{
    int dir = scratch_dir();
    AUTO_FREE uint8_t *data = pattern(3 * MIB);
    struct blockfile *f = NULL;
    struct err err = {0};

    CHECK(blockfile_create_with(&ops, dir, "new", 0, &f, &err) == ERR_OK);
    CHECK(append_all(f, (struct slice){data, 3 * MIB}, &err) == ERR_OK);
    CHECK(blockfile_finish(f, (struct slice){0}, &err) == ERR_OK);
    fault.call = CALL_READ;
    fault.at = 1;
    fault.error = EIO;
    CHECK(blockfile_read_back(f, BLOCKFILE_CHECK_ALL, &err) == ERR_IO);
    CHECK(strstr(err.msg, "read back 'new' at byte ") != NULL);
    blockfile_free(f);
    remove_scratch(dir);
}
