#include "src/raft/first.h"

#include "src/base/auto.h"
#include "src/raft/snapfile.h"
#include "src/raft/v2store.h"
#include "src/raft/walwrite.h"

AUTO_DEFINE(raft_wal_writer)

/* etcd's own limit does not exist: each member is at most its JSON twice escaped. */
enum { V2STORE_MAX = RAFT_SNAP_FILE_MAX - 65536 };

static int check_members(const struct raft_first *what, struct err *err)
{
    bool has_self = false;

    if (what->member_count == 0 || what->member_count > RAFT_MEMBERS_MAX)
        return err_set(err, ERR_USAGE, "%zu members, want 1 to %d", what->member_count,
                       RAFT_MEMBERS_MAX);
    for (size_t i = 0; i < what->member_count; i++) {
        const struct raft_member *m = &what->members[i];

        if (m->id == 0 || (i > 0 && m->id <= what->members[i - 1].id))
            return err_set(err, ERR_USAGE, "member IDs are not ascending at %llx",
                           (unsigned long long)m->id);
        if (m->peer_url_count == 0)
            return err_set(err, ERR_USAGE, "member %llx has no peer URL",
                           (unsigned long long)m->id);
        has_self = has_self || m->id == what->node_id;
    }
    if (!has_self)
        return err_set(err, ERR_USAGE, "member %llx is not one of the members",
                       (unsigned long long)what->node_id);
    return ERR_OK;
}

/* Entry `index`: ConfChangeAddNode of one member. */
static int put_entry(struct raft_wal_writer *wal, const struct raft_member *m, uint64_t index,
                     struct err *err)
{
    AUTO_BUF struct buf context = BUF_INIT(RAFT_MEMBER_JSON_MAX);
    AUTO_BUF struct buf change = BUF_INIT(RAFT_MEMBER_JSON_MAX + 64);
    int r = raft_member_put_json(&context, m, err);

    if (r == ERR_OK)
        r = raft_conf_change_put(&change,
                                 &(struct raft_conf_change){.type = RAFT_ADD_NODE,
                                                            .node_id = m->id,
                                                            .context = buf_slice(&context)},
                                 err);
    if (r < 0)
        return r;
    return raft_wal_put_entry(wal,
                              &(struct raft_entry){.type = RAFT_ENTRY_CONF_CHANGE,
                                                   .term = RAFT_FIRST_TERM,
                                                   .index = index,
                                                   .data = buf_slice(&change)},
                              err);
}

static int write_wal(const struct raft_first *what, const struct raft_snapshot *snapshot, int dir,
                     struct err *err)
{
    const struct raft_metadata metadata = {what->node_id, what->cluster_id};
    const struct raft_hard_state state = {
        .term = RAFT_FIRST_TERM, .vote = what->members[0].id, .commit = snapshot->index};
    const struct raft_snap_mark mark = {.index = snapshot->index, .term = snapshot->term};
    AUTO(raft_wal_writer) struct raft_wal_writer *wal = NULL;
    int r = raft_wal_create(dir, &metadata, &wal, err);

    for (size_t i = 0; r == ERR_OK && i < what->member_count; i++)
        r = put_entry(wal, &what->members[i], i + 1, err);
    if (r == ERR_OK)
        r = raft_wal_put_state(wal, &state, err);
    if (r == ERR_OK)
        r = raft_wal_put_mark(wal, &mark, &snapshot->conf_state, err);
    return r < 0 ? r : raft_wal_finish(wal, err);
}

static int sync_dir(int dir, const char *name, struct err *err)
{
    if (fsync(dir) < 0)
        return err_sys(err, "sync directory '%s'", name);
    return ERR_OK;
}

int raft_write_first(const struct raft_first *what, int wal_dir, int snap_dir, struct err *err)
{
    AUTO_BUF struct buf json = BUF_INIT(V2STORE_MAX);
    struct raft_snapshot snapshot = {.index = what->member_count, .term = RAFT_FIRST_TERM};
    struct raft_v2store store = {.members = what->members, .member_count = what->member_count};
    int r = check_members(what, err);

    if (r < 0)
        return r;
    for (size_t i = 0; i < what->member_count; i++)
        snapshot.conf_state.voters.id[i] = what->members[i].id;
    snapshot.conf_state.voters.count = what->member_count;
    r = raft_v2store_put(&json, &store, err);
    snapshot.data = buf_slice(&json);
    if (r == ERR_OK)
        r = write_wal(what, &snapshot, wal_dir, err);
    if (r == ERR_OK)
        r = raft_snap_write(snap_dir, &snapshot, err);
    if (r == ERR_OK)
        r = sync_dir(wal_dir, "wal", err);
    return r < 0 ? r : sync_dir(snap_dir, "snap", err);
}
