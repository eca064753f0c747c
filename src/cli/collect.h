/* Keeps the findings of a run for its output: the first COLLECT_KEEP as copies, of the rest only
 * the number per code, so that no input can make it grow without limit. */
#ifndef CLI_COLLECT_H
#define CLI_COLLECT_H

#include "src/cli/out.h"

enum { COLLECT_KEEP = 1000, COLLECT_CODES = 256, COLLECT_SHOWN = 20 };

struct collected {
    struct finding finding; /* strings owned by this */
};

struct collect_sum {
    const char *code;
    enum finding_severity severity;
    uint64_t count;
};

struct collect {
    struct finding_sink sink; /* first: the sink is the collector */
    struct collected *kept;
    size_t kept_count;
    size_t kept_room;
    struct collect_sum sum[COLLECT_CODES]; /* in the order of first sight */
    size_t sum_count;
    bool is_short_of_memory;
};

void collect_start(struct collect *c);
void collect_done(struct collect *c);
#define AUTO_COLLECT __attribute__((cleanup(collect_done)))

/* Array "findings" in JSON; grouped by code, with at most COLLECT_SHOWN of each, in a table.
 * Nothing in a table when there are none. */
void collect_print(const struct collect *c, struct out *o);

/* The same to standard error under the name of the file, for commands whose result has another
 * form. */
void collect_talk(const struct collect *c, const char *path);

/* 3 when anything is suspect, cured or damaged, else 0. */
int collect_exit_status(const struct collect *c);

#endif
