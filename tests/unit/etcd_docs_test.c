/* The vectors in docs/format/etcd-buckets.md and hashes.md are what the code reads and writes. */
#include <stdio.h>
#include <string.h>

#include "src/base/auto.h"
#include "src/base/crc32c.h"
#include "src/etcd/confstate.h"
#include "src/etcd/ids.h"
#include "src/etcd/kv.h"
#include "src/etcd/member.h"
#include "src/etcd/rev.h"
#include "src/etcd/rows.h"
#include "tests/unit/test.h"

enum { LINE = 512 };

/* The text behind "    vector NAME", cut at the end of the line. */
static void find_vector(const char *page, const char *name, char ret[static LINE])
{
    char path[LINE];
    char line[LINE];

    (void)snprintf(path, sizeof path, "%s/%s", RESCUE_FORMAT_DOCS, page);
    AUTO_FCLOSE FILE *in = fopen(path, "re");

    CHECK(in != NULL);
    while (fgets(line, sizeof line, in) != NULL) {
        size_t head = strlen("    vector ") + strlen(name);

        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "    vector ", 11) != 0 || strncmp(line + 11, name, strlen(name)) != 0 ||
            line[head] != ' ')
            continue;
        (void)snprintf(ret, LINE, "%s", line + head + strspn(line + head, " "));
        return;
    }
    check_at(false, name, page, 0); /* no such vector */
}

/* `bytes` as hex, spaces in the page left out. */
static bool is_vector(const char *page, const char *name, struct slice bytes)
{
    char want[LINE];
    size_t at = 0;

    find_vector(page, name, want);
    for (size_t i = 0; i < bytes.len; i++) {
        char hex[3];

        at += strspn(want + at, " ");
        (void)snprintf(hex, sizeof hex, "%02x", bytes.data[i]);
        if (strncmp(want + at, hex, 2) != 0)
            return false;
        at += 2;
    }
    return want[at] == '\0';
}

static bool is_number(const char *name, uint64_t number, size_t size)
{
    uint8_t bytes[8];

    be64_store(bytes, number);
    return is_vector("hashes.md", name, (struct slice){bytes + 8 - size, size});
}

static struct slice rev_bytes(int64_t main, int64_t sub, bool is_tombstone, uint8_t out[static 18])
{
    return (struct slice){out,
                          etcd_rev_encode((struct etcd_revision){main, sub}, is_tombstone, out)};
}

static const struct etcd_kv foo_bar = {.key = {(const uint8_t *)"foo", 3},
                                       .create_revision = 2,
                                       .mod_revision = 2,
                                       .version = 1,
                                       .value = {(const uint8_t *)"bar", 3}};

TEST(docs_revisions_and_key_values)
{
    const char *page = "etcd-buckets.md";
    struct etcd_kv tombstone = {.key = foo_bar.key};
    AUTO_BUF struct buf put = BUF_INIT(64);
    AUTO_BUF struct buf deleted = BUF_INIT(64);
    uint8_t rev[ETCD_REV_TOMBSTONE_SIZE];

    CHECK(is_vector(page, "rev-put", rev_bytes(5, 0, false, rev)));
    CHECK(is_vector(page, "rev-tombstone", rev_bytes(5, 1, true, rev)));
    CHECK(etcd_kv_encode(&foo_bar, &put, NULL) == ERR_OK);
    CHECK(is_vector(page, "kv-put", buf_slice(&put)));
    CHECK(etcd_kv_encode(&tombstone, &deleted, NULL) == ERR_OK);
    CHECK(is_vector(page, "kv-tombstone", buf_slice(&deleted)));
}

TEST(docs_alarm)
{
    struct etcd_alarm alarm = {UINT64_C(0x8e9e05c52164694d), ETCD_ALARM_NOSPACE};
    AUTO_BUF struct buf key = BUF_INIT(64);

    CHECK(etcd_alarm_encode(&alarm, &key, NULL) == ERR_OK);
    CHECK(is_vector("etcd-buckets.md", "alarm-nospace", buf_slice(&key)));
}

TEST(docs_member)
{
    AUTO_BUF struct buf again = BUF_INIT(LINE);
    char key[ETCD_MEMBER_KEY_MAX];
    char text[LINE];
    struct etcd_member m;

    find_vector("etcd-buckets.md", "member-json", text);
    CHECK(etcd_member_decode(slice_str(text), &m, NULL) == ERR_OK);
    CHECK(strcmp(m.name, "default") == 0 && m.peer_url_count == 1);
    CHECK(etcd_member_encode(&m, &again, NULL) == ERR_OK);
    CHECK(slice_eq(buf_slice(&again), slice_str(text)));
    (void)etcd_member_key(m.id, key);
    find_vector("etcd-buckets.md", "member-key", text);
    CHECK(strcmp(key, text) == 0);
    etcd_member_done(&m);
}

TEST(docs_conf_state)
{
    static const uint64_t voter = UINT64_C(10276657743932975437);
    AUTO_BUF struct buf made = BUF_INIT(LINE);
    char text[LINE];

    find_vector("etcd-buckets.md", "conf-state", text);
    CHECK(etcd_conf_state_encode(&voter, 1, &made, NULL) == ERR_OK);
    CHECK(slice_eq(buf_slice(&made), slice_str(text)));
}

TEST(docs_checksums)
{
    AUTO_BUF struct buf row = BUF_INIT(64);
    uint8_t rev[ETCD_REV_TOMBSTONE_SIZE];
    uint32_t crc = crc32c_update(0, slice_str("key"));

    CHECK(is_number("crc32c-123456789", crc32c_update(0, slice_str("123456789")), 4));
    CHECK(is_number("hashkv-empty", crc, 4));
    CHECK(etcd_kv_encode(&foo_bar, &row, NULL) == ERR_OK);
    crc = crc32c_update(crc, rev_bytes(2, 0, false, rev));
    CHECK(is_number("hashkv-foo-bar", crc32c_update(crc, buf_slice(&row)), 4));
}

TEST(docs_ids)
{
    static const char *const urls[] = {"http://10.0.0.1:2380", "http://10.0.0.2:2380",
                                       "http://10.0.0.3:2380"};
    static const char *const names[] = {"member-10.0.0.1", "member-10.0.0.2", "member-10.0.0.3"};
    const char *local = "http://localhost:2380";
    uint64_t ids[3];
    uint64_t id;

    CHECK(etcd_member_id(&local, 1, "etcd-cluster", &id, NULL) == ERR_OK);
    CHECK(is_number("member-localhost", id, 8));
    CHECK(etcd_cluster_id(&id, 1, &id, NULL) == ERR_OK && is_number("cluster-single", id, 8));
    for (size_t i = 0; i < 3; i++) {
        CHECK(etcd_member_id(&urls[i], 1, "tok", &ids[i], NULL) == ERR_OK);
        CHECK(is_number(names[i], ids[i], 8));
    }
    CHECK(etcd_cluster_id(ids, 3, &id, NULL) == ERR_OK && is_number("cluster-three", id, 8));
}
