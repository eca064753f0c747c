/* The report of a restore, for people or as JSON. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "reset/report.h"
#include "src/cli/out.h"

void report_print(struct out *o, const struct reset_report *r);

#endif
