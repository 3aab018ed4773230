/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key.c - keys and signatures through libcrypto's EVP. See key.h.
 */
#include "trust/key.h"
#include "base/diag.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "trust/base64.h"
#include "trust/closed.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192

/* A context of our own: the default one would read openssl.cnf, which can name modules. */
static OSSL_LIB_CTX *context(void)
{
	static OSSL_LIB_CTX *own;

	if (!own) {
		ms_crypto_close();
		own = OSSL_LIB_CTX_new();
		if (!own || !OSSL_PROVIDER_load(own, "default"))
			ms_die_system("libcrypto cannot be started");
	}
	return own;
}

static int fault(const char *path, const char *rule, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int fault(const char *path, const char *rule, const char *fmt, ...)
{
	struct ms_source source = {.name = path};
	struct ms_place place = {.source = &source};
	va_list ap;

	va_start(ap, fmt);
	ms_report(MS_ERROR, &place, rule, "%s", ms_vformat(fmt, ap));
	va_end(ap);
	ERR_clear_error();
	return -1;
}

/* -- kinds ------------------------------------------------------------------------------- */

static const char *ec_kind(const EVP_PKEY *pkey, const char **why)
{
	char curve[64] = "of no named curve";
	int explicit_curve = 0;

	EVP_PKEY_get_group_name(pkey, curve, sizeof(curve), NULL);
	EVP_PKEY_get_int_param(pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
	                       &explicit_curve);
	if (explicit_curve)
		*why = "an EC key that spells out its curve, which could be any";
	else if (strcmp(curve, "prime256v1") == 0)
		return "ECDSA P-256";
	else if (strcmp(curve, "secp384r1") == 0)
		return "ECDSA P-384";
	else
		*why = ms_format("an EC key %s%.40s", curve[0] == 'o' ? "" : "on ", curve);
	return NULL;
}

/* The kind of a key; NULL with *why when it is refused. */
static const char *kind_of(const EVP_PKEY *pkey, const char **why)
{
	const char *type = EVP_PKEY_get0_type_name(pkey);
	int bits = EVP_PKEY_get_bits(pkey);

	if (EVP_PKEY_is_a(pkey, "EC"))
		return ec_kind(pkey, why);
	if (EVP_PKEY_is_a(pkey, "ED25519"))
		return "Ed25519";
	if (EVP_PKEY_is_a(pkey, "RSA")) {
		if (bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX)
			return ms_format("RSA %d", bits);
		*why = ms_format("an RSA key of %d bits (allowed are %d to %d)", bits, RSA_BITS_MIN,
		                 RSA_BITS_MAX);
		return NULL;
	}
	*why = ms_format("a key of kind %.40s", type ? type : "unknown");
	return NULL;
}

/* Fills in all but the source; -1 after reporting that the kind is refused. */
static int adopt(const char *path, EVP_PKEY *pkey, struct ms_key *key)
{
	const char *why = NULL;
	uint8_t digest[32], *der = NULL;
	int len;

	*key = (struct ms_key){.source = path, .pkey = pkey};
	key->kind = kind_of(pkey, &why);
	if (!key->kind) {
		EVP_PKEY_free(pkey);
		return fault(path, "key-kind",
		             "%s; accepted are ECDSA P-256 and P-384, Ed25519, RSA of %d bits and "
		             "more",
		             why, RSA_BITS_MIN);
	}
	/* One key, one id: a point may also be written compressed. */
	if (EVP_PKEY_is_a(pkey, "EC"))
		EVP_PKEY_set_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
		                               "uncompressed");
	len = i2d_PUBKEY(pkey, &der);
	if (len <= 0)
		ms_die_system("%s: libcrypto cannot write the key", path);
	ms_sha256(der, (size_t)len, digest);
	OPENSSL_free(der);
	ms_base64_encode(digest, sizeof(digest), key->id);
	return 0;
}

/* -- public keys ------------------------------------------------------------------------- */

/* One PEM block; -1 after reporting. */
static int block(const char *path, const char *name, const uint8_t *der, long len,
                 struct ms_key *key)
{
	const uint8_t *at = der;
	EVP_PKEY *pkey = NULL;

	if (strstr(name, "PRIVATE KEY"))
		return fault(path, "key-private",
		             "a private key; only its public half belongs here (openssl pkey "
		             "-pubout)");
	if (strcmp(name, "PUBLIC KEY") == 0)
		pkey = d2i_PUBKEY_ex(NULL, &at, len, context(), NULL);
	else if (strcmp(name, "RSA PUBLIC KEY") == 0)
		return fault(path, "key-format",
		             "a PKCS #1 public key; openssl rsa -RSAPublicKey_in -pubout turns it "
		             "into one that names its kind");
	else
		return fault(path, "key-format", "a PEM block \"%.60s\" is no public key", name);
	if (!pkey || at != der + len) {
		EVP_PKEY_free(pkey);
		return fault(path, "key-format", "a public key that cannot be read");
	}
	return adopt(path, pkey, key);
}

