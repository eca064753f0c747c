#include <string.h>

#include "boltdb/meta.h"
#include "src/base/auto.h"
#include "tests/unit/test.h"

/* Meta 1 of an empty database, as the bytes stand in the file. */
static const uint8_t good[BOLT_META_SIZE] = {
    0xed, 0xda, 0x0c, 0xed, 2, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0,
    0,    0,    0,    0,    0, 0, 0, 0, 0, 0,    2, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0,
    0,    0,    0,    0,    1, 0, 0, 0, 0, 0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};

TEST(meta_rejects_short_input)
{
    struct bolt_meta meta;

    for (size_t n = 0; n < sizeof good; n++) {
        struct err err = {0};
        CHECK(bolt_meta_decode((struct slice){good, n}, &meta, &err) == ERR_CORRUPT);
        CHECK(err.msg[0] != '\0');
    }
}

TEST(meta_rejects_bad_checksum)
{
    struct err err = {0};
    struct bolt_meta meta;

    CHECK(bolt_meta_decode((struct slice){good, sizeof good}, &meta, &err) == ERR_CORRUPT);
    CHECK(strstr(err.msg, "checksum") != NULL);
}

TEST(err_wrap_prefixes)
{
    struct err err = {0};
    int r = err_set(&err, ERR_CORRUPT, "page %d", 7);

    r = err_wrap(&err, r, "check '%s'", "db");
    CHECK(r == ERR_CORRUPT);
    CHECK(strcmp(err.msg, "check 'db': page 7") == 0);
    CHECK(err_exit_status(r) == 3);
    CHECK(strcmp(err_text(r), "data is corrupt") == 0);
}

TEST(auto_take_hands_over)
{
    AUTO_FREE char *kept = NULL;
    {
        AUTO_FREE char *made = malloc(8);
        AUTO_CLOSE int fd = -1;

        CHECK(made != NULL);
        CHECK(TAKE_FD(fd) == -1);
        kept = TAKE_PTR(made);
        CHECK(made == NULL);
    }
    CHECK(kept != NULL);
}
