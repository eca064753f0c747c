/* Blocks travel: appending thread fills a slot of the ring -> `filled` -> writer thread puts it on
 * disk -> `written` -> the slot is free again. Block 0 is not in the ring: it waits for
 * blockfile_finish(). */
#include "src/base/blockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/base/auto.h"
#include "src/base/blockfile_internal.h"
#include "src/base/crc32c.h"
#include "src/base/thread.h"

enum {
    CRC_FIRST = 1024,
    BUFFERED_CALL = 256 << 10, /* bytes in one buffered write */
    BUFFERED_BEHIND = 8,       /* blocks that may be under write-back */
    FILE_MODE = 0600,
};

static int posix_openat(int dir, const char *name, int flags, mode_t mode)
{
    return openat(dir, name, flags | O_CLOEXEC, mode);
}

static const struct blockfile_ops posix_ops = {
    .openat = posix_openat,
    .pwrite = pwrite,
    .pread = pread,
    .fdatasync = fdatasync,
    .ftruncate = ftruncate,
};

static int write_failed(const struct blockfile *f, uint64_t off, struct err *err)
{
    if (errno != ENOSPC && errno != EDQUOT)
        return err_sys(err, "write '%s' at byte %" PRIu64, f->name, off);
    return err_sys(
        err, "write '%s': the file system is full after %" PRIu64 " of at most %" PRIu64 " bytes",
        f->name, off, f->size_hint > off ? f->size_hint : off);
}

/* The file system took O_DIRECT at open but not at write. */
static bool leave_direct(struct blockfile *f)
{
    int flags = fcntl(f->fd, F_GETFL);

    if (!f->is_direct || flags < 0 || fcntl(f->fd, F_SETFL, flags & ~O_DIRECT) < 0)
        return false;
    f->is_direct = false;
    return true;
}

/* All of `bytes` at `off`. A short direct write goes on from an aligned place. */
static int write_all(struct blockfile *f, struct slice bytes, uint64_t off, struct err *err)
{
    size_t done = 0;

    while (done < bytes.len) {
        size_t want = bytes.len - done;

        if (!f->is_direct && want > BUFFERED_CALL)
            want = BUFFERED_CALL;
        ssize_t n = f->ops->pwrite(f->fd, bytes.data + done, want, (off_t)(off + done));
        if (n < 0 && (errno == EINTR || (errno == EINVAL && leave_direct(f))))
            continue;
        if (n == 0)
            errno = EIO;
        if (n <= 0)
            return write_failed(f, off + done, err);
        done += (size_t)n;
        if (f->is_direct && done < bytes.len)
            done -= done % BLOCKFILE_ALIGN;
    }
    return ERR_OK;
}

/* Start write-back of a buffered block, wait for an older one and drop it from the cache: dirty
 * pages stay few and other programs' cache stays. Hints: their failure shows at fdatasync. */
static void write_back(const struct blockfile *f, uint64_t index)
{
    off_t off = (off_t)(index * BLOCKFILE_BLOCK);

    (void)sync_file_range(f->fd, off, BLOCKFILE_BLOCK, SYNC_FILE_RANGE_WRITE);
    if (index < BUFFERED_BEHIND)
        return;
    off -= (off_t)BUFFERED_BEHIND * BLOCKFILE_BLOCK;
    (void)sync_file_range(f->fd, off, BLOCKFILE_BLOCK,
                          SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                              SYNC_FILE_RANGE_WAIT_AFTER);
    (void)posix_fadvise(f->fd, off, BLOCKFILE_BLOCK, POSIX_FADV_DONTNEED);
}

static int keep_crc(struct blockfile *f, uint64_t index, struct slice bytes, struct err *err)
{
    if (index >= f->crc_cap) {
        size_t cap = f->crc_cap == 0 ? CRC_FIRST : f->crc_cap * 2;
        uint32_t *crc = realloc(f->crc, cap * sizeof *crc);

        if (crc == NULL)
            return err_nomem(err);
        f->crc = crc;
        f->crc_cap = cap;
    }
    f->crc[index] = crc32c_update(0, bytes);
    return ERR_OK;
}

/* The last block is padded with zeros to the alignment; the file is cut to its size later. */
static int write_block(struct blockfile *f, const struct blockfile_slot *slot, struct err *err)
{
    size_t padded = (slot->len + BLOCKFILE_ALIGN - 1) / BLOCKFILE_ALIGN * BLOCKFILE_ALIGN;

    memset(slot->data + slot->len, 0, padded - slot->len);
    int r = keep_crc(f, slot->index, (struct slice){slot->data, slot->len}, err);
    if (r < 0)
        return r;
    r = write_all(f, (struct slice){slot->data, padded}, slot->index * BLOCKFILE_BLOCK, err);
    if (r == ERR_OK && !f->is_direct)
        write_back(f, slot->index);
    return r;
}

