#include <inttypes.h>

#include "src/base/auto.h"
#include "src/raft/check.h"
#include "src/raft/walcheck.h"
#include "tests/unit/raft_dir.h"

static const char segment[] = "0000000000000000-0000000000000000.wal";

/* Remembers the codes it is given. */
struct codes {
    struct finding_sink sink;
    char text[512];
    uint64_t offset; /* of the last finding */
};

static void add_code(struct finding_sink *sink, const struct finding *f)
{
    struct codes *c = (struct codes *)(void *)sink;
    size_t len = strlen(c->text);

    (void)snprintf(c->text + len, sizeof c->text - len, "%s ", f->code);
    c->offset = f->offset;
}

static int open_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    CHECK(fd >= 0);
    return fd;
}

static int open_fixture(const char *name, const char *part)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s/%s", RAFT_FIXTURES, name, part);
    return open_dir(path);
}

/* What etcd 3.6's own WAL package says of the same files: its decoder, ValidSnapshotEntries and
 * ReadAll; the v2 counts come from its InternalRaftRequest. */
struct truth {
    const char *name;
    uint64_t records, entries, last_index, last_term, commit, term, end;
    uint64_t marks, valid_index, conf_changes, v2_requests;
    uint64_t node_id, cluster_id;
    const char *version;
};

static const struct truth truths[] = {
    {"etcd-3.4", 107, 50, 50, 4, 50, 4, 5952, 5, 44, 1, 4, UINT64_C(0x957713ae92f7438d),
     UINT64_C(0xb5e73702528e4389), "3.4.0"},
    {"etcd-3.5", 111, 53, 53, 4, 53, 4, 5816, 5, 44, 1, 4, UINT64_C(0x122ad71a6cfb6ee9),
     UINT64_C(0x98fcba0ca9558cbc), "3.5.0"},
    {"etcd-3.6", 113, 53, 53, 4, 53, 4, 5936, 5, 44, 1, 0, UINT64_C(0xf7a7dd8ad5618d9a),
     UINT64_C(0xd911810c6bee6e5d), "3.6.0"},
    {"etcd-3.7", 114, 53, 53, 4, 53, 4, 6000, 5, 44, 1, 0, UINT64_C(0xe3934af0398fcc12),
     UINT64_C(0x758c4539720d393b), "3.7.0"},
};

static void check_wal_is(const struct raft_wal_facts *w, const struct truth *t)
{
    CHECK(w->records == t->records && w->entries == t->entries);
    CHECK(w->first_index == 1 && w->last_index == t->last_index && w->last_term == t->last_term);
    CHECK(w->state.commit == t->commit && w->state.term == t->term && w->has_state);
    CHECK(w->mark_count == t->marks && w->end_offset == t->end);
    CHECK(raft_index_count(&w->conf_changes) == t->conf_changes);
    CHECK(raft_index_count(&w->v2_requests) == t->v2_requests);
    CHECK(w->metadata.node_id == t->node_id && w->metadata.cluster_id == t->cluster_id);
    CHECK(!w->is_torn && !w->is_damaged && w->segments == 1 && w->bytes == t->end);
}

static void check_snap_is(const struct raft_facts *f, const struct truth *t)
{
    CHECK(f->boot_34.found && f->boot_34.index == t->valid_index && f->boot_34.term == 4);
    CHECK(f->boot_37.found && f->boot_37.index == t->valid_index && f->boot_37.term == 4);
    CHECK(f->snap_count == 2 && f->snaps[0].is_good && f->snaps[0].is_valid);
    CHECK(f->snaps[0].index == 44 && f->snaps[1].index == 33 && f->snaps[1].is_valid);
    CHECK(f->conf_state.voters.count == 1 && f->conf_state.voters.id[0] == t->node_id);
    CHECK(f->has_v2store && f->v2store.member_count == 1 && f->v2store.removed_count == 0);
    CHECK(strcmp(f->v2store.version, t->version) == 0 && !f->v2store.has_foreign);
    const struct raft_member *m = &f->v2store.members[0];
    CHECK(m->id == t->node_id && strcmp(m->name, "a") == 0 && !m->is_learner);
    CHECK(m->peer_url_count == 1 && strncmp(m->peer_urls[0], "http://127.0.0.1:", 17) == 0);
    CHECK(m->client_url_count == 1);
}

