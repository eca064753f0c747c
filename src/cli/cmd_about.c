/* version, help, completion, manual-page. */
#include "src/cli/help.h"
#include "src/cli/out.h"

int cmd_version(const struct command_line *line, struct err *err)
{
    AUTO_OUT struct out o;

    out_start(&o, command_line_chose(line, OPT_OUTPUT, "json"));
    if (o.is_json)
        out_text(&o, "version", NULL, RESCUE_VERSION);
    else
        text_printf(&o.text, "%s %s\n", PROGRAM_NAME, RESCUE_VERSION);
    return out_finish(&o, err);
}

int cmd_help(const struct command_line *line, struct err *err)
{
    AUTO_TEXT struct text t = TEXT_INIT;
    const struct command *c;
    size_t used;

    if (line->argument_count == 1 && strcmp(line->argument[0], "findings") == 0)
        return cmd_errors(line, err);
    c = command_find(line->argument, line->argument_count, &used);
    if (used < line->argument_count)
        return err_set(err, ERR_USAGE, "no help for '%.100s': there is no such command",
                       line->argument[used]);
    help_command(&t, c);
    return text_write(&t, stdout, err);
}

int cmd_completion(const struct command_line *line, struct err *err)
{
    AUTO_TEXT struct text t = TEXT_INIT;
    const char *shell = line->argument[0];

    if (strcmp(shell, "bash") == 0)
        help_bash(&t);
    else if (strcmp(shell, "zsh") == 0)
        help_zsh(&t);
    else if (strcmp(shell, "fish") == 0)
        help_fish(&t);
    else
        return err_set(err, ERR_USAGE, "no completion for '%.100s': bash, zsh or fish", shell);
    return text_write(&t, stdout, err);
}

int cmd_manual(const struct command_line *line, struct err *err)
{
    AUTO_TEXT struct text t = TEXT_INIT;

    (void)line;
    help_manual(&t);
    return text_write(&t, stdout, err);
}
