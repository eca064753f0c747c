#include "src/cli/text.h"

#include <stdarg.h>

enum { TEXT_PIECE_MAX = 4096 };

void text_done(struct text *t)
{
    buf_done(&t->buf);
}

void text_keep(struct text *t, int result, const struct err *err)
{
    if (t->result == ERR_OK && result < 0) {
        t->result = result;
        t->err = *err;
    }
}

void text_add_bytes(struct text *t, struct slice bytes)
{
    struct err err = {0};

    if (t->result == ERR_OK)
        text_keep(t, buf_append(&t->buf, bytes, &err), &err);
}

void text_add(struct text *t, const char *s)
{
    text_add_bytes(t, slice_str(s));
}

void text_repeat(struct text *t, const char *s, size_t times)
{
    for (size_t i = 0; i < times; i++)
        text_add(t, s);
}

void text_printf(struct text *t, const char *fmt, ...)
{
    char piece[TEXT_PIECE_MAX];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(piece, sizeof piece, fmt, ap);
    va_end(ap);
    text_add(t, piece);
}

void text_wrap(struct text *t, const char *s, size_t column, size_t indent, size_t width)
{
    bool is_line_start = true;

    while (*s != '\0') {
        size_t len = strcspn(s, " \n");

        if (!is_line_start && column + 1 + len > width) {
            text_add(t, "\n");
            text_repeat(t, " ", indent);
            column = indent;
            is_line_start = true;
        }
        if (!is_line_start) {
            text_add(t, " ");
            column++;
        }
        text_add_bytes(t, (struct slice){.data = (const uint8_t *)s, .len = len});
        column += len;
        is_line_start = false;
        s += len;
        s += strspn(s, " \n");
    }
    text_add(t, "\n");
}

size_t text_columns(const char *s)
{
    size_t columns = 0;

    for (; *s != '\0'; s++) {
        if (((unsigned char)*s & 0xC0U) != 0x80U)
            columns++;
    }
    return columns;
}

int text_write(const struct text *t, FILE *to, struct err *err)
{
    if (t->result < 0) {
        if (err != NULL)
            *err = t->err;
        return t->result;
    }
    if ((t->buf.len > 0 && fwrite(t->buf.data, 1, t->buf.len, to) != t->buf.len) || fflush(to) != 0)
        return err_sys(err, "write the result to standard output");
    return ERR_OK;
}
