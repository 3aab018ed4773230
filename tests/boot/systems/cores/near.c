/* SPDX-License-Identifier: BSD-2-Clause */
/* near.c - runs on the first core, calls the other one and is notified from there. */
#include <microkit.h>

void init(void)
{
	seL4_SetMR(0, 41);
	microkit_ppcall(4, microkit_msginfo_new(0, 1));
	if (seL4_GetMR(0) != 42)
		microkit_dbg_puts("near: wrong answer\n");
}

void notified(microkit_channel ch)
{
	microkit_dbg_puts(ch == 4 ? "near: done\n" : "near: notified on a wrong channel\n");
}
