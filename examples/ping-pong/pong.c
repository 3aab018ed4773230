/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pong.c - answers a call with its number plus 17, and a signal with a signal.
 */
#include <microkit.h>

#define SIGNALS 1
#define ADDED   17

void init(void)
{
}

void notified(microkit_channel channel)
{
	if (channel == SIGNALS)
		microkit_notify(SIGNALS);
}

microkit_msginfo protected(microkit_channel channel, microkit_msginfo message)
{
	(void)channel;
	(void)message;
	microkit_mr_set(0, microkit_mr_get(0) + ADDED);
	return microkit_msginfo_new(0, 1);
}
