/* SPDX-License-Identifier: BSD-2-Clause */
/* modest.c - gets its turn, and a fault, which the root task prints in the turn of domain 0. */
#include <microkit.h>

void init(void)
{
	microkit_dbg_puts("modest: init\n");
}

void notified(microkit_channel ch)
{
	microkit_dbg_puts(ch == 2 ? "modest: my turn\n" : "modest: notified on a wrong channel\n");
	microkit_internal_crash(0x123);
}
