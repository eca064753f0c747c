/* The part of raft_check_dir() that follows the WAL's records. */
#ifndef RAFT_WALCHECK_H
#define RAFT_WALCHECK_H

#include "src/raft/check.h"

/* Read the log and fill *facts; reports what is wrong with the files and the order of the log. */
int raft_check_wal(int dir, struct finding_sink *sink, struct raft_wal_facts *facts,
                   struct err *err);

/* Is there a snapshot record of this index and term, not above the commit? */
bool raft_mark_is_valid(const struct raft_wal_facts *facts, uint64_t index, uint64_t term);

#endif
