#include "reset/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

#include "boltdb/lookup.h"
#include "reset/advice.h"
#include "reset/plan.h"
#include "reset/rewrite.h"
#include "src/base/auto.h"
#include "src/etcd/member.h"
#include "src/etcd/rows.h"
#include "src/raft/first.h"

/* One run: the plan, and what is being built of it. */
struct run {
    struct reset_plan plan;
    struct reset_rewrite rewrite;
    struct bolt_builder *builder;
    struct bolt_built built;
    struct blockfile *file;
};

static double seconds_since(const struct timespec *start)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) * 1e-9;
}

static struct timespec time_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now;
}

static int check_cancel(const struct reset_restore_request *q, struct err *err)
{
    if (q->cancel != NULL && atomic_load(q->cancel))
        return err_set(err, ERR_INTERRUPTED, "interrupted");
    return ERR_OK;
}

static int out_append(void *ctx, struct slice bytes, struct err *err)
{
    struct run *run = ctx;

    return blockfile_append(run->file, bytes, err);
}

static int out_head(void *ctx, struct slice metas, struct err *err)
{
    struct run *run = ctx;

    return blockfile_finish(run->file, metas, err);
}

static int start_db(struct run *run, const struct proof_snapshot *source, struct err *err)
{
    const struct bolt_meta *meta = bolt_db_meta(proof_snapshot_db(source), source->active_meta);
    struct bolt_build_options options = {
        .page_size = run->plan.request->page_size,
        .txid = source->txid > 0 ? source->txid : 1,
        .root_sequence = meta->root_sequence,
    };
    struct bolt_output out = {.ctx = run, .append = out_append, .head = out_head};
    int r;

    if (options.page_size == 0)
        options.page_size = source->page_size;
    r = blockfile_create(run->plan.target.snap_fd, "db",
                         bolt_db_logical_size(proof_snapshot_db(source)), &run->file, err);
    if (r == ERR_OK)
        r = bolt_builder_new(&options, &out, &run->builder, err);
    run->rewrite.builder = run->builder;
    return r;
}

static void drop_db(struct run *run)
{
    bolt_builder_free(run->builder);
    blockfile_free(run->file);
    run->builder = NULL;
    run->file = NULL;
}

static int copy_text(char **ret, const char *text, struct err *err)
{
    free(*ret);
    *ret = strdup(text);
    return *ret != NULL ? ERR_OK : err_nomem(err);
}

static int report_members(struct reset_report *report, const struct etcd_facts *facts,
                          struct err *err)
{
    int r;

    reset_members_free(report->dropped, report->dropped_count);
    report->dropped = NULL;
    report->dropped_count = 0;
    r = reset_members_copy(facts->members, facts->member_count, &report->dropped, err);
    if (r == ERR_OK)
        report->dropped_count = facts->member_count;
    return r;
}

static int report_alarms(struct reset_report *report, const struct etcd_facts *facts,
                         struct err *err)
{
    free(report->alarms);
    report->alarms = NULL;
    report->alarm_count = 0;
    if (facts->alarm_count == 0)
        return ERR_OK;
    report->alarms = calloc(facts->alarm_count, sizeof *report->alarms);
    if (report->alarms == NULL)
        return err_nomem(err);
    memcpy(report->alarms, facts->alarms, facts->alarm_count * sizeof *report->alarms);
    report->alarm_count = facts->alarm_count;
    return ERR_OK;
}

/* What the source turned out to be, for the report; also when it is refused, and again when the
 * older meta is used. */
static int report_source(struct run *run, const struct proof_snapshot *source, struct err *err)
{
    struct reset_report *report = run->plan.report;
    const struct etcd_facts *facts = &source->facts;
    int r = copy_text(&report->provenance, proof_provenance_words(source->provenance), err);

    if (source->has_sha256)
        sha256_hex(source->file_sha256, report->source_sha256);
    report->trailer_checked = source->has_trailer && source->trailer_ok;
    report->revision = facts->current_revision;
    report->live_keys = facts->live_keys;
    report->records = facts->records;
    report->dropped_tombstones = facts->removed_count;
    if (r == ERR_OK)
        r = report_members(report, facts, err);
    if (r == ERR_OK)
        r = report_alarms(report, facts, err);
    if (r == ERR_OK && facts->downgrade[0] != '\0')
        r = copy_text(&report->downgrade, facts->downgrade, err);
    return r;
}

