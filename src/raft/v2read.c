#include <inttypes.h>
#include <stdio.h>

#include "src/base/auto.h"
#include "src/base/finding.h"
#include "src/base/json.h"
#include "src/raft/v2store.h"

AUTO_DEFINE(json_doc)

/* Memory of a store: a list of pieces, freed together. */
struct piece {
    struct piece *next;
    uint64_t bytes[];
};

static void *take_memory(struct raft_v2store *store, size_t count, size_t size)
{
    struct piece *piece = calloc(1, sizeof *piece + count * size);

    if (piece == NULL)
        return NULL;
    piece->next = store->memory;
    store->memory = piece;
    return piece->bytes;
}

void raft_v2store_done(struct raft_v2store *store)
{
    struct piece *piece = store->memory;

    while (piece != NULL) {
        struct piece *next = piece->next;

        free(piece);
        piece = next;
    }
    *store = (struct raft_v2store){0};
}

static int copy_text(struct raft_v2store *store, struct json_value v, const char **ret,
                     struct err *err)
{
    struct slice text = {(const uint8_t *)"", 0};

    (void)json_as_string(v, &text);
    char *copy = take_memory(store, text.len + 1, 1);
    if (copy == NULL)
        return err_nomem(err);
    memcpy(copy, text.data, text.len);
    *ret = copy;
    return ERR_OK;
}

static int copy_urls(struct raft_v2store *store, struct json_value v, const char *const **ret,
                     size_t *count, struct err *err)
{
    size_t want = json_kind(v) == JSON_ARRAY ? json_count(v) : 0;

    if (want > RAFT_MEMBER_URLS_MAX)
        return err_set(err, ERR_LIMIT, "a member has %zu URLs, at most %d are read", want,
                       RAFT_MEMBER_URLS_MAX);
    const char **urls = take_memory(store, want, sizeof *urls);
    if (urls == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < want; i++) {
        int r = copy_text(store, json_at(v, i), &urls[i], err);
        if (r < 0)
            return r;
    }
    *ret = urls;
    *count = want;
    return ERR_OK;
}

/* A leaf's value is JSON inside a string. */
static int parse_leaf(struct json_value node, struct json_doc **ret, struct err *err)
{
    struct slice value = {0};

    if (!json_as_string(json_get(node, "Value"), &value))
        return err_set(err, ERR_CORRUPT, "no value");
    int r = json_parse(value, ret, err);
    if (r == ERR_OK && json_kind(json_root(*ret)) != JSON_OBJECT)
        return err_set(err, ERR_CORRUPT, "value is no object");
    return r;
}

static int read_raft_attributes(struct raft_v2store *store, struct json_value node,
                                struct raft_member *m, struct err *err)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    int r = parse_leaf(node, &doc, err);

    if (r < 0)
        return err_wrap(err, r, "raftAttributes");
    (void)json_as_bool(json_get(json_root(doc), "isLearner"), &m->is_learner);
    return copy_urls(store, json_get(json_root(doc), "peerURLs"), &m->peer_urls, &m->peer_url_count,
                     err);
}

static int read_attributes(struct raft_v2store *store, struct json_value node,
                           struct raft_member *m, struct err *err)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    int r = parse_leaf(node, &doc, err);

    if (r < 0)
        return err_wrap(err, r, "attributes");
    r = copy_text(store, json_get(json_root(doc), "name"), &m->name, err);
    if (r < 0)
        return r;
    return copy_urls(store, json_get(json_root(doc), "clientURLs"), &m->client_urls,
                     &m->client_url_count, err);
}

/* As Go's strconv.ParseUint(name, 16, 64). */
static int parse_id(const char *name, uint64_t *ret, struct err *err)
{
    char *end = NULL;
    size_t len = strlen(name);

    if (len == 0 || len > 16 || strspn(name, "0123456789abcdefABCDEF") != len)
        return err_set(err, ERR_CORRUPT, "a node is no member ID");
    *ret = strtoull(name, &end, 16);
    return ERR_OK;
}

static int read_member(struct raft_v2store *store, const struct json_member *node,
                       struct raft_member *m, struct err *err)
{
    struct json_value children = json_get(node->value, "Children");
    bool has_raft = false;
    int r = parse_id(node->name, &m->id, err);

