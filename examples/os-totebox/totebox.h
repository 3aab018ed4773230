/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * totebox.h - what the domains of this system say to each other.
 */
#ifndef TOTEBOX_H
#define TOTEBOX_H

#include <stdint.h>

#define BEAT 0 /* every service's channel to the watchdog */

/* Calls of system-ledger; label of the answer: 0 is good. */
#define LEDGER_APPEND 1 /* register 0 and on: a text (message.h) */
#define LEDGER_CHECK  2

/* What service-extraction leaves for service-fs: documents found so far. Documents stay; the count
 * is written after them. */
#define DOCUMENTS_MAX 32
#define DOCUMENT      56

struct extracted {
	uint64_t count;
	struct {
		uint64_t length;
		char title[DOCUMENT];
	} documents[DOCUMENTS_MAX];
};

/* What system-ledger shows of itself. */
struct status {
	uint64_t entries, head;
};

#endif
