/* SPDX-License-Identifier: BSD-2-Clause */
/* greedy.c - never waits again: without domains nobody less urgent would run. */
#include <microkit.h>

void init(void)
{
	microkit_dbg_puts("greedy: init\n");
	microkit_notify(1);
	for (;;)
		__asm__ volatile("");
}

void notified(microkit_channel ch)
{
	(void)ch;
}
