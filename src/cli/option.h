/* The options table (options.def) as data. */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/cli/command_id.h"

#define OPT(id, ...) OPT_##id,
enum option_id {
#include "src/cli/options.def"
    OPT_COUNT
};
#undef OPT

enum { OPTION_NAME_MAX = 64 };

enum option_kind {
    OPTION_BOOL,        /* --x, --x=false; never takes the next word */
    OPTION_TEXT,        /* any text */
    OPTION_NUMBER,      /* decimal, no sign, below 2^63 */
    OPTION_AUTO_NUMBER, /* "auto" or a number */
    OPTION_CHOICE,      /* one of the words in `argument`, separated by '|' */
    OPTION_LIST,        /* words out of `argument`, separated by ','; occurrences add up */
};

enum option_flag {
    OPTION_REQUIRED = 1 << 0,
    OPTION_SECRET = 1 << 1,     /* its value is never printed */
    OPTION_IGNORED = 1 << 2,    /* accepted, without effect; `help` says why */
    OPTION_FIRST_WINS = 1 << 3, /* a list in K3s, of which the first element counts */
    OPTION_FOREIGN = 1 << 4,    /* one of many that only K3s needs: help shows the name alone, the
                                   completions leave it out */
};

struct option_spec {
    const char *name;        /* long name */
    const char *alias;       /* a second long name, or NULL */
    const char *letters;     /* one-letter names, or NULL */
    const char *argument;    /* placeholder, or the words of a choice or list; NULL: boolean */
    const char *environment; /* variable that stands in when the option is not given, or NULL */
    const char *fallback;    /* default as text, NULL: none */
    const char *help;        /* one sentence, lower case, no full stop */
    enum option_kind kind;
    unsigned flags;    /* enum option_flag */
    uint32_t commands; /* bit per enum command_id */
};

extern const struct option_spec option_table[OPT_COUNT];

static inline bool option_is_foreign(const struct option_spec *o)
{
    return (o->flags & OPTION_FOREIGN) != 0;
}

static inline bool option_is_on(const struct option_spec *o, enum command_id command)
{
    return (o->commands >> command & 1U) != 0;
}

/* True when `name` (without dashes, `len` bytes) is one of the option's names. */
bool option_has_name(const struct option_spec *o, const char *name, size_t len);

/* The option of `command` with this name, NULL when there is none. */
const struct option_spec *option_find(enum command_id command, const char *name, size_t len);

/* The first option of any command with this name, NULL when there is none. */
const struct option_spec *option_find_any(const char *name, size_t len);

/* Long name of the command's option that is closest to a mistyped one, NULL when none is close. */
const char *option_nearest(enum command_id command, const char *name, size_t len);

/* Position of a word in a list of words separated by `separator`, -1 when it is not there. */
int option_word_index(const char *words, char separator, const char *word, size_t len);

/* Number of edits (insert, delete, replace, swap of neighbours) between two names, at most
 * OPTION_NAME_MAX bytes of each. */
unsigned option_distance(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
