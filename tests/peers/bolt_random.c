/* Builds a db of random buckets and keys, and a log of what was put in, for boltchange.
 * usage: bolt_random SEED PAGE-SIZE KEY-MAX VALUE-MAX OPERATIONS DB LOG
 *
 * Log record: kind 'p'ut, 'e'nter or 'l'eave (1), key size (4), value size (4), sequence (8), key,
 * value; integers little-endian. */
#include <inttypes.h>
#include <stdlib.h>

#include "boltdb/builder.h"
#include "src/base/auto.h"

enum { NOISE = 2 << 20, NUMBER = 4, RECORD = 17 };

struct job {
    uint64_t state;
    size_t key_max;
    size_t value_max;
    FILE *db;
    FILE *log;
    struct bolt_builder *builder;
    unsigned nesting;
    uint32_t last[BOLT_NESTING_MAX + 1]; /* greatest number in each open bucket */
    size_t stay[BOLT_NESTING_MAX + 1];   /* operations in it, about */
    uint8_t key[BOLT_KEY_MAX];
    uint8_t noise[NOISE];
};

static size_t below(struct job *j, size_t n)
{
    j->state = j->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(j->state >> 33) % n;
}

/* Mostly small, sometimes up to `max`. */
static size_t size_below(struct job *j, size_t max)
{
    size_t kind = below(j, 100);

    if (kind < 70 && max > 100)
        max = 100;
    else if (kind < 95 && max > 3000)
        max = 3000;
    return below(j, max);
}

/* The next key: a rising number, then noise. */
static struct slice next_key(struct job *j)
{
    size_t more = size_below(j, j->key_max - NUMBER + 1);
    uint32_t *last = &j->last[j->nesting];

    *last += 1 + (uint32_t)below(j, 1000);
    for (size_t i = 0; i < NUMBER; i++)
        j->key[i] = (uint8_t)(*last >> (24 - 8 * i));
    memcpy(j->key + NUMBER, j->noise + below(j, NOISE - more), more);
    return (struct slice){j->key, NUMBER + more};
}

static struct slice next_value(struct job *j)
{
    size_t len = size_below(j, j->value_max + 1);

    return (struct slice){j->noise + below(j, NOISE - len), len};
}

static bool write_bytes(FILE *to, struct slice bytes)
{
    return bytes.len == 0 || fwrite(bytes.data, 1, bytes.len, to) == bytes.len;
}

static int record(struct job *j, char kind, struct slice key, struct slice value, uint64_t sequence)
{
    uint8_t head[RECORD] = {(uint8_t)kind};

    le32_store(head + 1, (uint32_t)key.len);
    le32_store(head + 5, (uint32_t)value.len);
    le64_store(head + 9, sequence);
    bool ok = write_bytes(j->log, (struct slice){head, sizeof head}) && write_bytes(j->log, key) &&
              write_bytes(j->log, value);
    return ok ? ERR_OK : ERR_IO;
}

static int enter(struct job *j, struct err *err)
{
    struct slice name = next_key(j);
    uint64_t sequence = below(j, 2) * below(j, 1000000);
    int r = bolt_builder_enter(j->builder, name, sequence, err);

    j->nesting++;
    j->last[j->nesting] = 0;
    j->stay[j->nesting] = below(j, 3) == 0 ? 5000 : 1 + below(j, 100);
    return r < 0 ? r : record(j, 'e', name, (struct slice){0}, sequence);
}

static int leave(struct job *j, struct err *err)
{
    int r = bolt_builder_leave(j->builder, err);

    j->nesting--;
    return r < 0 ? r : record(j, 'l', (struct slice){0}, (struct slice){0}, 0);
}

static int put(struct job *j, struct err *err)
{
    struct slice key = next_key(j);
    struct slice value = next_value(j);
    int r = bolt_builder_put(j->builder, key, value, err);

    return r < 0 ? r : record(j, 'p', key, value, 0);
}

/* etcd's shape with more variety: buckets in the root, some in others, some without a key. */
static int operation(struct job *j, struct err *err)
{
    if (j->nesting == 0 || (below(j, 200) == 0 && j->nesting < BOLT_NESTING_MAX))
        return enter(j, err);
    return below(j, j->stay[j->nesting]) == 0 ? leave(j, err) : put(j, err);
}

static int fill(struct job *j, size_t operations, struct err *err)
{
    int r = ERR_OK;

    for (size_t i = 0; i < operations && r == ERR_OK; i++)
        r = operation(j, err);
    while (j->nesting > 0 && r == ERR_OK)
        r = leave(j, err);
    return r;
}

static int db_append(void *ctx, struct slice bytes, struct err *err)
{
    struct job *j = ctx;

    return write_bytes(j->db, bytes) ? ERR_OK : err_sys(err, "write the db");
}

static int db_head(void *ctx, struct slice metas, struct err *err)
{
    struct job *j = ctx;

    return fseek(j->db, 0, SEEK_SET) == 0 ? db_append(ctx, metas, err) : err_sys(err, "seek");
}

static int build(struct job *j, uint32_t page_size, size_t operations, struct err *err)
{
    struct bolt_output out = {j, db_append, db_head};
    struct bolt_build_options options = {.page_size = page_size, .txid = 1 + below(j, 1000)};
    struct bolt_built built;
    int r = bolt_builder_new(&options, &out, &j->builder, err);

    if (r == ERR_OK)
        r = fill(j, operations, err);
    if (r == ERR_OK)
        r = bolt_builder_finish(j->builder, &built, err);
    bolt_builder_free(j->builder);
    return r;
}

int main(int argc, char **argv)
{
    AUTO_FREE struct job *j = calloc(1, sizeof *j);
    struct err err = {0};

    if (argc != 8 || j == NULL)
        return EXIT_FAILURE;
    j->state = strtoull(argv[1], NULL, 10) * 7919 + 1;
    j->key_max = strtoull(argv[3], NULL, 10);
    j->value_max = strtoull(argv[4], NULL, 10);
    AUTO_FCLOSE FILE *db = fopen(argv[6], "we");
    AUTO_FCLOSE FILE *log = fopen(argv[7], "we");
    j->db = db;
    j->log = log;
    if (db == NULL || log == NULL || j->key_max < NUMBER || j->key_max > BOLT_KEY_MAX ||
        j->value_max >= NOISE)
        return EXIT_FAILURE;
    for (size_t i = 0; i < NOISE; i++)
        j->noise[i] = (uint8_t)below(j, 256);
    int r = build(j, (uint32_t)strtoul(argv[2], NULL, 10), strtoull(argv[5], NULL, 10), &err);
    if (r < 0 || fflush(db) != 0 || fflush(log) != 0) {
        (void)fprintf(stderr, "bolt_random: %s\n", err.msg);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
