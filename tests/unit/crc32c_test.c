#include "src/base/crc32c.h"

#include "src/base/crc32c_internal.h"
#include "tests/unit/test.h"

/* The definition: one bit at a time. */
static uint32_t by_bits(uint32_t reg, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        reg ^= bytes.data[i];
        for (int k = 0; k < 8; k++)
            reg = reg >> 1 ^ (UINT32_C(0x82F63B78) & (0 - (reg & 1)));
    }
    return reg;
}

static uint32_t crc_str(const char *s)
{
    return crc32c_update(0, slice_str(s));
}

TEST(known_values)
{
    uint8_t zeros[32] = {0};
    uint8_t up[32];

    for (uint8_t i = 0; i < 32; i++)
        up[i] = i;
    CHECK(crc_str("123456789") == 0xe3069283);
    CHECK(crc_str("key") == 0x40a4756d);
    CHECK(crc_str("") == 0);
    CHECK(crc32c_update(0, (struct slice){zeros, 32}) == 0x8a9136aa); /* RFC 3720 B.4 */
    CHECK(crc32c_update(0, (struct slice){up, 32}) == 0x46dd794e);
}

TEST(continues_from_a_finished_value)
{
    uint32_t crc = crc32c_update(0, slice_str("1234"));

    CHECK(crc32c_update(crc, slice_str("56789")) == 0xe3069283);
}

static uint8_t noise[8192];

static void make_noise(void)
{
    uint32_t state = 1;

    for (size_t i = 0; i < sizeof noise; i++) {
        state = state * 1664525 + 1013904223;
        noise[i] = (uint8_t)(state >> 24);
    }
}

/* Every length through both lane sizes, at an odd address too. */
static void compare(uint32_t (*fn)(uint32_t, struct slice))
{
    make_noise();
    for (size_t len = 0; len < 7000; len += len < 900 ? 1 : 61) {
        struct slice in = {noise + len % 9, len};

        CHECK(fn(0xFFFFFFFF, in) == by_bits(0xFFFFFFFF, in));
        CHECK(fn(0x12345678, in) == by_bits(0x12345678, in));
    }
}

TEST(software_equals_the_definition)
{
    compare(crc32c_software);
}

TEST(hardware_equals_the_definition)
{
#if defined(__x86_64__)
    if (crc32c_has_hardware())
        compare(crc32c_hardware);
#endif
}
