/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eva-sha256.c - lib/both/sha256.c: data of several lengths, behind several numbers of bytes
 * held from before.
 */
#include "tests/proof/eva.h"

#include "both/sha256.c"

#define BYTES 200

static uint8_t data[BYTES];

/* Reads the first and the last byte that it is given, writes all that it may. */
static void any_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < blocks * SHA256_BLOCK; i++)
		sum |= bytes[i];
	for (unsigned i = 0; i < 8; i++)
		state[i] = any_word ^ sum;
}

int main(void)
{
	static struct sha256 s;
	static const size_t held[] = {0, 1, 55, 56, 63}, lengths[] = {0, 1, 8, 63, 64, 65, 200};
	uint8_t digest[SHA256_SIZE];

	UNKNOWN(data);
	sha256_start(&s);
	sha256_blocks_c(s.state, data, 1);
	for (unsigned k = 0; k < sizeof(held) / sizeof(held[0]); k++) {
		for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			UNKNOWN(s.buffer);
			s.total = SHA256_BLOCK * (uint64_t)any_word + held[k];
			sha256_add(&s, any_blocks, data, lengths[i]);
			sha256_end(&s, any_blocks, digest);
		}
	}
	return 0;
}
