/* SPDX-License-Identifier: BSD-2-Clause */
/* client.c - calls a passive server, and is notified by it. */
#include <microkit.h>

void init(void)
{
	microkit_mr_set(0, 41);
	microkit_ppcall(0, microkit_msginfo_new(3, 1));
	microkit_dbg_puts("client: ");
	microkit_dbg_put32((seL4_Uint32)microkit_mr_get(0));
	microkit_dbg_puts("\n");
}

void notified(microkit_channel ch)
{
	static unsigned count;

	if (++count == 1) {
		microkit_dbg_puts("client: notified with the answer\n");
		microkit_notify(ch);
	} else {
		microkit_dbg_puts("client: notified back\n");
	}
}
