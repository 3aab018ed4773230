/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-trust.c - lib/host/trust where programs cannot reach easily: base64, DSSE's encoding,
 * hostile envelopes and statements, bare signatures, licence tags.
 */
#include "base/diag.h"
#include "base/mem.h"
#include "both/newc.h"
#include "hostile.h"
#include "tap.h"
#include "trust/base64.h"
#include "trust/envelope.h"
#include "trust/inside.h"
#include "trust/json.h"
#include "trust/sbom.h"
#include "trust/statement.h"

#include <fcntl.h>
#include <unistd.h>

static int keep, null;

/* What is refused is told on stderr, which is of no interest here. */
static void quiet(int on)
{
	dup2(on ? null : keep, 2);
}

/* -- base64 ------------------------------------------------------------------------------ */

static int decodes(const char *text, const char *want)
{
	uint8_t data[64];
	size_t len;

	if (ms_base64_decode(text, strlen(text), data, &len) != 0)
		return want == NULL;
	return want && len == strlen(want) && memcmp(data, want, len) == 0;
}

static void test_base64(void)
{
	static const struct {
		const char *text, *want; /* NULL: refused */
	} cases[] = {
	    /* RFC 4648, section 10 */
	    {"", ""},
	    {"Zg==", "f"},
	    {"Zm8=", "fo"},
	    {"Zm9v", "foo"},
	    {"Zm9vYg==", "foob"},
	    {"Zm9vYmE=", "fooba"},
	    {"Zm9vYmFy", "foobar"},
	    /* without padding; both alphabets */
	    {"Zg", "f"},
	    {"Zm8", "fo"},
	    {"+/+/", "\xfb\xff\xbf"},
	    {"-_-_", "\xfb\xff\xbf"},
	    /* refused */
	    {"+_+_", NULL},
	    {"Z", NULL},
	    {"Zm9vZ", NULL},
	    {"=", NULL},
	    {"====", NULL},
	    {"Z===", NULL},
	    {"Zg=", NULL},
	    {"Zg==Zg==", NULL},
	    {"Zh==", NULL},
	    {"Zm9=", NULL},
	    {"Zm 9v", NULL},
	    {"Zm9v\n", NULL},
	    {"Zm9\xff", NULL},
	};
	uint8_t bytes[48], back[MS_BASE64_ROOM(48)];
	char text[MS_BASE64_ROOM(48)];
	size_t len;
	int good = 1;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(decodes(cases[i].text, cases[i].want), "base64 \"%s\" %s",
		   ms_visible(cases[i].text), cases[i].want ? "is read" : "is refused");
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		for (size_t i = 0; i < n; i++)
			bytes[i] = (uint8_t)(i * 37 + n);
		ms_base64_encode(bytes, n, text);
		good = good && strlen(text) + 1 == MS_BASE64_ROOM(n) &&
		       ms_base64_decode(text, strlen(text), back, &len) == 0 && len == n &&
		       memcmp(back, bytes, n) == 0;
	}
	ok(good, "what is written is read back, at every length");
}

/* -- envelopes --------------------------------------------------------------------------- */

static const char dsse[] =
    "{\"payload\":\"e30=\",\"payloadType\":\"application/vnd.in-toto+json\",\"signatures\":["
    "{\"keyid\":\"a\",\"sig\":\"MAYCAQECAQE=\"},{\"sig\":\"AAAA\"}]}";
static const char bundle[] =
    "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"verificationMaterial\":{"
    "\"publicKey\":{\"hint\":\"a\"}},\"dsseEnvelope\":{\"payload\":\"e30=\",\"payloadType\":"
    "\"application/vnd.in-toto+json\",\"signatures\":[{\"sig\":\"AAAA\"}]}}";

static int read_envelope(const uint8_t *data, size_t len)
{
	struct ms_envelope envelope;

	if (ms_envelope_parse("test", (const char *)data, len, &envelope) != 0)
		return 0;
	for (size_t i = 0; i < envelope.count; i++) {
		if (envelope.items[i].len == 0 || envelope.items[i].len > MS_SIGNATURE_MAX)
			abort();
	}
	return 1;
}

