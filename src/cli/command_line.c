#include "src/cli/command_line.h"

#include <stdio.h>
#include <string.h>

#include "src/cli/command.h"

/* Prefix for messages about an option's value: where it was given. */
struct place {
    const struct option_spec *option;
    const char *variable; /* NULL: on the command line */
};

static const char *place_kind(const struct place *p)
{
    return p->variable != NULL ? "environment variable " : "option --";
}

static const char *place_name(const struct place *p)
{
    return p->variable != NULL ? p->variable : p->option->name;
}

static int bad_value(const struct place *p, const char *text, const char *want, struct err *err)
{
    if ((p->option->flags & OPTION_SECRET) != 0)
        return err_set(err, ERR_USAGE, "%s%s: the value is not %s", place_kind(p), place_name(p),
                       want);
    return err_set(err, ERR_USAGE, "%s%s: '%.100s' is not %s", place_kind(p), place_name(p), text,
                   want);
}

/* Go strconv.ParseBool. */
static int parse_bool(const struct place *p, const char *text, bool *ret, struct err *err)
{
    static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True"};
    static const char *const no[] = {"0", "f", "F", "false", "FALSE", "False"};

    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
            *ret = strcmp(text, yes[i]) == 0;
            return ERR_OK;
        }
    }
    return bad_value(p, text, "a boolean (true or false)", err);
}

/* A leading zero would be an octal number to etcdutl, so it is refused, not read in another way. */
static int parse_number(const struct place *p, const char *text, uint64_t *ret, struct err *err)
{
    uint64_t n = 0;

    if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
        return bad_value(p, text, "a decimal number without leading zeros", err);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9')
            return bad_value(p, text, "a decimal number without sign", err);
        n = n * 10 + (uint64_t)(*c - '0');
        if (n > INT64_MAX || c - text > 19)
            return bad_value(p, text, "a number below 2^63", err);
    }
    *ret = n;
    return ERR_OK;
}

static int parse_choice(const struct place *p, const char *text, uint64_t *ret, struct err *err)
{
    int index = option_word_index(p->option->argument, '|', text, strlen(text));

    if (index < 0) {
        char want[2 * OPTION_NAME_MAX];

        (void)snprintf(want, sizeof want, "one of %s", p->option->argument);
        return bad_value(p, text, want, err);
    }
    *ret = (uint64_t)index;
    return ERR_OK;
}

static int parse_list(const struct place *p, const char *text, uint64_t *ret, struct err *err)
{
    for (const char *at = text;;) {
        const char *end = strchrnul(at, ',');
        int index = option_word_index(p->option->argument, ',', at, (size_t)(end - at));

        if (index < 0) {
            char want[2 * OPTION_NAME_MAX];

            (void)snprintf(want, sizeof want, "a list of %s", p->option->argument);
            return bad_value(p, text, want, err);
        }
        *ret |= UINT64_C(1) << index;
        if (*end == '\0')
            return ERR_OK;
        at = end + 1;
    }
}

static int value_set(const struct place *p, const char *text, struct option_value *v,
                     struct err *err)
{
    int r = ERR_OK;

    switch (p->option->kind) {
    case OPTION_BOOL:
        r = parse_bool(p, text, &v->flag, err);
        break;
    case OPTION_NUMBER:
        r = parse_number(p, text, &v->number, err);
        break;
    case OPTION_AUTO_NUMBER:
        v->flag = strcmp(text, "auto") == 0;
        v->number = 0;
        if (!v->flag)
            r = parse_number(p, text, &v->number, err);
        break;
    case OPTION_CHOICE:
        r = parse_choice(p, text, &v->number, err);
        break;
    case OPTION_LIST:
        r = parse_list(p, text, &v->number, err);
        break;
    case OPTION_TEXT:
        break;
    }
    if (r == ERR_OK)
        v->text = text;
    return r;
}

/* One word of the command line, split: "--name=value" or "-name". */
struct word {
    const char *name; /* NULL: not an option */
    size_t name_len;
    const char *value; /* behind '=', or NULL */
};

static struct word word_split(const char *text)
{
    struct word w = {0};

