#include "src/cli/collect.h"

#include <inttypes.h>

#include "src/base/auto.h"
#include "src/cli/problems.h"

static char *copy(struct collect *c, const char *s)
{
    char *made = s == NULL ? NULL : strdup(s);

    if (s != NULL && made == NULL)
        c->is_short_of_memory = true;
    return made;
}

static bool grow(struct collect *c)
{
    size_t room = c->kept_room == 0 ? 16 : 2 * c->kept_room;
    struct collected *more;

    if (c->kept_count < c->kept_room)
        return true;
    more = realloc(c->kept, room * sizeof *more);
    if (more == NULL) {
        c->is_short_of_memory = true;
        return false;
    }
    c->kept = more;
    c->kept_room = room;
    return true;
}

static void count(struct collect *c, const struct finding *f)
{
    for (size_t i = 0; i < c->sum_count; i++) {
        if (c->sum[i].severity == f->severity && strcmp(c->sum[i].code, f->code) == 0) {
            c->sum[i].count++;
            return;
        }
    }
    if (c->sum_count < COLLECT_CODES)
        c->sum[c->sum_count++] =
            (struct collect_sum){.code = f->code, .severity = f->severity, .count = 1};
}

static void add(struct finding_sink *sink, const struct finding *f)
{
    struct collect *c = (struct collect *)sink;
    struct finding *kept;

    count(c, f);
    if (c->kept_count == COLLECT_KEEP || !grow(c))
        return;
    kept = &c->kept[c->kept_count++].finding;
    *kept = *f;
    kept->file = copy(c, f->file);
    kept->bucket = copy(c, f->bucket);
    kept->low = copy(c, f->low);
    kept->high = copy(c, f->high);
    kept->text = copy(c, f->text);
    kept->next = copy(c, f->next != NULL ? f->next : problem_next(f->code));
}

void collect_start(struct collect *c)
{
    memset(c, 0, sizeof *c);
    c->sink.add = add;
}

static void release(const char *owned)
{
    auto_free(&owned);
}

void collect_done(struct collect *c)
{
    for (size_t i = 0; i < c->kept_count; i++) {
        const struct finding *f = &c->kept[i].finding;

        release(f->file);
        release(f->bucket);
        release(f->low);
        release(f->high);
        release(f->text);
        release(f->next);
    }
    free(c->kept);
}

static bool has_text(const char *s)
{
    return s != NULL && s[0] != '\0';
}

static void print_json(const struct collect *c, struct out *o)
{
    out_array(o, "findings", NULL);
    for (size_t i = 0; i < c->kept_count; i++) {
        const struct finding *f = &c->kept[i].finding;

        out_object(o, NULL, NULL);
        out_text(o, "code", NULL, f->code);
        out_text(o, "severity", NULL, finding_severity_name(f->severity));
        if (has_text(f->file))
            out_text(o, "file", NULL, f->file);
        if (f->page != FINDING_NO_PLACE)
            out_number(o, "page", NULL, f->page);
        if (f->offset != FINDING_NO_PLACE)
            out_number(o, "offset", NULL, f->offset);
        if (has_text(f->bucket))
            out_text(o, "bucket", NULL, f->bucket);
        if (has_text(f->low))
            out_text(o, "low", NULL, f->low);
        if (has_text(f->high))
            out_text(o, "high", NULL, f->high);
        out_text(o, "text", NULL, f->text == NULL ? "" : f->text);
        if (has_text(f->next))
            out_text(o, "next", NULL, f->next);
        out_close(o);
    }
    out_close(o);
    out_object(o, "finding_counts", NULL);
    for (int s = FINDING_NOTE; s <= (int)FINDING_DAMAGE; s++)
        out_number(o, finding_severity_name((enum finding_severity)s), NULL, c->sink.count[s]);
    out_close(o);
}

/* "page 7, offset 28672, bucket key, keys a to b: " */
static void put_place(struct text *t, const struct finding *f)
{
    const char *comma = "";

    if (has_text(f->file)) {
        text_printf(t, "%s", f->file);
        comma = ", ";
    }
    if (f->page != FINDING_NO_PLACE) {
        text_printf(t, "%spage %" PRIu64, comma, f->page);
        comma = ", ";
    }
    if (f->offset != FINDING_NO_PLACE) {
        text_printf(t, "%soffset %" PRIu64, comma, f->offset);
        comma = ", ";
    }
    if (has_text(f->bucket)) {
        text_printf(t, "%sbucket %s", comma, f->bucket);
        comma = ", ";
    }
    if (has_text(f->low) && has_text(f->high) && strcmp(f->low, f->high) == 0) {
        text_printf(t, "%skey '%s'", comma, f->low);
        comma = ", ";
    } else if (has_text(f->low) || has_text(f->high)) {
        text_printf(t, "%skeys '%s' to '%s'", comma, has_text(f->low) ? f->low : "",
                    has_text(f->high) ? f->high : "");
        comma = ", ";
    }
    if (comma[0] != '\0')
        text_add(t, ": ");
}

static void print_group(const struct collect *c, const struct collect_sum *sum, struct text *t)
{
    const char *next = NULL;
    uint64_t shown = 0;

    text_printf(t, "%s %s\n", finding_severity_name(sum->severity), sum->code);
    for (size_t i = 0; i < c->kept_count && shown < COLLECT_SHOWN; i++) {
        const struct finding *f = &c->kept[i].finding;

        if (f->severity != sum->severity || strcmp(f->code, sum->code) != 0)
            continue;
        text_add(t, "  ");
        put_place(t, f);
        text_printf(t, "%s\n", f->text == NULL ? "" : f->text);
        if (has_text(f->next))
            next = f->next;
        shown++;
    }
    if (sum->count > shown)
        text_printf(t, "  and %" PRIu64 " more\n", sum->count - shown);
    if (next != NULL)
        text_printf(t, "  next: %s\n", next);
}

/* Worst first; within a severity in the order of first sight. */
static void print_groups(const struct collect *c, struct text *t)
{
    for (int s = FINDING_DAMAGE; s >= (int)FINDING_NOTE; s--) {
        for (size_t i = 0; i < c->sum_count; i++) {
            if ((int)c->sum[i].severity == s)
                print_group(c, &c->sum[i], t);
        }
    }
    if (c->is_short_of_memory)
        text_add(t, "warning: out of memory, not every finding is shown\n");
}

void collect_print(const struct collect *c, struct out *o)
{
    if (o->is_json) {
        print_json(c, o);
    } else if (c->sum_count > 0) {
        text_add(&o->text, "\nFindings\n");
        print_groups(c, &o->text);
    }
}

void collect_talk(const struct collect *c, const char *path)
{
    AUTO_TEXT struct text t = TEXT_INIT;

    if (c->sum_count > 0)
        text_printf(&t, "findings in '%s'\n", path);
    print_groups(c, &t);
    (void)text_write(&t, stderr, NULL);
}

int collect_exit_status(const struct collect *c)
{
    return finding_count(&c->sink, FINDING_SUSPECT) > 0 ? err_exit_status(ERR_CORRUPT) : 0;
}
