/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * statement.c - in-toto statements with SLSA provenance. See statement.h.
 */
#include "trust/statement.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "image/document.h"
#include "image/format.h"
#include "layout/layout.h"
#include "layout/verified.h"
#include "plan/inputs.h"
#include "plan/plan.h"
#include "trust/json.h"
#include "trust/names.h"

#include <string.h>

const char *ms_statement_spec_fault(const char *path)
{
	return strcmp(path, "-") == 0 ? "stands for standard input" : ms_path_fault(path);
}

/* What later stages add to a compiled plan. */
#define RECORD_FIELDS (1 + MS_IMAGE_FIELDS)

static void record_fields(struct ms_field fields[RECORD_FIELDS])
{
	fields[0] = ms_layout_field;
	fields[0].optional = 1;
	memcpy(fields + 1, ms_image_fields, sizeof(ms_image_fields));
}

json_t *ms_record_read(const char *path, struct ms_spec **spec)
{
	struct ms_field fields[RECORD_FIELDS];

	record_fields(fields);
	return ms_plan_read(path, MS_PLAN_COMPILED, fields, RECORD_FIELDS, spec);
}

json_t *ms_record_parse(const char *name, const char *text, size_t len)
{
	struct ms_field fields[RECORD_FIELDS];

	record_fields(fields);
	return ms_plan_parse_later(name, text, len, fields, RECORD_FIELDS, NULL);
}

/* -- making one -------------------------------------------------------------------------- */

/* An input, or a by-product, as a ResourceDescriptor. */
static json_t *resource(const char *name, const char *kind, const json_t *entry)
{
	json_t *notes =
	    ms_pack("{s:s, s:I}", "kind", kind, "size", (json_int_t)ms_doc_integer(entry, "size"));
	json_t *version = json_object_get(entry, "version");

	if (version)
		ms_doc_set(notes, "version", json_incref(version));
	return ms_pack("{s:s, s:{s:s}, s:o}", "name", name, "digest", "sha256",
	               ms_doc_string(entry, "sha256"), "annotations", notes);
}

static json_t *dependencies(const json_t *inputs)
{
	json_t *list = ms_pack("[]");
	json_t *input;
	size_t i;

	json_array_foreach(inputs, i, input)
	{
		ms_doc_append(list, resource(ms_doc_string(input, "path"),
		                             ms_doc_string(input, "kind"), input));
	}
	return list;
}

/* What came out beside the image: the linked programs, the archive and its members, the image in
 * other formats. */
static json_t *byproducts(const json_t *record)
{
	const json_t *archive = ms_doc_member(record, "archive");
	json_t *list = ms_pack("[]");
	json_t *entry;
	size_t i;

	json_array_foreach(ms_doc_member(record, "artifacts"), i, entry)
	{
		ms_doc_append(list, resource(ms_doc_string(entry, "path"), "program", entry));
	}
	ms_doc_append(list, resource(MS_ARCHIVE_NAME, "archive", archive));
	json_array_foreach(ms_doc_member(archive, "entries"), i, entry)
	{
		char *name = ms_format(MS_ARCHIVE_NAME "/%s", ms_doc_string(entry, "name"));

		ms_doc_append(list, resource(name, "member", entry));
	}
	json_array_foreach(ms_doc_at(record, "image.files"), i, entry)
	{
		ms_doc_append(list, resource(ms_doc_string(entry, "path"), "image", entry));
	}
	return list;
}

