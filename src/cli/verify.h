/* Parts of what 'verify' prints. */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include "src/cli/collect.h"
#include "src/etcd/versiongate.h"
#include "src/proof/datadir.h"

/* Source, structure, revisions, state, members and alarms of a proof that has run; `is_damaged`:
 * they are what could be read. */
void verify_print_proof(struct out *o, const char *path, const struct proof_snapshot *s,
                        bool is_damaged);

/* Where its parts are, and what its log holds. */
void verify_print_directory(struct out *o, const struct proof_datadir *d);

/* Which etcd starts on a restore of a db, and on a directory as it stands. */
void verify_print_restore_gate(struct out *o, const struct etcd_facts *facts);
void verify_print_directory_gate(struct out *o, const struct proof_datadir *d);

/* The findings and what they come to. */
void verify_print_verdict(struct out *o, const struct collect *found);

#endif
