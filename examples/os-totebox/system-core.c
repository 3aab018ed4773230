/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * system-core.c - has the ledger checked at each beat. It answers the watchdog only while the chain
 * is whole.
 */
#include <microkit.h>
#include "totebox.h"

#define LEDGER 1

void init(void)
{
}

void notified(microkit_channel channel)
{
	microkit_msginfo answer = microkit_ppcall(LEDGER, microkit_msginfo_new(LEDGER_CHECK, 0));

	if (microkit_msginfo_get_label(answer) == 0)
		microkit_notify(channel);
}
