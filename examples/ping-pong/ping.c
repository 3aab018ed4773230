/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ping.c - calls pong for a second, then exchanges signals with it for a second, and says how long
 * a round trip takes. The time is the clock's, which every kernel lets us read, so each
 * measurement begins and ends where its second changes.
 */
#include "clock.h"
#include "console.h"
#include <microkit.h>

#define CALLS   0
#define SIGNALS 1
#define ADDED   17 /* what pong adds to a number */

uintptr_t clock_registers;
static uint64_t trips;
static uint32_t second; /* of the clock, in which signals are counted; 0: not yet */

/* Waits until the clock's second changes; returns the new one. */
static uint32_t next_second(void)
{
	uint32_t now = clock_read(CLOCK_NOW);

	while (clock_read(CLOCK_NOW) == now)
		;
	return clock_read(CLOCK_NOW);
}

static void report(const char *what)
{
	say("ping-pong: ");
	say_number(trips);
	say(what);
	say(" round trips in a second, ");
	say_number(1000000000u / (trips ? trips : 1));
	say(" ns each\n");
}

void init(void)
{
	uint32_t begin = next_second();

	while (clock_read(CLOCK_NOW) == begin) {
		microkit_mr_set(0, trips);
		microkit_ppcall(CALLS, microkit_msginfo_new(0, 1));
		if (microkit_mr_get(0) != trips + ADDED) {
			say("ping-pong: FAILED: pong's answer is wrong\n");
			return;
		}
		trips++;
	}
	report(" call");
	trips = 0;
	second = next_second();
	microkit_notify(SIGNALS);
}

void notified(microkit_channel channel)
{
	if (channel != SIGNALS)
		return;
	trips++;
	if (clock_read(CLOCK_NOW) == second) {
		microkit_notify(SIGNALS);
	} else {
		report(" signal");
		say("ping-pong: done\n");
	}
}
