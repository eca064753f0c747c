#include <inttypes.h>
#include <stdlib.h>

#include "src/base/auto.h"
#include "tests/unit/bolt_image.h"
#include "tests/unit/test.h"

static struct image img;
static struct report rep;

/* Root leaf 2 holds bucket b at branch 3 with leaves 4 and 5; page 6 is free. */
static void make_tree(void)
{
    image_init(&img, 7);
    image_leaf(&img, 2, "b@3 c#in");
    image_branch(&img, 3, "a:4 m:5");
    image_leaf(&img, 4, "a=1 b=2 c=3");
    image_leaf(&img, 5, "m=4 n=5");
}

static void expect(const char *findings, const char *items)
{
    report_image(&rep, &img);
    if (strcmp(rep.findings, findings) != 0 || strcmp(rep.items, items) != 0)
        (void)fprintf(stderr, "have: %s| %s| last: %s\n", rep.findings, rep.items, rep.last);
    CHECK(rep.result == ERR_OK);
    CHECK(strcmp(rep.findings, findings) == 0);
    CHECK(strcmp(rep.items, items) == 0);
}

TEST(walk_delivers_a_sound_tree)
{
    make_tree();
    expect("", "b{ a=1 b=2 c=3 m=4 n=5 } c{ in=i } ");
    CHECK(rep.stats.pages == 7 && rep.stats.reached == 4 && rep.stats.free_pages == 1);
    CHECK(rep.stats.branch_pages == 1 && rep.stats.leaf_pages == 3);
    CHECK(rep.stats.buckets == 2 && rep.stats.items == 6 && rep.stats.depth == 2);
    CHECK(rep.stats.root_sequence == 9);
}

TEST(walk_names_a_cut_file_and_what_it_costs)
{
    make_tree();
    img.pages = 5;
    expect("file-truncated@5 page-past-end@3 ", "b{ a=1 b=2 c=3 } c{ in=i } ");
    CHECK(strstr(rep.last, "[m,) points to page 5, the file ends with page 4") != NULL);
    CHECK(rep.sink.count[FINDING_DAMAGE] == 2);
}

TEST(walk_refuses_page_ids_out_of_range)
{
    make_tree();
    image_branch(&img, 3, "a:4 m:7");
    expect("page-range@3 ", "b{ a=1 b=2 c=3 } c{ in=i } ");
    CHECK(strstr(rep.last, "damage 3104 b [m,) points to page 7, want 2 to 6") != NULL);
    image_branch(&img, 3, "a:1 m:5");
    expect("page-range@3 ", "b{ m=4 n=5 } c{ in=i } ");
    CHECK(strstr(rep.last, "[a,m)") != NULL);
}

TEST(walk_finds_cycles)
{
    make_tree();
    image_branch(&img, 3, "a:3 m:5");
    expect("page-cycle@3 ", "b{ m=4 n=5 } c{ in=i } ");
    image_branch(&img, 3, "a:2 m:5");
    expect("page-cycle@3 ", "b{ m=4 n=5 } c{ in=i } ");
    make_tree();
    image_leaf(&img, 2, "b@3 c@2");
    expect("page-cycle@2 ", "b{ a=1 b=2 c=3 m=4 n=5 } c{ } ");
}

TEST(walk_finds_a_page_with_two_owners)
{
    make_tree();
    image_branch(&img, 3, "a:4 m:4");
    expect("page-shared@3 ", "b{ a=1 b=2 c=3 } c{ in=i } ");
}

TEST(walk_finds_a_shared_overflow_page)
{
    make_tree();
    image_leaf(&img, 2, "b@4 c@3");
    image_big_leaf(&img, 3, 10, 1100);
    image_leaf(&img, 4, "a=1");
    expect("page-shared@3 ", "b{ a=1 } c{ } ");
}

TEST(walk_checks_page_headers)
{
    make_tree();
    le64_store(image_page(&img, 4), 9);
    expect("page-id@4 ", "b{ m=4 n=5 } c{ in=i } ");
    CHECK(strstr(rep.last, "damage 4096 b [a,m) page id is 9, want 4") != NULL);
    make_tree();
    le16_store(image_page(&img, 4) + 8, BOLT_PAGE_FREELIST);
    expect("page-type@4 ", "b{ m=4 n=5 } c{ in=i } ");
    make_tree();
    le16_store(image_page(&img, 4) + 8, BOLT_PAGE_LEAF | BOLT_PAGE_BRANCH);
    expect("page-type@4 ", "b{ m=4 n=5 } c{ in=i } ");
    make_tree();
    le16_store(image_page(&img, 4) + 10, 64);
    expect("page-count@4 ", "b{ m=4 n=5 } c{ in=i } ");
}

