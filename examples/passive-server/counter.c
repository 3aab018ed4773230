/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * counter.c - a passive server: after init it has no scheduling context. Each call adds its number
 * to the caller's total and answers with both totals.
 */
#include <microkit.h>

static uint64_t totals[2];

void init(void)
{
}

void notified(microkit_channel channel)
{
	(void)channel;
}

microkit_msginfo protected(microkit_channel channel, microkit_msginfo message)
{
	(void)message;
	if (channel > 1)
		return microkit_msginfo_new(1, 0);
	totals[channel] += microkit_mr_get(0);
	microkit_mr_set(0, totals[0]);
	microkit_mr_set(1, totals[1]);
	return microkit_msginfo_new(0, 2);
}
