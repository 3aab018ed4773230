/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c - two interrupts of the PL031 clock, a second apart at the most. */
#include <microkit.h>

enum { DATA = 0, MATCH = 1, MASK = 4, CLEAR = 7 }; /* ARM DDI 0224C, 3.2; in words */

volatile uint32_t *clock_registers;
microkit_channel clock_channel;
static unsigned ticks;

static void next(void)
{
	clock_registers[MATCH] = clock_registers[DATA] + 1;
}

void init(void)
{
	microkit_dbg_puts("clock: init\n");
	next();
	clock_registers[MASK] = 1;
}

void notified(microkit_channel ch)
{
	if (ch != clock_channel)
		return;
	ticks++;
	clock_registers[CLEAR] = 1;
	microkit_dbg_puts("clock: tick ");
	microkit_dbg_put32(ticks);
	microkit_dbg_puts("\n");
	if (ticks == 1) {
		next();
		microkit_irq_ack(ch);
	} else {
		microkit_dbg_puts("clock: done\n");
		microkit_deferred_irq_ack(ch);
	}
}
