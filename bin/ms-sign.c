/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ms-sign.c - signs a statement, or adds a signature to those that an envelope has.
 */
#include "base/cli.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/mem.h"
#include "trust/envelope.h"
#include "trust/key.h"
#include "trust/names.h"
#include "trust/password.h"

#include <stdio.h>
#include <string.h>

enum { OPT_KEY = 256, OPT_PASSWORD, OPT_PAE, OPT_ATTACH, OPT_PUBLIC, OPT_BUNDLE };

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {OPT_KEY, "key", "FILE", "sign with this private key"},
    {OPT_PASSWORD, "password-fd", "N", "read the key's password from descriptor N"},
    {OPT_PAE, "pae", NULL, "print the bytes to be signed; sign nothing"},
    {OPT_ATTACH, "attach", "FILE", "add the signature in FILE, made elsewhere"},
    {OPT_PUBLIC, "public-key", "FILE", "the public key that --attach's signature is by"},
    {OPT_BUNDLE, "bundle", "FILE", "also write this signer's Sigstore bundle to FILE"},
};

struct call {
	const char *output, *key, *attach, *public, *bundle;
	int password_fd;
	bool pae;
};

static struct call read_options(struct ms_cli *cli, int argc, char **argv)
{
	struct call call = {.password_fd = -1};
	int id;

	while ((id = ms_cli_next(cli, argc, argv)) != MS_CLI_END) {
		switch (id) {
		case 'o': call.output = cli->arg; break;
		case OPT_KEY:
			if (call.key)
				ms_die_usage("one --key at a time: sign again to add another");
			call.key = cli->arg;
			break;
		case OPT_PASSWORD:
			call.password_fd = (int)ms_cli_number(cli, "--password-fd", 0, 1 << 20);
			break;
		case OPT_PAE: call.pae = true; break;
		case OPT_ATTACH: call.attach = cli->arg; break;
		case OPT_PUBLIC: call.public = cli->arg; break;
		case OPT_BUNDLE: call.bundle = cli->arg; break;
		}
	}
	if (!!call.key + !!call.attach + call.pae != 1)
		ms_die_usage("one of --key, --attach and --pae must be given");
	if (!call.attach != !call.public)
		ms_die_usage("--attach and --public-key belong together");
	if (call.password_fd >= 0 && !call.key)
		ms_die_usage("--password-fd belongs to --key");
	if (call.bundle && call.pae)
		ms_die_usage("--pae makes no bundle");
	if (call.bundle && call.output && strcmp(call.bundle, call.output) == 0)
		ms_die_usage("--bundle and -o both name %s", call.output);
	if (call.bundle && ms_same_output(call.bundle, call.output))
		ms_die_usage("--bundle %s is %s%s", call.bundle,
		             call.output ? "the same as -o "
		                         : "where the envelope goes, standard output",
		             call.output ? call.output : "");
	return call;
}

/* A statement becomes an envelope without signatures. Ends the program when it is neither. */
static struct ms_envelope read_input(const char *path)
{
	const char *name = ms_input_name(path);
	struct ms_envelope envelope = {0};
	size_t len;
	char *text = ms_read_file(path, MS_ENVELOPE_MAX, &len);
	json_t *root = ms_json_parse(name, text, len), *inner = root;
	const char *type;

	if (!root)
		ms_exit(MS_EXIT_INPUT);
	if (ms_envelope_is(root)) {
		if (ms_envelope_parse(name, text, len, &envelope) != 0)
			ms_exit(MS_EXIT_INPUT);
		inner = ms_json_parse(name, envelope.payload, envelope.len);
	} else {
		envelope.payload = text;
		envelope.len = len;
	}
	type = ms_json_string(inner, "_type");
	if (!type || strcmp(type, MS_STATEMENT_TYPE) != 0)
		ms_die_input("%s: no in-toto Statement v1, and no envelope of one", name);
	json_decref(root);
	return envelope;
}

/* The signature that is to be added; its length. Ends the program when it is none. */
static size_t make_signature(struct call *call, const char *pae, size_t pae_len, struct ms_key *key,
                             uint8_t signature[MS_SIGNATURE_MAX])
{
	const char *fault;
	char *bytes;
	size_t len;

	if (call->key) {
		if (ms_key_private(call->key, ms_password, &call->password_fd, key) != 0)
			ms_exit(MS_EXIT_INPUT);
		return ms_key_sign(key, pae, pae_len, signature);
	}
	if (ms_key_public(call->public, key) != 0)
		ms_exit(MS_EXIT_INPUT);
	bytes = ms_read_file(call->attach, MS_SIGNATURE_MAX, &len);
	fault = ms_key_signature_fault(key, pae, pae_len, bytes, len);
	if (fault)
		ms_die_input("%s: %s", call->attach, fault);
	if (!ms_key_verify(key, pae, pae_len, bytes, len))
		ms_die_input("%s: no signature of these bytes (--pae prints them) by %s",
		             call->attach, call->public);
	memcpy(signature, bytes, len);
	return len;
}

/* Signatures by that key which the envelope has, whatever keyid they bear, make room. */
static void drop_own(struct ms_envelope *envelope, const struct ms_key *key, const char *pae,
                     size_t len)
{
	size_t kept = 0;

	for (size_t i = 0; i < envelope->count; i++) {
		struct ms_signature *s = &envelope->items[i];

		if (strcmp(s->keyid, key->id) != 0 &&
		    !ms_key_verify(key, pae, len, s->bytes, s->len))
			envelope->items[kept++] = *s;
	}
	envelope->count = kept;
}

int main(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-sign",
	    .synopsis = "--key FILE [--password-fd N] [--bundle FILE] [-o FILE] [FILE]\n"
	                "       ms-sign --pae [-o FILE] [FILE]\n"
	                "       ms-sign --attach FILE --public-key FILE [--bundle FILE] [-o FILE] "
	                "[FILE]",
	    .summary = "Adds a signature to a statement or to an envelope that holds one.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	};
	uint8_t signature[MS_SIGNATURE_MAX];
	struct ms_envelope envelope;
	struct ms_key key = {0};
	size_t pae_len, len;
	struct call call;
	char *pae;

	ms_file_on_signals();
	call = read_options(&cli, argc, argv);
	envelope = read_input(ms_cli_operand(&cli, argc, argv));
	pae = ms_envelope_pae(envelope.payload, envelope.len, &pae_len);
	if (call.pae) {
		ms_write_file(call.output, pae, pae_len, 0);
		ms_exit(MS_EXIT_OK);
	}
	len = make_signature(&call, pae, pae_len, &key, signature);
	drop_own(&envelope, &key, pae, pae_len);
	if (envelope.count == MS_SIGNATURES_MAX)
		ms_die_input("the envelope has %d signatures, the most that are read",
		             MS_SIGNATURES_MAX);
	ms_envelope_add(&envelope, key.id, signature, len);
	if (call.bundle) {
		struct ms_envelope own = {.payload = envelope.payload, .len = envelope.len};

		ms_envelope_add(&own, key.id, signature, len);
		ms_json_keep(call.bundle, ms_envelope_bundle(&own, 0));
	}
	ms_json_keep(call.output, ms_envelope_json(&envelope));
	ms_exit(MS_EXIT_OK);
}
