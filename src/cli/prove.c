#include "src/cli/prove.h"

#include "src/cli/run.h"

int prove_file(const struct prove *source, const struct proof_options *options,
               struct proof_snapshot *ret, struct err *err)
{
    struct progress progress;
    struct proof_options full = *options;
    int r = proof_snapshot_open(source->path, source->trailer, source->sink, ret, err);

    if (r < 0)
        return r;
    progress_start(&progress, source->what);
    atomic_store(&progress.total, ret->db_size);
    full.progress = &progress.done;
    full.cancel = &run_cancel;
    r = proof_snapshot_run(ret, &full, err);
    progress_stop(&progress);
    return r;
}

int prove_refuse_damage(const struct prove *source, const struct proof_snapshot *proof,
                        const struct collect *found, struct err *err)
{
    if (proof_snapshot_db(proof) != NULL && finding_count(&found->sink, FINDING_DAMAGE) == 0)
        return ERR_OK;
    collect_talk(found, source->path);
    return err_set(err, ERR_CORRUPT, "'%s' is damaged: numbers of it would mislead", source->path);
}
