#include "reset/members.h"

#include <stdlib.h>
#include <uuid.h>

#include "src/base/auto.h"
#include "src/etcd/ids.h"

enum { PORT_MAX = 65535 };

/* Characters a URL of a member may hold: queries, fragments, escapes and user names have no place
 * in a peer URL, and Go would print them in other forms than it read. */
static bool is_url_char(char c)
{
    return c > ' ' && c < 0x7f && strchr("?#%@\"<>\\^`{|}'", c) == NULL;
}

static bool is_port(const char *text)
{
    unsigned port = 0;

    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || port > PORT_MAX)
            return false;
        port = port * 10 + (unsigned)(*c - '0');
    }
    return text[0] != '\0' && port <= PORT_MAX;
}

/* `address` is what stands between "://" and the first slash. */
static int check_host_port(const char *url, const char *address, size_t len, struct err *err)
{
    char text[RESET_URL_MAX];
    const char *colon;

    memcpy(text, address, len);
    text[len] = '\0';
    colon = strrchr(text, ':');
    bool is_bracketed = text[0] == '[';
    bool has_form = colon != NULL && is_port(colon + 1);
    if (has_form && is_bracketed)
        has_form = colon[-1] == ']' && strchr(text, ']') == colon - 1;
    else if (has_form)
        has_form = strchr(text, ':') == colon && strpbrk(text, "[]") == NULL;
    if (!has_form)
        return err_set(err, ERR_USAGE, "URL address does not have the form \"host:port\": %s", url);
    if (address[len] != '\0')
        return err_set(err, ERR_USAGE, "URL must not contain a path: %s", url);
    return ERR_OK;
}

static bool has_scheme(const char *url, const char *scheme)
{
    size_t len = strlen(scheme);

    return strncmp(url, scheme, len) == 0 && strncmp(url + len, "://", 3) == 0;
}

