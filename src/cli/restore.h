/* What 'snapshot restore' and 'server' share. */
#ifndef CLI_RESTORE_H
#define CLI_RESTORE_H

#include "reset/restore.h"
#include "src/cli/command.h"

/* The options both commands have. */
void restore_common(const struct command_line *line, struct reset_restore_request *ret);

/* Run, with progress, and print the report; findings go to standard error when it fails. Returns
 * what reset_restore_run() does, or ERR_IO when the report cannot be written. */
int restore_run(const struct command_line *line, const struct reset_restore_request *request,
                struct err *err);

#endif
