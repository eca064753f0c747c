#include "reset/accept.h"

#include "src/base/buf.h"

/* The consent a suspect finding needs; a restore drops the downgrade row, whatever it holds. */
static const struct {
    const char *code;
    unsigned bit; /* 0: none is needed */
    const char *name;
} consents[] = {
    {"corrupt-alarm", RESET_ACCEPT_CORRUPT_ALARM, "corrupt-alarm"},
    {"revision-gap", RESET_ACCEPT_REVISION_GAP, "revision-gap"},
    {"meta-invalid", RESET_ACCEPT_OLDER_META, "older-meta"},
    {"downgrade", 0, NULL},
    {NULL, RESET_ACCEPT_SUSPECT, "suspect"},
};

static size_t consent_of(const char *code)
{
    size_t i = 0;

    while (consents[i].code != NULL && strcmp(consents[i].code, code) != 0)
        i++;
    return i;
}

static bool is_accepted(const struct reset_restore_request *request, const char *code)
{
    unsigned bit = consents[consent_of(code)].bit;

    return bit == 0 || (request->accept & bit) != 0;
}

static void refuse(struct reset_verdict *v, const char *code)
{
    for (size_t i = 0; i < v->refused_count; i++) {
        if (strcmp(v->refused[i], code) == 0)
            return;
    }
    if (v->refused_count < RESET_REFUSED_MAX)
        v->refused[v->refused_count++] = code;
}

static void add(struct finding_sink *sink, const struct finding *f)
{
    struct reset_verdict *v = (struct reset_verdict *)sink;
    struct reset_lines *lines = NULL;

    finding_report(v->request->sink, f);
    if (f->severity == FINDING_CURED)
        lines = &v->report->cured;
    else if (f->severity == FINDING_SUSPECT && is_accepted(v->request, f->code))
        lines = &v->report->accepted;
    else if (f->severity == FINDING_SUSPECT)
        refuse(v, f->code);
    if (lines != NULL && lines->count < RESET_LINES_MAX &&
        reset_lines_addf(lines, NULL, "%s: %s", f->code, f->text) < 0)
        v->failed = true;
}

void reset_verdict_init(struct reset_verdict *v, const struct reset_restore_request *request,
                        struct reset_report *report)
{
    *v = (struct reset_verdict){.sink = {.add = add}, .request = request, .report = report};
}

static int refuse_suspect(const struct reset_verdict *v, struct err *err)
{
    AUTO_BUF struct buf text = BUF_INIT(ERR_MSG_SIZE);
    int r = ERR_OK;

    for (size_t i = 0; i < v->refused_count && r == ERR_OK; i++)
        r = buf_printf(&text, err, "; %s needs --accept %s", v->refused[i],
                       consents[consent_of(v->refused[i])].name);
    if (r < 0)
        return r;
    return err_set(err, ERR_REFUSED, "'%s' is suspect, nothing was restored%.*s",
                   v->request->snapshot, (int)text.len, (const char *)text.data);
}

int reset_verdict_check(const struct reset_verdict *v, struct err *err)
{
    if (reset_verdict_is_damaged(v))
        return err_set(err, ERR_CORRUPT, "'%s' is damaged (%llu findings): nothing was restored",
                       v->request->snapshot, (unsigned long long)v->sink.count[FINDING_DAMAGE]);
    if (v->failed)
        return err_nomem(err);
    return v->refused_count > 0 ? refuse_suspect(v, err) : ERR_OK;
}
