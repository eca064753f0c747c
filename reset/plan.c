#include "reset/plan.h"

#include <errno.h>
#include <fcntl.h>

#include "reset/measure.h"
#include "reset/old.h"
#include "reset/place.h"
#include "reset/space.h"
#include "src/base/auto.h"

static int check_flags(const struct reset_restore_request *q, struct err *err)
{
    uint32_t size = q->page_size;

    if (size != 0 &&
        (size < BOLT_PAGE_SIZE_MIN || size > BOLT_PAGE_SIZE_MAX || (size & (size - 1)) != 0))
        return err_set(err, ERR_USAGE, "page size %u: want a power of two from %d to %d", size,
                       BOLT_PAGE_SIZE_MIN, BOLT_PAGE_SIZE_MAX);
    if (q->bump_mode == RESET_BUMP_BY && q->bump == 0)
        return err_set(err, ERR_USAGE, "a bump by 0 is none");
    return ERR_OK;
}

static int make_cluster(struct reset_plan *p, struct err *err)
{
    const struct reset_restore_request *q = p->request;
    struct reset_cluster_flags flags = {
        .name = q->name,
        .initial_cluster = q->initial_cluster,
        .initial_advertise_peer_urls = q->initial_advertise_peer_urls,
        .token = q->initial_cluster_token,
    };
    int r = reset_cluster_make(&flags, &p->cluster, err);

    if (r < 0)
        return r;
    p->report->cluster_id = p->cluster.cluster_id;
    p->report->self = p->cluster.self;
    p->report->token_is_new = p->cluster.token_is_new;
    p->report->token = strdup(p->cluster.token);
    if (p->report->token == NULL)
        return err_nomem(err);
    r = reset_members_copy(p->cluster.members, p->cluster.member_count, &p->report->members, err);
    if (r == ERR_OK)
        p->report->member_count = p->cluster.member_count;
    return r;
}

static int make_target(struct reset_plan *p, struct err *err)
{
    const struct reset_restore_request *q = p->request;
    int r;

    p->target_flags = (struct reset_target_flags){
        .data_dir = q->data_dir,
        .wal_dir = q->wal_dir,
        .replace = q->replace,
        .flag_file = q->flag_file,
    };
    r = reset_target_check(&p->target_flags, &p->target, err);
    if (r < 0)
        return r;
    p->report->data_dir = strdup(p->target.data.path);
    if (p->report->data_dir == NULL)
        return err_nomem(err);
    if (q->wal_dir != NULL && q->wal_dir[0] != '\0') {
        p->report->wal_dir = strdup(q->wal_dir);
        if (p->report->wal_dir == NULL)
            return err_nomem(err);
    }
    return ERR_OK;
}

/* For what a bump must pass. */
static int look_up_old_revision(struct reset_plan *p, struct err *err)
{
    struct reset_old old = reset_old_look(p->target.data.path);

    p->knows_old_revision = old.is_known;
    if (!old.is_known)
        return ERR_OK;
    p->report->old_revision = old.revision;
    p->old_revision = old.revision + (int64_t)old.tail;
    if (old.tail == 0)
        return ERR_OK;
    return reset_lines_addf(&p->report->notes, err,
                            "the log of the directory that is replaced holds %llu entries that its "
                            "db has not applied: up to as many revisions more than the %lld named",
                            (unsigned long long)old.tail, (long long)old.revision);
}

static int check_live(struct reset_plan *p, struct err *err)
{
    int r;

    if (!p->request->replace)
        return ERR_OK;
    r = reset_users_check(p->target.data.path, p->request->home, err);
    if (r == ERR_OK && p->target.has_old)
        r = reset_locks_take(p->target.data.path, &p->locks, err);
    if (r == ERR_OK && p->target.has_old)
        r = look_up_old_revision(p, err);
    if (r == ERR_OK)
        r = reset_place_leftovers(&p->target.data, &p->report->notes, err);
    return r;
}

int reset_plan_make(const struct reset_restore_request *request, struct reset_report *report,
                    struct reset_plan *ret, struct err *err)
{
    int r;

    memset(ret, 0, sizeof *ret);
    reset_target_init(&ret->target);
    ret->request = request;
    ret->report = report;
    report->is_dry_run = request->dry_run;
    reset_verdict_init(&ret->verdict, request, report);
    r = check_flags(request, err);
    if (r == ERR_OK)
        r = make_cluster(ret, err);
    if (r == ERR_OK)
        r = make_target(ret, err);
    if (r == ERR_OK)
        r = check_live(ret, err);
    return r;
}

void reset_plan_done(struct reset_plan *p)
{
    reset_target_done(&p->target);
    reset_locks_drop(&p->locks);
    reset_cluster_done(&p->cluster);
}

/* When the whole source would not fit, its live data may: that takes a walk to know. */
static int check_space(struct reset_plan *p, const struct proof_snapshot *source, struct err *err)
{
    AUTO_CLOSE int dir = reset_place_nearest(&p->target.data, err);
    uint64_t want = bolt_db_logical_size(proof_snapshot_db(source));
    struct reset_space space;
    int r = dir >= 0 ? reset_space_get(dir, &space, err) : dir;

    if (r < 0)
        return r;
    if (reset_space_check(&space, want, p->target.data.path, NULL) == ERR_OK)
        return ERR_OK;
    r = reset_measure(p->request, &want, err);
    if (r == ERR_CORRUPT) /* the walk to come says what is wrong */
        return ERR_OK;
    return r < 0 ? r : reset_space_check(&space, want, p->target.data.path, err);
}

int reset_plan_check_source(struct reset_plan *p, const struct proof_snapshot *source,
                            struct err *err)
{
    const struct reset_restore_request *q = p->request;

    if (proof_snapshot_db(source) == NULL)
        return err_set(err, ERR_CORRUPT, "'%s' is no snapshot: %s", q->snapshot,
                       proof_provenance_words(source->provenance));
    if (!q->skip_hash_check && !source->has_trailer && reset_verdict_is_damaged(&p->verdict))
        return reset_verdict_check(&p->verdict, err);
    if (!source->has_trailer && !q->skip_hash_check)
        return err_set(err, ERR_REFUSED,
                       "snapshot missing hash but --skip-hash-check=false: '%s' is %s", q->snapshot,
                       proof_provenance_words(source->provenance));
    return check_space(p, source, err);
}

int reset_plan_check_alarms(const struct reset_plan *p, const struct etcd_facts *facts,
                            struct err *err)
{
    for (size_t i = 0; i < facts->alarm_count; i++) {
        const struct etcd_alarm *a = &facts->alarms[i];

        if (a->type == ETCD_ALARM_CORRUPT && (p->request->accept & RESET_ACCEPT_CORRUPT_ALARM) == 0)
            return err_set(err, ERR_REFUSED,
                           "etcd raised a CORRUPT alarm at member %llx before this snapshot was "
                           "taken: prefer another one, or --accept corrupt-alarm",
                           (unsigned long long)a->member_id);
    }
    return ERR_OK;
}
