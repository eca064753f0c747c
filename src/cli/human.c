#include <inttypes.h>

#include "src/cli/out.h"

/* dustin/go-humanize bytes.go humanateBytes: rounded to tenths (half up), shown with one decimal
 * below ten, else rounded again by Go's "%.0f" (half to even). */
const char *human_bytes(uint64_t bytes, char out[static HUMAN_SIZE])
{
    static const char *const unit[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    uint64_t scale = 1;
    size_t e = 0;

    if (bytes < 10) {
        (void)snprintf(out, HUMAN_SIZE, "%" PRIu64 " B", bytes);
        return out;
    }
    while (bytes / scale >= 1000) {
        scale *= 1000;
        e++;
    }
    uint64_t tenths = bytes / scale * 10 + (bytes % scale * 10 + scale / 2) / scale;
    uint64_t units = tenths / 10;

    if (tenths < 100) {
        (void)snprintf(out, HUMAN_SIZE, "%" PRIu64 ".%" PRIu64 " %s", units, tenths % 10, unit[e]);
        return out;
    }
    if (tenths % 10 > 5 || (tenths % 10 == 5 && units % 2 == 1))
        units++;
    (void)snprintf(out, HUMAN_SIZE, "%" PRIu64 " %s", units, unit[e]);
    return out;
}
