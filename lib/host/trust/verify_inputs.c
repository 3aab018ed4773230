/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify_inputs.c - are the sources at hand those that the image was built from?
 */
#include "base/file.h"
#include "layout/kernel.h"
#include "plan/plan.h"
#include "plan/toolchain.h"
#include "trust/locate.h"
#include "trust/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* Where an input comes from, by its stable name (plan/inputs.h). */
enum origin { PROJECT, TOOLKIT, KERNEL, TOOLCHAIN, SYSTEM, ORIGINS };

static const struct {
	const char *prefix, *what, *option;
} origins[ORIGINS] = {
    {"", "of the project", "--project DIR"},
    {"@toolkit/", "of the toolkit", "--project DIR"},
    {"@kernel/", "of the kernel build", "--kernel DIR"},
    {"@toolchain/", "of the compiler", "--toolchain"},
    {"@system/", "elsewhere on the builder's machine", "--project DIR with --trust KEYS"},
};

struct tally {
	size_t same, differ;
	size_t unseen; /* not at hand */
};

/* What is at hand under the name of an input. */
struct found {
	char sha256[MS_SHA256_HEX];
	uint64_t size;
};

static enum origin origin_of(const char *name)
{
	if (strncmp(name, "@project/../", strlen("@project/../")) == 0)
		return SYSTEM;
	for (int i = ORIGINS - 1; i > PROJECT; i--) {
		if (strncmp(name, origins[i].prefix, strlen(origins[i].prefix)) == 0)
			return (enum origin)i;
	}
	return PROJECT;
}

static bool at_hand(const struct ms_verify *v, enum origin origin)
{
	switch (origin) {
	case KERNEL: return v->kernel != NULL;
	case TOOLCHAIN: return v->toolchain;
	/* Outside of what the caller named. Nobody's word is reason enough to open any file of this
	 * machine, or to print its digest. */
	case SYSTEM: return v->project != NULL && !v->without;
	default: return v->project != NULL;
	}
}

/* The compiler's own files, by what it says of itself; digests that were remembered from other
 * runs are not believed. */
static int find_tool(const char *rest, struct found *found)
{
	struct ms_toolchain *toolchain = ms_toolchain_open("/dev/null", MS_PLAN_CC, 0);
	struct ms_toolchain_part part;
	const char *folder;
	char *path;

	errno = ENOENT;
	if (!toolchain || !ms_toolchain_id(toolchain))
		return -1;
	for (size_t i = 0; ms_toolchain_part(toolchain, i, &part); i++) {
		if (strcmp(part.name, rest) == 0) {
			memcpy(found->sha256, part.sha256, MS_SHA256_HEX);
			found->size = part.size;
			return 0;
		}
	}
	folder = ms_toolchain_folder(toolchain);
	if (!folder)
		return -1;
	path = ms_path_join(folder, rest);
	/* PREFIX/lib/gcc/TARGET/VERSION, and the target's own PREFIX/TARGET */
	if (access(path, F_OK) != 0)
		path = ms_format("%s/../../../../%s", folder, rest);
	return ms_locate_digest(path, found->sha256, &found->size);
}

/* An input at hand; 0, or -1 with errno. */
static int find(const struct ms_verify *v, enum origin origin, const char *name,
                const struct ms_kernel *kernel, struct found *found)
{
	const char *rest = name + strlen(origins[origin].prefix);
	const struct ms_kernel_file *file = NULL;

	if (origin == KERNEL) {
		if (strcmp(rest, "kernel.elf") == 0)
			file = &kernel->image;
		else if (strcmp(rest, "kernel.dtb") == 0)
			file = &kernel->dtb;
		else if (strcmp(rest, "gen_config.json") == 0)
			file = &kernel->config;
		else if (ms_starts_with(rest, "platform_gen."))
			file = &kernel->platform;
		if (!file || !file->path) {
			errno = ENOENT;
			return -1;
		}
		memcpy(found->sha256, file->sha256, MS_SHA256_HEX);
		found->size = file->len;
		return 0;
	}
	if (origin == TOOLCHAIN)
		return find_tool(rest, found);
	return ms_locate_digest(ms_locate(v->project, v->places.toolkit, name), found->sha256,
	                        &found->size);
}

static void check(struct ms_verify *v, enum origin origin, const json_t *input,
                  const struct ms_kernel *kernel, struct tally *tally)
{
	const char *name = ms_doc_string(input, "path");
	const char *want = ms_doc_string(input, "sha256");
	const int64_t size = ms_doc_integer(input, "size");
	struct found found;

	if (find(v, origin, name, kernel, &found) != 0) {
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "input", "%s: %s", name,
		               strerror(errno));
	} else if (strcmp(found.sha256, want) != 0) {
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "input",
		               "%s is another: its sha256 is %s, the image was built from %s", name,
		               found.sha256, want);
	} else if (found.size != (uint64_t)size) {
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "input",
		               "%s has %s, the statement says %" PRId64, name,
		               ms_count_text(found.size, "byte"), size);
	} else {
		tally->same++;
		return;
	}
	tally->differ++;
}

static void sum_up(struct ms_verify *v, enum origin origin, const struct tally *tally)
{
	if (tally->unseen)
		ms_verdict_add(&v->verdict, MS_FOUND_SKIPPED, "inputs", "%s %s (%s)",
		               ms_count_text(tally->unseen, "file"), origins[origin].what,
		               origins[origin].option);
	else if (tally->differ)
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "inputs", "%zu of %s %s differ%s",
		               tally->differ, ms_count_text(tally->differ + tally->same, "file"),
		               origins[origin].what, tally->differ + tally->same == 1 ? "s" : "");
	else if (tally->same)
		ms_verdict_add(&v->verdict, MS_FOUND_OK, "inputs", "%s %s",
		               ms_count_text(tally->same, "file"), origins[origin].what);
}

void ms_verify_inputs(struct ms_verify *v)
{
	struct tally tallies[ORIGINS] = {0};
	struct ms_kernel kernel = {0};
	json_t *input;
	size_t i;

	if (v->kernel && ms_kernel_open(v->kernel, &kernel) != 0) {
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "inputs", "%s is no kernel build",
		               v->kernel);
		v->kernel = NULL;
	}
	if (json_array_size(v->statement.inputs) == 0)
		ms_verdict_add(&v->verdict, MS_FOUND_SKIPPED, "inputs", "the statement names none");
	json_array_foreach(v->statement.inputs, i, input)
	{
		enum origin origin = origin_of(ms_doc_string(input, "path"));

		if (at_hand(v, origin))
			check(v, origin, input, &kernel, &tallies[origin]);
		else
			tallies[origin].unseen++;
	}
	for (int o = 0; o < ORIGINS; o++)
		sum_up(v, (enum origin)o, &tallies[o]);
}
