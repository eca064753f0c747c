/* verify: prove a file or a data directory, print everything that was found. */
#include "src/cli/command.h"
#include "src/cli/prove.h"
#include "src/cli/run.h"
#include "src/cli/verify.h"

static const struct proof_options options = {.want_live_keys = true, .want_sha256 = true};

static int verify_file(const char *path, struct collect *found, struct out *o, struct err *err)
{
    AUTO_PROOF_SNAPSHOT struct proof_snapshot proof = {0};
    const struct prove source = {
        .path = path,
        .what = "verify",
        .trailer = PROOF_TRAILER_WANTED,
        .sink = &found->sink,
    };
    int r = prove_file(&source, &options, &proof, err);

    if (r < 0)
        return r;
    bool is_damaged = finding_count(&found->sink, FINDING_DAMAGE) > 0;
    verify_print_proof(o, path, &proof, is_damaged);
    if (proof_snapshot_db(&proof) != NULL && !is_damaged)
        verify_print_restore_gate(o, &proof.facts);
    return ERR_OK;
}

static int verify_directory(const struct command_line *line, struct collect *found, struct out *o,
                            struct err *err)
{
    const char *wal_dir = command_line_text(line, OPT_VERIFY_WAL_DIR);
    struct proof_options full = options;
    struct proof_datadir *directory = NULL;
    struct progress progress;

    progress_start(&progress, "verify");
    full.want_sha256 = false;
    full.progress = &progress.done;
    full.cancel = &run_cancel;
    int r = proof_datadir_run(line->argument[0], wal_dir[0] == '\0' ? NULL : wal_dir, &full,
                              &found->sink, &directory, err);
    progress_stop(&progress);
    if (r < 0)
        return r;
    verify_print_directory(o, directory);
    if (directory->has_db)
        verify_print_proof(o, directory->db_path, &directory->db, directory->is_db_damaged);
    verify_print_directory_gate(o, directory);
    proof_datadir_free(directory);
    return ERR_OK;
}

int cmd_verify(const struct command_line *line, struct err *err)
{
    AUTO_COLLECT struct collect found;
    AUTO_OUT struct out o;
    int r;

    collect_start(&found);
    out_start(&o, command_line_chose(line, OPT_OUTPUT, "json"));
    if (proof_is_datadir(line->argument[0]))
        r = verify_directory(line, &found, &o, err);
    else
        r = verify_file(line->argument[0], &found, &o, err);
    if (r < 0)
        return r;
    verify_print_verdict(&o, &found);
    r = out_finish(&o, err);
    return r < 0 ? r : collect_exit_status(&found);
}
