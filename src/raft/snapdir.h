/* The part of raft_check_dir() that looks at the .snap files. */
#ifndef RAFT_SNAPDIR_H
#define RAFT_SNAPDIR_H

#include "src/raft/check.h"

/* List and judge *.snap in `dir`, newest first; the first good one with a valid record in
 * facts->wal becomes boot_34 and gives its content. */
int raft_check_snaps(int dir, struct finding_sink *sink, struct raft_facts *facts, struct err *err);

#endif
