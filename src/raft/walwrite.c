#include "src/raft/walwrite.h"

#include "src/base/auto.h"
#include "src/raft/newfile.h"
#include "src/raft/record.h"

enum { FLUSH_AT = 256 << 10, MESSAGE_MAX = RAFT_RECORD_MAX };

static const char first_segment[] = "0000000000000000-0000000000000000.wal";

struct raft_wal_writer {
    int fd;
    uint32_t chain;
    struct buf message; /* of the record being put */
    struct buf out;     /* framed records not yet written */
};

void raft_wal_writer_free(struct raft_wal_writer *w)
{
    if (w == NULL)
        return;
    if (w->fd >= 0)
        (void)close(w->fd);
    buf_done(&w->message);
    buf_done(&w->out);
    free(w);
}

AUTO_DEFINE(raft_wal_writer)

static int flush(struct raft_wal_writer *w, struct err *err)
{
    int r = raft_write_all(w->fd, first_segment, buf_slice(&w->out), err);

    buf_clear(&w->out);
    return r;
}

static int put(struct raft_wal_writer *w, enum raft_record_type type, struct slice data,
               struct err *err)
{
    int r = raft_record_put(&w->out, &w->chain, type, data, err);

    if (r == ERR_OK && w->out.len >= FLUSH_AT)
        r = flush(w, err);
    buf_clear(&w->message);
    return r;
}

static int put_head(struct raft_wal_writer *w, const struct raft_metadata *metadata,
                    struct err *err)
{
    const struct raft_snap_mark zero = {0};
    int r = put(w, RAFT_RECORD_CRC, (struct slice){0}, err);

    if (r == ERR_OK)
        r = raft_metadata_put(&w->message, metadata, err);
    if (r == ERR_OK)
        r = put(w, RAFT_RECORD_METADATA, buf_slice(&w->message), err);
    return r < 0 ? r : raft_wal_put_mark(w, &zero, NULL, err);
}

int raft_wal_create(int dir, const struct raft_metadata *metadata, struct raft_wal_writer **ret,
                    struct err *err)
{
    AUTO(raft_wal_writer) struct raft_wal_writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        return err_nomem(err);
    *w = (struct raft_wal_writer){
        .fd = -1, .message = BUF_INIT(MESSAGE_MAX), .out = BUF_INIT(FLUSH_AT + MESSAGE_MAX + 64)};
    int r = raft_new_file(dir, first_segment, &w->fd, err);
    if (r == ERR_OK)
        r = put_head(w, metadata, err);
    if (r == ERR_OK)
        *ret = TAKE_PTR(w);
    return r;
}

int raft_wal_put_entry(struct raft_wal_writer *w, const struct raft_entry *e, struct err *err)
{
    int r = raft_entry_put(&w->message, e, err);

    return r < 0 ? r : put(w, RAFT_RECORD_ENTRY, buf_slice(&w->message), err);
}

int raft_wal_put_state(struct raft_wal_writer *w, const struct raft_hard_state *s, struct err *err)
{
    int r = raft_hard_state_put(&w->message, s, err);

    return r < 0 ? r : put(w, RAFT_RECORD_STATE, buf_slice(&w->message), err);
}

int raft_wal_put_mark(struct raft_wal_writer *w, const struct raft_snap_mark *m,
                      const struct raft_conf_state *conf_state, struct err *err)
{
    int r = raft_snap_mark_put(&w->message, m, conf_state, err);

    return r < 0 ? r : put(w, RAFT_RECORD_SNAPSHOT, buf_slice(&w->message), err);
}

int raft_wal_finish(struct raft_wal_writer *w, struct err *err)
{
    int r = flush(w, err);

    return r < 0 ? r : raft_finish_file(&w->fd, first_segment, err);
}
