/* SPDX-License-Identifier: BSD-2-Clause */
/* worker.c - says when it works. */
#include <microkit.h>

void init(void)
{
	microkit_dbg_puts("worker: init\n");
}

void notified(microkit_channel ch)
{
	microkit_dbg_puts(ch == 6 ? "worker: works\n" : "worker: notified on a wrong channel\n");
}
