/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify_signatures.c - who has signed these bytes? Keys are counted, not signatures: DSSE's
 * (t, n) rule. A signature that no trusted key made is passed over and said so.
 */
#include "base/diag.h"
#include "base/file.h"
#include "trust/envelope.h"
#include "trust/verify.h"

#include <stdlib.h>
#include <string.h>

#define CHECK "signature"

static bool counted(const struct ms_verify *v, const struct ms_key *key)
{
	for (size_t i = 0; i < v->signer_count; i++) {
		if (v->signers[i] == key)
			return true;
	}
	return false;
}

/* The trusted key that made a signature, or NULL. The one that the keyid names is tried first. */
static const struct ms_key *signer_of(const struct ms_verify *v, const struct ms_signature *s,
                                      const char *pae, size_t len, const struct ms_key **named)
{
	*named = NULL;
	for (size_t i = 0; i < v->trust.count && !*named; i++) {
		if (strcmp(v->trust.items[i].id, s->keyid) == 0)
			*named = &v->trust.items[i];
	}
	if (*named && ms_key_verify(*named, pae, len, s->bytes, s->len))
		return *named;
	for (size_t i = 0; i < v->trust.count; i++) {
		const struct ms_key *key = &v->trust.items[i];

		if (key != *named && ms_key_verify(key, pae, len, s->bytes, s->len))
			return key;
	}
	return NULL;
}

static void judge(struct ms_verify *v, const char *path, const struct ms_signature *s,
                  const char *pae, size_t len)
{
	const struct ms_key *named, *key = signer_of(v, s, pae, len, &named);
	const char *why = NULL;

	if (key && counted(v, key)) {
		ms_verdict_add(&v->verdict, MS_FOUND_NOTE, CHECK,
		               "%s: another one by %s (%s); a key counts once", path, key->source,
		               key->id);
	} else if (key) {
		v->signers[v->signer_count++] = key;
		ms_verdict_add(&v->verdict, MS_FOUND_OK, CHECK, "%s: by %s, %s, %s", path,
		               key->source, key->kind, key->id);
	} else if (named) {
		why = ms_key_signature_fault(named, pae, len, s->bytes, s->len);
		ms_verdict_add(&v->verdict, MS_FOUND_NOTE, CHECK,
		               "%s: bears the id of %s but is not its signature of this "
		               "statement%s%s",
		               path, named->source, why ? ": it is " : "", why ? why : "");
	} else {
		for (size_t i = 0; i < v->trust.count && !named; i++) {
			if (ms_key_signed_raw(&v->trust.items[i], pae, len, s->bytes, s->len))
				named = &v->trust.items[i];
		}
		if (named)
			why = ms_format(": %s has made it, but as " MS_KEY_RAW, named->source);
		ms_verdict_add(&v->verdict, MS_FOUND_NOTE, CHECK,
		               "%s: one by no trusted key passed over, keyid \"%s\"%s", path,
		               s->keyid, why ? why : "");
	}
}

/* Where signatures are not asked for, a statement may come without an envelope. */
static bool read_file(struct ms_verify *v, const char *path, struct ms_envelope *envelope)
{
	const char *name = ms_input_name(path);
	struct ms_evidence *evidence;
	size_t len;
	char *text = ms_read_file(path, MS_ENVELOPE_MAX, &len);
	json_t *root;

	ms_reserve((void **)&v->evidence, &v->evidence_cap, v->evidence_count + 1,
	           sizeof(*v->evidence));
	evidence = &v->evidence[v->evidence_count++];
	evidence->path = name;
	ms_sha256_hex(text, len, evidence->sha256);
	if (v->without) {
		root = ms_json_parse(name, text, len);
		if (root && !ms_envelope_is(root)) {
			*envelope = (struct ms_envelope){.payload = text, .len = len};
			json_decref(root);
			return true;
		}
		json_decref(root);
		if (!root)
			return false;
	}
	return ms_envelope_parse(name, text, len, envelope) == 0;
}

bool ms_verify_signatures(struct ms_verify *v)
{
	for (size_t i = 0; i < v->files.count; i++) {
		const char *path = v->files.items[i], *name = ms_input_name(path);
		struct ms_envelope envelope;
		size_t len;
		char *pae;

		if (!read_file(v, path, &envelope)) {
			ms_verdict_add(&v->verdict, MS_FOUND_FAILED, CHECK, "%s cannot be read",
			               name);
			return false;
		}
		if (v->payload && (envelope.len != v->payload_len ||
		                   memcmp(envelope.payload, v->payload, envelope.len) != 0)) {
			ms_verdict_add(&v->verdict, MS_FOUND_FAILED, CHECK,
			               "%s holds another statement than %s", name,
			               ms_input_name(v->files.items[0]));
			return false;
		}
		v->payload = envelope.payload;
		v->payload_len = envelope.len;
		pae = ms_envelope_pae(envelope.payload, envelope.len, &len);
		for (size_t k = 0; k < envelope.count && !v->without; k++)
			judge(v, name, &envelope.items[k], pae, len);
		if (!v->without && envelope.count == 0)
			ms_verdict_add(&v->verdict, MS_FOUND_NOTE, CHECK,
			               "%s: nobody has signed it", name);
		free(pae);
	}
	if (v->without) {
		ms_verdict_add(
		    &v->verdict, MS_FOUND_SKIPPED, CHECK,
		    "whoever wrote this statement could have written any other (--trust)");
		return true;
	}
	ms_verdict_add(&v->verdict, v->signer_count >= v->threshold ? MS_FOUND_OK : MS_FOUND_FAILED,
	               "threshold", "%zu of %s signed, %u must", v->signer_count,
	               v->trust.count == 1 ? "1 trusted key has"
	                                   : ms_format("the %zu trusted keys have", v->trust.count),
	               v->threshold);
	return v->signer_count >= v->threshold;
}
