#include "src/proof/hasher.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/base/thread.h"

enum { HASHER_STEP = 256 << 10 }; /* bytes a read; larger ones fall out of the CPU's cache */

struct hasher {
    struct hasher_job job;
    pthread_t thread;
    _Atomic bool stop;
    struct sha256 *sha;
    uint8_t *step;
    int result;
    struct err err;
    uint8_t db_digest[SHA256_SIZE];
    uint8_t file_digest[SHA256_SIZE];
};

static void hasher_free(struct hasher *h)
{
    if (h == NULL)
        return;
    sha256_free(h->sha);
    free(h->step);
    free(h);
}

static int hash_step(struct hasher *h, uint64_t off, size_t want, size_t *ret, struct err *err)
{
    ssize_t n = pread(h->job.fd, h->step, want, (off_t)off);

    if (n < 0 && errno == EINTR) {
        *ret = 0;
        return ERR_OK;
    }
    if (n < 0)
        return err_sys(err, "read '%s' at byte %" PRIu64, h->job.name, off);
    if (n == 0)
        return err_set(err, ERR_IO, "'%s' ends at byte %" PRIu64 ", it had %" PRIu64 " before",
                       h->job.name, off, h->job.file_size);
    *ret = (size_t)n;
    return sha256_update(h->sha, (struct slice){h->step, (size_t)n}, err);
}

static int hash_range(struct hasher *h, uint64_t from, uint64_t to, struct err *err)
{
    while (from < to) {
        size_t want = to - from < HASHER_STEP ? (size_t)(to - from) : HASHER_STEP;
        size_t got = 0;

        if (atomic_load(&h->stop) || (h->job.cancel != NULL && atomic_load(h->job.cancel)))
            return err_set(err, ERR_INTERRUPTED, "stopped at byte %" PRIu64, from);
        int r = hash_step(h, from, want, &got, err);
        if (r < 0)
            return r;
        from += got;
        if (h->job.progress != NULL)
            atomic_store(h->job.progress, from);
    }
    return ERR_OK;
}

static void *hash_file(void *arg)
{
    struct hasher *h = arg;
    int r = hash_range(h, 0, h->job.db_size, &h->err);

    if (r == ERR_OK)
        r = sha256_digest(h->sha, h->db_digest, &h->err);
    if (r == ERR_OK)
        r = hash_range(h, h->job.db_size, h->job.file_size, &h->err);
    if (r == ERR_OK)
        r = sha256_digest(h->sha, h->file_digest, &h->err);
    h->result = r;
    return NULL;
}

int hasher_start(const struct hasher_job *job, struct hasher **ret, struct err *err)
{
    struct hasher *h = calloc(1, sizeof *h);

    if (h == NULL)
        return err_nomem(err);
    h->job = *job;
    h->step = malloc(HASHER_STEP);
    int r = h->step == NULL ? err_nomem(err) : sha256_new(&h->sha, err);
    if (r == ERR_OK)
        r = thread_start(&h->thread, hash_file, h, err);
    if (r < 0) {
        hasher_free(h);
        return r;
    }
    *ret = h;
    return ERR_OK;
}

void hasher_stop(struct hasher *h)
{
    if (h != NULL)
        atomic_store(&h->stop, true);
}

int hasher_join(struct hasher *h, uint8_t ret_db[static SHA256_SIZE],
                uint8_t ret_file[static SHA256_SIZE], struct err *err)
{
    (void)pthread_join(h->thread, NULL);

    int r = h->result;
    if (r == ERR_OK) {
        memcpy(ret_db, h->db_digest, SHA256_SIZE);
        memcpy(ret_file, h->file_digest, SHA256_SIZE);
    } else if (err != NULL) {
        *err = h->err;
    }
    hasher_free(h);
    return r;
}
