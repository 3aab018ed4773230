/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client.c - has the counter count on this domain's time, and says what it counted when the other
 * client is done.
 */
#include "console.h"
#include <microkit.h>

#define COUNTER    0
#define BACKGROUND 1
#define CALLS      1000

static int failed;

static void add(uint64_t number)
{
	microkit_msginfo answer;

	microkit_mr_set(0, number);
	answer = microkit_ppcall(COUNTER, microkit_msginfo_new(0, 1));
	failed |=
	    microkit_msginfo_get_label(answer) != 0 || microkit_msginfo_get_count(answer) != 2;
}

void init(void)
{
	for (unsigned i = 1; i <= CALLS; i++) {
		add(i);
		failed |= microkit_mr_get(0) != (uint64_t)i * (i + 1) / 2;
	}
	say(failed ? "passive-server: FAILED\n"
	           : "passive-server: 1000 calls on the client's time\n");
}

void notified(microkit_channel channel)
{
	if (channel != BACKGROUND || failed)
		return;
	add(0);
	say("passive-server: totals ");
	say_number(microkit_mr_get(0));
	say(" and ");
	say_number(microkit_mr_get(1));
	say("\npassive-server: done\n");
}