    if (text[0] != '-' || text[1] == '\0')
        return w;
    w.name = text + (text[1] == '-' ? 2 : 1);
    w.name_len = strcspn(w.name, "=");
    if (w.name[w.name_len] == '=')
        w.value = w.name + w.name_len + 1;
    return w;
}

/* etcdutl's "-wjson": a letter with its choice glued on. */
static const struct option_spec *find_glued(enum command_id command, struct word *w)
{
    const struct option_spec *o;

    if (w->name_len < 2 || w->value != NULL)
        return NULL;
    o = option_find(command, w->name, 1);
    if (o == NULL || o->kind != OPTION_CHOICE ||
        option_word_index(o->argument, '|', w->name + 1, w->name_len - 1) < 0)
        return NULL;
    w->value = w->name + 1;
    return o;
}

static bool word_takes_next(const struct word *w)
{
    const struct option_spec *o = option_find_any(w->name, w->name_len);

    return o != NULL && o->kind != OPTION_BOOL && w->value == NULL;
}

/* The command's words are the first words that are neither options nor their values. Names mean the
 * same kind of option in every command, so this needs no command yet. */
static size_t find_command(const char *const *argv, struct command_line *ret)
{
    const char *words[COMMAND_LINE_ARGUMENTS_MAX];
    size_t count = 0;
    size_t used;

    for (size_t i = 0; argv[i] != NULL && count < 2; i++) {
        struct word w = word_split(argv[i]);

        if (w.name != NULL && w.name_len == 0 && w.value == NULL)
            break;
        if (w.name == NULL)
            words[count++] = argv[i];
        else if (word_takes_next(&w) && argv[i + 1] != NULL)
            i++;
    }
    ret->command = command_find(words, count, &used);
    return used;
}

static int unknown_option(const struct command *c, const char *text, const struct word *w,
                          struct err *err)
{
    const char *near = option_nearest(command_id(c), w->name, w->name_len);
    const char *space = command_id(c) == CMD_ROOT ? "" : " ";

    if (near != NULL)
        return err_set(err, ERR_USAGE, "unknown option '%.*s' for '%s%s%s', did you mean '--%s'?",
                       (int)strcspn(text, "="), text, PROGRAM_NAME, space, c->words, near);
    return err_set(err, ERR_USAGE, "unknown option '%.*s' for '%s%s%s'", (int)strcspn(text, "="),
                   text, PROGRAM_NAME, space, c->words);
}

/* Take the option at argv[*at]; *at moves on when the next word is its value. */
static int take_option(const char *const *argv, size_t *at, struct command_line *line,
                       struct err *err)
{
    struct word w = word_split(argv[*at]);
    const struct option_spec *o = option_find(command_id(line->command), w.name, w.name_len);

    if (o == NULL)
        o = find_glued(command_id(line->command), &w);
    if (o == NULL)
        return unknown_option(line->command, argv[*at], &w, err);
    struct option_value *v = &line->value[o - option_table];
    if (w.value == NULL && o->kind == OPTION_BOOL)
        w.value = "true";
    if (w.value == NULL) {
        if (argv[*at + 1] == NULL)
            return err_set(err, ERR_USAGE, "option --%s needs a value: %s", o->name, o->argument);
        w.value = argv[++*at];
    }
    if ((o->flags & OPTION_FIRST_WINS) != 0 && v->is_given)
        return ERR_OK;
    v->is_given = true;
    return value_set(&(struct place){.option = o}, w.value, v, err);
}

static int take_words(const char *const *argv, size_t command_words, struct command_line *line,
                      struct err *err)
{
    bool only_arguments = false;

    for (size_t i = 0; argv[i] != NULL; i++) {
        struct word w = word_split(argv[i]);

        if (!only_arguments && w.name != NULL) {
            if (w.name_len == 0 && w.value == NULL) {
                only_arguments = true;
                continue;
            }
            int r = take_option(argv, &i, line, err);
            if (r < 0)
                return r;
        } else if (command_words > 0) {
            command_words--;
        } else if (line->argument_count < COMMAND_LINE_ARGUMENTS_MAX) {
            line->argument[line->argument_count++] = argv[i];
        } else {
            return err_set(err, ERR_USAGE, "too many arguments, from '%.100s' on", argv[i]);
        }
    }
    return ERR_OK;
}

