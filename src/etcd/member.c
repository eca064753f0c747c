#include "src/etcd/member.h"

#include "src/base/auto.h"
#include "src/base/json.h"

AUTO_DEFINE(json_doc)

static int bad_field(struct err *err, const char *field, const char *want)
{
    return err_set(err, ERR_CORRUPT, "member: field '%s' is not %s", field, want);
}

static int take_text(struct json_value v, const char *field, char **ret, struct err *err)
{
    struct slice text = {0};

    if (json_kind(v) != JSON_NULL && !json_as_string(v, &text))
        return bad_field(err, field, "a string");
    if (text.len > 0 && memchr(text.data, 0, text.len) != NULL)
        return bad_field(err, field, "free of NUL bytes");
    *ret = text.len == 0 ? strdup("") : strndup((const char *)text.data, text.len);
    return *ret == NULL ? err_nomem(err) : ERR_OK;
}

static int take_texts(struct json_value v, const char *field, char ***ret, size_t *ret_count,
                      struct err *err)
{
    size_t count = json_count(v);

    if (json_kind(v) != JSON_NULL && json_kind(v) != JSON_ARRAY)
        return bad_field(err, field, "a list");
    if (count > ETCD_URLS_MAX)
        return err_set(err, ERR_LIMIT, "member: %zu URLs in '%s', at most %d are supported", count,
                       field, ETCD_URLS_MAX);
    if (count == 0)
        return ERR_OK;
    *ret = calloc(count, sizeof **ret);
    if (*ret == NULL)
        return err_nomem(err);
    for (; *ret_count < count; ++*ret_count) {
        int r = take_text(json_at(v, *ret_count), field, &(*ret)[*ret_count], err);

        if (r < 0)
            return r;
    }
    return ERR_OK;
}

static int take_fields(struct json_value root, struct etcd_member *m, struct err *err)
{
    struct json_value learner = json_get(root, "isLearner");
    int r;

    if (json_kind(root) != JSON_OBJECT)
        return err_set(err, ERR_CORRUPT, "member: not a JSON object");
    if (!json_as_uint64(json_get(root, "id"), &m->id))
        return bad_field(err, "id", "an unsigned 64-bit number");
    if (json_kind(learner) != JSON_NULL && !json_as_bool(learner, &m->is_learner))
        return bad_field(err, "isLearner", "a boolean");
    r = take_text(json_get(root, "name"), "name", &m->name, err);
    if (r == ERR_OK)
        r = take_texts(json_get(root, "peerURLs"), "peerURLs", &m->peer_urls, &m->peer_url_count,
                       err);
    if (r == ERR_OK)
        r = take_texts(json_get(root, "clientURLs"), "clientURLs", &m->client_urls,
                       &m->client_url_count, err);
    return r;
}

int etcd_member_decode(struct slice json, struct etcd_member *ret, struct err *err)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct etcd_member m = {0};
    int r;

    if (json.len > ETCD_MEMBER_JSON_MAX)
        return err_set(err, ERR_LIMIT, "member: %zu bytes of JSON, at most %d are supported",
                       json.len, ETCD_MEMBER_JSON_MAX);
    r = json_parse(json, &doc, err);
    if (r < 0)
        return err_wrap(err, r, "member");
    r = take_fields(json_root(doc), &m, err);
    if (r < 0) {
        etcd_member_done(&m);
        return r;
    }
    *ret = m;
    return ERR_OK;
}

static int put_texts(struct buf *ret, char *const *texts, size_t count, struct err *err)
{
    int r;

    if (count == 0)
        return buf_str(ret, "null", err);
    r = buf_byte(ret, '[', err);
    for (size_t i = 0; i < count && r == ERR_OK; i++) {
        if (i > 0)
            r = buf_byte(ret, ',', err);
        if (r == ERR_OK)
            r = json_put_string(ret, slice_str(texts[i]), err);
    }
    return r < 0 ? r : buf_byte(ret, ']', err);
}

int etcd_member_encode(const struct etcd_member *m, struct buf *ret, struct err *err)
{
    int r = buf_printf(ret, err, "{\"id\":%llu,\"peerURLs\":", (unsigned long long)m->id);

    if (r == ERR_OK)
        r = put_texts(ret, m->peer_urls, m->peer_url_count, err);
    if (r == ERR_OK && m->is_learner)
        r = buf_str(ret, ",\"isLearner\":true", err);
    if (r == ERR_OK && m->name != NULL && m->name[0] != '\0') {
        r = buf_str(ret, ",\"name\":", err);
        if (r == ERR_OK)
            r = json_put_string(ret, slice_str(m->name), err);
    }
    if (r == ERR_OK && m->client_url_count > 0) {
        r = buf_str(ret, ",\"clientURLs\":", err);
        if (r == ERR_OK)
            r = put_texts(ret, m->client_urls, m->client_url_count, err);
    }
    return r < 0 ? r : buf_byte(ret, '}', err);
}

size_t etcd_member_key(uint64_t id, char ret[static ETCD_MEMBER_KEY_MAX])
{
    return (size_t)snprintf(ret, ETCD_MEMBER_KEY_MAX, "%llx", (unsigned long long)id);
}

bool etcd_member_key_decode(struct slice key, uint64_t *ret)
{
    char canonical[ETCD_MEMBER_KEY_MAX];
    uint64_t id = 0;

    if (key.len == 0 || key.len >= ETCD_MEMBER_KEY_MAX)
        return false;
    for (size_t i = 0; i < key.len; i++) {
        uint8_t c = key.data[i];

        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
        id = id << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *ret = id;
    return etcd_member_key(id, canonical) == key.len;
}
