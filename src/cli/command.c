#include "src/cli/command.h"

#include <string.h>

static const char root_details[] =
    "Verifies snapshots of etcd (K3s, RKE2, kubeadm, plain etcd 3.4 to 3.7) and restores them "
    "without a running etcd. Sources are only ever read; a new data directory appears whole or not "
    "at all.\n\n"
    "The result goes to standard output, everything else to standard error. Exit status: 0 done or "
    "clean, 1 failed, 2 wrong usage, 3 findings, 4 could not check, 5 refused, 6 interrupted.";

static const char restore_details[] =
    "Restores a snapshot into a new data directory, with the options of etcdutl. The snapshot is "
    "checked completely before the directory appears: trailer, structure, every revision, "
    "membership. The new db holds live pages only. NOSPACE alarms are dropped and named, because "
    "they would block every write of the new cluster; a CORRUPT alarm stops the restore unless it "
    "is accepted.";

static const char server_details[] =
    "Restores a snapshot on a K3s server, with the options of 'k3s server'. Everything is checked "
    "first and built beside the live directory; then server/db/etcd is exchanged with the new one "
    "and the former one is kept as server/db/etcd-old-TIME. K3s must not be running.\n\n"
    "Token, bootstrap data and configuration files are not read by this version.";

static const char verify_details[] =
    "Proves a snapshot file: what it is, its SHA-256 trailer, every page, every revision, "
    "membership, versions. Of a data directory (or a K3s one) also the write-ahead log, the .snap "
    "files, whether the three belong together, and which etcd starts on it. Nothing is written. "
    "Exit status 0: clean, notes apart; 3: something is damaged, cured or suspect; 4: it could not "
    "be checked.";

static const char status_details[] =
    "Prints the numbers and the text of etcdutl 3.7. Where etcdutl reports a damaged file as sound "
    "this command names what is wrong and ends with status 3.";

static const char hashkv_details[] =
    "Prints the hash of the key space as etcdutl 3.7 does, in memory that does not grow with the "
    "file, and without writing into it.";

static const char completion_details[] =
    "Prints a script that completes commands and options. For bash: source it, or put it into "
    "/etc/bash_completion.d.";

const struct command command_table[CMD_COUNT] = {
    [CMD_ROOT] = {.words = "",
                  .arguments = "COMMAND",
                  .summary = "brings an embedded etcd back to life offline",
                  .details = root_details},
    [CMD_SNAPSHOT] = {.words = "snapshot",
                      .arguments = "COMMAND",
                      .summary = "work on a snapshot file, with the options of etcdutl"},
    [CMD_RESTORE] = {.words = "snapshot restore",
                     .arguments = "FILE",
                     .arguments_min = 1,
                     .arguments_max = 1,
                     .summary = "make a data directory from a snapshot",
                     .details = restore_details,
                     .run = cmd_restore},
    [CMD_STATUS] = {.words = "snapshot status",
                    .arguments = "FILE",
                    .arguments_min = 1,
                    .arguments_max = 1,
                    .summary = "print hash, revision, keys and size of a snapshot",
                    .details = status_details,
                    .run = cmd_status},
    [CMD_HASHKV] = {.words = "snapshot hashkv",
                    .alias = "hashkv",
                    .arguments = "FILE",
                    .arguments_min = 1,
                    .arguments_max = 1,
                    .summary = "print the hash of the key space of a snapshot",
                    .details = hashkv_details,
                    .run = cmd_hashkv},
    [CMD_VERIFY] = {.words = "verify",
                    .arguments = "FILE|DATA-DIR",
                    .arguments_min = 1,
                    .arguments_max = 1,
                    .summary = "prove a snapshot or a data directory",
                    .details = verify_details,
                    .run = cmd_verify},
    [CMD_SERVER] = {.words = "server",
                    .arguments = "",
                    .summary = "restore a K3s server, with the options of 'k3s server'",
                    .details = server_details,
                    .run = cmd_server},
    [CMD_ERRORS] = {.words = "errors",
                    .arguments = "",
                    .summary = "list the finding codes and the exit statuses",
                    .run = cmd_errors},
    [CMD_VERSION] = {.words = "version",
                     .arguments = "",
                     .summary = "print the version",
                     .run = cmd_version},
    [CMD_HELP] = {.words = "help",
                  .arguments = "[COMMAND | findings]",
                  .arguments_max = 2,
                  .summary = "show help for a command, or the finding codes",
                  .run = cmd_help},
    [CMD_COMPLETION] = {.words = "completion",
                        .arguments = "bash|zsh|fish",
                        .arguments_min = 1,
                        .arguments_max = 1,
                        .summary = "print a completion script for a shell",
                        .details = completion_details,
                        .run = cmd_completion},
    [CMD_MANUAL] = {.words = "manual-page",
                    .arguments = "",
                    .summary = "print the manual page in troff",
                    .is_hidden = true,
                    .run = cmd_manual},
};

const char *const exit_status_meaning[EXIT_STATUS_COUNT] = {
    "done, or clean",
    "failed: input or output error, out of memory, not found",
    "wrong usage",
    "findings: something in the input is damaged, cured or suspect",
    "could not check: the input is of a kind that is not known",
    "refused: nothing was changed",
    "interrupted: nothing was left behind",
};

/* Number of words of `pattern` when they open the list, 0 when they do not. */
static size_t words_match(const char *pattern, const char *const *words, size_t count)
{
    size_t used = 0;

    while (pattern != NULL && *pattern != '\0') {
        size_t len = strcspn(pattern, " ");

        if (used == count || strlen(words[used]) != len || memcmp(words[used], pattern, len) != 0)
            return 0;
        used++;
        pattern += len + (pattern[len] == ' ' ? 1 : 0);
    }
    return used;
}

const struct command *command_find(const char *const *words, size_t count, size_t *ret_used)
{
    const struct command *found = &command_table[CMD_ROOT];

    *ret_used = 0;
    for (size_t i = 0; i < CMD_COUNT; i++) {
        const char *const names[] = {command_table[i].words, command_table[i].alias};

        for (size_t n = 0; n < 2; n++) {
            size_t used = words_match(names[n], words, count);

            if (used > *ret_used) {
                *ret_used = used;
                found = &command_table[i];
            }
        }
    }
    return found;
}

static bool is_in(const struct command *group, const struct command *c)
{
    size_t len = strlen(group->words);

    if (c == group || c->is_hidden)
        return false;
    if (len == 0)
        return strchr(c->words, ' ') == NULL;
    return strncmp(c->words, group->words, len) == 0 && c->words[len] == ' ';
}

const struct command *command_next_in(const struct command *group, const struct command *after)
{
    size_t at = after == NULL ? 0 : (size_t)(after - command_table) + 1;

    for (; at < CMD_COUNT; at++) {
        if (is_in(group, &command_table[at]))
            return &command_table[at];
    }
    return NULL;
}

const char *command_last_word(const struct command *c)
{
    const char *space = strrchr(c->words, ' ');

    return space == NULL ? c->words : space + 1;
}