TEST(check_dir_agrees_with_etcd_on_real_directories)
{
    for (size_t i = 0; i < sizeof truths / sizeof truths[0]; i++) {
        struct codes codes = {.sink.add = add_code};
        AUTO_CLOSE int wal = open_fixture(truths[i].name, "wal");
        AUTO_CLOSE int snap = open_fixture(truths[i].name, "snap");
        struct raft_facts facts;

        CHECK(raft_check_dir(wal, snap, &codes.sink, &facts, NULL) == ERR_OK);
        check_wal_is(&facts.wal, &truths[i]);
        check_snap_is(&facts, &truths[i]);
        CHECK(codes.text[0] == '\0');
        raft_facts_done(&facts);
    }
}

TEST(check_dir_without_snaps_names_v2_requests)
{
    struct codes codes = {.sink.add = add_code};
    AUTO_CLOSE int wal = open_fixture("etcd-3.5", "wal");
    struct raft_facts facts;

    CHECK(raft_check_dir(wal, -1, &codes.sink, &facts, NULL) == ERR_OK);
    CHECK(!facts.boot_34.found && facts.boot_37.index == 44);
    CHECK(raft_index_count_above(&facts.wal.v2_requests, 0) == 4);
    CHECK(codes.text[0] == '\0'); /* none of them lies above 44 */
    raft_facts_done(&facts);
}

/* Made by etcd's WAL package: three segments, entries 36 to 40 overridden by 36 to 38, a hole up to
 * a leader's snapshot at 60, a snapshot record at 70 that is above the commit. */
TEST(check_wal_follows_segments_overrides_and_holes)
{
    struct codes codes = {.sink.add = add_code};
    AUTO_CLOSE int wal = open_fixture("segments", "wal");
    struct raft_facts facts;
    uint64_t term = 0;

    CHECK(raft_check_dir(wal, -1, &codes.sink, &facts, NULL) == ERR_OK);
    const struct raft_wal_facts *w = &facts.wal;
    CHECK(w->segments == 3 && w->first_sequence == 0 && w->last_sequence == 2);
    CHECK(w->records == 113 && w->entries == 58 && w->overridden == 5 && w->holes == 1);
    CHECK(w->first_index == 61 && w->last_index == 75 && w->lowest_start == 60);
    CHECK(w->mark_count == 4 && facts.boot_37.found && facts.boot_37.index == 60);
    CHECK(w->end_offset == 1248 && w->state.commit == 60);
    CHECK(raft_term_at(w, 61, &term) && term == 4 && !raft_term_at(w, 60, &term));
    CHECK(strcmp(codes.text, "snap-none ") == 0); /* 3.4 to 3.6 need a .snap at 60 */
    raft_facts_done(&facts);
}

/* A copy of a fixture's files in a scratch directory. */
static void copy_segments(int to, size_t skip)
{
    static const char *const names[] = {segment, "0000000000000001-0000000000000012.wal",
                                        "0000000000000002-0000000000000023.wal"};
    AUTO_CLOSE int from = open_fixture("segments", "wal");

    for (size_t i = 0; i < 3; i++) {
        AUTO_BUF struct buf bytes = BUF_INIT(1 << 20);

        if (i == skip)
            continue;
        read_file(from, names[i], &bytes);
        write_file(to, names[i], buf_slice(&bytes));
    }
}

static void check_codes(int dir, const char *want)
{
    struct codes codes = {.sink.add = add_code};
    struct raft_wal_facts facts = {0};

    CHECK(raft_check_wal(dir, &codes.sink, &facts, NULL) == ERR_OK);
    if (strcmp(codes.text, want) != 0)
        (void)fprintf(stderr, "have '%s', want '%s'\n", codes.text, want);
    CHECK(strcmp(codes.text, want) == 0);
    free(facts.terms);
    free(facts.marks);
}

