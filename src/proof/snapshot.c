#include "src/proof/snapshot.h"

#include <inttypes.h>
#include <stdlib.h>

#include "src/etcd/scan.h"
#include "src/proof/hasher.h"
#include "src/proof/input.h"
#include "src/proof/problem.h"

enum { TRAILER_SECTOR = 512 }; /* etcdutl: a file has a trailer when size % 512 == 32 */

struct proof_input {
    struct input file;
    struct bolt_source src;
    struct bolt_db *db;
    struct finding_sink *sink;
    struct etcd_scan *scan;
    enum proof_trailer trailer;
    char *path;
};

/* One item goes to the scan, then to whoever comes behind it. */
struct chain {
    struct etcd_scan *scan;
    const struct bolt_visitor *next;
};

static int chain_enter(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    const struct chain *c = ctx;
    int r = etcd_scan_enter(c->scan, bucket, err);

    if (r < 0 || c->next->bucket_enter == NULL)
        return r;
    return c->next->bucket_enter(c->next->ctx, bucket, err);
}

static int chain_item(void *ctx, const struct bolt_item *item, struct err *err)
{
    const struct chain *c = ctx;
    int r = etcd_scan_item(c->scan, item, err);

    if (r < 0 || c->next->item == NULL)
        return r;
    return c->next->item(c->next->ctx, item, err);
}

static int chain_leave(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    const struct chain *c = ctx;
    int r = etcd_scan_leave(c->scan, bucket, err);

    if (r < 0 || c->next->bucket_leave == NULL)
        return r;
    return c->next->bucket_leave(c->next->ctx, bucket, err);
}

static bool is_api_image(const struct bolt_db *db)
{
    const struct bolt_meta *first = bolt_db_meta(db, 0);
    const struct bolt_meta *second = bolt_db_meta(db, 1);

    return first != NULL && second != NULL && first->txid == second->txid + 1 &&
           first->root_pgid == second->root_pgid &&
           first->high_water_pgid == second->high_water_pgid;
}

static void report_trailer_missing(struct proof_snapshot *s)
{
    struct finding f = proof_finding(PROOF_TRAILER_MISSING);

    if (s->input->trailer == PROOF_TRAILER_OPTIONAL)
        f.severity = FINDING_NOTE;
    finding_report(s->input->sink, &f);
}

static void identify_db(struct proof_snapshot *s)
{
    const struct bolt_db *db = s->input->db;
    uint64_t logical = bolt_db_logical_size(db);

    s->page_size = bolt_db_page_size(db);
    s->active_meta = bolt_db_active(db);
    s->txid = bolt_db_meta(db, s->active_meta)->txid;
    if (logical > s->db_size) {
        s->provenance = PROOF_TRUNCATED;
        s->has_trailer = false;
        s->db_size = s->file_size;
        return;
    }
    if (s->has_trailer) {
        s->provenance = logical == s->db_size ? PROOF_API_SNAPSHOT : PROOF_DB_COPY;
        return;
    }
    s->provenance = PROOF_DB_COPY;
    if (s->input->trailer == PROOF_TRAILER_NONE)
        return;
    if (logical == s->db_size && is_api_image(db))
        s->provenance = PROOF_API_LOST_TRAILER;
    report_trailer_missing(s);
}

/* Neither meta is valid: say what the bytes are instead. */
static void identify_no_db(struct proof_snapshot *s, const struct err *why)
{
    struct proof_input *in = s->input;

    s->wrapping = input_wrapping(&in->file);
    s->has_trailer = false;
    if (s->wrapping != NULL) {
        struct finding f = proof_finding(PROOF_WRAPPED_FILE);

        s->provenance = PROOF_WRAPPED;
        f.offset = 0;
        finding_reportf(in->sink, &f, "the file is %s, not a bbolt db", s->wrapping);
        return;
    }
    struct finding f = proof_finding(PROOF_NOT_A_DB);

    s->provenance = PROOF_NO_DB;
    f.offset = 0;
    if (input_zero_tail(&in->file, s->file_size) == 0)
        finding_reportf(in->sink, &f, "all %" PRIu64 " bytes are zero", s->file_size);
    else
        finding_reportf(in->sink, &f, "%s", why->msg);
}

