/* How far a data directory that is about to be replaced has come. */
#ifndef RESET_OLD_H
#define RESET_OLD_H

#include <stdbool.h>
#include <stdint.h>

struct reset_old {
    bool is_known;    /* its db could be read; damage may be why somebody restores */
    int64_t revision; /* last one in its db, or the last compaction */
    uint64_t tail;    /* log entries the db has not applied; each makes at most one revision */
};

/* Looks at `<data_dir>/member`; what cannot be read is unknown, never an error. */
struct reset_old reset_old_look(const char *data_dir);

#endif
