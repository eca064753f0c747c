/* One result, two forms: every row names its JSON key and its label once. The table form is made
 * for people: "label: value" lines under headings. */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include "src/base/finding.h"
#include "src/cli/text.h"

enum { OUT_DEPTH_MAX = 8, OUT_LABEL_WIDTH = 22 };

struct out {
    struct text text;
    bool is_json;
    unsigned depth;
    bool has_rows[OUT_DEPTH_MAX + 1]; /* JSON: something was written at this depth */
    char closing[OUT_DEPTH_MAX + 1];
};

#define AUTO_OUT __attribute__((cleanup(out_done)))

void out_start(struct out *o, bool is_json);
void out_done(struct out *o);

/* An object or array in JSON, a heading in a table. Without a title only JSON sees it; without a
 * key (the elements of an array) the name is left out. */
void out_object(struct out *o, const char *key, const char *title);
void out_array(struct out *o, const char *key, const char *title);
void out_close(struct out *o);

/* A row. Without a label only JSON gets it; without a key only the table, but inside of an array
 * JSON too. */
void out_text(struct out *o, const char *key, const char *label, const char *value);
void out_number(struct out *o, const char *key, const char *label, uint64_t value);
void out_signed(struct out *o, const char *key, const char *label, int64_t value);
void out_bool(struct out *o, const char *key, const char *label, bool value);
/* Hexadecimal without padding: a string in JSON (64-bit IDs do not fit a JavaScript number). */
void out_hex(struct out *o, const char *key, const char *label, uint64_t value);
void out_bytes(struct out *o, const char *key, const char *label, struct slice digest);
/* A number of bytes: plain in JSON, "1.1 MB (1052672 bytes)" in a table. */
void out_size(struct out *o, const char *key, const char *label, uint64_t bytes);
/* A number that is already text, such as "0.25". */
void out_decimal(struct out *o, const char *key, const char *label, const char *value);
/* A line of the table form alone, indented below the row above it. */
void out_line(struct out *o, const char *line);

/* End the JSON text, write everything to standard output. */
int out_finish(struct out *o, struct err *err);

/* A box as olekukonko/tablewriter draws it for etcdutl: centred headings, cells to the right.
 * `cell` holds `columns` headings, then the cells row by row. */
void out_box(struct text *t, const char *const *cell, size_t columns, size_t rows);

enum { HUMAN_SIZE = 32 };
/* Bytes as dustin/go-humanize prints them: "25 kB", "1.1 MB", "999 B". Returns `out`. */
const char *human_bytes(uint64_t bytes, char out[static HUMAN_SIZE]);

#endif
