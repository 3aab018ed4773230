/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timer.c - driver of the real-time clock. A call with a number of seconds (1 to a day) sets the
 * alarm, and answers with the time; the client is signalled when it goes off.
 */
#include "clock.h"
#include <microkit.h>

#define CLIENT    0
#define INTERRUPT 1
#define DAY       86400

uintptr_t clock_registers;

void init(void)
{
	clock_write(CLOCK_CLEAR, 1);
}

void notified(microkit_channel channel)
{
	if (channel != INTERRUPT)
		return;
	if (clock_read(CLOCK_PENDING)) {
		clock_write(CLOCK_ENABLE, 0);
		clock_write(CLOCK_CLEAR, 1);
		microkit_notify(CLIENT);
	}
	microkit_irq_ack(INTERRUPT);
}

microkit_msginfo protected(microkit_channel channel, microkit_msginfo message)
{
	uint64_t seconds = microkit_mr_get(0);
	uint32_t now = clock_read(CLOCK_NOW);

	(void)channel;
	(void)message;
	if (seconds < 1 || seconds > DAY)
		return microkit_msginfo_new(1, 0);
	clock_write(CLOCK_CLEAR, 1);
	clock_write(CLOCK_MATCH, now + (uint32_t)seconds);
	clock_write(CLOCK_ENABLE, 1);
	microkit_mr_set(0, now);
	return microkit_msginfo_new(0, 1);
}