static int report_changes(struct run *run, struct err *err)
{
    struct reset_report *report = run->plan.report;
    const struct reset_rewrite *w = &run->rewrite;

    report->bump = w->bump;
    report->bump_is_automatic = run->plan.request->bump_mode == RESET_BUMP_AUTO;
    report->revision_after = w->revision_after;
    report->new_size = run->built.size;
    if (w->key_was_emptied)
        return copy_text(&report->emptied_key, run->plan.request->empty_key, err);
    return ERR_OK;
}

static int walk(struct run *run, struct proof_snapshot *source, bool use_older_meta,
                struct err *err)
{
    const struct reset_restore_request *q = run->plan.request;
    struct proof_options options = {
        .want_sha256 = true,
        .want_live_keys = true,
        .use_older_meta = use_older_meta,
        .follow = q->empty_key != NULL ? slice_str(q->empty_key) : (struct slice){NULL, 0},
        .next = reset_rewrite_visitor(&run->rewrite),
        .progress = q->progress,
        .cancel = q->cancel,
    };

    if (q->total != NULL)
        atomic_store(q->total, source->db_size);
    return proof_snapshot_run(source, &options, err);
}

/* Read, check and rewrite in one pass. */
static int convert(struct run *run, struct proof_snapshot *source, bool use_older_meta,
                   struct err *err)
{
    const struct reset_restore_request *q = run->plan.request;
    int r = etcd_compaction_get(proof_snapshot_db(source), &run->rewrite.compaction, err);

    run->rewrite.source = source;
    if (r == ERR_OK && !q->dry_run)
        r = start_db(run, source, err);
    if (r == ERR_OK)
        r = walk(run, source, use_older_meta, err);
    if (r == ERR_OK)
        r = report_source(run, source, err);
    if (r == ERR_OK)
        r = reset_verdict_check(&run->plan.verdict, err);
    if (r == ERR_OK)
        r = reset_plan_check_alarms(&run->plan, &source->facts, err);
    if (r == ERR_OK)
        r = reset_rewrite_finish(&run->rewrite, err);
    if (r == ERR_OK && !q->dry_run)
        r = bolt_builder_finish(run->builder, &run->built, err);
    if (r == ERR_OK)
        r = report_changes(run, err);
    return r;
}

static int open_and_convert(struct run *run, bool use_older_meta, bool *ret_older_walks,
                            struct err *err)
{
    const struct reset_restore_request *q = run->plan.request;
    struct reset_report *report = run->plan.report;
    AUTO_PROOF_SNAPSHOT struct proof_snapshot source = {0};
    int r = proof_snapshot_open(q->snapshot,
                                q->skip_hash_check ? PROOF_TRAILER_OPTIONAL : PROOF_TRAILER_WANTED,
                                &run->plan.verdict.sink, &source, err);

    if (r < 0)
        return r;
    report->source_size = source.file_size;
    r = copy_text(&report->source, q->snapshot, err);
    if (r == ERR_OK)
        r = reset_plan_check_source(&run->plan, &source, err);
    if (r < 0)
        return r;
    report->source_db_size = bolt_db_logical_size(proof_snapshot_db(&source));
    if (!q->dry_run && run->plan.target.data.work[0] == '\0')
        r = reset_target_begin(&run->plan.target, err);
    if (r == ERR_OK)
        r = convert(run, &source, use_older_meta, err);
    *ret_older_walks = source.other_meta_walks;
    return r;
}

static void start_rewrite(struct run *run)
{
    run->rewrite = (struct reset_rewrite){
        .request = run->plan.request,
        .cluster = &run->plan.cluster,
        .verdict = &run->plan.verdict,
        .knows_old_revision = run->plan.knows_old_revision,
        .old_revision = run->plan.old_revision,
    };
}

/* Forget what the newest meta's tree gave. */
static void start_again(struct run *run)
{
    struct reset_report *report = run->plan.report;

    drop_db(run);
    if (run->plan.target.snap_fd >= 0)
        (void)unlinkat(run->plan.target.snap_fd, "db", 0);
    reset_lines_done(&report->cured);
    reset_lines_done(&report->accepted);
    reset_verdict_init(&run->plan.verdict, run->plan.request, report);
    start_rewrite(run);
}