TEST(walk_refuses_overflow_past_the_end)
{
    make_tree();
    image_header(&img, 5, BOLT_PAGE_LEAF, 2, 2);
    expect("page-overflow@5 ", "b{ a=1 b=2 c=3 } c{ in=i } ");
    image_header(&img, 5, BOLT_PAGE_LEAF, 2, UINT32_MAX);
    expect("page-overflow@5 ", "b{ a=1 b=2 c=3 } c{ in=i } ");
    image_header(&img, 5, BOLT_PAGE_LEAF, 2, 0);
    image_metas(&img, 2, BOLT_NO_FREELIST, 20);
    image_header(&img, 5, BOLT_PAGE_LEAF, 2, 2);
    expect("file-truncated@7 page-past-end@5 ", "b{ a=1 b=2 c=3 } c{ in=i } ");
}

TEST(walk_takes_no_page_for_overflow_without_data)
{
    make_tree();
    image_header(&img, 4, BOLT_PAGE_LEAF, 3, 1);
    expect("page-slack@4 ", "b{ a=1 b=2 c=3 m=4 n=5 } c{ in=i } ");
    CHECK(rep.sink.count[FINDING_CURED] == 1);
}

TEST(walk_refuses_empty_pages_below_a_root)
{
    make_tree();
    image_leaf(&img, 4, "");
    expect("page-empty@4 ", "b{ m=4 n=5 } c{ in=i } ");
    image_leaf(&img, 2, "b@4");
    expect("", "b{ } ");
    image_branch(&img, 4, "");
    expect("page-empty@4 ", "b{ } ");
}

TEST(walk_sees_a_lowered_count)
{
    make_tree();
    le16_store(image_page(&img, 4) + 10, 2);
    expect("element-pos@4 ", "b{ a=1 b=2 m=4 n=5 } c{ in=i } ");
    CHECK(strstr(rep.last, "damage 4112 b [a,m) element 0 of 2: data starts at byte 64") != NULL);
    make_tree();
    le16_store(image_page(&img, 3) + 10, 1);
    expect("element-pos@3 ", "b{ a=1 b=2 c=3 } c{ in=i } ");
}

TEST(walk_checks_element_flags_and_sizes)
{
    make_tree();
    image_set32(&img, 4, 1, 0, 2);
    expect("element-flags@4 ", "b{ a=1 c=3 m=4 n=5 } c{ in=i } ");
    make_tree();
    image_set32(&img, 4, 2, 8, 0);
    expect("key-size@4 ", "b{ a=1 b=2 m=4 n=5 } c{ in=i } ");
    make_tree();
    image_set32(&img, 4, 2, 8, 32769);
    expect("key-size@4 ", "b{ a=1 b=2 m=4 n=5 } c{ in=i } ");
    make_tree();
    image_set32(&img, 4, 2, 12, UINT32_MAX);
    expect("element-bounds@4 ", "b{ a=1 b=2 m=4 n=5 } c{ in=i } ");
    make_tree();
    image_set32(&img, 4, 2, 4, UINT32_MAX);
    expect("element-pos@4 element-bounds@4 ", "b{ a=1 m=4 n=5 } c{ in=i } ");
}

TEST(walk_delivers_no_element_whose_size_does_not_lead_to_the_next)
{
    make_tree();
    image_set32(&img, 4, 1, 12, 2);
    expect("element-pos@4 ", "b{ a=1 c=3 m=4 n=5 } c{ in=i } ");
}

TEST(walk_checks_the_order_of_keys)
{
    make_tree();
    image_leaf(&img, 4, "a=1 c=3 b=2 d=4");
    expect("key-order@4 ", "b{ a=1 c=3 d=4 m=4 n=5 } c{ in=i } ");
    CHECK(strstr(rep.last, "element 2: key 'b' is not greater than 'c'") != NULL);
    image_leaf(&img, 4, "a=1 a=3");
    expect("key-order@4 ", "b{ a=1 m=4 n=5 } c{ in=i } ");
    make_tree();
    image_branch(&img, 3, "m:5 a:4");
    expect("key-order@3 key-order@4 key-order@4 key-order@4 ", "b{ m=4 n=5 } c{ in=i } ");
}

