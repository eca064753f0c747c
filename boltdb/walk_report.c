#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "boltdb/walk_internal.h"

/* The names of the open buckets, joined by '/'. */
static const char *bucket_path(const struct walk *w, char *out, size_t size)
{
    size_t used = 0;

    if (w->nesting == 0)
        return NULL;
    for (unsigned i = 1; i <= w->nesting && used + 16 < size; i++) {
        if (i > 1)
            out[used++] = '/';
        (void)finding_printable(buf_slice(&w->levels[i].name), out + used, size - used);
        used += strlen(out + used);
    }
    return out;
}

static const char *bound_text(struct walk *w, struct bound b, char *out, size_t size)
{
    const struct slice *found = NULL;
    struct slice key;

    if (walk_bound(w, b, &w->print, &key, &found, NULL) < 0 || found == NULL)
        return "";
    return finding_printable(*found, out, size);
}

void walk_report(struct walk *w, const struct place *place, enum bolt_problem problem,
                 const char *fmt, ...)
{
    const struct bolt_problem_info *info = &bolt_problems[problem];
    char text[320];
    char bucket[WALK_PRINT_MAX];
    char low[WALK_PRINT_MAX];
    char high[WALK_PRINT_MAX];
    struct frame *owner = place->owner;
    va_list ap;

    if (owner != NULL && owner->reported >= WALK_REPORTS_MAX) {
        if (owner->suppressed++ == 0 || info->severity > owner->worst)
            owner->worst = info->severity;
        return;
    }
    if (owner != NULL)
        owner->reported++;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    finding_report(w->sink, &(struct finding){
                                .code = info->code,
                                .severity = info->severity,
                                .page = place->page,
                                .offset = place->offset,
                                .bucket = bucket_path(w, bucket, sizeof bucket),
                                .low = bound_text(w, place->low, low, sizeof low),
                                .high = bound_text(w, place->high, high, sizeof high),
                                .text = text,
                            });
}

void walk_report_fault(struct walk *w, struct frame *frame, const struct bolt_fault *fault)
{
    walk_report(w,
                &(struct place){
                    .owner = frame,
                    .page = frame->page.id,
                    .offset = frame->page.base + fault->offset,
                    .low = frame->low,
                    .high = frame->high,
                },
                fault->problem, "%s", fault->text);
}

void walk_report_rest(struct walk *w, struct frame *frame)
{
    struct finding f = {
        .code = bolt_problems[BOLT_MORE_PROBLEMS].code,
        .severity = frame->worst,
        .page = frame->page.id,
        .offset = frame->page.base,
    };

    if (frame->suppressed > 0)
        finding_reportf(w->sink, &f, "%u more problems in this page and what it points to",
                        frame->suppressed);
}
