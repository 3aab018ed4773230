/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * digest.c - SHA-256 through libcrypto.
 *
 * The low-level functions are used on purpose: EVP would load providers and read the system's
 * openssl.cnf at every start, which takes longer than hashing everything that a plan holds.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/digest.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/notes.h"
#include "base/seen.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct ms_digest), "the state must fit");

static const char digits[] = "0123456789abcdef";

void ms_hex_encode(const uint8_t digest[32], char hex[MS_SHA256_HEX])
{
	for (int i = 0; i < 32; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[64] = '\0';
}

int ms_hex_decode(const char *hex, uint8_t digest[32])
{
	if (strlen(hex) != 64)
		return -1;
	for (int i = 0; i < 64; i++) {
		const char *d = memchr(digits, hex[i], 16);

		if (!d)
			return -1;
		if (i % 2 == 0)
			digest[i / 2] = (uint8_t)((d - digits) << 4);
		else
			digest[i / 2] |= (uint8_t)(d - digits);
	}
	return 0;
}

void ms_sha256(const void *data, size_t len, uint8_t digest[32])
{
	SHA256_CTX ctx;

	/* SHA256() itself would go through EVP. */
	SHA256_Init(&ctx);
	SHA256_Update(&ctx, data, len);
	SHA256_Final(digest, &ctx);
}

void ms_sha256_hex(const void *data, size_t len, char hex[MS_SHA256_HEX])
{
	uint8_t digest[32];

	ms_sha256(data, len, digest);
	ms_hex_encode(digest, hex);
}

/* All of an open file. */
static int digest_fd(int fd, char hex[MS_SHA256_HEX], uint64_t *size)
{
	static uint8_t buffer[64 * 1024];
	uint8_t digest[32];
	SHA256_CTX ctx;

	SHA256_Init(&ctx);
	for (*size = 0;;) {
		ssize_t n = read(fd, buffer, sizeof(buffer));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		SHA256_Update(&ctx, buffer, (size_t)n);
		*size += (uint64_t)n;
	}
	SHA256_Final(digest, &ctx);
	ms_hex_encode(digest, hex);
	return 0;
}

int ms_sha256_file(const char *path, char hex[MS_SHA256_HEX], uint64_t *size)
{
	struct ms_stamp before, after;
	int result = -1, why, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int64_t started = ms_stamp_now();
	uint64_t total = 0;

	if (fd >= 0 && ms_stamp_take_fd(&before, fd)) {
		if (ms_seen_get(&before, hex)) {
			total = before.size;
			result = 0;
		} else {
			result = digest_fd(fd, hex, &total);
			if (result == 0 && ms_stamp_take_fd(&after, fd))
				ms_seen_add(&before, &after, started, hex);
		}
	}
	why = errno;
	if (fd >= 0)
		close(fd);
	if (result != 0 && ms_system_failed(why)) {
		errno = why;
		ms_die_errno("%s", path);
	}
	if (result == 0)
		ms_note_read(path, hex);
	else if (fd < 0 && why == ENOENT)
		ms_note_absent(path);
	else
		ms_note_never();
	if (size && result == 0)
		*size = total;
	errno = why;
	return result;
}

void ms_digest_start(struct ms_digest *d)
{
	SHA256_CTX ctx;

	SHA256_Init(&ctx);
	memcpy(d->state, &ctx, sizeof(ctx));
}

void ms_digest_raw(struct ms_digest *d, const void *data, size_t len)
{
	SHA256_CTX ctx;

	memcpy(&ctx, d->state, sizeof(ctx));
	SHA256_Update(&ctx, data, len);
	memcpy(d->state, &ctx, sizeof(ctx));
}

void ms_digest_add(struct ms_digest *d, const void *data, size_t len)
{
	uint8_t length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (uint8_t)((uint64_t)len >> (8 * i));
	ms_digest_raw(d, length, sizeof(length));
	ms_digest_raw(d, data, len);
}

void ms_digest_string(struct ms_digest *d, const char *s)
{
	ms_digest_add(d, s, strlen(s));
}

void ms_digest_end(struct ms_digest *d, char hex[MS_SHA256_HEX])
{
	uint8_t digest[32];
	SHA256_CTX ctx;

	memcpy(&ctx, d->state, sizeof(ctx));
	SHA256_Final(digest, &ctx);
	ms_hex_encode(digest, hex);
}
