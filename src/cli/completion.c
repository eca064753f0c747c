#include "src/cli/help.h"

static bool is_shown(size_t command)
{
    return command != CMD_ROOT && command_table[command].words != NULL &&
           !command_table[command].is_hidden;
}

static bool is_offered(const struct option_spec *o, size_t command)
{
    return option_is_on(o, (enum command_id)command) && !option_is_foreign(o);
}

/* "--data-dir", "-d", ... of a command, separated by spaces. */
static void option_words(struct text *t, enum command_id command)
{
    for (size_t i = 0; i < OPT_COUNT; i++) {
        const struct option_spec *o = &option_table[i];

        if (!is_offered(o, command))
            continue;
        text_printf(t, " --%s", o->name);
        if (o->alias != NULL)
            text_printf(t, " --%s", o->alias);
        for (const char *l = o->letters; l != NULL && *l != '\0'; l++)
            text_printf(t, " -%c", *l);
    }
}

static void command_words(struct text *t, const struct command *group)
{
    for (const struct command *c = command_next_in(group, NULL); c != NULL;
         c = command_next_in(group, c))
        text_printf(t, " %s", command_last_word(c));
}

static bool has_words(const struct option_spec *o)
{
    return o->kind == OPTION_CHOICE || o->kind == OPTION_LIST;
}

/* The words of a choice or list, separated by spaces. */
static void choice_words(struct text *t, const struct option_spec *o)
{
    for (const char *c = o->argument; *c != '\0'; c++)
        text_printf(t, "%c", *c == '|' || *c == ',' ? ' ' : *c);
}

static void bash_choices(struct text *t, size_t command)
{
    for (size_t i = 0; i < OPT_COUNT; i++) {
        const struct option_spec *o = &option_table[i];

        if (!is_offered(o, command) || !has_words(o))
            continue;
        text_printf(t, "        '%s:--%s'", command_table[command].words, o->name);
        if (o->alias != NULL)
            text_printf(t, "|'%s:--%s'", command_table[command].words, o->alias);
        for (const char *l = o->letters; l != NULL && *l != '\0'; l++)
            text_printf(t, "|'%s:-%c'", command_table[command].words, *l);
        text_add(t, ") words=\"");
        choice_words(t, o);
        text_add(t, "\" ;;\n");
    }
}

void help_bash(struct text *t)
{
    text_add(t, "# bash completion for etcd-rescue\n"
                "_etcd_rescue() {\n"
                "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                "    local command='' words='' word i\n"
                "    [[ $prev == '=' ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
                "    [[ $cur == '=' ]] && cur=''\n"
                "    COMPREPLY=()\n"
                "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                "        word=${COMP_WORDS[i]}\n"
                "        case \"${command:+$command }$word\" in\n");
    for (size_t i = 0; i < CMD_COUNT; i++) {
        if (is_shown(i) && command_table[i].alias != NULL)
            text_printf(t, "        '%s') command='%s' ;;\n", command_table[i].alias,
                        command_table[i].words);
        if (is_shown(i))
            text_printf(t, "        '%s') command='%s' ;;\n", command_table[i].words,
                        command_table[i].words);
    }
    text_add(t, "        esac\n    done\n    case \"$command:$prev\" in\n");
    for (size_t i = 0; i < CMD_COUNT; i++) {
        if (is_shown(i))
            bash_choices(t, i);
    }
    text_add(t, "    esac\n"
                "    if [ -n \"$words\" ]; then\n"
                "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
                "        return\n"
                "    fi\n"
                "    case \"$command\" in\n");
    for (size_t i = 0; i < CMD_COUNT; i++) {
        if (i != CMD_ROOT && !is_shown(i))
            continue;
        text_printf(t, "    '%s') words=\"", command_table[i].words);
        option_words(t, (enum command_id)i);
        if (command_table[i].run == NULL)
            command_words(t, &command_table[i]);
        if (i == CMD_COMPLETION)
            text_add(t, " bash zsh fish");
        text_add(t, "\" ;;\n");
    }
    text_add(t, "    esac\n"
                "    if [[ $cur == -* || $command == '' || $command == snapshot || "
                "$command == completion ]]; then\n"
                "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
                "    else\n"
                "        compopt -o filenames\n"
                "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
                "    fi\n"
                "}\n"
                "complete -F _etcd_rescue etcd-rescue\n");
}

/* Quote for both shells: inside single quotes, with what the shell's own spec syntax reserves. */
static void quoted(struct text *t, const char *s, const char *reserved)
{
    for (; *s != '\0'; s++) {
        if (*s == '\'')
            text_add(t, "'\\''");
        else if (strchr(reserved, *s) != NULL)
            text_printf(t, "\\%c", *s);
        else
            text_printf(t, "%c", *s);
    }
}

static void zsh_name(struct text *t, const char *dashes, const char *name,
                     const struct option_spec *o)
{
    text_printf(t, " \\\n        '*%s%s%s[", dashes, name,
                o->argument == NULL         ? ""
                : strcmp(dashes, "--") == 0 ? "="
                                            : "+");
    quoted(t, o->help, "[]:\\");
    text_add(t, "]");
    if (has_words(o)) {
        text_add(t, ":value:(");
        choice_words(t, o);
        text_add(t, ")");
    } else if (o->argument != NULL) {
        text_add(t, ":");
        quoted(t, o->argument, "[]:\\");
        text_add(t, ":_files");
    }
    text_add(t, "'");
}