static void *writer(void *arg)
{
    struct blockfile *f = arg;

    (void)pthread_mutex_lock(&f->lock);
    for (;;) {
        while (f->written == f->filled && !f->stop)
            (void)pthread_cond_wait(&f->changed, &f->lock);
        if (f->stop)
            break;
        struct blockfile_slot *slot = &f->slot[f->written % BLOCKFILE_SLOTS];
        struct err failure = {0};
        int r = f->result;

        (void)pthread_mutex_unlock(&f->lock);
        if (r == ERR_OK)
            r = write_block(f, slot, &failure);
        (void)pthread_mutex_lock(&f->lock);
        if (f->result == ERR_OK && r < 0) {
            f->result = r;
            f->failure = failure;
        }
        f->written++;
        (void)pthread_cond_broadcast(&f->changed);
    }
    (void)pthread_mutex_unlock(&f->lock);
    return NULL;
}

/* Wait until fewer than `limit` slots are with the writer; its failure is ours. */
static int wait_for_writer(struct blockfile *f, uint64_t limit, struct err *err)
{
    (void)pthread_mutex_lock(&f->lock);
    while (f->filled - f->written >= limit)
        (void)pthread_cond_wait(&f->changed, &f->lock);
    int r = f->result;
    if (r < 0 && err != NULL)
        *err = f->failure;
    (void)pthread_mutex_unlock(&f->lock);
    return r;
}

static void hand_over(struct blockfile *f)
{
    (void)pthread_mutex_lock(&f->lock);
    f->filled++;
    f->open = NULL;
    (void)pthread_cond_broadcast(&f->changed);
    (void)pthread_mutex_unlock(&f->lock);
}

/* The slot being filled, a new one when there is none. */
static int open_slot(struct blockfile *f, struct blockfile_slot **ret, struct err *err)
{
    if (f->open != NULL) {
        *ret = f->open;
        return ERR_OK;
    }
    uint64_t index = f->size / BLOCKFILE_BLOCK;

    if (index >= BLOCKFILE_COUNT_MAX) {
        (void)err_set(err, ERR_LIMIT, "'%s' is longer than %d blocks of 1 MiB", f->name,
                      (int)BLOCKFILE_COUNT_MAX);
        return ERR_LIMIT;
    }
    int r = wait_for_writer(f, BLOCKFILE_SLOTS, err);
    if (r < 0)
        return r;
    /* `filled` is changed by this thread only. */
    f->open = &f->slot[f->filled % BLOCKFILE_SLOTS];
    f->open->len = 0;
    f->open->index = index;
    *ret = f->open;
    return ERR_OK;
}

static void append_first(struct blockfile *f, struct slice *bytes)
{
    size_t room = BLOCKFILE_BLOCK - (size_t)f->size;
    size_t n = bytes->len < room ? bytes->len : room;

    memcpy(f->memory + f->size, bytes->data, n);
    f->size += n;
    *bytes = (struct slice){bytes->data + n, bytes->len - n};
}

static int append_ring(struct blockfile *f, struct slice *bytes, struct err *err)
{
    struct blockfile_slot *slot;
    int r = open_slot(f, &slot, err);

    if (r < 0)
        return r;
    size_t room = BLOCKFILE_BLOCK - slot->len;
    size_t n = bytes->len < room ? bytes->len : room;
    memcpy(slot->data + slot->len, bytes->data, n);
    slot->len += n;
    f->size += n;
    *bytes = (struct slice){bytes->data + n, bytes->len - n};
    if (slot->len == BLOCKFILE_BLOCK)
        hand_over(f);
    return ERR_OK;
}

int blockfile_append(struct blockfile *f, struct slice bytes, struct err *err)
{
    int r = ERR_OK;

    if (f->is_finished)
        return err_set(err, ERR_USAGE, "'%s' is finished", f->name);
    if (bytes.len > 0 && f->size < BLOCKFILE_BLOCK)
        append_first(f, &bytes);
    while (bytes.len > 0 && r == ERR_OK)
        r = append_ring(f, &bytes, err);
    return r;
}