TEST(missing_segment_is_a_gap_and_breaks_the_chain)
{
    struct scratch dir = scratch_make();

    copy_segments(dir.fd, 1);
    check_codes(dir.fd, "wal-gap wal-crc ");
    scratch_done(&dir);
}

TEST(missing_first_segment_is_no_damage_by_itself)
{
    struct scratch dir = scratch_make();

    copy_segments(dir.fd, 0);
    check_codes(dir.fd, "");
    scratch_done(&dir);
}

TEST(other_files_are_passed_over)
{
    struct scratch dir = scratch_make();

    check_codes(dir.fd, "wal-none ");
    copy_segments(dir.fd, 3);
    write_file(dir.fd, "1.tmp", slice_str("x"));
    check_codes(dir.fd, "");
    write_file(dir.fd, "0000000000000002-0000000000000024.wal.broken", slice_str("x"));
    check_codes(dir.fd, "wal-name ");
    scratch_done(&dir);
}

/* One segment of a real 3.5, changed, and what etcd 3.6's decoder says of it. */
struct verdict {
    bool torn, damaged;
    uint64_t records, end, tail;
    char codes[512];
};

static struct verdict judge(struct slice bytes)
{
    struct scratch dir = scratch_make();
    struct codes codes = {.sink.add = add_code};
    struct raft_wal_facts f = {0};

    write_file(dir.fd, segment, bytes);
    CHECK(raft_check_wal(dir.fd, &codes.sink, &f, NULL) == ERR_OK);
    struct verdict v = {f.is_torn, f.is_damaged, f.records, f.end_offset, f.tail_bytes, ""};
    (void)snprintf(v.codes, sizeof v.codes, "%s", codes.text);
    free(f.terms);
    free(f.marks);
    scratch_done(&dir);
    return v;
}

enum { REAL_SIZE = 5816, WORK_SIZE = 12288 };

/* The real segment with zeros behind it, as etcd preallocates it. */
static void load_real(uint8_t work[static WORK_SIZE])
{
    AUTO_CLOSE int wal = open_fixture("etcd-3.5", "wal");
    AUTO_BUF struct buf bytes = BUF_INIT(1 << 20);

    read_file(wal, segment, &bytes);
    CHECK(bytes.len == REAL_SIZE);
    memset(work, 0, WORK_SIZE);
    memcpy(work, bytes.data, bytes.len);
}

/* Offsets of the frames, found by their lengths. */
static size_t frame_size(const uint8_t *head)
{
    size_t length = le32_load(head);

    return 8 + length + (head[7] >> 7) * (head[7] & 7U);
}

TEST(truncation_is_torn_but_between_records)
{
    uint8_t work[WORK_SIZE];
    size_t frame = 0;
    uint64_t whole = 0;

    load_real(work);
    for (size_t cut = 8; cut <= REAL_SIZE; cut += 8) {
        while (frame < cut && frame + frame_size(work + frame) <= cut) {
            frame += frame_size(work + frame);
            whole++;
        }
        if (cut < REAL_SIZE - 1024)
            continue;
        struct verdict v = judge((struct slice){work, cut});

        CHECK(v.records == whole && v.end == frame && !v.damaged);
        CHECK(v.torn == (cut != frame));
    }
    CHECK(whole == 111 && frame == REAL_SIZE);
}

TEST(flipped_bit_is_damage_and_zero_sector_is_torn)
{
    uint8_t work[WORK_SIZE];

    load_real(work);
    work[3000] ^= 0x10;
    struct verdict v = judge((struct slice){work, WORK_SIZE});
    CHECK(v.damaged && !v.torn && strcmp(v.codes, "wal-crc ") == 0);
    CHECK(v.end <= 3000 && v.end + 600 > 3000);
    load_real(work);
    /* etcd takes any record with a zero sector for torn, wherever it lies in the last segment. */
    memset(work + 3072, 0, 512);
    v = judge((struct slice){work, WORK_SIZE});
    CHECK(v.torn && !v.damaged && v.end == 3048 && v.records == 58);
    CHECK(strcmp(v.codes, "wal-torn ") == 0);
}

