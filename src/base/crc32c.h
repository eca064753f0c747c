/* CRC-32/Castagnoli as Go's hash/crc32 computes it. */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include "src/base/le.h"

/* Continue from a finished value; 0 starts one: crc(A||B) == update(update(0, A), B). */
uint32_t crc32c_update(uint32_t crc, struct slice bytes);

#endif
