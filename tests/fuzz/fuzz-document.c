/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-document.c - a document of the pipeline, as each stage and each later reader takes it:
 * ms-spec/1 and ms-plan/1 with artifacts, layout, archive, image and records.
 *
 * Its hashes are made to fit first (but for those that begin with a space), or nothing would be
 * seen of what comes behind them. No command is run and nothing is written.
 */
#include "host.h"
#include "mutate.h"

#include "base/file.h"
#include "base/json.h"
#include "image/document.h"
#include "image/link.h"
#include "layout/layout.h"
#include "plan/compile.h"
#include "plan/lock.h"
#include "plan/plan.h"
#include "trust/compare.h"
#include "trust/sbom.h"
#include "trust/statement.h"

#include <stdlib.h>
#include <string.h>

#define DOCUMENT "document"

static struct ms_places places = {
    .build = "build", .toolkit = "/nowhere", .kernel = "kernel", .project = "."};

/* -- hashes ------------------------------------------------------------------------------- */

static void set_hash(json_t *root, const char *key, const char *hex)
{
	if (json_object_get(root, key))
		json_object_set_new(root, key, json_string(hex));
}

static void fit(void *user)
{
	json_t *root = user, *spec = json_object_get(root, "spec"), *list;
	char spec_hash[MS_SHA256_HEX], hex[MS_SHA256_HEX];
	struct ms_spec *system;

	if (!spec || ms_doc_check("in", "$", spec, &ms_spec_shape) != 0)
		return;
	system = ms_spec_from_json("in", spec, false);
	if (!system)
		return;
	ms_plan_spec_hash(system, spec_hash);
	set_hash(root, "spec_hash", spec_hash);
	if (json_object_get(root, "steps")) {
		ms_plan_hash(spec_hash, json_object_get(root, "steps"), hex);
		set_hash(root, "plan_hash", hex);
	}
	if (!json_object_get(root, "inputs_hash"))
		return;
	json_object_del(root, "inputs_hash");
	list = ms_inputs_of(root);
	memset(hex, '0', sizeof(hex) - 1);
	hex[sizeof(hex) - 1] = '\0';
	if (list)
		ms_inputs_hash(list, hex);
	json_object_set_new(root, "inputs_hash", json_string(hex));
}

/* The file that the readers below read. */
static json_t *lay_down(const uint8_t *data, size_t size)
{
	json_t *root = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	char *text;

	if (!json_is_object(root)) {
		fuzz_file(DOCUMENT, data, size);
		return NULL;
	}
	if (data[0] != ' ')
		fuzz_try(fit, root);
	text = json_dumps(root, JSON_COMPACT);
	fuzz_file(DOCUMENT, text, strlen(text));
	return root;
}

/* -- readers ------------------------------------------------------------------------------ */

static void as_spec(void *user)
{
	json_t *object = ms_doc_read(DOCUMENT, MS_SPEC_SCHEMA, &ms_spec_shape);
	struct ms_spec *spec = ms_spec_from_json(DOCUMENT, object, true);

	(void)user;
	if (!spec)
		return;
	ms_spec_to_toml(spec, NULL);
	ms_plan_steps(spec);
}

/* ms-hash: what later stages added is copied as it is. */
static void as_hashed(void *user)
{
	struct ms_spec *spec;
	json_t *plan = ms_plan_read(DOCUMENT, MS_PLAN_PLANNED, ms_plan_later, MS_PLAN_LATER, &spec);

	(void)user;
	ms_doc_canonical(plan, NULL);
}

/* ms-compile --dry-run. */
static void as_plan(void *user)
{
	struct ms_make make = {.places = &places, .jobs = 1};
	struct ms_spec *spec;
	json_t *plan = ms_plan_read(DOCUMENT, MS_PLAN_HASHED, NULL, 0, &spec);

	(void)user;
	ms_compile_print_pds(&make, plan);
	ms_compile_check_inputs(&make, plan);
}

/* ms-layout and ms-cpio until they look at files. */
static void as_compiled(void *user)
{
	struct ms_spec *spec;
	json_t *plan = ms_plan_read(DOCUMENT, MS_PLAN_COMPILED, &ms_layout_lazy_field, 1, &spec);
	uint8_t *table;
	size_t len;

	(void)user;
	if (!ms_layout_is_system(json_object_get(plan, "layout")))
		return;
	table = ms_layout_packed(DOCUMENT, plan, &len);
	if (table)
		ms_layout_judge(spec, table, len);
}