static void zsh_command(struct text *t, size_t command)
{
    const struct command *c = &command_table[command];

    text_printf(t, "    '%s')\n        _arguments", c->words);
    for (size_t i = 0; i < OPT_COUNT; i++) {
        const struct option_spec *o = &option_table[i];

        if (!is_offered(o, command))
            continue;
        zsh_name(t, "--", o->name, o);
        if (o->alias != NULL)
            zsh_name(t, "--", o->alias, o);
        for (const char *l = o->letters; l != NULL && *l != '\0'; l++) {
            char letter[2] = {*l, '\0'};
            zsh_name(t, "-", letter, o);
        }
    }
    if (c->run == NULL) {
        text_add(t, " \\\n        '*:command:(");
        command_words(t, c);
        text_add(t, ")'\n        ;;\n");
    } else {
        text_printf(t, " \\\n        '*:argument:%s'\n        ;;\n",
                    command == CMD_COMPLETION ? "(bash zsh fish)" : "_files");
    }
}

void help_zsh(struct text *t)
{
    text_add(t, "#compdef etcd-rescue\n"
                "_etcd_rescue() {\n"
                "    local command='' word\n"
                "    for word in ${words[2,CURRENT-1]}; do\n"
                "        case \"${command:+$command }$word\" in\n");
    for (size_t i = 0; i < CMD_COUNT; i++) {
        if (is_shown(i) && command_table[i].alias != NULL)
            text_printf(t, "        '%s') command='%s' ;;\n", command_table[i].alias,
                        command_table[i].words);
        if (is_shown(i))
            text_printf(t, "        '%s') command='%s' ;;\n", command_table[i].words,
                        command_table[i].words);
    }
    text_add(t, "        esac\n    done\n    case $command in\n");
    for (size_t i = 0; i < CMD_COUNT; i++) {
        if (i == CMD_ROOT || is_shown(i))
            zsh_command(t, i);
    }
    text_add(t, "    esac\n}\n"
                "if [ \"$funcstack[1]\" = _etcd_rescue ]; then _etcd_rescue \"$@\"; "
                "else compdef _etcd_rescue etcd-rescue; fi\n");
}

/* Condition under which fish offers something: the words of the command were typed. */
static void fish_condition(struct text *t, const struct command *c)
{
    const char *space = strchr(c->words, ' ');

    if (command_id(c) == CMD_ROOT) {
        text_add(t, " -n __fish_use_subcommand");
    } else if (space == NULL) {
        text_printf(t, " -n '__fish_seen_subcommand_from %s", c->words);
        if (c->run == NULL) {
            text_add(t, "; and not __fish_seen_subcommand_from");
            command_words(t, c);
        }
        text_add(t, "'");
    } else if (c->alias != NULL) {
        text_printf(t, " -n '__fish_seen_subcommand_from %s'", command_last_word(c));
    } else {
        text_printf(t, " -n '__fish_seen_subcommand_from %.*s; and __fish_seen_subcommand_from %s'",
                    (int)(space - c->words), c->words, space + 1);
    }
}

static void fish_option(struct text *t, const struct command *c, const struct option_spec *o)
{
    text_add(t, "complete -c etcd-rescue");
    fish_condition(t, c);
    text_printf(t, " -l %s", o->name);
    if (o->alias != NULL)
        text_printf(t, " -l %s", o->alias);
    for (const char *l = o->letters; l != NULL && *l != '\0'; l++)
        text_printf(t, " -s %c", *l);
    if (has_words(o)) {
        text_add(t, " -x -a '");
        choice_words(t, o);
        text_add(t, "'");
    } else if (o->argument != NULL) {
        text_add(t, " -r");
    }
    text_add(t, " -d '");
    for (const char *s = o->help; *s != '\0'; s++)
        text_printf(t, *s == '\'' || *s == '\\' ? "\\%c" : "%c", *s);
    text_add(t, "'\n");
}

void help_fish(struct text *t)
{
    text_add(t, "# fish completion for etcd-rescue\n");
    for (size_t i = 0; i < CMD_COUNT; i++) {
        const struct command *c = &command_table[i];

        if (c->words == NULL || c->is_hidden)
            continue;
        for (const struct command *n = c->run == NULL ? command_next_in(c, NULL) : NULL; n != NULL;
             n = command_next_in(c, n)) {
            text_add(t, "complete -c etcd-rescue -f");
            fish_condition(t, c);
            text_printf(t, " -a %s -d '", command_last_word(n));
            for (const char *s = n->summary; *s != '\0'; s++)
                text_printf(t, *s == '\'' ? "\\%c" : "%c", *s);
            text_add(t, "'\n");
        }
        for (size_t o = 0; o < OPT_COUNT; o++) {
            if (is_offered(&option_table[o], i))
                fish_option(t, c, &option_table[o]);
        }
    }
    text_add(t, "complete -c etcd-rescue -f -n '__fish_seen_subcommand_from completion'"
                " -a 'bash zsh fish'\n");
}
