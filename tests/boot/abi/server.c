/* SPDX-License-Identifier: BSD-2-Clause */
/* server.c - adds, and restarts its child twice. */
#include "library.h"

uint64_t ring_address, child_id;
static unsigned lives;

void init(void)
{
	say(ring_address % 4096 == 0 && ring_address ? "server: knows the ring's address\n"
	                                             : "server: no address\n");
}

void notified(unsigned channel)
{
	say("server: notified on ");
	say_number(channel);
	say("\n");
}

unsigned protected(unsigned channel, uint64_t *words, unsigned count)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += words[i];
	for (unsigned i = 0; i < 6; i++)
		words[i] = channel;
	words[5] = sum;
	return 6;
}

void fault(unsigned child)
{
	struct sel4_context context = {.pc = 0x200000, .sp = STACK_TOP};
	struct sel4_invocation inv;

	say(child == child_id ? "server: child faulted\n" : "server: somebody faulted\n");
	if (++lives < 3)
		sel4_tcb_write_registers(&inv, CHILD + child, 1, 2, &context);
	else
		sel4_tcb_suspend(&inv, CHILD + child);
	invoke(&inv);
}
