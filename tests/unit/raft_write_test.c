#include "src/base/auto.h"
#include "src/base/sha256.h"
#include "src/raft/first.h"
#include "src/raft/record.h"
#include "src/raft/snapfile.h"
#include "src/raft/v2store.h"
#include "src/raft/walwrite.h"
#include "tests/unit/raft_dir.h"

AUTO_DEFINE(raft_wal_writer)

static const char segment[] = "0000000000000000-0000000000000000.wal";
static const uint64_t self = UINT64_C(0x8e9e05c52164694d);
static const uint64_t cluster = UINT64_C(0xcdf818194e3a8c32);

static bool has_sha256(struct slice bytes, const char *want)
{
    uint8_t digest[SHA256_SIZE];
    char hex[SHA256_HEX];
    struct sha256 *s = NULL;

    CHECK(sha256_new(&s, NULL) == ERR_OK && sha256_update(s, bytes, NULL) == ERR_OK);
    CHECK(sha256_digest(s, digest, NULL) == ERR_OK);
    sha256_free(s);
    sha256_hex(digest, hex);
    return strcmp(hex, want) == 0;
}

/* wal/testdata/TestNew.wal of etcd: crc, metadata "somedata", snapshot {0,0}. */
TEST(record_put_equals_etcd_testnew)
{
    AUTO_BUF struct buf want = BUF_INIT(256);
    AUTO_BUF struct buf have = BUF_INIT(256);
    AUTO_BUF struct buf mark = BUF_INIT(256);
    uint32_t chain = 0;

    add_hex(&want, "04000000000000840804100000000000"
                   "120000000000008608011085d4fda0071a08736f6d6564617461000000000000"
                   "0e0000000000008208051080db81c1011a04080010000000");
    CHECK(raft_snap_mark_put(&mark, &(struct raft_snap_mark){0}, NULL, NULL) == ERR_OK);
    CHECK(raft_record_put(&have, &chain, RAFT_RECORD_CRC, (struct slice){0}, NULL) == ERR_OK);
    CHECK(raft_record_put(&have, &chain, RAFT_RECORD_METADATA, slice_str("somedata"), NULL) ==
          ERR_OK);
    CHECK(raft_record_put(&have, &chain, RAFT_RECORD_SNAPSHOT, buf_slice(&mark), NULL) == ERR_OK);
    CHECK(slice_eq(buf_slice(&have), buf_slice(&want)));
}

static void put_removal(struct buf *out, uint32_t *chain, uint64_t index, uint64_t id)
{
    AUTO_BUF struct buf change = BUF_INIT(256);
    AUTO_BUF struct buf entry = BUF_INIT(256);
    const struct raft_conf_change removal = {.type = RAFT_REMOVE_NODE, .node_id = id};
    struct raft_entry e = {.type = RAFT_ENTRY_CONF_CHANGE, .term = 8, .index = index};

    CHECK(raft_conf_change_put(&change, &removal, NULL) == ERR_OK);
    e.data = buf_slice(&change);
    CHECK(raft_entry_put(&entry, &e, NULL) == ERR_OK);
    CHECK(raft_record_put(out, chain, RAFT_RECORD_ENTRY, buf_slice(&entry), NULL) == ERR_OK);
}

TEST(record_put_removals_equal_etcd_encoder)
{
    AUTO_BUF struct buf want = BUF_INIT(256);
    AUTO_BUF struct buf have = BUF_INIT(256);
    AUTO_BUF struct buf state = BUF_INIT(256);
    uint32_t chain = UINT32_C(0x12345678);

    add_hex(&want,
            "2100000000000087080210bd9fefd2031a170801100818e907220e0800100118c488cd99a3c4c88811"
            "00000000000000"
            "2200000000000086080210f2e9d58b0f1a180801100818ea07220f0800100118c682cffd98878fde91"
            "01000000000000"
            "1a00000000000086080310c99c81d3091a10080810cdd2918bd2b881cf8e0118ea07000000000000");
    put_removal(&have, &chain, 1001, UINT64_C(0x1111222233334444));
    put_removal(&have, &chain, 1002, UINT64_C(0x91bc3c398fb3c146));
    CHECK(raft_hard_state_put(&state, &(struct raft_hard_state){8, self, 1002}, NULL) == ERR_OK);
    CHECK(raft_record_put(&have, &chain, RAFT_RECORD_STATE, buf_slice(&state), NULL) == ERR_OK);
    CHECK(chain == UINT32_C(0x9a604e49) && have.len == 136);
    CHECK(slice_eq(buf_slice(&have), buf_slice(&want)));
}

