/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * absent.c - entry points that a protection domain may do without. One that is called and not
 * there stops it with a fault, which the root task or its parent reports.
 */
#include <microkit.h>

__attribute__((weak)) microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	(void)msginfo;
	microkit_dbg_puts(microkit_name);
	microkit_dbg_puts(" was called on channel ");
	microkit_dbg_put32(ch);
	microkit_dbg_puts(", but has no function protected\n");
	microkit_internal_crash(seL4_InvalidArgument);
}

__attribute__((weak)) seL4_Bool fault(microkit_child child, microkit_msginfo msginfo,
                                      microkit_msginfo *reply_msginfo)
{
	(void)msginfo;
	(void)reply_msginfo;
	microkit_dbg_puts(microkit_name);
	microkit_dbg_puts(" got a fault of its child ");
	microkit_dbg_put32(child);
	microkit_dbg_puts(", but has no function fault\n");
	microkit_internal_crash(seL4_InvalidArgument);
}
