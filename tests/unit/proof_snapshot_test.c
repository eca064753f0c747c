/* What the proof says of one real snapshot (etcd 3.6, nine pages) and of damaged copies of it. */
#include "src/proof/snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/auto.h"
#include "src/base/buf.h"
#include "tests/unit/test.h"

enum { SNAPSHOT = 36896, DB = 36864, PAGE = 4096, COPY_MAX = 1 << 20 };

/* Everything one proof said. */
struct proof_said {
    struct finding_sink sink; /* first, so that a sink is one of these */
    char codes[2048];         /* "code:severity " ... */
    char text[512];           /* of the finding `wanted` */
    uint64_t offset;
    const char *wanted;
    int result;
    struct err err;
    struct proof_snapshot s;
};

static void add(struct finding_sink *sink, const struct finding *f)
{
    struct proof_said *said = (struct proof_said *)sink;
    size_t used = strlen(said->codes);

    (void)snprintf(said->codes + used, sizeof said->codes - used, "%s:%s ", f->code,
                   finding_severity_name(f->severity));
    if (said->wanted == NULL || strcmp(said->wanted, f->code) != 0)
        return;
    (void)snprintf(said->text, sizeof said->text, "%s", f->text);
    said->offset = f->offset;
}

static uint8_t copy[COPY_MAX];
static char path[64];

static void load(void)
{
    AUTO_CLOSE int fd = open(RESCUE_FIXTURES_BUILD "/auth-3.6.snapshot", O_RDONLY | O_CLOEXEC);

    CHECK(fd >= 0 && read(fd, copy, sizeof copy) == SNAPSHOT);
}

static void save(size_t len)
{
    (void)snprintf(path, sizeof path, "/tmp/proof.XXXXXX");
    AUTO_CLOSE int fd = mkstemp(path);

    CHECK(fd >= 0 && write(fd, copy, len) == (ssize_t)len);
}

static void run(struct proof_said *said, enum proof_trailer trailer,
                const struct proof_options *options)
{
    const char *wanted = said->wanted;

    *said = (struct proof_said){.sink = {.add = add}, .wanted = wanted};
    said->result = proof_snapshot_open(path, trailer, &said->sink, &said->s, &said->err);
    if (said->result == ERR_OK)
        said->result = proof_snapshot_run(&said->s, options, &said->err);
}

/* Prove the first `len` bytes of the copy. */
static struct proof_said *prove(size_t len, enum proof_trailer trailer, const char *wanted)
{
    static struct proof_said said;
    const struct proof_options options = {.want_hash = true, .want_live_keys = true};

    said.wanted = wanted;
    save(len);
    run(&said, trailer, &options);
    CHECK(unlink(path) == 0);
    CHECK(said.result == ERR_OK);
    return &said;
}

/* Digest and numbers are those of etcd's own trailer and of etcdutl 3.7's status. */
TEST(a_whole_snapshot)
{
    load();
    struct proof_said *said = prove(SNAPSHOT, PROOF_TRAILER_WANTED, NULL);

    CHECK(said->codes[0] == '\0');
    CHECK(said->s.provenance == PROOF_API_SNAPSHOT && said->s.trailer_ok);
    CHECK(said->s.has_sha256 && memcmp(said->s.db_sha256, copy + DB, SHA256_SIZE) == 0);
    CHECK(said->s.file_size == SNAPSHOT && said->s.db_size == DB && said->s.page_size == PAGE);
    CHECK(said->s.facts.hash == 0x4eaa6bed && said->s.facts.last.main == 21);
    CHECK(said->s.facts.live_keys == 20);
    proof_snapshot_done(&said->s);
}

TEST(a_trailer_that_is_not_its_own)
{
    load();
    copy[SNAPSHOT - 1] ^= 1;
    struct proof_said *said = prove(SNAPSHOT, PROOF_TRAILER_OPTIONAL, "trailer-mismatch");

    CHECK(strcmp(said->codes, "trailer-mismatch:damage ") == 0);
    CHECK(said->s.provenance == PROOF_API_MISMATCH && !said->s.trailer_ok);
    CHECK(said->offset == DB);
    proof_snapshot_done(&said->s);
}

