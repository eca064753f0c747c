/* One WAL record: its frame, its padding and the CRC chain (etcd wal/encoder.go, decoder.go).
 *
 *   0    8  little-endian length: bits 0-55 bytes of the message; with bit 63 set, bits 56-58 pad
 *   8    L  walpb.Record {1 type, 2 crc, 3 data}
 *   8+L  0-7 zero bytes up to a multiple of 8
 *
 * The CRC32C runs over the data of all records since the first segment; records of type crc carry
 * it from one segment to the next and are not part of it. */
#ifndef RAFT_RECORD_H
#define RAFT_RECORD_H

#include "src/base/buf.h"

enum {
    RAFT_FRAME_HEAD = 8,
    RAFT_RECORD_MAX = 16 << 20, /* bytes of one record; etcd 3.4 reads 10 MiB, default is 1.5 */
};

enum raft_record_type {
    RAFT_RECORD_METADATA = 1,
    RAFT_RECORD_ENTRY = 2,
    RAFT_RECORD_STATE = 3,
    RAFT_RECORD_CRC = 4,
    RAFT_RECORD_SNAPSHOT = 5,
};

struct raft_frame {
    uint64_t length; /* bytes of the message, 0 ends the segment */
    uint8_t pad;
};

struct raft_record {
    uint64_t type; /* enum raft_record_type, or anything */
    uint32_t crc;
    struct slice data; /* lent by the message; data == NULL: absent */
};

struct raft_frame raft_frame_decode(const uint8_t head[static RAFT_FRAME_HEAD]);

/* Decode the message of a frame; the CRC is not looked at. ERR_CORRUPT. */
int raft_record_decode(struct slice message, struct raft_record *ret, struct err *err);

/* Roll the chain over a record that was read. False when its CRC does not fit: *chain is then what
 * it would have to be. A crc record is compared with a running value other than 0 and adopted. */
bool raft_record_chain(const struct raft_record *record, uint32_t *chain);

/* Append a framed record and roll *chain over its data (a crc record takes *chain and leaves it).
 */
int raft_record_put(struct buf *b, uint32_t *chain, enum raft_record_type type, struct slice data,
                    struct err *err);

#endif
