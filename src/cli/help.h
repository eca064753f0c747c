/* Help, manual page and completion scripts, all from the two tables. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "src/cli/command.h"
#include "src/cli/text.h"

/* What --help prints. */
void help_command(struct text *t, const struct command *c);
/* The manual page, in troff's man macros. */
void help_manual(struct text *t);
void help_bash(struct text *t);
void help_zsh(struct text *t);
void help_fish(struct text *t);

/* Names of an option as help shows them: "-d, --data-dir DIR". */
void help_option_names(struct text *t, const struct option_spec *o);
/* Its sentence with default, variables and remarks. */
void help_option_sentence(struct text *t, const struct option_spec *o);
/* " --tls-san, --disable, ..." of the options that a command takes over from K3s without using
 * them; false when there are none. */
bool help_foreign_names(struct text *t, enum command_id command);

#endif
