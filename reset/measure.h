/* How large a db is once it is packed: built for real, into nothing. */
#ifndef RESET_MEASURE_H
#define RESET_MEASURE_H

#include "reset/restore.h"

/* Bytes that the rows of the request's snapshot take. One walk of the source. ERR_CORRUPT when it
 * is too damaged to tell, ERR_INTERRUPTED, ERR_IO, ERR_NOMEM. */
int reset_measure(const struct reset_restore_request *request, uint64_t *ret, struct err *err);

#endif
