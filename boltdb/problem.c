#include "boltdb/problem.h"

#include <stdarg.h>
#include <stdio.h>

#define BOLT_PROBLEM_ROW(name, code, severity, meaning, next) \
    [name] = {(code), (severity), (meaning), (next)},
const struct bolt_problem_info bolt_problems[BOLT_PROBLEM_COUNT] = {
    BOLT_PROBLEMS(BOLT_PROBLEM_ROW)};

bool bolt_fault_set(struct bolt_fault *ret, enum bolt_problem problem, uint64_t offset,
                    const char *fmt, ...)
{
    va_list ap;

    ret->problem = problem;
    ret->offset = offset;
    va_start(ap, fmt);
    (void)vsnprintf(ret->text, sizeof ret->text, fmt, ap);
    va_end(ap);
    return false;
}
