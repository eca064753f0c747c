#include "src/etcd/livekeys.h"

#include "src/base/auto.h"
#include "src/etcd/keyhash.h"
#include "src/etcd/spillfile.h"

/* A record goes to the partition its hash names; a partition's records fill a chunk in memory, full
 * chunks go to the file, chained backwards. A partition is resolved in a table of its distinct
 * hashes; one with too many records for the table is read several times, each pass taking the
 * hashes of its own. */
enum {
    PARTITIONS = 256,
    CHUNK_RECORDS = 340,   /* about 8 KiB */
    TABLE_RECORDS = 98304, /* of one pass */
    TABLE_SLOTS_MIN = 64,
};

struct record {
    struct keyhash hash;
    uint64_t mark; /* (row + 1) * 2 + 1 for a tombstone; 0 in an empty slot of the table */
};

struct chunk {
    uint64_t previous; /* number of the partition's chunk before it, from 1; 0: none */
    uint64_t used;
    struct record records[CHUNK_RECORDS];
};

struct etcd_live_keys {
    struct keyhash_key key;
    uint64_t rows;
    int fd;           /* -1 until a chunk is full */
    uint64_t written; /* chunks in the file */
    uint64_t counts[PARTITIONS];
    struct chunk *open; /* PARTITIONS */
    struct chunk scratch;
    struct record *table;
    size_t slots; /* of the table in this pass, a power of two */
};

int etcd_live_keys_new(struct etcd_live_keys **ret, struct err *err)
{
    struct etcd_live_keys *l = calloc(1, sizeof *l);
    int r;

    if (l == NULL)
        return err_nomem(err);
    l->fd = -1;
    r = keyhash_new_key(&l->key, err);
    l->open = calloc(PARTITIONS, sizeof *l->open);
    if (r == ERR_OK && l->open == NULL)
        r = err_nomem(err);
    if (r < 0) {
        etcd_live_keys_free(l);
        return r;
    }
    *ret = l;
    return ERR_OK;
}

void etcd_live_keys_free(struct etcd_live_keys *l)
{
    if (l == NULL)
        return;
    auto_close(&l->fd);
    free(l->open);
    free(l->table);
    free(l);
}

static int spill(struct etcd_live_keys *l, struct chunk *c, struct err *err)
{
    int r = l->fd < 0 ? spillfile_open(&l->fd, err) : ERR_OK;

    if (r == ERR_OK)
        r = spillfile_write(l->fd, c, sizeof *c, l->written * sizeof *c, err);
    if (r < 0)
        return r;
    c->previous = ++l->written;
    c->used = 0;
    return ERR_OK;
}

int etcd_live_keys_add(struct etcd_live_keys *l, struct slice user_key, bool is_tombstone,
                       struct err *err)
{
    struct record record = {.hash = keyhash_of(&l->key, user_key),
                            .mark = ++l->rows << 1 | is_tombstone};
    size_t partition = record.hash.low % PARTITIONS;
    struct chunk *c = &l->open[partition];

    if (c->used == CHUNK_RECORDS) {
        int r = spill(l, c, err);

        if (r < 0)
            return r;
    }
    c->records[c->used++] = record;
    l->counts[partition]++;
    return ERR_OK;
}

static void put_record(struct etcd_live_keys *l, const struct record *record)
{
    size_t at = record->hash.high & (l->slots - 1);

    for (; l->table[at].mark != 0; at = (at + 1) & (l->slots - 1)) {
        struct record *slot = &l->table[at];

        if (slot->hash.low != record->hash.low || slot->hash.high != record->hash.high)
            continue;
        if (slot->mark < record->mark)
            slot->mark = record->mark;
        return;
    }
    l->table[at] = *record;
}

/* Every record of the partition whose hash belongs to `pass` of `passes`. */
static int fill_table(struct etcd_live_keys *l, size_t partition, uint64_t pass, uint64_t passes,
                      struct err *err)
{
    const struct chunk *c = &l->open[partition];

    for (;;) {
        for (size_t i = 0; i < c->used; i++) {
            if ((c->records[i].hash.low >> 32) % passes == pass)
                put_record(l, &c->records[i]);
        }
        if (c->previous == 0)
            return ERR_OK;
        int r = spillfile_read(l->fd, &l->scratch, sizeof l->scratch,
                               (c->previous - 1) * sizeof l->scratch, err);
        if (r < 0)
            return r;
        c = &l->scratch;
    }
}

static int resolve_pass(struct etcd_live_keys *l, etcd_newest_fn *fn, void *ctx, struct err *err)
{
    for (size_t i = 0; i < l->slots; i++) {
        uint64_t mark = l->table[i].mark;
        int r = mark == 0 ? ERR_OK : fn(ctx, (mark >> 1) - 1, mark & 1, err);

        if (r < 0)
            return r;
    }
    return ERR_OK;
}

static int resolve_partition(struct etcd_live_keys *l, size_t partition, etcd_newest_fn *fn,
                             void *ctx, struct err *err)
{
    uint64_t count = l->counts[partition];
    uint64_t passes = count / TABLE_RECORDS + 1;

    /* Passes are not equally full: the table has room for twice the mean. */
    for (l->slots = TABLE_SLOTS_MIN; l->slots < 2 * (count / passes + 1);)
        l->slots *= 2;
    for (uint64_t pass = 0; pass < passes; pass++) {
        int r;

        memset(l->table, 0, l->slots * sizeof *l->table);
        r = fill_table(l, partition, pass, passes, err);
        if (r == ERR_OK)
            r = resolve_pass(l, fn, ctx, err);
        if (r < 0)
            return r;
    }
    return ERR_OK;
}

int etcd_live_keys_each(struct etcd_live_keys *l, etcd_newest_fn *fn, void *ctx, struct err *err)
{
    size_t slots = TABLE_SLOTS_MIN;
    int r = ERR_OK;

    while (slots < 2 * ((size_t)TABLE_RECORDS + 1))
        slots *= 2;
    if (l->table == NULL)
        l->table = calloc(slots, sizeof *l->table);
    if (l->table == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < PARTITIONS && r == ERR_OK; i++) {
        if (l->counts[i] > 0)
            r = resolve_partition(l, i, fn, ctx, err);
    }
    return r;
}

static int count_put(void *ctx, uint64_t row, bool is_tombstone, struct err *err)
{
    uint64_t *count = ctx;

    (void)row;
    (void)err;
    *count += !is_tombstone;
    return ERR_OK;
}

int etcd_live_keys_count(struct etcd_live_keys *l, uint64_t *ret, struct err *err)
{
    uint64_t count = 0;
    int r = etcd_live_keys_each(l, count_put, &count, err);

    if (r == ERR_OK)
        *ret = count;
    return r;
}
