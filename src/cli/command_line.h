/* A parsed command line. Options stand before, between or behind the command's words; one or two
 * dashes mean the same, as in Go; the last occurrence counts; an option not given is looked up in
 * the environment, then in the table. */
#ifndef CLI_COMMAND_LINE_H
#define CLI_COMMAND_LINE_H

#include <string.h>

#include "src/base/err.h"
#include "src/cli/option.h"

enum { COMMAND_LINE_ARGUMENTS_MAX = 16 };

struct command;

struct option_value {
    const char *text;     /* as given, or the default; NULL when there is neither */
    uint64_t number;      /* numbers; index of a choice; bit set of a list */
    bool flag;            /* booleans; "auto" of an OPTION_AUTO_NUMBER */
    bool is_given;        /* on the command line or in the environment */
    const char *variable; /* the environment variable it came from, or NULL */
};

struct command_line {
    const struct command *command; /* CMD_ROOT or a group when no full command was named */
    struct option_value value[OPT_COUNT];
    const char *argument[COMMAND_LINE_ARGUMENTS_MAX];
    size_t argument_count;
};

/* Parse `argv` (without the program's name) and `environment` ("NAME=value" strings), both ended by
 * NULL and lent as long as *ret is used. ERR_USAGE names the word that is wrong; ret->command is
 * set even then, for the pointer to its help. */
int command_line_parse(const char *const *argv, const char *const *environment,
                       struct command_line *ret, struct err *err);

/* What must be there is there: required options, number of arguments. Not part of parsing, because
 * --help is served without them. ERR_USAGE. */
int command_line_check(const struct command_line *line, struct err *err);

/* Text of an option, "" when it has none. */
const char *command_line_text(const struct command_line *line, enum option_id id);

/* Word of a choice, as the table has it: bounded by strlen of the given text. */
static inline bool command_line_chose(const struct command_line *line, enum option_id id,
                                      const char *word)
{
    return option_word_index(option_table[id].argument, '|', word, strlen(word)) ==
           (int)line->value[id].number;
}

#endif
