#include "src/base/auto.h"
#include "src/raft/snapfile.h"
#include "src/raft/v2store.h"
#include "tests/unit/raft_dir.h"

/* The newest .snap of a fixture, decoded; `file` owns the bytes. */
static void load_snap(const char *fixture, const char *name, struct buf *file,
                      struct raft_snapshot *ret)
{
    char path[512];
    struct err err = {0};

    (void)snprintf(path, sizeof path, "%s/%s/snap/%s", RAFT_FIXTURES, fixture, name);
    read_file(AT_FDCWD, path, file);
    CHECK(raft_snap_decode(buf_slice(file), ret, &err) == ERR_OK);
}

static const char real_36[] = "0000000000000002-0000000000000018.snap";

TEST(snap_of_a_real_member_gives_its_cluster)
{
    AUTO_BUF struct buf file = BUF_INIT(1 << 20);
    struct raft_snapshot snapshot;
    struct raft_v2store store;

    load_snap("learner-3.6", real_36, &file, &snapshot);
    CHECK(snapshot.index == 24 && snapshot.term == 2);
    CHECK(snapshot.conf_state.voters.count == 1 && snapshot.conf_state.learners.count == 1);
    CHECK(snapshot.conf_state.learners.id[0] == UINT64_C(0xfd9f9e34e3f08676));
    CHECK(raft_v2store_parse(snapshot.data, &store, NULL) == ERR_OK);
    CHECK(store.member_count == 2 && store.removed_count == 2 && !store.has_foreign);
    CHECK(store.removed[0] == UINT64_C(0x3105c542989146f7));
    CHECK(strcmp(store.members[0].name, "a&b") == 0 && !store.members[0].is_learner);
    CHECK(store.members[1].is_learner && store.members[1].name[0] == '\0');
    CHECK(store.members[1].peer_url_count == 2 && store.members[1].client_url_count == 0);
    CHECK(strcmp(store.members[1].peer_urls[1], "https://127.0.0.1:3") == 0);
    CHECK(strcmp(store.version, "3.6.0") == 0);
    raft_v2store_done(&store);
}

/* 3.4 names a member by its ID without leading zeros. */
TEST(snap_of_34_has_members_in_text_order)
{
    AUTO_BUF struct buf file = BUF_INIT(1 << 20);
    struct raft_snapshot snapshot;
    struct raft_v2store store;

    load_snap("learner-3.4", "0000000000000002-0000000000000012.snap", &file, &snapshot);
    CHECK(raft_v2store_parse(snapshot.data, &store, NULL) == ERR_OK);
    CHECK(store.member_count == 2 && store.removed_count == 2);
    CHECK(store.members[0].id == UINT64_C(0x18b2e72fab8a4ba));
    CHECK(store.members[1].id == UINT64_C(0x6977b7d0c25f8879) && store.members[1].is_learner);
    raft_v2store_done(&store);
}

/* etcd 3.6 and 3.7 build the tree anew from their members for every .snap: ours must be that text.
 */
static void check_tree(const char *fixture, const char *name)
{
    AUTO_BUF struct buf file = BUF_INIT(1 << 20);
    AUTO_BUF struct buf ours = BUF_INIT(1 << 20);
    struct raft_snapshot snapshot;
    struct raft_v2store store;

    load_snap(fixture, name, &file, &snapshot);
    CHECK(raft_v2store_parse(snapshot.data, &store, NULL) == ERR_OK);
    CHECK(raft_v2store_put(&ours, &store, NULL) == ERR_OK);
    const uint8_t *hub = memmem(snapshot.data.data, snapshot.data.len, ",\"WatcherHub\"", 13);
    const uint8_t *end = memmem(ours.data, ours.len, ",\"CurrentIndex\"", 15);
    CHECK(hub != NULL && end != NULL);
    CHECK(slice_eq((struct slice){snapshot.data.data, (size_t)(hub - snapshot.data.data)},
                   (struct slice){ours.data, (size_t)(end - ours.data)}));
    const uint8_t *theirs = memmem(hub, (size_t)(snapshot.data.data + snapshot.data.len - hub),
                                   ",\"CurrentIndex\":", 16);
    CHECK(theirs != NULL && memcmp(theirs, end, strcspn((const char *)theirs + 1, ",") + 1) == 0);
    raft_v2store_done(&store);
}

