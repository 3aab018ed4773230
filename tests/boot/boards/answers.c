/* SPDX-License-Identifier: BSD-2-Clause */
/* answers.c - twice what it is asked. */
#include <microkit.h>

void init(void)
{
	microkit_dbg_puts("boards: the server is up\n");
}

void notified(microkit_channel ch)
{
	(void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo message)
{
	(void)ch;
	(void)message;
	microkit_mr_set(0, 2 * microkit_mr_get(0));
	return microkit_msginfo_new(0, 1);
}
