/* Files written by the real bbolt, and the listing in docs/format/bbolt.md. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/auto.h"
#include "tests/unit/bolt_image.h"
#include "tests/unit/test.h"

enum { LISTING_MAX = 1 << 20 };

static struct report rep;

static void listing_hex(struct buf *out, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        CHECK(buf_printf(out, NULL, "%02x", bytes.data[i]) == ERR_OK);
}

static int list_enter(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    CHECK(buf_str(ctx, "> ", err) == ERR_OK);
    listing_hex(ctx, bucket->name);
    return buf_printf(ctx, err, " %" PRIu64 "\n", bucket->sequence);
}

static int list_leave(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    (void)bucket;
    return buf_str(ctx, "<\n", err);
}

static int list_item(void *ctx, const struct bolt_item *item, struct err *err)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < item->value.len; i++)
        hash = (hash ^ item->value.data[i]) * UINT64_C(0x100000001b3);
    listing_hex(ctx, item->key);
    return buf_printf(ctx, err, " %zu %016" PRIx64 "\n", item->value.len, hash);
}

static void read_file(const char *name, struct buf *out)
{
    char path[512];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/%s", SOURCE_DIR, name);
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0 && fstat(fd, &st) == 0);
    CHECK(buf_reserve(out, (size_t)st.st_size + 1, NULL) == ERR_OK);
    CHECK(read(fd, out->data, (size_t)st.st_size) == st.st_size);
    out->len = (size_t)st.st_size;
}

static void compare(const char *name)
{
    AUTO_BUF struct buf file = BUF_INIT(LISTING_MAX);
    AUTO_BUF struct buf want = BUF_INIT(LISTING_MAX);
    AUTO_BUF struct buf have = BUF_INIT(LISTING_MAX);
    const struct bolt_visitor visitor = {
        .ctx = &have, .bucket_enter = list_enter, .item = list_item, .bucket_leave = list_leave};
    struct bolt_db *db = NULL;
    char path[64];

    (void)snprintf(path, sizeof path, "fixtures/bbolt/%s.db", name);
    read_file(path, &file);
    (void)snprintf(path, sizeof path, "fixtures/bbolt/%s.txt", name);
    read_file(path, &want);
    const struct bolt_source src = bolt_source_memory(buf_slice(&file), name);
    report_source(&rep, &src);
    CHECK(rep.result == ERR_OK && rep.findings[0] == '\0');
    CHECK(bolt_db_open(&src, NULL, &db, NULL) == ERR_OK);
    CHECK(bolt_walk(db, &visitor, NULL, NULL, NULL, NULL) == ERR_OK);
    bolt_db_free(db);
    CHECK(slice_eq(buf_slice(&have), buf_slice(&want)));
}

TEST(walk_reads_what_bbolt_wrote_inline)
{
    compare("tiny-1k");
}

TEST(walk_reads_what_bbolt_wrote_nested)
{
    compare("nested-4k");
    CHECK(rep.stats.buckets == 11);
}

TEST(walk_reads_what_bbolt_wrote_nested_with_a_freelist)
{
    compare("nested-1k-freelist");
    CHECK(rep.stats.branch_pages > 0);
}

TEST(walk_reads_what_bbolt_wrote_with_a_history)
{
    compare("history-1k");
    CHECK(rep.stats.overflow_pages > 0 && rep.stats.free_pages > 0);
}

TEST(walk_reads_what_bbolt_wrote_with_a_history_and_a_freelist)
{
    compare("history-4k-freelist");
    CHECK(rep.stats.free_pages > 0);
}

/* Every bit of the reachable pages is either seen or inside a key, a value or a sequence: no flip
 * crashes, and a flip in a header or an element is a finding. */
TEST(walk_survives_every_flipped_byte)
{
    AUTO_BUF struct buf file = BUF_INIT(LISTING_MAX);

    read_file("fixtures/bbolt/tiny-1k.db", &file);
    const struct bolt_source src = bolt_source_memory(buf_slice(&file), "f");
    for (size_t i = 0; i < file.len; i++) {
        file.data[i] ^= 0xFF;
        report_source(&rep, &src);
        CHECK(rep.result == ERR_OK);
        bool is_quiet = rep.findings[0] == '\0';
        CHECK(!is_quiet || i >= 0x50 || (i >= 10 && i < 16)); /* count and overflow of a meta */
        CHECK(!is_quiet || i < 0x1000 || i == 0x1020 || (i >= 0x1029 && i <= 0x1030) ||
              i >= 0x1051);
        file.data[i] ^= 0xFF;
    }
}

/* The listing's lines: offset, bytes, two spaces, comment. */
static void decode_listing(const char *text, uint8_t *image, size_t size)
{
    size_t lines = 0;

    for (const char *p = strstr(text, "\n00000000: "); p != NULL; p = strchr(p, '\n')) {
        char *end;
        size_t at = strtoul(++p, &end, 16);

        if (*end != ':')
            continue;
        lines++;
        p = end;
        for (; p[1] == ' ' && p[2] != ' '; p += 3, at++) {
            CHECK(at < size);
            image[at] = (uint8_t)strtoul(p + 2, &end, 16);
            CHECK(end == p + 4);
        }
        p++;
    }
    CHECK(lines == 18);
}

TEST(documented_listing_is_the_file)
{
    static uint8_t image[5 * 1024];
    AUTO_BUF struct buf file = BUF_INIT(LISTING_MAX);
    AUTO_BUF struct buf text = BUF_INIT(LISTING_MAX);

    read_file("fixtures/bbolt/tiny-1k.db", &file);
    read_file("docs/format/bbolt.md", &text);
    text.data[text.len] = '\0';
    memset(image, 0, sizeof image);
    decode_listing((const char *)text.data, image, sizeof image);
    CHECK(slice_eq(buf_slice(&file), (struct slice){.data = image, .len = sizeof image}));
    const struct bolt_source src =
        bolt_source_memory((struct slice){.data = image, .len = sizeof image}, "listing");
    report_source(&rep, &src);
    CHECK(rep.result == ERR_OK && rep.findings[0] == '\0');
    CHECK(strcmp(rep.items, "b{ key=value } ") == 0);
}
