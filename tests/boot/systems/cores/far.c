/* SPDX-License-Identifier: BSD-2-Clause */
/* far.c - runs on the second core. */
#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
	(void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	(void)msginfo;
	seL4_SetMR(0, seL4_GetMR(0) + 1);
	microkit_deferred_notify(ch);
	return microkit_msginfo_new(0, 1);
}
