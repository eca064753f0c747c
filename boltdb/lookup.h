/* Point lookups by descent, without a walk: for the few keys that must be known before it. They
 * trust nothing, but they also report nothing: the walk does. */
#ifndef BOLTDB_LOOKUP_H
#define BOLTDB_LOOKUP_H

#include "boltdb/db.h"
#include "src/base/buf.h"

/* Value of `key` in top-level bucket `bucket`, replacing the content of `ret`. ERR_NOTFOUND when
 * there is no such bucket or key, ERR_CORRUPT when the way to it is damaged, ERR_IO, ERR_NOMEM,
 * ERR_LIMIT. */
int bolt_get(struct bolt_db *db, struct slice bucket, struct slice key, struct buf *ret,
             struct err *err);

/* Greatest key of top-level bucket `bucket`; the same codes. */
int bolt_last_key(struct bolt_db *db, struct slice bucket, struct buf *ret, struct err *err);

#endif
