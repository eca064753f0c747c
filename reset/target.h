/* Where a new member is built and what it becomes: a directory beside the final one (or inside it,
 * when that exists and is empty, as a mount point does), holding member/snap and member/wal.
 *
 *   new      <parent>/.<name>.etcd-rescue-XXXXXXXX       becomes <name>
 *   inside   <data-dir>/.etcd-rescue-XXXXXXXX/member     becomes <data-dir>/member
 *   replace  <parent>/<name>.new-XXXXXXXX                exchanged with <name>, which becomes
 *                                                        <name>-old-<unix>[-n]
 */
#ifndef RESET_TARGET_H
#define RESET_TARGET_H

#include <limits.h>
#include <sys/stat.h>

#include "reset/install.h"
#include "src/base/err.h"

enum { RESET_TARGET_NAME_MAX = NAME_MAX + 1 };

enum reset_place_kind { RESET_PLACE_NEW, RESET_PLACE_INSIDE, RESET_PLACE_REPLACE };

/* One directory that will appear: the data directory, or a WAL directory of its own. */
struct reset_place {
    enum reset_place_kind kind;
    char *path;   /* as given, without trailing slashes */
    char *parent; /* path of the directory above */
    char name[RESET_TARGET_NAME_MAX];
    char work[RESET_TARGET_NAME_MAX]; /* name of what is being built, "" when there is nothing */
    int outer_fd; /* holds `work`: the parent, or the directory itself when inside; -1: no parent */
    int work_fd;
    char *made_above; /* topmost directory that was made to hold it, NULL when none */
};

struct reset_target {
    struct reset_place data;
    struct reset_place wal;
    bool has_wal_place; /* a WAL directory of its own, outside the data directory */
    char wal_inside[RESET_TARGET_NAME_MAX]; /* or one right inside a new data directory, "" none */
    bool has_old;                           /* replace: there is a live directory */
    struct stat old;
    int member_fd;
    int snap_fd;
    int wal_fd;
    char old_name[RESET_TARGET_NAME_MAX]; /* what the former directory became, "" none */
    bool is_installed;
};

struct reset_target_flags {
    const char *data_dir;
    const char *wal_dir; /* NULL: inside member */
    bool replace;
    const char *flag_file; /* created beside data_dir at the end, NULL: none */
};

void reset_target_init(struct reset_target *t);

/* Look, without changing anything. ERR_REFUSED for a directory that holds something, a link or a
 * mount point where a directory is to be exchanged; ERR_USAGE; ERR_IO; ERR_NOMEM. `ret` needs
 * reset_target_done() in every case. */
int reset_target_check(const struct reset_target_flags *flags, struct reset_target *ret,
                       struct err *err);

/* Nearest existing directory that the new data (or WAL) will be in, for questions about space. */
int reset_place_nearest(const struct reset_place *p, struct err *err);

/* Make the working directories. What an earlier run that was killed left for this very place is
 * removed, unless it may hold a former live directory. ERR_REFUSED, ERR_IO. */
int reset_target_begin(struct reset_target *t, struct err *err);

/* The file `name` of the data directory, synced (replace only). */
int reset_target_put_name(struct reset_target *t, const char *name, struct err *err);

/* Give everything the former directory's owner, and sync all directories bottom-up. */
int reset_target_seal(struct reset_target *t, struct err *err);

/* Put it in place. */
int reset_target_install(struct reset_target *t, const struct reset_target_flags *flags,
                         struct err *err);

/* Close; remove what was built when it was not put in place. */
void reset_target_done(struct reset_target *t);

#define AUTO_RESET_TARGET __attribute__((cleanup(reset_target_done)))

#endif
