#include "src/etcd/scan.h"
#include "tests/fuzz/fuzz.h"

/* The input is a program for the scan. Each step is an operation byte: 0-10 enter that top-level
 * bucket (10: an unknown one), 11 enter a nested bucket, 12 leave; from 16 on an item, with the
 * lengths of key and value in the next two bytes. */
enum { OP_UNKNOWN = 10, OP_NESTED = 11, OP_LEAVE = 12, OP_ITEM = 16, DEPTH_MAX = 4 };

struct feed {
    struct slice in;
    unsigned depth;
    uint64_t items;
};

static struct slice take(struct feed *f, size_t len)
{
    size_t n = len < f->in.len ? len : f->in.len;
    struct slice ret = {f->in.data, n};

    f->in = (struct slice){f->in.data + n, f->in.len - n};
    return ret;
}

static uint8_t take_byte(struct feed *f)
{
    struct slice one = take(f, 1);

    return one.len == 0 ? 0 : one.data[0];
}

static void leave(struct feed *f, struct etcd_scan *scan)
{
    struct bolt_bucket bucket = {.depth = f->depth};

    if (f->depth == 0)
        return;
    if (etcd_scan_leave(scan, &bucket, NULL) < 0)
        __builtin_trap();
    f->depth--;
}

static void enter(struct feed *f, struct etcd_scan *scan, const char *name)
{
    struct bolt_bucket bucket = {.name = slice_str(name), .depth = f->depth + 1, .root = 3};

    if (f->depth == DEPTH_MAX)
        return;
    if (etcd_scan_enter(scan, &bucket, NULL) < 0)
        __builtin_trap();
    f->depth++;
}

static void give_item(struct feed *f, struct etcd_scan *scan)
{
    struct bolt_item item = {.page = 3, .offset = f->items};
    size_t key = take_byte(f);
    size_t value = take_byte(f);

    item.key = take(f, key);
    item.value = take(f, value);
    if (item.key.len == 0)
        return;
    f->items++;
    if (etcd_scan_item(scan, &item, NULL) < 0)
        __builtin_trap();
}

static void step(struct feed *f, struct etcd_scan *scan)
{
    uint8_t op = take_byte(f);

    if (op >= OP_ITEM)
        give_item(f, scan);
    else if (op == OP_LEAVE)
        leave(f, scan);
    else if (op == OP_NESTED)
        enter(f, scan, "nested");
    else if (op <= OP_UNKNOWN && f->depth == 0)
        enter(f, scan, op == OP_UNKNOWN ? "unknown" : etcd_bucket_name[op]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct etcd_scan_options options = {.want_hash = true, .want_live_keys = true};
    struct feed f = {.in = {data, size}};
    struct finding_sink sink = {0};
    struct etcd_scan *scan;
    struct etcd_compaction compaction = {.finished = take_byte(&f), .scheduled = take_byte(&f)};
    struct etcd_facts facts;

    options.follow = take(&f, 1);
    if (etcd_scan_new_at(NULL, &compaction, &options, &sink, &scan, NULL) < 0)
        __builtin_trap();
    while (f.in.len > 0)
        step(&f, scan);
    while (f.depth > 0)
        leave(&f, scan);
    if (etcd_scan_finish(scan, &facts, NULL) < 0)
        __builtin_trap();
    if (facts.records > f.items || facts.live_keys > facts.records)
        __builtin_trap();
    etcd_facts_done(&facts);
    etcd_scan_free(scan);
    return 0;
}
