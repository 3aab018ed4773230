/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * first.c - the node that sends the token off and counts how often it comes back.
 */
#include "console.h"
#include <microkit.h>

#define NEXT     0
#define PREVIOUS 1
#define ROUNDS   1000

uint64_t node_count; /* see system.toml */
static unsigned rounds;

void init(void)
{
	say("sixty-three: the token starts\n");
	microkit_notify(NEXT);
}

void notified(microkit_channel channel)
{
	if (channel != PREVIOUS)
		return;
	if (++rounds < ROUNDS) {
		microkit_notify(NEXT);
		return;
	}
	say("sixty-three: ");
	say_number(rounds);
	say(" rounds of ");
	say_number(node_count);
	say(" nodes, ");
	say_number(rounds * node_count);
	say(" signals\nsixty-three: done\n");
}
