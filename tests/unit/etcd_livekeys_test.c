#include <stdio.h>
#include <string.h>

#include "src/base/auto.h"
#include "src/etcd/keyhash.h"
#include "src/etcd/livekeys.h"
#include "tests/unit/test.h"

AUTO_DEFINE(etcd_live_keys)

/* From the reference implementation of SipHash-2-4-128 (vectors.h): key 00..0f, input 00..n-1. */
TEST(keyhash_reference_vectors)
{
    static const uint8_t want[2][16] = {
        {0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02,
         0x93},
        {0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc,
         0x45},
    };
    struct keyhash_key key = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
    uint8_t in[2] = {0, 1};

    for (size_t n = 0; n < 2; n++) {
        struct keyhash h = keyhash_of(&key, (struct slice){in, n});

        CHECK(h.low == le64_load(want[n]) && h.high == le64_load(want[n] + 8));
    }
}

static void add(struct etcd_live_keys *l, unsigned key, bool is_tombstone)
{
    char text[32];
    int n = snprintf(text, sizeof text, "/registry/pods/%u", key);

    CHECK(etcd_live_keys_add(l, (struct slice){(const uint8_t *)text, (size_t)n}, is_tombstone,
                             NULL) == ERR_OK);
}

static uint64_t count(struct etcd_live_keys *l)
{
    uint64_t n = UINT64_MAX;

    CHECK(etcd_live_keys_count(l, &n, NULL) == ERR_OK);
    return n;
}

TEST(live_keys_small)
{
    AUTO(etcd_live_keys) struct etcd_live_keys *l = NULL;

    CHECK(etcd_live_keys_new(&l, NULL) == ERR_OK);
    CHECK(count(l) == 0);
    add(l, 1, false);
    add(l, 1, false);
    add(l, 2, false);
    add(l, 2, true);
    add(l, 3, true);
    CHECK(count(l) == 2 - 1);
    add(l, 3, false);
    CHECK(count(l) == 2);
}

/* Many more records than the chunks in memory hold: key k is put, deleted when k % 3 == 0, put
 * again when k % 9 == 0. */
TEST(live_keys_spill)
{
    enum { KEYS = 150000 };
    AUTO(etcd_live_keys) struct etcd_live_keys *l = NULL;
    uint64_t want = 0;

    CHECK(etcd_live_keys_new(&l, NULL) == ERR_OK);
    for (unsigned i = 0; i < KEYS; i++)
        add(l, i, false);
    for (unsigned i = 0; i < KEYS; i += 3)
        add(l, i, true);
    for (unsigned i = 0; i < KEYS; i += 9)
        add(l, i, false);
    for (unsigned i = 0; i < KEYS; i++)
        want += i % 3 != 0 || i % 9 == 0;
    CHECK(count(l) == want);
    CHECK(count(l) == want);
}

struct seen {
    uint64_t sum;
    uint64_t tombstones;
};

static int note(void *ctx, uint64_t row, bool is_tombstone, struct err *err)
{
    struct seen *s = ctx;

    (void)err;
    s->sum += row;
    s->tombstones += is_tombstone;
    return ERR_OK;
}

TEST(live_keys_give_newest_rows)
{
    AUTO(etcd_live_keys) struct etcd_live_keys *l = NULL;
    struct seen seen = {0};

    CHECK(etcd_live_keys_new(&l, NULL) == ERR_OK);
    add(l, 1, false); /* row 0 */
    add(l, 2, false); /* row 1 */
    add(l, 1, true);  /* row 2 */
    CHECK(etcd_live_keys_each(l, note, &seen, NULL) == ERR_OK);
    CHECK(seen.sum == 1 + 2 && seen.tombstones == 1);
}

TEST(live_keys_need_a_directory)
{
    AUTO(etcd_live_keys) struct etcd_live_keys *l = NULL;
    struct err err = {0};
    int r = ERR_OK;

    CHECK(setenv("TMPDIR", "/nonexistent", 1) == 0);
    CHECK(etcd_live_keys_new(&l, NULL) == ERR_OK);
    for (unsigned i = 0; i < 400 && r == ERR_OK; i++)
        r = etcd_live_keys_add(l, slice_str("one key"), false, &err);
    CHECK(r == ERR_IO && strstr(err.msg, "/nonexistent") != NULL);
}
