/* Bytes split at NUL: the command line up to an empty word, then the environment. */
#include <stdlib.h>
#include <string.h>

#include "src/cli/command.h"
#include "tests/fuzz/fuzz.h"

enum { WORDS_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct command_line line;
    const char *words[2][WORDS_MAX + 1] = {{NULL}};
    char *text = malloc(size + 1);
    size_t count[2] = {0, 0};
    size_t list = 0;
    struct err err = {0};

    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    for (size_t at = 0; at < size; at += strlen(text + at) + 1) {
        if (text[at] == '\0')
            list = 1;
        else if (count[list] < WORDS_MAX)
            words[list][count[list]++] = text + at;
    }
    int r = command_line_parse(words[0], words[1], &line, &err);
    if (line.command == NULL || (r < 0) != (err.msg[0] != '\0'))
        __builtin_trap();
    if (r == ERR_OK)
        (void)command_line_check(&line, &err);
    free(text);
    return 0;
}
