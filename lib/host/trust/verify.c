/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify.c - the order of a verification, and its links that need no other file than the
 * specification. See verify.h.
 */
#include "trust/verify.h"
#include "base/diag.h"
#include "base/file.h"
#include "image/document.h"
#include "layout/verified.h"
#include "plan/inputs.h"
#include "plan/plan.h"
#include "trust/json.h"
#include "trust/locate.h"
#include "trust/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void compare(struct ms_verify *v, const char *check, const char *ours, const char *theirs,
                    const char *whose)
{
	if (strcmp(ours, theirs) == 0)
		ms_verdict_add(&v->verdict, MS_FOUND_OK, check, "%s", ours);
	else
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, check,
		               "%s gives %s, the statement says %s", whose, ours, theirs);
}

/* -- the statement ----------------------------------------------------------------------- */

static bool read_statement(struct ms_verify *v)
{
	json_t *root = ms_json_parse("the statement", v->payload, v->payload_len);
	const char *fault = root ? ms_statement_read(root, &v->statement) : "it is no JSON";
	char hash[MS_SHA256_HEX];

	if (fault) {
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "statement", "%s", fault);
		return false;
	}
	v->read = true;
	ms_verdict_add(&v->verdict, MS_FOUND_OK, "statement",
	               "in-toto Statement v1, SLSA provenance v1, build type %s", MS_BUILD_TYPE);
	if (!v->builder)
		ms_verdict_add(&v->verdict, MS_FOUND_NOTE, "builder", "the signers say: %s",
		               v->statement.builder);
	else if (strcmp(v->builder, v->statement.builder) == 0)
		ms_verdict_add(&v->verdict, MS_FOUND_OK, "builder", "%s", v->builder);
	else
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "builder",
		               "the statement names %s, not %s", v->statement.builder, v->builder);
	if (v->statement.verified_config)
		ms_verdict_add(&v->verdict, MS_FOUND_NOTE, "kernel", "the signers say: %s",
		               ms_verified_line(v->statement.verified_config));
	ms_inputs_hash(v->statement.inputs, hash);
	compare(v, "inputs_hash", hash, v->statement.inputs_hash, "its list of inputs");
	return true;
}

/* -- specification, plan ----------------------------------------------------------------- */

static const char *spec_path(const struct ms_verify *v)
{
	if (v->spec)
		return v->spec;
	return v->project ? ms_path_join(v->project, v->statement.spec_path) : NULL;
}

/* What the caller names may be a pipe; what lies in the project must be a file. */
static char *read_spec(const struct ms_verify *v, const char *path, size_t *len)
{
	if (!v->spec && ms_locate_file(path) != 0)
		return NULL;
	return ms_try_read_file(path, MS_SPEC_TEXT_MAX, len);
}

/* The statement's inputs are sorted. */
static bool is_input(const struct ms_verify *v, const char *name)
{
	size_t low = 0, high = json_array_size(v->statement.inputs);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(
		    name, ms_doc_string(json_array_get(v->statement.inputs, middle), "path"));

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* What the plan reads must be among the inputs: one that was left out would be compared nowhere. */
static void check_named(struct ms_verify *v, const json_t *steps)
{
	json_t *step, *name, *told = json_object();
	size_t i, k;

	json_array_foreach(steps, i, step)
	{
		json_array_foreach(ms_doc_member(step, "inputs"), k, name)
		{
			const char *path = json_string_value(name);

			/* What the build makes; what a plan cannot name as a record does. */
			if (ms_starts_with(path, "build/") || ms_starts_with(path, "@project/") ||
			    is_input(v, path) || json_object_get(told, path))
				continue;
			ms_doc_set(told, path, json_true());
			ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "inputs",
			               "the plan reads %s, which the statement leaves out", path);
		}
	}
	json_decref(told);
}

/* False when it cannot be read. */
static bool check_spec(struct ms_verify *v)
{
	const char *path = spec_path(v);
	struct ms_source source = {.name = path};
	char spec_hash[MS_SHA256_HEX], plan_hash[MS_SHA256_HEX];
	struct ms_spec *spec;
	json_t *steps;

	if (!path) {
		ms_verdict_add(&v->verdict, MS_FOUND_SKIPPED, "spec_hash",
		               "the specification is not at hand (--spec, --project)");
		ms_verdict_add(&v->verdict, MS_FOUND_SKIPPED, "plan_hash", "it follows from that");
		return true;
	}
	source.text = read_spec(v, path, &source.len);
	if (!source.text) {
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "spec_hash", "%s: %s", path,
		               strerror(errno));
		return false;
	}
	spec = ms_spec_from_toml(&source);
	if (!spec) {
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "spec_hash", "%s is no specification",
		               path);
		return false;
	}
	ms_plan_spec_hash(spec, spec_hash);
	steps = ms_plan_steps(spec);
	ms_plan_hash(spec_hash, steps, plan_hash);
	compare(v, "spec_hash", spec_hash, v->statement.spec_hash, path);
	compare(v, "plan_hash", plan_hash, v->statement.plan_hash, path);
	compare(v, "board", spec->build.board, v->statement.board, path);
	compare(v, "config", spec->build.config, v->statement.config, path);
	if (strcmp(plan_hash, v->statement.plan_hash) == 0)
		check_named(v, steps);
	json_decref(steps);
	return true;
}

/* -- the build's own record -------------------------------------------------------------- */

static bool read_record(struct ms_verify *v)
{
	if (!v->record_text)
		v->record_text = ms_try_read_file(v->record, MS_DOC_MAX, &v->record_len);
	if (!v->record_text) {
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "record", "%s: %s", v->record,
		               strerror(errno));
		return false;
	}
	v->record_document = ms_record_parse(v->record, v->record_text, v->record_len);
	if (!v->record_document)
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "record",
		               "%s is no document of a finished build", v->record);
	return v->record_document != NULL;
}