/* ms-link --dry-run, and --map until it reads the archive. */
static void as_packed(void *user)
{
	struct ms_make make = {.places = &places, .jobs = 1};
	struct ms_link link = {.make = &make};
	struct ms_field fields[1 + MS_ARCHIVE_FIELDS];
	struct ms_list words = {0};
	struct ms_spec *spec;

	(void)user;
	fields[0] = ms_layout_lazy_field;
	memcpy(fields + 1, ms_archive_fields, sizeof(ms_archive_fields));
	link.plan = ms_plan_read(DOCUMENT, MS_PLAN_COMPILED, fields,
	                         sizeof(fields) / sizeof(fields[0]), &spec);
	ms_kernel_qemu_args(json_object_get(json_object_get(link.plan, "archive"), "kernel"),
	                    &words);
	if (ms_link_print(&link) == 0)
		ms_link_place(&link);
}

/* ms-attest, ms-build lock, ms-sbom. */
static void as_record(void *user)
{
	struct ms_spec *spec;
	json_t *record = ms_record_read(DOCUMENT, &spec), *statement, *lock;
	struct ms_statement said;
	struct ms_sbom sbom;
	const char *fault;
	size_t len;

	(void)user;
	statement = ms_statement_make(record, "system.toml");
	if (statement) {
		ms_doc_canonical(statement, NULL);
		fault = ms_statement_read(statement, &said);
		fuzz_check(fault == NULL, "a statement of ours is refused");
	}
	lock = ms_lock_of(record);
	if (lock) {
		char *toml = ms_lock_to_toml(lock, &len);

		fuzz_file("lock", toml, len);
		lock = ms_lock_read("lock");
		fuzz_check(lock != NULL, "a lock of ours is refused");
		fuzz_check(ms_lock_compare("lock", lock, record) == 0, "a lock of another build");
	}
	if (ms_sbom_gather(record, spec, &places, &sbom) == 0) {
		ms_doc_canonical(ms_sbom_spdx(&sbom), NULL);
		ms_doc_canonical(ms_sbom_cyclonedx(&sbom), NULL);
	}
}

/* Something to differ from; made before the first execution. */
static json_t *example;

/* ms-build diff: documents that nobody has checked. */
static void as_difference(void *user)
{
	const json_t *other = example;
	json_error_t error;
	json_t *root = json_load_file(DOCUMENT, 0, &error);

	(void)user;
	fuzz_check(json_array_size(ms_compare_documents(root, root)) == 0, "different from itself");
	ms_compare_text(ms_compare_documents(root, other), "a", "b");
	ms_compare_text(ms_compare_documents(other, root), "a", "b");
}

void fuzz_once(void)
{
	example = json_pack(
	    "{s:s,s:{s:s,s:[{s:s,s:i}],s:[]},s:[{s:s,s:s,s:[s],s:[s],s:[[s,s]]}],s:s,s:s,s:[{s:s,s:"
	    "s,s:s,s:i}]}",
	    "schema", MS_PLAN_SCHEMA, "spec", "schema", MS_SPEC_SCHEMA, "protection_domains",
	    "name", "one", "priority", 1, "channels", "steps", "kind", "CompilePd", "name", "one",
	    "inputs", "one.S", "outputs", "build/pd/one.elf", "commands", "cc", "one.S",
	    "spec_hash", "0000", "plan_hash", "0000", "compiled_from", "kind", "source", "path",
	    "one.S", "sha256", "0000", "size", 4);
	fuzz_check(example != NULL, "no example");
}

/* Who takes a document tells from its last key: to all others it is one too many, or too few. */
static void (*reader_of(const json_t *root))(void *)
{
	static const struct {
		const char *key;
		void (*reader)(void *);
	} readers[] = {{"image", as_record},       {"archive", as_packed},
	               {"artifacts", as_compiled}, {"plan_hash", as_plan},
	               {"steps", as_hashed},       {"protection_domains", as_spec},
	               {"schema", as_difference}};

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		if (json_object_get(root, readers[i].key))
			return readers[i].reader;
	}
	return as_hashed;
}

void fuzz_one(const uint8_t *data, size_t size)
{
	json_t *root = lay_down(data, size);

	fuzz_try(reader_of(root), NULL);
	if (size > 0 && data[0] == ' ') { /* now and then */
		fuzz_try(as_hashed, NULL);
		fuzz_try(as_difference, NULL);
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_text(data, size, room, seed);
}
