#include "reset/install.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int posix_openat(int dir, const char *name, int flags, mode_t mode)
{
    return openat(dir, name, flags | O_CLOEXEC, mode);
}

const struct reset_install_ops reset_install_posix = {
    .renameat2 = renameat2,
    .openat = posix_openat,
    .fsync = fsync,
    .close = close,
    .unlinkat = unlinkat,
};

void reset_install_add(struct reset_install *list, enum reset_step_kind kind, int from_dir,
                       const char *from, int to_dir, const char *to)
{
    list->steps[list->count++] = (struct reset_step){
        .kind = kind,
        .from_dir = from_dir,
        .from = from,
        .to_dir = to_dir,
        .to = to,
    };
}

/* Not every file system knows RENAME_NOREPLACE; a directory never replaces one that holds
 * something, so the plain call is safe for what is renamed here. */
static int rename_new(const struct reset_install_ops *ops, int from_dir, const char *from,
                      int to_dir, const char *to)
{
    int r = ops->renameat2(from_dir, from, to_dir, to, RENAME_NOREPLACE);

    if (r < 0 && (errno == EINVAL || errno == ENOSYS))
        r = ops->renameat2(from_dir, from, to_dir, to, 0);
    return r;
}

static int do_rename(const struct reset_install_ops *ops, const struct reset_step *s,
                     struct err *err)
{
    if (rename_new(ops, s->from_dir, s->from, s->to_dir, s->to) == 0)
        return ERR_OK;
    if (errno == EEXIST || errno == ENOTEMPTY)
        return err_set(err, ERR_REFUSED, "'%s' appeared while this ran: nothing is put over it",
                       s->to);
    return err_sys(err, "rename '%s' to '%s'", s->from, s->to);
}

/* Marks the step not done when the file was there before: taking it back must not remove it. */
static int do_create(const struct reset_install_ops *ops, struct reset_step *s, struct err *err)
{
    int fd = ops->openat(s->to_dir, s->to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    int r = ERR_OK;

    if (fd < 0 && errno == EEXIST)
        return ERR_OK;
    if (fd < 0)
        return err_sys(err, "create '%s'", s->to);
    s->done = true;
    if (ops->fsync(fd) < 0)
        r = err_sys(err, "sync '%s'", s->to);
    if (ops->close(fd) < 0 && r == ERR_OK)
        r = err_sys(err, "close '%s'", s->to);
    return r;
}

static int do_step(const struct reset_install_ops *ops, struct reset_step *s, struct err *err)
{
    int r = ERR_OK;

    switch (s->kind) {
    case RESET_STEP_RENAME:
        r = do_rename(ops, s, err);
        break;
    case RESET_STEP_EXCHANGE:
        if (ops->renameat2(s->from_dir, s->from, s->to_dir, s->to, RENAME_EXCHANGE) < 0)
            r = err_sys(err, "exchange '%s' and '%s'", s->from, s->to);
        break;
    case RESET_STEP_CREATE:
        return do_create(ops, s, err);
    case RESET_STEP_REMOVE_DIR:
        if (ops->unlinkat(s->from_dir, s->from, AT_REMOVEDIR) < 0)
            r = err_sys(err, "remove '%s'", s->from);
        break;
    case RESET_STEP_SYNC:
        if (ops->fsync(s->to_dir) < 0)
            r = err_sys(err, "sync directory");
        break;
    }
    s->done = r == ERR_OK;
    return r;
}

/* Returns false when the step could not be taken back. */
static bool undo_step(const struct reset_install_ops *ops, struct reset_step *s)
{
    if (!s->done)
        return true;
    s->done = false;
    switch (s->kind) {
    case RESET_STEP_RENAME:
        return rename_new(ops, s->to_dir, s->to, s->from_dir, s->from) == 0;
    case RESET_STEP_EXCHANGE:
        return ops->renameat2(s->from_dir, s->from, s->to_dir, s->to, RENAME_EXCHANGE) == 0;
    case RESET_STEP_CREATE:
        return ops->unlinkat(s->to_dir, s->to, 0) == 0;
    case RESET_STEP_REMOVE_DIR:
    case RESET_STEP_SYNC:
        break;
    }
    return true;
}

static void say_where(const struct reset_step *s, struct err *err)
{
    size_t len = strlen(err->msg);

    (void)snprintf(err->msg + len, sizeof err->msg - len,
                   "; and it could not be taken back: what was '%s' is now '%s'", s->from, s->to);
}

int reset_install_run(const struct reset_install_ops *ops, struct reset_install *list,
                      struct err *err)
{
    size_t i = 0;
    int r = ERR_OK;

    while (i < list->count && r == ERR_OK)
        r = do_step(ops, &list->steps[i++], err);
    if (r == ERR_OK)
        return ERR_OK;
    while (i-- > 0) {
        const struct reset_step *s = &list->steps[i];

        if (!undo_step(ops, &list->steps[i]) && s->from != NULL && err != NULL)
            say_where(s, err);
    }
    return r;
}

static bool touch(int dir, const char *name)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    return fd >= 0 && close(fd) == 0;
}

bool reset_can_exchange(int dir)
{
    static const char one[] = ".exchange-1";
    static const char two[] = ".exchange-2";
    bool can =
        touch(dir, one) && touch(dir, two) && renameat2(dir, one, dir, two, RENAME_EXCHANGE) == 0;

    (void)unlinkat(dir, one, 0);
    (void)unlinkat(dir, two, 0);
    return can;
}
