/* A growing byte buffer that is made with its maximum, so that no input can make it grow without
 * limit. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "src/base/err.h"
#include "src/base/le.h"

struct buf {
    uint8_t *data;
    size_t len;
    size_t cap;
    size_t max; /* bytes; appending past it is ERR_LIMIT */
};

#define BUF_INIT(maximum) ((struct buf){.max = (maximum)})
#define AUTO_BUF __attribute__((cleanup(buf_done)))

void buf_done(struct buf *b);

/* Empty it, keep the memory. */
static inline void buf_clear(struct buf *b)
{
    b->len = 0;
}

/* Make room for `len` more bytes behind the content. ERR_NOMEM or ERR_LIMIT. */
int buf_reserve(struct buf *b, size_t len, struct err *err);
int buf_append(struct buf *b, struct slice bytes, struct err *err);
int buf_str(struct buf *b, const char *text, struct err *err);
int buf_byte(struct buf *b, uint8_t byte, struct err *err);
int buf_printf(struct buf *b, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The content, lent until the next call that changes the buffer. */
static inline struct slice buf_slice(const struct buf *b)
{
    return (struct slice){.data = b->data, .len = b->len};
}

#endif
