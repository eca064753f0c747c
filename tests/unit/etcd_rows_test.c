/* Vectors: docs/format/etcd-buckets.md and docs/format/hashes.md. */
#include <string.h>

#include "src/base/auto.h"
#include "src/etcd/confstate.h"
#include "src/etcd/ids.h"
#include "src/etcd/kv.h"
#include "src/etcd/member.h"
#include "src/etcd/rev.h"
#include "src/etcd/rows.h"
#include "tests/unit/test.h"

#define BYTES(...) \
    ((struct slice){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})

static bool is_text(const struct buf *b, const char *want)
{
    return slice_eq(buf_slice(b), slice_str(want));
}

TEST(rev_matches_vector)
{
    static const uint8_t want[] = {0, 0, 0, 0, 0, 0, 0, 5, 0x5f, 0, 0, 0, 0, 0, 0, 0, 0, 0x74};
    uint8_t out[ETCD_REV_TOMBSTONE_SIZE];
    struct etcd_revision rev;
    bool is_tombstone;

    CHECK(etcd_rev_encode((struct etcd_revision){5, 0}, true, out) == 18);
    CHECK(memcmp(out, want, 18) == 0);
    CHECK(etcd_rev_encode((struct etcd_revision){5, 0}, false, out) == 17);
    CHECK(etcd_rev_decode((struct slice){want, 17}, &rev, &is_tombstone) == ETCD_REV_OK);
    CHECK(rev.main == 5 && rev.sub == 0 && !is_tombstone);
    CHECK(etcd_rev_decode((struct slice){want, 18}, &rev, &is_tombstone) == ETCD_REV_OK);
    CHECK(is_tombstone);
}

TEST(rev_refuses_what_etcd_panics_on)
{
    uint8_t key[19] = {0, 0, 0, 0, 0, 0, 0, 5, 0x5f, 0, 0, 0, 0, 0, 0, 0, 1, 0x74};
    struct etcd_revision rev;
    bool mark;

    for (size_t n = 0; n < 17; n++)
        CHECK(etcd_rev_decode((struct slice){key, n}, &rev, &mark) == ETCD_REV_LENGTH);
    CHECK(etcd_rev_decode((struct slice){key, 19}, &rev, &mark) == ETCD_REV_LENGTH);
    key[17] = 'u';
    CHECK(etcd_rev_decode((struct slice){key, 18}, &rev, &mark) == ETCD_REV_SHAPE);
    key[8] = '-';
    CHECK(etcd_rev_decode((struct slice){key, 17}, &rev, &mark) == ETCD_REV_SHAPE);
    key[8] = '_';
    key[9] = 0x80;
    CHECK(etcd_rev_decode((struct slice){key, 17}, &rev, &mark) == ETCD_REV_NEGATIVE);
    key[9] = 0;
    key[0] = 0xff;
    CHECK(etcd_rev_decode((struct slice){key, 17}, &rev, &mark) == ETCD_REV_NEGATIVE);
}

static const uint8_t foo_bar[] = {0x0a, 3,    'f', 'o',  'o', 0x10, 2,   0x18,
                                  2,    0x20, 1,   0x2a, 3,   'b',  'a', 'r'};

TEST(kv_decodes_vector)
{
    struct etcd_kv kv;

    CHECK(etcd_kv_decode((struct slice){foo_bar, sizeof foo_bar}, &kv));
    CHECK(slice_eq(kv.key, slice_str("foo")) && slice_eq(kv.value, slice_str("bar")));
    CHECK(kv.create_revision == 2 && kv.mod_revision == 2 && kv.version == 1 && kv.lease == 0);
    CHECK(!kv.has_unknown);
}

