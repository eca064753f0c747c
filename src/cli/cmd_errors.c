/* The finding codes and exit statuses, from the rooms' own tables. docs/errors.md shows the
 * markdown form. */
#include "boltdb/problem.h"
#include "src/cli/command.h"
#include "src/cli/out.h"
#include "src/etcd/problem.h"
#include "src/proof/problem.h"
#include "src/raft/problem.h"

struct problem_row {
    const char *code;
    enum finding_severity severity;
    const char *meaning;
    const char *next;
};

#define ROW(name, code, severity, meaning, next) {code, severity, meaning, next},
static const struct problem_row proof_rows[] = {PROOF_PROBLEMS(ROW)};
static const struct problem_row bolt_rows[] = {BOLT_PROBLEMS(ROW)};
static const struct problem_row etcd_rows[] = {ETCD_PROBLEMS(ROW)};
static const struct problem_row raft_rows[] = {RAFT_PROBLEMS(ROW)};
#undef ROW

static const struct problem_table {
    const char *title;
    const struct problem_row *row;
    size_t count;
} tables[] = {
    {"The file as a whole", proof_rows, sizeof proof_rows / sizeof *proof_rows},
    {"Pages and buckets", bolt_rows, sizeof bolt_rows / sizeof *bolt_rows},
    {"What etcd keeps in it", etcd_rows, sizeof etcd_rows / sizeof *etcd_rows},
    {"Write-ahead log and .snap files", raft_rows, sizeof raft_rows / sizeof *raft_rows},
};

static void print_markdown(struct text *t)
{
    text_add(t, "| status | meaning |\n|---|---|\n");
    for (size_t i = 0; i < EXIT_STATUS_COUNT; i++)
        text_printf(t, "| %zu | %s |\n", i, exit_status_meaning[i]);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        text_printf(t, "\n### %s\n\n| code | severity | meaning | next step |\n|---|---|---|---|\n",
                    tables[i].title);
        for (size_t r = 0; r < tables[i].count; r++) {
            const struct problem_row *row = &tables[i].row[r];

            text_printf(t, "| `%s` | %s | %s | %s |\n", row->code,
                        finding_severity_name(row->severity), row->meaning,
                        row->next == NULL ? "" : row->next);
        }
    }
}

static void print_statuses(struct out *o)
{
    out_array(o, "exit_statuses", "Exit statuses");
    for (size_t i = 0; i < EXIT_STATUS_COUNT; i++) {
        char line[160];

        out_object(o, NULL, NULL);
        out_number(o, "status", NULL, i);
        out_text(o, "meaning", NULL, exit_status_meaning[i]);
        out_close(o);
        (void)snprintf(line, sizeof line, "%zu  %s", i, exit_status_meaning[i]);
        out_line(o, line);
    }
    out_close(o);
}

static void print_table(struct out *o, const struct problem_table *table)
{
    if (!o->is_json)
        text_printf(&o->text, "\n%s\n", table->title);
    for (size_t r = 0; r < table->count; r++) {
        const struct problem_row *row = &table->row[r];

        out_object(o, NULL, NULL);
        out_text(o, "code", NULL, row->code);
        out_text(o, "severity", NULL, finding_severity_name(row->severity));
        out_text(o, "meaning", NULL, row->meaning);
        out_text(o, "next", NULL, row->next == NULL ? "" : row->next);
        out_close(o);
        if (!o->is_json)
            text_printf(&o->text, "  %-24s %-8s %s%s%s\n", row->code,
                        finding_severity_name(row->severity), row->meaning,
                        row->next == NULL ? "" : "; next: ", row->next == NULL ? "" : row->next);
    }
}

int cmd_errors(const struct command_line *line, struct err *err)
{
    AUTO_OUT struct out o;

    out_start(&o, command_line_chose(line, OPT_ERRORS_OUTPUT, "json"));
    if (command_line_chose(line, OPT_ERRORS_OUTPUT, "markdown")) {
        print_markdown(&o.text);
        return out_finish(&o, err);
    }
    print_statuses(&o);
    out_array(&o, "findings", NULL);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        print_table(&o, &tables[i]);
    out_close(&o);
    return out_finish(&o, err);
}
