/* server --cluster-reset --cluster-reset-restore-path: K3s's layout and flags to a request. */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "src/cli/restore.h"
#include "src/cli/talk.h"
#include "src/k3s/address.h"
#include "src/k3s/layout.h"

/* Settings that K3s would follow and this version does not read: going on would restore to another
 * place or address than K3s does. */
static int check_unread(const struct command_line *line, struct err *err)
{
    static const enum option_id address[] = {OPT_FLANNEL_IFACE, OPT_VPN_AUTH, OPT_VPN_AUTH_FILE};

    if (line->value[OPT_ETCD_S3].flag)
        return err_set(err, ERR_USAGE,
                       "--etcd-s3: this version restores local files only, fetch the object and "
                       "leave --etcd-s3 out");
    for (size_t i = 0; i < sizeof address / sizeof *address; i++) {
        if (line->value[address[i]].is_given && !line->value[OPT_NODE_IP].is_given)
            return err_set(err, ERR_USAGE,
                           "--%s is not read by this version: give the node's address as --node-ip",
                           option_table[address[i]].name);
    }
    if (line->value[OPT_ROOTLESS].flag && !line->value[OPT_SERVER_DATA_DIR].is_given)
        return err_set(err, ERR_USAGE,
                       "--rootless is not read by this version: give its data directory as "
                       "--data-dir");
    return ERR_OK;
}

/* k3s pkg/etcd: the texts are K3s's own where it has one; scripts look for them. */
static int check_options(const struct command_line *line, struct err *err)
{
    bool has_path = command_line_text(line, OPT_CLUSTER_RESET_RESTORE_PATH)[0] != '\0';

    if (has_path && !line->value[OPT_CLUSTER_RESET].flag)
        return err_set(err, ERR_USAGE,
                       "invalid flag use; --cluster-reset required with "
                       "--cluster-reset-restore-path");
    if (!line->value[OPT_CLUSTER_RESET].flag || !has_path)
        return err_set(err, ERR_USAGE,
                       "'server' restores a snapshot: it needs --cluster-reset and "
                       "--cluster-reset-restore-path FILE");
    if (command_line_text(line, OPT_SERVER_URL)[0] != '\0')
        return err_set(err, ERR_USAGE,
                       "cannot perform cluster-reset while server URL is set - remove server from "
                       "configuration before resetting");
    return check_unread(line, err);
}

static void say_what_is_not_read(const struct command_line *line)
{
    const char *config = command_line_text(line, OPT_CONFIG);

    if (access(config, F_OK) == 0)
        talk_warning("%s is not read by this version: give its data-dir, node-ip, node-name and "
                     "etcd-snapshot-dir as options",
                     config);
    if (line->value[OPT_TOKEN].is_given || line->value[OPT_TOKEN_FILE].is_given)
        talk_warning("the token is not read by this version: the bootstrap data in the snapshot is "
                     "neither opened nor checked, start K3s with the token of the snapshot");
}

struct server_names {
    struct k3s_layout layout;
    char snapshot[K3S_PATH_SIZE];
    char node[K3S_NAME_MAX + 1];
    char member[K3S_MEMBER_NAME_SIZE];
    char address[K3S_ADDRESS_SIZE];
    char url[K3S_URL_SIZE];
    char cluster[K3S_MEMBER_NAME_SIZE + K3S_URL_SIZE + 1];
};

