/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * service-fs.c - files what was extracted: each document becomes an entry of the ledger.
 */
#include "message.h"
#include "totebox.h"

#define LEDGER 2

const struct extracted *extracted; /* see system.toml */

static uint64_t filed;

static void file(void)
{
	uint64_t count = __atomic_load_n(&extracted->count, __ATOMIC_ACQUIRE);

	if (count > DOCUMENTS_MAX)
		count = DOCUMENTS_MAX;
	while (filed < count) {
		uint64_t length = extracted->documents[filed].length;
		microkit_msginfo answer;

		if (length > DOCUMENT)
			length = DOCUMENT;
		answer = microkit_ppcall(
		    LEDGER, microkit_msginfo_new(
		                LEDGER_APPEND,
		                message_put_text(0, extracted->documents[filed].title, length)));
		if (microkit_msginfo_get_label(answer) != 0)
			return; /* again at the next beat */
		filed++;
	}
}

void init(void)
{
}

void notified(microkit_channel channel)
{
	file();
	if (channel == BEAT)
		microkit_notify(BEAT);
}
