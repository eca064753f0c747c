/* The dumps in docs/format/wal.md and snap.md are the files that a restore writes. */
#include "src/base/auto.h"
#include "src/raft/first.h"
#include "tests/unit/raft_dir.h"

enum { LINE = 256, HEX_COLUMN = 6, TEXT_COLUMN = 55 };

static bool is_dump_line(const char *line)
{
    return strspn(line, "0123456789abcdef") == 4 && strncmp(line + 4, "  ", 2) == 0;
}

/* One line: an offset, then bytes up to the text behind them. */
static void check_line(const char *line, struct slice file, size_t *at)
{
    size_t offset = strtoul(line, NULL, 16);
    const char *hex = line + HEX_COLUMN;

    CHECK(offset == *at);
    while (hex < line + TEXT_COLUMN - 1 && strspn(hex, "0123456789abcdef") == 2) {
        CHECK(*at < file.len && file.data[*at] == strtoul(hex, NULL, 16));
        (*at)++;
        hex += hex[2] == ' ' ? 3 : 2;
    }
}

/* Compare the dump ```hex NAME with the file; "..." leaves bytes out. Returns the bytes shown. */
static size_t check_dump(const char *page, const char *name, struct slice file)
{
    char line[LINE];
    char fence[32];
    size_t at = 0;
    size_t shown = 0;
    bool inside = false;

    (void)snprintf(line, sizeof line, "%s/%s", RAFT_DOCS, page);
    AUTO_FCLOSE FILE *in = fopen(line, "re");
    CHECK(in != NULL);
    (void)snprintf(fence, sizeof fence, "```hex %s\n", name);
    while (fgets(line, sizeof line, in) != NULL) {
        if (!inside) {
            inside = strcmp(line, fence) == 0;
            continue;
        }
        if (strcmp(line, "```\n") == 0)
            break;
        if (strcmp(line, "...\n") == 0) {
            at = file.len - 21;
            continue;
        }
        size_t before = at;
        CHECK(is_dump_line(line));
        check_line(line, file, &at);
        shown += at - before;
    }
    CHECK(at == file.len);
    return shown;
}

TEST(docs_show_the_files_of_a_new_member)
{
    static const char *const urls[] = {"http://localhost:2380"};
    const struct raft_member member = {.id = UINT64_C(0x8e9e05c52164694d),
                                       .name = "default",
                                       .peer_urls = urls,
                                       .peer_url_count = 1};
    const struct raft_first what = {member.id, UINT64_C(0xcdf818194e3a8c32), &member, 1};
    struct scratch dir = scratch_make();
    AUTO_BUF struct buf wal = BUF_INIT(1 << 20);
    AUTO_BUF struct buf snap = BUF_INIT(1 << 20);

    CHECK(raft_write_first(&what, dir.fd, dir.fd, NULL) == ERR_OK);
    read_file(dir.fd, "0000000000000000-0000000000000000.wal", &wal);
    read_file(dir.fd, "0000000000000001-0000000000000001.snap", &snap);
    CHECK(check_dump("wal.md", "wal", buf_slice(&wal)) == 288);
    CHECK(check_dump("snap.md", "snap", buf_slice(&snap)) == 21 + 21);
    scratch_done(&dir);
}
