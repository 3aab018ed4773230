/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger.c - appending to and checking a chained ledger.
 */
#include "ledger.h"

static uint64_t room(uint64_t bytes)
{
	return (bytes - sizeof(struct ledger)) / sizeof(struct ledger_entry);
}

uint64_t ledger_append(struct ledger *ledger, uint64_t bytes, const char *subject, uint64_t length)
{
	struct ledger_entry *entry;

	if (ledger->count >= room(bytes))
		return 0;
	entry = &ledger->entries[ledger->count];
	entry->number = ledger->count + 1;
	for (uint64_t i = 0; i < LEDGER_SUBJECT; i++)
		entry->subject[i] = i < length ? subject[i] : '\0';
	for (unsigned i = 0; i < DIGEST_BYTES; i++)
		entry->previous[i] = ledger->count ? entry[-1].digest[i] : 0;
	digest(entry, offsetof(struct ledger_entry, digest), entry->digest);
	return ++ledger->count;
}

static int same(const unsigned char *a, const unsigned char *b)
{
	unsigned char differs = 0;

	for (unsigned i = 0; i < DIGEST_BYTES; i++)
		differs |= a[i] ^ b[i];
	return !differs;
}

int ledger_check(const struct ledger *ledger, uint64_t bytes)
{
	static const unsigned char none[DIGEST_BYTES];
	const unsigned char *previous = none;

	if (ledger->count > room(bytes))
		return 0;
	for (uint64_t i = 0; i < ledger->count; i++) {
		const struct ledger_entry *entry = &ledger->entries[i];
		unsigned char found[DIGEST_BYTES];

		digest(entry, offsetof(struct ledger_entry, digest), found);
		if (entry->number != i + 1 || !same(entry->previous, previous) ||
		    !same(entry->digest, found))
			return 0;
		previous = entry->digest;
	}
	return 1;
}

uint64_t ledger_head(const struct ledger *ledger)
{
	uint64_t head = 0;

	if (ledger->count)
		for (int i = 0; i < 8; i++)
			head = head << 8 | ledger->entries[ledger->count - 1].digest[i];
	return head;
}