static void test_envelopes(void)
{
	struct ms_envelope envelope;
	size_t len, accepted;
	char *pae;

	ok(ms_envelope_parse("t", dsse, strlen(dsse), &envelope) == 0 && envelope.count == 2 &&
	       envelope.len == 2 && memcmp(envelope.payload, "{}", 3) == 0,
	   "an envelope is read");
	pae = ms_envelope_pae(envelope.payload, envelope.len, &len);
	is_string(pae, "DSSEv1 28 application/vnd.in-toto+json 2 {}", "its encoding for signing");
	ms_envelope_add(&envelope, "0", "x", 1);
	ms_envelope_add(&envelope, "a", "yy", 2);
	ok(envelope.count == 3 && strcmp(envelope.items[0].keyid, "") == 0 &&
	       strcmp(envelope.items[1].keyid, "0") == 0 && envelope.items[2].len == 2,
	   "signatures are in the order of their keyids, and replaced");
	ok(read_envelope((const uint8_t *)bundle, strlen(bundle)), "a bundle is read");
	quiet(1);
	ok(hostile_truncations(read_envelope, (const uint8_t *)dsse, strlen(dsse)) == 0,
	   "no cut envelope is read");
	ok(hostile_truncations(read_envelope, (const uint8_t *)bundle, strlen(bundle)) == 0,
	   "no cut bundle is read");
	accepted = hostile_changes(read_envelope, (const uint8_t *)dsse, strlen(dsse)) +
	           hostile_changes(read_envelope, (const uint8_t *)bundle, strlen(bundle));
	quiet(0);
	ok(accepted > 0, "changed bytes are survived (%zu of them mean something else)", accepted);
}

static void test_raw_signature(void)
{
	static const char pem[] =
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6r+8eF154x5YD0LTX2loLzsUDveJ\n"
	    "ZJPoLa6hWe26J9vQVhhQxgchHpJuVz1xWcs9/XDzKNw1NLTSP5NUMIFKag==\n"
	    "-----END PUBLIC KEY-----\n";
	char path[] = "/tmp/test-trust-XXXXXX";
	int fd = mkstemp(path);
	const char *fault;
	uint8_t raw[64];
	struct ms_key key;

	memset(raw, 0x5a, sizeof(raw));
	if (fd < 0 || write(fd, pem, strlen(pem)) < 0)
		abort();
	close(fd);
	ok(ms_key_public(path, &key) == 0, "a public key is read");
	fault = ms_key_signature_fault(&key, "x", 1, raw, sizeof(raw));
	ok(fault && strstr(fault, "nor this key's raw r||s") != NULL,
	   "64 bare bytes that are nobody's signature are not called one");
	fault = ms_key_signature_fault(&key, "x", 1, raw, 63);
	ok(fault && strstr(fault, "DER") != NULL, "63 are no DER");
	ok(!ms_key_verify(&key, "x", 1, raw, sizeof(raw)), "and verify nothing");
	unlink(path);
}

/* -- statements -------------------------------------------------------------------------- */

