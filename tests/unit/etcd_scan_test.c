/* The scan's checks, row by row: what is legal in a real db must stay without a finding (that is
 * tested on real files in etcd_fixture_test.c), and each defect gives its own code. */
#include <stdio.h>
#include <string.h>

#include "src/base/auto.h"
#include "src/etcd/kv.h"
#include "src/etcd/member.h"
#include "src/etcd/problem.h"
#include "src/etcd/rev.h"
#include "src/etcd/rows.h"
#include "src/etcd/scan.h"
#include "tests/unit/test.h"

enum { CODES_MAX = 64 };

/* A scan fed by hand, and the codes it reported. */
struct feed {
    struct finding_sink sink;
    const char *codes[CODES_MAX];
    size_t count;
    char last_text[256];
    char last_low[64];
    uint64_t last_page;
    struct etcd_scan *scan;
    struct etcd_facts facts;
};

static void collect(struct finding_sink *sink, const struct finding *f)
{
    struct feed *feed = (struct feed *)(void *)sink;

    if (feed->count < CODES_MAX)
        feed->codes[feed->count++] = f->code;
    (void)snprintf(feed->last_text, sizeof feed->last_text, "%s", f->text);
    (void)snprintf(feed->last_low, sizeof feed->last_low, "%s", f->low == NULL ? "" : f->low);
    feed->last_page = f->page;
}

static size_t times(const struct feed *f, const char *code)
{
    size_t n = 0;

    for (size_t i = 0; i < f->count; i++)
        n += strcmp(f->codes[i], code) == 0;
    return n;
}

static bool has(const struct feed *f, const char *code)
{
    return times(f, code) > 0;
}

static void start(struct feed *f, int64_t finished, int64_t scheduled)
{
    struct etcd_scan_options options = {
        .want_hash = true, .want_live_keys = true, .follow = slice_str("k")};
    struct etcd_compaction compaction = {.finished = finished, .scheduled = scheduled};

    *f = (struct feed){.sink.add = collect};
    CHECK(etcd_scan_new_at(NULL, &compaction, &options, &f->sink, &f->scan, NULL) == ERR_OK);
}

static void enter(struct feed *f, const char *name, unsigned depth)
{
    struct bolt_bucket bucket = {.name = slice_str(name), .depth = depth};

    CHECK(etcd_scan_enter(f->scan, &bucket, NULL) == ERR_OK);
}

static void leave(struct feed *f, unsigned depth)
{
    struct bolt_bucket bucket = {.depth = depth};

    CHECK(etcd_scan_leave(f->scan, &bucket, NULL) == ERR_OK);
}

static void row(struct feed *f, struct slice key, struct slice value)
{
    struct bolt_item item = {.key = key, .value = value, .page = 5, .offset = 1234};

    CHECK(etcd_scan_item(f->scan, &item, NULL) == ERR_OK);
}

static void one_row(struct feed *f, const char *bucket, const char *key, struct slice value)
{
    enter(f, bucket, 1);
    row(f, slice_str(key), value);
    leave(f, 1);
}

static void finish(struct feed *f)
{
    CHECK(etcd_scan_finish(f->scan, &f->facts, NULL) == ERR_OK);
    etcd_scan_free(f->scan);
}

/* A row of bucket key; version 0: a tombstone. */
static void rev_row(struct feed *f, int64_t main, int64_t sub, const char *key, int64_t version)
{
    AUTO_BUF struct buf value = BUF_INIT(1024);
    uint8_t name[ETCD_REV_TOMBSTONE_SIZE];
    size_t n = etcd_rev_encode((struct etcd_revision){main, sub}, version == 0, name);
    struct etcd_kv kv = {.key = slice_str(key)};

    if (version > 0) {
        kv.mod_revision = main;
        kv.create_revision = main - version + 1;
        kv.version = version;
        kv.value = slice_str("v");
    }
    CHECK(etcd_kv_encode(&kv, &value, NULL) == ERR_OK);
    row(f, (struct slice){name, n}, buf_slice(&value));
}

static void kv_row(struct feed *f, int64_t main, const struct etcd_kv *kv, bool is_tombstone)
{
    AUTO_BUF struct buf value = BUF_INIT(1024);
    uint8_t name[ETCD_REV_TOMBSTONE_SIZE];
    size_t n = etcd_rev_encode((struct etcd_revision){main, 0}, is_tombstone, name);

    CHECK(etcd_kv_encode(kv, &value, NULL) == ERR_OK);
    row(f, (struct slice){name, n}, buf_slice(&value));
}

