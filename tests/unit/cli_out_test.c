#include <string.h>

#include "src/cli/out.h"
#include "src/cli/run.h"
#include "tests/unit/test.h"

static bool human_is(uint64_t bytes, const char *want)
{
    char out[HUMAN_SIZE];

    return strcmp(human_bytes(bytes, out), want) == 0;
}

/* Values computed with dustin/go-humanize Bytes(). */
TEST(human_bytes_as_go_humanize)
{
    CHECK(human_is(0, "0 B"));
    CHECK(human_is(9, "9 B"));
    CHECK(human_is(10, "10 B"));
    CHECK(human_is(999, "999 B"));
    CHECK(human_is(1000, "1.0 kB"));
    CHECK(human_is(1024, "1.0 kB"));
    CHECK(human_is(9949, "9.9 kB"));
    CHECK(human_is(9950, "10 kB"));
    CHECK(human_is(24576, "25 kB"));
    CHECK(human_is(12500, "12 kB"));
    CHECK(human_is(13500, "14 kB"));
    CHECK(human_is(999949, "1000 kB"));
    CHECK(human_is(1052672, "1.1 MB"));
    CHECK(human_is(82854982, "83 MB"));
    CHECK(human_is(UINT64_MAX, "18 EB"));
}

static bool text_is(const struct text *t, const char *want)
{
    return t->result == ERR_OK && slice_eq(buf_slice(&t->buf), slice_str(want));
}

/* The box with each drawing character (three bytes, U+2500 and up) as one ASCII character; returns
 * the number of lines that are as wanted. */
static size_t drawn(const struct text *t, const char *const *want)
{
    char line[128];
    size_t used = 0;
    size_t lines = 0;

    for (size_t i = 0; i < t->buf.len; i++) {
        uint8_t c = t->buf.data[i];

        if (c == 0xE2) {
            uint8_t low = t->buf.data[i + 2];

            c = low == 0x80 ? '-' : low == 0x82 ? '|' : '+';
            i += 2;
        }
        if (c != '\n') {
            line[used++] = (char)c;
            continue;
        }
        line[used] = '\0';
        used = 0;
        if (strcmp(line, want[lines]) == 0)
            lines++;
    }
    return lines;
}

/* As etcdutl 3.7 prints it; the odd gap of a heading goes to its right. */
TEST(box_as_tablewriter)
{
    static const char *const lines[] = {
        "+-----------+---------------+", "|   HASH    | HASH REVISION |",
        "+-----------+---------------+", "| 258326159 |             4 |",
        "+-----------+---------------+",
    };
    static const char *const cell[] = {"HASH", "HASH REVISION", "258326159", "4"};
    AUTO_TEXT struct text t = TEXT_INIT;

    out_box(&t, cell, 2, 1);
    CHECK(drawn(&t, lines) == 5);
}

static void print_example(struct out *o)
{
    out_object(o, "source", "Source");
    out_text(o, "path", "file", "a \"b\"");
    out_size(o, "size", "size", 1052672);
    out_number(o, "hidden", NULL, 7);
    out_bool(o, "ok", "whole", true);
    out_close(o);
    out_array(o, "members", NULL);
    out_hex(o, NULL, NULL, 0xABC);
    out_signed(o, NULL, NULL, -1);
    out_close(o);
    out_array(o, "empty", NULL);
    out_close(o);
    out_line(o, "only for people");
}

TEST(out_as_json)
{
    AUTO_OUT struct out o;

    out_start(&o, true);
    print_example(&o);
    CHECK(text_is(&o.text, "{\n"
                           "  \"source\": {\n"
                           "    \"path\": \"a \\\"b\\\"\",\n"
                           "    \"size\": 1052672,\n"
                           "    \"hidden\": 7,\n"
                           "    \"ok\": true\n"
                           "  },\n"
                           "  \"members\": [\n"
                           "    \"abc\",\n"
                           "    -1\n"
                           "  ],\n"
                           "  \"empty\": []"));
}

TEST(out_as_table)
{
    AUTO_OUT struct out o;

    out_start(&o, false);
    print_example(&o);
    CHECK(text_is(&o.text, "Source\n"
                           "  file:                 a \"b\"\n"
                           "  size:                 1.1 MB (1052672 bytes)\n"
                           "  whole:                yes\n"
                           "  only for people\n"));
}

TEST(wrap_keeps_width)
{
    AUTO_TEXT struct text t = TEXT_INIT;

    text_wrap(&t, "aaa bbb ccc ddd", 4, 4, 12);
    CHECK(text_is(&t, "aaa bbb\n    ccc ddd\n"));
}

TEST(text_over_its_limit_is_an_error)
{
    AUTO_TEXT struct text t = TEXT_INIT;
    struct err err = {0};

    t.buf.max = 512;
    text_repeat(&t, "12345678", 64);
    CHECK(t.result == ERR_OK);
    text_add(&t, "9");
    CHECK(t.result == ERR_LIMIT);
    CHECK(text_write(&t, stdout, &err) == ERR_LIMIT);
    CHECK(err.msg[0] != '\0');
}

TEST(full_output_is_an_error)
{
    AUTO_TEXT struct text t = TEXT_INIT;
    struct err err = {0};
    FILE *full = fopen("/dev/full", "we");

    CHECK(full != NULL);
    text_add(&t, "x");
    CHECK(text_write(&t, full, &err) == ERR_IO);
    CHECK(strstr(err.msg, "No space left") != NULL);
    (void)fclose(full);
}

TEST(progress_line_has_rate_and_time_left)
{
    char line[PROGRESS_LINE_SIZE];

    progress_line(line, "verify", 500000000, 1000000000, 2.0);
    CHECK(strcmp(line, "verify  50 %  250 MB/s  0:02 left") == 0);
    progress_line(line, "verify", 500000000, 0, 2.0);
    CHECK(strcmp(line, "verify  500 MB") == 0);
    progress_line(line, "verify", 2000, 1000, 1.0);
    CHECK(strcmp(line, "verify  100 %  2.0 kB/s  0:00 left") == 0);
}
