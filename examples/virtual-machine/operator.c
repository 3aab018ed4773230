/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * operator.c - tells the monitor twice that it is time: to start the guest again, to interrupt it.
 * It has the lowest priority and runs when the guest has used up its budget.
 */
#include <microkit.h>

#define VMM 0

void init(void)
{
	microkit_notify(VMM);
	microkit_notify(VMM);
}

void notified(microkit_channel channel)
{
	(void)channel;
}
