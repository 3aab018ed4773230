/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * adopt.h - results of a plan's compile commands that another build has left: ninja, say, and the
 * machines that it sends them to.
 */
#ifndef MS_PLAN_ADOPT_H
#define MS_PLAN_ADOPT_H

#include "base/file.h"
#include <stdbool.h>

/*
 * Copies output and dependency file into temporary files of their own, as if the command had just
 * written these; the caller commits or abandons them. False when not both are there: our own runs
 * leave no dependency file, so one that lies there is another build's. A failed write ends the
 * program with 3.
 */
bool ms_adopt(const char *output, const char *depfile, struct ms_temp *made, struct ms_temp *read);

#endif
