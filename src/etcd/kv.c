#include "src/etcd/kv.h"

#include "src/base/pb.h"

enum { KEY = 1, CREATE = 2, MOD = 3, VERSION = 4, VALUE = 5, LEASE = 6 };

static bool take_field(struct etcd_kv *kv, const struct pb_field *f)
{
    struct slice *bytes = f->number == KEY ? &kv->key : &kv->value;
    int64_t *const integers[] = {
        [CREATE] = &kv->create_revision,
        [MOD] = &kv->mod_revision,
        [VERSION] = &kv->version,
        [LEASE] = &kv->lease,
    };

    switch (f->number) {
    case KEY:
    case VALUE:
        *bytes = f->bytes;
        return f->wire == PB_BYTES;
    case CREATE:
    case MOD:
    case VERSION:
    case LEASE:
        *integers[f->number] = (int64_t)f->value;
        return f->wire == PB_VARINT;
    default:
        kv->has_unknown = true;
        return true;
    }
}

bool etcd_kv_decode(struct slice in, struct etcd_kv *ret)
{
    struct pb_field f;

    *ret = (struct etcd_kv){0};
    while (pb_next(&in, &f)) {
        if (!take_field(ret, &f))
            return false;
    }
    return in.len == 0;
}

static int put_integer(struct buf *b, uint32_t number, int64_t value, struct err *err)
{
    return value == 0 ? ERR_OK : pb_put_varint(b, number, (uint64_t)value, err);
}

static int put_bytes(struct buf *b, uint32_t number, struct slice bytes, struct err *err)
{
    return bytes.len == 0 ? ERR_OK : pb_put_bytes(b, number, bytes, err);
}

int etcd_kv_encode(const struct etcd_kv *kv, struct buf *ret, struct err *err)
{
    int r = put_bytes(ret, KEY, kv->key, err);

    if (r == ERR_OK)
        r = put_integer(ret, CREATE, kv->create_revision, err);
    if (r == ERR_OK)
        r = put_integer(ret, MOD, kv->mod_revision, err);
    if (r == ERR_OK)
        r = put_integer(ret, VERSION, kv->version, err);
    if (r == ERR_OK)
        r = put_bytes(ret, VALUE, kv->value, err);
    return r < 0 ? r : put_integer(ret, LEASE, kv->lease, err);
}
