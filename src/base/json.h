/* JSON as Go's encoding/json writes it, and a reader with limits.
 *
 * The reader keeps what etcd's own decoder would see: integers exact to 64 bits, a name that occurs
 * twice counts once with its last value, an absent member equals null. Invalid UTF-8 in a string is
 * handed out as it stands. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "src/base/buf.h"

enum {
    JSON_TEXT_MAX = 4 << 20,    /* bytes */
    JSON_MEMORY_MAX = 12 << 20, /* bytes, an upper estimate made before parsing */
    JSON_DEPTH_MAX = 128,
};

/* Append `text` in double quotes, escaped as Go >= 1.22 does with HTML escaping on: also < > & and
 * U+2028/9; bytes that are no UTF-8 become \ufffd, one for each byte. */
int json_put_string(struct buf *b, struct slice text, struct err *err);

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_doc;

/* A value lent by its document. {NULL} is null, and what an absent member gives. */
struct json_value {
    void *node;
};

/* Parse one whole text. ERR_CORRUPT with the byte offset, ERR_LIMIT, ERR_NOMEM. */
int json_parse(struct slice text, struct json_doc **ret, struct err *err);
void json_doc_free(struct json_doc *doc);

struct json_value json_root(const struct json_doc *doc);
enum json_kind json_kind(struct json_value v);

/* Each returns false, and leaves *ret alone, when the value is of another kind. */
bool json_as_bool(struct json_value v, bool *ret);
/* Also false for a fraction, a negative number or one of 2^64-1 and above. */
bool json_as_uint64(struct json_value v, uint64_t *ret);
/* Lent by the document; may hold NUL bytes, has a NUL behind it. */
bool json_as_string(struct json_value v, struct slice *ret);

/* Member `name` of an object; null when there is none or `v` is no object. */
struct json_value json_get(struct json_value v, const char *name);
/* Elements of an array, members of an object, 0 for anything else. */
size_t json_count(struct json_value v);
/* Element of an array; null when there is none or `v` is no array. */
struct json_value json_at(struct json_value v, size_t index);

/* Walks the members of an object in the order of the text:
 * for (struct json_member m = json_first(v); m.name != NULL; m = json_next(m)) ... */
struct json_member {
    const char *name; /* lent by the document, NULL past the end */
    struct json_value value;
    void *entry;
};
struct json_member json_first(struct json_value v);
struct json_member json_next(struct json_member m);

#endif
