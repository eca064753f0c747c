/* What an etcd backend says about its cluster, gathered by etcd_scan in one walk. Plain data;
 * etcd_facts_done() frees what it owns. Formats: docs/format/etcd-buckets.md. */
#ifndef ETCD_FACTS_H
#define ETCD_FACTS_H

#include "src/base/buf.h"

enum {
    ETCD_MEMBERS_MAX =
        1024, /* rows kept of members, members_removed and alarm; more is a finding */
    ETCD_MEMBER_JSON_MAX = 65536, /* bytes */
    ETCD_URLS_MAX = 64,           /* URLs in a member */
};

struct etcd_revision {
    int64_t main;
    int64_t sub;
};

struct etcd_member {
    uint64_t id;
    bool is_learner;
    char *name;       /* "" when none */
    char **peer_urls; /* peer_url_count strings */
    size_t peer_url_count;
    char **client_urls;
    size_t client_url_count;
};

enum etcd_alarm_type { ETCD_ALARM_NONE = 0, ETCD_ALARM_NOSPACE = 1, ETCD_ALARM_CORRUPT = 2 };

struct etcd_alarm {
    uint64_t member_id;
    uint64_t type; /* enum etcd_alarm_type, or what a newer etcd wrote */
};

/* One bit per known top-level bucket, in byte order of their names. */
enum etcd_bucket {
    ETCD_ALARM,
    ETCD_AUTH,
    ETCD_AUTH_ROLES,
    ETCD_AUTH_USERS,
    ETCD_CLUSTER,
    ETCD_KEY,
    ETCD_LEASE,
    ETCD_MEMBERS,
    ETCD_MEMBERS_REMOVED,
    ETCD_META,
    ETCD_BUCKET_COUNT,
    ETCD_BUCKET_OTHER = ETCD_BUCKET_COUNT,
};
extern const char *const etcd_bucket_name[ETCD_BUCKET_COUNT];
enum etcd_bucket etcd_bucket_of(struct slice name);

/* Newest record of one user key that the caller asked to follow. */
struct etcd_followed_key {
    bool seen;
    bool is_deleted;
    struct etcd_revision mod;
    int64_t create_revision;
    int64_t version;
    int64_t lease;
    bool value_is_empty;
};

struct etcd_facts {
    unsigned buckets; /* bit set of enum etcd_bucket */

    /* key */
    uint64_t records;           /* rows of bucket key */
    uint64_t total_records;     /* rows of all buckets (totalKey of etcdutl 3.5) */
    uint64_t live_keys;         /* user keys whose newest record is a put (totalKey of 3.6, 3.7) */
    uint64_t live_bytes;        /* key and value bytes in all buckets */
    struct etcd_revision first; /* {0,0} when there is no row */
    struct etcd_revision last;
    int64_t current_revision; /* max(1, last.main, finished, scheduled): mvcc kvstore.go restore */
    struct etcd_followed_key followed;
    bool has_kubernetes; /* a key below /registry/ was seen */
    uint64_t leased_records;

    /* meta */
    bool has_consistent_index, has_term, has_conf_state, has_storage_version;
    uint64_t consistent_index;
    uint64_t term;
    char conf_state[4096];     /* as stored, "" when absent or longer (then a finding) */
    char storage_version[32];  /* as stored */
    int64_t finished_compact;  /* 0 when absent */
    int64_t scheduled_compact; /* 0 when absent */

    /* cluster */
    char cluster_version[32]; /* "" when absent */
    char downgrade[256];      /* JSON as stored, "" when absent */
    bool downgrade_enabled;

    /* membership */
    struct etcd_member *members; /* ascending id */
    size_t member_count;
    uint64_t *removed; /* ascending id */
    size_t removed_count;
    struct etcd_alarm *alarms;
    size_t alarm_count;

    /* lease, auth */
    uint64_t leases;
    bool auth_enabled;
    uint64_t auth_revision;
    uint64_t users;
    uint64_t roles;

    uint32_t hash; /* CRC32C over all buckets, as `snapshot status` prints it; 0 when not asked */
};

void etcd_facts_done(struct etcd_facts *f);
void etcd_member_done(struct etcd_member *m);

#endif