/* A reset's WAL: snapshot at 1000 in term 6, one blanked entry, the new state. */
TEST(wal_writer_equals_etcd_encoder)
{
    struct scratch dir = scratch_make();
    AUTO_BUF struct buf want = BUF_INIT(4096);
    AUTO_BUF struct buf have = BUF_INIT(1 << 20);
    AUTO(raft_wal_writer) struct raft_wal_writer *w = NULL;
    static const struct raft_conf_state alone = {.voters = {1, {UINT64_C(0x8e9e05c52164694d)}}};

    add_hex(&want,
            "04000000000000840804100000000000"
            "2000000000000000080110bb81c7fc051a1608cdd2918bd2b881cf8e0110b298eaf1948386fccd01"
            "0e0000000000008208051094bbc7ed0e1a04080010000000"
            "1e00000000000082080510cebbaa96011a1408e80710061a0d08cdd2918bd2b881cf8e0128000000"
            "1100000000000087080210b1fe86ac0e1a070800100718e90700000000000000"
            "1a000000000000860803109be3d4bf0c1a10080810cdd2918bd2b881cf8e0118e907000000000000");
    CHECK(raft_wal_create(dir.fd, &(struct raft_metadata){self, cluster}, &w, NULL) == ERR_OK);
    CHECK(raft_wal_put_mark(w, &(struct raft_snap_mark){1000, 6, true}, &alone, NULL) == ERR_OK);
    CHECK(raft_wal_put_entry(w, &(struct raft_entry){.term = 7, .index = 1001}, NULL) == ERR_OK);
    CHECK(raft_wal_put_state(w, &(struct raft_hard_state){8, self, 1001}, NULL) == ERR_OK);
    CHECK(raft_wal_finish(w, NULL) == ERR_OK);
    read_file(dir.fd, segment, &have);
    CHECK(have.len == 192 && slice_eq(buf_slice(&have), buf_slice(&want)));
    scratch_done(&dir);
}

static const char *const one_url[] = {"http://localhost:2380"};
static const struct raft_member one = {.id = UINT64_C(0x8e9e05c52164694d),
                                       .name = "default",
                                       .peer_urls = one_url,
                                       .peer_url_count = 1};

/* The WAL is what etcdutl 3.5 and 3.6 write for the same member, zero tail apart. The .snap holds
 * the same tree without history and statistics; it was made with Go's own encoders. */
TEST(first_files_equal_go)
{
    struct scratch dir = scratch_make();
    AUTO_BUF struct buf wal = BUF_INIT(1 << 20);
    AUTO_BUF struct buf snap = BUF_INIT(1 << 20);
    const struct raft_first what = {self, cluster, &one, 1};
    struct stat st;

    CHECK(raft_write_first(&what, dir.fd, dir.fd, NULL) == ERR_OK);
    read_file(dir.fd, segment, &wal);
    CHECK(wal.len == 288);
    CHECK(has_sha256(buf_slice(&wal),
                     "5d6ef1158b8cf9062b717f2d86ae1cf6ef98f09cb5a0af0f259a839ff2050928"));
    read_file(dir.fd, "0000000000000001-0000000000000001.snap", &snap);
    CHECK(snap.len == 903);
    CHECK(has_sha256(buf_slice(&snap),
                     "99b3315b2986a4338fee01e199f2dc06b72188be814b72892db8f4452ad6a70c"));
    CHECK(fstatat(dir.fd, segment, &st, 0) == 0 && (st.st_mode & 0777) == 0600);
    scratch_done(&dir);
}

static int first_code(const struct raft_first *what)
{
    struct scratch dir = scratch_make();
    struct err err = {0};
    int r = raft_write_first(what, dir.fd, dir.fd, &err);

    CHECK(r == ERR_OK || err.msg[0] != '\0');
    scratch_done(&dir);
    return r;
}

TEST(first_refuses_members_that_cannot_be)
{
    const struct raft_member twice[] = {one, one};
    const struct raft_member no_url = {.id = self};

    CHECK(first_code(&(struct raft_first){self, cluster, &one, 1}) == ERR_OK);
    CHECK(first_code(&(struct raft_first){self, cluster, &one, 0}) == ERR_USAGE);
    CHECK(first_code(&(struct raft_first){self + 1, cluster, &one, 1}) == ERR_USAGE);
    CHECK(first_code(&(struct raft_first){self, cluster, twice, 2}) == ERR_USAGE);
    CHECK(first_code(&(struct raft_first){self, cluster, &no_url, 1}) == ERR_USAGE);
}

TEST(first_overwrites_nothing)
{
    struct scratch dir = scratch_make();
    struct err err = {0};
    const struct raft_first what = {self, cluster, &one, 1};

    CHECK(raft_write_first(&what, dir.fd, dir.fd, NULL) == ERR_OK);
    CHECK(raft_write_first(&what, dir.fd, dir.fd, &err) == ERR_IO);
    CHECK(strstr(err.msg, segment) != NULL);
    scratch_done(&dir);
}

static bool json_is(int (*put)(struct buf *, const struct raft_member *, struct err *),
                    const struct raft_member *m, const char *want)
{
    AUTO_BUF struct buf out = BUF_INIT(4096);

    CHECK(put(&out, m, NULL) == ERR_OK);
    return slice_eq(buf_slice(&out), slice_str(want));
}

/* As Go marshals membership.Member, RaftAttributes and Attributes. */
TEST(member_json_leaves_out_what_go_leaves_out)
{
    static const char *const clients[] = {"http://a:1", "http://b:2"};
    struct raft_member m = {.id = UINT64_MAX};

    CHECK(json_is(raft_member_put_json, &m, "{\"id\":18446744073709551615,\"peerURLs\":null}"));
    CHECK(json_is(raft_member_put_attributes, &m, "{}"));
    m.client_urls = clients;
    m.client_url_count = 2;
    CHECK(json_is(raft_member_put_attributes, &m,
                  "{\"clientURLs\":[\"http://a:1\",\"http://b:2\"]}"));
    m.name = "n<1>";
    m.is_learner = true;
    CHECK(json_is(raft_member_put_raft_attributes, &m, "{\"peerURLs\":null,\"isLearner\":true}"));
    CHECK(json_is(raft_member_put_json, &m,
                  "{\"id\":18446744073709551615,\"peerURLs\":null,\"isLearner\":true,"
                  "\"name\":\"n\\u003c1\\u003e\",\"clientURLs\":[\"http://a:1\",\"http://b:2\"]}"));
}
