#include "src/etcd/rev.h"
#include "tests/fuzz/fuzz.h"

/* What decodes encodes to the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t again[ETCD_REV_TOMBSTONE_SIZE];
    struct etcd_revision rev;
    bool is_tombstone;

    if (etcd_rev_decode((struct slice){data, size}, &rev, &is_tombstone) != ETCD_REV_OK)
        return 0;
    if (etcd_rev_encode(rev, is_tombstone, again) != size || memcmp(again, data, size) != 0)
        __builtin_trap();
    return 0;
}
