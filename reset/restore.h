/* Restore a snapshot into a data directory: prove, rewrite, read back, put in place.
 *
 * One request serves both commands. A plain restore makes a new directory; a reset (`replace`)
 * builds beside the live directory and exchanges the two, so that there is no moment without one.
 * Nothing that was there is changed before the last step, and after any failure or cancellation
 * nothing that this run made is left. */
#ifndef RESET_RESTORE_H
#define RESET_RESTORE_H

#include <stdatomic.h>

#include "reset/report.h"
#include "src/base/blockfile.h"
#include "src/base/finding.h"

enum reset_bump {
    RESET_BUMP_NONE,
    RESET_BUMP_BY,   /* by `bump`, everything below becomes compacted */
    RESET_BUMP_AUTO, /* past everything the replaced directory is known to have reached */
};

/* Consents (--accept NAME, repeatable) to go on with what is suspect. */
enum reset_accept {
    RESET_ACCEPT_CORRUPT_ALARM = 1 << 0,
    RESET_ACCEPT_REVISION_GAP = 1 << 1,
    RESET_ACCEPT_OLDER_META = 1 << 2, /* also: rebuild the state of the older meta page when only
                                         that is whole */
    RESET_ACCEPT_SUSPECT = 1 << 3,    /* any other suspect finding */
};

/* Every pointer is lent for the call. Strings may be NULL where that is said. */
struct reset_restore_request {
    const char *snapshot;
    bool skip_hash_check; /* a missing trailer is replaced by the full check of the content */
    unsigned accept;      /* enum reset_accept */

    /* the new cluster, as etcd's flags of these names */
    const char *name;
    const char *initial_cluster;
    const char *initial_advertise_peer_urls;
    const char *initial_cluster_token; /* NULL or "": a fresh one, for a single member only */

    const char *data_dir;
    const char *wal_dir; /* NULL: data_dir/member/wal */

    enum reset_bump bump_mode;
    uint64_t bump;
    const char *empty_key; /* user key to empty at a new revision, NULL: none */

    /* replacing a live directory (K3s); all false and NULL for a plain restore */
    bool replace;          /* data_dir may exist and is kept as `<data_dir>-old-<unix>` */
    bool write_name_file;  /* data_dir/name: the member's name, no newline */
    const char *flag_file; /* file name, created empty beside data_dir at the end */
    const char *home;      /* k3s, rke2 and etcd processes whose working directory is in it count
                              as using the data; NULL: not looked at */

    const char *const *notes; /* lines the caller adds to the report, NULL at the end, or NULL */
    const char *const *next;  /* what to do afterwards; NULL: what plain etcd wants */

    enum blockfile_check verify_written;
    uint32_t page_size; /* of the new db, 0: the source's */
    bool dry_run;       /* check everything, write nothing */

    struct finding_sink *sink;  /* findings of the source, may be NULL */
    _Atomic uint64_t *progress; /* bytes of the source done so far, or NULL */
    _Atomic uint64_t *total;    /* set once known, or NULL */
    _Atomic bool *cancel; /* the run ends with ERR_INTERRUPTED when it becomes true, or NULL */
};

/* Fills `ret` as far as it came, also on failure; the caller calls reset_report_done().
 * ERR_USAGE (flags that contradict each other), ERR_REFUSED and ERR_BUSY (target not empty, in use,
 * no space, an alarm without consent), ERR_CORRUPT (the source has damage: see the findings),
 * ERR_INTERRUPTED, ERR_IO, ERR_NOMEM, ERR_UNSUPPORTED, ERR_LIMIT. */
int reset_restore_run(const struct reset_restore_request *request, struct reset_report *ret,
                      struct err *err);

#endif
