/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * node.c - hands the token on.
 */
#include <microkit.h>

#define NEXT     0
#define PREVIOUS 1

void init(void)
{
}

void notified(microkit_channel channel)
{
	if (channel == PREVIOUS)
		microkit_notify(NEXT);
}