static int find_names(const struct command_line *line, struct server_names *ret, struct err *err)
{
    const char *snapshots = command_line_text(line, OPT_ETCD_SNAPSHOT_DIR);
    int r = k3s_layout_find(command_line_text(line, OPT_SERVER_DATA_DIR), &ret->layout, err);

    if (r == ERR_OK)
        r = k3s_find_snapshot(&ret->layout, command_line_text(line, OPT_CLUSTER_RESET_RESTORE_PATH),
                              snapshots[0] == '\0' ? NULL : snapshots, ret->snapshot, err);
    if (r == ERR_OK)
        r = k3s_node_name(command_line_text(line, OPT_NODE_NAME), ret->node, err);
    if (r == ERR_OK)
        r = k3s_member_name(ret->node, ret->member, err);
    if (r == ERR_OK)
        r = k3s_node_address(command_line_text(line, OPT_NODE_IP), ret->address, err);
    if (r == ERR_OK)
        r = k3s_peer_url(ret->address, ret->url, err);
    if (r == ERR_OK)
        (void)snprintf(ret->cluster, sizeof ret->cluster, "%s=%s", ret->member, ret->url);
    return r;
}

enum { ADVICE_MAX = 8, ADVICE_SIZE = K3S_PATH_SIZE + 512 };

/* Lines of the report, NULL at the end. */
struct advice {
    char text[ADVICE_MAX][ADVICE_SIZE];
    const char *line[ADVICE_MAX + 1];
    size_t count;
};

static void advise(struct advice *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void advise(struct advice *a, const char *fmt, ...)
{
    va_list ap;

    if (a->count == ADVICE_MAX)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(a->text[a->count], ADVICE_SIZE, fmt, ap);
    va_end(ap);
    a->line[a->count] = a->text[a->count];
    a->count++;
}

static void fill_notes(struct advice *a, const struct k3s_layout *layout)
{
    advise(a, "token, bootstrap data and config files are not read by this version: K3s must be "
              "started with the token of the cluster that the snapshot is from");
    if (layout->has_sqlite && !layout->has_wal)
        advise(a,
               "this server kept its data in sqlite (%s/state.db): from now on K3s uses etcd here, "
               "and leaves that file as it is",
               layout->db);
    if (layout->has_tombstone)
        advise(a, "etcd had removed this member from its cluster (tombstone): the new directory "
                  "has no such mark");
}

static void fill_next(struct advice *a, const struct server_names *names)
{
    advise(a, "start K3s here without --cluster-reset and without --server");
    advise(a,
           "on every other server of the cluster: stop K3s, back up and delete its "
           "<data-dir>/server/db, start it with --server https://%s%s%s:6443 and the token",
           strchr(names->address, ':') != NULL ? "[" : "", names->address,
           strchr(names->address, ':') != NULL ? "]" : "");
    advise(a, "delete the former directory when the cluster is well: K3s never does");
}

int cmd_server(const struct command_line *line, struct err *err)
{
    static struct server_names names;
    static struct advice notes;
    static struct advice next;
    const struct option_value *bump = &line->value[OPT_SERVER_BUMP_REVISION];
    int r = check_options(line, err);

    if (r < 0)
        return r;
    say_what_is_not_read(line);
    r = find_names(line, &names, err);
    if (r < 0)
        return r;

    fill_notes(&notes, &names.layout);
    fill_next(&next, &names);

    struct reset_restore_request request = {
        .snapshot = names.snapshot,
        .name = names.member,
        .initial_cluster = names.cluster,
        .initial_advertise_peer_urls = names.url,
        .data_dir = names.layout.etcd,
        .bump_mode = bump->flag          ? RESET_BUMP_AUTO
                     : bump->number == 0 ? RESET_BUMP_NONE
                                         : RESET_BUMP_BY,
        .bump = bump->number,
        .empty_key = "k3s/apiaddresses",
        .replace = true,
        .write_name_file = true,
        .flag_file = "reset-flag",
        .home = names.layout.server,
        .notes = notes.line,
        .next = next.line,
    };
    restore_common(line, &request);
    r = restore_run(line, &request, err);
    if (r == ERR_OK && !request.dry_run)
        talk_line("Managed etcd cluster membership has been reset, restart without --cluster-reset "
                  "flag now. Backup and delete ${datadir}/server/db on each peer etcd server and "
                  "rejoin the nodes");
    return r;
}
