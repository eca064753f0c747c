/* What goes to standard error. */
#ifndef CLI_TALK_H
#define CLI_TALK_H

#include "src/base/err.h"

/* "error: ...", "warning: ...", each one line. */
void talk_error(const struct err *err);
void talk_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void talk_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
