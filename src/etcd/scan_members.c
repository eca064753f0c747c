/* Rows of the buckets members and members_removed, and what membership must say together. */
#include "src/base/auto.h"
#include "src/etcd/member.h"
#include "src/etcd/scan_internal.h"

enum { KEY_TEXT = 64 };

static int keep_member(struct etcd_scan *s, struct etcd_member *m, struct err *err)
{
    struct etcd_facts *f = &s->facts;
    struct etcd_member *grown;

    if (f->member_count >= ETCD_MEMBERS_MAX) {
        scan_report(s, ETCD_MEMBER_TOO_MANY, NULL, "more than %d members", ETCD_MEMBERS_MAX);
        etcd_member_done(m);
        return ERR_OK;
    }
    grown = realloc(f->members, (f->member_count + 1) * sizeof *grown);
    if (grown == NULL) {
        etcd_member_done(m);
        return err_nomem(err);
    }
    f->members = grown;
    f->members[f->member_count++] = *m;
    return ERR_OK;
}

int scan_member_row(struct etcd_scan *s, const struct bolt_item *item, struct err *err)
{
    struct etcd_member m;
    struct err why = {0};
    uint64_t id = 0;
    bool has_id = etcd_member_key_decode(item->key, &id);
    int r = etcd_member_decode(item->value, &m, &why);

    if (!has_id)
        scan_report(s, ETCD_MEMBER_ROW_KEY, item, "key '%s' is no member ID",
                    finding_printable(item->key, (char[KEY_TEXT]){0}, KEY_TEXT));
    if (r == ERR_NOMEM)
        return err_nomem(err);
    if (r < 0) {
        scan_report(s, ETCD_MEMBER_ROW_JSON, item, "%s", why.msg);
        return ERR_OK;
    }
    if (has_id && m.id != id)
        scan_report(s, ETCD_MEMBER_ROW_ID, item, "member is %llx, its key says %llx",
                    (unsigned long long)m.id, (unsigned long long)id);
    if (m.peer_url_count == 0)
        scan_report(s, ETCD_MEMBER_NO_URL, item, "member %llx has no peer URL",
                    (unsigned long long)m.id);
    return keep_member(s, &m, err);
}

int scan_removed_row(struct etcd_scan *s, const struct bolt_item *item, struct err *err)
{
    struct etcd_facts *f = &s->facts;
    uint64_t *grown;
    uint64_t id;

    if (!etcd_member_key_decode(item->key, &id)) {
        scan_report(s, ETCD_REMOVED_ROW, item, "key '%s' is no member ID",
                    finding_printable(item->key, (char[KEY_TEXT]){0}, KEY_TEXT));
        return ERR_OK;
    }
    if (!slice_eq(item->value, slice_str(ETCD_REMOVED_VALUE)))
        scan_report(s, ETCD_REMOVED_ROW, item, "value of %zu bytes, want '%s'", item->value.len,
                    ETCD_REMOVED_VALUE);
    if (f->removed_count >= ETCD_MEMBERS_MAX) {
        scan_report(s, ETCD_MEMBER_TOO_MANY, NULL, "more than %d removed members",
                    ETCD_MEMBERS_MAX);
        return ERR_OK;
    }
    grown = realloc(f->removed, (f->removed_count + 1) * sizeof *grown);
    if (grown == NULL)
        return err_nomem(err);
    f->removed = grown;
    f->removed[f->removed_count++] = id;
    return ERR_OK;
}

static int compare_members(const void *a, const void *b)
{
    const struct etcd_member *left = a;
    const struct etcd_member *right = b;

    return left->id == right->id ? 0 : left->id < right->id ? -1 : 1;
}

static int compare_ids(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;

    return *left == *right ? 0 : *left < *right ? -1 : 1;
}

static bool has_id(const uint64_t *ids, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == id)
            return true;
    }
    return false;
}

static const struct etcd_member *find_member(const struct etcd_facts *f, uint64_t id)
{
    for (size_t i = 0; i < f->member_count; i++) {
        if (f->members[i].id == id)
            return &f->members[i];
    }
    return NULL;
}