TEST(scan_sound_history)
{
    struct feed f;

    start(&f, 0, 0);
    enter(&f, "key", 1);
    rev_row(&f, 2, 0, "k", 1);
    rev_row(&f, 3, 0, "k", 2);
    rev_row(&f, 4, 0, "k", 0);
    rev_row(&f, 4, 1, "/registry/x", 1);
    rev_row(&f, 5, 0, "k", 1);
    leave(&f, 1);
    finish(&f);
    CHECK(!has(&f, "revision-gap") && finding_count(&f.sink, FINDING_SUSPECT) == 1);
    CHECK(has(&f, "no-members")); /* the one finding above a note */
    CHECK(f.facts.records == 5 && f.facts.live_keys == 2 && f.facts.current_revision == 5);
    CHECK(f.facts.first.main == 2 && f.facts.last.main == 5 && f.facts.has_kubernetes);
    CHECK(f.facts.followed.seen && !f.facts.followed.is_deleted && f.facts.followed.mod.main == 5);
    etcd_facts_done(&f.facts);
}

TEST(scan_gaps)
{
    struct feed f;

    start(&f, 0, 0);
    enter(&f, "key", 1);
    rev_row(&f, 3, 0, "a", 1); /* 2 is missing: never compacted */
    CHECK(times(&f, "revision-gap") == 1 && strstr(f.last_text, "2 to 2") != NULL);
    CHECK(strcmp(f.last_low, "revision 3.0") == 0 && f.last_page == 5);
    rev_row(&f, 3, 2, "b", 1); /* 3.1 */
    CHECK(times(&f, "revision-gap") == 2 && strstr(f.last_text, "3.1 to 3.1") != NULL);
    rev_row(&f, 4, 1, "c", 1); /* 4.0 */
    CHECK(times(&f, "revision-gap") == 3 && strstr(f.last_text, "4.0 to 4.0") != NULL);
    rev_row(&f, 9, 0, "d", 1); /* 5 to 8 */
    CHECK(times(&f, "revision-gap") == 4 && strstr(f.last_text, "5 to 8") != NULL);
    rev_row(&f, 10, 0, "e", 1);
    CHECK(times(&f, "revision-gap") == 4);
    leave(&f, 1);
    finish(&f);
    etcd_facts_done(&f.facts);
}

TEST(scan_compaction_leaves_no_gap)
{
    struct feed f;

    start(&f, 10, 10);
    enter(&f, "key", 1);
    rev_row(&f, 4, 3, "a", 1);
    rev_row(&f, 7, 0, "k", 3);
    rev_row(&f, 10, 0, "b", 0); /* a tombstone at the compaction stays in newer etcds */
    rev_row(&f, 11, 0, "b", 1);
    rev_row(&f, 12, 0, "k", 0);
    leave(&f, 1);
    finish(&f);
    CHECK(!has(&f, "revision-gap") && f.facts.live_keys == 2);
    CHECK(f.facts.followed.is_deleted);
    etcd_facts_done(&f.facts);
}

TEST(scan_gap_right_above_compaction)
{
    struct feed f;

    start(&f, 10, 10);
    enter(&f, "key", 1);
    rev_row(&f, 10, 0, "a", 1);
    rev_row(&f, 12, 0, "b", 1);
    CHECK(times(&f, "revision-gap") == 1 && strstr(f.last_text, "11 to 11") != NULL);
    leave(&f, 1);
    finish(&f);
    etcd_facts_done(&f.facts);
}

/* A pending compaction: the rows it will delete are still there, so keys are counted exactly. */
TEST(scan_live_keys_with_pending_compaction)
{
    struct feed f;

    start(&f, 2, 6);
    enter(&f, "key", 1);
    rev_row(&f, 3, 0, "a", 1);
    rev_row(&f, 4, 0, "a", 2);
    rev_row(&f, 5, 0, "b", 1);
    rev_row(&f, 6, 0, "a", 0);
    rev_row(&f, 7, 0, "b", 3);
    leave(&f, 1);
    finish(&f);
    CHECK(f.facts.live_keys == 1);
    etcd_facts_done(&f.facts);
}