TEST(a_trailer_of_zeros_was_cut_off_on_disk)
{
    load();
    memset(copy + DB, 0, SHA256_SIZE);
    struct proof_said *said = prove(SNAPSHOT, PROOF_TRAILER_WANTED, "zero-tail");

    CHECK(strstr(said->codes, "trailer-mismatch:damage zero-tail:damage ") != NULL);
    CHECK(strstr(said->text, "the file was cut off on disk") == said->text);
    CHECK(said->offset > 8 * PAGE && said->offset <= DB);
    proof_snapshot_done(&said->s);
}

TEST(zeros_from_the_middle_of_a_page)
{
    load();
    copy[20000 - 1] = 7;
    memset(copy + 20000, 0, SNAPSHOT - 20000);
    struct proof_said *said = prove(SNAPSHOT, PROOF_TRAILER_WANTED, "zero-tail");

    CHECK(said->offset == 20000);
    CHECK(strstr(said->text, "from 20000 on are zero") != NULL);
    proof_snapshot_done(&said->s);
}

/* The padding of the last page is no cut, whatever else is damaged. */
TEST(a_page_that_ends_in_zeros_is_no_cut)
{
    load();
    copy[2 * PAGE + 8] ^= 0xFF;
    copy[3 * PAGE + 8] ^= 0xFF;
    memset(copy + DB - PAGE, 0xAA, 100);
    memset(copy + DB - PAGE + 100, 0, PAGE - 100);
    struct proof_said *said = prove(DB, PROOF_TRAILER_NONE, "zero-tail");

    CHECK(finding_count(&said->sink, FINDING_DAMAGE) > 0);
    CHECK(said->text[0] == '\0');
    proof_snapshot_done(&said->s);
}

TEST(a_lost_trailer)
{
    load();
    struct proof_said *said = prove(DB, PROOF_TRAILER_WANTED, NULL);

    CHECK(strcmp(said->codes, "trailer-missing:suspect ") == 0);
    CHECK(said->s.provenance == PROOF_API_LOST_TRAILER && !said->s.has_sha256);
    proof_snapshot_done(&said->s);
    said = prove(DB, PROOF_TRAILER_OPTIONAL, NULL);
    CHECK(strcmp(said->codes, "trailer-missing:note ") == 0);
    proof_snapshot_done(&said->s);
}

/* A db of a data directory is no snapshot, even when it looks like one. */
TEST(no_trailer_is_looked_for_in_a_data_directory)
{
    load();
    struct proof_said *said = prove(DB, PROOF_TRAILER_NONE, NULL);

    CHECK(said->codes[0] == '\0' && said->s.provenance == PROOF_DB_COPY);
    proof_snapshot_done(&said->s);
}

/* bbolt grows a live file ahead of its pages. */
TEST(a_copy_of_a_live_db_is_longer)
{
    load();
    memset(copy + DB, 0, 20 * PAGE);
    struct proof_said *said = prove(DB + 20 * PAGE, PROOF_TRAILER_WANTED, NULL);

    CHECK(strcmp(said->codes, "trailer-missing:suspect ") == 0);
    CHECK(said->s.provenance == PROOF_DB_COPY);
    proof_snapshot_done(&said->s);
}

TEST(a_snapshot_cut_at_every_page)
{
    for (size_t pages = 2; pages < 9; pages++) {
        load();
        struct proof_said *said = prove(pages * PAGE, PROOF_TRAILER_WANTED, NULL);

        CHECK(said->s.provenance == PROOF_TRUNCATED);
        CHECK(finding_count(&said->sink, FINDING_DAMAGE) > 0);
        proof_snapshot_done(&said->s);
    }
}

static void expect_no_db(const char *head, size_t head_len, size_t len, const char *codes,
                         const char *wrapping)
{
    memset(copy, 0x55, len);
    memcpy(copy, head, head_len);
    struct proof_said *said = prove(len, PROOF_TRAILER_WANTED, NULL);

    CHECK(strcmp(said->codes, codes) == 0);
    CHECK(proof_snapshot_db(&said->s) == NULL);
    CHECK((wrapping == NULL) == (said->s.wrapping == NULL));
    CHECK(wrapping == NULL || strcmp(said->s.wrapping, wrapping) == 0);
    proof_snapshot_done(&said->s);
}

