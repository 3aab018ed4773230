/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * envelope.c - DSSE envelopes and Sigstore bundles. See envelope.h.
 */
#include "trust/envelope.h"
#include "base/diag.h"
#include "base/mem.h"
#include "trust/base64.h"
#include "trust/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define KEYID_MAX 1024 /* bytes of a keyid; longer ones are refused */

static int fault(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int fault(const char *name, const char *fmt, ...)
{
	struct ms_source source = {.name = name};
	struct ms_place place = {.source = &source};
	va_list ap;

	va_start(ap, fmt);
	ms_report(MS_ERROR, &place, "envelope", "%s", ms_vformat(fmt, ap));
	va_end(ap);
	return -1;
}

/* -- reading ----------------------------------------------------------------------------- */

/* The bytes of a base64 string, NUL-terminated past *len; NULL when it is none. */
static uint8_t *bytes_of(const json_t *value, size_t *len)
{
	const char *text = json_string_value(value);
	size_t text_len;
	uint8_t *data;

	if (!text)
		return NULL;
	text_len = json_string_length(value);
	data = ms_alloc(text_len / 4 * 3 + 4, 1);
	if (ms_base64_decode(text, text_len, data, len) == 0)
		return data;
	free(data);
	return NULL;
}

static int read_signature(const char *name, size_t i, const json_t *value,
                          struct ms_envelope *envelope)
{
	const json_t *keyid = json_object_get(value, "keyid");
	struct ms_signature s = {.keyid = ""};

	s.bytes = bytes_of(json_object_get(value, "sig"), &s.len);
	if (!s.bytes)
		return fault(name, "signatures[%zu].sig is not there or no base64", i);
	if (s.len == 0 || s.len > MS_SIGNATURE_MAX)
		return fault(name, "signatures[%zu].sig has %zu bytes; 1 to %d are possible", i,
		             s.len, MS_SIGNATURE_MAX);
	if (keyid && !json_is_null(keyid)) {
		if (!json_is_string(keyid) || json_string_length(keyid) > KEYID_MAX)
			return fault(name, "signatures[%zu].keyid is no string of up to %d bytes",
			             i, KEYID_MAX);
		s.keyid = ms_strdup(json_string_value(keyid));
	}
	ms_reserve((void **)&envelope->items, &envelope->cap, envelope->count + 1,
	           sizeof(*envelope->items));
	envelope->items[envelope->count++] = s;
	return 0;
}

static int read_dsse(const char *name, const json_t *dsse, struct ms_envelope *envelope)
{
	const char *type = ms_json_string(dsse, "payloadType");
	const json_t *signatures = json_object_get(dsse, "signatures");

	if (!type)
		return fault(name, "the envelope has no payloadType");
	if (strcmp(type, MS_PAYLOAD_TYPE) != 0)
		return fault(name, "the payload's type is \"%.80s\", not " MS_PAYLOAD_TYPE, type);
	envelope->payload = (char *)bytes_of(json_object_get(dsse, "payload"), &envelope->len);
	if (!envelope->payload)
		return fault(name, "the envelope's payload is not there or no base64");
	if (!json_is_array(signatures))
		return fault(name, "the envelope has no list of signatures");
	if (json_array_size(signatures) > MS_SIGNATURES_MAX)
		return fault(name, "%zu signatures; at most %d are read",
		             json_array_size(signatures), MS_SIGNATURES_MAX);
	for (size_t i = 0; i < json_array_size(signatures); i++) {
		if (read_signature(name, i, json_array_get(signatures, i), envelope) != 0)
			return -1;
	}
	return 0;
}

static bool is_bundle_type(const char *type)
{
	static const char *const types[] = {MS_BUNDLE_TYPE,
	                                    "application/vnd.dev.sigstore.bundle+json;version=0.3",
	                                    "application/vnd.dev.sigstore.bundle+json;version=0.2",
	                                    "application/vnd.dev.sigstore.bundle+json;version=0.1"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(type, types[i]) == 0)
			return true;
	}
	return false;
}

static int read_bundle(const char *name, const char *type, const json_t *root,
                       struct ms_envelope *envelope)
{
	const json_t *dsse = json_object_get(root, "dsseEnvelope");
	const char *hint = ms_json_string(root, "verificationMaterial.publicKey.hint");