TEST(walk_checks_keys_against_the_parents)
{
    make_tree();
    image_leaf(&img, 4, "a=1 b=2 p=3");
    expect("key-bounds@4 ", "b{ a=1 b=2 m=4 n=5 } c{ in=i } ");
    CHECK(strstr(rep.last, "[a,m) element 2: key 'p' is above the page's range") != NULL);
    make_tree();
    image_leaf(&img, 5, "d=3 n=5");
    expect("key-bounds@5 ", "b{ a=1 b=2 c=3 n=5 } c{ in=i } ");
}

TEST(walk_checks_a_branch_against_its_parent)
{
    image_init(&img, 8);
    image_leaf(&img, 2, "b@3");
    image_branch(&img, 3, "a:4 m:5");
    image_branch(&img, 4, "a:6 p:7");
    image_leaf(&img, 5, "m=4");
    image_leaf(&img, 6, "a=1");
    image_leaf(&img, 7, "p=2");
    expect("key-bounds@4 key-bounds@7 ", "b{ a=1 m=4 } ");
}

TEST(walk_checks_bucket_headers)
{
    make_tree();
    image_leaf(&img, 2, "b@3 c=short");
    image_set32(&img, 2, 1, 0, BOLT_LEAF_BUCKET_FLAG);
    expect("bucket-header@2 ", "b{ a=1 b=2 c=3 m=4 n=5 } ");
    make_tree();
    image_leaf(&img, 2, "b@3 c@0");
    expect("bucket-header@2 ", "b{ a=1 b=2 c=3 m=4 n=5 } ");
    image_leaf(&img, 2, "b@4 c=0123456789abcdef0123");
    image_set32(&img, 2, 1, 0, BOLT_LEAF_BUCKET_FLAG);
    expect("bucket-header@2 page-range@2 ", "b{ a=1 b=2 c=3 } c{ } ");
}

/* Where the inline page of bucket c starts: 16 + 2 elements, "b" and its header, "c", its header.
 */
enum { INLINE_AT = 16 + 32 + 1 + 16 + 1 + 16 };

TEST(walk_checks_inline_pages)
{
    make_tree();
    image_page(&img, 2)[INLINE_AT] = 3;
    expect("inline-page@2 ", "b{ a=1 b=2 c=3 m=4 n=5 } c{ } ");
    make_tree();
    le16_store(image_page(&img, 2) + INLINE_AT + 8, BOLT_PAGE_BRANCH);
    expect("inline-page@2 ", "b{ a=1 b=2 c=3 m=4 n=5 } c{ } ");
    make_tree();
    le32_store(image_page(&img, 2) + INLINE_AT + 12, 1);
    expect("inline-page@2 ", "b{ a=1 b=2 c=3 m=4 n=5 } c{ } ");
    make_tree();
    le16_store(image_page(&img, 2) + INLINE_AT + 10, 500);
    expect("inline-page@2 ", "b{ a=1 b=2 c=3 m=4 n=5 } c{ } ");
    make_tree();
    le32_store(image_page(&img, 2) + INLINE_AT + 16 + 12, 99);
    expect("element-bounds@2 ", "b{ a=1 b=2 c=3 m=4 n=5 } c{ } ");
    make_tree();
    le32_store(image_page(&img, 2) + INLINE_AT + 16, BOLT_LEAF_BUCKET_FLAG);
    expect("inline-bucket@2 ", "b{ a=1 b=2 c=3 m=4 n=5 } c{ } ");
}

TEST(walk_says_inline_slack_is_cured)
{
    make_tree();
    le32_store(image_page(&img, 2) + INLINE_AT + 16 + 12, 0);
    expect("page-slack@2 ", "b{ a=1 b=2 c=3 m=4 n=5 } c{ in= } ");
}

TEST(walk_limits_the_depth_of_a_tree)
{
    image_init(&img, 80);
    image_leaf(&img, 2, "b@3");
    for (uint64_t id = 3; id < 78; id++) {
        char words[16];

        (void)snprintf(words, sizeof words, "a:%" PRIu64, id + 1);
        image_branch(&img, id, words);
    }
    image_leaf(&img, 78, "a=1");
    expect("tree-depth@66 ", "b{ } ");
    CHECK(rep.stats.depth == BOLT_DEPTH_MAX);
}

TEST(walk_limits_the_nesting_of_buckets)
{
    image_init(&img, 80);
    for (uint64_t id = 2; id < 78; id++) {
        char words[16];

        (void)snprintf(words, sizeof words, "b@%" PRIu64, id + 1);
        image_leaf(&img, id, words);
    }
    image_leaf(&img, 78, "a=1");
    report_image(&rep, &img);
    CHECK(rep.result == ERR_OK && strcmp(rep.findings, "bucket-nesting@66 ") == 0);
    CHECK(rep.stats.buckets == BOLT_NESTING_MAX);
}

