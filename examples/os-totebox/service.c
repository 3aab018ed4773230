/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * service.c - a service that does nothing but answer the watchdog. Built with STUCK_AT or FAULT_AT
 * it fails at that beat: its memory stays as it was when it is started again, so it counts on.
 */
#include <microkit.h>
#include "totebox.h"

#ifndef STUCK_AT
#define STUCK_AT 0
#endif
#ifndef FAULT_AT
#define FAULT_AT 0
#endif

static volatile unsigned beats;

void init(void)
{
}

void notified(microkit_channel channel)
{
	beats++;
	while (beats == STUCK_AT)
		;
	if (beats == FAULT_AT)
		*(volatile uint64_t *)0xdead000 = 0; /* nothing is there */
	microkit_notify(channel);
}
