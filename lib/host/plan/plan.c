/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan.c - the document ms-plan/1: its shape, its hashes, reading it.
 */
#include "plan/plan.h"

#include "plan/inputs.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/relay.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* -- shape ------------------------------------------------------------------------------- */

#define STEPS_MAX 256
#define PATHS_MAX 20000
#define WORDS_MAX 4096
#define WORD_MAX  65536

static const char *const kinds[] = {"CompilePd", "CompileRoot", "AssembleImage", NULL};
static const struct ms_field path_item = {.kind = MS_KIND_PATH};
static const struct ms_field word_item = {.kind = MS_KIND_STRING, .min = 0, .max = WORD_MAX};
static const struct ms_field argv_item = {
    .kind = MS_KIND_ARRAY, .min = 1, .max = WORDS_MAX, .item = &word_item};

static const struct ms_field step_fields[] = {
    {.name = "kind", .kind = MS_KIND_ENUM, .values = kinds},
    {.name = "name", .kind = MS_KIND_STRING, .min = 1, .max = 63},
    {.name = "description", .kind = MS_KIND_STRING, .min = 1, .max = 4096},
    {.name = "inputs", .kind = MS_KIND_ARRAY, .max = PATHS_MAX, .item = &path_item},
    {.name = "outputs", .kind = MS_KIND_ARRAY, .min = 1, .max = PATHS_MAX, .item = &path_item},
    {.name = "commands", .kind = MS_KIND_ARRAY, .max = PATHS_MAX, .item = &argv_item},
};
static const struct ms_shape step_shape = {.fields = step_fields,
                                           .count = sizeof(step_fields) / sizeof(step_fields[0])};
static const struct ms_field step_item = {.kind = MS_KIND_OBJECT, .shape = &step_shape};

static const struct ms_field artifact_fields[] = {
    {.name = "step", .kind = MS_KIND_STRING, .min = 1, .max = 63},
    {.name = "path", .kind = MS_KIND_PATH},
    {.name = "sha256", .kind = MS_KIND_SHA256},
    {.name = "size", .kind = MS_KIND_INTEGER, .min = 1, .max = MS_DOC_INT_MAX},
    {.name = "entry", .kind = MS_KIND_HEX},
    {.name = "hermetic", .kind = MS_KIND_BOOLEAN, .optional = 1},
};
static const struct ms_shape artifact_shape = {
    .fields = artifact_fields, .count = sizeof(artifact_fields) / sizeof(artifact_fields[0])};
static const struct ms_field artifact_item = {.kind = MS_KIND_OBJECT, .shape = &artifact_shape};

/* The fields of every stage of this room, in the order in which they come. */
static const struct ms_field plan_fields[] = {
    {.name = "schema", .kind = MS_KIND_STRING},
    {.name = "spec", .kind = MS_KIND_OBJECT, .shape = &ms_spec_shape},
    {.name = "steps", .kind = MS_KIND_ARRAY, .min = 1, .max = STEPS_MAX, .item = &step_item},
    {.name = "spec_hash", .kind = MS_KIND_SHA256},
    {.name = "plan_hash", .kind = MS_KIND_SHA256},
    {.name = "artifacts",
     .kind = MS_KIND_ARRAY,
     .min = 1,
     .max = STEPS_MAX,
     .item = &artifact_item},
};
enum { BASE_FIELDS = 3, HASH_FIELDS = 5, ALL_FIELDS = 6 };

/* Besides, what ms-hash and ms-compile record of their inputs. */
static const struct ms_field records[] = {MS_INPUTS_FIELD, MS_INPUTS_RECORD("compiled_from")};
enum { ALL_RECORDS = sizeof(records) / sizeof(records[0]) };

const struct ms_field ms_plan_later[MS_PLAN_LATER] = {
    {.name = "artifacts", .kind = MS_KIND_ANY, .optional = 1},
    {.name = "compiled_from", .kind = MS_KIND_ANY, .optional = 1},
    {.name = "layout", .kind = MS_KIND_ANY, .optional = 1},
    {.name = "archive", .kind = MS_KIND_ANY, .optional = 1},
    {.name = "packed_from", .kind = MS_KIND_ANY, .optional = 1},
    {.name = "image", .kind = MS_KIND_ANY, .optional = 1},
    {.name = "linked_from", .kind = MS_KIND_ANY, .optional = 1},
    {.name = "inputs_hash", .kind = MS_KIND_ANY, .optional = 1},
};

/* -- hashes ------------------------------------------------------------------------------ */

void ms_plan_spec_hash(const struct ms_spec *spec, char hex[MS_SHA256_HEX])
{
	size_t len;
	char *toml = ms_spec_to_toml(spec, &len);

	ms_sha256_hex(toml, len, hex);
	free(toml);
}

void ms_plan_hash(const char *spec_hash, const json_t *steps, char hex[MS_SHA256_HEX])
{
	json_t *both = json_object();
	size_t len;
	char *text;

	ms_doc_set(both, "spec_hash", ms_doc_new_string(spec_hash));
	/* Only read, and given back below. */
	ms_doc_set(both, "steps", json_incref((json_t *)(uintptr_t)steps));
	text = ms_doc_canonical(both, &len);
	ms_sha256_hex(text, len, hex);
	free(text);
	json_decref(both);
}

/* -- what a shape cannot say ------------------------------------------------------------- */

