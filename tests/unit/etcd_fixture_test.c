/* Real files of etcd 3.4 to 3.7 against what the real tools say of them (fixtures/README.md). */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "boltdb/db.h"
#include "boltdb/source.h"
#include "src/base/auto.h"
#include "src/base/json.h"
#include "src/etcd/hashkv.h"
#include "src/etcd/scan.h"
#include "tests/unit/test.h"

enum { TRAILER = 32, PATH_SIZE = 512, JSON_SIZE = 65536 };

/* One fixture: its db, and the JSON beside it. */
struct fixture {
    struct bolt_source source;
    struct bolt_db *db;
    struct json_doc *doc;
    int fd;
    struct finding_sink sink;
};

/* Notes and cured things are as they should be in some; anything above is not. */
static void complain(struct finding_sink *sink, const struct finding *f)
{
    (void)sink;
    if (f->severity == FINDING_SUSPECT || f->severity == FINDING_DAMAGE)
        (void)fprintf(stderr, "%s: %s\n", f->code, f->text);
}

static struct json_doc *read_json(const char *name)
{
    static char text[JSON_SIZE];
    char path[PATH_SIZE];
    struct json_doc *doc = NULL;

    (void)snprintf(path, sizeof path, "%s/%s.json", RESCUE_FIXTURES_SOURCE, name);
    AUTO_FCLOSE FILE *in = fopen(path, "re");

    CHECK(in != NULL);
    size_t n = fread(text, 1, sizeof text, in);
    CHECK(n < sizeof text);
    CHECK(json_parse((struct slice){(const uint8_t *)text, n}, &doc, NULL) == ERR_OK);
    return doc;
}

static void open_fixture(const char *name, const char *suffix, struct fixture *f)
{
    static char path[PATH_SIZE];
    struct stat st;
    uint64_t size;

    *f = (struct fixture){.sink.add = complain, .doc = read_json(name)};
    (void)snprintf(path, sizeof path, "%s/%s%s", RESCUE_FIXTURES_BUILD, name, suffix);
    f->fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(f->fd >= 0 && fstat(f->fd, &st) == 0);
    size = (uint64_t)st.st_size;
    f->source = bolt_source_fd(f->fd, name, size % 512 == TRAILER ? size - TRAILER : size);
    CHECK(bolt_db_open(&f->source, &f->sink, &f->db, NULL) == ERR_OK);
}

static void close_fixture(struct fixture *f)
{
    bolt_db_free(f->db);
    json_doc_free(f->doc);
    (void)close(f->fd);
}

static uint64_t number(struct json_value v, const char *name)
{
    uint64_t n = 0;

    CHECK(json_as_uint64(json_get(v, name), &n));
    return n;
}

static void check_status(const struct fixture *f, const struct etcd_facts *facts)
{
    struct json_value status = json_get(json_root(f->doc), "status");
    struct json_value newest = json_get(status, "3.7");

    CHECK(facts->hash == number(newest, "hash"));
    CHECK((uint64_t)facts->last.main == number(newest, "revision"));
    CHECK(facts->live_keys == number(newest, "totalKey"));
    CHECK(facts->total_records == number(json_get(status, "3.5"), "totalKey"));
    CHECK(facts->records == number(json_get(json_root(f->doc), "records"), "key"));
}

static void check_members(const struct fixture *f, const struct etcd_facts *facts)
{
    struct json_value server = json_get(json_root(f->doc), "server");
    struct json_value members = json_get(server, "members");

    if (json_count(members) == 0)
        return;
    CHECK(facts->member_count == json_count(members));
    for (size_t i = 0; i < facts->member_count; i++) {
        bool found = false;

        for (size_t k = 0; k < json_count(members); k++)
            found |= facts->members[i].id == number(json_at(members, k), "id");
        CHECK(found);
    }
}

/* No finding above "cured", and every number as the Go tools print it. */
static void scan_fixture(struct fixture *f, bool is_server_db)
{
    struct etcd_scan_options options = {.want_hash = true, .want_live_keys = true};
    struct etcd_scan *scan = NULL;
    struct bolt_visitor visitor = {NULL, etcd_scan_enter, etcd_scan_item, etcd_scan_leave};
    static struct etcd_facts facts;

    CHECK(etcd_scan_new(f->db, &options, &f->sink, &scan, NULL) == ERR_OK);
    visitor.ctx = scan;
    CHECK(bolt_walk(f->db, &visitor, NULL, &f->sink, NULL, NULL) == ERR_OK);
    CHECK(etcd_scan_finish(scan, &facts, NULL) == ERR_OK);
    etcd_scan_free(scan);
    CHECK(finding_count(&f->sink, FINDING_DAMAGE) == 0);
    CHECK(f->sink.count[FINDING_SUSPECT] == 0);
    check_status(f, &facts);
    if (is_server_db)
        check_members(f, &facts);
    etcd_facts_done(&facts);
}

static void hash_fixture(struct fixture *f)
{
    struct json_value want = json_get(json_get(json_root(f->doc), "hashkv"), "3.7");
    struct etcd_hashkv_options options = {.sink = &f->sink};
    struct etcd_hashkv got;
    uint64_t compacted = 0;
    struct err err = {0};

    CHECK(etcd_hashkv(f->db, &options, &got, &err) == ERR_OK);
    CHECK(got.hash == number(want, "hash"));
    CHECK((uint64_t)got.hash_revision == number(want, "hashRevision"));
    if (!json_as_uint64(json_get(want, "compactRevision"), &compacted))
        CHECK(got.compact_revision == -1);
    else
        CHECK(got.compact_revision == (int64_t)compacted);
    options.rev = got.current_revision + 1;
    CHECK(etcd_hashkv(f->db, &options, &got, &err) == ERR_NOTFOUND);
    CHECK(strcmp(err.msg, "mvcc: required revision is a future revision") == 0);
    options.rev = (int64_t)compacted - 1;
    if (compacted > 1) {
        CHECK(etcd_hashkv(f->db, &options, &got, &err) == ERR_NOTFOUND);
        CHECK(strcmp(err.msg, "mvcc: required revision has been compacted") == 0);
    }
}

static void check_fixtures(const char *version)
{
    static const char *const kinds[] = {"plain", "young", "auth", "alarm", "compacting", "three"};
    static const char *const dirs[] = {"datadir", "killed", "restored"};
    char name[64];
    struct fixture f;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        (void)snprintf(name, sizeof name, "%s-%s", kinds[i], version);
        open_fixture(name, ".snapshot", &f);
        scan_fixture(&f, true);
        hash_fixture(&f);
        close_fixture(&f);
    }
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
        (void)snprintf(name, sizeof name, "%s-%s", dirs[i], version);
        open_fixture(name, "/member/snap/db", &f);
        scan_fixture(&f, false);
        hash_fixture(&f);
        close_fixture(&f);
    }
}

TEST(fixtures_of_3_4)
{
    check_fixtures("3.4");
}

TEST(fixtures_of_3_5)
{
    check_fixtures("3.5");
}

TEST(fixtures_of_3_6)
{
    check_fixtures("3.6");
}

TEST(fixtures_of_3_7)
{
    check_fixtures("3.7");
}

TEST(fixture_bumped)
{
    struct fixture f;

    open_fixture("bumped-3.6", "/member/snap/db", &f);
    scan_fixture(&f, false);
    hash_fixture(&f);
    close_fixture(&f);
}