/* etcd 3.4 to 3.6 take this for a torn tail and cut the log there; 3.7 does not start. */
TEST(data_past_the_end_of_its_record_is_damage)
{
    uint8_t work[WORK_SIZE];
    size_t last = 0;

    load_real(work);
    while (last + frame_size(work + last) < REAL_SIZE)
        last += frame_size(work + last);
    uint8_t *data = memchr(work + last + 8, 0x1a, 16);
    CHECK(data != NULL);
    data[1] |= 0x40;
    struct verdict v = judge((struct slice){work, WORK_SIZE});
    CHECK(v.damaged && !v.torn && v.end == last && v.records == 110);
    CHECK(strcmp(v.codes, "wal-record ") == 0);
}

TEST(bytes_behind_the_end_are_named)
{
    uint8_t work[WORK_SIZE];

    load_real(work);
    work[9999] = 1;
    struct verdict v = judge((struct slice){work, WORK_SIZE});
    CHECK(v.tail == 10000 - REAL_SIZE && v.end == REAL_SIZE && v.records == 111);
    CHECK(strcmp(v.codes, "wal-tail ") == 0 && !v.torn && !v.damaged);
}

TEST(damage_in_an_earlier_segment_is_never_torn)
{
    struct scratch dir = scratch_make();
    AUTO_BUF struct buf bytes = BUF_INIT(1 << 20);

    copy_segments(dir.fd, 3);
    read_file(dir.fd, segment, &bytes);
    write_file(dir.fd, segment, (struct slice){bytes.data, bytes.len - 16});
    check_codes(dir.fd, "wal-record ");
    scratch_done(&dir);
}

TEST(lengths_without_sense_do_not_allocate)
{
    uint8_t work[WORK_SIZE] = {0};

    memset(work, 0xFF, 8);
    CHECK(judge((struct slice){work, WORK_SIZE}).torn);
    le64_store(work, (UINT64_C(1) << 56) - 1);
    CHECK(judge((struct slice){work, WORK_SIZE}).torn);
    /* A length of nothing but padding is a record without a type. */
    le64_store(work, UINT64_C(0x84) << 56);
    struct verdict v = judge((struct slice){work, WORK_SIZE});
    CHECK(v.damaged && !v.torn && v.end == 0);
    CHECK(judge((struct slice){work, 0}).records == 0);
}

/* A second segment that continues the chain of the first but names another member. */
TEST(segments_of_two_members_conflict)
{
    struct scratch dir = scratch_make();
    AUTO_BUF struct buf real = BUF_INIT(1 << 20);
    AUTO_BUF struct buf made = BUF_INIT(1 << 20);
    static const uint8_t other[] = {0x08, 0x03, 0x10, 0x02};
    struct raft_record first;

    copy_segments(dir.fd, 2);
    read_file(dir.fd, "0000000000000001-0000000000000012.wal", &real);
    size_t length = (size_t)raft_frame_decode(real.data).length;
    CHECK(raft_record_decode((struct slice){real.data + 8, length}, &first, NULL) == ERR_OK);
    CHECK(first.type == RAFT_RECORD_CRC && first.crc != 0);
    uint32_t chain = first.crc;
    CHECK(raft_record_put(&made, &chain, RAFT_RECORD_CRC, (struct slice){0}, NULL) == ERR_OK);
    CHECK(raft_record_put(&made, &chain, RAFT_RECORD_METADATA, (struct slice){other, sizeof other},
                          NULL) == ERR_OK);
    write_file(dir.fd, "0000000000000001-0000000000000012.wal", buf_slice(&made));
    check_codes(dir.fd, "wal-metadata ");
    scratch_done(&dir);
}
