#include "src/cli/run.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "src/cli/out.h"

_Atomic bool run_cancel;

/* The handler is gone after the first signal (SA_RESETHAND), so a second one ends the program. */
static void on_signal(int number)
{
    (void)number;
    atomic_store(&run_cancel, true);
}

void run_catch_signals(void)
{
    static const int stop[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;

    memset(&action, 0, sizeof action);
    (void)sigemptyset(&action.sa_mask);
    action.sa_handler = on_signal;
    action.sa_flags = (int)SA_RESETHAND;
    for (size_t i = 0; i < sizeof stop / sizeof *stop; i++) {
        struct sigaction before;

        /* nohup and shells without job control start programs with a signal ignored: keep that. */
        if (sigaction(stop[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN)
            continue;
        (void)sigaction(stop[i], &action, NULL);
    }
    action.sa_handler = SIG_IGN;
    action.sa_flags = 0;
    (void)sigaction(SIGPIPE, &action, NULL);
}

void progress_line(char out[static PROGRESS_LINE_SIZE], const char *what, uint64_t done,
                   uint64_t total, double seconds)
{
    char human[HUMAN_SIZE];
    double rate = seconds > 0 ? (double)done / seconds : 0;
    uint64_t left;

    done = done < total || total == 0 ? done : total;
    if (total == 0 || rate < 1) {
        (void)snprintf(out, PROGRESS_LINE_SIZE, "%s  %s", what, human_bytes(done, human));
        return;
    }
    left = (uint64_t)((double)(total - done) / rate);
    (void)snprintf(out, PROGRESS_LINE_SIZE, "%s  %u %%  %s/s  %u:%02u left", what,
                   (unsigned)((double)done * 100 / (double)total),
                   human_bytes((uint64_t)rate, human), (unsigned)(left / 60),
                   (unsigned)(left % 60));
}

static double seconds_between(const struct timespec *from, const struct timespec *to)
{
    return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

static void draw(struct progress *p, const struct timespec *start)
{
    char text[PROGRESS_LINE_SIZE];
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    progress_line(text, p->what, atomic_load(&p->done), atomic_load(&p->total),
                  seconds_between(start, &now));
    (void)fprintf(stderr, "\r\033[K%s", text);
    (void)fflush(stderr);
}

/* Wake up every 200 ms, the first time after a second. */
static void *watch(void *ctx)
{
    enum { FIRST_NS = 1000000000, NEXT_NS = 200000000, SECOND_NS = 1000000000 };
    struct progress *p = ctx;
    struct timespec start;
    struct timespec wake;
    long wait_ns = FIRST_NS;
    bool is_drawn = false;

    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    wake = start;
    (void)pthread_mutex_lock(&p->lock);
    while (!p->is_ending) {
        wake.tv_nsec += wait_ns;
        wake.tv_sec += wake.tv_nsec / SECOND_NS;
        wake.tv_nsec %= SECOND_NS;
        while (!p->is_ending && pthread_cond_timedwait(&p->changed, &p->lock, &wake) == 0)
            ;
        if (!p->is_ending) {
            draw(p, &start);
            is_drawn = true;
        }
        wait_ns = NEXT_NS;
    }
    (void)pthread_mutex_unlock(&p->lock);
    if (is_drawn) {
        (void)fprintf(stderr, "\r\033[K");
        (void)fflush(stderr);
    }
    return NULL;
}

void progress_start(struct progress *p, const char *what)
{
    pthread_condattr_t attributes;

    memset(p, 0, sizeof *p);
    p->what = what;
    if (isatty(STDERR_FILENO) == 0)
        return;
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&p->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    p->is_running = pthread_create(&p->thread, NULL, watch, p) == 0;
}

void progress_stop(struct progress *p)
{
    if (!p->is_running)
        return;
    (void)pthread_mutex_lock(&p->lock);
    p->is_ending = true;
    (void)pthread_cond_signal(&p->changed);
    (void)pthread_mutex_unlock(&p->lock);
    (void)pthread_join(p->thread, NULL);
    (void)pthread_cond_destroy(&p->changed);
    (void)pthread_mutex_destroy(&p->lock);
    p->is_running = false;
}
