/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-verified.c - lib/host/layout/verified: configurations that are seL4's verified ones, and
 * ones that are not; no verdict claims more than the comparison shows.
 */
#include "base/json.h"
#include "base/mem.h"
#include "layout/verified.h"
#include "tap.h"

/* gen_config of a verified configuration, as seL4's build system would write it. */
static json_t *keys_of(const struct ms_verified_config *config, unsigned release)
{
	const char *lists[] = {ms_verified_common, config->options,
	                       release >= 16 ? ms_verified_in_16 : ms_verified_in_15};
	json_t *keys = json_object();

	for (size_t i = 0; i < 3; i++) {
		char *rest = ms_strdup(lists[i]), *name;

		while ((name = strsep(&rest, ";")) && *name) {
			char *value = strchr(name, '=');

			if (value)
				*value++ = '\0';
			json_object_set_new(keys, name, value ? json_string(value) : json_true());
		}
	}
	if (release >= 16)
		json_object_set_new(keys, "TIMER_FREQUENCY", json_string(config->timer));
	json_object_set_new(keys, "PRINTING", json_false());
	json_object_set_new(keys, "USER_STACK_TRACE_LENGTH", json_string("0"));
	json_object_set_new(keys, "PLAT_QEMU_ARM_VIRT", json_false());
	return keys;
}

static json_t *verdict_of(json_t *keys, unsigned release)
{
	struct ms_kernel kernel = {.kind = MS_KERNEL_SEL4, .version = release, .keys = keys};
	json_t *verdict = ms_verified_compare(&kernel);

	ok(ms_doc_check("verdict", "$", verdict, &ms_verified_shape) == 0, "it has its shape");
	return verdict;
}

static const struct ms_verified_config *config(const char *name)
{
	for (size_t i = 0; i < ms_verified_config_count; i++)
		if (strcmp(ms_verified_configs[i].name, name) == 0)
			return &ms_verified_configs[i];
	abort();
}

static void all_of_them(void)
{
	for (size_t i = 0; i < ms_verified_config_count; i++) {
		const struct ms_verified_config *c = &ms_verified_configs[i];

		for (unsigned release = c->since; release <= 16; release++) {
			json_t *verdict = verdict_of(keys_of(c, release), release);

			is_string(ms_doc_string(verdict, "verdict"), "same-configuration", c->name);
			is_string(ms_doc_string(verdict, "nearest"), c->name, "it is the nearest");
			ok(strstr(ms_verified_text(verdict, ""), "outside the proofs: compiler") !=
			       NULL,
			   "what is not proved is said");
		}
	}
}

/* Each option that all of them have matters. */
static void every_option(void)
{
	json_t *keys = keys_of(config("AARCH64_imx8mm_verified"), 16), *value;
	const char *key;
	void *next;

	json_object_foreach_safe(keys, next, key, value)
	{
		json_t *other = json_deep_copy(keys), *verdict;

		if (json_is_false(value) ||
		    strcmp(json_string_value(value) ? json_string_value(value) : "", "0") == 0)
			continue;
		json_object_del(other, key);
		verdict = verdict_of(other, 16);
		is_string(ms_doc_string(verdict, "verdict"), "other-configuration", key);
		is_string(
		    ms_doc_string(json_array_get(ms_doc_member(verdict, "differs"), 0), "option"),
		    key, "and it is named");
	}
}

static void others(void)
{
	json_t *keys = keys_of(config("AARCH64_imx8mm_verified"), 16), *verdict;

	json_object_set_new(keys, "PRINTING", json_true());
	json_object_set_new(keys, "NUM_DOMAINS", json_string("1"));
	verdict = verdict_of(keys, 16);
	is_string(ms_verified_text(verdict, "  "),
	          "  the kernel is not configured as any that seL4 is verified in: 2 options "
	          "differ from seL4 16.0.0's AARCH64_imx8mm_verified, the nearest\n"
	          "    NUM_DOMAINS                        here 1, there 16 (the proofs are said to "
	          "hold for other numbers)\n"
	          "    PRINTING                           here on, there off\n"
	          "  for AARCH64_imx8mm_verified seL4 states as proved: functional correctness of "
	          "its C code, integrity (no write without authority); for this kernel it states "
	          "nothing\n"
	          "  not seen here: whether these bytes were made of the verified sources and "
	          "device tree;\n"
	          "  outside the proofs: compiler, linker, machine code, boot code, caches and "
	          "TLBs\n"
	          "  (seL4 16.0.0, CAVEATS.md, 2026-07-22)\n",
	          "two options, one of them robust");

	verdict = verdict_of(keys_of(config("AARCH64_MCS_verified"), 16), 16);
	is_string(ms_verified_line(verdict),
	          "the kernel is configured as seL4 16.0.0's AARCH64_MCS_verified, for which seL4 "
	          "states that the proof is in progress",
	          "MCS is not called proved");

	/* The same machine is nearer than the same options. */
	keys = keys_of(config("AARCH64_MCS_verified"), 16);
	json_object_set_new(keys, "PLAT", json_string("odroidc4"));
	json_object_set_new(keys, "ARM_PLAT", json_string("odroidc4"));
	is_string(ms_doc_string(verdict_of(keys, 16), "nearest"), "AARCH64_odroidc4_verified",
	          "the same machine is nearest");
	is_string(ms_doc_string(verdict_of(keys_of(config("AARCH64_verified"), 16), 15), "verdict"),
	          "other-configuration", "options of another release are another configuration");
}

static void hostile(void)
{
	struct ms_kernel probe = {.kind = MS_KERNEL_PROBE, .keys = json_object()};
	json_t *keys = json_object(), *verdict;

	is_string(ms_verified_line(ms_verified_compare(&probe)),
	          "the kernel is not seL4: nothing is proved about it", "the probe kernel");
	for (int i = 0; i < 5000; i++)
		json_object_set_new(keys, ms_format("OPTION_%04d", i), json_true());
	json_object_set_new(keys, "A\033[2J", json_string("b\nc"));
	json_object_set_new(keys, "", json_string("empty"));
	verdict = verdict_of(keys, 15);
	ok(ms_doc_integer(verdict, "different") > 5000, "all differences are counted");
	ok(json_array_size(ms_doc_member(verdict, "differs")) == 256, "256 are listed");
	ok(strpbrk(ms_verified_text(verdict, ""), "\033\r") == NULL, "no control codes");
	ok(strstr(ms_verified_text(verdict, ""), "A?[2J") != NULL, "question marks instead");
	verdict = ms_json_load("{\"verdict\":\"same-configuration\"}", 32, NULL);
	ok(strstr(ms_verified_line(verdict), "(not said)") != NULL, "half a verdict is printed");
}

int main(void)
{
	all_of_them();
	every_option();
	others();
	hostile();
	done_testing();
	return 0;
}
