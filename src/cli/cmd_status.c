/* snapshot status: the numbers and texts of etcdutl 3.7, but the file is proved first. */
#include <inttypes.h>

#include "src/base/json.h"
#include "src/cli/collect.h"
#include "src/cli/command.h"
#include "src/cli/prove.h"

struct status {
    uint32_t hash;
    int64_t revision;
    uint64_t keys;
    uint64_t size;
    const char *version; /* as stored; checked, so plain text */
};

static void put_json(struct text *t, const struct status *s)
{
    struct err err = {0};

    text_printf(t,
                "{\"hash\":%" PRIu32 ",\"revision\":%" PRId64 ",\"totalKey\":%" PRIu64
                ",\"totalSize\":%" PRIu64 ",\"version\":",
                s->hash, s->revision, s->keys, s->size);
    if (t->result == ERR_OK)
        text_keep(t, json_put_string(&t->buf, slice_str(s->version), &err), &err);
    text_add(t, "}\n");
}

static void put_table(struct text *t, const struct status *s)
{
    char hash[16];
    char revision[24];
    char keys[24];
    char size[HUMAN_SIZE];
    const char *const cell[] = {
        "HASH",       "REVISION", "TOTAL KEYS",
        "TOTAL SIZE", "VERSION",  hash,
        revision,     keys,       human_bytes(s->size, size),
        s->version,
    };

    (void)snprintf(hash, sizeof hash, "%" PRIx32, s->hash);
    (void)snprintf(revision, sizeof revision, "%" PRId64, s->revision);
    (void)snprintf(keys, sizeof keys, "%" PRIu64, s->keys);
    out_box(t, cell, 5, 1);
}

static void put_status(struct text *t, const struct command_line *line, const struct status *s)
{
    char size[HUMAN_SIZE];

    if (command_line_chose(line, OPT_WRITE_OUT, "json"))
        put_json(t, s);
    else if (command_line_chose(line, OPT_WRITE_OUT, "table"))
        put_table(t, s);
    else if (command_line_chose(line, OPT_WRITE_OUT, "fields"))
        text_printf(t,
                    "\"Hash\" : %" PRIu32 "\n\"Revision\" : %" PRId64 "\n\"Keys\" : %" PRIu64
                    "\n\"Size\" : %" PRIu64 "\n\"Version\" : %s\n",
                    s->hash, s->revision, s->keys, s->size, s->version);
    else
        text_printf(t, "%" PRIx32 ", %" PRId64 ", %" PRIu64 ", %s, %s\n", s->hash, s->revision,
                    s->keys, human_bytes(s->size, size), s->version);
}

/* Numbers of a damaged file would pass for those of the snapshot: then only the findings come. */
int cmd_status(const struct command_line *line, struct err *err)
{
    AUTO_COLLECT struct collect found;
    AUTO_PROOF_SNAPSHOT struct proof_snapshot proof = {0};
    AUTO_TEXT struct text t = TEXT_INIT;
    static const struct proof_options options = {.want_hash = true, .want_live_keys = true};
    char version[4 * sizeof proof.facts.storage_version];

    collect_start(&found);
    const struct prove source = {
        .path = line->argument[0],
        .what = "status",
        .trailer = PROOF_TRAILER_OPTIONAL,
        .sink = &found.sink,
    };
    int r = prove_file(&source, &options, &proof, err);
    if (r < 0)
        return r;
    r = prove_refuse_damage(&source, &proof, &found, err);
    if (r < 0)
        return r;
    const struct etcd_facts *facts = &proof.facts;

    put_status(&t, line,
               &(struct status){
                   .hash = facts->hash,
                   .revision = facts->last.main,
                   .keys = facts->live_keys,
                   .size = proof.stats.pages * proof.page_size,
                   .version = finding_printable(slice_str(facts->storage_version), version,
                                                sizeof version),
               });
    r = text_write(&t, stdout, err);
    if (collect_exit_status(&found) != 0)
        collect_talk(&found, line->argument[0]);
    return r < 0 ? r : collect_exit_status(&found);
}
