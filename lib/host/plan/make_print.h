/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * make_print.h - commands as they are run, and what they print: make_print.c's part for make.c.
 */
#ifndef MS_PLAN_MAKE_PRINT_H
#define MS_PLAN_MAKE_PRINT_H

#include "plan/make.h"
#include "plan/words.h"

/* The command as it is run, but for the temporary names of what it makes, as a shell reads it. */
char *ms_make_command_line(const struct ms_make *make, const struct ms_list *launcher,
                           const struct ms_words *words);

/* Shows what a command printed, in one piece; what could drive a terminal is made visible. id: of
 * its event (base/events.h). */
void ms_make_show(const struct ms_make_command *command, size_t id, bool failed,
                  const struct ms_buf *output);

#endif
