/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client.c - has itself woken three times, a second apart, and compares the clock.
 */
#include "console.h"
#include <microkit.h>

#define TIMER 0
#define TICKS 3

static unsigned ticks;
static uint64_t last; /* second in which the alarm was set */

/* Sets the alarm; 0 and a word on the console if the timer refuses. */
static uint64_t alarm_in(uint64_t seconds)
{
	microkit_msginfo answer;

	microkit_mr_set(0, seconds);
	answer = microkit_ppcall(TIMER, microkit_msginfo_new(0, 1));
	if (microkit_msginfo_get_label(answer) == 0)
		return microkit_mr_get(0);
	say("timer: FAILED: no alarm\n");
	return 0;
}

void init(void)
{
	last = alarm_in(1);
	if (last)
		say("timer: alarm set\n");
}

void notified(microkit_channel channel)
{
	uint64_t now;

	if (channel != TIMER || ticks == TICKS)
		return;
	now = alarm_in(1);
	say("timer: tick ");
	say_number(++ticks);
	say(now > last ? ", the clock moved on\n" : ", FAILED: too early\n");
	last = now;
	if (ticks == TICKS)
		say("timer: done\n");
}
