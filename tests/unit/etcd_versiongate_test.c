/* The verdicts are those of real etcd 3.4.23, 3.5.35, 3.6.16 and 3.7.3, started on copies of the
 * directories in fixtures/ (their log and .snap facts are written down here). */
#include <stdio.h>
#include <string.h>

#include "src/etcd/versiongate.h"
#include "tests/unit/test.h"

enum { SELF = 7 };

static struct etcd_member self_row = {.id = SELF};

static void set_db(struct etcd_facts *db, const char *version, const char *schema, uint64_t index)
{
    *db = (struct etcd_facts){.consistent_index = index, .members = &self_row, .member_count = 1};
    (void)snprintf(db->cluster_version, sizeof db->cluster_version, "%s", version);
    (void)snprintf(db->storage_version, sizeof db->storage_version, "%s", schema);
}

/* A directory that ran for a while: boots from index 100, ends at 120. */
static struct etcd_dir_facts dir_of(const char *version)
{
    return (struct etcd_dir_facts){
        .has_db = true,
        .has_wal = true,
        .has_self = true,
        .self = SELF,
        .has_state = true,
        .commit = 120,
        .first_index = 1,
        .last_index = 120,
        .boot_34 = {true, 100},
        .boot_37 = {true, 100},
        .has_v2_kinds = true,
        .has_v2store = true,
        .self_in_v2store = true,
        .v2_version = version,
    };
}

/* "sm-r": starts, may, refuses of 3.4 to 3.7. */
static bool is(const struct etcd_gate *gate, const char *want)
{
    static const char letters[] = {'s', 'm', 'r'};

    for (int i = 0; i < ETCD_MINOR_COUNT; i++) {
        if (letters[gate->start[i].verdict] != want[i])
            return false;
    }
    return true;
}

static bool has_reason(const struct etcd_start *start, const char *code)
{
    for (size_t i = 0; i < start->reason_count; i++) {
        if (strcmp(start->reasons[i].code, code) == 0)
            return start->reasons[i].text[0] != '\0';
    }
    return false;
}

static bool restore_is(const char *version, const char *schema, const char *want)
{
    static struct etcd_facts db;
    static struct etcd_gate gate;

    set_db(&db, version, schema, 9);
    etcd_gate_restore(&db, &gate);
    return is(&gate, want);
}

TEST(gate_restore)
{
    CHECK(restore_is("3.4.0", "", "ssss"));
    CHECK(restore_is("3.5.0", "", "ssss"));
    CHECK(restore_is("3.6.0", "3.6.0", "msss"));
    CHECK(restore_is("3.7.0", "3.7.0", "msrs"));
    CHECK(restore_is("3.7.0", "", "ssrs"));
    CHECK(restore_is("3.8.0", "3.8.0", "msrr"));
    CHECK(restore_is("", "", "ssss"));
    CHECK(restore_is("garbage", "", "ssrr"));
}

static bool directory_is(const struct etcd_facts *db, const struct etcd_dir_facts *dir,
                         const char *want, struct etcd_gate *gate)
{
    etcd_gate_directory(db, dir, gate);
    return is(gate, want);
}

TEST(gate_directories_at_rest)
{
    static const char *const versions[] = {"3.4.0", "3.5.0", "3.6.0", "3.7.0"};
    static const char *const schemas[] = {"", "", "3.6.0", "3.7.0"};
    static const char *const wants[] = {"ssss", "rsss", "rrss", "rrrs"};

    for (size_t i = 0; i < 4; i++) {
        static struct etcd_facts db;
        struct etcd_dir_facts dir = dir_of(versions[i]);
        static struct etcd_gate gate;

        set_db(&db, versions[i], schemas[i], 120);
        CHECK(directory_is(&db, &dir, wants[i], &gate));
        CHECK(i == 0 || has_reason(&gate.start[ETCD_3_4], "cluster-version"));
    }
}