TEST(kv_encodes_vector)
{
    AUTO_BUF struct buf out = BUF_INIT(64);
    struct etcd_kv kv = {.key = slice_str("foo"),
                         .create_revision = 2,
                         .mod_revision = 2,
                         .version = 1,
                         .value = slice_str("bar")};

    CHECK(etcd_kv_encode(&kv, &out, NULL) == ERR_OK);
    CHECK(slice_eq(buf_slice(&out), (struct slice){foo_bar, sizeof foo_bar}));
    buf_clear(&out);
    CHECK(etcd_kv_encode(&(struct etcd_kv){0}, &out, NULL) == ERR_OK && out.len == 0);
}

TEST(kv_refuses_cut_messages)
{
    struct etcd_kv kv;

    CHECK(etcd_kv_decode((struct slice){0}, &kv) && kv.key.len == 0 && kv.version == 0);
    for (size_t n = 1; n < sizeof foo_bar; n++) {
        bool is_boundary = n == 5 || n == 7 || n == 9 || n == 11;

        CHECK(etcd_kv_decode((struct slice){foo_bar, n}, &kv) == is_boundary);
    }
}

TEST(kv_refuses_other_wire_types)
{
    struct etcd_kv kv;

    CHECK(!etcd_kv_decode(BYTES(0x08, 3), &kv));          /* key as varint */
    CHECK(!etcd_kv_decode(BYTES(0x12, 1, 'x'), &kv));     /* create_revision as bytes */
    CHECK(!etcd_kv_decode(BYTES(0x28, 1), &kv));          /* value as varint */
    CHECK(!etcd_kv_decode(BYTES(0x35, 1, 1, 1, 1), &kv)); /* lease as 32 bits */
    CHECK(!etcd_kv_decode(BYTES(0x0b, 1, 0x0c), &kv));    /* a group */
    CHECK(etcd_kv_decode(BYTES(0x38, 1), &kv) && kv.has_unknown);
}

TEST(kv_keeps_negative_lease)
{
    struct etcd_kv kv;

    CHECK(
        etcd_kv_decode(BYTES(0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1), &kv));
    CHECK(kv.lease == -1);
}

TEST(member_id_matches_etcd)
{
    const char *url = "http://localhost:2380";
    const char *two[] = {"http://b:2380", "http://a:2380"};
    const char *swapped[] = {"http://a:2380", "http://b:2380"};
    uint64_t id;
    uint64_t other;

    CHECK(etcd_member_id(&url, 1, "etcd-cluster", &id, NULL) == ERR_OK);
    CHECK(id == UINT64_C(0x8e9e05c52164694d));
    CHECK(etcd_member_id(two, 2, "t", &id, NULL) == ERR_OK);
    CHECK(etcd_member_id(swapped, 2, "t", &other, NULL) == ERR_OK && id == other);
}

TEST(cluster_id_matches_etcd)
{
    static const char *const urls[] = {"http://10.0.0.1:2380", "http://10.0.0.2:2380",
                                       "http://10.0.0.3:2380"};
    static const uint64_t want[] = {UINT64_C(0x98521e8c6c48c6da), UINT64_C(0x61b046c1789d11d8),
                                    UINT64_C(0x7aa181191753809e)};
    uint64_t single = UINT64_C(0x8e9e05c52164694d);
    uint64_t ids[3];
    uint64_t cluster;

    for (size_t i = 0; i < 3; i++) {
        CHECK(etcd_member_id(&urls[i], 1, "tok", &ids[i], NULL) == ERR_OK);
        CHECK(ids[i] == want[i]);
    }
    CHECK(etcd_cluster_id(ids, 3, &cluster, NULL) == ERR_OK);
    CHECK(cluster == UINT64_C(0x8e67f3b977698ab3));
    CHECK(etcd_cluster_id(&single, 1, &cluster, NULL) == ERR_OK);
    CHECK(cluster == UINT64_C(0xcdf818194e3a8c32));
}

