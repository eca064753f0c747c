#include "reset/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "src/base/auto.h"

static int strings_copy(char *const *from, size_t count, char ***ret, size_t *ret_count,
                        struct err *err)
{
    char **copy = calloc(count > 0 ? count : 1, sizeof *copy);

    if (copy == NULL)
        return err_nomem(err);
    *ret = copy;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        copy[i] = strdup(from[i]);
        if (copy[i] == NULL)
            return err_nomem(err);
        *ret_count = i + 1;
    }
    return ERR_OK;
}

static int member_copy(const struct etcd_member *from, struct etcd_member *to, struct err *err)
{
    to->id = from->id;
    to->is_learner = from->is_learner;
    to->name = strdup(from->name != NULL ? from->name : "");
    if (to->name == NULL)
        return err_nomem(err);

    int r = strings_copy(from->peer_urls, from->peer_url_count, &to->peer_urls, &to->peer_url_count,
                         err);
    if (r < 0)
        return r;
    return strings_copy(from->client_urls, from->client_url_count, &to->client_urls,
                        &to->client_url_count, err);
}

void reset_members_free(struct etcd_member *members, size_t count)
{
    for (size_t i = 0; members != NULL && i < count; i++)
        etcd_member_done(&members[i]);
    free(members);
}

int reset_members_copy(const struct etcd_member *members, size_t count, struct etcd_member **ret,
                       struct err *err)
{
    struct etcd_member *copy = calloc(count > 0 ? count : 1, sizeof *copy);

    if (copy == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        int r = member_copy(&members[i], &copy[i], err);

        if (r < 0) {
            reset_members_free(copy, i + 1);
            return r;
        }
    }
    *ret = copy;
    return ERR_OK;
}

int reset_lines_addf(struct reset_lines *lines, struct err *err, const char *fmt, ...)
{
    AUTO_FREE char *text = NULL;
    char **items;
    va_list ap;

    va_start(ap, fmt);
    int len = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (len < 0) {
        text = NULL;
        return err_nomem(err);
    }
    items = reallocarray(lines->items, lines->count + 1, sizeof *items);
    if (items == NULL)
        return err_nomem(err);
    lines->items = items;
    lines->items[lines->count++] = TAKE_PTR(text);
    return ERR_OK;
}

void reset_lines_done(struct reset_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->items[i]);
    free(lines->items);
    *lines = (struct reset_lines){0};
}

void reset_report_done(struct reset_report *r)
{
    free(r->source);
    free(r->provenance);
    free(r->downgrade);
    free(r->emptied_key);
    free(r->data_dir);
    free(r->wal_dir);
    free(r->old_dir);
    free(r->token);
    free(r->alarms);
    reset_members_free(r->dropped, r->dropped_count);
    reset_members_free(r->members, r->member_count);
    reset_lines_done(&r->cured);
    reset_lines_done(&r->accepted);
    reset_lines_done(&r->notes);
    reset_lines_done(&r->next);
    *r = (struct reset_report){0};
}
