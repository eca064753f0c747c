#include <inttypes.h>
#include <stdlib.h>

#include "boltdb/db_internal.h"
#include "src/base/auto.h"

enum { META_PAGE_BYTES = BOLT_PAGE_HEADER_SIZE + BOLT_META_SIZE, META_PAGE_COUNT = 2 };

/* One meta page as it was found. */
struct meta_read {
    uint8_t bytes[META_PAGE_BYTES];
    int code;
    struct err err;
};

static struct slice meta_body(const struct meta_read *m)
{
    return (struct slice){.data = m->bytes + BOLT_PAGE_HEADER_SIZE, .len = BOLT_META_SIZE};
}

/* Only a read error is returned; what decoding says is kept. */
static int meta_read_at(const struct bolt_source *src, uint64_t off, struct meta_read *m,
                        struct bolt_meta *ret, struct err *err)
{
    int r = src->read(src, off, m->bytes, sizeof m->bytes, err);

    if (r < 0)
        return r;
    m->code = bolt_meta_decode(meta_body(m), ret, &m->err);
    return ERR_OK;
}

static bool page_size_is_known(uint32_t size)
{
    return size >= BOLT_PAGE_SIZE_MIN && size <= BOLT_PAGE_SIZE_MAX && (size & (size - 1)) == 0;
}

/* Page 0 is not valid: look where page 1 would start with each page size (bbolt db.go
 * getPageSizeFromSecondMeta). */
static int find_second_meta(struct bolt_db *db, struct meta_read *m, struct err *err)
{
    struct meta_read best = {.code = ERR_CORRUPT};

    (void)err_set(&best.err, ERR_CORRUPT, "no valid meta at any page size");
    for (uint32_t size = BOLT_PAGE_SIZE_MIN; size <= BOLT_PAGE_SIZE_MAX; size *= 2) {
        if (db->src.size < META_PAGE_BYTES || size > db->src.size - META_PAGE_BYTES)
            break;
        int r = meta_read_at(&db->src, size, m, &db->meta[1], err);
        if (r < 0)
            return r;
        if (m->code == ERR_OK && db->meta[1].page_size == size) {
            db->page_size = size;
            return ERR_OK;
        }
        if (m->code == ERR_UNSUPPORTED)
            best = *m;
    }
    *m = best;
    return ERR_OK;
}

static int read_metas(struct bolt_db *db, struct meta_read m[META_PAGE_COUNT], struct err *err)
{
    int r = meta_read_at(&db->src, 0, &m[0], &db->meta[0], err);

    if (r < 0)
        return r;
    if (m[0].code != ERR_OK)
        return find_second_meta(db, &m[1], err);
    db->page_size = db->meta[0].page_size;
    if (!page_size_is_known(db->page_size))
        return err_set(err, ERR_UNSUPPORTED,
                       "'%s': page size is %" PRIu32 ", want a power of two from %d to %d",
                       db->src.name, db->page_size, BOLT_PAGE_SIZE_MIN, BOLT_PAGE_SIZE_MAX);
    if (db->src.size < (uint64_t)db->page_size + META_PAGE_BYTES)
        return err_set(err, ERR_CORRUPT,
                       "'%s': file of %" PRIu64 " bytes ends inside its second page of %" PRIu32
                       " bytes",
                       db->src.name, db->src.size, db->page_size);
    r = meta_read_at(&db->src, db->page_size, &m[1], &db->meta[1], err);
    if (r == ERR_OK && m[1].code == ERR_OK && db->meta[1].page_size != db->page_size)
        m[1].code =
            err_set(&m[1].err, ERR_CORRUPT, "meta: page size is %" PRIu32 ", meta 0 has %" PRIu32,
                    db->meta[1].page_size, db->page_size);
    return r;
}

static void report(const struct bolt_db *db, struct finding_sink *sink, enum bolt_problem problem,
                   int which, const char *text)
{
    finding_report(sink, &(struct finding){
                             .code = bolt_problems[problem].code,
                             .severity = bolt_problems[problem].severity,
                             .page = (uint64_t)which,
                             .offset = (uint64_t)which * db->page_size,
                             .text = text,
                         });
}