static const char statement[] =
    "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":{\"buildDefinition\":{"
    "\"buildType\":\"urn:moonshot-toolkit:build-type:v1\",\"externalParameters\":{\"board\":\"b\","
    "\"config\":\"c\",\"spec\":\"s\"},\"internalParameters\":{\"format\":\"elf\",\"inputs_hash\":"
    "\"0000000000000000000000000000000000000000000000000000000000000000\",\"plan_hash\":"
    "\"0000000000000000000000000000000000000000000000000000000000000000\",\"spec_hash\":"
    "\"0000000000000000000000000000000000000000000000000000000000000000\"},"
    "\"resolvedDependencies\":[{\"annotations\":{\"kind\":\"source\",\"size\":1},\"digest\":{"
    "\"sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\"},\"name\":"
    "\"a.c\"}]},\"runDetails\":{\"builder\":{\"id\":\"x\"},\"byproducts\":[{\"name\":1}]}},"
    "\"predicateType\":\"https://slsa.dev/provenance/v1\",\"subject\":[{\"digest\":{\"sha256\":"
    "\"0000000000000000000000000000000000000000000000000000000000000000\"},\"name\":\"system-image."
    "bin\"}]}";

static int read_statement(const uint8_t *data, size_t len)
{
	json_t *root = ms_json_parse("t", (const char *)data, len);
	struct ms_statement s;
	int good;

	if (!root)
		return 0;
	good = ms_statement_read(root, &s) == NULL;
	if (good) {
		ms_statement_byproduct(&s, "system.cpio");
		json_decref(s.inputs);
	}
	json_decref(root);
	return good;
}

static void test_statements(void)
{
	size_t len = strlen(statement), accepted = 0;
	uint8_t *copy;

	ok(read_statement((const uint8_t *)statement, len), "a statement is read");
	quiet(1);
	ok(hostile_truncations(read_statement, (const uint8_t *)statement, len) == 0,
	   "no cut statement is read");
	copy = (uint8_t *)ms_strdup(statement);
	for (size_t i = 0; i < len; i++) {
		for (unsigned bit = 1; bit < 256; bit <<= 1) {
			copy[i] = (uint8_t)(statement[i] ^ bit);
			accepted += (size_t)read_statement(copy, len);
		}
		copy[i] = (uint8_t)statement[i];
	}
	quiet(0);
	ok(accepted > 0 && accepted < len * 8, "every flipped bit is survived");
}

/* -- licences ---------------------------------------------------------------------------- */

static void licence(const char *text, const char *want)
{
	char *got = ms_licence_of(text, strlen(text));

	if (want)
		is_string(got, want, ms_visible(text));
	else
		ok(got == NULL, "none: %s", ms_visible(text));
}

#define TAG                                                                                        \
	"SPDX-License-"                                                                            \
	"Identifier: "

static void test_licences(void)
{
	struct ms_list names = {0};

	licence("/* " TAG "BSD-2-Clause */\nint x;", "BSD-2-Clause");
	licence("# " TAG "MIT\r\n", "MIT");
	licence("<!-- " TAG "CC0-1.0 -->", "CC0-1.0");
	licence("// " TAG "MIT\n// " TAG "Apache-2.0\n// " TAG "MIT\n", "Apache-2.0 AND MIT");
	licence(TAG "GPL-2.0-only OR MIT\n" TAG "ISC", "(GPL-2.0-only OR MIT) AND ISC");
	licence(TAG "\tGPL-2.0-only\tOR\tMIT\t\n" TAG "ISC", "(GPL-2.0-only OR MIT) AND ISC");
	licence(TAG "(MIT)OR(Zlib)\n" TAG "ISC", "((MIT)OR(Zlib)) AND ISC");
	licence(TAG "(MIT AND (ISC OR Zlib))", "(MIT AND (ISC OR Zlib))");
	licence(TAG "GPL-2.0+ WITH x-exception", "GPL-2.0+ WITH x-exception");
	licence(TAG "MIT AND", NULL);
	licence(TAG "AND MIT", NULL);
	licence(TAG "MIT ISC", NULL);
	licence(TAG "(MIT", NULL);
	licence(TAG "MIT)", NULL);
	licence(TAG "()", NULL);
	licence(TAG "MIT; DROP", NULL);
	licence(TAG, NULL);
	licence("no tag at all", NULL);
	licence("", NULL);
	ms_licence_names("(GPL-2.0-only WITH some-exception OR MIT) AND ISC AND MIT", &names);
	ok(names.count == 3 && strcmp(names.items[0], "GPL-2.0-only") == 0 &&
	       strcmp(names.items[1], "ISC") == 0 && strcmp(names.items[2], "MIT") == 0,
	   "the licences of an expression, without its exception");
}

/* -- the archive in an image --------------------------------------------------------------- */

static size_t put_member(uint8_t *out, size_t at, const char *name, const char *data, uint32_t size)
{
	at +=
	    newc_write_header(out + at, name, newc_name_field(at, name, NEWC_ALIGN), 0100644, size);
	memcpy(out + at, data, size);
	return (at + size + NEWC_ALIGN - 1) / NEWC_ALIGN * NEWC_ALIGN;
}

/* Whether an image of len bytes has an archive that begins and ends there. */
static int has_archive(const uint8_t *image, size_t len, size_t start, size_t end)
{
	struct ms_inside found;

	return ms_inside_find(image, len, &found) && found.data == image + start &&
	       found.len == end - start;
}

static void test_inside(void)
{
	enum { START = 100 };
	static uint8_t image[2048];
	struct ms_inside found;
	size_t end, other;
	unsigned wrong = 0;

	memset(image, '0', START); /* what begins like an archive's first number */
	end = put_member(image, START, "kernel.elf", "kernel", 6);
	end = put_member(image, end, "rootserver", "root", 4);
	end = put_member(image, end, NEWC_TRAILER, "", 0);
	ok(has_archive(image, sizeof(image), START, end), "an archive in an image is found");
	ok(has_archive(image, end, START, end), "also where both end together");
	/* What follows in memory is none of the image: the archive has to end in it. */
	for (size_t len = 0; len < end; len++)
		wrong += ms_inside_find(image, len, &found);
	ok(wrong == 0, "an archive that the image's end cuts off is none (%u are)", wrong);

	memset(image, 0, sizeof(image));
	other = put_member(image, START, "notes", "070701", 6);
	other = put_member(image, other, NEWC_TRAILER, "", 0);
	ok(!ms_inside_find(image, sizeof(image), &found), "one without a kernel is passed over");
	end = put_member(image, other, "kernel.elf", "kernel", 6);
	end = put_member(image, end, NEWC_TRAILER, "", 0);
	ok(has_archive(image, sizeof(image), other, end), "and the next one is found");
}

int main(void)
{
	ms_diag_program("test-trust");
	keep = dup(2);
	null = open("/dev/null", O_WRONLY);
	test_base64();
	test_envelopes();
	test_raw_signature();
	test_statements();
	test_licences();
	test_inside();
	done_testing();
	return 0;
}
