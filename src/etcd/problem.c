#include "src/etcd/problem.h"

#define PROBLEM_ROW(name, id, level, meaning, advice) \
    [name] = {                                        \
        .code = (id),                                 \
        .severity = (level),                          \
        .page = FINDING_NO_PLACE,                     \
        .offset = FINDING_NO_PLACE,                   \
        .text = (meaning),                            \
        .next = (advice),                             \
    },
static const struct finding row[ETCD_PROBLEM_COUNT] = {ETCD_PROBLEMS(PROBLEM_ROW)};
#undef PROBLEM_ROW

struct finding etcd_finding(enum etcd_problem problem)
{
    return row[problem];
}
