#include "src/raft/raftpb.h"

#include "src/base/pb.h"

/* Where a field goes: exactly one of the two is set. */
struct target {
    uint32_t number;
    uint64_t *integer;
    struct slice *bytes;
};

static int broken(const char *what, struct slice rest, struct err *err)
{
    return err_set(err, ERR_CORRUPT, "%s: no protobuf field at %zu bytes before its end", what,
                   rest.len);
}

static int wrong_wire(const char *what, const struct pb_field *f, struct err *err)
{
    return err_set(err, ERR_CORRUPT, "%s: field %u has wire type %d", what, f->number,
                   (int)f->wire);
}

static int store(const struct target *t, const struct pb_field *f, const char *what,
                 struct err *err)
{
    if (f->wire != (t->integer != NULL ? PB_VARINT : PB_BYTES))
        return wrong_wire(what, f, err);
    if (t->integer != NULL)
        *t->integer = f->value;
    else
        *t->bytes = f->bytes;
    return ERR_OK;
}

/* Walk the fields of a message; the last of equal fields counts, as in every protobuf reader. */
static int decode(struct slice in, const char *what, const struct target *targets, size_t count,
                  struct err *err)
{
    struct pb_field f;
    int r = ERR_OK;

    while (r == ERR_OK && pb_next(&in, &f)) {
        for (size_t i = 0; r == ERR_OK && i < count; i++) {
            if (targets[i].number == f.number)
                r = store(&targets[i], &f, what, err);
        }
    }
    if (r == ERR_OK && in.len > 0)
        r = broken(what, in, err);
    return r;
}

int raft_entry_decode(struct slice in, struct raft_entry *ret, struct err *err)
{
    const struct target targets[] = {{1, &ret->type, NULL},
                                     {2, &ret->term, NULL},
                                     {3, &ret->index, NULL},
                                     {4, NULL, &ret->data}};

    *ret = (struct raft_entry){0};
    return decode(in, "entry", targets, 4, err);
}

int raft_hard_state_decode(struct slice in, struct raft_hard_state *ret, struct err *err)
{
    const struct target targets[] = {
        {1, &ret->term, NULL}, {2, &ret->vote, NULL}, {3, &ret->commit, NULL}};

    *ret = (struct raft_hard_state){0};
    return decode(in, "hard state", targets, 3, err);
}

int raft_metadata_decode(struct slice in, struct raft_metadata *ret, struct err *err)
{
    const struct target targets[] = {{1, &ret->node_id, NULL}, {2, &ret->cluster_id, NULL}};

    *ret = (struct raft_metadata){0};
    return decode(in, "metadata", targets, 2, err);
}

int raft_conf_change_decode(struct slice in, struct raft_conf_change *ret, struct err *err)
{
    const struct target targets[] = {{1, &ret->id, NULL},
                                     {2, &ret->type, NULL},
                                     {3, &ret->node_id, NULL},
                                     {4, NULL, &ret->context}};

    *ret = (struct raft_conf_change){0};
    return decode(in, "conf change", targets, 4, err);
}

static int add_id(struct raft_ids *ids, uint64_t id, struct err *err)
{
    if (ids->count == RAFT_MEMBERS_MAX)
        return err_set(err, ERR_LIMIT, "conf state: more than %d members", RAFT_MEMBERS_MAX);
    ids->id[ids->count++] = id;
    return ERR_OK;
}

static int add_ids(struct raft_ids *ids, const struct pb_field *f, struct err *err)
{
    struct slice packed = f->bytes;
    uint64_t id;
    int r = ERR_OK;

    if (f->wire == PB_VARINT)
        return add_id(ids, f->value, err);
    if (f->wire != PB_BYTES)
        return wrong_wire("conf state", f, err);
    while (r == ERR_OK && pb_varint(&packed, &id))
        r = add_id(ids, id, err);
    if (r == ERR_OK && packed.len > 0)
        r = broken("conf state", packed, err);
    return r;
}

int raft_conf_state_decode(struct slice in, struct raft_conf_state *ret, struct err *err)
{
    struct raft_ids *const lists[] = {&ret->voters, &ret->learners, &ret->voters_outgoing,
                                      &ret->learners_next};
    struct pb_field f;
    int r = ERR_OK;

    for (size_t i = 0; i < 4; i++)
        lists[i]->count = 0;
    ret->auto_leave = false;
    while (r == ERR_OK && pb_next(&in, &f)) {
        if (f.number >= 1 && f.number <= 4)
            r = add_ids(lists[f.number - 1], &f, err);
        else if (f.number == 5 && f.wire != PB_VARINT)
            r = wrong_wire("conf state", &f, err);
        else if (f.number == 5)
            ret->auto_leave = f.value != 0;
    }
    if (r == ERR_OK && in.len > 0)
        r = broken("conf state", in, err);
    return r;
}

int raft_snap_mark_decode(struct slice in, struct raft_snap_mark *ret,
                          struct raft_conf_state *conf_state, struct err *err)
{
    struct slice conf = {0};
    const struct target targets[] = {
        {1, &ret->index, NULL}, {2, &ret->term, NULL}, {3, NULL, &conf}};

