/* SPDX-License-Identifier: BSD-2-Clause */
/* test-sha256.c - lib/both/sha256 against FIPS 180-4's examples and against libcrypto. */
#include "both/sha256.h"

#include "tap.h"

#include <openssl/sha.h>

static void hash(const void *data, size_t len, size_t piece, uint8_t digest[SHA256_SIZE])
{
	struct sha256 s;
	const uint8_t *p = data;

	sha256_start(&s);
	while (len > 0) {
		size_t n = piece < len ? piece : len;
		sha256_add(&s, sha256_blocks_c, p, n);
		p += n;
		len -= n;
	}
	sha256_end(&s, sha256_blocks_c, digest);
}

static void known(const char *text, const char *want, const char *name)
{
	uint8_t digest[SHA256_SIZE];
	char hex[2 * SHA256_SIZE + 1];

	hash(text, strlen(text), strlen(text) + 1, digest);
	for (unsigned i = 0; i < SHA256_SIZE; i++)
		snprintf(hex + 2 * (size_t)i, 3, "%02x", digest[i]);
	is_string(hex, want, name);
}

int main(void)
{
	static uint8_t data[1000];
	uint8_t got[SHA256_SIZE], want[SHA256_SIZE];
	int equal = 1;

	known("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "empty");
	known("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abc");
	known("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", "56 bytes");

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * i + 7 * i + (i >> 3));
	for (size_t len = 0; len <= sizeof(data); len++) {
		hash(data, len, len + 1, got);
		SHA256(data, len, want);
		equal &= memcmp(got, want, sizeof(want)) == 0;
	}
	ok(equal, "every length up to %zu agrees with libcrypto", sizeof(data));

	SHA256(data, sizeof(data), want);
	equal = 1;
	for (size_t piece = 1; piece <= 200; piece++) {
		hash(data, sizeof(data), piece, got);
		equal &= memcmp(got, want, sizeof(want)) == 0;
	}
	ok(equal, "any piece size gives the same digest");
	done_testing();
	return 0;
}
