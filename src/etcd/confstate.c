#include "src/etcd/confstate.h"

#include "src/base/auto.h"
#include "src/base/json.h"
#include "src/etcd/facts.h"

AUTO_DEFINE(json_doc)

static int take_ids(struct json_value v, const char *field, uint64_t **ret, size_t *ret_count,
                    struct err *err)
{
    size_t count = json_count(v);
    AUTO_FREE uint64_t *ids = NULL;

    if (json_kind(v) != JSON_NULL && json_kind(v) != JSON_ARRAY)
        return err_set(err, ERR_CORRUPT, "conf state: field '%s' is not a list", field);
    if (count > ETCD_MEMBERS_MAX)
        return err_set(err, ERR_LIMIT, "conf state: %zu IDs in '%s', at most %d are supported",
                       count, field, ETCD_MEMBERS_MAX);
    if (count == 0)
        return ERR_OK;
    ids = calloc(count, sizeof *ids);
    if (ids == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        if (!json_as_uint64(json_at(v, i), &ids[i]))
            return err_set(err, ERR_CORRUPT, "conf state: '%s' holds something that is no ID",
                           field);
    }
    *ret = TAKE_PTR(ids);
    *ret_count = count;
    return ERR_OK;
}

int etcd_conf_state_decode(struct slice json, struct etcd_conf_state *ret, struct err *err)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct etcd_conf_state c = {0};
    struct json_value root;
    int r = json_parse(json, &doc, err);

    if (r < 0)
        return err_wrap(err, r, "conf state");
    root = json_root(doc);
    if (json_kind(root) != JSON_OBJECT)
        return err_set(err, ERR_CORRUPT, "conf state: not a JSON object");
    r = take_ids(json_get(root, "voters"), "voters", &c.voters, &c.voter_count, err);
    if (r == ERR_OK)
        r = take_ids(json_get(root, "learners"), "learners", &c.learners, &c.learner_count, err);
    if (r < 0) {
        etcd_conf_state_done(&c);
        return r;
    }
    c.is_joint = json_count(json_get(root, "voters_outgoing")) > 0 ||
                 json_count(json_get(root, "learners_next")) > 0;
    *ret = c;
    return ERR_OK;
}

void etcd_conf_state_done(struct etcd_conf_state *c)
{
    free(c->voters);
    free(c->learners);
    *c = (struct etcd_conf_state){0};
}

int etcd_conf_state_encode(const uint64_t *voters, size_t count, struct buf *ret, struct err *err)
{
    int r = buf_byte(ret, '{', err);

    for (size_t i = 0; i < count && r == ERR_OK; i++)
        r = buf_printf(ret, err, "%s%llu", i == 0 ? "\"voters\":[" : ",",
                       (unsigned long long)voters[i]);
    if (r == ERR_OK && count > 0)
        r = buf_str(ret, "],", err);
    return r < 0 ? r : buf_str(ret, "\"auto_leave\":false}", err);
}
