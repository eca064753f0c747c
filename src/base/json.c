#include "src/base/json.h"

#include <json-c/json.h>

#include "src/base/auto.h"

/* What one value costs in json-c at most; an object starts with a hash table of 16 slots. */
enum { OBJECT_COST = 1024, VALUE_COST = 160 };

struct utf8_lead {
    uint8_t first, last; /* range of the lead byte */
    uint8_t low, high;   /* range of the second byte: no overlong form, no surrogate, <= 10FFFF */
    uint8_t len;
};

static const struct utf8_lead utf8_leads[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

/* Length of the multi-byte character at the front, 0 when the bytes are no UTF-8. */
static size_t utf8_length(struct slice in)
{
    for (size_t i = 0; i < sizeof utf8_leads / sizeof utf8_leads[0]; i++) {
        const struct utf8_lead *lead = &utf8_leads[i];

        if (in.data[0] < lead->first || in.data[0] > lead->last)
            continue;
        if (in.len < lead->len || in.data[1] < lead->low || in.data[1] > lead->high)
            return 0;
        for (size_t k = 2; k < lead->len; k++) {
            if (in.data[k] < 0x80 || in.data[k] > 0xBF)
                return 0;
        }
        return lead->len;
    }
    return 0;
}

static const char *short_escape(uint8_t byte)
{
    switch (byte) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return NULL;
    }
}

static int put_ascii(struct buf *b, uint8_t byte, struct err *err)
{
    const char *escape = short_escape(byte);

    if (escape != NULL)
        return buf_str(b, escape, err);
    if (byte < 0x20 || byte == '<' || byte == '>' || byte == '&')
        return buf_printf(b, err, "\\u%04x", byte);
    return buf_byte(b, byte, err);
}

/* Write the character at the front of *in and take it off. */
static int put_char(struct buf *b, struct slice *in, struct err *err)
{
    static const uint8_t line_separator[2] = {0xE2, 0x80};
    size_t len = in->data[0] < 0x80 ? 1 : utf8_length(*in);
    struct slice bytes = {in->data, len > 0 ? len : 1};

    *in = (struct slice){in->data + bytes.len, in->len - bytes.len};
    if (len == 0)
        return buf_str(b, "\\ufffd", err);
    if (len == 1)
        return put_ascii(b, bytes.data[0], err);
    if (len == 3 && memcmp(bytes.data, line_separator, 2) == 0 && (bytes.data[2] | 1) == 0xA9)
        return buf_printf(b, err, "\\u202%x", bytes.data[2] & 0xFU);
    return buf_append(b, bytes, err);
}

int json_put_string(struct buf *b, struct slice text, struct err *err)
{
    int r = buf_byte(b, '"', err);

    while (r == ERR_OK && text.len > 0)
        r = put_char(b, &text, err);
    return r < 0 ? r : buf_byte(b, '"', err);
}

struct json_doc {
    json_object *root;
};

/* What json-c takes though it is no JSON: single quotes, NaN, Infinity, raw control bytes. */
static bool is_json_byte(uint8_t byte, bool in_string)
{
    if (in_string)
        return byte >= 0x20;
    return byte != 0 && strchr(" \t\r\n{}[]:,\"-+.0123456789eEtrufalsn", byte) != NULL;
}

static size_t value_cost(uint8_t byte)
{
    if (byte == '{')
        return OBJECT_COST;
    /* Every value but the first stands behind one of these or a brace. */
    return byte == ',' || byte == ':' || byte == '[' ? VALUE_COST : 0;
}

/* Bytes of memory that json-c will need at most, and whether it may see the text at all. */
static int scan_text(struct slice text, size_t *estimate, struct err *err)
{
    bool in_string = false;
    bool is_escaped = false;

    *estimate = text.len;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];

        if (!is_json_byte(byte, in_string))
            return err_set(err, ERR_CORRUPT, "JSON at byte %zu: unexpected byte 0x%02x", i, byte);
        if (byte == '"' && !is_escaped)
            in_string = !in_string;
        is_escaped = in_string && byte == '\\' && !is_escaped;
        if (!in_string)
            *estimate += value_cost(byte);
    }
    return ERR_OK;
}

static void free_tokener(json_tokener **slot)
{
    if (*slot != NULL)
        json_tokener_free(*slot);
}

static int check_limits(struct slice text, struct err *err)
{
    if (text.len > JSON_TEXT_MAX)
        return err_set(err, ERR_LIMIT, "JSON has %zu bytes, at most %d are read", text.len,
                       JSON_TEXT_MAX);
    size_t estimate;
    int r = scan_text(text, &estimate, err);
    if (r == ERR_OK && estimate > JSON_MEMORY_MAX)
        r = err_set(err, ERR_LIMIT, "JSON of %zu bytes holds too many values", text.len);
    return r;
}

