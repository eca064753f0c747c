#include "src/base/pb.h"

enum { VARINT_MAX_BYTES = 10 };

bool pb_varint(struct slice *in, uint64_t *ret)
{
    uint64_t value = 0;

    for (size_t i = 0; i < in->len && i < VARINT_MAX_BYTES; i++) {
        uint8_t byte = in->data[i];

        value |= (uint64_t)(byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            *ret = value;
            *in = (struct slice){in->data + i + 1, in->len - i - 1};
            return true;
        }
    }
    return false;
}

static bool take(struct slice *in, uint64_t len, struct slice *ret)
{
    if (len > in->len)
        return false;
    *ret = (struct slice){in->data, (size_t)len};
    *in = (struct slice){in->data + len, in->len - (size_t)len};
    return true;
}

static bool payload(struct slice *in, struct pb_field *f)
{
    uint64_t len = 0;

    switch (f->wire) {
    case PB_VARINT:
        return pb_varint(in, &f->value);
    case PB_FIXED64:
        if (!take(in, 8, &f->bytes))
            return false;
        f->value = le64_load(f->bytes.data);
        return true;
    case PB_BYTES:
        return pb_varint(in, &len) && take(in, len, &f->bytes);
    case PB_FIXED32:
        if (!take(in, 4, &f->bytes))
            return false;
        f->value = le32_load(f->bytes.data);
        return true;
    }
    return false;
}

bool pb_next(struct slice *in, struct pb_field *ret)
{
    struct slice rest = *in;
    struct pb_field f = {0};
    uint64_t tag;

    if (rest.len == 0 || !pb_varint(&rest, &tag) || tag >> 3 == 0 || tag >> 3 > 0x1FFFFFFF)
        return false;
    f.number = (uint32_t)(tag >> 3);
    f.wire = (enum pb_wire)(tag & 7);
    if (!payload(&rest, &f))
        return false;
    *in = rest;
    *ret = f;
    return true;
}

static int put_raw(struct buf *b, uint64_t value, struct err *err)
{
    uint8_t bytes[VARINT_MAX_BYTES];
    size_t n = 0;

    for (; value >= 0x80; value >>= 7)
        bytes[n++] = (uint8_t)(value | 0x80);
    bytes[n++] = (uint8_t)value;
    return buf_append(b, (struct slice){bytes, n}, err);
}

int pb_put_varint(struct buf *b, uint32_t number, uint64_t value, struct err *err)
{
    int r = put_raw(b, (uint64_t)number << 3 | PB_VARINT, err);

    return r < 0 ? r : put_raw(b, value, err);
}

int pb_put_bytes(struct buf *b, uint32_t number, struct slice bytes, struct err *err)
{
    int r = put_raw(b, (uint64_t)number << 3 | PB_BYTES, err);

    if (r == ERR_OK)
        r = put_raw(b, bytes.len, err);
    return r < 0 ? r : buf_append(b, bytes, err);
}