/* The txid field tells a reader whether the lost meta was the older one; it is not proven. */
static void report_invalid(const struct bolt_db *db, struct finding_sink *sink, int which,
                           const struct meta_read *m)
{
    const struct bolt_meta raw = bolt_meta_load(meta_body(m).data);
    const struct bolt_meta *valid = &db->meta[1 - which];
    struct finding f = {
        .code = bolt_problems[BOLT_META_INVALID].code,
        .severity = bolt_problems[BOLT_META_INVALID].severity,
        .page = (uint64_t)which,
        .offset = (uint64_t)which * db->page_size,
    };

    finding_reportf(sink, &f,
                    "meta %d is not valid (%s; txid field %" PRIu64 "), meta %d is (txid %" PRIu64
                    ")",
                    which, m->err.msg, raw.txid, 1 - which, valid->txid);
}

static void report_header(const struct bolt_db *db, struct finding_sink *sink, int which,
                          const struct meta_read *m)
{
    const struct slice bytes = {.data = m->bytes, .len = sizeof m->bytes};
    const struct bolt_page page =
        bolt_page_load(bytes, (uint64_t)which * db->page_size, db->page_size);
    char text[128];

    if (page.id == (uint64_t)which && page.type == BOLT_PAGE_META)
        return;
    (void)snprintf(text, sizeof text,
                   "meta page header: id is %" PRIu64 ", want %d; type is %#x, want %#x", page.id,
                   which, (unsigned)page.type, (unsigned)BOLT_PAGE_META);
    report(db, sink, BOLT_META_HEADER, which, text);
}

/* bbolt db.go meta(): the valid one with the larger txid, page 0 on a tie. */
static int choose(struct bolt_db *db, const struct meta_read m[META_PAGE_COUNT],
                  struct finding_sink *sink, struct err *err)
{
    for (int i = 0; i < META_PAGE_COUNT; i++)
        db->is_valid[i] = m[i].code == ERR_OK;
    if (!db->is_valid[0] && !db->is_valid[1]) {
        bool is_foreign = m[0].code == ERR_UNSUPPORTED || m[1].code == ERR_UNSUPPORTED;
        const struct err *why = m[0].code == ERR_UNSUPPORTED ? &m[0].err : &m[1].err;

        if (is_foreign)
            return err_set(err, ERR_UNSUPPORTED, "'%s': %s", db->src.name, why->msg);
        return err_set(err, ERR_CORRUPT, "'%s': neither meta page is valid: page 0: %s; page 1: %s",
                       db->src.name, m[0].err.msg, m[1].err.msg);
    }
    db->active = !db->is_valid[0] || (db->is_valid[1] && db->meta[1].txid > db->meta[0].txid);
    for (int i = 0; i < META_PAGE_COUNT; i++) {
        if (!db->is_valid[i])
            report_invalid(db, sink, i, &m[i]);
        else
            report_header(db, sink, i, &m[i]);
    }
    return ERR_OK;
}

int bolt_db_open(const struct bolt_source *src, struct finding_sink *sink, struct bolt_db **ret,
                 struct err *err)
{
    struct meta_read m[META_PAGE_COUNT] = {0};
    AUTO_FREE struct bolt_db *db = NULL;

    if (src->size < META_PAGE_BYTES)
        return err_set(err, ERR_CORRUPT,
                       "'%s': file of %" PRIu64 " bytes is too small for a db, want at least %d",
                       src->name, src->size, 2 * BOLT_PAGE_SIZE_MIN);
    db = calloc(1, sizeof *db);
    if (db == NULL)
        return err_nomem(err);
    db->src = *src;
    int r = read_metas(db, m, err);
    if (r < 0)
        return r;
    r = choose(db, m, sink, err);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(db);
    return ERR_OK;
}

void bolt_db_free(struct bolt_db *db)
{
    free(db);
}

uint32_t bolt_db_page_size(const struct bolt_db *db)
{
    return db->page_size;
}

const struct bolt_meta *bolt_db_meta(const struct bolt_db *db, int which)
{
    return db->is_valid[which] ? &db->meta[which] : NULL;
}

int bolt_db_active(const struct bolt_db *db)
{
    return db->active;
}

void bolt_db_use(struct bolt_db *db, int which)
{
    db->active = which;
}

uint64_t bolt_db_logical_size(const struct bolt_db *db)
{
    uint64_t size;

    if (__builtin_mul_overflow(bolt_db_current(db)->high_water_pgid, db->page_size, &size))
        return UINT64_MAX;
    return size;
}
