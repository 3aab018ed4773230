/* SPDX-License-Identifier: BSD-2-Clause */
/* holder.c - has the worker's thread and its own among its capabilities: stops the worker, lets
 * it go on, and at last stops itself. */
#include <microkit.h>

#define WORKER microkit_cspace_root_slot_to_cptr(2)
#define MYSELF microkit_cspace_root_slot_to_cptr(63)
#define WORK   5

static void must(seL4_Error error)
{
	if (error != seL4_NoError)
		microkit_dbg_puts("holder: refused\n");
}

void init(void)
{
	microkit_dbg_puts("holder: init\n");
	microkit_notify(WORK);
	must(seL4_TCB_Suspend(WORKER));
	microkit_dbg_puts("holder: worker stopped\n");
	microkit_notify(WORK);
	microkit_dbg_puts("holder: nothing came of it\n");
	must(seL4_TCB_Resume(WORKER));
	microkit_dbg_puts("holder: done\n");
	must(seL4_TCB_Suspend(MYSELF));
	microkit_dbg_puts("holder: still there\n");
}

void notified(microkit_channel ch)
{
	(void)ch;
}
