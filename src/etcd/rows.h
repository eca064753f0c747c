/* The rows of the small buckets: leases, alarms, auth, and the text values of `meta` and `cluster`
 * (etcd storage/schema, lease/leasepb, api/authpb). Shown in docs/format/etcd-buckets.md. */
#ifndef ETCD_ROWS_H
#define ETCD_ROWS_H

#include "src/etcd/facts.h"

enum { ETCD_LEASE_KEY_SIZE = 8, ETCD_VERSION_TEXT_MAX = 31 };

/* Keys of bucket `meta`. */
#define ETCD_META_CONSISTENT_INDEX "consistent_index"
#define ETCD_META_TERM "term"
#define ETCD_META_CONF_STATE "confState"
#define ETCD_META_STORAGE_VERSION "storageVersion"
#define ETCD_META_FINISHED_COMPACT "finishedCompactRev"
#define ETCD_META_SCHEDULED_COMPACT "scheduledCompactRev"
/* Keys of bucket `cluster`. */
#define ETCD_CLUSTER_VERSION "clusterVersion"
#define ETCD_CLUSTER_DOWNGRADE "downgrade"
/* Keys of bucket `auth`. */
#define ETCD_AUTH_ENABLED "authEnabled"
#define ETCD_AUTH_REVISION "authRevision"

struct etcd_lease {
    int64_t id;
    int64_t ttl;           /* seconds, as granted */
    int64_t remaining_ttl; /* seconds, 0 when no checkpoint was made */
};

/* All four: false when the bytes are no such message; names are lent by it. */
bool etcd_lease_decode(struct slice value, struct etcd_lease *ret);
bool etcd_user_decode(struct slice value, struct slice *ret_name);
bool etcd_role_decode(struct slice value, struct slice *ret_name);
/* Bucket `alarm`: the key is the message, the value is empty. */
bool etcd_alarm_decode(struct slice key, struct etcd_alarm *ret);

/* Append the key of an alarm row. ERR_NOMEM, ERR_LIMIT. */
int etcd_alarm_encode(const struct etcd_alarm *alarm, struct buf *ret, struct err *err);

struct etcd_version {
    unsigned major;
    unsigned minor;
    unsigned patch;
};

/* "3.6.0"; a pre-release or build suffix is accepted, as coreos/go-semver does. */
bool etcd_version_decode(struct slice text, struct etcd_version *ret);

struct etcd_downgrade {
    bool enabled;
    char target[ETCD_VERSION_TEXT_MAX + 1]; /* "" when none */
};

/* {"target-version":"3.5.0","enabled":true}. ERR_CORRUPT, ERR_LIMIT, ERR_NOMEM. */
int etcd_downgrade_decode(struct slice json, struct etcd_downgrade *ret, struct err *err);

#endif
