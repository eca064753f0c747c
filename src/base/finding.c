#include "src/base/finding.h"

#include <stdarg.h>
#include <stdio.h>

enum { FINDING_TEXT_MAX = 512 };

void finding_report(struct finding_sink *sink, const struct finding *f)
{
    if (sink == NULL)
        return;
    sink->count[f->severity]++;
    if (sink->add != NULL)
        sink->add(sink, f);
}

void finding_reportf(struct finding_sink *sink, const struct finding *f, const char *fmt, ...)
{
    char text[FINDING_TEXT_MAX];
    struct finding full = *f;
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    full.text = text;
    finding_report(sink, &full);
}

uint64_t finding_count(const struct finding_sink *sink, enum finding_severity at_least)
{
    uint64_t sum = 0;

    for (int s = (int)at_least; s <= (int)FINDING_DAMAGE; s++)
        sum += sink->count[s];
    return sum;
}

const char *finding_severity_name(enum finding_severity s)
{
    static const char *const name[] = {"note", "suspect", "cured", "damage"};

    return name[s];
}

const char *finding_printable(struct slice bytes, char *out, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t c = bytes.data[i];

        if (used + 8 > size) {
            (void)snprintf(out + used, size - used, "...");
            return out;
        }
        if (c >= 0x20 && c < 0x7F && c != '\\')
            out[used++] = (char)c;
        else
            used += (size_t)snprintf(out + used, size - used, "\\x%02x", c);
    }
    out[used] = '\0';
    return out;
}
