/* Borrowed slices, little- and big-endian loads and stores, bounds-checked. The only place that
 * turns file bytes into integers and back. */
#ifndef BASE_LE_H
#define BASE_LE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed view of bytes; the owner is named where the slice is handed out. */
struct slice {
    const uint8_t *data;
    size_t len;
};

static inline uint16_t le16_load(const uint8_t p[static 2])
{
    return (uint16_t)(p[0] | (unsigned)p[1] << 8);
}

static inline uint32_t le32_load(const uint8_t p[static 4])
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t le64_load(const uint8_t p[static 8])
{
    return (uint64_t)le32_load(p) | (uint64_t)le32_load(p + 4) << 32;
}

static inline uint64_t be64_load(const uint8_t p[static 8])
{
    return __builtin_bswap64(le64_load(p));
}

static inline void le16_store(uint8_t p[static 2], uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline void le32_store(uint8_t p[static 4], uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static inline void le64_store(uint8_t p[static 8], uint64_t v)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static inline void be64_store(uint8_t p[static 8], uint64_t v)
{
    le64_store(p, __builtin_bswap64(v));
}

static inline struct slice slice_str(const char *s)
{
    return (struct slice){.data = (const uint8_t *)s, .len = strlen(s)};
}

/* Bytes as unsigned, a shorter prefix first (Go's bytes.Compare, the order of bbolt keys). */
static inline int slice_cmp(struct slice a, struct slice b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int r = n == 0 ? 0 : memcmp(a.data, b.data, n);

    if (r != 0 || a.len == b.len)
        return r;
    return a.len < b.len ? -1 : 1;
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.len == b.len && slice_cmp(a, b) == 0;
}

/* Take `len` bytes at `off`; false when they are not all inside `in`. Written so that no sum can
 * wrap. */
static inline bool slice_sub(struct slice in, size_t off, size_t len, struct slice *ret)
{
    if (off > in.len || len > in.len - off)
        return false;
    *ret = (struct slice){.data = in.data + off, .len = len};
    return true;
}

#endif
