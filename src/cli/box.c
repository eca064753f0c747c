#include "src/cli/out.h"

enum { BOX_COLUMNS_MAX = 16 };

static void rule(struct text *t, const size_t *width, size_t columns, const char *const ends[3])
{
    for (size_t c = 0; c < columns; c++) {
        text_add(t, c == 0 ? ends[0] : ends[1]);
        text_repeat(t, "\u2500", width[c] + 2);
    }
    text_add(t, ends[2]);
    text_add(t, "\n");
}

static void line(struct text *t, const char *const *cell, const size_t *width, size_t columns,
                 bool centred)
{
    for (size_t c = 0; c < columns; c++) {
        size_t gap = width[c] - text_columns(cell[c]);
        size_t left = centred ? gap / 2 : gap;

        text_add(t, c == 0 ? "\u2502 " : " \u2502 ");
        text_repeat(t, " ", left);
        text_add(t, cell[c]);
        text_repeat(t, " ", gap - left);
    }
    text_add(t, " \u2502\n");
}

void out_box(struct text *t, const char *const *cell, size_t columns, size_t rows)
{
    static const char *const top[3] = {"\u250c", "\u252c", "\u2510"};
    static const char *const middle[3] = {"\u251c", "\u253c", "\u2524"};
    static const char *const bottom[3] = {"\u2514", "\u2534", "\u2518"};
    size_t width[BOX_COLUMNS_MAX] = {0};

    columns = columns < BOX_COLUMNS_MAX ? columns : BOX_COLUMNS_MAX;
    for (size_t i = 0; i < columns * (rows + 1); i++) {
        size_t used = text_columns(cell[i]);

        width[i % columns] = used > width[i % columns] ? used : width[i % columns];
    }
    rule(t, width, columns, top);
    line(t, cell, width, columns, true);
    rule(t, width, columns, middle);
    for (size_t r = 1; r <= rows; r++)
        line(t, cell + r * columns, width, columns, false);
    rule(t, width, columns, bottom);
}