struct owned_url {
    const char *url;
    uint64_t member;
};

static int compare_urls(const void *a, const void *b)
{
    const struct owned_url *left = a;
    const struct owned_url *right = b;

    return strcmp(left->url, right->url);
}

static int check_urls(struct etcd_scan *s, struct err *err)
{
    const struct etcd_facts *f = &s->facts;
    AUTO_FREE struct owned_url *urls = NULL;
    size_t count = 0;

    for (size_t i = 0; i < f->member_count; i++)
        count += f->members[i].peer_url_count;
    if (count == 0)
        return ERR_OK;
    urls = calloc(count, sizeof *urls);
    if (urls == NULL)
        return err_nomem(err);
    count = 0;
    for (size_t i = 0; i < f->member_count; i++) {
        for (size_t k = 0; k < f->members[i].peer_url_count; k++)
            urls[count++] = (struct owned_url){f->members[i].peer_urls[k], f->members[i].id};
    }
    qsort(urls, count, sizeof *urls, compare_urls);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(urls[i - 1].url, urls[i].url) == 0)
            scan_report(
                s, ETCD_MEMBER_URL_TWICE, NULL, "members %llx and %llx both have %s",
                (unsigned long long)urls[i - 1].member, (unsigned long long)urls[i].member,
                finding_printable(slice_str(urls[i].url), (char[SCAN_TEXT_MAX]){0}, SCAN_TEXT_MAX));
    }
    return ERR_OK;
}

/* 3.5 kept isLearner in bucket members when it promoted a learner (etcd#19557): the conf state,
 * kept by raft, is right. */
static void check_conf_state(struct etcd_scan *s)
{
    const struct etcd_facts *f = &s->facts;
    const struct etcd_conf_state *c = &s->conf_state;

    for (size_t i = 0; i < c->voter_count; i++) {
        const struct etcd_member *m = find_member(f, c->voters[i]);

        if (m == NULL)
            scan_report(s, ETCD_CONF_STATE_MEMBERS, NULL, "voter %llx has no member row",
                        (unsigned long long)c->voters[i]);
        else if (m->is_learner)
            scan_report(s, ETCD_LOST_PROMOTION, NULL,
                        "member %llx is a voter, its row says learner", (unsigned long long)m->id);
    }
    for (size_t i = 0; i < f->member_count; i++) {
        uint64_t id = f->members[i].id;

        if (!has_id(c->voters, c->voter_count, id) && !has_id(c->learners, c->learner_count, id))
            scan_report(s, ETCD_CONF_STATE_MEMBERS, NULL, "member %llx is not in the conf state",
                        (unsigned long long)id);
    }
}

static void check_ids(struct etcd_scan *s)
{
    const struct etcd_facts *f = &s->facts;

    for (size_t i = 0; i < f->member_count; i++) {
        uint64_t id = f->members[i].id;

        if (i > 0 && f->members[i - 1].id == id)
            scan_report(s, ETCD_MEMBER_TWICE, NULL, "two rows hold member %llx",
                        (unsigned long long)id);
        if (has_id(f->removed, f->removed_count, id))
            scan_report(s, ETCD_MEMBER_REMOVED, NULL, "member %llx is also a removed one",
                        (unsigned long long)id);
    }
}

int scan_finish_members(struct etcd_scan *s, struct err *err)
{
    struct etcd_facts *f = &s->facts;

    if (f->member_count > 0)
        qsort(f->members, f->member_count, sizeof f->members[0], compare_members);
    if (f->removed_count > 0)
        qsort(f->removed, f->removed_count, sizeof f->removed[0], compare_ids);
    if (f->buckets != 0 && f->member_count == 0)
        scan_report(s, ETCD_NO_MEMBERS, NULL, "no member is stored");
    check_ids(s);
    if (s->has_conf_state && f->member_count > 0)
        check_conf_state(s);
    return check_urls(s, err);
}
