/* SPDX-License-Identifier: BSD-2-Clause */
/* parent.c - gets its child's faults: repairs one, restarts after the next, then stops it. */
#include <microkit.h>

#define CHILD 5

static unsigned faults;

void init(void)
{
	microkit_dbg_puts("parent: init\n");
}

void notified(microkit_channel ch)
{
	microkit_dbg_puts("parent: notified on ");
	microkit_dbg_put8((seL4_Uint8)ch);
	microkit_dbg_puts("\n");
	microkit_pd_stop(CHILD);
	microkit_dbg_puts("parent: child stopped\n");
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
	seL4_Word label = microkit_msginfo_get_label(msginfo);

	microkit_dbg_puts("parent: fault of child ");
	microkit_dbg_put32(child);
	if (label == seL4_Fault_UserException) {
		/* Goes on after the instruction: words are PC, SP, SPSR. */
		microkit_dbg_puts(", exception\n");
		microkit_mr_set(0, microkit_mr_get(seL4_UserException_FaultIP) + 4);
		*reply_msginfo = microkit_msginfo_new(0, 1);
		return seL4_True;
	}
	if (label != seL4_Fault_VMFault) {
		microkit_dbg_puts(", of another kind\n");
		return seL4_False;
	}
	microkit_dbg_puts(", address ");
	microkit_dbg_put32((seL4_Uint32)microkit_mr_get(seL4_VMFault_Addr));
	microkit_dbg_puts("\n");
	if (++faults < 3)
		microkit_pd_restart(child, 0x200000);
	return seL4_False;
}