    m->name = "";
    for (struct json_member c = json_first(children); r == ERR_OK && c.name != NULL;
         c = json_next(c)) {
        if (strcmp(c.name, "raftAttributes") == 0) {
            has_raft = true;
            r = read_raft_attributes(store, c.value, m, err);
        } else if (strcmp(c.name, "attributes") == 0) {
            r = read_attributes(store, c.value, m, err);
        } else {
            r = err_set(err, ERR_CORRUPT, "unknown node below a member");
        }
    }
    if (r == ERR_OK && !has_raft)
        r = err_set(err, ERR_CORRUPT, "no raftAttributes");
    if (r < 0)
        return err_wrap(err, r, "member %" PRIx64, m->id);
    return ERR_OK;
}

static int read_members(struct raft_v2store *store, struct json_value node, struct err *err)
{
    struct json_value children = json_get(node, "Children");
    size_t count = json_count(children);
    int r = ERR_OK;

    if (count > RAFT_MEMBERS_MAX)
        return err_set(err, ERR_LIMIT, "%zu members, at most %d are read", count, RAFT_MEMBERS_MAX);
    struct raft_member *members = take_memory(store, count, sizeof *members);
    if (members == NULL)
        return err_nomem(err);
    for (struct json_member m = json_first(children); r == ERR_OK && m.name != NULL;
         m = json_next(m))
        r = read_member(store, &m, &members[store->member_count++], err);
    store->members = members;
    return r;
}

static int read_removed(struct raft_v2store *store, struct json_value node, struct err *err)
{
    struct json_value children = json_get(node, "Children");
    uint64_t *removed = take_memory(store, json_count(children), sizeof *removed);
    int r = ERR_OK;

    if (removed == NULL)
        return err_nomem(err);
    for (struct json_member m = json_first(children); r == ERR_OK && m.name != NULL;
         m = json_next(m))
        r = parse_id(m.name, &removed[store->removed_count++], err);
    store->removed = removed;
    return r;
}

/* /0: etcd's own part. */
static int read_own(struct raft_v2store *store, struct json_value node, struct err *err)
{
    struct json_value children = json_get(node, "Children");
    struct json_value version = json_get(children, "version");
    int r = read_members(store, json_get(children, "members"), err);

    if (r == ERR_OK)
        r = read_removed(store, json_get(children, "removed_members"), err);
    if (r == ERR_OK)
        r = copy_text(store, json_get(version, "Value"), &store->version, err);
    return r;
}

static void note_foreign(struct raft_v2store *store, const char *top, const char *name)
{
    char path[sizeof store->foreign_path / 2];

    if (store->has_foreign)
        return;
    store->has_foreign = true;
    int n = snprintf(path, sizeof path, "/%s/%s", top, name);
    size_t len = n < 0 ? 0 : (size_t)n;
    if (len >= sizeof path)
        len = sizeof path - 1;
    (void)finding_printable((struct slice){(const uint8_t *)path, len}, store->foreign_path,
                            sizeof store->foreign_path);
}

/* What etcd 3.6 refuses (membership/storev2.go IsMetaStoreOnly): anything below a top-level node
 * but /0; in /2, where v2 auth leaves empty directories, anything two levels below. */
static void look_for_foreign(struct raft_v2store *store, const struct json_member *top)
{
    struct json_value children = json_get(top->value, "Children");

    for (struct json_member c = json_first(children); c.name != NULL; c = json_next(c)) {
        if (strcmp(top->name, "2") != 0 || json_count(json_get(c.value, "Children")) > 0)
            note_foreign(store, top->name, c.name);
    }
}

static int read_tree(struct raft_v2store *store, struct json_value root, struct err *err)
{
    if (json_kind(root) != JSON_OBJECT)
        return err_set(err, ERR_CORRUPT, "v2 store is no object");
    struct json_value children = json_get(json_get(root, "Root"), "Children");
    for (struct json_member m = json_first(children); m.name != NULL; m = json_next(m)) {
        if (strcmp(m.name, "0") != 0)
            look_for_foreign(store, &m);
    }
    return read_own(store, json_get(children, "0"), err);
}

int raft_v2store_parse(struct slice json, struct raft_v2store *ret, struct err *err)
{
    AUTO(json_doc) struct json_doc *doc = NULL;

    *ret = (struct raft_v2store){.version = ""};
    int r = json_parse(json, &doc, err);
    if (r == ERR_OK)
        r = read_tree(ret, json_root(doc), err);
    if (r < 0) {
        raft_v2store_done(ret);
        return err_wrap(err, r, "v2 store");
    }
    return ERR_OK;
}
