/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proofreader.c - counts words, and finds those that stand there twice in a row. It cannot answer:
 * what it finds goes to the kernel's debug console, where there is one.
 */
#include <microkit.h>
#include "service.h"

const struct proofs *proofs; /* see system.toml */

void init(void)
{
}

static int is_blank(char c)
{
	return c == ' ' || c == '\0';
}

static int same(const char *a, const char *b, unsigned long length)
{
	for (unsigned long i = 0; i < length; i++)
		if (a[i] != b[i])
			return 0;
	return 1;
}

void notified(microkit_channel channel)
{
	char text[PROOF_MAX + 1] = {0};
	unsigned long length = proofs->length, start = 0, last = 0, last_length = 0;
	unsigned words = 0, doubled = 0;

	(void)channel;
	if (length > PROOF_MAX)
		length = PROOF_MAX;
	for (unsigned long i = 0; i < length; i++)
		text[i] = proofs->text[i];
	for (unsigned long i = 0; i <= length; i++) {
		if (!is_blank(text[i]))
			continue;
		if (i > start) {
			words++;
			doubled += i - start == last_length &&
			           same(text + last, text + start, last_length);
			last = start;
			last_length = i - start;
		}
		start = i + 1;
	}
	microkit_dbg_puts("proofreader: ");
	microkit_dbg_put32(words);
	microkit_dbg_puts(" words, ");
	microkit_dbg_put32(doubled);
	microkit_dbg_puts(" doubled\n");
}
