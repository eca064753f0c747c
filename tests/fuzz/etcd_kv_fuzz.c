#include "src/etcd/kv.h"
#include "tests/fuzz/fuzz.h"

static bool equal(const struct etcd_kv *a, const struct etcd_kv *b)
{
    return slice_eq(a->key, b->key) && slice_eq(a->value, b->value) &&
           a->create_revision == b->create_revision && a->mod_revision == b->mod_revision &&
           a->version == b->version && a->lease == b->lease;
}

/* What decodes encodes to a message that decodes to the same, and is stable from then on. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_BUF struct buf once = BUF_INIT(1 << 21);
    AUTO_BUF struct buf twice = BUF_INIT(1 << 21);
    struct etcd_kv kv;
    struct etcd_kv again;

    if (!etcd_kv_decode((struct slice){data, size}, &kv))
        return 0;
    if (etcd_kv_encode(&kv, &once, NULL) < 0 || !etcd_kv_decode(buf_slice(&once), &again) ||
        !equal(&kv, &again) || again.has_unknown)
        __builtin_trap();
    if (etcd_kv_encode(&again, &twice, NULL) < 0 || !slice_eq(buf_slice(&once), buf_slice(&twice)))
        __builtin_trap();
    return 0;
}
