/* What a restore makes of small snapshots built here, row by row. That real etcds take the result
 * is proved in tests/e2e. */
#include "reset/restore.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "boltdb/builder.h"
#include "boltdb/lookup.h"
#include "boltdb/walk.h"
#include "reset/measure.h"
#include "reset/old.h"
#include "reset/space.h"
#include "src/base/auto.h"
#include "src/etcd/kv.h"
#include "src/etcd/rev.h"
#include "src/raft/walwrite.h"
#include "tests/unit/scratch.h"

AUTO_DEFINE(bolt_db)

/* A snapshot under construction: the builder writes into `image`. */
struct snapshot {
    struct bolt_builder *builder;
    struct buf image;
};

static int append(void *ctx, struct slice bytes, struct err *err)
{
    struct snapshot *s = ctx;

    return buf_append(&s->image, bytes, err);
}

static int head(void *ctx, struct slice metas, struct err *err)
{
    struct snapshot *s = ctx;

    (void)err;
    memcpy(s->image.data, metas.data, metas.len);
    return ERR_OK;
}

static void begin(struct snapshot *s)
{
    struct bolt_build_options options = {.page_size = 4096, .txid = 7};
    struct bolt_output out = {.ctx = s, .append = append, .head = head};

    *s = (struct snapshot){.image = BUF_INIT(1 << 20)};
    CHECK(bolt_builder_new(&options, &out, &s->builder, NULL) == ERR_OK);
}

static void enter(struct snapshot *s, const char *name, uint64_t sequence)
{
    CHECK(bolt_builder_enter(s->builder, slice_str(name), sequence, NULL) == ERR_OK);
}

static void leave(struct snapshot *s)
{
    CHECK(bolt_builder_leave(s->builder, NULL) == ERR_OK);
}

static void put(struct snapshot *s, const char *key, const char *value)
{
    CHECK(bolt_builder_put(s->builder, slice_str(key), slice_str(value), NULL) == ERR_OK);
}

static void put_number(struct snapshot *s, const char *key, uint64_t value)
{
    uint8_t bytes[8];

    be64_store(bytes, value);
    CHECK(bolt_builder_put(s->builder, slice_str(key), (struct slice){bytes, 8}, NULL) == ERR_OK);
}

static void put_rev(struct snapshot *s, const char *key, int64_t revision)
{
    uint8_t bytes[ETCD_REV_TOMBSTONE_SIZE];
    size_t len = etcd_rev_encode((struct etcd_revision){.main = revision}, false, bytes);

    CHECK(bolt_builder_put(s->builder, slice_str(key), (struct slice){bytes, len}, NULL) == ERR_OK);
}

static void put_kv(struct snapshot *s, int64_t revision, const char *key, const char *value)
{
    AUTO_BUF struct buf b = BUF_INIT(4096);
    uint8_t bytes[ETCD_REV_TOMBSTONE_SIZE];
    size_t len = etcd_rev_encode((struct etcd_revision){.main = revision}, false, bytes);
    struct etcd_kv kv = {
        .key = slice_str(key),
        .create_revision = revision,
        .mod_revision = revision,
        .version = 1,
        .value = slice_str(value),
    };

    CHECK(etcd_kv_encode(&kv, &b, NULL) == ERR_OK);
    CHECK(bolt_builder_put(s->builder, (struct slice){bytes, len}, buf_slice(&b), NULL) == ERR_OK);
}

/* Write image and trailer to `path`. */
static void finish(struct snapshot *s, const char *path)
{
    AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    uint8_t digest[SHA256_SIZE];
    struct sha256 *sha = NULL;
    struct bolt_built built;

    CHECK(fd >= 0 && bolt_builder_finish(s->builder, &built, NULL) == ERR_OK);
    CHECK(sha256_new(&sha, NULL) == ERR_OK);
    CHECK(sha256_update(sha, buf_slice(&s->image), NULL) == ERR_OK);
    CHECK(sha256_digest(sha, digest, NULL) == ERR_OK);
    sha256_free(sha);
    CHECK(write(fd, s->image.data, s->image.len) == (ssize_t)s->image.len);
    CHECK(write(fd, digest, sizeof digest) == (ssize_t)sizeof digest);
    bolt_builder_free(s->builder);
    buf_done(&s->image);
}

