/* Rows that more than one command prints. */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

#include "src/cli/out.h"
#include "src/etcd/facts.h"

/* "NOSPACE", "CORRUPT", "unknown". */
const char *names_alarm(uint64_t type);

/* An array of URLs in JSON; a line each in a table, the first with the label. */
void names_urls(struct out *o, const char *key, const char *label, char *const *urls, size_t count);

#endif