TEST(walk_sums_up_a_page_with_many_problems)
{
    image_init(&img, 7);
    image_leaf(&img, 2, "b@3");
    image_branch(&img, 3, "a:4 m:5");
    image_leaf(&img, 4, "a=1");
    image_leaf(&img, 5, "m=4");
    le16_store(image_page(&img, 3) + 10, 60);
    report_image(&rep, &img);
    CHECK(rep.result == ERR_OK);
    CHECK(strstr(rep.findings, "element-pos@3 ") == rep.findings);
    CHECK(strstr(rep.last, "more problems in this page") != NULL);
    CHECK(rep.sink.count[FINDING_DAMAGE] == 17);
}

TEST(walk_refuses_a_root_out_of_range)
{
    make_tree();
    image_metas(&img, 7, BOLT_NO_FREELIST, 7);
    expect("meta-range@1 ", "");
    image_metas(&img, 1, BOLT_NO_FREELIST, 7);
    expect("meta-range@1 ", "");
    image_metas(&img, 2, BOLT_NO_FREELIST, UINT64_MAX);
    report_image(&rep, &img);
    CHECK(strcmp(rep.findings, "file-truncated@7 ") == 0);
}

/* Page 6 as a freelist of `count` ids. */
static void make_freelist(unsigned count, const uint64_t *ids)
{
    make_tree();
    image_metas(&img, 2, 6, 9);
    img.pages = 9;
    image_header(&img, 6, BOLT_PAGE_FREELIST, count, 0);
    for (unsigned i = 0; i < count && i < 8; i++)
        le64_store(image_page(&img, 6) + 16 + (size_t)8 * i, ids[i]);
}

static const char whole[] = "b{ a=1 b=2 c=3 m=4 n=5 } c{ in=i } ";

TEST(walk_accepts_a_sound_freelist)
{
    make_freelist(2, (uint64_t[]){8, 7});
    expect("", whole);
    CHECK(rep.stats.free_pages == 2);
}

TEST(walk_accepts_the_long_count_of_a_freelist)
{
    make_freelist(3, (uint64_t[]){2, 7, 8});
    le16_store(image_page(&img, 6) + 10, 0xFFFF);
    expect("", whole);
    le64_store(image_page(&img, 6) + 16, UINT64_C(1) << 63);
    expect("freelist-page@6 ", whole);
}

TEST(walk_checks_freelist_ids)
{
    make_freelist(3, (uint64_t[]){7, 7, 8});
    expect("freelist-duplicate@6 ", whole);
    make_freelist(3, (uint64_t[]){7, 8, 9});
    expect("freelist-range@6 ", whole);
    make_freelist(3, (uint64_t[]){1, 7, 8});
    expect("freelist-range@6 ", whole);
    make_freelist(3, (uint64_t[]){4, 7, 8});
    expect("freelist-reachable@6 ", whole);
    make_freelist(3, (uint64_t[]){6, 7, 8});
    expect("freelist-reachable@6 ", whole);
    make_freelist(0, NULL);
    expect("page-leaked@7 ", whole);
    CHECK(rep.sink.count[FINDING_CURED] == 1 && rep.sink.count[FINDING_DAMAGE] == 0);
}

TEST(walk_checks_the_freelist_page)
{
    make_freelist(2, (uint64_t[]){7, 8});
    image_metas(&img, 2, 4, 9);
    expect("freelist-page@4 ", whole);
    image_metas(&img, 2, 9, 9);
    expect("freelist-page@1 ", whole);
    image_metas(&img, 2, 6, 9);
    image_header(&img, 6, BOLT_PAGE_FREELIST, 2, 3);
    expect("freelist-page@6 ", whole);
    image_header(&img, 6, BOLT_PAGE_FREELIST, 400, 0);
    expect("freelist-page@6 ", whole);
}

TEST(walk_reads_large_elements_on_demand)
{
    AUTO_FREE uint8_t *data = calloc(1, 3 << 20);
    const uint32_t size = 2 << 20;
    struct bolt_source src;

    CHECK(data != NULL);
    image_init(&img, 5);
    image_leaf(&img, 2, "b@4");
    image_metas(&img, 2, BOLT_NO_FREELIST, 4 + 2049);
    image_header(&img, 4, BOLT_PAGE_LEAF, 1, 2048);
    image_set32(&img, 4, 0, 4, 16);
    image_set32(&img, 4, 0, 8, 3);
    image_set32(&img, 4, 0, 12, size);
    memcpy(image_page(&img, 4) + 32, "key", 3);
    memcpy(data, img.data, sizeof img.data);
    memset(data + 4 * IMAGE_PAGE + 35, 'v', size);
    src = bolt_source_memory((struct slice){data, (4 + 2049) * IMAGE_PAGE}, "image");
    report_source(&rep, &src);
    CHECK(rep.result == ERR_OK && rep.findings[0] == '\0');
    CHECK(strstr(rep.items, "b{ key=vvvv") != NULL);
    CHECK(rep.stats.overflow_pages == 2048);
}

