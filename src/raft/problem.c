#include "src/raft/problem.h"

#define PROBLEM_ROW(name, code, severity, meaning, next) \
    [name] = {(code), (severity), (meaning), (next)},
const struct raft_problem_info raft_problem_table[RAFT_PROBLEM_COUNT] = {
    RAFT_PROBLEMS(PROBLEM_ROW)};
#undef PROBLEM_ROW
