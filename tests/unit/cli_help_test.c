/* Table, --help, manual page and completions say the same. */
#include <ctype.h>
#include <string.h>

#include "src/cli/help.h"
#include "tests/unit/test.h"

static const char *string_of(struct text *t)
{
    text_add_bytes(t, (struct slice){.data = (const uint8_t *)"", .len = 1});
    CHECK(t->result == ERR_OK);
    return (const char *)t->buf.data;
}

/* Line breaks and indents of wrapped text become single spaces. */
static void flatten(char *s)
{
    char *to = s;

    for (const char *from = s; *from != '\0'; from++) {
        char c = *from;

        if (c == '\n')
            c = ' ';
        if (c != ' ' || to == s || to[-1] != ' ')
            *to++ = c;
    }
    *to = '\0';
}

/* In the one list of names, and so without a row of its own. */
static void foreign_is_named(const char *help, size_t option, size_t command)
{
    const char *name = option_table[option].name;
    const char *list = strstr(help, "because K3s has them:");
    bool found = false;

    if (!option_is_on(&option_table[option], (enum command_id)command))
        return;
    CHECK(list != NULL);
    while ((list = strstr(list, name)) != NULL && !found) {
        char after = list[strlen(name)];

        found = strncmp(list - 3, " --", 3) == 0 && (after == ',' || after == ' ');
        list++;
    }
    CHECK(found);
}

TEST(help_has_every_option_of_the_command)
{
    for (size_t c = 0; c < CMD_COUNT; c++) {
        AUTO_TEXT struct text help = TEXT_INIT;

        help_command(&help, &command_table[c]);
        (void)string_of(&help);
        flatten((char *)help.buf.data);
        for (size_t i = 0; i < OPT_COUNT; i++) {
            AUTO_TEXT struct text row = TEXT_INIT;

            if (option_is_foreign(&option_table[i])) {
                foreign_is_named((const char *)help.buf.data, i, c);
                continue;
            }
            help_option_names(&row, &option_table[i]);
            text_add(&row, " ");
            help_option_sentence(&row, &option_table[i]);
            CHECK((strstr((const char *)help.buf.data, string_of(&row)) != NULL) ==
                  option_is_on(&option_table[i], (enum command_id)c));
        }
    }
}

TEST(help_lines_fit_a_terminal)
{
    for (size_t c = 0; c < CMD_COUNT; c++) {
        AUTO_TEXT struct text help = TEXT_INIT;

        help_command(&help, &command_table[c]);
        for (const char *line = string_of(&help); *line != '\0';) {
            size_t len = strcspn(line, "\n");

            CHECK(len <= 80);
            line += len + (line[len] == '\n' ? 1 : 0);
        }
    }
}

/* The part of the manual about one command, up to the next heading. */
static char *section(char *manual, const char *words)
{
    char heading[64];
    char *start;

    (void)snprintf(heading, sizeof heading, ".SS \"%s", words);
    for (char *c = heading; *c != '\0'; c++)
        CHECK(*c != '-');
    start = strstr(manual, heading);
    CHECK(start != NULL);
    return start;
}

/* "--data-dir" as troff has it. */
static void roff_name(char *out, size_t size, const char *name, const char *behind)
{
    size_t used = (size_t)snprintf(out, size, "\\-\\-");

    for (; *name != '\0' && used + 3 < size; name++)
        used += (size_t)snprintf(out + used, size - used, *name == '-' ? "\\-" : "%c", *name);
    (void)snprintf(out + used, size - used, "%s", behind);
}

TEST(manual_has_every_option_of_the_command)
{
    AUTO_TEXT struct text text = TEXT_INIT;
    char *manual;

    help_manual(&text);
    (void)string_of(&text);
    manual = (char *)text.buf.data;
    for (size_t c = 0; c < CMD_COUNT; c++) {
        if (command_table[c].run == NULL || command_table[c].is_hidden)
            continue;
        char *start = section(manual, command_table[c].words);
        char *end = strstr(start + 1, "\n.S");
        char saved = *end;

        *end = '\0';
        for (size_t i = 0; i < OPT_COUNT; i++) {
            char name[160];

            roff_name(name, sizeof name, option_table[i].name,
                      option_is_foreign(&option_table[i]) ? "" : "\\fR");
            CHECK(i == OPT_HELP || (strstr(start, name) != NULL) ==
                                       (option_find((enum command_id)c, option_table[i].name,
                                                    strlen(option_table[i].name)) != NULL));
        }
        *end = saved;
    }
}

static bool has_word(const char *line, size_t len, const char *word)
{
    for (const char *at = line; (at = strstr(at, word)) != NULL && at < line + len; at++) {
        char after = at[strlen(word)];

        if (after == ' ' || after == '"')
            return true;
    }
    return false;
}

TEST(bash_completes_every_option_of_the_command)
{
    AUTO_TEXT struct text text = TEXT_INIT;
    const char *script;

    help_bash(&text);
    script = string_of(&text);
    for (size_t c = 0; c < CMD_COUNT; c++) {
        char head[64];

        if (command_table[c].is_hidden)
            continue;
        (void)snprintf(head, sizeof head, "\n    '%s') words=\"", command_table[c].words);
        const char *line = strstr(script, head);
        CHECK(line != NULL);
        for (size_t i = 0; i < OPT_COUNT; i++) {
            char word[80];

            (void)snprintf(word, sizeof word, " --%s", option_table[i].name);
            if (option_is_foreign(&option_table[i]))
                continue;
            CHECK(has_word(line, strcspn(line + 1, "\n") + 1, word) ==
                  (option_find((enum command_id)c, option_table[i].name,
                               strlen(option_table[i].name)) != NULL));
        }
    }
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

/* Each option of each visible command once. */
TEST(fish_and_zsh_have_as_many_options_as_the_table)
{
    AUTO_TEXT struct text fish = TEXT_INIT;
    AUTO_TEXT struct text zsh = TEXT_INIT;
    size_t names = 0;
    size_t letters = 0;

    for (size_t c = 0; c < CMD_COUNT; c++) {
        for (size_t i = 0; i < OPT_COUNT && !command_table[c].is_hidden; i++) {
            const struct option_spec *o = &option_table[i];

            if (!option_is_on(o, (enum command_id)c) || option_is_foreign(o))
                continue;
            names += o->alias == NULL ? 1 : 2;
            letters += o->letters == NULL ? 0 : strlen(o->letters);
        }
    }
    help_fish(&fish);
    help_zsh(&zsh);
    CHECK(names > 20 && letters > 10);
    CHECK(count_of(string_of(&fish), " -l ") == names);
    CHECK(count_of((const char *)fish.buf.data, " -s ") == letters);
    CHECK(count_of(string_of(&zsh), "'*--") == names);
    CHECK(count_of((const char *)zsh.buf.data, "'*-") == names + letters);
}

TEST(commands_are_complete)
{
    for (size_t c = 0; c < CMD_COUNT; c++) {
        const struct command *command = &command_table[c];

        CHECK(command->words != NULL && command->arguments != NULL && command->summary != NULL);
        CHECK(command->arguments_min <= command->arguments_max);
        CHECK(command->arguments_max <= COMMAND_LINE_ARGUMENTS_MAX);
        CHECK(islower((unsigned char)command->summary[0]));
    }
}
