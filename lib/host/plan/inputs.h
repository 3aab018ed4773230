/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inputs.h - what a system is built from, byte for byte: gathering it while it is read, the
 * records that stages leave in the document (ms-plan(5)), and all records as one list.
 *
 * An input is a leaf: what the build itself makes ("build/…", the header made for the kernel)
 * is none. Files outside the project have names that are the same on every machine:
 *   @toolkit/…     the toolkit's board sources and runtime
 *   @kernel/…      kernel.elf, kernel.dtb, gen_config.json, platform_gen.json (or .yaml),
 *                  whatever the shape of the kernel's folder
 *   @toolchain/…   the programs really executed (@toolchain/cc1), the shared libraries that they
 *                  load (@toolchain/lib/…), and what the compiler brings (@toolchain/libgcc.a,
 *                  @toolchain/include/stdint.h)
 *   @project/…     a path of the project that a plan could not name otherwise (@project/../x.h)
 *   @system/…      any other absolute path, which a source must then hold itself
 */
#ifndef MS_PLAN_INPUTS_H
#define MS_PLAN_INPUTS_H

#include "base/digest.h"
#include "base/doc.h"
#include "base/toolkit.h"
#include "spec/document.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MS_INPUTS_MAX 100000 /* entries of one record, and of all together */

/* "source" "header" "library" "prefill" "script" "binary" (a ready program, data) "board" (sources,
 * headers and scripts of the toolkit) "kernel" "tool"; NULL-terminated. */
extern const char *const ms_input_kinds[];

/* Why that is no such name, or NULL. */
const char *ms_input_name_fault(const char *name);

struct ms_input {
	const char *kind;
	const char *path;    /* stable name */
	const char *version; /* of a tool that says one; else NULL */
	char sha256[MS_SHA256_HEX];
	uint64_t size;
};

/* What was read so far; {0} is empty and ready. */
struct ms_inputs {
	struct ms_input *items;
	size_t count, cap;
};

void ms_inputs_add(struct ms_inputs *inputs, const struct ms_input *input);

/*
 * Adds a file under its name in a plan or a dependency file. One that the build makes itself
 * is left out. toolchain: the real folder of the compiler's own files (NULL: unknown).
 */
void ms_inputs_add_file(struct ms_inputs *inputs, const struct ms_places *places,
                        const char *toolchain, const char *name, const char *sha256, uint64_t size);

/* Adds one whose kind and stable name are known. */
void ms_inputs_add_as(struct ms_inputs *inputs, const char *kind, const char *path,
                      const char *sha256, uint64_t size);

/* Sorts by path, each once. Reports every file that was read with two contents, which
 * therefore changed meanwhile, and every one of two sizes; returns their number. */
unsigned ms_inputs_settle(struct ms_inputs *inputs);

/* Reports that records with the same digest state another size: no file has both. Returns 1. */
unsigned ms_input_sizes_fault(const struct ms_input *input, uint64_t other);

/* Compares settled inputs with every record that the document has; reports each file that changed
 * since. Returns their number. */
unsigned ms_inputs_verify(const json_t *document, const struct ms_inputs *inputs);

/*
 * Settles what a stage has read, compares it with every record that the document has already, and
 * adds it under key: "compiled_from", "packed_from" or "linked_from". The last one closes the
 * list: inputs_hash comes with it, unless a record is missing. False after reporting each
 * file that changed since an earlier stage read it; the document is as it was then.
 */
bool ms_inputs_record(json_t *document, const char *key, struct ms_inputs *inputs);

/* A record: [{"kind","path","sha256","size"[,"version"]}…]. */
json_t *ms_inputs_json(const struct ms_inputs *inputs);

/*
 * What the plan itself names, of the project and of @toolkit: {"files":[…]}, the key "inputs" of
 * `ms-hash --inputs`. NULL after reporting every file that cannot be read, or that a record of the
 * document has otherwise.
 */
json_t *ms_inputs_named(const struct ms_places *places, const json_t *plan,
                        const struct ms_spec *spec);

/* The keys of the stages: "inputs" (ms-hash), then the records "compiled_from" (ms-compile),
 * "packed_from" (ms-cpio) and "linked_from", and "inputs_hash" (ms-link). All optional. */
extern const struct ms_shape ms_inputs_shape;
extern const struct ms_field ms_input_item;
#define MS_INPUTS_FIELD                                                                            \
	{                                                                                          \
		.name = "inputs", .kind = MS_KIND_OBJECT, .optional = 1, .shape = &ms_inputs_shape \
	}
#define MS_INPUTS_RECORD(key)                                                                      \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_ARRAY, .optional = 1, .max = MS_INPUTS_MAX,         \
		.item = &ms_input_item                                                             \
	}
#define MS_INPUTS_HASH_FIELD                                                                       \
	{                                                                                          \
		.name = "inputs_hash", .kind = MS_KIND_SHA256, .optional = 1                       \
	}

/*
 * The complete list of a finished document, sorted by path: a new array. NULL after reporting a
 * missing or malformed record, or two that contradict each other. The document need not have been
 * checked before.
 */
json_t *ms_inputs_of(const json_t *document);

/* inputs_hash: SHA-256 of the list's canonical JSON. */
void ms_inputs_hash(const json_t *list, char hex[MS_SHA256_HEX]);

#endif
