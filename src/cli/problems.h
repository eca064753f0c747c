/* The finding codes of every room, joined: for lists of them, and for the next step of a finding
 * that does not bring its own. */
#ifndef CLI_PROBLEMS_H
#define CLI_PROBLEMS_H

#include "src/base/finding.h"

struct problem_row {
    const char *code;
    enum finding_severity severity;
    const char *meaning;
    const char *next; /* NULL: none */
};

struct problem_table {
    const char *title;
    const struct problem_row *row;
    size_t count;
};

enum { PROBLEM_TABLE_COUNT = 4 };
extern const struct problem_table problem_tables[PROBLEM_TABLE_COUNT];

/* The next step that a code's table advises; NULL when there is none. */
const char *problem_next(const char *code);

#endif
