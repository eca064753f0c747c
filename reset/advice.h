/* What a person does after a restore of plain etcd. */
#ifndef RESET_ADVICE_H
#define RESET_ADVICE_H

#include "reset/report.h"

/* Appends to r->next. ERR_NOMEM. */
int reset_advice_add(struct reset_report *r, struct err *err);

#endif
