#include "src/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void msg_vset(struct err *err, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void msg_vset(struct err *err, const char *fmt, va_list ap)
{
    (void)vsnprintf(err->msg, sizeof err->msg, fmt, ap);
}

int(err_set)(struct err *err, enum err_code code, const char *fmt, ...)
{
    if (err != NULL) {
        va_list ap;

        va_start(ap, fmt);
        msg_vset(err, fmt, ap);
        va_end(ap);
        err->code = code;
        err->sys_errno = 0;
    }
    return (int)code;
}

int(err_sys)(struct err *err, const char *fmt, ...)
{
    int saved = errno;

    if (err != NULL) {
        va_list ap;
        size_t used;

        va_start(ap, fmt);
        msg_vset(err, fmt, ap);
        va_end(ap);
        used = strlen(err->msg);
        char text[128];
        (void)snprintf(err->msg + used, sizeof err->msg - used, ": %s",
                       strerror_r(saved, text, sizeof text));
        err->code = ERR_IO;
        err->sys_errno = saved;
    }
    return ERR_IO;
}

int(err_nomem)(struct err *err)
{
    return err_set(err, ERR_NOMEM, "out of memory");
}

int(err_wrap)(struct err *err, int code, const char *fmt, ...)
{
    if (err != NULL) {
        char inner[ERR_MSG_SIZE];
        va_list ap;
        size_t used;

        memcpy(inner, err->msg, sizeof inner);
        va_start(ap, fmt);
        msg_vset(err, fmt, ap);
        va_end(ap);
        used = strlen(err->msg);
        (void)snprintf(err->msg + used, sizeof err->msg - used, ": %.*s", (int)(sizeof inner - 1),
                       inner);
    }
    return code;
}

#define ERR_TEXT(name, value, exit, text) \
    case name:                            \
        return text;
const char *err_text(int code)
{
    switch ((enum err_code)code) {
        ERR_CODES(ERR_TEXT)
    }
    return "unknown error";
}

#define ERR_EXIT(name, value, exit, text) \
    case name:                            \
        return exit;
int err_exit_status(int code)
{
    switch ((enum err_code)code) {
        /* NOLINTNEXTLINE(bugprone-branch-clone): a table, its rows may agree */
        ERR_CODES(ERR_EXIT)
    }
    return 1;
}
