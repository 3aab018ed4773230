/* SPDX-License-Identifier: BSD-2-Clause */
/* ticks.c - has the BCM2837's system timer interrupt it three times. */
#include <microkit.h>

#define STATUS  0 /* words: what has come; */
#define COUNTER 1 /* microseconds; */
#define COMPARE 6 /* the one that is waited for, of comparison 3 */
#define BIT3    8
#define STEP    50000

volatile seL4_Uint32 *timer;

static void again(void)
{
	timer[COMPARE] = timer[COUNTER] + STEP;
}

void init(void)
{
	again();
}

void notified(microkit_channel ch)
{
	static seL4_Uint32 count;

	timer[STATUS] = BIT3;
	again();
	microkit_dbg_puts("ticks: ");
	microkit_dbg_put32(++count);
	microkit_dbg_puts("\n");
	microkit_irq_ack(ch);
}
