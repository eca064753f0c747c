#include <fcntl.h>
#include <unistd.h>

#include "src/cli/help.h"
#include "src/cli/run.h"
#include "src/cli/talk.h"

static void point_to_help(const struct command *c)
{
    const char *space = command_id(c) == CMD_ROOT ? "" : " ";

    talk_line("see '%s%s%s --help'", PROGRAM_NAME, space, c->words);
}

static int show_help(const struct command *c, struct err *err)
{
    AUTO_TEXT struct text t = TEXT_INIT;

    help_command(&t, c);
    return text_write(&t, stdout, err);
}

/* Exit status of the command, or a negative code. */
static int run(const char *const *argv, struct command_line *line, struct err *err)
{
    int r = command_line_parse(argv, (const char *const *)environ, line, err);

    if (r < 0)
        return r;
    if (line->value[OPT_HELP].flag)
        return show_help(line->command, err);
    if (line->value[OPT_VERSION].flag)
        return cmd_version(line, err);
    r = command_line_check(line, err);
    if (r < 0)
        return r;
    run_catch_signals();
    return line->command->run(line, err);
}

/* A closed standard stream must not become the descriptor of a file that is opened later: the
 * report would be written into a db. Standard output is opened so that writing to it fails and
 * shows. */
static bool fill_standard_streams(void)
{
    static const int mode[] = {O_RDONLY, O_RDONLY, O_WRONLY};

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", mode[fd] | O_CLOEXEC) != fd)
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct command_line line;
    static const char *const nothing[] = {NULL};
    struct err err = {0};
    int r;

    if (!fill_standard_streams())
        return err_exit_status(ERR_IO);
    r = run(argc > 0 ? (const char *const *)argv + 1 : nothing, &line, &err);

    if (r >= 0)
        return r;
    talk_error(&err);
    if (r == ERR_USAGE)
        point_to_help(line.command);
    return err_exit_status(r);
}
