/* The cluster a restore makes: etcd's --name, --initial-cluster, --initial-cluster-token and
 * --initial-advertise-peer-urls, checked as etcd checks them (etcd pkg/types urls.go, urlsmap.go;
 * server/config VerifyBootstrap), except that no name is ever resolved. */
#ifndef RESET_MEMBERS_H
#define RESET_MEMBERS_H

#include "src/etcd/facts.h"

enum {
    RESET_MEMBERS_MAX = 64, /* members of a new cluster */
    RESET_NAME_MAX = 512,   /* bytes of a member's name */
    RESET_URL_MAX = 2048,   /* bytes of a URL */
};

struct reset_cluster {
    struct etcd_member *members; /* ascending id; peer URLs sorted */
    size_t member_count;
    size_t self;
    uint64_t cluster_id;
    char *token;
    bool token_is_new;
};

struct reset_cluster_flags {
    const char *name;
    const char *initial_cluster;
    const char *initial_advertise_peer_urls;
    const char *token; /* NULL or "": a fresh UUID, for a single member */
};

/* ERR_USAGE in etcd's words, ERR_NOMEM. reset_cluster_done() frees what `ret` owns. */
int reset_cluster_make(const struct reset_cluster_flags *flags, struct reset_cluster *ret,
                       struct err *err);
void reset_cluster_done(struct reset_cluster *c);

/* Check one peer URL: http or https with host:port and no path, or unix or unixs. ERR_USAGE. */
int reset_peer_url_check(const char *url, struct err *err);

#define AUTO_RESET_CLUSTER __attribute__((cleanup(reset_cluster_done)))

#endif
