#include "src/cli/talk.h"

#include <stdarg.h>
#include <stdio.h>

enum { TALK_MAX = 2048 };

/* One write a line, so that lines of a progress thread never mix with it. A message may quote
 * input: control characters would reach a terminal, so they become '?'. */
static void put_line(const char *prefix, const char *text)
{
    char line[TALK_MAX + 32];

    (void)snprintf(line, sizeof line, "%s%s", prefix, text);
    for (char *c = line; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
    }
    (void)fprintf(stderr, "%s\n", line);
}

void talk_error(const struct err *err)
{
    put_line("error: ", err->msg[0] == '\0' ? err_text(err->code) : err->msg);
}

void talk_warning(const char *fmt, ...)
{
    char text[TALK_MAX];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    put_line("warning: ", text);
}

void talk_line(const char *fmt, ...)
{
    char text[TALK_MAX];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    put_line("", text);
}
