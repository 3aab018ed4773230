/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * worker.c - fails in another way each time it is started, until nothing is left to fail. Its
 * memory stays as it was when it is started again, so it knows.
 */
#include <microkit.h>

#define WATCHDOG 0

static volatile unsigned starts;

void init(void)
{
	switch (++starts) {
	case 1: *(volatile uint64_t *)0xdead000 = 1; break;
	case 2: __asm__ volatile("udf #0"); break;
	case 3: __asm__ volatile("mov x7, #0x1234\n\tsvc #0" ::: "x7", "memory"); break;
	default: microkit_notify(WATCHDOG); break;
	}
}

void notified(microkit_channel channel)
{
	(void)channel;
}