enum shape {
    SHAPE_PLAIN = 0,
    SHAPE_ALARM_SPACE = 1 << 0,
    SHAPE_ALARM_CORRUPT = 1 << 1,
    SHAPE_ADDRESSES = 1 << 2,     /* k3s/apiaddresses at revision 4 */
    SHAPE_GAP = 1 << 3,           /* revision 3 is missing */
    SHAPE_COMPACTED_100 = 1 << 4, /* above the last row */
    SHAPE_FEW_BUCKETS = 1 << 5,
};

static void put_alarms(struct snapshot *s, unsigned shape)
{
    static const uint8_t space[] = {0x08, 0x05, 0x10, 0x01};
    static const uint8_t corrupt[] = {0x08, 0x06, 0x10, 0x02};
    struct slice none = {NULL, 0};

    enter(s, "alarm", 0);
    if ((shape & SHAPE_ALARM_SPACE) != 0)
        CHECK(bolt_builder_put(s->builder, (struct slice){space, 4}, none, NULL) == ERR_OK);
    if ((shape & SHAPE_ALARM_CORRUPT) != 0)
        CHECK(bolt_builder_put(s->builder, (struct slice){corrupt, 4}, none, NULL) == ERR_OK);
    leave(s);
}

static void put_keys(struct snapshot *s, unsigned shape)
{
    enter(s, "key", 3);
    put_kv(s, 2, "a", "1");
    if ((shape & SHAPE_GAP) == 0)
        put_kv(s, 3, "b", "2");
    put_kv(s, 4, (shape & SHAPE_ADDRESSES) != 0 ? "k3s/apiaddresses" : "c", "[\"1.2.3.4:6443\"]");
    leave(s);
}

static void put_meta(struct snapshot *s, unsigned shape)
{
    enter(s, "meta", 0);
    put(s, "confState", "{\"voters\":[5],\"auto_leave\":false}");
    put_number(s, "consistent_index", 77);
    if ((shape & SHAPE_COMPACTED_100) != 0) {
        put_rev(s, "finishedCompactRev", 100);
        put_rev(s, "scheduledCompactRev", 100);
    }
    put_number(s, "term", 9);
    leave(s);
}

static void make_snapshot(const char *path, unsigned shape)
{
    struct snapshot s;

    begin(&s);
    if ((shape & SHAPE_FEW_BUCKETS) == 0)
        put_alarms(&s, shape);
    enter(&s, "cluster", 0);
    put(&s, "clusterVersion", "3.6.0");
    put(&s, "downgrade", "{\"target-version\":\"\",\"enabled\":false}");
    leave(&s);
    put_keys(&s, shape);
    if ((shape & SHAPE_FEW_BUCKETS) == 0) {
        enter(&s, "members", 0);
        put(&s, "5", "{\"id\":5,\"peerURLs\":[\"http://old:1\"],\"name\":\"old\"}");
        leave(&s);
        enter(&s, "members_removed", 0);
        put(&s, "6", "removed");
        leave(&s);
        put_meta(&s, shape);
    }
    finish(&s, path);
}

static void scratch(unsigned shape)
{
    scratch_make();
    make_snapshot("snap", shape);
}

