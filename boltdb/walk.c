#include "boltdb/walk.h"

#include <inttypes.h>
#include <stdlib.h>

#include "boltdb/walk_internal.h"
#include "src/base/auto.h"

static void walk_free(struct walk *w)
{
    if (w == NULL)
        return;
    for (int i = 0; w->frames != NULL && i < w->frame_count; i++)
        free(w->frames[i].own);
    for (unsigned i = 0; i <= BOLT_NESTING_MAX; i++)
        buf_done(&w->levels[i].name);
    buf_done(&w->last);
    buf_done(&w->key);
    buf_done(&w->value);
    buf_done(&w->low.buf);
    buf_done(&w->high.buf);
    buf_done(&w->print.buf);
    page_reader_done(&w->reader);
    page_set_done(&w->reached);
    free(w->ahead);
    free(w->frames);
    free(w);
}
AUTO_DEFINE(walk)

/* NULL without memory. */
static struct walk *walk_new(struct bolt_db *db, struct err *err)
{
    AUTO(walk) struct walk *w = calloc(1, sizeof *w);

    if (w == NULL) {
        (void)err_nomem(err);
        return NULL;
    }
    w->db = db;
    w->limit = page_reader_limit(db);
    for (unsigned i = 0; i <= BOLT_NESTING_MAX; i++)
        w->levels[i].name = BUF_INIT(BOLT_KEY_MAX);
    w->last = BUF_INIT(BOLT_KEY_MAX);
    w->key = BUF_INIT(BOLT_KEY_MAX);
    w->value = BUF_INIT(BOLT_VALUE_MAX);
    w->low.buf = BUF_INIT(BOLT_KEY_MAX);
    w->high.buf = BUF_INIT(BOLT_KEY_MAX);
    w->print.buf = BUF_INIT(BOLT_KEY_MAX);
    w->ahead = walk_ahead_new(db);
    w->frames = calloc(WALK_FRAMES_MAX, sizeof *w->frames);
    if (w->frames == NULL) {
        (void)err_nomem(err);
        return NULL;
    }
    if (page_reader_init(&w->reader, db, err) < 0 || page_set_init(&w->reached, w->limit, err) < 0)
        return NULL;
    return TAKE_PTR(w);
}

/* Byte offset of a field of the meta in use. */
static uint64_t meta_offset(const struct walk *w)
{
    return (uint64_t)w->db->active * w->db->page_size + BOLT_PAGE_HEADER_SIZE;
}

static void check_length(struct walk *w)
{
    uint64_t want = bolt_db_logical_size(w->db);
    uint64_t have = w->db->src.size;
    const struct place place = {
        .page = have / w->db->page_size, .offset = have, .low = BOUND_OPEN, .high = BOUND_OPEN};

    if (have < want)
        walk_report(w, &place, BOLT_FILE_TRUNCATED,
                    "meta %d says %" PRIu64 " bytes, the file has %" PRIu64
                    ": truncated at page %" PRIu64,
                    w->db->active, want, have, place.page);
}

static int push_root(struct walk *w, struct err *err)
{
    const struct bolt_meta *meta = bolt_db_current(w->db);
    const struct arrival a = {
        .pgid = meta->root_pgid,
        .from = {.page = (uint64_t)w->db->active,
                 .offset = meta_offset(w) + 16,
                 .low = BOUND_OPEN,
                 .high = BOUND_OPEN},
        .depth = 1,
        .is_bucket_root = true,
    };
    bool is_pushed;

    if (meta->root_pgid < 2 || meta->root_pgid >= meta->high_water_pgid) {
        walk_report(w, &a.from, BOLT_META_RANGE,
                    "meta %d: root is page %" PRIu64 ", high-water mark is %" PRIu64, w->db->active,
                    meta->root_pgid, meta->high_water_pgid);
        return ERR_OK;
    }
    return walk_push(w, &a, &is_pushed, err);
}

