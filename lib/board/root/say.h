/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * say.h - what the root task has to say on the debug console: failures, and later the faults of
 * protection domains. A kernel without a console prints none of it.
 */
#ifndef ROOT_SAY_H
#define ROOT_SAY_H

#include <stdint.h>

/* printf with %s, %u (uint64_t, decimal) and %x (uint64_t, with 0x). */
void say(const char *format, ...);

#endif
