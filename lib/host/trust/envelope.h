/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * envelope.h - a statement with its signatures: DSSE v1.0.2 envelopes of any number of
 * signers, and Sigstore bundles v0.3 of one signer each.
 *
 * What is signed is the pre-authentication encoding (PAE) of type and payload. A keyid and a
 * bundle's hint are not signed: they help to find a key and decide nothing.
 */
#ifndef MS_TRUST_ENVELOPE_H
#define MS_TRUST_ENVELOPE_H

#include "trust/json.h"
#include "trust/key.h"

#define MS_ENVELOPE_MAX   (32u * 1024 * 1024) /* bytes of a file */
#define MS_SIGNATURES_MAX 64                  /* of one file; more are refused */

struct ms_signature {
	const char *keyid; /* "" when there is none */
	uint8_t *bytes;
	size_t len;
};

struct ms_envelope {
	char *payload; /* NUL-terminated past len */
	size_t len;
	struct ms_signature *items;
	size_t count, cap;
};

/*
 * Reads an envelope or a bundle from text; the payload must be of in-toto's type. Keys that we
 * do not know are passed over, as DSSE asks. name: for messages. -1 after reporting.
 */
int ms_envelope_parse(const char *name, const char *text, size_t len, struct ms_envelope *envelope);

/* True when text is an envelope or a bundle, by its keys; false for a bare statement and for
 * anything else. */
bool ms_envelope_is(const json_t *root);

/* The bytes that are signed. NUL-terminated past *pae_len. */
char *ms_envelope_pae(const char *payload, size_t len, size_t *pae_len);

/* Adds a signature; one that bears the same keyid is replaced. */
void ms_envelope_add(struct ms_envelope *envelope, const char *keyid, const void *bytes,
                     size_t len);

/* The envelope as JSON, signatures in the order of their keyids; the bundle of its signature i. */
json_t *ms_envelope_json(const struct ms_envelope *envelope);
json_t *ms_envelope_bundle(const struct ms_envelope *envelope, size_t i);

#endif
