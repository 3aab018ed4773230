/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key.h - public and private keys as openssl writes them, signatures made and checked with
 * them. libcrypto does the cryptography, with what is linked into the program and nothing else:
 * no openssl.cnf is read and no module is loaded.
 *
 * Kinds: ECDSA P-256 with SHA-256, ECDSA P-384 with SHA-384 (signatures in DER), Ed25519 (pure),
 * RSA of 2,048 to 8,192 bits with SHA-256 (PKCS #1 v1.5). Every other kind is refused by name.
 */
#ifndef MS_TRUST_KEY_H
#define MS_TRUST_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MS_KEY_ID        45 /* base64 of 32 bytes and the NUL */
#define MS_KEYS_MAX      64 /* most trusted keys; more are refused */
#define MS_KEY_FILE_MAX  (1024u * 1024)
#define MS_SIGNATURE_MAX 1024 /* bytes: RSA of 8,192 bits */

struct evp_pkey_st;

struct ms_key {
	struct evp_pkey_st *pkey;
	const char *kind;   /* "ECDSA P-256", ... */
	const char *source; /* the file it came from */
	/* base64(SHA-256(DER SubjectPublicKeyInfo)), as cosign's hint; points uncompressed. */
	char id[MS_KEY_ID];
};

struct ms_keys {
	struct ms_key *items;
	size_t count, cap;
};

/*
 * Adds every public key of a PEM file, or of every *.pem and *.pub in a folder, in the order of
 * their names. A key that is there already is not added again. -1 after reporting: unreadable, no
 * key in it, a key of a refused kind, anything that is no public key.
 */
int ms_keys_add(struct ms_keys *keys, const char *path);

/* The one public key of a file; -1 after reporting. */
int ms_key_public(const char *path, struct ms_key *key);

/* Gives the password of an encrypted key: its length, or -1 after reporting. */
typedef int ms_key_password(void *user, const char *path, char *password, int room);

/* The private key of a file; -1 after reporting. password is called when it is encrypted. */
int ms_key_private(const char *path, ms_key_password *password, void *user, struct ms_key *key);

/* Both halves are of one key. */
bool ms_key_same(const struct ms_key *a, const struct ms_key *b);

/* Signs; returns the signature's length, at most MS_SIGNATURE_MAX. Ends the program when
 * libcrypto fails. */
size_t ms_key_sign(const struct ms_key *key, const void *data, size_t len,
                   uint8_t signature[MS_SIGNATURE_MAX]);

bool ms_key_verify(const struct ms_key *key, const void *data, size_t len, const void *signature,
                   size_t signature_len);

/* The SHA-1 of bytes, which SPDX asks for and nothing here relies on: 40 digits and a NUL. */
void ms_sha1_hex(const void *data, size_t len, char hex[41]);

/* An ECDSA signature of these bytes by that key, but its two numbers bare, without DER. It is none
 * that counts; what is said of it is so. */
bool ms_key_signed_raw(const struct ms_key *key, const void *data, size_t len,
                       const void *signature, size_t signature_len);
#define MS_KEY_RAW "raw r||s (IEEE P1363), not DER; only DER is accepted"

/* Why these bytes cannot be a signature of that kind of key at all (MS_KEY_RAW, ...), else NULL. */
const char *ms_key_signature_fault(const struct ms_key *key, const void *data, size_t len,
                                   const void *signature, size_t signature_len);

#endif
