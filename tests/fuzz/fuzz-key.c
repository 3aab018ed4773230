/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-key.c - files of keys: public ones as ms-verify takes them, private ones as ms-sign does.
 * Only kinds that we accept come through, each with its identity. An input that is no PEM is what
 * stands in one: it is wrapped.
 */
#include "host.h"
#include "mutate.h"

#include "base/mem.h"
#include "trust/base64.h"
#include "trust/key.h"

#include <openssl/evp.h>
#include <string.h>

static int no_password(void *user, const char *path, char *password, int room)
{
	(void)user;
	(void)path;
	if (room < 2)
		return -1;
	memcpy(password, "pw", 2);
	return 2;
}

static void drop(struct ms_key *key)
{
	EVP_PKEY_free(key->pkey);
	key->pkey = NULL;
}

static void check_key(const struct ms_key *key)
{
	static const uint8_t signature[64];

	fuzz_check(strncmp(key->kind, "ECDSA P-", 8) == 0 || strcmp(key->kind, "Ed25519") == 0 ||
	               strncmp(key->kind, "RSA ", 4) == 0,
	           "a key of another kind");
	fuzz_check(strlen(key->id) == MS_KEY_ID - 1, "a key without its identity");
	fuzz_check(ms_key_same(key, key), "a key that is not itself");
	ms_key_signature_fault(key, "x", 1, signature, sizeof(signature));
	fuzz_check(!ms_key_verify(key, "x", 1, signature, sizeof(signature)),
	           "zeroes are a signature");
}

static const char *wrapped(const uint8_t *der, size_t size)
{
	struct ms_buf text = {0};
	char *base64 = ms_alloc(MS_BASE64_ROOM(size), 1);

	ms_base64_encode(der, size, base64);
	ms_buf_puts(&text, "-----BEGIN PUBLIC KEY-----\n");
	for (const char *line = base64; *line; line += strnlen(line, 64))
		ms_buf_printf(&text, "%.64s\n", line);
	ms_buf_puts(&text, "-----END PUBLIC KEY-----\n");
	return fuzz_file("key.pem", text.data, text.len);
}

void fuzz_once(void)
{
	/* libcrypto makes its own state at first use: before what an execution takes is freed. */
	static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
	                          "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
	                          "-----END PUBLIC KEY-----\n";
	struct ms_keys keys = {0};

	fuzz_check(ms_keys_add(&keys, fuzz_file("key.pem", pem, sizeof(pem) - 1)) == 0, "no key");
}

void fuzz_one(const uint8_t *data, size_t size)
{
	const bool pem = size == 0 || data[0] == '-';
	const char *path = pem ? fuzz_file("key.pem", data, size) : wrapped(data, size);
	struct ms_keys keys = {0};
	struct ms_key key;

	if (ms_keys_add(&keys, path) == 0) {
		fuzz_check(keys.count > 0, "no key, and no fault");
		check_key(&keys.items[0]);
	}
	for (size_t i = 0; i < keys.count; i++)
		drop(&keys.items[i]);
	/* A private key is its owner's own file, and libcrypto opens some forms of it very slowly
	 * on purpose (PBKDF2): those are left out. */
	if (!memmem(data, size, "ENCRYPTED", 9) &&
	    ms_key_private(path, no_password, NULL, &key) == 0)
		drop(&key);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	if (size > 0 && data[0] == '-')
		return fuzz_mutate_text(data, size, room, seed);
	return fuzz_mutate_fields(data, size, room, seed, FUZZ_BIG);
}
