#include "src/cli/help.h"

/* troff: a minus that can be copied, a backslash, and no request at the start of a line. */
static void roff(struct text *t, const char *s)
{
    for (bool line_start = true; *s != '\0'; s++) {
        if (line_start && (*s == '.' || *s == '\''))
            text_add(t, "\\&");
        if (*s == '-' || *s == '\\')
            text_add(t, *s == '-' ? "\\-" : "\\e");
        else
            text_printf(t, "%c", *s);
        line_start = *s == '\n';
    }
}

static void roff_text(struct text *t, struct text *from)
{
    text_add_bytes(from, (struct slice){.data = (const uint8_t *)"", .len = 1});
    text_keep(t, from->result, &from->err);
    if (from->result == ERR_OK)
        roff(t, (const char *)from->buf.data);
}

static void roff_paragraphs(struct text *t, const char *s)
{
    while (*s != '\0') {
        const char *end = strstr(s, "\n\n");
        size_t len = end == NULL ? strlen(s) : (size_t)(end - s);
        AUTO_TEXT struct text part = TEXT_INIT;

        text_add_bytes(&part, (struct slice){.data = (const uint8_t *)s, .len = len});
        roff_text(t, &part);
        text_add(t, "\n.PP\n");
        s += len + (end == NULL ? 0 : 2);
    }
}

static void roff_names(struct text *t, const struct option_spec *o)
{
    text_add(t, "\\fB");
    for (const char *l = o->letters; l != NULL && *l != '\0'; l++)
        text_printf(t, "\\-%c\\fR, \\fB", *l);
    text_add(t, "\\-\\-");
    roff(t, o->name);
    if (o->alias != NULL) {
        text_add(t, "\\fR, \\fB\\-\\-");
        roff(t, o->alias);
    }
    text_add(t, "\\fR");
    if (o->argument != NULL) {
        text_add(t, " \\fI");
        roff(t, o->argument);
        text_add(t, "\\fR");
    }
    text_add(t, "\n");
}

static void roff_option(struct text *t, const struct option_spec *o)
{
    AUTO_TEXT struct text sentence = TEXT_INIT;

    text_add(t, ".TP\n");
    roff_names(t, o);
    help_option_sentence(&sentence, o);
    roff_text(t, &sentence);
    text_add(t, "\n");
}

static void roff_foreign(struct text *t, const struct command *c)
{
    AUTO_TEXT struct text names = TEXT_INIT;

    if (!help_foreign_names(&names, command_id(c)))
        return;
    text_add(t, ".PP\nAlso accepted, without effect, because K3s has them: ");
    roff_text(t, &names);
    text_add(t, ".\n");
}

static void roff_command(struct text *t, const struct command *c)
{
    text_add(t, ".SS \"");
    roff(t, c->words);
    text_add(t, c->arguments[0] == '\0' ? "" : " ");
    roff(t, c->arguments);
    text_add(t, "\"\n");
    roff(t, c->summary);
    text_add(t, ".\n.PP\n");
    if (c->details != NULL)
        roff_paragraphs(t, c->details);
    if (c->alias != NULL) {
        text_add(t, "Also: \\fB");
        roff(t, c->alias);
        text_add(t, "\\fR\n");
    }
    for (size_t i = 0; i < OPT_COUNT; i++) {
        if (i != OPT_HELP && option_is_on(&option_table[i], command_id(c)) &&
            !option_is_foreign(&option_table[i]))
            roff_option(t, &option_table[i]);
    }
    roff_foreign(t, c);
}

static void roff_statuses(struct text *t)
{
    text_add(t, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < EXIT_STATUS_COUNT; i++)
        text_printf(t, ".TP\n.B %zu\n%s\n", i, exit_status_meaning[i]);
}

void help_manual(struct text *t)
{
    const struct command *root = &command_table[CMD_ROOT];

    text_printf(t, ".TH ETCD\\-RESCUE 1 \"\" \"%s %s\" \"User Commands\"\n.SH NAME\n", PROGRAM_NAME,
                RESCUE_VERSION);
    text_add(t, "etcd\\-rescue \\- ");
    roff(t, root->summary);
    text_add(t, "\n.SH SYNOPSIS\n.B etcd\\-rescue\n.I COMMAND\n[\\fIarguments\\fR]"
                " [\\fIoptions\\fR]\n.SH DESCRIPTION\n");
    roff_paragraphs(t, root->details);
    text_add(t, "Options may stand before, between or behind the words of a command; one or two "
                "dashes mean the same. The last occurrence of an option counts.\n");
    text_add(t, ".SH OPTIONS\n");
    roff_option(t, &option_table[OPT_HELP]);
    roff_option(t, &option_table[OPT_VERSION]);
    text_add(t, ".SH COMMANDS\n");
    for (size_t i = CMD_ROOT + 1; i < CMD_COUNT; i++) {
        if (!command_table[i].is_hidden && command_table[i].run != NULL)
            roff_command(t, &command_table[i]);
    }
    roff_statuses(t);
}