static const char *environment_find(const char *const *environment, const char *name, size_t len)
{
    for (size_t i = 0; environment[i] != NULL; i++) {
        if (strncmp(environment[i], name, len) == 0 && environment[i][len] == '=')
            return environment[i] + len + 1;
    }
    return NULL;
}

/* As in K3s an empty variable counts as not set. */
static int take_environment(const char *const *environment, const struct option_spec *o,
                            struct option_value *v, struct err *err)
{
    const char *text = o->environment == NULL
                           ? NULL
                           : environment_find(environment, o->environment, strlen(o->environment));

    if (text == NULL || text[0] == '\0')
        return ERR_OK;
    v->is_given = true;
    v->variable = o->environment;
    return value_set(&(struct place){.option = o, .variable = o->environment}, text, v, err);
}

/* Values from the environment and the table for what the command line did not give. */
static int take_rest(const char *const *environment, struct command_line *line, struct err *err)
{
    for (size_t i = 0; i < OPT_COUNT; i++) {
        const struct option_spec *o = &option_table[i];
        struct option_value *v = &line->value[i];
        int r = ERR_OK;

        if (!option_is_on(o, command_id(line->command)))
            continue;
        if (!v->is_given)
            r = take_environment(environment, o, v, err);
        if (r == ERR_OK && !v->is_given && o->fallback != NULL)
            r = value_set(&(struct place){.option = o}, o->fallback, v, err);
        if (r < 0)
            return r;
    }
    return ERR_OK;
}

int command_line_parse(const char *const *argv, const char *const *environment,
                       struct command_line *ret, struct err *err)
{
    size_t used;
    int r;

    memset(ret, 0, sizeof *ret);
    used = find_command(argv, ret);
    r = take_words(argv, used, ret, err);
    if (r < 0 || ret->value[OPT_HELP].flag)
        return r;
    return take_rest(environment, ret, err);
}

static int check_group(const struct command_line *line, struct err *err)
{
    const struct command *c = line->command;
    const char *near = NULL;
    unsigned best = 4;

    if (line->argument_count == 0)
        return err_set(err, ERR_USAGE, "no command given");
    for (const struct command *n = command_next_in(c, NULL); n != NULL; n = command_next_in(c, n)) {
        const char *last = command_last_word(n);
        unsigned distance =
            option_distance(line->argument[0], strlen(line->argument[0]), last, strlen(last));
        if (distance < best) {
            best = distance;
            near = n->words;
        }
    }
    const char *space = command_id(c) == CMD_ROOT ? "" : " ";
    if (near != NULL)
        return err_set(err, ERR_USAGE, "unknown command '%s%s%.100s', did you mean '%s'?", c->words,
                       space, line->argument[0], near);
    return err_set(err, ERR_USAGE, "unknown command '%s%s%.100s'", c->words, space,
                   line->argument[0]);
}

int command_line_check(const struct command_line *line, struct err *err)
{
    const struct command *c = line->command;

    if (c->run == NULL)
        return check_group(line, err);
    if (line->argument_count < c->arguments_min)
        return err_set(err, ERR_USAGE, "'%s' needs %s", c->words, c->arguments);
    if (line->argument_count > c->arguments_max)
        return err_set(err, ERR_USAGE, "unexpected argument '%.100s'",
                       line->argument[c->arguments_max]);
    for (size_t i = 0; i < OPT_COUNT; i++) {
        const struct option_spec *o = &option_table[i];

        if (option_is_on(o, command_id(c)) && (o->flags & OPTION_REQUIRED) != 0 &&
            (line->value[i].text == NULL || line->value[i].text[0] == '\0'))
            return err_set(err, ERR_USAGE, "'%s' needs --%s %s", c->words, o->name, o->argument);
    }
    return ERR_OK;
}

const char *command_line_text(const struct command_line *line, enum option_id id)
{
    return line->value[id].text == NULL ? "" : line->value[id].text;
}
