/* Scope-bound ownership. A local that owns something is declared with AUTO_*, and hands it on with
 * TAKE_*(). */
#ifndef BASE_AUTO_H
#define BASE_AUTO_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline void auto_free(void *slot)
{
    void *owned;

    memcpy(&owned, slot, sizeof owned);
    free(owned);
}

static inline void auto_close(const int *slot)
{
    if (*slot >= 0)
        (void)close(*slot);
}

static inline void auto_fclose(FILE **slot)
{
    if (*slot != NULL)
        (void)fclose(*slot);
}

#define AUTO_FREE __attribute__((cleanup(auto_free)))
#define AUTO_CLOSE __attribute__((cleanup(auto_close)))
#define AUTO_FCLOSE __attribute__((cleanup(auto_fclose)))

/* AUTO(bolt_db) struct bolt_db *db = NULL;  runs bolt_db_free(db) at the end of the scope. */
#define AUTO(type) __attribute__((cleanup(type##_auto)))
#define AUTO_DEFINE(type)                              \
    static inline void type##_auto(struct type **slot) \
    {                                                  \
        type##_free(*slot);                            \
    }

#define TAKE_PTR(lvalue)                     \
    __extension__({                          \
        __typeof__(lvalue) take_ = (lvalue); \
        (lvalue) = NULL;                     \
        take_;                               \
    })

#define TAKE_FD(lvalue)       \
    __extension__({           \
        int take_ = (lvalue); \
        (lvalue) = -1;        \
        take_;                \
    })

#endif
