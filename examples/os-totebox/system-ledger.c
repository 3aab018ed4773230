/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * system-ledger.c - keeps the chained ledger. It alone can see or write it; what others may know
 * of it is in the region "status".
 */
#include "ledger.h"
#include "message.h"
#include "totebox.h"

/* Set when the image is made: see system.toml. */
struct ledger *ledger;
uint64_t ledger_bytes;
struct status *status;

void init(void)
{
}

void notified(microkit_channel channel)
{
	if (channel == BEAT)
		microkit_notify(BEAT);
}

microkit_msginfo protected(microkit_channel channel, microkit_msginfo message)
{
	char subject[LEDGER_SUBJECT];
	uint64_t length;

	(void)channel;
	switch (microkit_msginfo_get_label(message)) {
	case LEDGER_APPEND:
		length = message_get_text(message, 0, subject, sizeof(subject));
		if (!ledger_append(ledger, ledger_bytes, subject, length))
			return microkit_msginfo_new(1, 0);
		status->head = ledger_head(ledger);
		__atomic_store_n(&status->entries, ledger->count, __ATOMIC_RELEASE);
		return microkit_msginfo_new(0, 0);
	case LEDGER_CHECK: return microkit_msginfo_new(!ledger_check(ledger, ledger_bytes), 0);
	default: return microkit_msginfo_new(1, 0);
	}
}