static int identify(struct proof_snapshot *s, struct err *err)
{
    struct proof_input *in = s->input;
    struct err why = {0};

    if (s->file_size == 0) {
        struct finding f = proof_finding(PROOF_EMPTY_FILE);

        s->provenance = PROOF_EMPTY;
        finding_report(in->sink, &f);
        return ERR_OK;
    }
    s->has_trailer = in->trailer != PROOF_TRAILER_NONE &&
                     s->file_size % TRAILER_SECTOR == SHA256_SIZE && s->file_size > SHA256_SIZE;
    s->db_size = s->file_size - (s->has_trailer ? SHA256_SIZE : 0);
    in->src = bolt_source_fd(in->file.fd, in->path, s->db_size);
    int r = bolt_db_open(&in->src, in->sink, &in->db, &why);
    if (r == ERR_OK) {
        identify_db(s);
    } else if (r == ERR_CORRUPT || r == ERR_UNSUPPORTED) {
        identify_no_db(s, &why);
        r = ERR_OK;
    } else if (err != NULL) {
        *err = why;
    }
    return r;
}

int proof_snapshot_open(const char *path, enum proof_trailer trailer, struct finding_sink *sink,
                        struct proof_snapshot *ret, struct err *err)
{
    AUTO_PROOF_SNAPSHOT struct proof_snapshot s = {0};

    s.input = calloc(1, sizeof *s.input);
    if (s.input == NULL)
        return err_nomem(err);
    s.input->file = (struct input){.fd = -1, .hash_fd = -1};
    s.input->sink = sink;
    s.input->trailer = trailer;
    s.input->path = strdup(path);
    if (s.input->path == NULL)
        return err_nomem(err);
    int r = input_open(path, &s.input->file, err);
    if (r < 0)
        return r;
    s.file_size = (uint64_t)s.input->file.st.st_size;
    r = identify(&s, err);
    if (r < 0)
        return r;
    *ret = s;
    s = (struct proof_snapshot){0};
    return ERR_OK;
}

void proof_snapshot_done(struct proof_snapshot *s)
{
    if (s->input == NULL)
        return;
    etcd_scan_free(s->input->scan);
    bolt_db_free(s->input->db);
    input_close(&s->input->file);
    free(s->input->path);
    free(s->input);
    etcd_facts_done(&s->facts);
    *s = (struct proof_snapshot){0};
}

struct bolt_db *proof_snapshot_db(const struct proof_snapshot *s)
{
    return s->input->db;
}

const struct etcd_facts *proof_snapshot_facts_so_far(const struct proof_snapshot *s)
{
    return etcd_scan_facts(s->input->scan);
}

static int use_older_meta(struct proof_snapshot *s, struct err *err)
{
    int older = 1 - s->active_meta;

    if (bolt_db_meta(s->input->db, older) == NULL)
        return err_set(err, ERR_CORRUPT, "'%s': meta %d is not valid: there is no older state",
                       s->input->path, older);
    bolt_db_use(s->input->db, older);
    s->active_meta = older;
    s->txid = bolt_db_meta(s->input->db, older)->txid;
    return ERR_OK;
}

static int scan_walk(struct proof_snapshot *s, const struct proof_options *options, bool is_alone,
                     struct err *err)
{
    struct proof_input *in = s->input;
    const struct etcd_scan_options scan = {.want_hash = options->want_hash,
                                           .want_live_keys = options->want_live_keys,
                                           .follow = options->follow};
    const struct bolt_walk_options walk = {.progress = is_alone ? options->progress : NULL,
                                           .cancel = options->cancel};
    int r = etcd_scan_new(in->db, &scan, in->sink, &in->scan, err);

    if (r < 0)
        return r;
    struct chain chain = {.scan = in->scan, .next = &options->next};
    const struct bolt_visitor visitor = {&chain, chain_enter, chain_item, chain_leave};
    r = bolt_walk(in->db, &visitor, &walk, in->sink, &s->stats, err);
    return r < 0 ? r : etcd_scan_finish(in->scan, &s->facts, err);
}