/* killed-3.4: no .snap yet, v2 requests from the first entry on, one of them a QGET. */
TEST(gate_v2_requests)
{
    static struct etcd_facts db;
    struct etcd_dir_facts dir = dir_of(NULL);
    static struct etcd_gate gate;

    set_db(&db, "3.4.0", "", 110);
    dir.boot_34 = (struct etcd_boot){0};
    dir.boot_37.index = 0;
    dir.has_v2store = false;
    dir.v2_above_boot_37 = 3;
    dir.v2_last_index = 20;
    dir.v2_refused_by_36 = 1;
    CHECK(directory_is(&db, &dir, "ssrr", &gate));
    CHECK(has_reason(&gate.start[ETCD_3_7], "v2-requests"));
    dir.v2_refused_by_36 = 0; /* killed-3.5 */
    CHECK(directory_is(&db, &dir, "sssr", &gate));
    dir.has_v2_kinds = false;
    CHECK(directory_is(&db, &dir, "ssmr", &gate));
    dir.v2_has_foreign = true;
    CHECK(directory_is(&db, &dir, "ssrr", &gate));
}

/* restored-3.4: the db keeps the old members and knows nothing of the new one. */
TEST(gate_directory_restored_by_etcdctl_34)
{
    static struct etcd_facts db;
    struct etcd_dir_facts dir = dir_of("");
    static struct etcd_gate gate;

    set_db(&db, "3.4.0", "", 1);
    dir.boot_34.index = dir.boot_37.index = dir.last_index = dir.commit = 1;
    dir.self = SELF + 1;
    CHECK(directory_is(&db, &dir, "ssrr", &gate));
    CHECK(has_reason(&gate.start[ETCD_3_6], "members"));
    db.consistent_index = 0; /* a young one gets its members from the log */
    dir.boot_34 = (struct etcd_boot){0};
    dir.boot_37.index = 0;
    CHECK(directory_is(&db, &dir, "ssss", &gate));
}

/* restored-3.5 to -3.7: the version in the db is older than the log. */
TEST(gate_restored_directories)
{
    struct etcd_dir_facts dir = dir_of("");
    static struct etcd_facts db;
    static struct etcd_gate gate;

    set_db(&db, "3.7.0", "3.7.0", 1);
    dir.boot_34.index = dir.boot_37.index = dir.last_index = dir.commit = 1;
    CHECK(directory_is(&db, &dir, "msrs", &gate));
    set_db(&db, "3.5.0", "", 1);
    CHECK(directory_is(&db, &dir, "ssss", &gate));
}

TEST(gate_parts_that_do_not_fit)
{
    static struct etcd_facts db;
    struct etcd_dir_facts dir = dir_of("3.4.0");
    static struct etcd_gate gate;

    set_db(&db, "3.4.0", "", 110);
    dir.last_index = 105;
    CHECK(directory_is(&db, &dir, "rrrr", &gate) && has_reason(&gate.start[0], "commit-range"));
    dir.commit = 105;
    CHECK(directory_is(&db, &dir, "mmrr", &gate) && has_reason(&gate.start[0], "db-ahead"));
    dir = dir_of("3.4.0");
    dir.boot_34.index = dir.boot_37.index = 115;
    CHECK(directory_is(&db, &dir, "rrrr", &gate) && has_reason(&gate.start[3], "db-behind"));
    dir.has_snap_db = true;
    dir.snap_db_index = 115;
    CHECK(directory_is(&db, &dir, "ssss", &gate));
}

