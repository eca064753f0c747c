/* An open bbolt image: page size, both metas, and which of them is used.
 *
 * bbolt takes the valid meta with the larger txid (page 0 wins ties): bbolt db.go meta(). Page size
 * detection follows bbolt db.go getPageSize (meta 0, else meta 1 at 1024 << i); 1 KiB to 64 KiB. */
#ifndef BOLTDB_DB_H
#define BOLTDB_DB_H

#include "boltdb/meta.h"
#include "boltdb/source.h"
#include "src/base/finding.h"

enum {
    BOLT_PAGE_SIZE_MIN = 1024,
    BOLT_PAGE_SIZE_MAX = 65536,
    BOLT_KEY_MAX = 32768,      /* bytes, bbolt bucket.go MaxKeySize */
    BOLT_VALUE_MAX = 16 << 20, /* bytes; our own: etcd's requests are 1.5 MiB by default */
    BOLT_DEPTH_MAX = 64,       /* pages from a bucket's root to its leaf, our own */
    BOLT_NESTING_MAX = 64,     /* buckets in buckets, our own */
};
#define BOLT_NO_FREELIST UINT64_MAX

struct bolt_db;

/* Open for reading: finds the page size and checks both metas. `src` is lent until bolt_db_free().
 * An invalid meta beside a valid one is a finding, not an error. ERR_CORRUPT when neither meta is
 * valid or the file is too small to be a db, ERR_UNSUPPORTED for another format version or byte
 * order, ERR_IO, ERR_NOMEM. */
int bolt_db_open(const struct bolt_source *src, struct finding_sink *sink, struct bolt_db **ret,
                 struct err *err);
void bolt_db_free(struct bolt_db *db);

uint32_t bolt_db_page_size(const struct bolt_db *db);
/* Meta `which` (0 or 1), NULL when it is not valid. Lent until bolt_db_free(). */
const struct bolt_meta *bolt_db_meta(const struct bolt_db *db, int which);
/* Index of the meta in use. */
int bolt_db_active(const struct bolt_db *db);
/* Use this valid meta instead of the newest. */
void bolt_db_use(struct bolt_db *db, int which);
/* Bytes of the image below the high-water mark of the meta in use (may exceed the file's size). */
uint64_t bolt_db_logical_size(const struct bolt_db *db);

#endif