json_t *ms_statement_make(const json_t *record, const char *spec_path)
{
	const json_t *build = ms_doc_at(record, "spec.build");
	json_t *inputs = ms_inputs_of(record);
	const char *when = ms_epoch_time(NULL);
	const char *builder =
	    json_is_true(ms_doc_at(record, "image.hermetic")) ? MS_BUILDER_HERMETIC : MS_BUILDER;
	char inputs_hash[MS_SHA256_HEX];
	json_t *definition, *details;
	const json_t *verified;

	if (!inputs)
		return NULL;
	ms_inputs_hash(inputs, inputs_hash);
	definition = ms_pack("{s:s, s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s, s:s}, s:o}", /**/
	                     "buildType", MS_BUILD_TYPE,                              /**/
	                     "externalParameters", "spec", spec_path,                 /**/
	                     "board", ms_doc_string(build, "board"),                  /**/
	                     "config", ms_doc_string(build, "config"),                /**/
	                     "internalParameters", "spec_hash",                       /**/
	                     ms_doc_string(record, "spec_hash"),                      /**/
	                     "plan_hash", ms_doc_string(record, "plan_hash"),         /**/
	                     "inputs_hash", inputs_hash,                              /**/
	                     "format", ms_json_string(record, "image.format"),        /**/
	                     "resolvedDependencies", dependencies(inputs));
	verified = ms_doc_at(record, "archive.kernel.verified_config");
	if (verified)
		ms_doc_set(json_object_get(definition, "internalParameters"), "verified_config",
		           json_deep_copy(verified));
	details = ms_pack("{s:{s:s, s:{s:s}}, s:o}", "builder", "id", builder, "version",
	                  "moonshot-toolkit", MS_VERSION, "byproducts", byproducts(record));
	if (when)
		ms_doc_set(details, "metadata",
		           ms_pack("{s:s, s:s}", "startedOn", when, "finishedOn", when));
	return ms_pack("{s:s, s:[{s:s, s:{s:s}}], s:s, s:{s:o, s:o}}", "_type", MS_STATEMENT_TYPE,
	               "subject", "name", MS_IMAGE_NAME, "digest", "sha256",
	               ms_json_string(record, "image.sha256"), "predicateType", MS_PROVENANCE_TYPE,
	               "predicate", "buildDefinition", definition, "runDetails", details);
}

/* -- taking one apart -------------------------------------------------------------------- */

static bool is(const json_t *root, const char *path, const char *want)
{
	const char *got = ms_json_string(root, path);

	return got && strcmp(got, want) == 0;
}

/* One dependency as one of our inputs; NULL when something is missing. */
static json_t *input_of(const json_t *dependency)
{
	const char *name = ms_json_string(dependency, "name");
	const char *kind = ms_json_string(dependency, "annotations.kind");
	const char *sha256 = ms_json_string(dependency, "digest.sha256");
	const json_t *size = ms_doc_at(dependency, "annotations.size");
	const json_t *version = ms_doc_at(dependency, "annotations.version");
	json_t *input;

	if (!name || !kind || !ms_is_sha256(sha256) || !json_is_integer(size) ||
	    json_integer_value(size) < 0 || json_integer_value(size) > MS_DOC_INT_MAX ||
	    (version && !json_is_string(version)))
		return NULL;
	input = ms_pack("{s:s, s:s, s:s, s:I}", "kind", kind, "path", name, "sha256", sha256,
	                "size", json_integer_value(size));
	if (version)
		ms_doc_set(input, "version", ms_doc_new_string(json_string_value(version)));
	return input;
}

/* Sorted, each once: of two with one name a reader could take either. */
static const char *read_inputs(const json_t *list, struct ms_statement *s)
{
	const char *name = "", *last, *fault;
	json_t *dependency;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > MS_INPUTS_MAX)
		return "it has no list of resolvedDependencies";
	s->inputs = ms_pack("[]");
	json_array_foreach(list, i, dependency)
	{
		json_t *input = input_of(dependency);

		if (!input)
			return ms_format("resolvedDependencies[%zu] is no input with name, "
			                 "digest.sha256, annotations.kind and annotations.size",
			                 i);
		ms_doc_append(s->inputs, input);
		last = name;
		name = ms_doc_string(input, "path");
		fault = ms_input_name_fault(name);
		if (fault)
			return ms_format("resolvedDependencies[%zu] is no input: the path of its "
			                 "name, \"%.80s\", %s",
			                 i, name, fault);
		if (strcmp(last, name) >= 0)
			return ms_format("resolvedDependencies[%zu], \"%.80s\", stands behind "
			                 "\"%.80s\"; they are sorted by name, each there once",
			                 i, name, last);
	}
	return NULL;
}

