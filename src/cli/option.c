#include "src/cli/option.h"

#include <string.h>

#define OPT(id, ...) [OPT_##id] = {__VA_ARGS__},
const struct option_spec option_table[OPT_COUNT] = {
#include "src/cli/options.def"
};
#undef OPT

static bool name_is(const char *known, const char *name, size_t len)
{
    return known != NULL && strlen(known) == len && memcmp(known, name, len) == 0;
}

bool option_has_name(const struct option_spec *o, const char *name, size_t len)
{
    if (len == 1)
        return o->letters != NULL && name[0] != '\0' && strchr(o->letters, name[0]) != NULL;
    return name_is(o->name, name, len) || name_is(o->alias, name, len);
}

const struct option_spec *option_find(enum command_id command, const char *name, size_t len)
{
    for (size_t i = 0; i < OPT_COUNT; i++) {
        const struct option_spec *o = &option_table[i];

        if (option_is_on(o, command) && option_has_name(o, name, len))
            return o;
    }
    return NULL;
}

const struct option_spec *option_find_any(const char *name, size_t len)
{
    for (size_t i = 0; i < OPT_COUNT; i++) {
        if (option_has_name(&option_table[i], name, len))
            return &option_table[i];
    }
    return NULL;
}

static unsigned min_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned option_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned row[3][OPTION_NAME_MAX + 1];
    unsigned *before = row[0];
    unsigned *last = row[1];
    unsigned *now = row[2];

    a_len = a_len < OPTION_NAME_MAX ? a_len : OPTION_NAME_MAX;
    b_len = b_len < OPTION_NAME_MAX ? b_len : OPTION_NAME_MAX;
    for (unsigned j = 0; j <= b_len; j++) {
        before[j] = j;
        last[j] = j;
    }
    for (unsigned i = 1; i <= a_len; i++) {
        now[0] = i;
        for (unsigned j = 1; j <= b_len; j++) {
            unsigned change = a[i - 1] == b[j - 1] ? 0 : 1;

            now[j] = min_of(min_of(last[j], now[j - 1]) + 1, last[j - 1] + change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = min_of(now[j], before[j - 2] + 1);
        }
        unsigned *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[b_len];
}

const char *option_nearest(enum command_id command, const char *name, size_t len)
{
    const char *best = NULL;
    unsigned best_distance = len < 6 ? 2 : 4; /* one more than what still counts as close */

    for (size_t i = 0; i < OPT_COUNT; i++) {
        const struct option_spec *o = &option_table[i];
        const char *const names[] = {o->name, o->alias};

        for (size_t n = 0; n < 2 && option_is_on(o, command); n++) {
            if (names[n] == NULL)
                continue;
            unsigned distance = option_distance(name, len, names[n], strlen(names[n]));

            if (distance < best_distance) {
                best_distance = distance;
                best = names[n];
            }
        }
    }
    return best;
}

int option_word_index(const char *words, char separator, const char *word, size_t len)
{
    int index = 0;

    for (const char *at = words; *at != '\0'; index++) {
        const char *end = strchrnul(at, separator);

        if ((size_t)(end - at) == len && memcmp(at, word, len) == 0)
            return index;
        at = *end == '\0' ? end : end + 1;
    }
    return -1;
}
