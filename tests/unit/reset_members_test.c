#include "reset/members.h"

#include <ctype.h>

#include "tests/unit/test.h"

static int make(const char *name, const char *cluster, const char *urls, const char *token,
                struct reset_cluster *ret, struct err *err)
{
    struct reset_cluster_flags flags = {
        .name = name,
        .initial_cluster = cluster,
        .initial_advertise_peer_urls = urls,
        .token = token,
    };

    return reset_cluster_make(&flags, ret, err);
}

/* IDs that real etcds gave themselves: etcd's defaults, and a K3s node. */
TEST(ids_are_those_of_real_clusters)
{
    struct reset_cluster c;
    struct err err = {0};

    CHECK(make("default", "default=http://localhost:2380", "http://localhost:2380", "etcd-cluster",
               &c, &err) == ERR_OK);
    CHECK(c.members[0].id == UINT64_C(0x8e9e05c52164694d));
    CHECK(c.cluster_id == UINT64_C(0xcdf818194e3a8c32));
    CHECK(!c.token_is_new);
    reset_cluster_done(&c);
    CHECK(make("n1", "n1=https://10.77.0.1:2380", "https://10.77.0.1:2380", "etcd-cluster", &c,
               &err) == ERR_OK);
    CHECK(c.members[0].id == UINT64_C(0x86bf9d278edcf5b2));
    CHECK(c.cluster_id == UINT64_C(0xd92129f9c59bea9a));
    reset_cluster_done(&c);
}

TEST(members_are_sorted_by_id_and_urls_by_text)
{
    struct reset_cluster c;
    struct err err = {0};

    CHECK(make("b", "a=http://h1:1,,b=http://h2:2,c=http://h3:3,b= http://h0:9 ",
               "http://h0:9,http://h2:2", "t", &c, &err) == ERR_OK);
    CHECK(c.member_count == 3);
    CHECK(c.members[0].id < c.members[1].id && c.members[1].id < c.members[2].id);
    const struct etcd_member *self = &c.members[c.self];
    CHECK(strcmp(self->name, "b") == 0 && self->peer_url_count == 2);
    CHECK(strcmp(self->peer_urls[0], "http://h0:9") == 0);
    reset_cluster_done(&c);
}

TEST(one_member_without_a_token_gets_a_fresh_one)
{
    struct reset_cluster a;
    struct reset_cluster b;
    struct err err = {0};

    CHECK(make("d", "d=http://h:1", "http://h:1", NULL, &a, &err) == ERR_OK);
    CHECK(make("d", "d=http://h:1", "http://h:1", "", &b, &err) == ERR_OK);
    CHECK(a.token_is_new && strlen(a.token) == 36 && strcmp(a.token, b.token) != 0);
    CHECK(a.cluster_id != b.cluster_id);
    reset_cluster_done(&a);
    reset_cluster_done(&b);
}

TEST(several_members_without_a_token_are_refused)
{
    struct reset_cluster c;
    struct err err = {0};

    CHECK(make("a", "a=http://h1:1,b=http://h2:1", "http://h1:1", NULL, &c, &err) == ERR_USAGE);
    CHECK(strstr(err.msg, "--initial-cluster-token") != NULL);
}

struct bad {
    const char *name;
    const char *cluster;
    const char *urls;
    const char *message;
};

TEST(what_contradicts_itself_is_refused)
{
    static const struct bad all[] = {
        {"x", "a=http://h:1", "http://h:1", "couldn't find local name \"x\""},
        {"a", "", "http://h:1", "couldn't find local name"},
        {"a", "a=http://h:1", "http://h:2", "different URLs"},
        {"a", "a=http://h:1", "http://h:1,http://h:2", "different URLs"},
        {"a", "a=http://h:1,b=http://h:1", "http://h:1", "duplicate url"},
        {"a", "a=http://h:1,a=http://h:1", "http://h:1,http://h:1", "duplicate url"},
        {"a", "a", "http://h:1", "scheme"},
        {"a", "a=http://h:1", "", "scheme"},
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct reset_cluster c;
        struct err err = {0};

        CHECK(make(all[i].name, all[i].cluster, all[i].urls, "t", &c, &err) == ERR_USAGE);
        CHECK(strstr(err.msg, all[i].message) != NULL);
    }
}

TEST(peer_urls_follow_etcds_rules)
{
    static const char *const good[] = {"http://h:1", "https://10.0.0.1:2380",
                                       "https://[fd00::1]:2380", "unix://path:1", "unixs://a/b"};
    static const char *const bad[] = {
        "h:1",          "ftp://h:1",           "http://h",     "http://h:1/",      "http://h:1/p",
        "http://h:",    "http://h:70000",      "http://a:b:1", "http://[fd00::1]", "http://u@h:1",
        "http://h:1?x", "http://fd00::1:2380", "http://h 2:1"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK(reset_peer_url_check(good[i], &(struct err){0}) == ERR_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err err = {0};
        CHECK(reset_peer_url_check(bad[i], &err) == ERR_USAGE);
        CHECK(strstr(err.msg, bad[i]) != NULL);
    }
}
