/* Text on its way to standard output: collected first, written and flushed once, so that a full
 * disk or a closed pipe shows as an error and nothing is printed by a command that fails. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdio.h>

#include "src/base/buf.h"

enum { TEXT_MAX = 8 << 20 }; /* bytes of one command's output */

/* The first failure sticks; text_write() returns it. */
struct text {
    struct buf buf;
    struct err err;
    int result;
};

#define TEXT_INIT ((struct text){.buf = BUF_INIT(TEXT_MAX)})
#define AUTO_TEXT __attribute__((cleanup(text_done)))

void text_done(struct text *t);
void text_add(struct text *t, const char *s);
void text_add_bytes(struct text *t, struct slice bytes);
void text_repeat(struct text *t, const char *s, size_t times);
void text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Keep the first failure of a call that takes the buffer itself. */
void text_keep(struct text *t, int result, const struct err *err);

/* Words of `s` in lines of at most `width` columns, each line but the first behind `indent` spaces;
 * the first one starts in column `column`. Ends the last line. */
void text_wrap(struct text *t, const char *s, size_t column, size_t indent, size_t width);

/* Columns that UTF-8 text takes on a terminal (one for each code point). */
size_t text_columns(const char *s);

/* Write everything to `to` and flush it. ERR_IO, or the failure kept. */
int text_write(const struct text *t, FILE *to, struct err *err);

#endif
