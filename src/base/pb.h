/* Protobuf wire format: a zero-copy reader and a writer. Messages are decoded by walking their
 * fields; unknown fields are skipped by the caller's switch, as every protobuf reader must.
 *
 * Wire types 0 (varint), 1 (64 bits), 2 (length-delimited) and 5 (32 bits); groups are refused. */
#ifndef BASE_PB_H
#define BASE_PB_H

#include "src/base/buf.h"

enum pb_wire { PB_VARINT = 0, PB_FIXED64 = 1, PB_BYTES = 2, PB_FIXED32 = 5 };

struct pb_field {
    uint32_t number;
    enum pb_wire wire;
    uint64_t value;     /* PB_VARINT, PB_FIXED64, PB_FIXED32 */
    struct slice bytes; /* PB_BYTES, lent by the message */
};

/* Take the next field off the front of *in. True with *ret set; false at the end of the message
 * (in->len == 0) or at bytes that are no field (in->len > 0: they are left in place). */
bool pb_next(struct slice *in, struct pb_field *ret);

/* Read one varint off the front of *in; false when it is cut off or longer than 10 bytes. */
bool pb_varint(struct slice *in, uint64_t *ret);

/* Append one field. Zero values are written too: proto2 messages of etcd 3.4-3.6 carry them. */
int pb_put_varint(struct buf *b, uint32_t number, uint64_t value, struct err *err);
int pb_put_bytes(struct buf *b, uint32_t number, struct slice bytes, struct err *err);

#endif
