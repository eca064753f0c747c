/* A proof of a file with what a command wraps around it. */
#ifndef CLI_PROVE_H
#define CLI_PROVE_H

#include "src/cli/collect.h"
#include "src/proof/snapshot.h"

/* What is proved; lent for the call, the sink until proof_snapshot_done(). */
struct prove {
    const char *path;
    const char *what; /* name of the progress bar */
    enum proof_trailer trailer;
    struct finding_sink *sink;
};

/* Open and run, with progress; the signals cancel it. Codes as proof_snapshot_open() and
 * proof_snapshot_run(); `ret` starts zeroed and needs proof_snapshot_done(). */
int prove_file(const struct prove *source, const struct proof_options *options,
               struct proof_snapshot *ret, struct err *err);

/* ERR_CORRUPT when there is no db or it is damaged, after the findings went to standard error. */
int prove_refuse_damage(const struct prove *source, const struct proof_snapshot *proof,
                        const struct collect *found, struct err *err);

#endif
