/* One directory that will appear, and the working directory it is built in: names, emptiness,
 * making and removing. Used by target.c alone. */
#ifndef RESET_PLACE_H
#define RESET_PLACE_H

#include "reset/report.h"
#include "reset/target.h"

/* Sets path, parent and name. ERR_USAGE, ERR_LIMIT, ERR_NOMEM. */
int reset_place_init(struct reset_place *p, const char *path, struct err *err);

/* Decide between new and inside: opens what exists. `what` names it in messages ("data-dir").
 * ERR_REFUSED when it holds something. */
int reset_place_look(struct reset_place *p, const char *what, struct err *err);

/* Name what killed runs left beside a directory to be replaced: it is not removed, since one that
 * ended between exchange and rename left the former directory under such a name. ERR_NOMEM. */
int reset_place_leftovers(const struct reset_place *p, struct reset_lines *ret, struct err *err);

/* Make the parents where there are none, remove what a killed run left (never for a replacement),
 * make the working directory and lock it. */
int reset_place_begin(struct reset_place *p, struct err *err);

/* Sync the directories that hold parents which were made. ERR_IO, ERR_NOMEM. */
int reset_place_sync_above(const struct reset_place *p, struct err *err);

/* Remove the working directory with all it holds, and parents that were made for it. */
void reset_place_abandon(struct reset_place *p);
void reset_place_done(struct reset_place *p);

/* mkdir 0700 and open. ERR_IO. */
int reset_make_dir(int dir, const char *name, int *ret_fd, struct err *err);

#endif