	if (!is_bundle_type(type))
		return fault(name, "a file of type \"%.80s\" is no Sigstore bundle that is known",
		             type);
	if (!dsse)
		return fault(name, "the bundle holds no DSSE envelope%s",
		             json_object_get(root, "messageSignature")
		                 ? ": it signs a file, not a statement"
		                 : "");
	if (read_dsse(name, dsse, envelope) != 0)
		return -1;
	if (envelope->count != 1)
		return fault(name, "a bundle holds exactly one signature, not %zu",
		             envelope->count);
	if (hint && envelope->items[0].keyid[0] && strcmp(hint, envelope->items[0].keyid) != 0)
		return fault(name, "the bundle's hint and the envelope's keyid contradict each "
		                   "other");
	if (hint && strlen(hint) <= KEYID_MAX)
		envelope->items[0].keyid = ms_strdup(hint);
	return 0;
}

bool ms_envelope_is(const json_t *root)
{
	return json_object_get(root, "payload") || json_object_get(root, "mediaType");
}

int ms_envelope_parse(const char *name, const char *text, size_t len, struct ms_envelope *envelope)
{
	const char *type;
	json_t *root;
	int status;

	*envelope = (struct ms_envelope){0};
	if (len > MS_ENVELOPE_MAX)
		return fault(name, "more than %u bytes", MS_ENVELOPE_MAX);
	root = ms_json_parse(name, text, len);
	if (!root)
		return -1;
	type = ms_json_string(root, "mediaType");
	if (!json_is_object(root) || !ms_envelope_is(root))
		status = fault(name, "neither a DSSE envelope nor a Sigstore bundle");
	else if (json_object_get(root, "mediaType"))
		status = read_bundle(name, type ? type : "", root, envelope);
	else
		status = read_dsse(name, root, envelope);
	json_decref(root);
	return status;
}

/* -- writing ----------------------------------------------------------------------------- */

char *ms_envelope_pae(const char *payload, size_t len, size_t *pae_len)
{
	struct ms_buf pae = {0};

	ms_buf_printf(&pae, "DSSEv1 %zu %s %zu ", strlen(MS_PAYLOAD_TYPE), MS_PAYLOAD_TYPE, len);
	ms_buf_add(&pae, payload, len);
	*pae_len = pae.len;
	return pae.data;
}

static int by_keyid(const void *a, const void *b)
{
	const struct ms_signature *x = a, *y = b;

	return strcmp(x->keyid, y->keyid);
}

void ms_envelope_add(struct ms_envelope *envelope, const char *keyid, const void *bytes, size_t len)
{
	struct ms_signature *s = NULL;

	for (size_t i = 0; i < envelope->count && !s; i++) {
		if (strcmp(envelope->items[i].keyid, keyid) == 0)
			s = &envelope->items[i];
	}
	if (!s) {
		ms_reserve((void **)&envelope->items, &envelope->cap, envelope->count + 1,
		           sizeof(*envelope->items));
		s = &envelope->items[envelope->count++];
	}
	s->keyid = ms_strdup(keyid);
	s->bytes = ms_alloc(len, 1);
	memcpy(s->bytes, bytes, len);
	s->len = len;
	qsort(envelope->items, envelope->count, sizeof(*envelope->items), by_keyid);
}

static json_t *base64_of(const void *data, size_t len)
{
	char *text = ms_alloc(MS_BASE64_ROOM(len), 1);
	json_t *value;

	ms_base64_encode(data, len, text);
	value = ms_doc_new_string(text);
	free(text);
	return value;
}

/* The envelope with the signatures from..to-1. */
static json_t *some(const struct ms_envelope *envelope, size_t from, size_t to)
{
	json_t *list = ms_pack("[]");

	for (size_t i = from; i < to; i++) {
		const struct ms_signature *s = &envelope->items[i];
		json_t *one = ms_pack("{s:o}", "sig", base64_of(s->bytes, s->len));

		if (s->keyid[0])
			ms_doc_set(one, "keyid", ms_doc_new_string(s->keyid));
		ms_doc_append(list, one);
	}
	return ms_pack("{s:s, s:o, s:o}", "payloadType", MS_PAYLOAD_TYPE, "payload",
	               base64_of(envelope->payload, envelope->len), "signatures", list);
}

json_t *ms_envelope_json(const struct ms_envelope *envelope)
{
	return some(envelope, 0, envelope->count);
}

json_t *ms_envelope_bundle(const struct ms_envelope *envelope, size_t i)
{
	return ms_pack("{s:s, s:{s:{s:s}}, s:o}", "mediaType", MS_BUNDLE_TYPE,
	               "verificationMaterial", "publicKey", "hint", envelope->items[i].keyid,
	               "dsseEnvelope", some(envelope, i, i + 1));
}
