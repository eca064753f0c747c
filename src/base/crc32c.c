#include "src/base/crc32c.h"

#include <pthread.h>

#include "src/base/crc32c_internal.h"

/* Reflected Castagnoli polynomial. */
#define CRC32C_POLY UINT32_C(0x82F63B78)

/* table[k][b]: register after byte b and k zero bytes. */
static uint32_t table[8][256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void table_make(void)
{
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t reg = b;

        for (int i = 0; i < 8; i++)
            reg = reg >> 1 ^ (CRC32C_POLY & (0 - (reg & 1)));
        table[0][b] = reg;
    }
    for (int k = 1; k < 8; k++) {
        for (uint32_t b = 0; b < 256; b++)
            table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 0xFF];
    }
}

uint32_t crc32c_software(uint32_t reg, struct slice bytes)
{
    const uint8_t *p = bytes.data;
    size_t left = bytes.len;

    (void)pthread_once(&table_once, table_make);
    for (; left >= 8; left -= 8, p += 8) {
        uint32_t low = reg ^ le32_load(p);

        reg = table[7][low & 0xFF] ^ table[6][low >> 8 & 0xFF] ^ table[5][low >> 16 & 0xFF] ^
              table[4][low >> 24] ^ table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^
              table[0][p[7]];
    }
    for (; left > 0; left--, p++)
        reg = reg >> 8 ^ table[0][(reg ^ *p) & 0xFF];
    return reg;
}

uint32_t crc32c_update(uint32_t crc, struct slice bytes)
{
#if defined(__x86_64__)
    if (crc32c_has_hardware())
        return ~crc32c_hardware(~crc, bytes);
#endif
    return ~crc32c_software(~crc, bytes);
}
