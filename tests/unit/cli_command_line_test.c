#include <string.h>

#include "src/cli/command.h"
#include "tests/unit/test.h"

static const char *const no_environment[] = {NULL};
static struct command_line line;
static struct err err;

static int parse(const char *const *argv)
{
    memset(&err, 0, sizeof err);
    return command_line_parse(argv, no_environment, &line, &err);
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

TEST(names_mean_one_kind_of_value)
{
    for (size_t a = 0; a < OPT_COUNT; a++) {
        for (size_t b = a + 1; b < OPT_COUNT; b++) {
            const struct option_spec *one = &option_table[a];
            const struct option_spec *other = &option_table[b];

            if (!option_has_name(other, one->name, strlen(one->name)))
                continue;
            CHECK((one->kind == OPTION_BOOL) == (other->kind == OPTION_BOOL));
            CHECK((one->commands & other->commands) == 0);
        }
    }
}

TEST(letters_are_unique_in_a_command)
{
    for (size_t a = 0; a < OPT_COUNT; a++) {
        const char *letters = option_table[a].letters;

        for (; letters != NULL && *letters != '\0'; letters++) {
            for (size_t b = 0; b < OPT_COUNT; b++) {
                if (b == a || !option_has_name(&option_table[b], letters, 1))
                    continue;
                CHECK((option_table[a].commands & option_table[b].commands) == 0);
                CHECK((option_table[a].kind == OPTION_BOOL) ==
                      (option_table[b].kind == OPTION_BOOL));
            }
        }
    }
}

TEST(table_rows_are_complete)
{
    for (size_t i = 0; i < OPT_COUNT; i++) {
        const struct option_spec *o = &option_table[i];

        CHECK(o->name != NULL && strlen(o->name) < OPTION_NAME_MAX);
        CHECK(o->help != NULL && o->help[strlen(o->help) - 1] != '.');
        CHECK((o->argument == NULL) == (o->kind == OPTION_BOOL));
        CHECK(o->commands != 0);
        if (o->kind == OPTION_CHOICE || o->kind == OPTION_LIST)
            CHECK(strlen(o->argument) < OPTION_NAME_MAX);
    }
}

TEST(every_go_form_of_a_value)
{
    CHECK(PARSE("version", "--output=json") == ERR_OK);
    CHECK(command_line_chose(&line, OPT_OUTPUT, "json"));
    CHECK(PARSE("version", "--output", "json") == ERR_OK);
    CHECK(command_line_chose(&line, OPT_OUTPUT, "json"));
    CHECK(PARSE("version", "-output", "json") == ERR_OK);
    CHECK(command_line_chose(&line, OPT_OUTPUT, "json"));
    CHECK(PARSE("version", "-o", "json") == ERR_OK);
    CHECK(command_line_chose(&line, OPT_OUTPUT, "json"));
    CHECK(PARSE("version", "-w=json") == ERR_OK);
    CHECK(command_line_chose(&line, OPT_OUTPUT, "json"));
    CHECK(PARSE("version", "-wjson") == ERR_OK);
    CHECK(command_line_chose(&line, OPT_OUTPUT, "json"));
    CHECK(PARSE("version", "--write-out=table") == ERR_OK);
    CHECK(!command_line_chose(&line, OPT_OUTPUT, "json"));
}

TEST(default_when_not_given)
{
    CHECK(PARSE("version") == ERR_OK);
    CHECK(command_line_chose(&line, OPT_OUTPUT, "table"));
    CHECK(!line.value[OPT_OUTPUT].is_given);
    CHECK(strcmp(command_line_text(&line, OPT_OUTPUT), "table") == 0);
}

TEST(options_before_the_command)
{
    CHECK(PARSE("-o", "json", "version") == ERR_OK);
    CHECK(line.command == &command_table[CMD_VERSION]);
    CHECK(command_line_chose(&line, OPT_OUTPUT, "json"));
}

TEST(last_one_wins)
{
    CHECK(PARSE("version", "-o", "json", "--write-out", "table") == ERR_OK);
    CHECK(command_line_chose(&line, OPT_OUTPUT, "table"));
}

TEST(booleans_as_go_spells_them)
{
    static const char *const yes[] = {"-h",          "--help",      "-help",
                                      "--help=1",    "--help=t",    "--help=T",
                                      "--help=true", "--help=TRUE", "--help=True"};
    static const char *const no[] = {"-h=0",         "--help=f",     "--help=F",
                                     "--help=false", "--help=FALSE", "--help=False"};

    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        CHECK(PARSE("version", yes[i]) == ERR_OK && line.value[OPT_HELP].flag);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        CHECK(PARSE("version", no[i]) == ERR_OK && !line.value[OPT_HELP].flag);
    CHECK(PARSE("version", "--help=yes") == ERR_USAGE);
    CHECK(strcmp(err.msg, "option --help: 'yes' is not a boolean (true or false)") == 0);
}

TEST(boolean_does_not_take_the_next_word)
{
    CHECK(PARSE("--help", "false", "version") == ERR_OK);
    CHECK(line.value[OPT_HELP].flag);
    CHECK(line.command == &command_table[CMD_ROOT]);
}

TEST(unknown_option_names_the_nearest)
{
    CHECK(PARSE("version", "--ouptut", "json") == ERR_USAGE);
    CHECK(strcmp(err.msg, "unknown option '--ouptut' for 'etcd-rescue version', did you mean "
                          "'--output'?") == 0);
    CHECK(PARSE("version", "--nothing-like-it=secret") == ERR_USAGE);
    CHECK(strcmp(err.msg, "unknown option '--nothing-like-it' for 'etcd-rescue version'") == 0);
}

TEST(missing_value)
{
    CHECK(PARSE("version", "--output") == ERR_USAGE);
    CHECK(strcmp(err.msg, "option --output needs a value: table|json") == 0);
}

TEST(wrong_choice)
{
    CHECK(PARSE("version", "-o", "yaml") == ERR_USAGE);
    CHECK(strcmp(err.msg, "option --output: 'yaml' is not one of table|json") == 0);
}

TEST(double_dash_ends_options)
{
    CHECK(PARSE("help", "--", "--output") == ERR_OK);
    CHECK(line.argument_count == 1);
    CHECK(strcmp(line.argument[0], "--output") == 0);
}

TEST(single_dash_is_an_argument)
{
    CHECK(PARSE("help", "-") == ERR_OK);
    CHECK(line.argument_count == 1);
}

TEST(too_many_arguments)
{
    CHECK(PARSE("version", "x") == ERR_OK);
    CHECK(command_line_check(&line, &err) == ERR_USAGE);
    CHECK(strcmp(err.msg, "unexpected argument 'x'") == 0);
    CHECK(PARSE("help", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14",
                "15", "16", "17") == ERR_USAGE);
    CHECK(strstr(err.msg, "too many arguments") != NULL);
}

TEST(too_few_arguments)
{
    CHECK(PARSE("completion") == ERR_OK);
    CHECK(command_line_check(&line, &err) == ERR_USAGE);
    CHECK(strcmp(err.msg, "'completion' needs bash|zsh|fish") == 0);
}

TEST(unknown_command_names_the_nearest)
{
    CHECK(PARSE("versoin") == ERR_OK);
    CHECK(command_line_check(&line, &err) == ERR_USAGE);
    CHECK(strcmp(err.msg, "unknown command 'versoin', did you mean 'version'?") == 0);
    CHECK(PARSE("--help=false") == ERR_OK);
    CHECK(command_line_check(&line, &err) == ERR_USAGE);
    CHECK(strcmp(err.msg, "no command given") == 0);
}

TEST(option_before_the_command_is_that_of_the_command)
{
    CHECK(PARSE("--data-dir", "/x", "-w", "json", "snapshot", "restore", "f") == ERR_OK);
    CHECK(line.command == &command_table[CMD_RESTORE]);
    CHECK(strcmp(command_line_text(&line, OPT_RESTORE_DATA_DIR), "/x") == 0);
    CHECK(command_line_chose(&line, OPT_OUTPUT, "json"));
    CHECK(PARSE("-d=/x", "server", "--cluster-reset") == ERR_OK);
    CHECK(line.command == &command_table[CMD_SERVER]);
    CHECK(strcmp(command_line_text(&line, OPT_SERVER_DATA_DIR), "/x") == 0);
    CHECK(PARSE("snapshot", "-w", "fields", "status", "f") == ERR_OK);
    CHECK(line.command == &command_table[CMD_STATUS]);
    CHECK(command_line_chose(&line, OPT_WRITE_OUT, "fields"));
}

TEST(alias_of_a_command)
{
    CHECK(PARSE("hashkv", "f", "--rev", "12") == ERR_OK);
    CHECK(line.command == &command_table[CMD_HASHKV]);
    CHECK(line.value[OPT_REV].number == 12);
    CHECK(line.argument_count == 1 && strcmp(line.argument[0], "f") == 0);
}

TEST(argument_wins_over_environment_over_default)
{
    static const char *const environment[] = {"K3S_DATA_DIR_NOT=/no", "K3S_DATA_DIR=/environment",
                                              "K3S_NODE_NAME=", "K3S_CLUSTER_RESET=t", NULL};
    static const char *const given[] = {"server", "--data-dir=/given", NULL};
    static const char *const none[] = {"server", NULL};

    CHECK(command_line_parse(given, environment, &line, &err) == ERR_OK);
    CHECK(strcmp(command_line_text(&line, OPT_SERVER_DATA_DIR), "/given") == 0);
    CHECK(command_line_parse(none, environment, &line, &err) == ERR_OK);
    CHECK(strcmp(command_line_text(&line, OPT_SERVER_DATA_DIR), "/environment") == 0);
    CHECK(strcmp(line.value[OPT_SERVER_DATA_DIR].variable, "K3S_DATA_DIR") == 0);
    CHECK(line.value[OPT_CLUSTER_RESET].flag);
    CHECK(!line.value[OPT_NODE_NAME].is_given);
    CHECK(command_line_parse(none, no_environment, &line, &err) == ERR_OK);
    CHECK(strcmp(command_line_text(&line, OPT_SERVER_DATA_DIR), "/var/lib/rancher/k3s") == 0);
}

TEST(numbers)
{
    CHECK(PARSE("hashkv", "f", "--rev=9223372036854775807") == ERR_OK);
    CHECK(line.value[OPT_REV].number == INT64_MAX);
    CHECK(PARSE("hashkv", "f", "--rev=0") == ERR_OK);
    static const char *const wrong[] = {"",
                                        "-1",
                                        "+1",
                                        "1x",
                                        "0x10",
                                        "01",
                                        "1 ",
                                        " 1",
                                        "1_0",
                                        "9223372036854775808",
                                        "99999999999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK(PARSE("hashkv", "f", "--rev", wrong[i]) == ERR_USAGE);
}

TEST(auto_or_number)
{
    CHECK(PARSE("server") == ERR_OK);
    CHECK(line.value[OPT_SERVER_BUMP_REVISION].flag);
    CHECK(PARSE("server", "--bump-revision", "0") == ERR_OK);
    CHECK(!line.value[OPT_SERVER_BUMP_REVISION].flag);
    CHECK(PARSE("server", "--bump-revision", "0", "--bump-revision", "auto") == ERR_OK);
    CHECK(line.value[OPT_SERVER_BUMP_REVISION].flag);
    CHECK(PARSE("server", "--bump-revision", "some") == ERR_USAGE);
}

TEST(list_adds_up)
{
    CHECK(PARSE("server", "--accept", "revision-gap", "--accept=corrupt-alarm,older-meta") ==
          ERR_OK);
    CHECK(line.value[OPT_ACCEPT].number == (1 | 2 | 4));
    CHECK(PARSE("server", "--accept", "revision-gap,") == ERR_USAGE);
    CHECK(PARSE("server", "--accept=") == ERR_USAGE);
}

TEST(first_of_a_list_wins)
{
    CHECK(PARSE("server", "--node-ip", "10.0.0.1", "-i", "10.0.0.2") == ERR_OK);
    CHECK(strcmp(command_line_text(&line, OPT_NODE_IP), "10.0.0.1") == 0);
}

TEST(value_of_an_unknown_option_is_not_shown)
{
    CHECK(PARSE("server", "--token", "hidden", "--tokne=hidden") == ERR_USAGE);
    CHECK(strstr(err.msg, "--tokne") != NULL && strstr(err.msg, "hidden") == NULL);
}

TEST(distance_counts_edits)
{
    CHECK(option_distance("abc", 3, "abc", 3) == 0);
    CHECK(option_distance("abc", 3, "acb", 3) == 1);
    CHECK(option_distance("abc", 3, "abcd", 4) == 1);
    CHECK(option_distance("", 0, "abc", 3) == 3);
    CHECK(option_distance("kitten", 6, "sitting", 7) == 3);
}