TEST(gate_members_that_the_log_may_bring)
{
    static struct etcd_facts db;
    static uint64_t removed = SELF + 1;
    struct etcd_dir_facts dir = dir_of("3.4.0");
    static struct etcd_gate gate;

    set_db(&db, "3.4.0", "", 110);
    dir.self = SELF + 1;
    dir.self_in_v2store = false;
    CHECK(directory_is(&db, &dir, "rrrr", &gate) && has_reason(&gate.start[0], "members"));
    dir.conf_changes_above_34 = 1;
    CHECK(directory_is(&db, &dir, "mmrr", &gate));
    dir.conf_changes_above_db = 1;
    CHECK(directory_is(&db, &dir, "mmmm", &gate));
    db.removed = &removed;
    db.removed_count = 1;
    CHECK(directory_is(&db, &dir, "mmmm", &gate) && has_reason(&gate.start[3], "self-removed"));
}

TEST(gate_boot_points)
{
    static struct etcd_facts db;
    struct etcd_dir_facts dir = dir_of("3.4.0");
    static struct etcd_gate gate;

    set_db(&db, "3.4.0", "", 110);
    dir.boot_34 = (struct etcd_boot){0}; /* all .snap files lost, old segments purged */
    dir.has_v2store = false;
    dir.first_index = 90;
    CHECK(directory_is(&db, &dir, "rrrs", &gate) && has_reason(&gate.start[0], "log-hole"));
    dir = dir_of("3.4.0");
    dir.boot_37 = (struct etcd_boot){0};
    CHECK(directory_is(&db, &dir, "sssr", &gate));
    CHECK(has_reason(&gate.start[3], "no-boot-snapshot"));
    dir = dir_of("3.4.0");
    dir.lowest_start = 101;
    CHECK(directory_is(&db, &dir, "rrrr", &gate));
}

TEST(gate_missing_parts)
{
    static struct etcd_facts db;
    struct etcd_dir_facts dir = {.has_wal = true, .boot_37 = {true, 0}};
    static struct etcd_gate gate;

    CHECK(directory_is(&db, &dir, "mmmm", &gate) && has_reason(&gate.start[0], "no-db"));
    dir.boot_34 = (struct etcd_boot){true, 5};
    CHECK(directory_is(&db, &dir, "rrrm", &gate));
    dir = (struct etcd_dir_facts){.has_db = true};
    CHECK(directory_is(&db, &dir, "rrrr", &gate) && has_reason(&gate.start[0], "no-log"));
    dir = dir_of("");
    dir.is_log_damaged = true;
    CHECK(directory_is(&db, &dir, "rrrr", &gate) && has_reason(&gate.start[0], "log-damaged"));
    dir = dir_of("");
    dir.is_db_damaged = true;
    CHECK(directory_is(&db, &dir, "rrrr", &gate) && has_reason(&gate.start[0], "db-damaged"));
}

TEST(gate_downgrade_learners_and_entries)
{
    static struct etcd_member rows[] = {{.id = SELF}, {.id = 8, .is_learner = true}, {.id = 9}};
    static struct etcd_facts db;
    struct etcd_dir_facts dir = dir_of("3.4.0");
    static struct etcd_gate gate;

    set_db(&db, "3.4.0", "", 110);
    db.downgrade_enabled = true;
    (void)snprintf(db.downgrade, sizeof db.downgrade, "{\"target-version\":\"3.4.0\"}");
    CHECK(directory_is(&db, &dir, "srss", &gate) && has_reason(&gate.start[1], "downgrade"));
    db.downgrade_enabled = false;
    db.members = rows;
    db.member_count = 3;
    CHECK(directory_is(&db, &dir, "ssss", &gate));
    rows[2].is_learner = true;
    CHECK(directory_is(&db, &dir, "ssrr", &gate) && has_reason(&gate.start[2], "learners"));
    dir.conf_changes_v2 = 1;
    CHECK(directory_is(&db, &dir, "rrrr", &gate));
}

TEST(gate_words)
{
    CHECK(strcmp(etcd_minor_name(ETCD_3_4), "3.4") == 0);
    CHECK(strcmp(etcd_minor_name(ETCD_3_7), "3.7") == 0);
    CHECK(strcmp(etcd_verdict_words(ETCD_REFUSES), "does not start") == 0);
}