static struct reset_restore_request plain(void)
{
    return (struct reset_restore_request){
        .snapshot = "snap",
        .name = "n",
        .initial_cluster = "n=http://h:1",
        .initial_advertise_peer_urls = "http://h:1",
        .initial_cluster_token = "t",
        .data_dir = "data",
    };
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

/* Every row of the new db as "bucket/key=value" lines, bytes printable. */
struct rows {
    char text[8192];
    char bucket[64];
};

static int row_bucket(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    struct rows *rows = ctx;
    size_t len = strlen(rows->text);

    (void)err;
    (void)finding_printable(bucket->name, rows->bucket, sizeof rows->bucket);
    (void)snprintf(rows->text + len, sizeof rows->text - len, "%s:%llu\n", rows->bucket,
                   (unsigned long long)bucket->sequence);
    return ERR_OK;
}

static int row_item(void *ctx, const struct bolt_item *item, struct err *err)
{
    struct rows *rows = ctx;
    char key[256];
    char value[512];
    size_t len = strlen(rows->text);

    (void)err;
    (void)finding_printable(item->key, key, sizeof key);
    (void)finding_printable(item->value, value, sizeof value);
    (void)snprintf(rows->text + len, sizeof rows->text - len, "%s/%s=%s\n", rows->bucket, key,
                   value);
    return ERR_OK;
}

static const char *read_rows(const char *path)
{
    static struct rows rows;
    AUTO(bolt_db) struct bolt_db *db = NULL;
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct bolt_visitor visitor = {.ctx = &rows, .bucket_enter = row_bucket, .item = row_item};
    struct stat st;

    rows.text[0] = '\0';
    CHECK(fd >= 0 && fstat(fd, &st) == 0);
    struct bolt_source source = bolt_source_fd(fd, path, (uint64_t)st.st_size);
    CHECK(bolt_db_open(&source, NULL, &db, NULL) == ERR_OK);
    CHECK(bolt_walk(db, &visitor, NULL, NULL, NULL, NULL) == ERR_OK);
    return rows.text;
}

/* Runs and drops the report but for its revisions. */
static int run(const struct reset_restore_request *request, struct err *err)
{
    struct reset_report report;
    int r = reset_restore_run(request, &report, err);

    reset_report_done(&report);
    return r;
}

TEST(rows_of_a_restored_db)
{
    struct reset_restore_request q = plain();
    struct err err = {0};

    scratch(SHAPE_ALARM_SPACE);
    CHECK(run(&q, &err) == ERR_OK);
    const char *rows = read_rows("data/member/snap/db");
    CHECK(strstr(rows, "alarm:0\nauth") == NULL && strstr(rows, "alarm:0\ncluster:0\n") != NULL);
    CHECK(strstr(rows, "cluster/clusterVersion=3.6.0\nkey:3\n") != NULL);
    CHECK(strstr(rows,
                 "\"peerURLs\":[\"http://h:1\"],\"name\":\"n\"}\nmembers_removed:0\nmeta:0\n") !=
          NULL);
    CHECK(strstr(rows, "meta/confState={\"voters\":[5],\"auto_leave\":false}\n") != NULL);
    CHECK(strstr(rows, "meta/consistent_index=\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01\n") != NULL);
    CHECK(strstr(rows, "meta/term=\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01\n") != NULL);
    CHECK(strstr(rows, "scheduledCompactRev") == NULL);
}

TEST(report_says_what_changed)
{
    struct reset_restore_request q = plain();
    struct reset_report report;
    struct err err = {0};

    scratch(SHAPE_ALARM_SPACE);
    CHECK(reset_restore_run(&q, &report, &err) == ERR_OK);
    CHECK(report.revision == 4 && report.revision_after == 4 && report.live_keys == 3);
    CHECK(report.dropped_count == 1 && strcmp(report.dropped[0].name, "old") == 0);
    CHECK(report.dropped_tombstones == 1 && report.alarm_count == 1);
    CHECK(report.alarms[0].member_id == 5 && report.downgrade != NULL);
    CHECK(report.trailer_checked && strlen(report.source_sha256) == 64);
    CHECK(report.member_count == 1 && report.new_size > 0 && report.next.count > 0);
    reset_report_done(&report);
}

TEST(missing_buckets_are_made_in_their_places)
{
    struct reset_restore_request q = plain();
    struct err err = {0};

    scratch(SHAPE_FEW_BUCKETS);
    CHECK(run(&q, &err) == ERR_OK);
    const char *rows = read_rows("data/member/snap/db");
    const char *keys = strstr(rows, "key:3\n");
    CHECK(keys != NULL && strstr(keys, "members:0\n") != NULL);
    CHECK(strstr(keys, "\nmembers_removed:0\nmeta:0\nmeta/consistent_index=") != NULL);
}

TEST(bump_adds_an_empty_row_and_marks_it_compacted)
{
    struct reset_restore_request q = plain();
    struct err err = {0};

    scratch(SHAPE_ADDRESSES);
    q.bump_mode = RESET_BUMP_BY;
    q.bump = 1000; /* 4 + 1000 = 0x3ec */
    q.empty_key = "k3s/apiaddresses";
    CHECK(run(&q, &err) == ERR_OK);
    const char *rows = read_rows("data/member/snap/db");
    CHECK(strstr(rows, "\\x03\\xec_\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00=\n") != NULL);
    /* key, create 4, mod 1005, version 2, no value */
    CHECK(strstr(rows, "\\x03\\xed_\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00="
                       "\\x0a\\x10k3s/apiaddresses\\x10\\x04\\x18\\xed\\x07 \\x02\n") != NULL);
    CHECK(strstr(rows, "meta/scheduledCompactRev=\\x00\\x00\\x00\\x00\\x00\\x00\\x03\\xec_") !=
          NULL);
}

TEST(key_is_emptied_without_a_bump_too)
{
    struct reset_restore_request q = plain();
    struct reset_report report;
    struct err err = {0};

    scratch(SHAPE_ADDRESSES | SHAPE_COMPACTED_100);
    q.empty_key = "k3s/apiaddresses";
    CHECK(reset_restore_run(&q, &report, &err) == ERR_OK);
    CHECK(report.bump == 0 && report.revision == 100 && report.revision_after == 101);
    reset_report_done(&report);
    CHECK(strstr(read_rows("data/member/snap/db"), "key/\\x00\\x00\\x00\\x00\\x00\\x00\\x00e_") !=
          NULL);
}

TEST(automatic_bump_passes_the_replaced_directory)
{
    struct reset_restore_request q = plain();
    struct reset_report report;
    struct err err = {0};

    scratch(SHAPE_PLAIN);
    q.replace = true;
    q.bump_mode = RESET_BUMP_AUTO;
    CHECK(reset_restore_run(&q, &report, &err) == ERR_OK); /* nothing known before */
    CHECK(report.bump == 1000000000 && report.revision_after == 1000000004);
    CHECK(report.old_dir == NULL);
    reset_report_done(&report);
    CHECK(reset_restore_run(&q, &report, &err) == ERR_OK);
    CHECK(report.old_revision == 1000000004 && report.revision_after == 1001000004);
    CHECK(report.old_dir != NULL && exists(report.old_dir));
    reset_report_done(&report);
}

TEST(bumps_that_cannot_be_are_refused)
{
    struct reset_restore_request q = plain();
    struct err err = {0};

    scratch(SHAPE_COMPACTED_100);
    q.bump_mode = RESET_BUMP_BY;
    q.bump = (uint64_t)INT64_MAX - 4;
    CHECK(run(&q, &err) == ERR_REFUSED && strstr(err.msg, "overflows") != NULL);
    q.bump = UINT64_MAX;
    CHECK(run(&q, &err) == ERR_REFUSED);
    q.bump = 96;
    CHECK(run(&q, &err) == ERR_REFUSED && strstr(err.msg, "compacted") != NULL);
    q.bump = 97;
    CHECK(entries(".") == 1);
    CHECK(run(&q, &err) == ERR_OK);
}

TEST(corrupt_alarm_needs_consent)
{
    struct reset_restore_request q = plain();
    struct err err = {0};

    scratch(SHAPE_ALARM_CORRUPT);
    CHECK(run(&q, &err) == ERR_REFUSED && strstr(err.msg, "--accept corrupt-alarm") != NULL);
    CHECK(entries(".") == 1);
    q.accept = RESET_ACCEPT_CORRUPT_ALARM;
    CHECK(run(&q, &err) == ERR_OK);
}

TEST(revision_gap_needs_consent)
{
    struct reset_restore_request q = plain();
    struct reset_report report;
    struct err err = {0};

    scratch(SHAPE_GAP);
    CHECK(run(&q, &err) == ERR_REFUSED && strstr(err.msg, "--accept revision-gap") != NULL);
    CHECK(entries(".") == 1);
    q.accept = RESET_ACCEPT_REVISION_GAP;
    CHECK(reset_restore_run(&q, &report, &err) == ERR_OK);
    CHECK(report.accepted.count == 1);
    reset_report_done(&report);
}

static void flip(const char *path, long offset)
{
    AUTO_CLOSE int fd = open(path, O_RDWR | O_CLOEXEC);
    uint8_t byte = 0;

    CHECK(fd >= 0 && pread(fd, &byte, 1, offset) == 1);
    byte ^= 0x40;
    CHECK(pwrite(fd, &byte, 1, offset) == 1);
}

TEST(damage_leaves_nothing)
{
    struct reset_restore_request q = plain();
    struct err err = {0};

    scratch(SHAPE_PLAIN);
    flip("snap", 9000);
    CHECK(run(&q, &err) == ERR_CORRUPT && strstr(err.msg, "'snap'") != NULL);
    q.skip_hash_check = true; /* a trailer that is there must match, whatever is said */
    CHECK(run(&q, &err) == ERR_CORRUPT);
    CHECK(entries(".") == 1);
}

TEST(missing_trailer_needs_the_word_for_it)
{
    struct reset_restore_request q = plain();
    struct reset_report report;
    struct err err = {0};
    struct stat st;

    scratch(SHAPE_PLAIN);
    CHECK(stat("snap", &st) == 0 && truncate("snap", st.st_size - SHA256_SIZE) == 0);
    CHECK(run(&q, &err) == ERR_REFUSED && strstr(err.msg, "--skip-hash-check") != NULL);
    q.skip_hash_check = true;
    CHECK(reset_restore_run(&q, &report, &err) == ERR_OK);
    CHECK(!report.trailer_checked && report.notes.count == 1);
    reset_report_done(&report);
}

TEST(older_meta_is_used_with_consent)
{
    struct reset_restore_request q = plain();
    struct err err = {0};
    struct stat st;

    scratch(SHAPE_PLAIN);
    CHECK(stat("snap", &st) == 0 && truncate("snap", st.st_size - SHA256_SIZE) == 0);
    flip("snap", 4096 + 16 + 48); /* the txid in the newer meta, 7, is that of meta 1 */
    q.skip_hash_check = true;
    CHECK(run(&q, &err) == ERR_REFUSED && strstr(err.msg, "--accept older-meta") != NULL);
    q.accept = RESET_ACCEPT_OLDER_META;
    CHECK(run(&q, &err) == ERR_OK);
}

/* Give the newer meta a root page of its own at the end, a copy of the old one, and break that. */
static void break_newest_root(const char *path)
{
    AUTO_CLOSE int fd = open(path, O_RDWR | O_CLOEXEC);
    uint8_t page[4096];
    uint8_t meta[BOLT_META_SIZE];
    off_t at = 4096 + 16; /* meta 1 has txid 7, meta 0 has 6 */
    uint64_t pages;

    CHECK(fd >= 0 && pread(fd, meta, sizeof meta, at) == (ssize_t)sizeof meta);
    CHECK(le64_load(meta + 48) == 7);
    pages = le64_load(meta + 40);
    CHECK(pread(fd, page, sizeof page, (off_t)le64_load(meta + 16) * 4096) == 4096);
    le64_store(page, pages);
    page[10] = 0xff; /* count */
    CHECK(pwrite(fd, page, sizeof page, (off_t)pages * 4096) == 4096);
    le64_store(meta + 16, pages);
    le64_store(meta + 40, pages + 1);
    le64_store(meta + 56, bolt_meta_checksum(meta));
    CHECK(pwrite(fd, meta, sizeof meta, at) == (ssize_t)sizeof meta);
}

TEST(state_one_commit_earlier_is_restored_with_consent)
{
    struct reset_restore_request q = plain();
    struct reset_report report;
    struct err err = {0};
    struct stat st;

    scratch(SHAPE_ALARM_SPACE);
    CHECK(stat("snap", &st) == 0 && truncate("snap", st.st_size - SHA256_SIZE) == 0);
    break_newest_root("snap");
    q.skip_hash_check = true;
    CHECK(run(&q, &err) == ERR_CORRUPT && strstr(err.msg, "--accept older-meta") != NULL);
    CHECK(entries(".") == 1);
    q.accept = RESET_ACCEPT_OLDER_META;
    CHECK(reset_restore_run(&q, &report, &err) == ERR_OK);
    CHECK(report.accepted.count == 1 && report.dropped_count == 1 && report.alarm_count == 1);
    reset_report_done(&report);
    CHECK(strstr(read_rows("data/member/snap/db"), "meta/consistent_index=") != NULL);
}

TEST(dry_run_writes_nothing)
{
    struct reset_restore_request q = plain();
    struct reset_report report;
    struct err err = {0};

    scratch(SHAPE_ADDRESSES);
    q.data_dir = "a/b/data";
    q.bump_mode = RESET_BUMP_AUTO;
    q.empty_key = "k3s/apiaddresses";
    q.dry_run = true;
    CHECK(reset_restore_run(&q, &report, &err) == ERR_OK);
    CHECK(report.is_dry_run && report.revision_after == 1000000005 && report.emptied_key != NULL);
    reset_report_done(&report);
    CHECK(entries(".") == 1);
}

TEST(cancelled_run_leaves_nothing)
{
    struct reset_restore_request q = plain();
    _Atomic bool cancel = true;
    struct err err = {0};

    scratch(SHAPE_PLAIN);
    q.cancel = &cancel;
    CHECK(run(&q, &err) == ERR_INTERRUPTED);
    CHECK(entries(".") == 1);
}

TEST(page_size_may_be_another)
{
    struct reset_restore_request q = plain();
    struct reset_report report;
    struct err err = {0};

    scratch(SHAPE_PLAIN);
    q.page_size = 16384;
    CHECK(reset_restore_run(&q, &report, &err) == ERR_OK);
    CHECK(report.new_size % 16384 == 0);
    reset_report_done(&report);
    CHECK(strstr(read_rows("data/member/snap/db"), "members/") != NULL);
    q.page_size = 5000;
    CHECK(run(&q, &err) == ERR_USAGE);
}

TEST(packed_size_is_measured_before_anything_is_built)
{
    struct reset_restore_request q = plain();
    struct reset_report report;
    struct err err = {0};
    uint64_t measured = 0;

    scratch(SHAPE_PLAIN);
    CHECK(reset_measure(&q, &measured, &err) == ERR_OK);
    CHECK(reset_restore_run(&q, &report, &err) == ERR_OK);
    CHECK(report.new_size == measured);
    reset_report_done(&report);
    flip("snap", 9000);
    (void)reset_measure(&q, &measured, &err); /* any answer will do, a crash will not */
}

TEST(space_is_refused_with_have_and_want)
{
    struct reset_space space = {.free_bytes = 10 << 20, .free_inodes = 100, .has_inodes = true};
    struct err err = {0};

    CHECK(reset_space_check(&space, 6 << 20, "d", &err) == ERR_OK);
    CHECK(reset_space_check(&space, (6 << 20) + 1, "d", &err) == ERR_REFUSED);
    CHECK(strstr(err.msg, "have 10 MiB free") != NULL);
    space.free_inodes = RESET_INODES - 1;
    CHECK(reset_space_check(&space, 1, "d", &err) == ERR_REFUSED);
    CHECK(strstr(err.msg, "inodes") != NULL);
    space.has_inodes = false;
    CHECK(reset_space_check(&space, 1, "d", &err) == ERR_OK);
}

/* The log of a live directory whose db has applied 77: `last` - 76 entries from 77 on. */
static void make_log(uint64_t last)
{
    AUTO_CLOSE int dir = open("live/member/wal", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct raft_metadata metadata = {.node_id = 1, .cluster_id = 2};
    struct raft_hard_state state = {.term = 1, .vote = 1, .commit = 77};
    struct raft_wal_writer *w = NULL;

    CHECK(dir >= 0 && raft_wal_create(dir, &metadata, &w, NULL) == ERR_OK);
    for (uint64_t index = 1; index <= last; index++) {
        struct raft_entry e = {.term = 1, .index = index};

        CHECK(raft_wal_put_entry(w, &e, NULL) == ERR_OK);
    }
    CHECK(raft_wal_put_state(w, &state, NULL) == ERR_OK && raft_wal_finish(w, NULL) == ERR_OK);
    raft_wal_writer_free(w);
}

TEST(replaced_directory_is_known_with_its_log)
{
    scratch(SHAPE_PLAIN);
    CHECK(!reset_old_look("live").is_known);
    CHECK(mkdir("live", 0700) == 0 && mkdir("live/member", 0700) == 0 &&
          mkdir("live/member/snap", 0700) == 0 && mkdir("live/member/wal", 0700) == 0);
    CHECK(!reset_old_look("live").is_known);
    CHECK(link("snap", "live/member/snap/db") == 0);

    struct reset_old without = reset_old_look("live");
    CHECK(without.is_known && without.revision > 1 && without.tail == 0);
    make_log(80);
    struct reset_old with = reset_old_look("live");
    CHECK(with.is_known && with.revision == without.revision && with.tail == 3);
}