bool ms_key_same(const struct ms_key *a, const struct ms_key *b)
{
	return strcmp(a->id, b->id) == 0 || EVP_PKEY_eq(a->pkey, b->pkey) == 1;
}

/* False when there is no room for another one. */
static bool add_once(struct ms_keys *keys, const struct ms_key *key)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (ms_key_same(&keys->items[i], key)) {
			EVP_PKEY_free(key->pkey);
			return true;
		}
	}
	if (keys->count == MS_KEYS_MAX)
		return false;
	ms_reserve((void **)&keys->items, &keys->cap, keys->count + 1, sizeof(*keys->items));
	keys->items[keys->count++] = *key;
	return true;
}

static int add_file(struct ms_keys *keys, const char *path)
{
	size_t len, found = 0;
	char *text = ms_try_read_file(path, MS_KEY_FILE_MAX, &len);
	int status = 0;
	BIO *bio;

	if (!text)
		return fault(path, "key-file", "%s", strerror(errno));
	context();
	bio = BIO_new_mem_buf(text, (int)len);
	if (!bio)
		ms_die_system("out of memory");
	while (status == 0) {
		char *name = NULL, *header = NULL;
		struct ms_key key = {0};
		uint8_t *der = NULL;
		long der_len;

		if (!PEM_read_bio(bio, &name, &header, &der, &der_len)) {
			if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
				status = fault(path, "key-format", "a damaged PEM block");
			break;
		}
		status = block(path, name, der, der_len, &key);
		if (status == 0 && !add_once(keys, &key))
			status = fault(path, "key-file", "more than %d keys", MS_KEYS_MAX);
		found++;
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	ERR_clear_error();
	BIO_free(bio);
	free(text);
	if (status == 0 && !found)
		status = fault(path, "key-format", "no public key in PEM form");
	return status;
}

static int is_key_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && entry->d_name[0] != '.' &&
	       (strcmp(dot, ".pem") == 0 || strcmp(dot, ".pub") == 0);
}

int ms_keys_add(struct ms_keys *keys, const char *path)
{
	struct ms_list names = {0};
	struct stat st;
	int status = 0;

	if (stat(path, &st) != 0)
		return fault(path, "key-file", "%s", strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return add_file(keys, path);
	if (ms_folder_names(path, is_key_file, &names) != 0)
		return fault(path, "key-file", "%s", strerror(errno));
	if (names.count == 0)
		return fault(path, "key-file", "no *.pem and no *.pub in this folder");
	for (size_t i = 0; i < names.count && status == 0; i++)
		status = add_file(keys, ms_path_join(path, names.items[i]));
	return status;
}

int ms_key_public(const char *path, struct ms_key *key)
{
	struct ms_keys keys = {0};

	if (add_file(&keys, path) != 0)
		return -1;
	if (keys.count != 1)
		return fault(path, "key-file", "%zu keys; here it must be one", keys.count);
	*key = keys.items[0];
	return 0;
}

/* -- private keys ------------------------------------------------------------------------ */

struct asked {
	ms_key_password *password;
	void *user;
	const char *path;
	bool done;
	int given; /* what password returned */
	char text[PEM_BUFSIZE];
};

/* libcrypto asks again for each form that the key might have; a person is asked once. */

static int ask(char *buffer, int room, int writing, void *user)
{
	struct asked *asked = user;

	(void)writing;
	if (!asked->done)
		asked->given =
		    asked->password(asked->user, asked->path, asked->text, sizeof(asked->text));
	asked->done = true;
	if (asked->given > room)
		return -1;
	if (asked->given > 0)
		memcpy(buffer, asked->text, (size_t)asked->given);
	return asked->given;
}

int ms_key_private(const char *path, ms_key_password *password, void *user, struct ms_key *key)
{
	struct asked asked = {.password = password, .user = user, .path = path};
	size_t len;
	char *text = ms_try_read_file(path, MS_KEY_FILE_MAX, &len);
	EVP_PKEY *pkey;
	BIO *bio;

	if (!text)
		return fault(path, "key-file", "%s", strerror(errno));
	if (strstr(text, "ENCRYPTED SIGSTORE PRIVATE KEY") ||
	    strstr(text, "ENCRYPTED COSIGN PRIVATE KEY"))
		return fault(path, "key-format",
		             "a key in cosign's own container, which only cosign opens; make one "
		             "with openssl and give that to cosign too (cosign import-key-pair)");
	context();
	bio = BIO_new_mem_buf(text, (int)len);
	if (!bio)
		ms_die_system("out of memory");
	pkey = PEM_read_bio_PrivateKey_ex(bio, NULL, ask, &asked, context(), NULL);
	BIO_free(bio);
	OPENSSL_cleanse(text, len);
	OPENSSL_cleanse(asked.text, sizeof(asked.text));
	free(text);
	if (!pkey && asked.given < 0) {
		ERR_clear_error();
		return -1; /* it has been said why */
	}
	if (!pkey && asked.done)
		return fault(path, "key-password", "the password does not open this key");
	if (!pkey)
		return fault(path, "key-format", "no private key in PEM form");
	return adopt(path, pkey, key);
}

/* -- signatures -------------------------------------------------------------------------- */

/* The digest that goes with a kind; NULL: the whole text is signed (Ed25519). */
static const char *digest_of(const struct ms_key *key)
{
	if (strcmp(key->kind, "Ed25519") == 0)
		return NULL;
	return strcmp(key->kind, "ECDSA P-384") == 0 ? "SHA384" : "SHA256";
}

size_t ms_key_sign(const struct ms_key *key, const void *data, size_t len,
                   uint8_t signature[MS_SIGNATURE_MAX])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	size_t made = MS_SIGNATURE_MAX;

	if (!md ||
	    EVP_DigestSignInit_ex(md, NULL, digest_of(key), context(), NULL, key->pkey, NULL) !=
	        1 ||
	    EVP_DigestSign(md, signature, &made, data, len) != 1)
		ms_die_system("%s: libcrypto cannot sign with this key", key->source);
	EVP_MD_CTX_free(md);
	return made;
}

