#include "reset/advice.h"

static int put_urls(struct buf *b, const struct etcd_member *m, struct err *err)
{
    int r = ERR_OK;

    for (size_t i = 0; i < m->peer_url_count && r == ERR_OK; i++)
        r = buf_printf(b, err, "%s%s", i > 0 ? "," : "", m->peer_urls[i]);
    return r;
}

static int put_start(struct reset_report *r, struct err *err)
{
    const struct etcd_member *self = &r->members[r->self];
    AUTO_BUF struct buf b = BUF_INIT(1 << 20);
    int result =
        buf_printf(&b, err, "start it: etcd --name '%s' --data-dir '%s'", self->name, r->data_dir);

    if (result == ERR_OK && r->wal_dir != NULL)
        result = buf_printf(&b, err, " --wal-dir '%s'", r->wal_dir);
    if (result == ERR_OK)
        result = buf_str(&b, " --listen-peer-urls ", err);
    if (result == ERR_OK)
        result = put_urls(&b, self, err);
    if (result == ERR_OK)
        result = buf_str(&b, " --initial-advertise-peer-urls ", err);
    if (result == ERR_OK)
        result = put_urls(&b, self, err);
    if (result < 0)
        return result;
    return reset_lines_addf(&r->next, err, "%.*s", (int)b.len, (const char *)b.data);
}

int reset_advice_add(struct reset_report *r, struct err *err)
{
    int result;

    if (r->member_count > 1)
        result = reset_lines_addf(
            &r->next, err,
            "restore the same file on the other %zu members, with the same --initial-cluster and "
            "--initial-cluster-token, then start all of them",
            r->member_count - 1);
    else
        result = reset_lines_addf(
            &r->next, err,
            "further members join empty: 'etcdctl member add', then start them without a data "
            "directory; members of the former cluster cannot join with what they hold");
    return result == ERR_OK ? put_start(r, err) : result;
}
