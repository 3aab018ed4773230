/* SPDX-License-Identifier: BSD-2-Clause */
/* server.c - runs on its callers' time once its init has ended. */
#include <microkit.h>

void init(void)
{
	microkit_dbg_puts(microkit_passive ? "server: passive\n" : "server: active\n");
}

void notified(microkit_channel ch)
{
	microkit_dbg_puts("server: notified\n");
	microkit_notify(ch);
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	(void)ch;
	microkit_mr_set(0, microkit_mr_get(0) + 1);
	/* Put off while an answer is due: it must not get lost. */
	microkit_deferred_notify(ch);
	return microkit_msginfo_new(microkit_msginfo_get_label(msginfo), 1);
}
