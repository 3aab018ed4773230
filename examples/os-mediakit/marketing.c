/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * marketing.c - the public site: "/" is the page "welcome", and pages whose name begins with
 * "internal-" are for nobody out there. It has no way to a file but the wiki.
 */
#include "message.h"
#include "service.h"

static const char home[] = "welcome";
static const char internal[] = "internal-";

void init(void)
{
}

void notified(microkit_channel channel)
{
	(void)channel;
}

static int begins(const char *text, uint64_t length, const char *prefix)
{
	uint64_t i = 0;

	while (prefix[i] && i < length && text[i] == prefix[i])
		i++;
	return !prefix[i];
}

microkit_msginfo protected(microkit_channel channel, microkit_msginfo message)
{
	char path[NAME_MAX + 1];
	const char *name = path + 1;
	uint64_t length, label = microkit_msginfo_get_label(message);

	(void)channel;
	if (label == SERVICE_LEDGER)
		return microkit_ppcall(DOWN, message);
	length = message_get_text(message, 0, path, sizeof(path));
	if (label != SERVICE_GET || length == 0 || path[0] != '/')
		return microkit_msginfo_new(SERVICE_BAD_REQUEST, 0);
	length--;
	if (length == 0) {
		name = home;
		length = sizeof(home) - 1;
	}
	if (begins(name, length, internal))
		return microkit_msginfo_new(SERVICE_FORBIDDEN, 0);
	return microkit_ppcall(
	    DOWN, microkit_msginfo_new(SERVICE_GET, message_put_text(0, name, length)));
}
