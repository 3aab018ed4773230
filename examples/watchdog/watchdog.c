/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * watchdog.c - gets the faults of the worker, says what they are, and starts it again; after too
 * many it would stop it for good.
 */
#include "console.h"
#include <microkit.h>
#include <ms/fault.h>

#define WELL         0
#define RESTARTS_MAX 5
#define ENTRY        0x200000 /* where programs of protection domains begin */

uint64_t worker; /* the child's number, see system.toml */
static unsigned restarts;

static void describe(uint64_t label)
{
	if (label == MS_FAULT_VM) {
		say("no memory at ");
		say_hex(microkit_mr_get(SEL4_VM_FAULT_ADDRESS));
	} else if (label == MS_FAULT_UNKNOWN_SYSCALL) {
		say("an unknown system call");
	} else if (label == MS_FAULT_USER_EXCEPTION) {
		say("an instruction that does not exist");
	} else {
		say("fault ");
		say_number(label);
	}
}

void init(void)
{
	say("watchdog: watching\n");
}

void notified(microkit_channel channel)
{
	if (channel != WELL)
		return;
	say("watchdog: the worker is well after ");
	say_number(restarts);
	say(" restarts\nwatchdog: done\n");
}

/* Returns whether the child goes on where it was: never, it is started anew. */
seL4_Bool fault(microkit_child child, microkit_msginfo message, microkit_msginfo *reply)
{
	(void)reply;
	say("watchdog: child ");
	say_number(child);
	say(" faulted: ");
	describe(microkit_msginfo_get_label(message));
	if (child != worker || restarts == RESTARTS_MAX) {
		say("; stopped\n");
		microkit_pd_stop(child);
	} else {
		say("; restarted\n");
		restarts++;
		microkit_pd_restart(child, ENTRY);
	}
	return seL4_False;
}