TEST(v2store_put_equals_etcd_tree)
{
    check_tree("learner-3.6", real_36);
    check_tree("etcd-3.6", "0000000000000004-000000000000002c.snap");
    check_tree("etcd-3.7", "0000000000000004-000000000000002c.snap");
}

TEST(snap_put_equals_a_real_file)
{
    AUTO_BUF struct buf file = BUF_INIT(1 << 20);
    AUTO_BUF struct buf again = BUF_INIT(1 << 20);
    struct raft_snapshot snapshot;
    char name[RAFT_SNAP_NAME];

    load_snap("learner-3.6", real_36, &file, &snapshot);
    CHECK(raft_snap_put(&again, &snapshot, NULL) == ERR_OK);
    CHECK(slice_eq(buf_slice(&again), buf_slice(&file)));
    raft_snap_name(snapshot.term, snapshot.index, name);
    CHECK(strcmp(name, real_36) == 0);
}

TEST(snap_names_are_strict)
{
    uint64_t term = 0;
    uint64_t index = 0;

    CHECK(raft_snap_parse_name(real_36, &term, &index) && term == 2 && index == 24);
    CHECK(!raft_snap_parse_name("0000000000000002-0000000000000018.snap.broken", &term, &index));
    CHECK(!raft_snap_parse_name("0000000000000018.snap.db", &term, &index));
    CHECK(!raft_snap_parse_name("000000000000000G-0000000000000018.snap", &term, &index));
    CHECK(!raft_snap_parse_name("", &term, &index));
}

static int decode_code(const uint8_t *data, size_t len, const char *want)
{
    struct raft_snapshot snapshot;
    struct err err = {0};
    int r = raft_snap_decode((struct slice){data, len}, &snapshot, &err);

    CHECK(r == ERR_OK || strstr(err.msg, want) != NULL);
    return r;
}

TEST(snap_decode_refuses_what_etcd_refuses)
{
    AUTO_BUF struct buf file = BUF_INIT(1 << 20);
    struct raft_snapshot snapshot;
    static const uint8_t crc_zero[] = {0x08, 0x00, 0x12, 0x02, 0x12, 0x00};

    load_snap("learner-3.6", real_36, &file, &snapshot);
    CHECK(decode_code(file.data, 0, "empty snapshot") == ERR_CORRUPT);
    CHECK(decode_code(crc_zero, sizeof crc_zero, "empty snapshot") == ERR_CORRUPT);
    for (size_t len = 1; len < file.len; len += 97)
        CHECK(decode_code(file.data, len, "") == ERR_CORRUPT);
    for (size_t i = 0; i < file.len; i += 131) {
        file.data[i] ^= 4;
        CHECK(decode_code(file.data, file.len, "") == ERR_CORRUPT);
        file.data[i] ^= 4;
    }
    CHECK(decode_code(file.data, file.len, "") == ERR_OK);
}

static int parse_code(const char *json, struct raft_v2store *ret)
{
    struct err err = {0};
    int r = raft_v2store_parse(slice_str(json), ret, &err);

    CHECK((r == ERR_OK) == (err.msg[0] == '\0'));
    return r;
}

#define TREE(members) \
    "{\"Root\":{\"Children\":{\"0\":{\"Children\":{\"members\":{\"Children\":" members "}}}}}}"