TEST(scan_bump_row)
{
    struct feed f;

    start(&f, 3, 1003);
    enter(&f, "key", 1);
    rev_row(&f, 3, 0, "a", 1);
    kv_row(&f, 1003, &(struct etcd_kv){0}, false);
    CHECK(f.count == 0);
    rev_row(&f, 1004, 0, "a", 2);
    CHECK(f.count == 0);
    kv_row(&f, 1005, &(struct etcd_kv){0}, false);
    CHECK(times(&f, "empty-row") == 1);
    leave(&f, 1);
    finish(&f);
    CHECK(f.facts.live_keys == 2); /* as etcdutl counts: the bump's row is one */
    etcd_facts_done(&f.facts);
}

TEST(scan_bad_revision_keys)
{
    static const uint8_t shape[17] = {0, 0, 0, 0, 0, 0, 0, 2, '-'};
    static const uint8_t negative[17] = {0x80, 0, 0, 0, 0, 0, 0, 2, '_'};
    struct feed f;

    start(&f, 0, 0);
    enter(&f, "key", 1);
    row(&f, slice_str("short"), slice_str(""));
    row(&f, (struct slice){shape, 17}, slice_str(""));
    row(&f, (struct slice){negative, 17}, slice_str(""));
    CHECK(has(&f, "revision-length") && has(&f, "revision-shape") && has(&f, "revision-negative"));
    rev_row(&f, 2, 0, "a", 1);
    rev_row(&f, 2, 0, "a", 0);
    CHECK(has(&f, "revision-twice"));
    leave(&f, 1);
    finish(&f);
    etcd_facts_done(&f.facts);
}

