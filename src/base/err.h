/* Error type: a small closed set of codes, plus one message built up on the way out.
 *
 * A function that can fail returns ERR_OK (0) or a negative code, and takes `struct err *err` last.
 * The lowest function that knows what went wrong calls err_set(); callers that know more about what
 * was being done call err_wrap(). `err` may be NULL when the caller only wants the code. The exit
 * statuses are documented in docs/errors.md. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

/*      code              exit  text */
#define ERR_CODES(X)                                 \
    X(ERR_OK, 0, 0, "success")                       \
    X(ERR_USAGE, -1, 2, "wrong usage")               \
    X(ERR_NOMEM, -2, 1, "out of memory")             \
    X(ERR_IO, -3, 1, "input/output error")           \
    X(ERR_CORRUPT, -4, 3, "data is corrupt")         \
    X(ERR_NOTFOUND, -5, 1, "not found")              \
    X(ERR_UNSUPPORTED, -6, 4, "unsupported")         \
    X(ERR_LIMIT, -7, 3, "larger than a named limit") \
    X(ERR_REFUSED, -8, 5, "refused")                 \
    X(ERR_BUSY, -9, 5, "in use")                     \
    X(ERR_INTERRUPTED, -10, 6, "interrupted, resumable")

#define ERR_ENUM(name, value, exit, text) name = (value),
enum err_code { ERR_CODES(ERR_ENUM) };
#undef ERR_ENUM

enum { ERR_MSG_SIZE = 1024 };

struct err {
    enum err_code code;
    int sys_errno; /* errno at the time of the failure, 0 when none */
    char msg[ERR_MSG_SIZE];
};

/* Record the failure and return `code`. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set(ERR_IO), with errno appended to the message. */
int err_sys(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* err_set(ERR_NOMEM) with the one text for it. */
int err_nomem(struct err *err);

/* Put "what was being done: " before the recorded message; returns the recorded code. */
int err_wrap(struct err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* What compilers and analysers cannot see across files: a failure is never 0, so where a result was
 * checked, what the function gives is there. */
static inline int err_failed(int code)
{
    return code < 0 ? code : (int)ERR_IO;
}
#define err_set(...) err_failed(err_set(__VA_ARGS__))
#define err_sys(...) err_failed(err_sys(__VA_ARGS__))
#define err_nomem(err) err_failed(err_nomem(err))
#define err_wrap(...) err_failed(err_wrap(__VA_ARGS__))

const char *err_text(int code);
int err_exit_status(int code);

#endif