TEST(what_is_no_db_is_named)
{
    expect_no_db("", 0, 0, "empty-file:damage ", NULL);
    expect_no_db("", 0, 1, "not-a-db:damage ", NULL);
    expect_no_db("", 0, 100000, "not-a-db:damage ", NULL);
    expect_no_db("PK\x03\x04", 4, 5000, "wrapped-file:damage ", "zip");
    expect_no_db("\x1f\x8b\x08", 3, 5000, "wrapped-file:damage ", "gzip");
    expect_no_db("\x28\xb5\x2f\xfd", 4, 20, "wrapped-file:damage ", "zstd");
    expect_no_db("\xfd"
                 "7zXZ",
                 5, 5000, "wrapped-file:damage ", "xz");
}

static void expect_refused(int code, const char *text)
{
    struct proof_snapshot s;
    struct err err = {0};

    CHECK(proof_snapshot_open(path, PROOF_TRAILER_WANTED, NULL, &s, &err) == code);
    CHECK(strstr(err.msg, text) != NULL);
}

TEST(what_is_no_file_is_refused)
{
    (void)snprintf(path, sizeof path, "/tmp/proof.XXXXXX");
    CHECK(mkdtemp(path) != NULL);
    expect_refused(ERR_REFUSED, "is a directory, want a file");
    CHECK(rmdir(path) == 0);
    expect_refused(ERR_NOTFOUND, "does not exist");
    CHECK(mkfifo(path, 0600) == 0);
    expect_refused(ERR_REFUSED, "is a FIFO, want a file");
    CHECK(unlink(path) == 0);
    (void)snprintf(path, sizeof path, "/dev/null");
    expect_refused(ERR_REFUSED, "is a device, want a file");
}

/* What stands behind the scan. */
struct behind {
    uint64_t items;
    uint64_t buckets;
    uint64_t fail_at;
    void (*act)(void);
};

static int behind_bucket(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    struct behind *b = ctx;

    (void)err;
    CHECK(bucket->name.len > 0);
    b->buckets++;
    return ERR_OK;
}

static int behind_item(void *ctx, const struct bolt_item *item, struct err *err)
{
    struct behind *b = ctx;

    (void)item;
    if (++b->items != b->fail_at)
        return ERR_OK;
    if (b->act != NULL)
        b->act();
    return b->act != NULL ? ERR_OK : err_set(err, ERR_LIMIT, "the rewrite gave up");
}

static struct proof_said said_behind;

static void prove_before(struct behind *b, _Atomic bool *cancel)
{
    const struct proof_options options = {
        .cancel = cancel, .next = {.ctx = b, .bucket_enter = behind_bucket, .item = behind_item}};

    load();
    save(SNAPSHOT);
    run(&said_behind, PROOF_TRAILER_WANTED, &options);
    (void)unlink(path);
    proof_snapshot_done(&said_behind.s);
}

TEST(every_item_goes_on_to_the_rewrite)
{
    struct behind b = {0};
    const struct proof_options options = {.next = {&b, behind_bucket, behind_item, NULL}};

    load();
    save(SNAPSHOT);
    run(&said_behind, PROOF_TRAILER_WANTED, &options);
    CHECK(said_behind.result == ERR_OK && unlink(path) == 0);
    CHECK(b.buckets == 10 && b.items == said_behind.s.stats.items && b.items > 20);
    proof_snapshot_done(&said_behind.s);
}

TEST(a_failing_rewrite_ends_the_proof)
{
    struct behind b = {.fail_at = 3};

    prove_before(&b, NULL);
    CHECK(said_behind.result == ERR_LIMIT && b.items == 3);
    CHECK(strcmp(said_behind.err.msg, "the rewrite gave up") == 0);
}

TEST(a_cancelled_proof_is_interrupted)
{
    _Atomic bool cancel = true;
    struct behind b = {0};

    prove_before(&b, &cancel);
    CHECK(said_behind.result == ERR_INTERRUPTED);
}

static void grow(void)
{
    AUTO_CLOSE int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

    CHECK(fd >= 0 && write(fd, "x", 1) == 1);
}

static void shrink(void)
{
    CHECK(truncate(path, 2 * (off_t)PAGE) == 0);
}

TEST(a_source_that_grows_meanwhile_is_an_error)
{
    struct behind b = {.fail_at = 1, .act = grow};

    prove_before(&b, NULL);
    CHECK(said_behind.result == ERR_IO);
    CHECK(strstr(said_behind.err.msg, "changed while it was read") != NULL);
}

TEST(a_source_that_shrinks_meanwhile_is_an_error)
{
    struct behind b = {.fail_at = 1, .act = shrink};

    prove_before(&b, NULL);
    CHECK(said_behind.result == ERR_IO);
}