TEST(walk_names_a_value_that_is_too_large)
{
    const size_t pages = 4 + 17 * 1024;
    AUTO_FREE uint8_t *data = calloc(pages, IMAGE_PAGE);
    struct bolt_source src;

    CHECK(data != NULL);
    image_init(&img, 5);
    image_leaf(&img, 2, "b@4");
    image_metas(&img, 2, BOLT_NO_FREELIST, pages);
    image_header(&img, 4, BOLT_PAGE_LEAF, 1, (BOLT_VALUE_MAX + 1 + 34) / IMAGE_PAGE);
    image_set32(&img, 4, 0, 4, 16);
    image_set32(&img, 4, 0, 8, 3);
    image_set32(&img, 4, 0, 12, BOLT_VALUE_MAX + 1);
    memcpy(data, img.data, sizeof img.data);
    src = bolt_source_memory((struct slice){data, pages * IMAGE_PAGE}, "image");
    report_source(&rep, &src);
    CHECK(rep.result == ERR_OK && strcmp(rep.findings, "value-too-large@4 ") == 0);
    CHECK(strcmp(rep.items, "b{ } ") == 0);
}

static int stop(void *ctx, const struct bolt_item *item, struct err *err)
{
    (void)ctx;
    return err_set(err, ERR_REFUSED, "stop at '%c'", item->key.data[0]);
}

TEST(walk_ends_with_what_a_callback_returns)
{
    struct bolt_db *db = NULL;
    struct err err = {0};
    const struct bolt_visitor visitor = {.item = stop};

    make_tree();
    const struct bolt_source src =
        bolt_source_memory((struct slice){img.data, 7 * IMAGE_PAGE}, "i");
    CHECK(bolt_db_open(&src, NULL, &db, &err) == ERR_OK);
    CHECK(bolt_walk(db, &visitor, NULL, NULL, NULL, &err) == ERR_REFUSED);
    CHECK(strcmp(err.msg, "stop at 'a'") == 0);
    bolt_db_free(db);
}

TEST(walk_counts_progress_and_can_be_cancelled)
{
    struct bolt_db *db = NULL;
    struct err err = {0};
    _Atomic uint64_t progress = 0;
    _Atomic bool cancel = false;
    const struct bolt_walk_options options = {.progress = &progress, .cancel = &cancel};

    make_tree();
    const struct bolt_source src =
        bolt_source_memory((struct slice){img.data, 7 * IMAGE_PAGE}, "i");
    CHECK(bolt_db_open(&src, NULL, &db, &err) == ERR_OK);
    CHECK(bolt_walk(db, NULL, &options, NULL, NULL, &err) == ERR_OK);
    CHECK(progress == 4 * IMAGE_PAGE);
    cancel = true;
    CHECK(bolt_walk(db, NULL, &options, NULL, NULL, &err) == ERR_INTERRUPTED);
    bolt_db_free(db);
}

TEST(other_meta_is_whole_only_with_a_sound_tree_of_its_own)
{
    struct bolt_db *db = NULL;
    struct err err = {0};
    bool walks = true;

    make_tree();
    const struct bolt_source src =
        bolt_source_memory((struct slice){img.data, 7 * IMAGE_PAGE}, "i");
    CHECK(bolt_db_open(&src, NULL, &db, &err) == ERR_OK);
    CHECK(bolt_other_meta_walks(db, &walks, &err) == ERR_OK && !walks);
    bolt_db_free(db);
    le64_store(image_page(&img, 0) + 16 + 16, 6);
    image_seal(&img, 0);
    image_leaf(&img, 6, "b@4");
    CHECK(bolt_db_open(&src, NULL, &db, &err) == ERR_OK);
    CHECK(bolt_db_active(db) == 1);
    CHECK(bolt_other_meta_walks(db, &walks, &err) == ERR_OK && walks);
    CHECK(bolt_db_active(db) == 1);
    le64_store(image_page(&img, 4), 99);
    CHECK(bolt_other_meta_walks(db, &walks, &err) == ERR_OK && !walks);
    bolt_db_free(db);
}
