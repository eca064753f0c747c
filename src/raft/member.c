#include "src/raft/member.h"

#include "src/base/json.h"

static int put_urls(struct buf *b, const char *const *urls, size_t count, struct err *err)
{
    int r = buf_byte(b, '[', err);

    for (size_t i = 0; r == ERR_OK && i < count; i++) {
        if (i > 0)
            r = buf_byte(b, ',', err);
        if (r == ERR_OK)
            r = json_put_string(b, slice_str(urls[i]), err);
    }
    return r < 0 ? r : buf_byte(b, ']', err);
}

/* "peerURLs":[..] and the learner mark: Go's RaftAttributes. A nil list is null there. */
static int put_raft_part(struct buf *b, const struct raft_member *m, struct err *err)
{
    int r = buf_str(b, "\"peerURLs\":", err);

    if (r == ERR_OK && m->peer_url_count == 0)
        r = buf_str(b, "null", err);
    else if (r == ERR_OK)
        r = put_urls(b, m->peer_urls, m->peer_url_count, err);
    if (r == ERR_OK && m->is_learner)
        r = buf_str(b, ",\"isLearner\":true", err);
    return r;
}

/* "name":"..","clientURLs":[..]: Go's Attributes, both left out when empty. */
static int put_attributes(struct buf *b, const struct raft_member *m, bool is_first,
                          struct err *err)
{
    bool has_name = m->name != NULL && m->name[0] != '\0';
    int r = ERR_OK;

    if (has_name) {
        r = buf_str(b, is_first ? "\"name\":" : ",\"name\":", err);
        if (r == ERR_OK)
            r = json_put_string(b, slice_str(m->name), err);
    }
    if (r == ERR_OK && m->client_url_count > 0) {
        r = buf_str(b, is_first && !has_name ? "\"clientURLs\":" : ",\"clientURLs\":", err);
        if (r == ERR_OK)
            r = put_urls(b, m->client_urls, m->client_url_count, err);
    }
    return r;
}

int raft_member_put_json(struct buf *b, const struct raft_member *m, struct err *err)
{
    int r = buf_printf(b, err, "{\"id\":%llu,", (unsigned long long)m->id);

    if (r == ERR_OK)
        r = put_raft_part(b, m, err);
    if (r == ERR_OK)
        r = put_attributes(b, m, false, err);
    return r < 0 ? r : buf_byte(b, '}', err);
}

int raft_member_put_raft_attributes(struct buf *b, const struct raft_member *m, struct err *err)
{
    int r = buf_byte(b, '{', err);

    if (r == ERR_OK)
        r = put_raft_part(b, m, err);
    return r < 0 ? r : buf_byte(b, '}', err);
}

int raft_member_put_attributes(struct buf *b, const struct raft_member *m, struct err *err)
{
    int r = buf_byte(b, '{', err);

    if (r == ERR_OK)
        r = put_attributes(b, m, true, err);
    return r < 0 ? r : buf_byte(b, '}', err);
}