TEST(ids_refuse_too_much)
{
    static const char *urls[ETCD_URLS_MAX + 1];
    static char token[ETCD_TOKEN_MAX + 2];
    struct err err = {0};
    uint64_t id;

    for (size_t i = 0; i <= ETCD_URLS_MAX; i++)
        urls[i] = "";
    CHECK(etcd_member_id(urls, ETCD_URLS_MAX + 1, "t", &id, &err) == ERR_LIMIT);
    CHECK(strstr(err.msg, "65 peer URLs") != NULL);
    memset(token, 'x', ETCD_TOKEN_MAX + 1);
    CHECK(etcd_member_id(urls, 1, token, &id, &err) == ERR_LIMIT);
    CHECK(etcd_cluster_id(NULL, ETCD_MEMBERS_MAX + 1, &id, &err) == ERR_LIMIT);
}

TEST(member_json_round_trip)
{
    static const char *const texts[] = {
        "{\"id\":18446744073709551614,\"peerURLs\":[\"http://a:2380\",\"http://b:2380\"],"
        "\"isLearner\":true,\"name\":\"a\\u003cb\\u0026\\u2028\",\"clientURLs\":[\"http://c:1\"]}",
        "{\"id\":10276657743932975437,\"peerURLs\":null}",
    };

    for (size_t i = 0; i < 2; i++) {
        AUTO_BUF struct buf out = BUF_INIT(1024);
        struct etcd_member m;

        CHECK(etcd_member_decode(slice_str(texts[i]), &m, NULL) == ERR_OK);
        CHECK(i == 1 || (m.id == UINT64_MAX - 1 && m.is_learner && m.peer_url_count == 2));
        CHECK(etcd_member_encode(&m, &out, NULL) == ERR_OK);
        CHECK(is_text(&out, texts[i]));
        etcd_member_done(&m);
    }
}

TEST(member_json_refuses)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{}",
        "{\"id\":1.5}",
        "{\"id\":\"1\"}",
        "{\"id\":18446744073709551616}",
        "{\"id\":1,\"peerURLs\":\"u\"}",
        "{\"id\":1,\"peerURLs\":[1]}",
        "{\"id\":1,\"isLearner\":1}",
        "{\"id\":1,\"name\":{}}",
        "{\"id\":1,\"name\":\"a\\u0000b\"}",
        "{\"id\":1,\"clientURLs\":3}",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct err err = {0};
        struct etcd_member m;

        CHECK(etcd_member_decode(slice_str(texts[i]), &m, &err) == ERR_CORRUPT);
        CHECK(strncmp(err.msg, "member: ", 8) == 0);
    }
}

TEST(member_key_is_lower_hex_without_padding)
{
    static const char *const refused[] = {"", "0a", "A", "g", "11111111111111111", "a "};
    char key[ETCD_MEMBER_KEY_MAX];
    uint64_t id;

    CHECK(etcd_member_key(UINT64_C(0x0e9e05c52164694d), key) == 15);
    CHECK(strcmp(key, "e9e05c52164694d") == 0);
    CHECK(etcd_member_key_decode(slice_str("e9e05c52164694d"), &id));
    CHECK(id == UINT64_C(0x0e9e05c52164694d));
    CHECK(etcd_member_key_decode(slice_str("ffffffffffffffff"), &id) && id == UINT64_MAX);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        CHECK(!etcd_member_key_decode(slice_str(refused[i]), &id));
}

TEST(conf_state_as_etcd_writes_it)
{
    static const uint64_t voter = UINT64_C(10276657743932975437);
    const char *text = "{\"voters\":[10276657743932975437],\"auto_leave\":false}";
    AUTO_BUF struct buf out = BUF_INIT(256);
    AUTO_CONF_STATE struct etcd_conf_state c = {0};

    CHECK(etcd_conf_state_encode(&voter, 1, &out, NULL) == ERR_OK && is_text(&out, text));
    CHECK(etcd_conf_state_decode(slice_str(text), &c, NULL) == ERR_OK);
    CHECK(c.voter_count == 1 && c.voters[0] == voter && c.learner_count == 0 && !c.is_joint);
    buf_clear(&out);
    CHECK(etcd_conf_state_encode(NULL, 0, &out, NULL) == ERR_OK);
    CHECK(is_text(&out, "{\"auto_leave\":false}"));
}

