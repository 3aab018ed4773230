/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * service-fs.c - the files: pages of text, each after a line "== NAME". It alone has the disk, and
 * nothing is read from it that the ledger has not recorded first.
 */
#include "message.h"
#include "service.h"

/* Set when the image is made: see system.toml. */
const char *disk;
uint64_t disk_bytes;

void init(void)
{
}

void notified(microkit_channel channel)
{
	(void)channel;
}

/* Whether a header of a page begins at `at`. */
static int is_header(uint64_t at)
{
	return (at == 0 || disk[at - 1] == '\n') && disk_bytes - at >= 3 && disk[at] == '=' &&
	       disk[at + 1] == '=' && disk[at + 2] == ' ';
}

/* Where the text of the page is; 0 when there is no such page. */
static int find(const char *name, uint64_t length, uint64_t *start, uint64_t *end)
{
	for (uint64_t at = 0; at < disk_bytes; at++) {
		uint64_t i = 0;

		if (!is_header(at))
			continue;
		at += 3;
		while (i < length && at < disk_bytes && disk[at] == name[i]) {
			at++;
			i++;
		}
		if (i < length || at == disk_bytes || disk[at] != '\n')
			continue;
		*start = *end = at + 1;
		while (*end < disk_bytes && !is_header(*end))
			(*end)++;
		return 1;
	}
	return 0;
}

/* Has it recorded; the answer's first registers stay as the ledger set them. */
static uint64_t record(const char *what, uint64_t length)
{
	return microkit_msginfo_get_label(microkit_ppcall(
	    DOWN, microkit_msginfo_new(SERVICE_GET, message_put_text(0, what, length))));
}

microkit_msginfo protected(microkit_channel channel, microkit_msginfo message)
{
	char name[NAME_MAX];
	uint64_t length, status, start, end;

	(void)channel;
	if (microkit_msginfo_get_label(message) == SERVICE_LEDGER)
		return microkit_ppcall(DOWN, message);
	length = message_get_text(message, 0, name, sizeof(name));
	if (length == 0)
		return microkit_msginfo_new(SERVICE_BAD_REQUEST, 0);
	status = record(name, length);
	if (status != SERVICE_OK)
		return microkit_msginfo_new(status, SERVICE_TEXT);
	if (!find(name, length, &start, &end))
		return microkit_msginfo_new(SERVICE_NOT_FOUND, SERVICE_TEXT);
	return microkit_msginfo_new(SERVICE_OK,
	                            message_put_text(SERVICE_TEXT, disk + start, end - start));
}
