/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * watchdog.c - signals each service every second, and starts those again that have not answered by
 * the next one, or that fault.
 */
#include "clock.h"
#include "console.h"
#include <microkit.h>
#include "totebox.h"

#define SERVICES 6
#define TIMER    6
#define BEATS    6        /* after so many it says that it is done, and goes on */
#define ENTRY    0x200000 /* where programs of protection domains begin */

/* Set when the image is made: see system.toml. */
uintptr_t clock_registers;
const struct status *status;

/* A service's number is that of its channel and of the child. */
static const char *const names[SERVICES] = {"service-fs",  "service-extraction",  "system-ledger",
                                            "system-core", "service-proofreader", "service-bim"};
static unsigned answered; /* bit i: service i, since the last beat */
static unsigned beats, restarts;

/* The next one is due in so many seconds, of which the first has begun already. */
static void beat(uint32_t seconds)
{
	answered = 0;
	beats++;
	for (unsigned i = 0; i < SERVICES; i++)
		microkit_notify(i);
	clock_write(CLOCK_CLEAR, 1);
	clock_write(CLOCK_MATCH, clock_read(CLOCK_NOW) + seconds);
	clock_write(CLOCK_ENABLE, 1);
}

static void restart(unsigned service, const char *why)
{
	say("os-totebox: ");
	say(names[service]);
	say(why);
	say(", started again\n");
	restarts++;
	microkit_pd_restart(service, ENTRY);
}

static void report(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SERVICES; i++)
		count += answered >> i & 1;
	say("os-totebox: beat ");
	say_number(beats);
	say(": ");
	say_number(count);
	say(" of 6 answered; ledger: ");
	say_number(__atomic_load_n(&status->entries, __ATOMIC_ACQUIRE));
	say(" entries, head ");
	say_hex(status->head);
	say("\n");
	for (unsigned i = 0; i < SERVICES; i++)
		if (!(answered >> i & 1))
			restart(i, " is silent");
	if (beats == BEATS)
		say(count == SERVICES && restarts == 2 ? "os-totebox: done\n"
		                                       : "os-totebox: FAILED\n");
}

void init(void)
{
	say("os-totebox: the watchdog and six services\n");
	beat(2); /* from somewhere within a second: at least one whole one */
}

void notified(microkit_channel channel)
{
	if (channel < SERVICES) {
		answered |= 1u << channel;
		return;
	}
	if (clock_read(CLOCK_PENDING)) {
		report();
		beat(1);
	}
	microkit_irq_ack(TIMER);
}

seL4_Bool fault(microkit_child child, microkit_msginfo message, microkit_msginfo *reply)
{
	(void)message;
	(void)reply;
	if (child < SERVICES) {
		restart(child, " failed");
		microkit_notify(child); /* it still owes an answer */
	}
	return seL4_False;
}
