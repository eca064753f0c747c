/* What a long run needs around it: a cancel flag set by SIGINT, SIGTERM or SIGHUP, and a progress
 * bar on standard error, shown only on a terminal and only after a second. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "src/base/err.h"

/* Becomes true when the user wants to stop; the run then ends with ERR_INTERRUPTED and cleans up.
 * A second signal ends the program at once. */
extern _Atomic bool run_cancel;

/* Install the handlers and ignore SIGPIPE. */
void run_catch_signals(void);

enum { PROGRESS_LINE_SIZE = 128 };

struct progress {
    _Atomic uint64_t done;  /* counted by the run */
    _Atomic uint64_t total; /* bytes, 0 while it is not known */
    const char *what;       /* "verify" */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_running;
    bool is_ending;
};

/* Start the watching thread when standard error is a terminal. Never fails: without a thread there
 * is no bar. */
void progress_start(struct progress *p, const char *what);
/* Stop it and wipe the bar. */
void progress_stop(struct progress *p);
#define AUTO_PROGRESS __attribute__((cleanup(progress_stop)))

/* The bar: "verify  42 %  1.3 GB/s  0:03 left". Rate and time left are of the whole run. */
void progress_line(char out[static PROGRESS_LINE_SIZE], const char *what, uint64_t done,
                   uint64_t total, double seconds);

#endif
