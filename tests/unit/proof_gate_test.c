/* Which etcd starts on a real data directory: what the gate says, beside what real etcd 3.4.23,
 * 3.5.35, 3.6.16 and 3.7.3 did when each was started on a copy of every directory fixture. */
#include <stdio.h>
#include <string.h>

#include "src/base/auto.h"
#include "src/proof/datadir.h"
#include "tests/unit/test.h"

AUTO_DEFINE(proof_datadir)

/* Letters for 3.4 to 3.7: s starts, m may start, r does not start. */
static const struct {
    const char *name;
    const char *said;
    const char *seen;
} rows[] = {
    {"datadir-3.4", "ssss", "ssss"},  {"datadir-3.5", "rsss", "rsss"},
    {"datadir-3.6", "rrss", "rrss"},  {"datadir-3.7", "rrrs", "rrrs"},
    {"killed-3.4", "ssmr", "ssrr"},   {"killed-3.5", "msmr", "rssr"},
    {"killed-3.6", "mmss", "srss"},   {"killed-3.7", "mmrs", "srrs"},
    {"restored-3.4", "ssrr", "ssrr"}, {"restored-3.5", "ssss", "ssss"},
    {"restored-3.6", "msss", "ssss"}, {"restored-3.7", "msrs", "ssrs"},
    {"bumped-3.6", "msss", "ssss"},
};

static void take_gate(const char *name, struct etcd_gate *ret)
{
    AUTO(proof_datadir) struct proof_datadir *dir = NULL;
    struct finding_sink sink = {0};
    struct proof_options options = {0};
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", RESCUE_FIXTURES_BUILD, name);
    CHECK(proof_datadir_run(path, NULL, &options, &sink, &dir, NULL) == ERR_OK);
    proof_datadir_gate(dir, ret);
}

TEST(gate_agrees_with_real_servers)
{
    static struct etcd_gate gate;
    static const char letters[] = {'s', 'm', 'r'};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        take_gate(rows[i].name, &gate);
        for (int m = 0; m < ETCD_MINOR_COUNT; m++) {
            char said = letters[gate.start[m].verdict];

            CHECK(said == rows[i].said[m]);
            CHECK(said == 'm' || said == rows[i].seen[m]);
            CHECK(said == 's' || gate.start[m].reason_count > 0);
        }
    }
}
