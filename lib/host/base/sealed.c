/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sealed.c - texts that end with their own digest. See sealed.h.
 */
#include "base/sealed.h"
#include "base/digest.h"

#include <string.h>

#define WORD "end "
#define TAIL (sizeof(WORD) - 1 + 64 + 1) /* of "end SHA256\n" */

void ms_seal(struct ms_buf *text)
{
	char sum[MS_SHA256_HEX];

	ms_sha256_hex(text->data, text->len, sum);
	ms_buf_printf(text, WORD "%s\n", sum);
}

bool ms_unseal(char *text, size_t len)
{
	char sum[MS_SHA256_HEX], *end;

	if (len < TAIL || memchr(text, '\0', len) || text[len - 1] != '\n')
		return false;
	end = text + len - TAIL;
	ms_sha256_hex(text, len - TAIL, sum);
	if (strncmp(end, WORD, sizeof(WORD) - 1) != 0 ||
	    memcmp(end + sizeof(WORD) - 1, sum, 64) != 0)
		return false;
	*end = '\0';
	return true;
}
