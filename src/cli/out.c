#include "src/cli/out.h"

#include <inttypes.h>

#include "src/base/json.h"

void out_start(struct out *o, bool is_json)
{
    memset(o, 0, sizeof *o);
    o->text = TEXT_INIT;
    o->is_json = is_json;
    if (is_json) {
        text_add(&o->text, "{");
        o->closing[0] = '}';
    }
}

void out_done(struct out *o)
{
    text_done(&o->text);
}

static void put_string(struct text *t, const char *s)
{
    struct err err = {0};

    if (t->result == ERR_OK)
        text_keep(t, json_put_string(&t->buf, slice_str(s), &err), &err);
}

/* Comma, line break and name before a value. False when JSON does not get this row. */
static bool json_name(struct out *o, const char *key)
{
    bool in_array = o->closing[o->depth] == ']';

    if (key == NULL && !in_array)
        return false;
    if (o->has_rows[o->depth])
        text_add(&o->text, ",");
    o->has_rows[o->depth] = true;
    text_add(&o->text, "\n");
    text_repeat(&o->text, "  ", o->depth + 1);
    if (!in_array) {
        put_string(&o->text, key);
        text_add(&o->text, ": ");
    }
    return true;
}

static void out_open(struct out *o, const char *key, const char *title, const char *brackets)
{
    if (!o->is_json) {
        if (title != NULL)
            text_printf(&o->text, "%s%s\n", o->text.buf.len == 0 ? "" : "\n", title);
        return;
    }
    if (o->depth == OUT_DEPTH_MAX || !json_name(o, key))
        return;
    o->depth++;
    o->has_rows[o->depth] = false;
    o->closing[o->depth] = brackets[1];
    text_printf(&o->text, "%c", brackets[0]);
}

void out_object(struct out *o, const char *key, const char *title)
{
    out_open(o, key, title, "{}");
}

void out_array(struct out *o, const char *key, const char *title)
{
    out_open(o, key, title, "[]");
}

static void json_end(struct out *o)
{
    if (o->has_rows[o->depth]) {
        text_add(&o->text, "\n");
        text_repeat(&o->text, "  ", o->depth);
    }
    text_printf(&o->text, "%c", o->closing[o->depth]);
}

void out_close(struct out *o)
{
    if (!o->is_json || o->depth == 0)
        return;
    json_end(o);
    o->depth--;
}

/* Start of a table row. False when this is JSON, or the table does not get the row. */
static bool table_label(struct out *o, const char *label)
{
    size_t used;

    if (o->is_json || label == NULL)
        return false;
    used = text_columns(label) + (label[0] == '\0' ? 0 : 1);
    text_printf(&o->text, "  %s%s", label, label[0] == '\0' ? "" : ":");
    text_repeat(&o->text, " ", used < OUT_LABEL_WIDTH ? OUT_LABEL_WIDTH - used : 1);
    return true;
}

void out_text(struct out *o, const char *key, const char *label, const char *value)
{
    if (o->is_json && json_name(o, key)) {
        put_string(&o->text, value);
    } else if (table_label(o, label)) {
        text_add(&o->text, value);
        text_add(&o->text, "\n");
    }
}

void out_decimal(struct out *o, const char *key, const char *label, const char *value)
{
    if (o->is_json && json_name(o, key))
        text_add(&o->text, value);
    else if (table_label(o, label))
        text_printf(&o->text, "%s\n", value);
}

void out_number(struct out *o, const char *key, const char *label, uint64_t value)
{
    char digits[32];

    (void)snprintf(digits, sizeof digits, "%" PRIu64, value);
    out_decimal(o, key, label, digits);
}

void out_signed(struct out *o, const char *key, const char *label, int64_t value)
{
    char digits[32];

    (void)snprintf(digits, sizeof digits, "%" PRId64, value);
    out_decimal(o, key, label, digits);
}

void out_bool(struct out *o, const char *key, const char *label, bool value)
{
    if (o->is_json)
        out_decimal(o, key, label, value ? "true" : "false");
    else
        out_decimal(o, key, label, value ? "yes" : "no");
}

void out_hex(struct out *o, const char *key, const char *label, uint64_t value)
{
    char digits[32];

    (void)snprintf(digits, sizeof digits, "%" PRIx64, value);
    out_text(o, key, label, digits);
}

void out_bytes(struct out *o, const char *key, const char *label, struct slice digest)
{
    char digits[2 * 64 + 1] = "";

    for (size_t i = 0; i < digest.len && i < 64; i++)
        (void)snprintf(digits + 2 * i, 3, "%02x", digest.data[i]);
    out_text(o, key, label, digits);
}

void out_size(struct out *o, const char *key, const char *label, uint64_t bytes)
{
    char human[HUMAN_SIZE];
    char both[2 * HUMAN_SIZE + 16];

    if (o->is_json) {
        out_number(o, key, label, bytes);
        return;
    }
    (void)snprintf(both, sizeof both, "%s (%" PRIu64 " bytes)", human_bytes(bytes, human), bytes);
    out_decimal(o, key, label, both);
}

void out_line(struct out *o, const char *line)
{
    if (!o->is_json)
        text_printf(&o->text, "  %s\n", line);
}

int out_finish(struct out *o, struct err *err)
{
    while (o->is_json && o->depth > 0)
        out_close(o);
    if (o->is_json) {
        json_end(o);
        text_add(&o->text, "\n");
    }
    return text_write(&o->text, stdout, err);
}
