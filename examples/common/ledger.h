/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger.h - a ledger whose entries are chained: each holds the digest of what it says and of the
 * entry before it, so that none can be changed, taken out or put in between unnoticed.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include "digest.h"
#include <stdint.h>

#define LEDGER_SUBJECT 56 /* bytes, the rest zero */

struct ledger_entry {
	uint64_t number; /* from 1 */
	char subject[LEDGER_SUBJECT];
	unsigned char previous[DIGEST_BYTES]; /* of the entry before, zero in the first */
	unsigned char digest[DIGEST_BYTES];   /* of all above */
};

struct ledger {
	uint64_t count;
	struct ledger_entry entries[];
};

/* The number of the new entry; 0 when the ledger, of so many bytes, is full. */
uint64_t ledger_append(struct ledger *ledger, uint64_t bytes, const char *subject, uint64_t length);
/* 1 when the chain is whole. */
int ledger_check(const struct ledger *ledger, uint64_t bytes);
/* The first eight bytes of the last digest, as they are printed; 0 when there is no entry. */
uint64_t ledger_head(const struct ledger *ledger);

#endif
