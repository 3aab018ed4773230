/* SPDX-License-Identifier: BSD-2-Clause */
/* caller.c - uses everything that it was given. */
#include "library.h"

#define SERVER CAP(63)

uint64_t *ring;
uint64_t ring_bytes;

#ifdef OLD
static void stop_and_go_on(void)
{
}
#else
static void stop_and_go_on(void)
{
	struct sel4_invocation inv;

	sel4_tcb_suspend(&inv, SERVER);
	invoke(&inv);
	notify(61);
	say("caller: server stopped\n");
	sel4_tcb_resume(&inv, SERVER);
	invoke(&inv);
}
#endif

void init(void)
{
	uint64_t words[6] = {1, 2, 3, 4, 5, 6};

	ring[ring_bytes / 8 - 1] = 7;
	say("caller: answer of ");
	say_number(call(61, words, 6));
	say(" words: ");
	say_number(words[4]);
	say(", ");
	say_number(words[5]);
	say("\n");
	notify(61);
	stop_and_go_on();
	say("caller: done\n");
}

void notified(unsigned channel)
{
	(void)channel;
}
