/* The two ways to compute a CRC32C; crc32c_update() picks one. Both take and return the inverted
 * register, not a finished value. */
#ifndef BASE_CRC32C_INTERNAL_H
#define BASE_CRC32C_INTERNAL_H

#include "src/base/le.h"

uint32_t crc32c_software(uint32_t reg, struct slice bytes);

#if defined(__x86_64__)
bool crc32c_has_hardware(void);
/* Only where crc32c_has_hardware(). */
uint32_t crc32c_hardware(uint32_t reg, struct slice bytes);
#endif

#endif
