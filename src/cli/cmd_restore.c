/* snapshot restore: options to a request, the report to standard output. */
#include "boltdb/db.h"

#include "src/cli/collect.h"
#include "src/cli/report.h"
#include "src/cli/restore.h"
#include "src/cli/run.h"

/* The words of --accept are numbered by their place in the options table. */
_Static_assert(RESET_ACCEPT_CORRUPT_ALARM == 1 && RESET_ACCEPT_REVISION_GAP == 2 &&
                   RESET_ACCEPT_OLDER_META == 4 && RESET_ACCEPT_SUSPECT == 8,
               "as in options.def");
_Static_assert(BLOCKFILE_CHECK_ALL == 0 && BLOCKFILE_CHECK_SAMPLE == 1 && BLOCKFILE_CHECK_NONE == 2,
               "as in options.def");

void restore_common(const struct command_line *line, struct reset_restore_request *ret)
{
    ret->accept = (unsigned)line->value[OPT_ACCEPT].number;
    ret->verify_written = (enum blockfile_check)line->value[OPT_VERIFY_WRITTEN].number;
    ret->dry_run = line->value[OPT_DRY_RUN].flag;
    ret->cancel = &run_cancel;
}

static int print_report(const struct reset_report *report, bool is_json, struct err *err)
{
    AUTO_OUT struct out o;

    out_start(&o, is_json);
    report_print(&o, report);
    int r = out_finish(&o, err);
    return r < 0 && !report->is_dry_run
               ? err_wrap(err, r, "the restore is done, only its report is missing")
               : r;
}

int restore_run(const struct command_line *line, const struct reset_restore_request *request,
                struct err *err)
{
    AUTO_COLLECT struct collect found;
    AUTO_PROGRESS struct progress progress;
    struct reset_restore_request full = *request;
    struct reset_report report = {0};
    int r;

    collect_start(&found);
    progress_start(&progress, "restore");
    full.sink = &found.sink;
    full.progress = &progress.done;
    full.total = &progress.total;
    r = reset_restore_run(&full, &report, err);
    progress_stop(&progress);
    if (r < 0)
        collect_talk(&found, request->snapshot);
    else
        r = print_report(&report, command_line_chose(line, OPT_OUTPUT, "json"), err);
    reset_report_done(&report);
    return r;
}

static int check_page_size(uint64_t size, struct err *err)
{
    if (size < BOLT_PAGE_SIZE_MIN || size > BOLT_PAGE_SIZE_MAX || (size & (size - 1)) != 0)
        return err_set(err, ERR_USAGE, "option --page-size: want a power of two from %d to %d",
                       BOLT_PAGE_SIZE_MIN, BOLT_PAGE_SIZE_MAX);
    return ERR_OK;
}

static const char *text_or_null(const struct command_line *line, enum option_id id)
{
    const char *text = command_line_text(line, id);

    return text[0] == '\0' ? NULL : text;
}

int cmd_restore(const struct command_line *line, struct err *err)
{
    uint64_t bump = line->value[OPT_RESTORE_BUMP_REVISION].number;
    uint64_t page_size = line->value[OPT_PAGE_SIZE].number;
    struct reset_restore_request request = {
        .snapshot = line->argument[0],
        .skip_hash_check = line->value[OPT_SKIP_HASH_CHECK].flag,
        .name = command_line_text(line, OPT_NAME),
        .initial_cluster = command_line_text(line, OPT_INITIAL_CLUSTER),
        .initial_advertise_peer_urls = command_line_text(line, OPT_INITIAL_ADVERTISE_PEER_URLS),
        .initial_cluster_token = text_or_null(line, OPT_INITIAL_CLUSTER_TOKEN),
        .data_dir = command_line_text(line, OPT_RESTORE_DATA_DIR),
        .wal_dir = text_or_null(line, OPT_WAL_DIR),
        .bump_mode = bump > 0 ? RESET_BUMP_BY : RESET_BUMP_NONE,
        .bump = bump,
        .page_size = (uint32_t)page_size,
    };

    if ((bump > 0) != line->value[OPT_MARK_COMPACTED].flag)
        return err_set(err, ERR_USAGE,
                       "--bump-revision above 0 and --mark-compacted need each other");
    if (line->value[OPT_PAGE_SIZE].is_given) {
        int r = check_page_size(page_size, err);
        if (r < 0)
            return r;
    }
    restore_common(line, &request);
    return restore_run(line, &request, err);
}
