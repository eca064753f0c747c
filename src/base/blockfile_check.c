/* Read-back: two threads take the next block each, read it and compare its CRC, so that the disk
 * always has a request. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>

#include "src/base/blockfile_internal.h"
#include "src/base/crc32c.h"
#include "src/base/thread.h"

enum { SAMPLE_STEP = 64, READERS = 2 };

struct read_back {
    const struct blockfile *f;
    uint64_t count; /* blocks in the file */
    uint64_t step;
    _Atomic uint64_t next;
    _Atomic bool stop;
};

struct reader {
    struct read_back *job;
    uint8_t *block;
    int result;
    uint64_t failed_at; /* block index */
    struct err failure;
};

/* Bytes there, up to `want`; an O_DIRECT read ends short at the end of the file. */
static ssize_t read_all(const struct blockfile *f, uint8_t *ret, size_t want, uint64_t off)
{
    size_t done = 0;

    while (done < want) {
        size_t ask = f->is_direct ? BLOCKFILE_BLOCK - done : want - done;
        ssize_t n = f->ops->pread(f->fd, ret + done, ask, (off_t)(off + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        done += (size_t)n;
        if (n == 0 || (f->is_direct && done % BLOCKFILE_ALIGN != 0))
            break;
    }
    return (ssize_t)done;
}

static int check_block(const struct blockfile *f, uint64_t index, uint8_t *block, struct err *err)
{
    uint64_t off = index * BLOCKFILE_BLOCK;
    size_t want = f->size - off < BLOCKFILE_BLOCK ? (size_t)(f->size - off) : BLOCKFILE_BLOCK;
    ssize_t n = read_all(f, block, want, off);

    if (n < 0)
        return err_sys(err, "read back '%s' at byte %" PRIu64, f->name, off);
    if ((size_t)n < want)
        return err_set(err, ERR_CORRUPT, "read back '%s': %zd bytes at byte %" PRIu64 ", want %zu",
                       f->name, n, off, want);
    uint32_t crc = crc32c_update(0, (struct slice){block, want});
    if (crc != f->crc[index])
        return err_set(err, ERR_CORRUPT,
                       "read back '%s': the 1 MiB at byte %" PRIu64 " is not what was written "
                       "(CRC32C is %08" PRIx32 ", want %08" PRIx32 ")",
                       f->name, off, crc, f->crc[index]);
    return ERR_OK;
}

static void *read_blocks(void *arg)
{
    struct reader *r = arg;
    struct read_back *job = r->job;
    uint64_t steps = (job->count + job->step - 1) / job->step;

    while (!atomic_load(&job->stop)) {
        uint64_t turn = atomic_fetch_add(&job->next, 1);

        if (turn > steps)
            break;
        /* One turn more than steps: the last block, which a sample would miss. */
        uint64_t index = turn < steps ? turn * job->step : job->count - 1;
        if (turn == steps && (job->count - 1) % job->step == 0)
            break;
        r->result = check_block(job->f, index, r->block, &r->failure);
        if (r->result < 0) {
            r->failed_at = index;
            atomic_store(&job->stop, true);
        }
    }
    return NULL;
}

/* Of two failures, the one nearer the start. */
static int first_failure(const struct reader reader[static READERS], struct err *err)
{
    const struct reader *first = &reader[0];

    for (int i = 1; i < READERS; i++) {
        if (reader[i].result < 0 &&
            (first->result == ERR_OK || reader[i].failed_at < first->failed_at))
            first = &reader[i];
    }
    if (first->result < 0 && err != NULL)
        *err = first->failure;
    return first->result;
}

int blockfile_read_back(struct blockfile *f, enum blockfile_check how, struct err *err)
{
    uint64_t count = (f->size + BLOCKFILE_BLOCK - 1) / BLOCKFILE_BLOCK;
    struct read_back job = {.f = f, .count = count};
    struct reader reader[READERS] = {{.job = &job, .block = f->slot[0].data},
                                     {.job = &job, .block = f->slot[1].data}};
    pthread_t other;

    if (!f->is_whole)
        return err_set(err, ERR_USAGE, "'%s' is not finished", f->name);
    if (how == BLOCKFILE_CHECK_NONE || count == 0)
        return ERR_OK;
    job.step = how == BLOCKFILE_CHECK_ALL ? 1 : SAMPLE_STEP;
    if (!f->is_direct)
        (void)posix_fadvise(f->fd, 0, 0, POSIX_FADV_DONTNEED);
    int r = thread_start(&other, read_blocks, &reader[1], err);
    if (r < 0)
        return r;
    (void)read_blocks(&reader[0]);
    (void)pthread_join(other, NULL);
    return first_failure(reader, err);
}
