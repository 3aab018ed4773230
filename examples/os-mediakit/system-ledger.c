/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * system-ledger.c - keeps the ledger of what was read. It alone can see or write it.
 */
#include "ledger.h"
#include "message.h"
#include "service.h"

/* Set when the image is made: see system.toml. */
struct ledger *ledger;
uint64_t ledger_bytes;

void init(void)
{
}

void notified(microkit_channel channel)
{
	(void)channel;
}

static enum service_status append(microkit_msginfo message)
{
	char subject[LEDGER_SUBJECT];
	uint64_t length = message_get_text(message, 0, subject, sizeof(subject));

	if (length == 0)
		return SERVICE_BAD_REQUEST;
	return ledger_append(ledger, ledger_bytes, subject, length) ? SERVICE_OK : SERVICE_FULL;
}

microkit_msginfo protected(microkit_channel channel, microkit_msginfo message)
{
	enum service_status status = SERVICE_BAD_REQUEST;

	(void)channel;
	if (microkit_msginfo_get_label(message) == SERVICE_GET)
		status = append(message);
	else if (microkit_msginfo_get_label(message) == SERVICE_LEDGER)
		status = ledger_check(ledger, ledger_bytes) ? SERVICE_OK : SERVICE_BROKEN;
	microkit_mr_set(SERVICE_ENTRY, ledger->count);
	microkit_mr_set(SERVICE_HEAD, ledger_head(ledger));
	return microkit_msginfo_new(status, SERVICE_TEXT);
}