/* The newest meta's tree first; the older one's when that is damaged, whole, and asked for. */
static int build_db(struct run *run, struct err *err)
{
    bool older_walks = false;
    int r;

    start_rewrite(run);
    r = open_and_convert(run, false, &older_walks, err);
    if (r != ERR_CORRUPT || !older_walks)
        return r;
    if ((run->plan.request->accept & RESET_ACCEPT_OLDER_META) == 0)
        return err_wrap(err, r, "the state one commit earlier is whole (--accept older-meta)");

    start_again(run);
    r = open_and_convert(run, true, &older_walks, err);
    if (r == ERR_OK)
        r = reset_lines_addf(&run->plan.report->accepted, err,
                             "older-meta: the newest state is damaged, this is the one before it");
    return r;
}

static int write_raft(struct run *run, struct err *err)
{
    const struct reset_cluster *c = &run->plan.cluster;
    struct raft_member members[RESET_MEMBERS_MAX];
    AUTO_FREE const char **urls = calloc(c->member_count * ETCD_URLS_MAX, sizeof *urls);
    struct raft_first first = {
        .node_id = c->members[c->self].id,
        .cluster_id = c->cluster_id,
        .members = members,
        .member_count = c->member_count,
    };

    if (urls == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < c->member_count; i++) {
        const struct etcd_member *m = &c->members[i];
        const char **own = urls + i * ETCD_URLS_MAX;

        for (size_t u = 0; u < m->peer_url_count; u++)
            own[u] = m->peer_urls[u];
        members[i] = (struct raft_member){
            .id = m->id,
            .name = m->name,
            .peer_urls = own,
            .peer_url_count = m->peer_url_count,
        };
    }
    return raft_write_first(&first, run->plan.target.wal_fd, run->plan.target.snap_fd, err);
}

/* Open the db that was built and find what etcd will look for first. */
static int prove_new_db(const struct run *run, struct err *err)
{
    const struct reset_cluster *c = &run->plan.cluster;
    AUTO_CLOSE int fd = openat(run->plan.target.snap_fd, "db", O_RDONLY | O_CLOEXEC);
    AUTO_BUF struct buf value = BUF_INIT(ETCD_MEMBER_JSON_MAX);
    struct bolt_source source = bolt_source_fd(fd, "new db", run->built.size);
    struct bolt_db *db = NULL;
    int r = fd >= 0 ? bolt_db_open(&source, NULL, &db, err) : err_sys(err, "open the new db");

    if (r == ERR_OK)
        r = bolt_get(db, slice_str(etcd_bucket_name[ETCD_META]),
                     slice_str(ETCD_META_CONSISTENT_INDEX), &value, err);
    if (r == ERR_OK && (value.len != 8 || be64_load(value.data) != c->member_count))
        r = err_set(err, ERR_CORRUPT, "the new db has another consistent index than was written");
    for (size_t i = 0; r == ERR_OK && i < c->member_count; i++) {
        char key[ETCD_MEMBER_KEY_MAX];

        (void)etcd_member_key(c->members[i].id, key);
        r = bolt_get(db, slice_str(etcd_bucket_name[ETCD_MEMBERS]), slice_str(key), &value, err);
    }
    bolt_db_free(db);
    return r < 0 ? err_wrap(err, r, "check what was written") : ERR_OK;
}

static int read_back(struct run *run, struct err *err)
{
    struct timespec start = time_now();
    int r = blockfile_read_back(run->file, run->plan.request->verify_written, err);

    if (r == ERR_OK)
        r = prove_new_db(run, err);
    run->plan.report->write_is_direct = blockfile_is_direct(run->file);
    run->plan.report->seconds.read_back = seconds_since(&start);
    return r;
}

static int build(struct run *run, struct err *err)
{
    const struct reset_restore_request *q = run->plan.request;
    struct timespec start = time_now();
    int r = build_db(run, err);

    if (r == ERR_OK && !q->dry_run)
        r = write_raft(run, err);
    if (r == ERR_OK && !q->dry_run && q->write_name_file)
        r = reset_target_put_name(&run->plan.target, q->name, err);
    if (r == ERR_OK && !q->dry_run)
        r = reset_target_seal(&run->plan.target, err);
    run->plan.report->seconds.build = seconds_since(&start);
    return r;
}