/* When a statement was made, and by which version of the toolkit, is in no record: it is as the
 * signers say. */
static void take_claims(json_t *made, const json_t *said)
{
	const char *when = ms_json_string(said, "predicate.runDetails.metadata.startedOn");
	const char *version =
	    ms_json_string(said, "predicate.runDetails.builder.version.moonshot-toolkit");
	json_t *details = json_object_get(json_object_get(made, "predicate"), "runDetails");

	json_object_del(details, "metadata");
	if (when)
		ms_doc_set(details, "metadata",
		           ms_pack("{s:s, s:s}", "startedOn", when, "finishedOn", when));
	if (version)
		ms_doc_set(json_object_get(details, "builder"), "version",
		           ms_pack("{s:s}", "moonshot-toolkit", version));
}

static void check_record(struct ms_verify *v)
{
	json_t *statement;
	size_t len;
	char *text;

	if (!v->record || !read_record(v))
		return;
	statement = ms_statement_make(v->record_document, v->statement.spec_path);
	if (statement)
		take_claims(statement, v->statement.root);
	text = statement ? ms_doc_canonical(statement, &len) : NULL;
	if (text && len + 1 == v->payload_len && memcmp(text, v->payload, len) == 0)
		ms_verdict_add(&v->verdict, MS_FOUND_OK, "record",
		               "%s is what the statement was made from", v->record);
	else
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "record",
		               "%s gives another statement than the one at hand", v->record);
}

const char *ms_verify_policy_fault(struct ms_verify *v)
{
	if (v->without)
		return v->trust.count || v->threshold
		           ? "--unsigned contradicts --trust and --threshold"
		           : NULL;
	if (!v->trust.count)
		return "--trust is missing: whose signature counts?";
	if (!v->threshold)
		v->threshold = 1;
	if (v->threshold > v->trust.count)
		return ms_format("--threshold %u cannot be reached with %s", v->threshold,
		                 ms_count_text(v->trust.count, "trusted key"));
	return NULL;
}

/* -- all of it --------------------------------------------------------------------------- */

void ms_verify(struct ms_verify *v)
{
	bool has_spec;

	if (!ms_verify_signatures(v)) {
		ms_verdict_add(&v->verdict, MS_FOUND_SKIPPED, "statement",
		               "nor anything below: the statement cannot be believed");
		return;
	}
	if (!read_statement(v))
		return;
	has_spec = check_spec(v);
	ms_verify_inputs(v);
	check_record(v);
	ms_verify_image(v);
	if (v->rebuild && !has_spec)
		ms_verdict_add(&v->verdict, MS_FOUND_SKIPPED, "rebuild",
		               "there is no specification to build");
	else
		ms_verify_rebuild(v);
}

/* -- the verdict as a statement ---------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What was decided by: the trusted keys and how many of them must have signed. */
static json_t *policy(const struct ms_verify *v)
{
	json_t *keys = ms_pack("[]"), *text;
	const char *ids[MS_KEYS_MAX] = {0};
	char hash[MS_SHA256_HEX];
	char *canonical;
	size_t len;

	for (size_t i = 0; i < v->trust.count; i++)
		ids[i] = v->trust.items[i].id;
	qsort(ids, v->trust.count, sizeof(*ids), by_id);
	for (size_t i = 0; i < v->trust.count; i++)
		ms_doc_append(keys, ms_doc_new_string(ids[i]));
	text = ms_pack("{s:o, s:i}", "keys", keys, "threshold", (int)v->threshold);
	canonical = ms_doc_canonical(text, &len);
	ms_sha256_hex(canonical, len, hash);
	return ms_pack("{s:s, s:{s:s}, s:{s:o}}", "uri", MS_POLICY, "digest", "sha256", hash,
	               "annotations", "policy", text);
}

static json_t *levels(const struct ms_verify *v)
{
	json_t *list = ms_pack("[]");

	if (v->verdict.failed) {
		ms_doc_append(list, ms_doc_new_string("FAILED"));
		return list;
	}
	ms_doc_append(list, ms_doc_new_string("SLSA_BUILD_LEVEL_1"));
	if (v->rebuilt_same)
		ms_doc_append(list, ms_doc_new_string("MOONSHOT_REBUILT"));
	return list;
}

json_t *ms_verify_summary(const struct ms_verify *v, const char *resource)
{
	const char *sha256 = v->statement.image_sha256, *when = ms_epoch_time(NULL);
	json_t *inputs = ms_pack("[]"), *predicate;

	for (size_t i = 0; i < v->evidence_count; i++)
		ms_doc_append(inputs,
		              ms_pack("{s:{s:s}}", "digest", "sha256", v->evidence[i].sha256));
	if (!resource)
		resource =
		    ms_format("pkg:generic/%s?checksum=sha256:%s", v->statement.image, sha256);
	predicate =
	    ms_pack("{s:{s:s}, s:s, s:o, s:o, s:s, s:o, s:s}", "verifier", "id", MS_VERIFIER,
	            "resourceUri", resource, "policy", policy(v), "inputAttestations", inputs,
	            "verificationResult", v->verdict.failed ? "FAILED" : "PASSED", "verifiedLevels",
	            levels(v), "slsaVersion", "1.0");
	if (when)
		ms_doc_set(predicate, "timeVerified", ms_doc_new_string(when));
	return ms_pack("{s:s, s:[{s:s, s:{s:s}}], s:s, s:o}", "_type", MS_STATEMENT_TYPE, "subject",
	               "name", v->statement.image, "digest", "sha256", sha256, "predicateType",
	               MS_SUMMARY_TYPE, "predicate", predicate);
}