bool ms_key_verify(const struct ms_key *key, const void *data, size_t len, const void *signature,
                   size_t signature_len)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool good;

	if (!md)
		ms_die_system("out of memory");
	good = EVP_DigestVerifyInit_ex(md, NULL, digest_of(key), context(), NULL, key->pkey,
	                               NULL) == 1 &&
	       EVP_DigestVerify(md, signature, signature_len, data, len) == 1;
	EVP_MD_CTX_free(md);
	ERR_clear_error();
	return good;
}

/* A SEQUENCE of two INTEGERs and nothing behind it. */
static bool is_der(const uint8_t *signature, size_t len)
{
	const uint8_t *at = signature;
	ECDSA_SIG *parsed = d2i_ECDSA_SIG(NULL, &at, (long)len);
	bool good = parsed && at == signature + len;

	ECDSA_SIG_free(parsed);
	ERR_clear_error();
	return good;
}

/* Bytes of each of the two numbers of an ECDSA signature. */
static size_t number_size(const struct ms_key *key)
{
	return strcmp(key->kind, "ECDSA P-384") == 0 ? 48 : 32;
}

bool ms_key_signed_raw(const struct ms_key *key, const void *data, size_t len,
                       const void *signature, size_t signature_len)
{
	const size_t size = number_size(key);
	const uint8_t *bytes = signature;
	uint8_t *der = NULL;
	ECDSA_SIG *numbers;
	BIGNUM *r, *s;
	int der_len;
	bool good;

	if (!ms_starts_with(key->kind, "ECDSA") || signature_len != 2 * size)
		return false;
	numbers = ECDSA_SIG_new();
	r = BN_bin2bn(bytes, (int)size, NULL);
	s = BN_bin2bn(bytes + size, (int)size, NULL);
	if (!numbers || !r || !s || ECDSA_SIG_set0(numbers, r, s) != 1)
		ms_die_system("out of memory");
	der_len = i2d_ECDSA_SIG(numbers, &der);
	good = der_len > 0 && ms_key_verify(key, data, len, der, (size_t)der_len);
	OPENSSL_free(der);
	ECDSA_SIG_free(numbers);
	ERR_clear_error();
	return good;
}

const char *ms_key_signature_fault(const struct ms_key *key, const void *data, size_t len,
                                   const void *signature, size_t signature_len)
{
	if (ms_starts_with(key->kind, "ECDSA")) {
		if (is_der(signature, signature_len))
			return NULL;
		if (ms_key_signed_raw(key, data, len, signature, signature_len))
			return MS_KEY_RAW;
		/* As long as that, it can be one of another statement, or of Ed25519. */
		return signature_len == 2 * number_size(key)
		           ? "no ECDSA signature in DER, nor this key's raw r||s (IEEE P1363)"
		           : "no ECDSA signature in DER";
	}
	if (strcmp(key->kind, "Ed25519") == 0)
		return signature_len == 64 ? NULL : "not the 64 bytes of an Ed25519 signature";
	return (int)signature_len == EVP_PKEY_get_size(key->pkey) ? NULL
	                                                          : "not as long as the RSA key";
}

void ms_sha1_hex(const void *data, size_t len, char hex[41])
{
	EVP_MD *sha1 = EVP_MD_fetch(context(), "SHA1", NULL);
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned made = 0;

	if (!sha1 || EVP_Digest(data, len, digest, &made, sha1, NULL) != 1 || made != 20)
		ms_die_system("libcrypto cannot compute a SHA-1");
	for (unsigned i = 0; i < made; i++) {
		hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	hex[40] = '\0';
	EVP_MD_free(sha1);
}