    *ret = (struct raft_snap_mark){0};
    int r = decode(in, "snapshot record", targets, 3, err);
    ret->has_conf_state = conf.data != NULL;
    if (r == ERR_OK && conf_state != NULL)
        r = raft_conf_state_decode(conf, conf_state, err);
    return r;
}

int raft_snapshot_decode(struct slice in, struct raft_snapshot *ret, struct err *err)
{
    struct slice metadata = {0};
    struct slice conf = {0};
    const struct target outer[] = {{1, NULL, &ret->data}, {2, NULL, &metadata}};
    const struct target inner[] = {{1, NULL, &conf}, {2, &ret->index, NULL}, {3, &ret->term, NULL}};

    ret->data = (struct slice){0};
    ret->index = 0;
    ret->term = 0;
    int r = decode(in, "snapshot", outer, 2, err);
    if (r == ERR_OK)
        r = decode(metadata, "snapshot metadata", inner, 3, err);
    return r < 0 ? r : raft_conf_state_decode(conf, &ret->conf_state, err);
}

/* Varint fields 1..count, then the next number as bytes unless it is absent. */
static int put_fields(struct buf *b, const uint64_t *integers, uint32_t count, struct slice bytes,
                      struct err *err)
{
    int r = ERR_OK;

    for (uint32_t i = 0; r == ERR_OK && i < count; i++)
        r = pb_put_varint(b, i + 1, integers[i], err);
    if (r == ERR_OK && bytes.data != NULL)
        r = pb_put_bytes(b, count + 1, bytes, err);
    return r;
}

int raft_entry_put(struct buf *b, const struct raft_entry *e, struct err *err)
{
    return put_fields(b, (const uint64_t[]){e->type, e->term, e->index}, 3, e->data, err);
}

int raft_hard_state_put(struct buf *b, const struct raft_hard_state *s, struct err *err)
{
    return put_fields(b, (const uint64_t[]){s->term, s->vote, s->commit}, 3, (struct slice){0},
                      err);
}

int raft_metadata_put(struct buf *b, const struct raft_metadata *m, struct err *err)
{
    return put_fields(b, (const uint64_t[]){m->node_id, m->cluster_id}, 2, (struct slice){0}, err);
}

int raft_conf_change_put(struct buf *b, const struct raft_conf_change *c, struct err *err)
{
    return put_fields(b, (const uint64_t[]){c->id, c->type, c->node_id}, 3, c->context, err);
}

int raft_conf_state_put(struct buf *b, const struct raft_conf_state *c, struct err *err)
{
    const struct raft_ids *const lists[] = {&c->voters, &c->learners, &c->voters_outgoing,
                                            &c->learners_next};
    int r = ERR_OK;

    for (uint32_t i = 0; i < 4; i++) {
        for (size_t k = 0; r == ERR_OK && k < lists[i]->count; k++)
            r = pb_put_varint(b, i + 1, lists[i]->id[k], err);
    }
    return r < 0 ? r : pb_put_varint(b, 5, c->auto_leave ? 1 : 0, err);
}

/* A conf state of four full lists: 11 bytes for each ID, 2 for auto_leave. */
enum { CONF_STATE_BYTES_MAX = 4 * RAFT_MEMBERS_MAX * 11 + 2 };

int raft_snap_mark_put(struct buf *b, const struct raft_snap_mark *m,
                       const struct raft_conf_state *conf_state, struct err *err)
{
    AUTO_BUF struct buf conf = BUF_INIT(CONF_STATE_BYTES_MAX);
    int r = conf_state != NULL ? raft_conf_state_put(&conf, conf_state, err) : ERR_OK;

    if (r < 0)
        return r;
    return put_fields(b, (const uint64_t[]){m->index, m->term}, 2, buf_slice(&conf), err);
}

int raft_snapshot_put(struct buf *b, const struct raft_snapshot *s, struct err *err)
{
    AUTO_BUF struct buf conf = BUF_INIT(CONF_STATE_BYTES_MAX);
    AUTO_BUF struct buf metadata = BUF_INIT(CONF_STATE_BYTES_MAX + 64);
    int r = raft_conf_state_put(&conf, &s->conf_state, err);

    if (r == ERR_OK)
        r = pb_put_bytes(&metadata, 1, buf_slice(&conf), err);
    if (r == ERR_OK)
        r = pb_put_varint(&metadata, 2, s->index, err);
    if (r == ERR_OK)
        r = pb_put_varint(&metadata, 3, s->term, err);
    if (r == ERR_OK && s->data.data != NULL)
        r = pb_put_bytes(b, 1, s->data, err);
    return r < 0 ? r : pb_put_bytes(b, 2, buf_slice(&metadata), err);
}

bool raft_is_v2_request(struct slice payload)
{
    enum { REQUEST_ID = 1, REQUEST_V2 = 2, REQUEST_LAST = 9900 };
    struct pb_field f;

    while (pb_next(&payload, &f)) {
        if (f.number == REQUEST_V2)
            return true;
        /* Every field of InternalRaftRequest but the ID is a message. */
        if (f.number <= REQUEST_LAST && f.wire != (f.number == REQUEST_ID ? PB_VARINT : PB_BYTES))
            return true;
    }
    return payload.len > 0;
}