TEST(scan_bad_key_values)
{
    static const struct {
        struct etcd_kv kv;
        bool is_tombstone;
        const char *code;
    } rows[] = {
        {{.key = {(const uint8_t *)"a", 1}, 2, 3, 1, {0}, 0, false}, false, "kv-mod-revision"},
        {{.key = {(const uint8_t *)"a", 1}, 3, 2, 1, {0}, 0, false}, false, "kv-create-revision"},
        {{.key = {(const uint8_t *)"a", 1}, 0, 2, 1, {0}, 0, false}, false, "kv-create-revision"},
        {{.key = {(const uint8_t *)"a", 1}, 2, 2, 0, {0}, 0, false}, false, "kv-version"},
        {{.key = {(const uint8_t *)"a", 1}, 2, 2, 2, {0}, 0, false}, false, "kv-history"},
        {{.key = {0}, 2, 2, 1, {0}, 0, false}, false, "kv-no-key"},
        {{.key = {(const uint8_t *)"a", 1}, 0, 2, 0, {0}, 0, false}, true, "tombstone-content"},
        {{.key = {0}, 0, 0, 0, {(const uint8_t *)"v", 1}, 0, false}, true, "tombstone-content"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct feed f;

        start(&f, 0, 0);
        enter(&f, "key", 1);
        kv_row(&f, 2, &rows[i].kv, rows[i].is_tombstone);
        CHECK(f.count == 1 && strcmp(f.codes[0], rows[i].code) == 0);
        etcd_scan_free(f.scan);
    }
}

TEST(scan_undecodable_and_unknown)
{
    static const uint8_t key[17] = {0, 0, 0, 0, 0, 0, 0, 2, '_'};
    static const uint8_t unknown[] = {0x0a, 1, 'a', 0x10, 2, 0x18, 2, 0x20, 1, 0x38, 1};
    struct feed f;

    start(&f, 1, 1);
    enter(&f, "key", 1);
    row(&f, (struct slice){key, 17}, slice_str("\x0a\x05"));
    CHECK(f.count == 1 && has(&f, "kv-decode"));
    etcd_scan_free(f.scan);
    start(&f, 1, 1);
    enter(&f, "key", 1);
    row(&f, (struct slice){key, 17}, (struct slice){unknown, sizeof unknown});
    CHECK(f.count == 1 && has(&f, "kv-unknown-field"));
    etcd_scan_free(f.scan);
}

TEST(scan_bounds_findings)
{
    struct feed f;

    start(&f, 0, 0);
    enter(&f, "key", 1);
    for (int i = 0; i < 100; i++)
        row(&f, slice_str("x"), slice_str(""));
    CHECK(times(&f, "revision-length") == 16);
    leave(&f, 1);
    finish(&f);
    CHECK(times(&f, "revision-length") == 17);
    CHECK(strstr(f.last_text, "84 more") != NULL);
    etcd_facts_done(&f.facts);
}

static const char member_a[] = "{\"id\":10,\"peerURLs\":[\"http://a:1\"],\"name\":\"a\"}";
static const char learner_b[] = "{\"id\":11,\"peerURLs\":[\"http://b:1\"],\"isLearner\":true}";

TEST(scan_members_and_conf_state)
{
    struct feed f;

    start(&f, 0, 0);
    enter(&f, "members", 1);
    row(&f, slice_str("b"), slice_str(learner_b));
    row(&f, slice_str("a"), slice_str(member_a));
    leave(&f, 1);
    one_row(&f, "members_removed", "c", slice_str("removed"));
    one_row(&f, "meta", "confState", slice_str("{\"voters\":[10,11],\"auto_leave\":false}"));
    CHECK(f.count == 0);
    finish(&f);
    CHECK(times(&f, "lost-promotion") == 1 && !has(&f, "conf-state-members"));
    CHECK(f.facts.member_count == 2 && f.facts.members[0].id == 10 && f.facts.removed[0] == 12);
    CHECK(f.facts.has_conf_state);
    etcd_facts_done(&f.facts);
}

TEST(scan_conf_state_differs)
{
    struct feed f;

    start(&f, 0, 0);
    one_row(&f, "members", "a", slice_str(member_a));
    one_row(&f, "meta", "confState", slice_str("{\"voters\":[9]}"));
    finish(&f);
    CHECK(times(&f, "conf-state-members") == 2);
    etcd_facts_done(&f.facts);
    start(&f, 0, 0);
    one_row(&f, "meta", "confState", slice_str("{\"voters\":"));
    CHECK(has(&f, "conf-state"));
    etcd_scan_free(f.scan);
}

TEST(scan_bad_member_rows)
{
    static const char *const rows[][3] = {
        {"0a", member_a, "member-key"},
        {"a", "garbage", "member-json"},
        {"b", member_a, "member-id"},
        {"a", "{\"id\":10,\"peerURLs\":[]}", "member-no-url"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct feed f;

        start(&f, 0, 0);
        one_row(&f, "members", rows[i][0], slice_str(rows[i][1]));
        CHECK(f.count == 1 && has(&f, rows[i][2]));
        etcd_scan_free(f.scan);
    }
}

TEST(scan_members_together)
{
    struct feed f;

    start(&f, 0, 0);
    enter(&f, "members", 1);
    row(&f, slice_str("a"), slice_str(member_a));
    row(&f, slice_str("b"), slice_str(member_a)); /* the same ID and URL under another key */
    leave(&f, 1);
    one_row(&f, "members_removed", "a", slice_str("removed"));
    one_row(&f, "members_removed", "x", slice_str("removed"));
    finish(&f);
    CHECK(has(&f, "member-id") && has(&f, "member-twice") && has(&f, "member-url-twice"));
    CHECK(has(&f, "member-removed") && has(&f, "removed-member-row"));
    etcd_facts_done(&f.facts);
}

TEST(scan_meta_rows)
{
    static const uint8_t index[8] = {0, 0, 0, 0, 0, 0, 1, 2};
    static const uint8_t rev[17] = {0, 0, 0, 0, 0, 0, 0, 9, '_'};
    struct feed f;

    start(&f, 9, 9);
    enter(&f, "meta", 1);
    row(&f, slice_str("consistent_index"), (struct slice){index, 8});
    row(&f, slice_str("finishedCompactRev"), (struct slice){rev, 17});
    row(&f, slice_str("scheduledCompactRev"), (struct slice){rev, 17});
    row(&f, slice_str("storageVersion"), slice_str("3.6.0"));
    row(&f, slice_str("term"), (struct slice){index, 8});
    leave(&f, 1);
    CHECK(f.count == 0);
    finish(&f);
    CHECK(f.facts.consistent_index == 258 && f.facts.term == 258);
    CHECK(f.facts.finished_compact == 9 && f.facts.current_revision == 9);
    CHECK(strcmp(f.facts.storage_version, "3.6.0") == 0);
    etcd_facts_done(&f.facts);
}

TEST(scan_bad_meta_rows)
{
    static const char *const rows[][4] = {
        {"meta", "consistent_index", "short", "meta-length"},
        {"meta", "term", "", "meta-length"},
        {"meta", "scheduledCompactRev", "short", "meta-length"},
        {"meta", "finishedCompactRev", "12345678-12345678", "meta-compaction"},
        {"meta", "storageVersion", "three", "storage-version"},
        {"meta", "storageVersion", "3.6.0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "storage-version"},
        {"meta", "other", "", "unknown-key"},
        {"cluster", "clusterVersion", "x", "cluster-version"},
        {"cluster", "downgrade", "x", "downgrade"},
        {"cluster", "downgrade", "{\"target-version\":\"3.5.0\",\"enabled\":true}",
         "downgrade-enabled"},
        {"cluster", "other", "", "unknown-key"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct feed f;

        start(&f, 0, 0);
        one_row(&f, rows[i][0], rows[i][1], slice_str(rows[i][2]));
        CHECK(f.count == 1 && has(&f, rows[i][3]));
        etcd_scan_free(f.scan);
    }
}

TEST(scan_lease_alarm_and_auth_rows)
{
    static const char *const rows[][4] = {
        {"lease", "short", "", "lease-row"},
        {"lease", "abcdefgh", "\x0a", "lease-row"},
        {"lease", "abcdefgh", "\x08\x05", "lease-row"},
        {"alarm", "\x08", "", "alarm-row"},
        {"alarm", "\x08\x05\x10\x01", "", "nospace-alarm"},
        {"alarm", "\x08\x05\x10\x02", "", "corrupt-alarm"},
        {"alarm", "\x08\x05\x10\x03", "", "unknown-alarm"},
        {"auth", "authEnabled", "\x02", "auth-row"},
        {"auth", "authRevision", "1", "auth-row"},
        {"auth", "other", "", "unknown-key"},
        {"authUsers", "u", "\x0a", "auth-row"},
        {"authUsers", "u", "\x0a\x01v", "auth-row"},
        {"authRoles", "r", "\x0a\x01v", "auth-row"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct feed f;

        start(&f, 0, 0);
        one_row(&f, rows[i][0], rows[i][1], slice_str(rows[i][2]));
        CHECK(f.count == 1 && has(&f, rows[i][3]));
        etcd_scan_free(f.scan);
    }
}

TEST(scan_sound_small_rows)
{
    struct feed f;

    start(&f, 0, 0);
    one_row(&f, "auth", "authEnabled", slice_str("\x01"));
    one_row(&f, "auth", "authRevision", (struct slice){(const uint8_t *)"\0\0\0\0\0\0\0\3", 8});
    one_row(&f, "authRoles", "r", slice_str("\x0a\x01r"));
    one_row(&f, "authUsers", "u", slice_str("\x0a\x01u"));
    enter(&f, "lease", 1);
    row(&f, (struct slice){(const uint8_t *)"\0\0\0\0\0\0\0\5", 8}, slice_str("\x08\x05\x10\x3c"));
    leave(&f, 1);
    CHECK(f.count == 0);
    finish(&f);
    CHECK(f.facts.auth_enabled && f.facts.auth_revision == 3 && f.facts.users == 1);
    CHECK(f.facts.roles == 1 && f.facts.leases == 1);
    etcd_facts_done(&f.facts);
}

TEST(scan_buckets)
{
    struct feed f;

    start(&f, 0, 0);
    finish(&f);
    CHECK(f.count == 1 && has(&f, "not-etcd"));
    start(&f, 0, 0);
    row(&f, slice_str("k"), slice_str("v"));
    CHECK(has(&f, "root-key"));
    enter(&f, "other", 1);
    CHECK(has(&f, "unknown-bucket"));
    leave(&f, 1);
    enter(&f, "key", 1);
    enter(&f, "inner", 2);
    row(&f, slice_str("anything"), slice_str("goes"));
    CHECK(has(&f, "nested-bucket") && !has(&f, "revision-length"));
    leave(&f, 2);
    leave(&f, 1);
    finish(&f);
    CHECK(times(&f, "missing-bucket") == 9 && !has(&f, "missing-key-bucket"));
    etcd_facts_done(&f.facts);
}

/* Behind a damaged page may stand what seems to be missing. */
TEST(scan_says_nothing_is_missing_beside_damage)
{
    struct finding damage = {.code = "page-type", .severity = FINDING_DAMAGE, .text = "x"};
    struct feed f;

    start(&f, 0, 0);
    finding_report(&f.sink, &damage);
    finish(&f);
    CHECK(f.count == 1 && !has(&f, "not-etcd"));
}

TEST(problem_table_is_complete)
{
    for (int i = 0; i < ETCD_PROBLEM_COUNT; i++) {
        struct finding f = etcd_finding((enum etcd_problem)i);

        CHECK(f.code != NULL && f.text != NULL && f.next != NULL && f.page == FINDING_NO_PLACE);
        for (int k = 0; k < i; k++)
            CHECK(strcmp(f.code, etcd_finding((enum etcd_problem)k).code) != 0);
    }
}
