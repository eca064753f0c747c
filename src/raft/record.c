#include "src/raft/record.h"

#include "src/base/crc32c.h"
#include "src/base/pb.h"

enum { FIELD_TYPE = 1, FIELD_CRC = 2, FIELD_DATA = 3 };

struct raft_frame raft_frame_decode(const uint8_t head[static RAFT_FRAME_HEAD])
{
    uint64_t word = le64_load(head);

    return (struct raft_frame){
        .length = word & ((UINT64_C(1) << 56) - 1),
        .pad = word >> 63 != 0 ? (uint8_t)(word >> 56 & 7) : 0,
    };
}

static bool store_field(struct raft_record *record, const struct pb_field *f)
{
    switch (f->number) {
    case FIELD_TYPE:
        record->type = f->value;
        return f->wire == PB_VARINT;
    case FIELD_CRC:
        record->crc = (uint32_t)f->value;
        return f->wire == PB_VARINT;
    case FIELD_DATA:
        record->data = f->bytes;
        return f->wire == PB_BYTES;
    default:
        return true;
    }
}

int raft_record_decode(struct slice message, struct raft_record *ret, struct err *err)
{
    struct pb_field f;

    *ret = (struct raft_record){0};
    while (pb_next(&message, &f)) {
        if (!store_field(ret, &f))
            return err_set(err, ERR_CORRUPT, "field %u has wire type %d", f.number, (int)f.wire);
    }
    if (message.len > 0)
        return err_set(err, ERR_CORRUPT, "no protobuf field at %zu bytes before its end",
                       message.len);
    return ERR_OK;
}

bool raft_record_chain(const struct raft_record *record, uint32_t *chain)
{
    bool fits = true;

    if (record->type == RAFT_RECORD_CRC) {
        fits = *chain == 0 || *chain == record->crc;
        if (fits)
            *chain = record->crc;
        return fits;
    }
    *chain = crc32c_update(*chain, record->data);
    return *chain == record->crc;
}

int raft_record_put(struct buf *b, uint32_t *chain, enum raft_record_type type, struct slice data,
                    struct err *err)
{
    static const uint8_t zeros[RAFT_FRAME_HEAD];
    size_t start = b->len;

    if (type != RAFT_RECORD_CRC)
        *chain = crc32c_update(*chain, data);
    int r = buf_append(b, (struct slice){zeros, RAFT_FRAME_HEAD}, err);
    if (r == ERR_OK)
        r = pb_put_varint(b, FIELD_TYPE, type, err);
    if (r == ERR_OK)
        r = pb_put_varint(b, FIELD_CRC, *chain, err);
    if (r == ERR_OK && data.data != NULL)
        r = pb_put_bytes(b, FIELD_DATA, data, err);
    if (r < 0)
        return r;

    uint64_t length = b->len - start - RAFT_FRAME_HEAD;
    uint64_t pad = (8 - length % 8) % 8;
    le64_store(b->data + start, pad == 0 ? length : length | (0x80 | pad) << 56);
    return buf_append(b, (struct slice){zeros, pad}, err);
}