int reset_peer_url_check(const char *url, struct err *err)
{
    size_t len = strlen(url);

    if (len >= RESET_URL_MAX)
        return err_set(err, ERR_USAGE, "URL is longer than %d bytes", RESET_URL_MAX - 1);
    for (size_t i = 0; i < len; i++) {
        if (!is_url_char(url[i]))
            return err_set(err, ERR_USAGE, "URL holds a character that has no place there: %s",
                           url);
    }
    if (has_scheme(url, "unix") || has_scheme(url, "unixs"))
        return ERR_OK;
    if (!has_scheme(url, "http") && !has_scheme(url, "https"))
        return err_set(err, ERR_USAGE, "URL scheme must be http, https, unix, or unixs: %s", url);

    const char *address = strstr(url, "://") + 3;
    return check_host_port(url, address, strcspn(address, "/"), err);
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_urls(struct etcd_member *m)
{
    if (m->peer_urls != NULL)
        qsort(m->peer_urls, m->peer_url_count, sizeof *m->peer_urls, compare_strings);
}

static int compare_members(const void *a, const void *b)
{
    const struct etcd_member *x = a;
    const struct etcd_member *y = b;

    return x->id == y->id ? 0 : x->id < y->id ? -1 : 1;
}

static int add_url(struct etcd_member *m, const char *text, size_t len, struct err *err)
{
    AUTO_FREE char *url = NULL;

    while (len > 0 && strchr(" \t\r\n", text[0]) != NULL) {
        text++;
        len--;
    }
    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
        len--;
    url = strndup(text, len);
    if (url == NULL)
        return err_nomem(err);

    int r = reset_peer_url_check(url, err);
    if (r < 0)
        return r;
    if (m->peer_url_count == ETCD_URLS_MAX)
        return err_set(err, ERR_USAGE, "more than %d URLs for one member", ETCD_URLS_MAX);
    char **urls = reallocarray(m->peer_urls, m->peer_url_count + 1, sizeof *urls);
    if (urls == NULL)
        return err_nomem(err);
    m->peer_urls = urls;
    m->peer_urls[m->peer_url_count++] = TAKE_PTR(url);
    return ERR_OK;
}

/* The member of that name, made when it is new: one may be given several times, a URL each. */
static int member_of_name(struct reset_cluster *c, struct slice name, struct etcd_member **ret,
                          struct err *err)
{
    struct etcd_member *m = &c->members[c->member_count];

    for (size_t i = 0; i < c->member_count; i++) {
        if (slice_eq(slice_str(c->members[i].name), name)) {
            *ret = &c->members[i];
            return ERR_OK;
        }
    }
    if (name.len > RESET_NAME_MAX)
        return err_set(err, ERR_USAGE, "a member's name is longer than %d bytes", RESET_NAME_MAX);
    if (c->member_count == RESET_MEMBERS_MAX)
        return err_set(err, ERR_USAGE, "initial cluster has more than %d members",
                       RESET_MEMBERS_MAX);
    m->name = strndup((const char *)name.data, name.len);
    if (m->name == NULL)
        return err_nomem(err);
    c->member_count++;
    *ret = m;
    return ERR_OK;
}

/* One `name=url`; without the sign it is a name with an empty URL, which is none. */
static int parse_part(struct slice part, struct reset_cluster *c, struct err *err)
{
    const char *text = (const char *)part.data;
    const char *equals = memchr(text, '=', part.len);
    size_t name_len = equals != NULL ? (size_t)(equals - text) : part.len;
    struct etcd_member *m = NULL;
    int r = member_of_name(c, (struct slice){part.data, name_len}, &m, err);

    if (r < 0 || m == NULL)
        return r;
    if (equals == NULL)
        return add_url(m, "", 0, err);
    return add_url(m, equals + 1, part.len - name_len - 1, err);
}

/* `name=url,name=url`, empty parts skipped (etcd pkg/types urlsmap.go parse). */
static int parse_initial_cluster(const char *text, struct reset_cluster *c, struct err *err)
{
    while (*text != '\0') {
        size_t len = strcspn(text, ",");
        int r = len > 0 ? parse_part((struct slice){(const uint8_t *)text, len}, c, err) : ERR_OK;

        if (r < 0)
            return err_wrap(err, r, "--initial-cluster");
        text += len + (text[len] == ',' ? 1 : 0);
    }
    return ERR_OK;
}

static int parse_advertised(const char *text, struct etcd_member *ret, struct err *err)
{
    for (;;) {
        size_t len = strcspn(text, ",");
        int r = add_url(ret, text, len, err);

        if (r < 0)
            return err_wrap(err, r, "--initial-advertise-peer-urls");
        if (text[len] == '\0')
            break;
        text += len + 1;
    }
    sort_urls(ret);
    return ERR_OK;
}

static bool has_duplicate_url(const struct reset_cluster *c, const char **ret)
{
    for (size_t i = 0; i < c->member_count; i++) {
        const struct etcd_member *m = &c->members[i];

        for (size_t u = 0; u < m->peer_url_count; u++) {
            *ret = m->peer_urls[u];
            if (u > 0 && strcmp(*ret, m->peer_urls[u - 1]) == 0)
                return true;
            for (size_t k = 0; k < i; k++) {
                const struct etcd_member *other = &c->members[k];
                if (bsearch(ret, other->peer_urls, other->peer_url_count, sizeof *other->peer_urls,
                            compare_strings) != NULL)
                    return true;
            }
        }
    }
    return false;
}

static bool same_urls(const struct etcd_member *a, const struct etcd_member *b)
{
    if (a->peer_url_count != b->peer_url_count)
        return false;
    for (size_t i = 0; i < a->peer_url_count; i++) {
        if (strcmp(a->peer_urls[i], b->peer_urls[i]) != 0)
            return false;
    }
    return true;
}

static int check_self(struct reset_cluster *c, const struct reset_cluster_flags *flags,
                      struct err *err)
{
    struct etcd_member advertised = {0};
    int r;

    for (c->self = 0; c->self < c->member_count; c->self++) {
        if (strcmp(c->members[c->self].name, flags->name) == 0)
            break;
    }
    if (c->self == c->member_count)
        return err_set(err, ERR_USAGE,
                       "couldn't find local name \"%s\" in the initial cluster configuration",
                       flags->name);
    r = parse_advertised(flags->initial_advertise_peer_urls, &advertised, err);
    if (r == ERR_OK && !same_urls(&c->members[c->self], &advertised))
        r = err_set(err, ERR_USAGE,
                    "--initial-cluster '%s' and --initial-advertise-peer-urls '%s' give different "
                    "URLs for '%s' (names are not resolved)",
                    flags->initial_cluster, flags->initial_advertise_peer_urls, flags->name);
    etcd_member_done(&advertised);
    return r;
}

static int choose_token(struct reset_cluster *c, const char *given, struct err *err)
{
    if (given != NULL && given[0] != '\0') {
        c->token = strdup(given);
        return c->token != NULL ? ERR_OK : err_nomem(err);
    }
    if (c->member_count > 1)
        return err_set(err, ERR_USAGE,
                       "several members need --initial-cluster-token: their restores must agree "
                       "on it");

    uuid_t id;
    c->token = calloc(1, UUID_STR_LEN);
    if (c->token == NULL)
        return err_nomem(err);
    uuid_generate_random(id);
    uuid_unparse_lower(id, c->token);
    c->token_is_new = true;
    return ERR_OK;
}

static int assign_ids(struct reset_cluster *c, struct err *err)
{
    const char *const self_name = c->members[c->self].name;
    uint64_t ids[RESET_MEMBERS_MAX];
    int r = ERR_OK;

    for (size_t i = 0; i < c->member_count && r == ERR_OK; i++) {
        struct etcd_member *m = &c->members[i];
        const char *urls[ETCD_URLS_MAX];

        for (size_t u = 0; u < m->peer_url_count; u++)
            urls[u] = m->peer_urls[u];
        r = etcd_member_id(urls, m->peer_url_count, c->token, &m->id, err);
        ids[i] = m->id;
    }
    if (r == ERR_OK)
        r = etcd_cluster_id(ids, c->member_count, &c->cluster_id, err);
    if (r < 0)
        return r;

    qsort(c->members, c->member_count, sizeof *c->members, compare_members);
    for (size_t i = 0; i < c->member_count; i++) {
        if (c->members[i].name == self_name)
            c->self = i;
        if (c->members[i].id == 0 || (i > 0 && c->members[i].id == c->members[i - 1].id))
            return err_set(err, ERR_USAGE, "members '%s' and '%s' get the same ID",
                           c->members[i > 0 ? i - 1 : 0].name, c->members[i].name);
    }
    return ERR_OK;
}

static int make(const struct reset_cluster_flags *flags, struct reset_cluster *c, struct err *err)
{
    const char *twice = NULL;
    int r = parse_initial_cluster(flags->initial_cluster, c, err);

    if (r < 0)
        return r;
    for (size_t i = 0; i < c->member_count; i++)
        sort_urls(&c->members[i]);
    r = check_self(c, flags, err);
    if (r == ERR_OK && has_duplicate_url(c, &twice))
        r = err_set(err, ERR_USAGE, "initial cluster '%s' has duplicate url '%s'",
                    flags->initial_cluster, twice);
    if (r == ERR_OK)
        r = choose_token(c, flags->token, err);
    if (r == ERR_OK)
        r = assign_ids(c, err);
    return r;
}

int reset_cluster_make(const struct reset_cluster_flags *flags, struct reset_cluster *ret,
                       struct err *err)
{
    struct reset_cluster c = {.members = calloc(RESET_MEMBERS_MAX, sizeof *c.members)};
    int r = c.members != NULL ? make(flags, &c, err) : err_nomem(err);

    if (r < 0) {
        reset_cluster_done(&c);
        return r;
    }
    *ret = c;
    return ERR_OK;
}

void reset_cluster_done(struct reset_cluster *c)
{
    for (size_t i = 0; c->members != NULL && i < c->member_count; i++)
        etcd_member_done(&c->members[i]);
    free(c->members);
    free(c->token);
    *c = (struct reset_cluster){0};
}