static const char *read_parameters(const json_t *definition, struct ms_statement *s)
{
	const json_t *outer = ms_doc_at(definition, "externalParameters");
	const json_t *inner = ms_doc_at(definition, "internalParameters");
	enum ms_image_format format;
	const char *fault;

	s->spec_path = ms_json_string(outer, "spec");
	s->board = ms_json_string(outer, "board");
	s->config = ms_json_string(outer, "config");
	s->spec_hash = ms_json_string(inner, "spec_hash");
	s->plan_hash = ms_json_string(inner, "plan_hash");
	s->inputs_hash = ms_json_string(inner, "inputs_hash");
	s->format = ms_json_string(inner, "format");
	s->verified_config = ms_doc_at(inner, "verified_config");
	if (!s->spec_path || !s->board || !s->config)
		return "its externalParameters lack spec, board or config";
	if (json_object_size(outer) != 3)
		return "it has externalParameters beside spec, board and config";
	fault = ms_statement_spec_fault(s->spec_path);
	if (fault)
		return ms_format("its parameter spec, \"%.80s\", %s", s->spec_path, fault);
	if (!ms_is_sha256(s->spec_hash) || !ms_is_sha256(s->plan_hash) ||
	    !ms_is_sha256(s->inputs_hash))
		return "its internalParameters lack spec_hash, plan_hash or inputs_hash";
	if (!s->format || !ms_format_find(s->format, &format))
		return "its internalParameters lack a format that is known";
	if (s->verified_config && ms_doc_check("the statement", "verified_config",
	                                       s->verified_config, &ms_verified_shape) != 0)
		return "its verified_config is no verdict on a kernel's configuration";
	return NULL;
}

const char *ms_statement_read(const json_t *root, struct ms_statement *s)
{
	const json_t *subjects = ms_doc_at(root, "subject"), *subject;
	const json_t *definition = ms_doc_at(root, "predicate.buildDefinition");
	const json_t *details = ms_doc_at(root, "predicate.runDetails");
	const char *fault;

	*s = (struct ms_statement){.root = root};
	if (!is(root, "_type", MS_STATEMENT_TYPE))
		return "it is no in-toto Statement v1";
	if (!is(root, "predicateType", MS_PROVENANCE_TYPE))
		return ms_format("its predicate is no SLSA provenance v1 but %.80s",
		                 ms_json_string(root, "predicateType")
		                     ? ms_json_string(root, "predicateType")
		                     : "nothing");
	if (!is(definition, "buildType", MS_BUILD_TYPE))
		return ms_format("its buildType is not %s", MS_BUILD_TYPE);
	subject = json_array_get(subjects, 0);
	s->image = ms_json_string(subject, "name");
	s->image_sha256 = ms_json_string(subject, "digest.sha256");
	if (json_array_size(subjects) != 1 || !is(subject, "name", MS_IMAGE_NAME) ||
	    !ms_is_sha256(s->image_sha256))
		return "its subject is not one image, " MS_IMAGE_NAME ", with digest.sha256";
	fault = read_parameters(definition, s);
	if (!fault)
		fault = read_inputs(ms_doc_at(definition, "resolvedDependencies"), s);
	if (fault)
		return fault;
	s->builder = ms_json_string(details, "builder.id");
	s->byproducts = ms_doc_at(details, "byproducts");
	return s->builder ? NULL : "it names no builder.id";
}

const char *ms_statement_byproduct(const struct ms_statement *s, const char *name)
{
	json_t *entry;
	size_t i;

	json_array_foreach(s->byproducts, i, entry)
	{
		const char *own = ms_json_string(entry, "name");

		if (own && strcmp(own, name) == 0)
			return ms_json_string(entry, "digest.sha256");
	}
	return NULL;
}
