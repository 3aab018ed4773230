/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * background.c - the less urgent client, with half a millisecond in every ten.
 */
#include <microkit.h>

#define COUNTER 0
#define CLIENT  1
#define CALLS   1000

void init(void)
{
	for (unsigned i = 0; i < CALLS; i++) {
		microkit_mr_set(0, 2);
		microkit_ppcall(COUNTER, microkit_msginfo_new(0, 1));
	}
	microkit_notify(CLIENT);
}

void notified(microkit_channel channel)
{
	(void)channel;
}
