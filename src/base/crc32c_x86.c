/* CRC32C by SSE4.2's crc32 instruction. One instruction takes three cycles but a new one can start
 * each cycle, so three neighbouring lanes are computed at a time and then combined: a lane's
 * register times x^(8 x bytes behind it), by a carry-less product which crc32 itself reduces
 * (product x^33, hence the constants are x^(8n - 33) modulo the polynomial). */
#include "src/base/crc32c_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define HARDWARE __attribute__((target("sse4.2,pclmul")))

struct lane {
    size_t len;      /* bytes, a multiple of 8 */
    uint32_t behind; /* x^(8 len - 33) */
    uint32_t behind2;
};
static const struct lane lane_long = {1024, 0x170076fa, 0xa51b6135};
static const struct lane lane_short = {128, 0x0d3b6092, 0xb9e02b86};

bool crc32c_has_hardware(void)
{
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
}

static inline uint64_t load(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof v);
    return v;
}

HARDWARE static inline uint64_t shift(uint64_t reg, uint32_t factor)
{
    __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)reg),
                                           _mm_cvtsi64_si128((long long)factor), 0);

    return _mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

/* As many triples of lanes as fit; what is left stays in `in`. */
HARDWARE static inline uint64_t triples(uint64_t reg, struct slice *in, const struct lane *lane)
{
    while (in->len >= 3 * lane->len) {
        const uint8_t *p = in->data;
        const uint8_t *end = p + lane->len;
        uint64_t second = 0;
        uint64_t third = 0;

        for (; p < end; p += 8) {
            reg = _mm_crc32_u64(reg, load(p));
            second = _mm_crc32_u64(second, load(p + lane->len));
            third = _mm_crc32_u64(third, load(p + 2 * lane->len));
        }
        reg = shift(reg, lane->behind2) ^ shift(second, lane->behind) ^ third;
        *in = (struct slice){in->data + 3 * lane->len, in->len - 3 * lane->len};
    }
    return reg;
}

HARDWARE uint32_t crc32c_hardware(uint32_t reg, struct slice bytes)
{
    uint64_t wide = triples(reg, &bytes, &lane_long);

    wide = triples(wide, &bytes, &lane_short);
    for (; bytes.len >= 8; bytes.data += 8, bytes.len -= 8)
        wide = _mm_crc32_u64(wide, load(bytes.data));
    for (; bytes.len > 0; bytes.data++, bytes.len--)
        wide = _mm_crc32_u8((uint32_t)wide, *bytes.data);
    return (uint32_t)wide;
}
#endif
