/* What is wrong with an input, as data: a stable code, a place and the next step.
 *
 * Checkers report findings into a sink and go on; only I/O errors and lack of memory end a check.
 * The table is the one list of codes; docs/errors.md shows it and a test compares the two. */
#ifndef BASE_FINDING_H
#define BASE_FINDING_H

#include "src/base/le.h"

/* How bad: a note informs; a suspect thing may be harmless, a restore goes on with --accept; cured
 * damage is not carried over by a rebuild (a stale freelist), a running etcd may still trip on it;
 * damage means that data is missing or wrong: nothing is built from it. */
enum finding_severity { FINDING_NOTE, FINDING_SUSPECT, FINDING_CURED, FINDING_DAMAGE };

#define FINDING_NO_PLACE UINT64_MAX

struct finding {
    const char *code; /* stable, from a room's table, static storage: "page-type", "rev-gap" */
    enum finding_severity severity;
    const char *file;   /* base name or path the finding is about, NULL when it is the input */
    uint64_t page;      /* page id, FINDING_NO_PLACE when none */
    uint64_t offset;    /* byte offset in the file, FINDING_NO_PLACE when none */
    const char *bucket; /* owning bucket, printable, NULL when none */
    const char *low;    /* key range the damage covers, printable, "" or NULL when unknown */
    const char *high;
    const char *text; /* what is wrong: have and want */
    const char *next; /* what to do, NULL when the code's own advice serves */
};

/* Receives findings; every string is lent for the call. */
struct finding_sink {
    void (*add)(struct finding_sink *sink, const struct finding *f);
    uint64_t count[4]; /* per severity, kept by finding_report() */
};

/* Count and hand over; `sink` may be NULL. */
void finding_report(struct finding_sink *sink, const struct finding *f);

/* The same with a formatted text. `f` carries everything else. */
void finding_reportf(struct finding_sink *sink, const struct finding *f, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Number of findings of at least this severity. */
uint64_t finding_count(const struct finding_sink *sink, enum finding_severity at_least);

const char *finding_severity_name(enum finding_severity s);

/* Write bytes as printable ASCII, others as \xNN, cut with "..." to `size`; returns `out`. */
const char *finding_printable(struct slice bytes, char *out, size_t size);

#endif