static unsigned fault(const char *name, const char *rule, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static unsigned fault(const char *name, const char *rule, const char *fmt, ...)
{
	struct ms_source source = {.name = name};
	struct ms_place place = {.source = &source};
	va_list ap;

	va_start(ap, fmt);
	ms_report(MS_ERROR, &place, rule, "%s", ms_vformat(fmt, ap));
	va_end(ap);
	return 1;
}

/* Names are unique and outputs lie in the build folder: a plan may say what to run, but no
 * stage writes a file elsewhere. */
static unsigned check_steps(const char *name, const json_t *steps)
{
	unsigned faults = 0;
	size_t i, k;
	json_t *step, *path;

	json_array_foreach(steps, i, step)
	{
		const char *own = ms_doc_string(step, "name");
		size_t commands = json_array_size(ms_doc_member(step, "commands"));

		for (k = 0; k < i; k++) {
			if (strcmp(ms_doc_string(json_array_get(steps, k), "name"), own) == 0)
				faults += fault(name, "plan-step-name",
				                "two steps are called \"%.80s\"", own);
		}
		json_array_foreach(ms_doc_member(step, "outputs"), k, path)
		{
			const char *output = json_string_value(path);

			if (commands > 0 && !ms_starts_with(output, "build/"))
				faults +=
				    fault(name, "plan-output",
				          "step \"%.80s\" makes \"%.80s\", which does not lie "
				          "in build/",
				          own, output);
		}
	}
	return faults;
}

static unsigned check_hash(const char *name, const char *key, const char *given, const char *want)
{
	if (strcmp(given, want) == 0)
		return 0;
	return fault(name, key[0] == 's' ? "spec-hash" : "plan-hash",
	             "%s does not fit: the document says %s, its contents give %s", key, given,
	             want);
}

int ms_plan_verify(const char *name, const json_t *plan, struct ms_spec **spec)
{
	const char *spec_hash = json_string_value(json_object_get(plan, "spec_hash"));
	const char *plan_hash = json_string_value(json_object_get(plan, "plan_hash"));
	const json_t *steps = ms_doc_member(plan, "steps");
	struct ms_spec *system = ms_spec_from_json(name, ms_doc_member(plan, "spec"), false);
	char hex[MS_SHA256_HEX];
	unsigned faults;

	if (!system)
		return -1;
	faults = check_steps(name, steps);
	if (!spec_hash != !plan_hash)
		faults += fault(name, "plan-hash", "only one of spec_hash and plan_hash is there");
	ms_plan_spec_hash(system, hex);
	if (spec_hash)
		faults += check_hash(name, "spec_hash", spec_hash, hex);
	/* From the spec, not from what the document says: each hash is checked on its own. */
	if (plan_hash) {
		char own[MS_SHA256_HEX];

		ms_plan_hash(hex, steps, own);
		faults += check_hash(name, "plan_hash", plan_hash, own);
	}
	if (spec)
		*spec = system;
	if (!faults)
		ms_relay_know(MS_PLAN_SPEC, ms_doc_member(plan, "spec"), system);
	return faults ? -1 : 0;
}

/* The fields that a document of that stage has. */
static struct ms_shape shape_of(enum ms_plan_stage stage, const struct ms_field *more, size_t count)
{
	size_t own = stage == MS_PLAN_COMPILED ? ALL_FIELDS : HASH_FIELDS;
	struct ms_field *fields = ms_alloc(own + ALL_RECORDS + count, sizeof(*fields));

	memcpy(fields, plan_fields, own * sizeof(*fields));
	for (size_t i = BASE_FIELDS; i < HASH_FIELDS; i++)
		fields[i].optional = stage < MS_PLAN_HASHED;
	fields[own++] = records[0];
	if (stage == MS_PLAN_COMPILED)
		fields[own++] = records[1];
	if (count)
		memcpy(fields + own, more, count * sizeof(*fields));
	return (struct ms_shape){.fields = fields, .count = own + count};
}

json_t *ms_plan_read(const char *path, enum ms_plan_stage stage, const struct ms_field *more,
                     size_t count, struct ms_spec **spec)
{
	struct ms_shape shape = shape_of(stage, more, count);
	json_t *plan = ms_doc_read(path, MS_PLAN_SCHEMA, &shape);

	/* What this process made of a system that it has checked. */
	if (spec && ms_relay_came(plan) &&
	    (*spec = ms_relay_known(MS_PLAN_SPEC, ms_doc_member(plan, "spec")))) {
		(*spec)->source = NULL; /* ms-layout may have lent it places: they are its own */
		return plan;
	}
	if (ms_plan_verify(ms_input_name(path), plan, spec) != 0)
		ms_exit(MS_EXIT_INPUT);
	return plan;
}

static json_t *parse(const char *name, const char *text, size_t len, const struct ms_shape *shape,
                     struct ms_spec **spec)
{
	json_t *plan = ms_doc_parse(name, text, len, MS_PLAN_SCHEMA, shape);

	if (plan && ms_plan_verify(name, plan, spec) != 0) {
		json_decref(plan);
		return NULL;
	}
	return plan;
}

json_t *ms_plan_parse(const char *name, const char *text, size_t len, enum ms_plan_stage stage,
                      struct ms_spec **spec)
{
	static struct ms_shape shapes[MS_PLAN_COMPILED + 1];

	if (!shapes[stage].fields)
		shapes[stage] = shape_of(stage, NULL, 0);
	return parse(name, text, len, &shapes[stage], spec);
}

json_t *ms_plan_parse_later(const char *name, const char *text, size_t len,
                            const struct ms_field *more, size_t count, struct ms_spec **spec)
{
	struct ms_shape shape = shape_of(MS_PLAN_COMPILED, more, count);

	return parse(name, text, len, &shape, spec);
}

json_t *ms_plan_step(const json_t *plan, const char *kind)
{
	json_t *step;
	size_t i;

	json_array_foreach(ms_doc_member(plan, "steps"), i, step)
	{
		if (strcmp(ms_doc_string(step, "kind"), kind) == 0)
			return step;
	}
	return NULL;
}