static int cut_and_sync(struct blockfile *f, struct err *err)
{
    if (f->ops->ftruncate(f->fd, (off_t)f->size) < 0)
        return err_sys(err, "set the size of '%s' to %" PRIu64, f->name, f->size);
    if (f->ops->fdatasync(f->fd) < 0)
        return err_sys(err, "sync '%s'", f->name);
    return ERR_OK;
}

static int finish(struct blockfile *f, struct slice head, struct err *err)
{
    size_t first = f->size < BLOCKFILE_BLOCK ? (size_t)f->size : BLOCKFILE_BLOCK;

    if (f->is_finished)
        return err_set(err, ERR_USAGE, "'%s' is finished", f->name);
    if (head.len > first)
        return err_set(err, ERR_USAGE, "head of %zu bytes in a file of %" PRIu64, head.len,
                       f->size);
    f->is_finished = true;
    if (f->open != NULL)
        hand_over(f);
    int r = wait_for_writer(f, 1, err);
    if (r == ERR_OK)
        r = cut_and_sync(f, err);
    if (r < 0 || first == 0)
        return r;
    if (head.len > 0)
        memcpy(f->memory, head.data, head.len);
    r = write_block(f, &(struct blockfile_slot){f->memory, first, 0}, err);
    return r < 0 ? r : cut_and_sync(f, err);
}

int blockfile_finish(struct blockfile *f, struct slice head, struct err *err)
{
    int r = finish(f, head, err);

    f->is_whole = r == ERR_OK;
    return r;
}

bool blockfile_is_direct(const struct blockfile *f)
{
    return f->is_direct;
}

static void stop_thread(struct blockfile *f)
{
    if (!f->has_thread)
        return;
    (void)pthread_mutex_lock(&f->lock);
    f->stop = true;
    (void)pthread_cond_broadcast(&f->changed);
    (void)pthread_mutex_unlock(&f->lock);
    (void)pthread_join(f->thread, NULL);
}

void blockfile_free(struct blockfile *f)
{
    if (f == NULL)
        return;
    stop_thread(f);
    if (f->fd >= 0)
        (void)close(f->fd);
    (void)pthread_cond_destroy(&f->changed);
    (void)pthread_mutex_destroy(&f->lock);
    free(f->crc);
    free(f->memory);
    free(f->name);
    free(f);
}

/* O_DIRECT where open() takes it. The descriptor reads too, for blockfile_read_back(). */
static int open_new(struct blockfile *f, int dir, struct err *err)
{
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

    f->fd = f->ops->openat(dir, f->name, flags | O_DIRECT, FILE_MODE);
    f->is_direct = f->fd >= 0;
    /* Linux may create the file before it refuses O_DIRECT. */
    if (f->fd < 0 && errno == EINVAL) {
        (void)unlinkat(dir, f->name, 0);
        f->fd = f->ops->openat(dir, f->name, flags, FILE_MODE);
    }
    return f->fd < 0 ? err_sys(err, "create '%s'", f->name) : ERR_OK;
}

static int set_up(struct blockfile *f, const char *name, struct err *err)
{
    void *memory = NULL;

    f->name = strdup(name);
    if (f->name == NULL || posix_memalign(&memory, BLOCKFILE_ALIGN,
                                          (size_t)BLOCKFILE_BLOCK * (1 + BLOCKFILE_SLOTS)) != 0)
        return err_nomem(err);
    f->memory = memory;
    for (size_t i = 0; i < BLOCKFILE_SLOTS; i++)
        f->slot[i].data = f->memory + (i + 1) * BLOCKFILE_BLOCK;
    return ERR_OK;
}

int blockfile_create_with(const struct blockfile_ops *ops, int dir, const char *name,
                          uint64_t size_hint, struct blockfile **ret, struct err *err)
{
    struct blockfile *f = calloc(1, sizeof *f);

    if (f == NULL)
        return err_nomem(err);
    f->ops = ops;
    f->fd = -1;
    f->size_hint = size_hint;
    (void)pthread_mutex_init(&f->lock, NULL);
    (void)pthread_cond_init(&f->changed, NULL);
    int r = set_up(f, name, err);
    if (r == ERR_OK)
        r = open_new(f, dir, err);
    if (r == ERR_OK)
        r = thread_start(&f->thread, writer, f, err);
    if (r < 0) {
        blockfile_free(f);
        return r;
    }
    f->has_thread = true;
    *ret = f;
    return ERR_OK;
}

int blockfile_create(int dir, const char *name, uint64_t size_hint, struct blockfile **ret,
                     struct err *err)
{
    return blockfile_create_with(&posix_ops, dir, name, size_hint, ret, err);
}
