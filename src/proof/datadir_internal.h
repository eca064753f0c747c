/* The relations between the files of one data directory; shared by datadir.c and its compare. */
#ifndef PROOF_DATADIR_INTERNAL_H
#define PROOF_DATADIR_INTERNAL_H

#include "src/proof/datadir.h"

/* Report where db, WAL and .snap do not fit each other; fills d->tail. */
void proof_datadir_compare(struct proof_datadir *d, struct finding_sink *sink);

#endif