TEST(conf_state_refuses)
{
    static const char *const texts[] = {"", "[]", "{\"voters\":1}", "{\"voters\":[-1]}",
                                        "{\"voters\":[1],\"learners\":[\"1\"]}"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct err err = {0};
        struct etcd_conf_state c;

        CHECK(etcd_conf_state_decode(slice_str(texts[i]), &c, &err) == ERR_CORRUPT);
        CHECK(strncmp(err.msg, "conf state: ", 12) == 0);
    }
}

TEST(alarm_key_is_the_message)
{
    static const uint8_t key[] = {0x08, 0xcd, 0xd2, 0x91, 0x8b, 0xd2, 0xb8,
                                  0x81, 0xcf, 0x8e, 0x01, 0x10, 0x01};
    AUTO_BUF struct buf out = BUF_INIT(32);
    struct etcd_alarm alarm;

    CHECK(etcd_alarm_decode((struct slice){key, sizeof key}, &alarm));
    CHECK(alarm.member_id == UINT64_C(0x8e9e05c52164694d) && alarm.type == ETCD_ALARM_NOSPACE);
    CHECK(etcd_alarm_encode(&alarm, &out, NULL) == ERR_OK);
    CHECK(slice_eq(buf_slice(&out), (struct slice){key, sizeof key}));
    CHECK(!etcd_alarm_decode((struct slice){key, 5}, &alarm));
    CHECK(!etcd_alarm_decode(BYTES(0x0a, 1, 1), &alarm));
}

TEST(lease_user_and_role_rows)
{
    struct etcd_lease lease;
    struct slice name;

    CHECK(etcd_lease_decode(BYTES(0x08, 0x81, 1, 0x10, 60, 0x18, 5), &lease));
    CHECK(lease.id == 129 && lease.ttl == 60 && lease.remaining_ttl == 5);
    CHECK(!etcd_lease_decode(BYTES(0x08), &lease) && !etcd_lease_decode(BYTES(0x0a, 0), &lease));
    CHECK(etcd_user_decode(BYTES(0x0a, 4, 'r', 'o', 'o', 't', 0x12, 1, 'x'), &name));
    CHECK(slice_eq(name, slice_str("root")));
    CHECK(!etcd_user_decode(BYTES(0x0a, 4, 'r'), &name));
    CHECK(etcd_role_decode(BYTES(0x0a, 1, 'r', 0x12, 0), &name) && name.len == 1);
    CHECK(!etcd_role_decode(BYTES(0x10, 1), &name));
}

TEST(versions_and_downgrade)
{
    static const char *const refused[] = {"",       "3",      "3.6",   "3.6.",
                                          "v3.6.0", "3.6.0x", "3.x.0", "99999999.0.0"};
    struct etcd_version v;
    struct etcd_downgrade d;

    CHECK(etcd_version_decode(slice_str("3.6.0"), &v) && v.major == 3 && v.minor == 6);
    CHECK(etcd_version_decode(slice_str("3.6.0-rc.1"), &v));
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        CHECK(!etcd_version_decode(slice_str(refused[i]), &v));
    CHECK(etcd_downgrade_decode(slice_str("{\"target-version\":\"3.5.0\",\"enabled\":true}"), &d,
                                NULL) == ERR_OK);
    CHECK(d.enabled && strcmp(d.target, "3.5.0") == 0);
    CHECK(etcd_downgrade_decode(slice_str("{\"enabled\":1}"), &d, NULL) == ERR_CORRUPT);
    CHECK(etcd_downgrade_decode(slice_str("x"), &d, NULL) == ERR_CORRUPT);
}