static int report_old_dir(struct run *run, struct err *err)
{
    const struct reset_target *t = &run->plan.target;

    if (t->old_name[0] == '\0')
        return ERR_OK;
    if (asprintf(&run->plan.report->old_dir, "%s/%s", t->data.parent, t->old_name) < 0) {
        run->plan.report->old_dir = NULL;
        return err_nomem(err);
    }
    return ERR_OK;
}

static int install(struct run *run, struct err *err)
{
    const struct reset_restore_request *q = run->plan.request;
    struct timespec start = time_now();
    int r = check_cancel(q, err);

    if (r == ERR_OK && q->replace)
        r = reset_users_check(run->plan.target.data.path, q->home, err);
    if (r == ERR_OK && q->replace)
        r = reset_locks_add_new(&run->plan.locks, run->plan.target.snap_fd, err);
    if (r == ERR_OK)
        r = reset_target_install(&run->plan.target, &run->plan.target_flags, err);
    if (r == ERR_OK)
        r = report_old_dir(run, err);
    run->plan.report->seconds.install = seconds_since(&start);
    return r;
}

static int run_all(struct run *run, struct err *err)
{
    const struct reset_restore_request *q = run->plan.request;
    int r = build(run, err);

    if (r < 0 || q->dry_run)
        return r;
    r = read_back(run, err);
    if (r == ERR_OK)
        r = install(run, err);
    return r;
}

static int add_all(struct reset_lines *lines, const char *const *texts, struct err *err)
{
    int r = ERR_OK;

    for (; r == ERR_OK && texts != NULL && *texts != NULL; texts++)
        r = reset_lines_addf(lines, err, "%s", *texts);
    return r;
}

static bool is_known_url(const struct reset_report *report, const char *url)
{
    for (size_t i = 0; i < report->dropped_count; i++) {
        for (size_t u = 0; u < report->dropped[i].peer_url_count; u++) {
            if (strcmp(report->dropped[i].peer_urls[u], url) == 0)
                return true;
        }
    }
    return false;
}

/* A server that finds another address for itself than this never takes the member for its own. */
static int report_new_url(struct reset_report *report, struct err *err)
{
    const struct etcd_member *self = &report->members[report->self];

    if (report->dropped_count == 0 || is_known_url(report, self->peer_urls[0]))
        return ERR_OK;
    return reset_lines_addf(&report->notes, err,
                            "no member of the snapshot had the peer URL %s: make sure that it is "
                            "this node's address",
                            self->peer_urls[0]);
}

static int report_advice(struct run *run, struct err *err)
{
    const struct reset_restore_request *q = run->plan.request;
    struct reset_report *report = run->plan.report;
    int r = add_all(&report->notes, q->notes, err);

    if (r == ERR_OK && q->replace)
        r = report_new_url(report, err);
    if (r == ERR_OK && !report->trailer_checked)
        r = reset_lines_addf(&report->notes, err,
                             "the file has no SHA-256 trailer: its whole structure and content was "
                             "checked instead, which cannot show a changed byte inside a value");
    if (r == ERR_OK && report->revision_after > INT32_MAX)
        r = reset_lines_addf(&report->notes, err,
                             "the revision is above 2^31: etcd does not mind, a client that keeps "
                             "it in 32 bits would");
    if (r == ERR_OK && q->next != NULL)
        return add_all(&report->next, q->next, err);
    return r == ERR_OK ? reset_advice_add(report, err) : r;
}

int reset_restore_run(const struct reset_restore_request *request, struct reset_report *ret,
                      struct err *err)
{
    struct run run = {0};
    int r;

    *ret = (struct reset_report){0};
    r = reset_plan_make(request, ret, &run.plan, err);
    if (r == ERR_OK)
        r = run_all(&run, err);
    if (r == ERR_OK)
        r = report_advice(&run, err);
    drop_db(&run);
    reset_plan_done(&run.plan);
    return r == ERR_INTERRUPTED ? err_wrap(err, r, "nothing was changed") : r;
}
