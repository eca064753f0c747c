/* The moment a built directory takes its place: a short list of steps, each one system call.
 *
 * The list is the whole of what a run changes near the data, in order; a step that fails makes the
 * ones before it be taken back, last first. */
#ifndef RESET_INSTALL_H
#define RESET_INSTALL_H

#include <sys/types.h>

#include "src/base/err.h"

enum reset_step_kind {
    RESET_STEP_RENAME,     /* from -> to, which does not exist */
    RESET_STEP_EXCHANGE,   /* from <-> to, both exist: there is no moment without `to` */
    RESET_STEP_CREATE,     /* empty file `to`, mode 0600; one that is there already stays */
    RESET_STEP_REMOVE_DIR, /* the emptied directory `from`; not taken back */
    RESET_STEP_SYNC,       /* the directory to_dir */
};

enum { RESET_STEPS_MAX = 12 };

struct reset_step {
    enum reset_step_kind kind;
    int from_dir; /* descriptors and names are lent */
    const char *from;
    int to_dir;
    const char *to;
    bool done;
};

struct reset_install {
    struct reset_step steps[RESET_STEPS_MAX];
    size_t count;
};

/* System calls the steps use; tests fail the Nth. */
struct reset_install_ops {
    int (*renameat2)(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
    int (*openat)(int dir, const char *name, int flags, mode_t mode);
    int (*fsync)(int fd);
    int (*close)(int fd);
    int (*unlinkat)(int dir, const char *name, int flags);
};

extern const struct reset_install_ops reset_install_posix;

/* Append one step. */
void reset_install_add(struct reset_install *list, enum reset_step_kind kind, int from_dir,
                       const char *from, int to_dir, const char *to);

/* Do them all. On failure those that were done are taken back; when that fails too, the message
 * says which names hold what. ERR_IO, ERR_REFUSED when a name that must be free is taken. */
int reset_install_run(const struct reset_install_ops *ops, struct reset_install *list,
                      struct err *err);

/* Can this file system exchange two names? Tried out with two empty files in `dir`, which are
 * removed again. */
bool reset_can_exchange(int dir);

#endif
