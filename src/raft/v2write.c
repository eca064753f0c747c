#include <inttypes.h>
#include <stdio.h>

#include "src/base/auto.h"
#include "src/base/json.h"
#include "src/raft/v2store.h"

/* A member with the index its node was created at: creations are counted through the tree. */
struct ranked {
    const struct raft_member *member;
    uint64_t created;
    char id[RAFT_MEMBER_ID_TEXT];
};

/* Go's encoding/json writes maps in the order of their keys' text. */
static int by_id_text(const void *a, const void *b)
{
    const struct ranked *left = a;
    const struct ranked *right = b;

    return strcmp(left->id, right->id);
}

/* `{"Path":..,` up to the colon before its children. */
static int open_node(struct buf *b, const char *path, uint64_t created, struct slice value,
                     struct err *err)
{
    int r = buf_printf(b, err,
                       "{\"Path\":\"%s\",\"CreatedIndex\":%" PRIu64 ",\"ModifiedIndex\":%" PRIu64
                       ",\"ExpireTime\":\"0001-01-01T00:00:00Z\",\"Value\":",
                       path, created, created);

    if (r == ERR_OK)
        r = json_put_string(b, value, err);
    return r < 0 ? r : buf_str(b, ",\"Children\":", err);
}

static int open_dir(struct buf *b, const char *path, uint64_t created, struct err *err)
{
    int r = open_node(b, path, created, (struct slice){0}, err);

    return r < 0 ? r : buf_byte(b, '{', err);
}

static int put_leaf(struct buf *b, const char *path, uint64_t created, struct slice value,
                    struct err *err)
{
    int r = open_node(b, path, created, value, err);

    return r < 0 ? r : buf_str(b, "null}", err);
}

enum { PATH_SIZE = 80 };

static int put_member_attributes(struct buf *b, const struct ranked *m, struct err *err)
{
    AUTO_BUF struct buf value = BUF_INIT(RAFT_MEMBER_JSON_MAX);
    char path[PATH_SIZE];
    int r = raft_member_put_attributes(&value, m->member, err);

    (void)snprintf(path, sizeof path, "/0/members/%s/attributes", m->id);
    if (r == ERR_OK)
        r = buf_str(b, "\"attributes\":", err);
    if (r == ERR_OK)
        r = put_leaf(b, path, m->created + 1, buf_slice(&value), err);
    return r < 0 ? r : buf_byte(b, ',', err);
}

static int put_member(struct buf *b, const struct ranked *m, struct err *err)
{
    AUTO_BUF struct buf value = BUF_INIT(RAFT_MEMBER_JSON_MAX);
    char path[PATH_SIZE];
    int r = raft_member_put_raft_attributes(&value, m->member, err);

    if (r == ERR_OK)
        r = buf_printf(b, err, "\"%s\":", m->id);
    (void)snprintf(path, sizeof path, "/0/members/%s", m->id);
    if (r == ERR_OK)
        r = open_dir(b, path, m->created, err);
    if (r == ERR_OK && m->member->client_url_count > 0)
        r = put_member_attributes(b, m, err);
    (void)snprintf(path, sizeof path, "/0/members/%s/raftAttributes", m->id);
    if (r == ERR_OK)
        r = buf_str(b, "\"raftAttributes\":", err);
    if (r == ERR_OK)
        r = put_leaf(b, path, m->created, buf_slice(&value), err);
    return r < 0 ? r : buf_str(b, "}}", err);
}

static int put_members(struct buf *b, const struct raft_v2store *store, uint64_t *created,
                       struct err *err)
{
    AUTO_FREE struct ranked *ranked = calloc(store->member_count + 1, sizeof *ranked);
    if (ranked == NULL)
        return err_nomem(err);
    int r = buf_str(b, "\"members\":", err);
    if (r == ERR_OK)
        r = open_dir(b, "/0/members", *created + 1, err);

    for (size_t i = 0; i < store->member_count; i++) {
        const struct raft_member *m = &store->members[i];

        ranked[i].member = m;
        ranked[i].created = *created + 1;
        *created += m->client_url_count > 0 ? 2 : 1;
        (void)snprintf(ranked[i].id, sizeof ranked[i].id, "%" PRIx64, m->id);
    }
    qsort(ranked, store->member_count, sizeof *ranked, by_id_text);
    for (size_t i = 0; r == ERR_OK && i < store->member_count; i++) {
        if (i > 0)
            r = buf_byte(b, ',', err);
        if (r == ERR_OK)
            r = put_member(b, &ranked[i], err);
    }
    return r < 0 ? r : buf_str(b, "}}", err);
}

static int put_removed(struct buf *b, const struct raft_v2store *store, uint64_t *created,
                       struct err *err)
{
    char path[PATH_SIZE];

    if (store->removed_count == 0)
        return ERR_OK;
    int r = buf_str(b, ",\"removed_members\":", err);
    if (r == ERR_OK)
        r = open_dir(b, "/0/removed_members", *created + 1, err);
    for (size_t i = 0; r == ERR_OK && i < store->removed_count; i++) {
        r = buf_printf(b, err, "%s\"%" PRIx64 "\":", i > 0 ? "," : "", store->removed[i]);
        (void)snprintf(path, sizeof path, "/0/removed_members/%" PRIx64, store->removed[i]);
        if (r == ERR_OK)
            r = put_leaf(b, path, ++*created, (struct slice){0}, err);
    }
    return r < 0 ? r : buf_str(b, "}}", err);
}

static int put_version(struct buf *b, const struct raft_v2store *store, uint64_t *created,
                       struct err *err)
{
    if (store->version == NULL || store->version[0] == '\0')
        return ERR_OK;
    int r = buf_str(b, ",\"version\":", err);

    return r < 0 ? r : put_leaf(b, "/0/version", ++*created, slice_str(store->version), err);
}

int raft_v2store_put(struct buf *b, const struct raft_v2store *store, struct err *err)
{
    uint64_t created = 0;
    int r = buf_str(b, "{\"Root\":", err);

    if (r == ERR_OK)
        r = open_dir(b, "/", 0, err);
    if (r == ERR_OK)
        r = buf_str(b, "\"0\":", err);
    if (r == ERR_OK)
        r = open_dir(b, "/0", 0, err);
    if (r == ERR_OK)
        r = put_members(b, store, &created, err);
    if (r == ERR_OK)
        r = put_removed(b, store, &created, err);
    if (r == ERR_OK)
        r = put_version(b, store, &created, err);
    if (r == ERR_OK)
        r = buf_str(b, "}},\"1\":", err);
    if (r == ERR_OK)
        r = open_dir(b, "/1", 0, err);
    return r < 0 ? r
                 : buf_printf(b, err, "}}}},\"CurrentIndex\":%" PRIu64 ",\"CurrentVersion\":2}",
                              created);
}
