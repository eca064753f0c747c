/* What the source's findings mean for a restore: damage ends it, suspect things need consent, cured
 * ones are named in the report. */
#ifndef RESET_ACCEPT_H
#define RESET_ACCEPT_H

#include "reset/restore.h"

enum { RESET_REFUSED_MAX = 16 }; /* different codes kept for the message */

struct reset_verdict {
    struct finding_sink sink; /* first: the sink's callback finds the verdict by it */
    const struct reset_restore_request *request;
    struct reset_report *report;
    const char *refused[RESET_REFUSED_MAX]; /* codes without consent */
    size_t refused_count;
    bool failed; /* no memory for a line of the report */
};

/* Findings go on to the request's sink. `request` and `report` are lent. */
void reset_verdict_init(struct reset_verdict *v, const struct reset_restore_request *request,
                        struct reset_report *report);

static inline bool reset_verdict_is_damaged(const struct reset_verdict *v)
{
    return v->sink.count[FINDING_DAMAGE] > 0;
}

/* ERR_CORRUPT for damage, ERR_REFUSED for what is suspect without consent, ERR_NOMEM. */
int reset_verdict_check(const struct reset_verdict *v, struct err *err);

#endif
