/* The commands table: words, arguments, help and the function that does the work. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "src/cli/command_line.h"

#define PROGRAM_NAME "etcd-rescue"

struct command {
    const char *words;     /* "snapshot restore"; "" for CMD_ROOT */
    const char *alias;     /* other words for it, or NULL */
    const char *arguments; /* "FILE", "" when it takes none */
    unsigned arguments_min;
    unsigned arguments_max;
    const char *summary; /* lower case, no full stop */
    const char *details; /* paragraphs for --help and the manual, or NULL */
    bool is_hidden;
    /* Returns the exit status (0, or 3 for findings), or a negative code with its message in *err.
     * NULL for a group of commands. */
    int (*run)(const struct command_line *line, struct err *err);
};

extern const struct command command_table[CMD_COUNT];

enum { EXIT_STATUS_COUNT = 7 };
/* What each exit status means; err_exit_status() gives the numbers. */
extern const char *const exit_status_meaning[EXIT_STATUS_COUNT];

static inline enum command_id command_id(const struct command *c)
{
    return (enum command_id)(c - command_table);
}

/* The command whose words (or alias) open `words`, the longest that fits; CMD_ROOT when none does.
 * *ret_used gets the number of words it took. */
const struct command *command_find(const char *const *words, size_t count, size_t *ret_used);

/* The next visible command behind `after` whose words start with those of `group` and a space (all
 * top-level words for CMD_ROOT: groups, not what is in them); NULL at the end. */
const struct command *command_next_in(const struct command *group, const struct command *after);

/* Last of the command's words: "restore". */
const char *command_last_word(const struct command *c);

int cmd_restore(const struct command_line *line, struct err *err);
int cmd_status(const struct command_line *line, struct err *err);
int cmd_hashkv(const struct command_line *line, struct err *err);
int cmd_verify(const struct command_line *line, struct err *err);
int cmd_server(const struct command_line *line, struct err *err);
int cmd_errors(const struct command_line *line, struct err *err);
int cmd_version(const struct command_line *line, struct err *err);
int cmd_help(const struct command_line *line, struct err *err);
int cmd_completion(const struct command_line *line, struct err *err);
int cmd_manual(const struct command_line *line, struct err *err);

#endif