/* After damage: is the state one commit earlier whole? */
static int ask_older_meta(struct proof_snapshot *s, struct err *err)
{
    int r = bolt_other_meta_walks(s->input->db, &s->other_meta_walks, err);

    if (r < 0 || !s->other_meta_walks)
        return r;
    struct finding f = proof_finding(PROOF_OLDER_META_WHOLE);
    int older = 1 - s->active_meta;

    finding_reportf(s->input->sink, &f, "the tree of meta %d (txid %" PRIu64 ") is whole", older,
                    bolt_db_meta(s->input->db, older)->txid);
    return ERR_OK;
}

static void compare_trailer(struct proof_snapshot *s)
{
    uint8_t trailer[SHA256_SIZE];
    char want[SHA256_HEX];
    char have[SHA256_HEX];
    struct finding f = proof_finding(PROOF_TRAILER_MISMATCH);

    if (!s->has_trailer || !input_read(&s->input->file, s->db_size, trailer, sizeof trailer))
        return;
    s->trailer_ok = memcmp(trailer, s->db_sha256, sizeof trailer) == 0;
    if (s->trailer_ok)
        return;
    if (s->provenance == PROOF_API_SNAPSHOT)
        s->provenance = PROOF_API_MISMATCH;
    f.offset = s->db_size;
    sha256_hex(trailer, want);
    sha256_hex(s->db_sha256, have);
    finding_reportf(s->input->sink, &f, "the bytes hash to %s, the trailer says %s", have, want);
}

/* Whole pages of zeros at the end explain other damage; alone they may be free pages. */
static void explain_zero_tail(const struct proof_snapshot *s)
{
    const struct proof_input *in = s->input;
    uint64_t logical = in->db == NULL ? s->file_size : bolt_db_logical_size(in->db);
    uint64_t end = logical < s->file_size ? logical : s->file_size;
    uint64_t start = input_zero_tail(&in->file, end);

    if (s->has_trailer && input_zero_tail(&in->file, s->file_size) > s->db_size)
        return; /* the trailer is there: what came before it was written, too */
    /* The last page may end in padding: only a whole page of zeros tells. */
    uint64_t page_size = s->page_size > 0 ? s->page_size : BOLT_PAGE_SIZE_MIN;
    uint64_t first_zero_page = (start + page_size - 1) / page_size * page_size;
    if (!s->has_trailer && first_zero_page + page_size > end)
        return;
    struct finding f = proof_finding(PROOF_ZERO_TAIL);

    f.offset = start;
    finding_reportf(in->sink, &f,
                    "the file was cut off on disk: all bytes from %" PRIu64 " on are zero", start);
}

/* The walk in this thread beside the hash in its own. */
static int run_both(struct proof_snapshot *s, const struct proof_options *options, struct err *err)
{
    struct proof_input *in = s->input;
    const struct hasher_job job = {.fd = in->file.hash_fd,
                                   .name = in->path,
                                   .db_size = s->db_size,
                                   .file_size = s->file_size,
                                   .progress = options->progress,
                                   .cancel = options->cancel};
    struct hasher *hasher = NULL;
    bool has_hash = s->file_size > 0 && (s->has_trailer || options->want_sha256);
    int r = has_hash ? hasher_start(&job, &hasher, err) : ERR_OK;

    if (r < 0)
        return r;
    if (in->db != NULL)
        r = scan_walk(s, options, !has_hash, err);
    if (r < 0)
        hasher_stop(hasher);
    if (!has_hash)
        return r;
    int hashed = hasher_join(hasher, s->db_sha256, s->file_sha256, r < 0 ? NULL : err);
    s->has_sha256 = hashed == ERR_OK;
    return r < 0 ? r : hashed;
}

int proof_snapshot_run(struct proof_snapshot *s, const struct proof_options *options,
                       struct err *err)
{
    struct proof_input *in = s->input;
    uint64_t before = finding_count(in->sink, FINDING_DAMAGE);
    int r = options->use_older_meta && in->db != NULL ? use_older_meta(s, err) : ERR_OK;

    if (r == ERR_OK)
        r = run_both(s, options, err);
    if (r == ERR_OK && in->trailer != PROOF_TRAILER_NONE)
        r = input_unchanged(&in->file, in->path, err);
    if (r < 0)
        return r;
    if (s->has_sha256)
        compare_trailer(s);
    if (finding_count(in->sink, FINDING_DAMAGE) == before)
        return ERR_OK;
    explain_zero_tail(s);
    if (in->db != NULL && !options->use_older_meta)
        r = ask_older_meta(s, err);
    return r;
}
