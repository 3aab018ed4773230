/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * service-extraction.c - at each beat, takes one document out of the intake (a line of it) and
 * tells service-fs that there is one more.
 */
#include <microkit.h>
#include "totebox.h"

#define FS 1

/* Set when the image is made: see system.toml. */
const char *intake;
uint64_t intake_bytes;
struct extracted *extracted;

static uint64_t taken; /* bytes of the intake */

static void extract(void)
{
	uint64_t count = extracted->count, length = 0;

	if (count == DOCUMENTS_MAX || taken == intake_bytes)
		return;
	for (; taken < intake_bytes && intake[taken] != '\n'; taken++)
		if (length < DOCUMENT)
			extracted->documents[count].title[length++] = intake[taken];
	if (taken < intake_bytes)
		taken++;
	extracted->documents[count].length = length;
	__atomic_store_n(&extracted->count, count + 1, __ATOMIC_RELEASE);
	microkit_notify(FS);
}

void init(void)
{
}

void notified(microkit_channel channel)
{
	extract();
	microkit_notify(channel);
}
