#include "src/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUF_FIRST = 256 };

void buf_done(struct buf *b)
{
    free(b->data);
    *b = (struct buf){.max = b->max};
}

int buf_reserve(struct buf *b, size_t len, struct err *err)
{
    if (len <= b->cap - b->len)
        return ERR_OK;
    if (len > b->max - b->len)
        return err_set(err, ERR_LIMIT, "more than %zu bytes", b->max);

    size_t need = b->len + len;
    size_t cap = b->cap > 0 ? b->cap : BUF_FIRST;
    while (cap < need)
        cap = cap > b->max / 2 ? b->max : cap * 2;
    uint8_t *data = realloc(b->data, cap);
    if (data == NULL)
        return err_nomem(err);
    b->data = data;
    b->cap = cap;
    return ERR_OK;
}

int buf_append(struct buf *b, struct slice bytes, struct err *err)
{
    int r = buf_reserve(b, bytes.len, err);

    if (r < 0)
        return r;
    if (bytes.len > 0)
        memcpy(b->data + b->len, bytes.data, bytes.len);
    b->len += bytes.len;
    return ERR_OK;
}

int buf_str(struct buf *b, const char *text, struct err *err)
{
    return buf_append(b, slice_str(text), err);
}

int buf_byte(struct buf *b, uint8_t byte, struct err *err)
{
    return buf_append(b, (struct slice){&byte, 1}, err);
}

int buf_printf(struct buf *b, struct err *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int need = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (need < 0)
        return err_set(err, ERR_NOMEM, "format '%s'", fmt);

    int r = buf_reserve(b, (size_t)need + 1, err);
    if (r < 0)
        return r;
    va_start(ap, fmt);
    (void)vsnprintf((char *)b->data + b->len, (size_t)need + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)need;
    return ERR_OK;
}
