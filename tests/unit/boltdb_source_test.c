#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/base/auto.h"
#include "tests/unit/bolt_image.h"
#include "tests/unit/test.h"

static struct image img;
static struct report rep;

/* A tree of 40 leaves in file order, so that the reader reads ahead. */
static void make(void)
{
    image_init(&img, 70);
    image_leaf(&img, 2, "b@3");
    image_branch(&img, 3, "a:4 b:5 c:6 d:7");
    for (unsigned i = 0; i < 4; i++) {
        char words[128];
        size_t used = 0;

        for (unsigned k = 0; k < 10; k++) {
            unsigned leaf = 10 + i * 10 + k;
            int key = 'a' + (int)i;
            char word[16];

            used += (size_t)snprintf(words + used, sizeof words - used, "%c%u:%u ", key, k, leaf);
            (void)snprintf(word, sizeof word, "%c%u=v", key, k);
            image_leaf(&img, leaf, word);
        }
        image_branch(&img, 4 + i, words);
    }
}

static int temporary(size_t size)
{
    char name[] = "/tmp/boltdb_source.XXXXXX";
    int fd = mkstemp(name);

    CHECK(fd >= 0 && unlink(name) == 0);
    CHECK(write(fd, img.data, size) == (ssize_t)size);
    return fd;
}

TEST(source_reads_a_file)
{
    make();
    AUTO_CLOSE int fd = temporary(70 * IMAGE_PAGE);
    const struct bolt_source src = bolt_source_fd(fd, "f", 70 * IMAGE_PAGE);

    report_source(&rep, &src);
    CHECK(rep.result == ERR_OK && rep.findings[0] == '\0');
    CHECK(rep.stats.items == 40 && rep.stats.leaf_pages == 41);
}

TEST(source_says_where_a_file_has_shrunk)
{
    make();
    AUTO_CLOSE int fd = temporary(20 * IMAGE_PAGE + 100);
    const struct bolt_source src = bolt_source_fd(fd, "f", 70 * IMAGE_PAGE);

    report_source(&rep, &src);
    CHECK(rep.result == ERR_IO);
    CHECK(strcmp(rep.err.msg, "'f': file has shrunk while it was read: it ends at byte 20580, want "
                              "71680") == 0);
    CHECK(rep.stats.items == 0 && strstr(rep.items, "a9=v") != NULL);
}

TEST(source_never_reads_past_its_size)
{
    uint8_t byte[8];
    struct err err = {0};
    make();
    AUTO_CLOSE int fd = temporary(IMAGE_PAGE);
    const struct bolt_source file = bolt_source_fd(fd, "f", 100);
    const struct bolt_source memory = bolt_source_memory((struct slice){img.data, 100}, "m");

    CHECK(file.read(&file, 92, byte, 8, &err) == ERR_OK);
    CHECK(file.read(&file, 93, byte, 8, &err) == ERR_IO);
    CHECK(strstr(err.msg, "'f': read of 8 bytes at byte 93 is past the end, byte 100") != NULL);
    CHECK(file.read(&file, UINT64_MAX, byte, 8, &err) == ERR_IO);
    CHECK(memory.read(&memory, 92, byte, 8, &err) == ERR_OK);
    CHECK(memory.read(&memory, 101, byte, 0, &err) == ERR_IO);
    CHECK(memory.read(&memory, 93, byte, 8, &err) == ERR_IO);
}

TEST(source_names_a_read_error)
{
    uint8_t byte[8];
    struct err err = {0};
    const struct bolt_source src = bolt_source_fd(-1, "f", 100);

    CHECK(src.read(&src, 12, byte, 8, &err) == ERR_IO);
    CHECK(strstr(err.msg, "'f': read at byte 12") != NULL && err.sys_errno == EBADF);
}

static uint64_t bad_from;
static uint64_t bad_to;

/* A device with bad sectors. */
static int bad_read(const struct bolt_source *src, uint64_t off, void *buf, size_t len,
                    struct err *err)
{
    if (off < bad_to && off + len > bad_from)
        return err_set(err, ERR_IO, "bad sector at byte %u", (unsigned)bad_from);
    memcpy(buf, src->data + off, len);
    return ERR_OK;
}

TEST(walk_ends_at_a_bad_sector_only_in_a_page_it_needs)
{
    make();
    struct bolt_source src = bolt_source_memory((struct slice){img.data, 70 * IMAGE_PAGE}, "f");

    src.read = bad_read;
    bad_from = 50 * IMAGE_PAGE;
    bad_to = 52 * IMAGE_PAGE;
    report_source(&rep, &src);
    CHECK(rep.result == ERR_OK && rep.stats.items == 40);
    bad_from = 30 * IMAGE_PAGE;
    bad_to = 30 * IMAGE_PAGE + 1;
    report_source(&rep, &src);
    CHECK(rep.result == ERR_IO && strcmp(rep.err.msg, "bad sector at byte 30720") == 0);
    CHECK(strstr(rep.items, "b9=v c0=v") == NULL && strstr(rep.items, "b9=v ") != NULL);
}

static uint64_t announced[64];
static size_t announced_count;

static bool never_cached(const struct bolt_source *src, uint64_t off)
{
    (void)src;
    (void)off;
    return false;
}

static void remember(const struct bolt_source *src, uint64_t off, size_t len)
{
    (void)src;
    CHECK(announced_count < 63);
    announced[announced_count++] = off / IMAGE_PAGE;
    announced[announced_count++] = len / IMAGE_PAGE;
}

TEST(walk_announces_one_branch_ahead_in_page_order)
{
    make();
    image_branch(&img, 5, "b0:69 b1:21 b2:22");
    image_leaf(&img, 69, "b0=v");
    struct bolt_source src = bolt_source_memory((struct slice){img.data, 70 * IMAGE_PAGE}, "f");

    src.is_cached = never_cached;
    src.announce = remember;
    announced_count = 0;
    report_source(&rep, &src);
    CHECK(rep.result == ERR_OK && rep.findings[0] == '\0');
    const uint64_t want[] = {10, 10, 21, 49, 30, 10, 40, 10};
    CHECK(announced_count == 8 && memcmp(announced, want, sizeof want) == 0);
}

static bool always_cached(const struct bolt_source *src, uint64_t off)
{
    (void)src;
    (void)off;
    return true;
}

TEST(walk_announces_nothing_that_is_in_memory)
{
    make();
    struct bolt_source src = bolt_source_memory((struct slice){img.data, 70 * IMAGE_PAGE}, "f");

    src.is_cached = always_cached;
    src.announce = remember;
    announced_count = 0;
    report_source(&rep, &src);
    CHECK(rep.result == ERR_OK && announced_count == 0);
}

/* A leaf that is read again after its buckets, and has changed by then. */
static int changing_read(const struct bolt_source *src, uint64_t off, void *buf, size_t len,
                         struct err *err)
{
    (void)err;
    memcpy(buf, src->data + off, len);
    if (off == 3 * IMAGE_PAGE)
        image_leaf(&img, 2, "b@3");
    return ERR_OK;
}

TEST(walk_ends_when_a_page_changes_under_it)
{
    image_init(&img, 5);
    image_leaf(&img, 2, "b@3 c@4");
    image_leaf(&img, 3, "a=1");
    image_leaf(&img, 4, "a=1");
    struct bolt_source src = bolt_source_memory((struct slice){img.data, 5 * IMAGE_PAGE}, "f");

    src.read = changing_read;
    report_source(&rep, &src);
    CHECK(rep.result == ERR_IO);
    CHECK(strcmp(rep.err.msg, "'f': page 2 at byte 2048 has changed while it was read") == 0);
}
