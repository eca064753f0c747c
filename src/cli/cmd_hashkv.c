/* snapshot hashkv: the numbers and texts of etcdutl 3.7, without writing into the file. */
#include "src/etcd/hashkv.h"

#include <inttypes.h>

#include "src/cli/collect.h"
#include "src/cli/command.h"
#include "src/cli/prove.h"
#include "src/cli/run.h"

static void put_table(struct text *t, const struct etcd_hashkv *h)
{
    char hash[16];
    char revision[24];
    char compact[24];
    const char *const cell[] = {
        "HASH", "HASH REVISION", "COMPACT REVISION", hash, revision, compact,
    };

    (void)snprintf(hash, sizeof hash, "%" PRIu32, h->hash);
    (void)snprintf(revision, sizeof revision, "%" PRId64, h->hash_revision);
    (void)snprintf(compact, sizeof compact, "%" PRId64, h->compact_revision);
    out_box(t, cell, 3, 1);
}

static void put_hashkv(struct text *t, const struct command_line *line, const struct etcd_hashkv *h)
{
    if (command_line_chose(line, OPT_WRITE_OUT, "json"))
        text_printf(t,
                    "{\"hash\":%" PRIu32 ",\"hashRevision\":%" PRId64
                    ",\"compactRevision\":%" PRId64 "}\n",
                    h->hash, h->hash_revision, h->compact_revision);
    else if (command_line_chose(line, OPT_WRITE_OUT, "table"))
        put_table(t, h);
    else if (command_line_chose(line, OPT_WRITE_OUT, "fields"))
        text_printf(t,
                    "\"Hash\" : %" PRIu32 "\n\"Hash revision\" : %" PRId64
                    "\n\"Compact revision\" : %" PRId64 "\n",
                    h->hash, h->hash_revision, h->compact_revision);
    else
        text_printf(t, "%" PRIu32 ", %" PRId64 ", %" PRId64 "\n", h->hash, h->hash_revision,
                    h->compact_revision);
}

static int hash(struct bolt_db *db, const struct command_line *line, uint64_t size,
                struct etcd_hashkv *ret, struct err *err)
{
    struct progress progress;

    progress_start(&progress, "hash");
    atomic_store(&progress.total, size);
    struct etcd_hashkv_options options = {
        .rev = (int64_t)line->value[OPT_REV].number,
        .walk = {.progress = &progress.done, .cancel = &run_cancel},
    };
    int r = etcd_hashkv(db, &options, ret, err);
    progress_stop(&progress);
    return r;
}

/* The trailer and the whole content are checked first: a hash over changed values would only look
 * right. */
int cmd_hashkv(const struct command_line *line, struct err *err)
{
    AUTO_COLLECT struct collect found;
    AUTO_PROOF_SNAPSHOT struct proof_snapshot proof = {0};
    AUTO_TEXT struct text t = TEXT_INIT;
    static const struct proof_options options = {0};
    struct etcd_hashkv result;

    collect_start(&found);
    const struct prove source = {
        .path = line->argument[0],
        .what = "verify",
        .trailer = PROOF_TRAILER_OPTIONAL,
        .sink = &found.sink,
    };
    int r = prove_file(&source, &options, &proof, err);
    if (r < 0)
        return r;
    r = prove_refuse_damage(&source, &proof, &found, err);
    if (r < 0)
        return r;
    r = hash(proof_snapshot_db(&proof), line, proof.db_size, &result, err);
    if (r < 0)
        return r;
    put_hashkv(&t, line, &result);
    r = text_write(&t, stdout, err);
    if (collect_exit_status(&found) != 0)
        collect_talk(&found, line->argument[0]);
    return r < 0 ? r : collect_exit_status(&found);
}
