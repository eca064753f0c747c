/* Threads of our own: they take no signals, so that a handler runs on the main thread and no call
 * of theirs is interrupted. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

#include "src/base/err.h"

/* Start `fn(arg)`; the caller joins it. ERR_NOMEM when the system has no room for one. */
int thread_start(pthread_t *ret, void *(*fn)(void *), void *arg, struct err *err);

#endif