/* The bounds of child `i`: a page whose keys are not in order bounds nothing. */
static void child_bounds(const struct walk *w, const struct frame *f, unsigned i, struct place *ret)
{
    int self = w->frame_count - 1;

    ret->low = f->is_sound ? (struct bound){.frame = self, .element = i} : f->low;
    ret->high = f->is_sound && i + 1U < f->page.count
                    ? (struct bound){.frame = self, .element = i + 1}
                    : f->high;
}

/* The next child of the branch on top. */
static int walk_branch(struct walk *w, struct err *err)
{
    struct frame *f = walk_top(w);
    unsigned i = f->next++;
    struct arrival a = {
        .from = {.owner = f,
                 .page = f->page.id,
                 .offset = f->page.base + BOLT_PAGE_HEADER_SIZE + (uint64_t)i * BOLT_ELEMENT_SIZE},
        .depth = f->depth + 1,
    };
    struct bolt_fault fault;
    bool is_pushed;

    if (!bolt_element_check(&f->page, i, &fault))
        return ERR_OK; /* reported when the page was pushed */
    a.pgid = bolt_branch_element(&f->page, i).pgid;
    child_bounds(w, f, i, &a.from);
    int r = walk_push(w, &a, &is_pushed, err);
    if (r == ERR_OK && is_pushed && walk_top(w)->page.type == BOLT_PAGE_BRANCH) {
        if (i == 0)
            walk_announce(w, f, 0);
        walk_announce(w, f, i + 1);
    }
    return r;
}

static int finish_top(struct walk *w, struct err *err)
{
    bool is_bucket_root = walk_top(w)->is_bucket_root;

    walk_pop(w);
    return is_bucket_root ? walk_leave_bucket(w, err) : ERR_OK;
}

static int run(struct walk *w, struct err *err)
{
    int r = push_root(w, err);

    while (r == ERR_OK && w->frame_count > 0) {
        const struct frame *f = walk_top(w);

        if (f->next >= f->page.count) {
            r = finish_top(w, err);
            continue;
        }
        r = walk_refresh(w, err);
        if (r == ERR_OK)
            r = f->page.type == BOLT_PAGE_BRANCH ? walk_branch(w, err) : walk_leaf(w, err);
    }
    return r;
}

static int finish(struct walk *w, struct bolt_stats *ret, struct err *err)
{
    const struct bolt_meta *meta = bolt_db_current(w->db);
    uint64_t freelist_pages = 0;
    int r = walk_freelist(w, &freelist_pages, err);

    if (r < 0)
        return r;
    uint64_t used = w->stats.reached + freelist_pages + 2;
    w->stats.root_sequence = meta->root_sequence;
    w->stats.pages = meta->high_water_pgid;
    w->stats.free_pages = meta->high_water_pgid > used ? meta->high_water_pgid - used : 0;
    if (ret != NULL)
        *ret = w->stats;
    return ERR_OK;
}

int bolt_walk(struct bolt_db *db, const struct bolt_visitor *visitor,
              const struct bolt_walk_options *options, struct finding_sink *sink,
              struct bolt_stats *ret, struct err *err)
{
    AUTO(walk) struct walk *w = walk_new(db, err);

    if (w == NULL)
        return ERR_NOMEM;
    w->visitor = visitor;
    w->options = options;
    w->sink = sink;
    check_length(w);
    int r = run(w, err);
    return r < 0 ? r : finish(w, ret, err);
}

int bolt_other_meta_walks(struct bolt_db *db, bool *ret, struct err *err)
{
    const int used = db->active;
    const int other = 1 - used;
    struct finding_sink sink = {0};

    *ret = false;
    if (!db->is_valid[other] || db->meta[other].root_pgid == db->meta[used].root_pgid)
        return ERR_OK;
    bolt_db_use(db, other);
    int r = bolt_walk(db, NULL, NULL, &sink, NULL, err);
    bolt_db_use(db, used);
    if (r == ERR_OK)
        *ret = finding_count(&sink, FINDING_DAMAGE) == 0;
    return r;
}
