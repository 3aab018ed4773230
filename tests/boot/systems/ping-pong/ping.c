/* SPDX-License-Identifier: BSD-2-Clause */
/* ping.c - notifies pong, and calls it when pong notifies back. */
#include <microkit.h>

#define PONG 0

static unsigned round;

void init(void)
{
	microkit_dbg_puts(microkit_name);
	microkit_dbg_puts(": init\n");
	/* The own address space is in slot 3, as drivers expect that clean the cache. */
	if (seL4_ARM_VSpace_CleanInvalidate_Data(3, (seL4_Word)&round, (seL4_Word)(&round + 1)))
		microkit_dbg_puts("ping: THE CACHE IS NOT CLEANED\n");
	microkit_notify(PONG);
}

void notified(microkit_channel ch)
{
	microkit_msginfo answer;
	unsigned good;

	if (ch != PONG)
		return;
	/* Six words: two of them travel in the IPC buffer. */
	for (unsigned i = 0; i < 6; i++)
		microkit_mr_set((seL4_Uint8)i, round * 100 + i);
	answer = microkit_ppcall(PONG, microkit_msginfo_new(7, 6));
	good = microkit_msginfo_get_label(answer) == 8 && microkit_msginfo_get_count(answer) == 6;
	for (unsigned i = 0; i < 6; i++)
		good = good && microkit_mr_get((seL4_Uint8)i) == round * 100 + 2 * i;
	microkit_dbg_puts(good ? "ping: answered " : "ping: WRONG ANSWER ");
	microkit_dbg_put32(round);
	microkit_dbg_puts("\n");
	if (!good)
		return;
	if (++round < 3)
		microkit_deferred_notify(PONG);
	else
		microkit_dbg_puts("ping: all rounds done\n");
}
