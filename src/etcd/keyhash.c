#include "src/etcd/keyhash.h"

#include <sys/random.h>

enum { WORD = 8, BLOCK_ROUNDS = 2, LAST_ROUNDS = 4 };

struct state {
    uint64_t v[4];
};

static inline uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void rounds(struct state *s, int count)
{
    uint64_t *v = s->v;

    for (int i = 0; i < count; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

static inline void absorb(struct state *s, uint64_t word)
{
    s->v[3] ^= word;
    rounds(s, BLOCK_ROUNDS);
    s->v[0] ^= word;
}

int keyhash_new_key(struct keyhash_key *ret, struct err *err)
{
    if (getrandom(ret, sizeof *ret, 0) != (ssize_t)sizeof *ret)
        return err_sys(err, "get random bytes");
    return ERR_OK;
}

struct keyhash keyhash_of(const struct keyhash_key *key, struct slice bytes)
{
    struct state s = {{
        key->low ^ UINT64_C(0x736f6d6570736575),
        key->high ^ UINT64_C(0x646f72616e646f6d) ^ 0xEE,
        key->low ^ UINT64_C(0x6c7967656e657261),
        key->high ^ UINT64_C(0x7465646279746573),
    }};
    struct keyhash ret;
    uint64_t last = (uint64_t)bytes.len << 56;
    size_t at = 0;

    for (; bytes.len - at >= WORD; at += WORD)
        absorb(&s, le64_load(bytes.data + at));
    for (size_t i = 0; at + i < bytes.len; i++)
        last |= (uint64_t)bytes.data[at + i] << (8 * i);
    absorb(&s, last);
    s.v[2] ^= 0xEE;
    rounds(&s, LAST_ROUNDS);
    ret.low = s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
    s.v[1] ^= 0xDD;
    rounds(&s, LAST_ROUNDS);
    ret.high = s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
    return ret;
}
