#include "src/cli/names.h"

#include "src/base/finding.h"

const char *names_alarm(uint64_t type)
{
    if (type == ETCD_ALARM_NOSPACE)
        return "NOSPACE";
    return type == ETCD_ALARM_CORRUPT ? "CORRUPT" : "unknown";
}

void names_urls(struct out *o, const char *key, const char *label, char *const *urls, size_t count)
{
    out_array(o, key, NULL);
    for (size_t i = 0; i < count; i++) {
        char shown[1024];
        const char *text = finding_printable(slice_str(urls[i]), shown, sizeof shown);

        if (o->is_json)
            out_text(o, NULL, NULL, text);
        else
            out_text(o, NULL, i == 0 ? label : "", text);
    }
    out_close(o);
}