/* A number at the very end is complete only when the tokener sees that nothing follows. */
static json_object *feed(json_tokener *tokener, struct slice text, enum json_tokener_error *error)
{
    json_object *root =
        json_tokener_parse_ex(tokener, (const char *)text.data, (int)text.len); /* <= TEXT_MAX */

    *error = json_tokener_get_error(tokener);
    if (*error == json_tokener_continue) {
        root = json_tokener_parse_ex(tokener, "", 1);
        *error = json_tokener_get_error(tokener);
    }
    return root;
}

int json_parse(struct slice text, struct json_doc **ret, struct err *err)
{
    int r = check_limits(text, err);
    if (r < 0)
        return r;
    json_tokener *tokener __attribute__((cleanup(free_tokener))) =
        json_tokener_new_ex(JSON_DEPTH_MAX);
    AUTO_FREE struct json_doc *doc = calloc(1, sizeof *doc);
    if (tokener == NULL || doc == NULL)
        return err_nomem(err);
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);

    enum json_tokener_error error;
    doc->root = feed(tokener, text, &error);
    if (error != json_tokener_success) {
        json_object_put(doc->root);
        return err_set(err, ERR_CORRUPT, "JSON at byte %zu: %s",
                       json_tokener_get_parse_end(tokener), json_tokener_error_desc(error));
    }
    *ret = TAKE_PTR(doc);
    return ERR_OK;
}

void json_doc_free(struct json_doc *doc)
{
    if (doc == NULL)
        return;
    json_object_put(doc->root);
    free(doc);
}

struct json_value json_root(const struct json_doc *doc)
{
    return (struct json_value){doc->root};
}

enum json_kind json_kind(struct json_value v)
{
    switch (json_object_get_type(v.node)) {
    case json_type_boolean:
        return JSON_BOOL;
    case json_type_double:
    case json_type_int:
        return JSON_NUMBER;
    case json_type_string:
        return JSON_STRING;
    case json_type_array:
        return JSON_ARRAY;
    case json_type_object:
        return JSON_OBJECT;
    case json_type_null:
        break;
    }
    return JSON_NULL;
}

bool json_as_bool(struct json_value v, bool *ret)
{
    if (json_kind(v) != JSON_BOOL)
        return false;
    *ret = json_object_get_boolean(v.node) != 0;
    return true;
}

bool json_as_uint64(struct json_value v, uint64_t *ret)
{
    if (json_object_get_type(v.node) != json_type_int)
        return false;
    uint64_t number = json_object_get_uint64(v.node);
    /* json-c makes 0 of a negative number, and 2^64-1 of all above it. */
    if (number == UINT64_MAX || (number == 0 && json_object_get_int64(v.node) < 0))
        return false;
    *ret = number;
    return true;
}

bool json_as_string(struct json_value v, struct slice *ret)
{
    if (json_kind(v) != JSON_STRING)
        return false;
    *ret = (struct slice){(const uint8_t *)json_object_get_string(v.node),
                          (size_t)json_object_get_string_len(v.node)};
    return true;
}

struct json_value json_get(struct json_value v, const char *name)
{
    json_object *member = NULL;

    if (json_kind(v) == JSON_OBJECT)
        (void)json_object_object_get_ex(v.node, name, &member);
    return (struct json_value){member};
}

size_t json_count(struct json_value v)
{
    if (json_kind(v) == JSON_ARRAY)
        return json_object_array_length(v.node);
    return json_kind(v) == JSON_OBJECT ? (size_t)json_object_object_length(v.node) : 0;
}

struct json_value json_at(struct json_value v, size_t index)
{
    if (json_kind(v) != JSON_ARRAY)
        return (struct json_value){NULL};
    return (struct json_value){json_object_array_get_idx(v.node, index)};
}

static struct json_member member_of(struct lh_entry *entry)
{
    if (entry == NULL)
        return (struct json_member){0};
    return (struct json_member){
        .name = lh_entry_k(entry), .value = {lh_entry_v(entry)}, .entry = entry};
}

struct json_member json_first(struct json_value v)
{
    if (json_kind(v) != JSON_OBJECT)
        return (struct json_member){0};
    return member_of(json_object_get_object(v.node)->head);
}

struct json_member json_next(struct json_member m)
{
    const struct lh_entry *entry = m.entry;

    return member_of(entry->next);
}
