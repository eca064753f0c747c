#include <string.h>

#include "src/cli/collect.h"
#include "tests/unit/test.h"

static const struct finding page_type = {
    .code = "page-type",
    .severity = FINDING_DAMAGE,
    .page = 7,
    .offset = 28672,
    .bucket = "key",
    .low = "a",
    .high = "b",
    .next = "take another snapshot",
};

static bool has(const struct out *o, const char *part)
{
    return memmem(o->text.buf.data, o->text.buf.len, part, strlen(part)) != NULL;
}

TEST(collect_prints_place_and_next_step)
{
    AUTO_COLLECT struct collect c;
    AUTO_OUT struct out o;

    collect_start(&c);
    finding_reportf(&c.sink, &page_type, "type is %d, want %d", 9, 2);
    out_start(&o, false);
    collect_print(&c, &o);
    CHECK(has(&o, "\nFindings\n"
                  "damage page-type\n"
                  "  page 7, offset 28672, bucket key, keys 'a' to 'b': type is 9, want 2\n"
                  "  next: take another snapshot\n"));
    CHECK(collect_exit_status(&c) == 3);
}

TEST(collect_adds_the_code_s_own_next_step)
{
    AUTO_COLLECT struct collect c;
    AUTO_OUT struct out o;
    struct finding bare = page_type;

    bare.next = NULL;
    collect_start(&c);
    finding_reportf(&c.sink, &bare, "x");
    out_start(&o, true);
    collect_print(&c, &o);
    CHECK(has(&o, "\"next\": \"use an older snapshot or another member's copy\""));
}

TEST(collect_is_bounded)
{
    AUTO_COLLECT struct collect c;
    AUTO_OUT struct out o;

    collect_start(&c);
    for (int i = 0; i < 5000; i++)
        finding_reportf(&c.sink, &page_type, "number %d", i);
    CHECK(c.kept_count == COLLECT_KEEP);
    out_start(&o, false);
    collect_print(&c, &o);
    CHECK(has(&o, "number 19\n"));
    CHECK(!has(&o, "number 20\n"));
    CHECK(has(&o, "  and 4980 more\n"));
}

TEST(collect_json_has_counts)
{
    AUTO_COLLECT struct collect c;
    AUTO_OUT struct out o;

    collect_start(&c);
    finding_reportf(&c.sink, &page_type, "x");
    out_start(&o, true);
    collect_print(&c, &o);
    CHECK(has(&o, "\"page\": 7"));
    CHECK(has(&o, "\"damage\": 1"));
    CHECK(has(&o, "\"note\": 0"));
}

TEST(notes_do_not_count)
{
    AUTO_COLLECT struct collect c;
    struct finding note = {.code = "x", .severity = FINDING_NOTE, .text = "y"};

    collect_start(&c);
    finding_report(&c.sink, &note);
    CHECK(collect_exit_status(&c) == 0);
    note.severity = FINDING_SUSPECT;
    finding_report(&c.sink, &note);
    CHECK(collect_exit_status(&c) == 3);
}
