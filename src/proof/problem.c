#include "src/proof/problem.h"

#define PROOF_ROW(name, id, level, meaning, advice) \
    [name] = {                                      \
        .code = (id),                               \
        .severity = (level),                        \
        .page = FINDING_NO_PLACE,                   \
        .offset = FINDING_NO_PLACE,                 \
        .text = (meaning),                          \
        .next = (advice),                           \
    },
static const struct finding row[PROOF_PROBLEM_COUNT] = {PROOF_PROBLEMS(PROOF_ROW)};
#undef PROOF_ROW

struct finding proof_finding(enum proof_problem problem)
{
    return row[problem];
}
