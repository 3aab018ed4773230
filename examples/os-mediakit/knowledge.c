/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * knowledge.c - the wiki: reads pages, and follows a page that says "see OTHER" to the other. What
 * it can do to files is what service-fs does for it: read.
 */
#include "message.h"
#include "service.h"

#define SEE_MAX 4 /* pages that only name another one, in a row */

void init(void)
{
}

void notified(microkit_channel channel)
{
	(void)channel;
}

/* If the text is "see NAME": the name, and its length; else 0. */
static uint64_t see(const char *text, uint64_t length, char *name)
{
	uint64_t i = 0;

	if (length < 5 || text[0] != 's' || text[1] != 'e' || text[2] != 'e' || text[3] != ' ')
		return 0;
	while (i < NAME_MAX && i + 4 < length && text[i + 4] != '\n') {
		name[i] = text[i + 4];
		i++;
	}
	return i;
}

microkit_msginfo protected(microkit_channel channel, microkit_msginfo message)
{
	char name[NAME_MAX], text[MESSAGE_TEXT];
	uint64_t length, label = microkit_msginfo_get_label(message);
	microkit_msginfo answer = microkit_msginfo_new(SERVICE_NOT_FOUND, 0);

	(void)channel;
	if (label == SERVICE_LEDGER)
		return microkit_ppcall(DOWN, message);
	length = message_get_text(message, 0, name, sizeof(name));
	if (label != SERVICE_GET || length == 0)
		return microkit_msginfo_new(SERVICE_BAD_REQUEST, 0);
	for (int i = 0; i < SEE_MAX && length; i++) {
		answer = microkit_ppcall(
		    DOWN, microkit_msginfo_new(SERVICE_GET, message_put_text(0, name, length)));
		if (microkit_msginfo_get_label(answer) != SERVICE_OK)
			break;
		length = message_get_text(answer, SERVICE_TEXT, text, sizeof(text));
		length = see(text, length, name);
	}
	return answer; /* the registers are still those of the last answer */
}
