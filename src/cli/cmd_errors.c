/* The finding codes and exit statuses, from the rooms' own tables. docs/errors.md shows the
 * markdown form. */
#include "src/cli/command.h"
#include "src/cli/out.h"
#include "src/cli/problems.h"

static void print_markdown(struct text *t)
{
    text_add(t, "| status | meaning |\n|---|---|\n");
    for (size_t i = 0; i < EXIT_STATUS_COUNT; i++)
        text_printf(t, "| %zu | %s |\n", i, exit_status_meaning[i]);
    for (size_t i = 0; i < PROBLEM_TABLE_COUNT; i++) {
        text_printf(t, "\n### %s\n\n| code | severity | meaning | next step |\n|---|---|---|---|\n",
                    problem_tables[i].title);
        for (size_t r = 0; r < problem_tables[i].count; r++) {
            const struct problem_row *row = &problem_tables[i].row[r];

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
    for (size_t i = 0; i < PROBLEM_TABLE_COUNT; i++)
        print_table(&o, &problem_tables[i]);
    out_close(&o);
    return out_finish(&o, err);
}
