#include "src/cli/problems.h"

#include <string.h>

#include "boltdb/problem.h"
#include "src/etcd/problem.h"
#include "src/proof/problem.h"
#include "src/raft/problem.h"

#define ROW(name, code, severity, meaning, next) {code, severity, meaning, next},
static const struct problem_row proof_rows[] = {PROOF_PROBLEMS(ROW)};
static const struct problem_row bolt_rows[] = {BOLT_PROBLEMS(ROW)};
static const struct problem_row etcd_rows[] = {ETCD_PROBLEMS(ROW)};
static const struct problem_row raft_rows[] = {RAFT_PROBLEMS(ROW)};
#undef ROW

const struct problem_table problem_tables[PROBLEM_TABLE_COUNT] = {
    {"The file as a whole", proof_rows, sizeof proof_rows / sizeof *proof_rows},
    {"Pages and buckets", bolt_rows, sizeof bolt_rows / sizeof *bolt_rows},
    {"What etcd keeps in it", etcd_rows, sizeof etcd_rows / sizeof *etcd_rows},
    {"Write-ahead log and .snap files", raft_rows, sizeof raft_rows / sizeof *raft_rows},
};

const char *problem_next(const char *code)
{
    for (size_t i = 0; i < PROBLEM_TABLE_COUNT; i++) {
        for (size_t r = 0; r < problem_tables[i].count; r++) {
            if (strcmp(problem_tables[i].row[r].code, code) == 0)
                return problem_tables[i].row[r].next;
        }
    }
    return NULL;
}
