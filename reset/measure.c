#include "reset/measure.h"

#include "boltdb/builder.h"
#include "src/base/auto.h"
#include "src/proof/snapshot.h"

AUTO_DEFINE(bolt_builder)

static int drop(void *ctx, struct slice bytes, struct err *err)
{
    (void)ctx;
    (void)bytes;
    (void)err;
    return ERR_OK;
}

static int enter(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    return bolt_builder_enter(ctx, bucket->name, bucket->sequence, err);
}

static int item(void *ctx, const struct bolt_item *it, struct err *err)
{
    return bolt_builder_put(ctx, it->key, it->value, err);
}

static int leave(void *ctx, const struct bolt_bucket *bucket, struct err *err)
{
    (void)bucket;
    return bolt_builder_leave(ctx, err);
}

int reset_measure(const struct reset_restore_request *request, uint64_t *ret, struct err *err)
{
    AUTO_PROOF_SNAPSHOT struct proof_snapshot source = {0};
    AUTO(bolt_builder) struct bolt_builder *builder = NULL;
    struct bolt_output out = {.append = drop, .head = drop};
    struct bolt_build_options build = {.page_size = request->page_size, .txid = 1};
    struct bolt_built built;
    struct proof_options options = {
        .next = {.bucket_enter = enter, .item = item, .bucket_leave = leave},
        .cancel = request->cancel,
    };
    struct finding_sink sink = {.add = NULL}; /* the run that builds reports them */
    int r = proof_snapshot_open(request->snapshot, PROOF_TRAILER_OPTIONAL, &sink, &source, err);

    if (r < 0)
        return r;
    if (build.page_size == 0)
        build.page_size = source.page_size;
    r = bolt_builder_new(&build, &out, &builder, err);
    options.next.ctx = builder;
    if (r == ERR_OK)
        r = proof_snapshot_run(&source, &options, err);
    if (r == ERR_OK)
        r = bolt_builder_finish(builder, &built, err);
    if (r == ERR_OK)
        *ret = built.size;
    return r;
}
