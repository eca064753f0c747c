#include "src/base/json.h"

#include "src/base/auto.h"
#include "tests/unit/test.h"

AUTO_DEFINE(json_doc)

static bool writes(const char *bytes, size_t len, const char *want)
{
    AUTO_BUF struct buf out = BUF_INIT(4096);

    CHECK(json_put_string(&out, (struct slice){(const uint8_t *)bytes, len}, NULL) == ERR_OK);
    return slice_eq(buf_slice(&out), slice_str(want));
}

/* Wanted texts are the output of Go 1.24's json.Marshal for the same bytes. */
TEST(json_writer_escapes_as_go_does)
{
    CHECK(writes("", 0, "\"\""));
    CHECK(writes("http://10.0.0.1:2380", 20, "\"http://10.0.0.1:2380\""));
    CHECK(writes("\"\\/", 3, "\"\\\"\\\\/\""));
    CHECK(writes("\b\f\n\r\t\0\x1f\x7f", 8, "\"\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\""));
    CHECK(writes("<a>&", 4, "\"\\u003ca\\u003e\\u0026\""));
    CHECK(writes("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa", 12,
                 "\"\xe2\x80\xa7\\u2028\\u2029\xe2\x80\xaa\""));
    CHECK(writes("\xc3\xa9\xf0\x9f\x98\x80", 6, "\"\xc3\xa9\xf0\x9f\x98\x80\""));
}

TEST(json_writer_replaces_invalid_utf8)
{
    CHECK(writes("a\xff"
                 "b",
                 3, "\"a\\ufffdb\""));
    CHECK(writes("\xc0\x80", 2, "\"\\ufffd\\ufffd\""));
    CHECK(writes("\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\""));
    CHECK(writes("\xe2\x80", 2, "\"\\ufffd\\ufffd\""));
    CHECK(writes("\xf4\x90\x80\x80", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\""));
}

static const char member[] =
    "{\"id\":10276657743932975437,\"peerURLs\":[\"http://a:2380\",null],"
    "\"isLearner\":true,\"name\":\"a\\u0000b\\u00e9\",\"clientURLs\":null}";

TEST(json_reader_gives_members_exactly)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct slice text = {0};
    uint64_t id = 0;
    bool learner = false;

    CHECK(json_parse(slice_str(member), &doc, NULL) == ERR_OK);
    struct json_value root = json_root(doc);
    CHECK(json_kind(root) == JSON_OBJECT && json_count(root) == 5);
    CHECK(json_as_uint64(json_get(root, "id"), &id) && id == UINT64_C(10276657743932975437));
    CHECK(json_as_bool(json_get(root, "isLearner"), &learner) && learner);
    CHECK(json_as_string(json_get(root, "name"), &text) && text.len == 5);
    CHECK(memcmp(text.data, "a\0b\xc3\xa9", 6) == 0);
    struct json_value urls = json_get(root, "peerURLs");
    CHECK(json_count(urls) == 2 && json_as_string(json_at(urls, 0), &text));
    CHECK(slice_eq(text, slice_str("http://a:2380")));
    CHECK(json_kind(json_at(urls, 1)) == JSON_NULL && json_kind(json_at(urls, 2)) == JSON_NULL);
    CHECK(json_kind(json_get(root, "clientURLs")) == JSON_NULL);
    CHECK(json_kind(json_get(urls, "absent")) == JSON_NULL);
    CHECK(!json_as_uint64(json_get(root, "name"), &id) && !json_as_string(root, &text));
}

TEST(json_reader_walks_objects_in_text_order)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    AUTO_BUF struct buf names = BUF_INIT(64);

    CHECK(json_parse(slice_str("{\"b\":1,\"a\":{},\"c\":null,\"b\":2}"), &doc, NULL) == ERR_OK);
    for (struct json_member m = json_first(json_root(doc)); m.name != NULL; m = json_next(m))
        CHECK(buf_str(&names, m.name, NULL) == ERR_OK);
    CHECK(slice_eq(buf_slice(&names), slice_str("bac")));
    uint64_t number = 0;
    CHECK(json_as_uint64(json_get(json_root(doc), "b"), &number) && number == 2);
    CHECK(json_first(json_get(json_root(doc), "a")).name == NULL);
}

static bool number_is(const char *text, uint64_t want)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    uint64_t number = 7;

    return json_parse(slice_str(text), &doc, NULL) == ERR_OK &&
           json_as_uint64(json_root(doc), &number) && number == want;
}

TEST(json_numbers_are_exact_or_refused)
{
    CHECK(number_is("0", 0));
    CHECK(number_is("18446744073709551614", UINT64_MAX - 1));
    CHECK(number_is("9223372036854775808", UINT64_C(1) << 63));
    CHECK(!number_is("18446744073709551616", UINT64_MAX));
    CHECK(!number_is("99999999999999999999999", UINT64_MAX));
    CHECK(!number_is("-1", UINT64_MAX) && !number_is("-1", 0));
    CHECK(!number_is("1.0", 1) && !number_is("1e3", 1000));
}

static int parse_code(struct slice text)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct err err = {0};
    int r = json_parse(text, &doc, &err);

    CHECK((r == ERR_OK) == (err.msg[0] == '\0'));
    return r;
}

TEST(json_reader_refuses_what_is_no_json)
{
    static const char *const bad[] = {
        "",           "{",     "[1,]",      "{\"a\":1,}", "{'a':1}", "nul",    "1 2",
        "{\"a\":1}x", "\"abc", "/**/1",     "{\"a\" 1}",  "[1 2]",   "tru",    "{1:2}",
        "-",          "NaN",   "-Infinity", "\"\n\"",     "01",      "\"\\x\""};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(parse_code(slice_str(bad[i])) == ERR_CORRUPT);
    CHECK(parse_code((struct slice){(const uint8_t *)"1\0", 2}) == ERR_CORRUPT);
    CHECK(parse_code(slice_str(" {\"a\":[]} \n")) == ERR_OK);
    CHECK(parse_code(slice_str("null")) == ERR_OK);
}

TEST(json_limits_hold)
{
    AUTO_BUF struct buf text = BUF_INIT(JSON_TEXT_MAX + 1);

    for (int i = 0; i < JSON_DEPTH_MAX + 1; i++)
        CHECK(buf_byte(&text, '[', NULL) == ERR_OK);
    CHECK(parse_code(buf_slice(&text)) == ERR_CORRUPT);
    for (int i = 0; i < 200000; i++)
        CHECK(buf_str(&text, "1,", NULL) == ERR_OK);
    CHECK(parse_code(buf_slice(&text)) == ERR_LIMIT);
    while (text.len <= JSON_TEXT_MAX)
        CHECK(buf_byte(&text, ' ', NULL) == ERR_OK);
    CHECK(parse_code(buf_slice(&text)) == ERR_LIMIT);
}
