#include "src/base/thread.h"

#include <signal.h>
#include <string.h>

enum { THREAD_STACK = 256 << 10 };

int thread_start(pthread_t *ret, void *(*fn)(void *), void *arg, struct err *err)
{
    pthread_attr_t attr;
    sigset_t all;
    sigset_t before;

    if (pthread_attr_init(&attr) != 0)
        return err_nomem(err);
    (void)pthread_attr_setstacksize(&attr, THREAD_STACK);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = pthread_create(ret, &attr, fn, arg);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attr);
    if (r == 0)
        return ERR_OK;
    char text[128];
    return err_set(err, ERR_NOMEM, "start a thread: %s", strerror_r(r, text, sizeof text));
}
