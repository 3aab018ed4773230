/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-envelope.c - DSSE envelopes and Sigstore bundles, checked with a key. No change of an input
 * can make a signature good that the key never made: none may count. What was read is written
 * again, and then read as the same.
 */
#include "host.h"
#include "mutate.h"

#include "base/doc.h"
#include "base/file.h"
#include "trust/envelope.h"
#include "trust/verify.h"

#include <openssl/evp.h>
#include <string.h>

static struct ms_keys keys;

void fuzz_once(void)
{
	/* RFC 8410, 10.1: its private half signs nothing here. */
	static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
	                          "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
	                          "-----END PUBLIC KEY-----\n";

	fuzz_check(ms_keys_add(&keys, fuzz_file("key.pem", pem, sizeof(pem) - 1)) == 0, "no key");
}

static void check_again(const struct ms_envelope *envelope)
{
	struct ms_envelope again;
	size_t len;
	char *text = ms_doc_canonical(ms_envelope_json(envelope), &len);

	fuzz_check(ms_envelope_parse("again", text, len, &again) == 0, "ours is refused");
	fuzz_check(again.len == envelope->len &&
	               memcmp(again.payload, envelope->payload, again.len) == 0 &&
	               again.count == envelope->count,
	           "written, it is another envelope");
	for (size_t i = 0; i < envelope->count; i++) {
		text = ms_doc_canonical(ms_envelope_bundle(envelope, i), &len);
		fuzz_check(ms_envelope_parse("bundle", text, len, &again) == 0 && again.count == 1,
		           "our bundle is refused");
	}
}

void fuzz_one(const uint8_t *data, size_t size)
{
	struct ms_verify v = {.threshold = 1, .trust = keys};
	struct ms_envelope envelope;
	size_t len;

	if (ms_envelope_parse("in", (const char *)data, size, &envelope) == 0) {
		char *pae = ms_envelope_pae(envelope.payload, envelope.len, &len);

		for (size_t i = 0; i < envelope.count; i++)
			ms_key_signature_fault(&keys.items[0], pae, len, envelope.items[i].bytes,
			                       envelope.items[i].len);
		check_again(&envelope);
	}
	fuzz_file("envelope", data, size);
	ms_list_add(&v.files, "envelope");
	ms_verify(&v);
	ms_verdict_text(&v.verdict);
	fuzz_check(v.verdict.failed && v.signer_count == 0 && !v.read, "a signature is believed");
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_text(data, size, room, seed);
}