TEST(v2store_refuses_what_etcd_panics_on)
{
    struct raft_v2store store;

    CHECK(parse_code("", &store) == ERR_CORRUPT);
    CHECK(parse_code("[]", &store) == ERR_CORRUPT);
    CHECK(parse_code(TREE("{\"8e\":{\"Children\":{}}}"), &store) == ERR_CORRUPT);
    CHECK(parse_code(TREE("{\"xy\":{\"Children\":null}}"), &store) == ERR_CORRUPT);
    CHECK(parse_code(TREE("{\"8e\":{\"Children\":{\"raftAttributes\":{\"Value\":\"{\"}}}}"),
                     &store) == ERR_CORRUPT);
    CHECK(parse_code(TREE("{\"8e\":{\"Children\":{\"raftAttributes\":{\"Value\":\"{}\"},"
                          "\"other\":{\"Value\":\"\"}}}}"),
                     &store) == ERR_CORRUPT);
    CHECK(parse_code(TREE("{\"8e\":{\"Children\":{\"raftAttributes\":{\"Value\":\"{}\"}}}}"),
                     &store) == ERR_OK);
    CHECK(store.member_count == 1 && store.members[0].id == 0x8e);
    raft_v2store_done(&store);
}

/* v2 auth leaves empty directories in /2 for good: etcd's IsMetaStoreOnly lets them pass. */
TEST(v2store_names_foreign_content)
{
    struct raft_v2store store;

    CHECK(parse_code("{\"Root\":{\"Children\":{\"1\":{\"Children\":{\"user\":{}}}}}}", &store) ==
          ERR_OK);
    CHECK(store.has_foreign && strcmp(store.foreign_path, "/1/user") == 0);
    raft_v2store_done(&store);
    CHECK(parse_code("{\"Root\":{\"Children\":{\"2\":{\"Children\":{\"users\":{\"Children\":{}},"
                     "\"enabled\":{\"Children\":null}}}}}}",
                     &store) == ERR_OK);
    CHECK(!store.has_foreign);
    raft_v2store_done(&store);
    CHECK(parse_code("{\"Root\":{\"Children\":{\"2\":{\"Children\":{\"users\":{\"Children\":"
                     "{\"root\":{}}}}}}}}",
                     &store) == ERR_OK);
    CHECK(store.has_foreign && strcmp(store.foreign_path, "/2/users") == 0);
    raft_v2store_done(&store);
}

TEST(conf_state_accepts_packed_lists)
{
    static const uint8_t packed[] = {0x0a, 0x03, 0x01, 0x80, 0x01, 0x10, 0x07, 0x28, 0x01};
    static const uint8_t cut[] = {0x0a, 0x01, 0x80};
    AUTO_BUF struct buf many = BUF_INIT(4096);
    struct raft_conf_state state;

    CHECK(raft_conf_state_decode((struct slice){packed, sizeof packed}, &state, NULL) == ERR_OK);
    CHECK(state.voters.count == 2 && state.voters.id[1] == 128 && state.learners.id[0] == 7);
    CHECK(state.auto_leave);
    CHECK(raft_conf_state_decode((struct slice){cut, sizeof cut}, &state, NULL) == ERR_CORRUPT);
    for (int i = 0; i <= RAFT_MEMBERS_MAX; i++)
        add_hex(&many, "0801");
    CHECK(raft_conf_state_decode(buf_slice(&many), &state, NULL) == ERR_LIMIT);
}

TEST(v2_requests_are_told_from_v3)
{
    AUTO_BUF struct buf raw = BUF_INIT(256);
    AUTO_BUF struct buf put = BUF_INIT(256);
    static const uint8_t request_field_2[] = {0x12, 0x00};

    /* the head of PUT /0/version as a real 3.5 logged it; a PutRequest k=v */
    add_hex(&raw, "0801120350555412");
    add_hex(&put, "080722060a016b120176");
    CHECK(raft_is_v2_request(buf_slice(&raw)));
    CHECK(!raft_is_v2_request(buf_slice(&put)));
    CHECK(raft_is_v2_request((struct slice){request_field_2, 2}));
    CHECK(!raft_is_v2_request((struct slice){NULL, 0}));
}
