/* SPDX-License-Identifier: BSD-2-Clause */
/* child.c - faults in three lives; what lives on is what it had written. */
#include <microkit.h>

static unsigned lives;

/* Deeper in the stack by each life, were the stack not fresh each time. */
__attribute__((noinline)) static void fill_stack(void)
{
	volatile char bytes[3000];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	if (lives == 1)
		__asm__ volatile(".inst 0"); /* undefined: the parent lets it go on */
	if (lives < 3)
		microkit_internal_crash(seL4_AlignmentError);
}

void init(void)
{
	lives++;
	microkit_dbg_puts("child: life ");
	microkit_dbg_put32(lives);
	microkit_dbg_puts("\n");
	fill_stack();
	microkit_deferred_notify(2);
}

void notified(microkit_channel ch)
{
	(void)ch;
}
