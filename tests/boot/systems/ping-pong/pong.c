/* SPDX-License-Identifier: BSD-2-Clause */
/* pong.c - notifies back, and answers calls: word i grows by i. */
#include <microkit.h>

#define PING 3

void init(void)
{
	microkit_dbg_puts("pong: init\n");
}

void notified(microkit_channel ch)
{
	microkit_notify(ch);
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	if (ch != PING || microkit_msginfo_get_label(msginfo) != 7)
		return microkit_msginfo_new(0, 0);
	for (unsigned i = 0; i < microkit_msginfo_get_count(msginfo); i++)
		microkit_mr_set((seL4_Uint8)i, microkit_mr_get((seL4_Uint8)i) + i);
	return microkit_msginfo_new(8, (seL4_Uint16)microkit_msginfo_get_count(msginfo));
}
