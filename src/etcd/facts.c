#include "src/etcd/facts.h"

#include "src/base/auto.h"

const char *const etcd_bucket_name[ETCD_BUCKET_COUNT] = {
    [ETCD_ALARM] = "alarm",
    [ETCD_AUTH] = "auth",
    [ETCD_AUTH_ROLES] = "authRoles",
    [ETCD_AUTH_USERS] = "authUsers",
    [ETCD_CLUSTER] = "cluster",
    [ETCD_KEY] = "key",
    [ETCD_LEASE] = "lease",
    [ETCD_MEMBERS] = "members",
    [ETCD_MEMBERS_REMOVED] = "members_removed",
    [ETCD_META] = "meta",
};

enum etcd_bucket etcd_bucket_of(struct slice name)
{
    for (int i = 0; i < ETCD_BUCKET_COUNT; i++) {
        if (slice_eq(name, slice_str(etcd_bucket_name[i])))
            return (enum etcd_bucket)i;
    }
    return ETCD_BUCKET_OTHER;
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

void etcd_member_done(struct etcd_member *m)
{
    free(m->name);
    free_texts(m->peer_urls, m->peer_url_count);
    free_texts(m->client_urls, m->client_url_count);
    *m = (struct etcd_member){0};
}

void etcd_facts_done(struct etcd_facts *f)
{
    for (size_t i = 0; i < f->member_count; i++)
        etcd_member_done(&f->members[i]);
    free(f->members);
    free(f->removed);
    free(f->alarms);
    *f = (struct etcd_facts){0};
}
