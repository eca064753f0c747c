#include "src/cli/help.h"

enum { HELP_WIDTH = 80, HELP_COLUMN = 30 };

void help_option_names(struct text *t, const struct option_spec *o)
{
    for (const char *l = o->letters; l != NULL && *l != '\0'; l++)
        text_printf(t, "-%c, ", *l);
    text_printf(t, "--%s", o->name);
    if (o->alias != NULL)
        text_printf(t, ", --%s", o->alias);
    if (o->argument != NULL)
        text_printf(t, " %s", o->argument);
}

void help_option_sentence(struct text *t, const struct option_spec *o)
{
    text_add(t, o->help);
    if ((o->flags & OPTION_IGNORED) != 0)
        text_add(t, " (accepted, without effect)");
    if ((o->flags & OPTION_REQUIRED) != 0)
        text_add(t, " (required)");
    if (o->fallback != NULL)
        text_printf(t, " (default: %s)", o->fallback);
    if (o->environment != NULL)
        text_printf(t, " (environment: %s)", o->environment);
}

/* `left` in a column of its own, `right` wrapped beside or below it. */
static void two_columns(struct text *t, const char *left, const char *right)
{
    size_t used = 2 + strlen(left);

    text_printf(t, "  %s", left);
    if (used + 2 > HELP_COLUMN) {
        text_add(t, "\n");
        used = 0;
    }
    text_repeat(t, " ", HELP_COLUMN - used);
    text_wrap(t, right, HELP_COLUMN, HELP_COLUMN, HELP_WIDTH);
}

static const char *text_string(struct text *t)
{
    text_add_bytes(t, (struct slice){.data = (const uint8_t *)"", .len = 1});
    return t->result == ERR_OK ? (const char *)t->buf.data : "";
}

bool help_foreign_names(struct text *t, enum command_id command)
{
    const char *before = "";

    for (size_t i = 0; i < OPT_COUNT; i++) {
        if (!option_is_on(&option_table[i], command) || !option_is_foreign(&option_table[i]))
            continue;
        text_printf(t, "%s--%s", before, option_table[i].name);
        before = ", ";
    }
    return before[0] != '\0';
}

static void help_foreign(struct text *t, const struct command *c)
{
    AUTO_TEXT struct text names = TEXT_INIT;

    if (!help_foreign_names(&names, command_id(c)))
        return;
    text_add(t, "\nAlso accepted, without effect, because K3s has them:\n  ");
    text_wrap(t, text_string(&names), 2, 2, HELP_WIDTH);
}

static void help_options(struct text *t, const struct command *c)
{
    text_add(t, "\nOptions:\n");
    for (size_t i = 0; i < OPT_COUNT; i++) {
        AUTO_TEXT struct text left = TEXT_INIT;
        AUTO_TEXT struct text right = TEXT_INIT;

        if (!option_is_on(&option_table[i], command_id(c)) || option_is_foreign(&option_table[i]))
            continue;
        help_option_names(&left, &option_table[i]);
        help_option_sentence(&right, &option_table[i]);
        two_columns(t, text_string(&left), text_string(&right));
    }
    help_foreign(t, c);
}

static void help_paragraphs(struct text *t, const char *s)
{
    while (*s != '\0') {
        const char *end = strstr(s, "\n\n");
        AUTO_TEXT struct text part = TEXT_INIT;
        size_t len = end == NULL ? strlen(s) : (size_t)(end - s);

        text_add_bytes(&part, (struct slice){.data = (const uint8_t *)s, .len = len});
        text_add(t, "\n");
        text_wrap(t, text_string(&part), 0, 0, HELP_WIDTH);
        s += len + (end == NULL ? 0 : 2);
    }
}

void help_command(struct text *t, const struct command *c)
{
    bool is_root = command_id(c) == CMD_ROOT;

    text_printf(t, "%s%s%s: %s\n\nUsage: %s%s%s%s%s [options]\n", PROGRAM_NAME, is_root ? "" : " ",
                c->words, c->summary, PROGRAM_NAME, is_root ? "" : " ", c->words,
                c->arguments[0] == '\0' ? "" : " ", c->arguments);
    if (c->alias != NULL)
        text_printf(t, "   or: %s %s%s%s [options]\n", PROGRAM_NAME, c->alias,
                    c->arguments[0] == '\0' ? "" : " ", c->arguments);
    if (c->details != NULL)
        help_paragraphs(t, c->details);
    if (c->run == NULL) {
        text_add(t, "\nCommands:\n");
        for (const struct command *n = command_next_in(c, NULL); n != NULL;
             n = command_next_in(c, n))
            two_columns(t, n->words, n->summary);
    }
    help_options(t, c);
    if (c->run == NULL)
        text_printf(t, "\nSee '%s COMMAND --help' for the options of a command.\n", PROGRAM_NAME);
}
