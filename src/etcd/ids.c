#include "src/etcd/ids.h"

#include "src/base/auto.h"
#include "src/base/sha256.h"
#include "src/etcd/facts.h"

static int compare_text(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;

    return strcmp(*left, *right);
}

static int compare_id(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;

    return *left == *right ? 0 : *left < *right ? -1 : 1;
}

int etcd_member_id(const char *const *peer_urls, size_t count, const char *token, uint64_t *ret,
                   struct err *err)
{
    const char *sorted[ETCD_URLS_MAX];
    AUTO_BUF struct buf text = BUF_INIT(ETCD_MEMBER_JSON_MAX + ETCD_TOKEN_MAX);
    int r = ERR_OK;

    if (count > ETCD_URLS_MAX)
        return err_set(err, ERR_LIMIT, "a member has %zu peer URLs, at most %d are supported",
                       count, ETCD_URLS_MAX);
    if (strlen(token) > ETCD_TOKEN_MAX)
        return err_set(err, ERR_LIMIT, "the cluster token has %zu bytes, at most %d are supported",
                       strlen(token), ETCD_TOKEN_MAX);
    for (size_t i = 0; i < count; i++)
        sorted[i] = peer_urls[i];
    qsort(sorted, count, sizeof sorted[0], compare_text);
    for (size_t i = 0; i < count && r == ERR_OK; i++)
        r = buf_str(&text, sorted[i], err);
    if (r == ERR_OK)
        r = buf_str(&text, token, err);
    return r < 0 ? r : sha1_id(buf_slice(&text), ret, err);
}

int etcd_cluster_id(const uint64_t *ids, size_t count, uint64_t *ret, struct err *err)
{
    uint64_t sorted[ETCD_MEMBERS_MAX];

    if (count > ETCD_MEMBERS_MAX)
        return err_set(err, ERR_LIMIT, "a cluster of %zu members, at most %d are supported", count,
                       ETCD_MEMBERS_MAX);
    if (count > 0)
        memcpy(sorted, ids, count * sizeof ids[0]);
    qsort(sorted, count, sizeof sorted[0], compare_id);
    for (size_t i = 0; i < count; i++)
        be64_store((uint8_t *)&sorted[i], sorted[i]);
    return sha1_id((struct slice){(const uint8_t *)sorted, count * sizeof sorted[0]}, ret, err);
}
