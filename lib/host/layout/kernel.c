/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel.c - opens a kernel folder of any shape: finds its files, reads its configuration
 * and checks that the files fit each other.
 */
#include "layout/kernel.h"
#include "base/diag.h"
#include "base/elf_file.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/notes.h"
#include "base/relay.h"
#include "both/fdt.h"
#include "layout/kernel_parts.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#define IMAGE_MAX (64u * 1024 * 1024)
#define DTB_MAX   (4u * 1024 * 1024)
#define CORES_MAX 256

struct shape {
	enum ms_kernel_shape shape;
	const char *what;
	const char *config; /* the file that tells the shape */
	const char *image, *dtb;
	const char *platform; /* without its suffix */
};

static const struct shape shapes[] = {
    {MS_KERNEL_BUILD_TREE, "seL4's build tree", "gen_config/kernel/gen_config.json", "kernel.elf",
     "kernel.dtb", "gen_headers/plat/machine/platform_gen"},
    {MS_KERNEL_INSTALL_TREE, "seL4's install tree", "libsel4/include/kernel/gen_config.json",
     "bin/kernel.elf", "support/kernel.dtb", "support/platform_gen"},
    {MS_KERNEL_MICROKIT, "a Microkit board folder", "include/kernel/gen_config.json",
     "elf/sel4.elf", "kernel.dtb", "platform_gen"},
    {MS_KERNEL_FLAT, "a flat folder", "gen_config.json", "kernel.elf", "kernel.dtb",
     "platform_gen"},
};
#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

bool ms_kernel_path(const char *dir, const char *name, char **path)
{
	struct stat st;

	*path = ms_path_join(dir, name);
	if (stat(*path, &st) == 0)
		return true;
	ms_note_absent(*path);
	return false;
}

bool ms_kernel_flag(const struct ms_kernel *kernel, const char *key)
{
	return json_is_true(json_object_get(kernel->keys, key));
}

const struct ms_kernel_file *ms_kernel_each_file(const struct ms_kernel *kernel, size_t i,
                                                 const char **name)
{
	const char *path = kernel->platform.path;
	const bool yaml = path && ms_ends_with(path, ".yaml");
	const struct {
		const struct ms_kernel_file *file;
		const char *name;
	} files[] = {
	    {&kernel->image, "@kernel/kernel.elf"},
	    {&kernel->dtb, "@kernel/kernel.dtb"},
	    {&kernel->config, "@kernel/gen_config.json"},
	    {&kernel->platform, yaml ? "@kernel/platform_gen.yaml" : "@kernel/platform_gen.json"},
	};

	for (size_t k = 0; k < sizeof(files) / sizeof(files[0]); k++) {
		if (!files[k].file->path || i-- > 0)
			continue;
		*name = files[k].name;
		return files[k].file;
	}
	return NULL;
}

/* gen_config writes numbers as strings: "230". */
bool ms_kernel_number(const struct ms_kernel *kernel, const char *key, uint64_t *value)
{
	const char *s = json_string_value(json_object_get(kernel->keys, key));
	uint64_t n = 0;

	if (!s || !*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || n > (UINT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (uint64_t)(*s - '0');
	}
	*value = n;
	return true;
}

static int config_fault(const struct ms_kernel *k, const char *rule, const char *text)
{
	struct ms_source source = {k->config.path, NULL, 0};
	struct ms_place place = {&source, 0, 0, 1};

	ms_report(MS_ERROR, &place, rule, "%s", text);
	return -1;
}

static void read_whole(struct ms_kernel_file *file, char *path, size_t max)
{
	struct ms_file it;

	if (ms_file_read(path, max, &it) != 0) {
		if (errno == EFBIG)
			ms_die_input("%s: longer than %zu bytes", path, max);
		ms_die_errno("%s", path);
	}
	file->path = path;
	file->data = it.data;
	file->len = it.len;
	memcpy(file->sha256, it.sha256, sizeof(file->sha256));
}

/* Folders that people give instead of the one meant. */
static void suggest(const char *dir)
{
	static const struct {
		const char *below, *marker, *text;
	} hints[] = {
	    {"kernel", "kernel/gen_config/kernel/gen_config.json",
	     "the kernel's part of this build tree is there"},
	    {"install", "install/libsel4/include/kernel/gen_config.json",
	     "there is an install tree there"},
	    {"build", "build/gen_config/kernel/gen_config.json", "there is a build tree there"},
	    {"board/NAME/CONFIG", "board",
	     "this is a Microkit SDK; one of its board folders is meant"},
	    {"CONFIG", "debug/include/kernel/gen_config.json",
	     "this is a board; a folder of one configuration is meant (debug, release)"},
	    {"..", "../libsel4/include/kernel/gen_config.json", "there is an install tree there"},
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		char *path;

		if (ms_kernel_path(dir, hints[i].marker, &path))
			ms_report(MS_NOTE, NULL, MS_RULE_FOLDER, "try %s/%s: %s", dir,
			          hints[i].below, hints[i].text);
	}
}

static const struct shape *find_shape(const char *dir)
{
	char *path;
	struct stat st;

	if (stat(dir, &st) || !S_ISDIR(st.st_mode)) {
		ms_report(MS_ERROR, NULL, MS_RULE_FOLDER, "kernel folder %s: no such folder", dir);
		return NULL;
	}
	for (size_t i = 0; i < SHAPES; i++)
		if (ms_kernel_path(dir, shapes[i].config, &path))
			return &shapes[i];
	ms_report(MS_ERROR, NULL, MS_RULE_FOLDER,
	          "kernel folder %s: no kernel build is there; looked for", dir);
	for (size_t i = 0; i < SHAPES; i++)
		ms_report(MS_NOTE, NULL, MS_RULE_FOLDER, "  %s (%s)", shapes[i].config,
		          shapes[i].what);
	suggest(dir);
	return NULL;
}

static int find_files(struct ms_kernel *k, const struct shape *shape)
{
	char *path, *name;

	ms_kernel_path(k->dir, shape->config, &path);
	read_whole(&k->config, path, MS_KERNEL_TEXT_MAX);
	if (!ms_kernel_path(k->dir, shape->image, &path)) {
		ms_report(MS_ERROR, NULL, MS_RULE_FOLDER,
		          "kernel folder %s is %s, but the kernel itself (%s) is missing", k->dir,
		          shape->what, shape->image);
		return -1;
	}
	read_whole(&k->image, path, IMAGE_MAX);
	if (ms_kernel_path(k->dir, shape->dtb, &path))
		read_whole(&k->dtb, path, DTB_MAX);
	name = ms_format("%s.json", shape->platform);
	if (!ms_kernel_path(k->dir, name, &path)) {
		name = ms_format("%s.yaml", shape->platform);
		if (!ms_kernel_path(k->dir, name, &path))
			return 0;
	}
	read_whole(&k->platform, path, MS_KERNEL_TEXT_MAX);
	return 0;
}

static int parse_config(struct ms_kernel *k)
{
	struct ms_source source = {k->config.path, k->config.data, k->config.len};
	struct ms_place place = {&source, 0, 0, 1};
	json_error_t error;
	const char *key;
	json_t *value;

	k->keys = ms_json_load(k->config.data, k->config.len, &error);
	if (!k->keys) {
		place.line = error.line > 0 ? (unsigned)error.line : 0;
		place.col = error.column > 0 ? (unsigned)error.column : 1;
		ms_report(MS_ERROR, &place, MS_RULE_CONFIG, "%s", error.text);
		return -1;
	}
	if (!json_is_object(k->keys))
		return config_fault(k, MS_RULE_CONFIG, "this is not a JSON object");
	json_object_foreach(k->keys, key, value)
	{
		if (!json_is_boolean(value) && !json_is_string(value))
			return config_fault(
			    k, MS_RULE_CONFIG,
			    ms_format("\"%s\" is neither true, false nor a string", key));
	}
	if (json_object_get(k->keys, "LIB_SEL4_INLINE_INVOCATIONS") &&
	    !json_object_get(k->keys, "ROOT_CNODE_SIZE_BITS"))
		return config_fault(k, MS_RULE_CONFIG,
		                    "this is libsel4's gen_config.json (from sel4/); the "
		                    "kernel's own (from kernel/) is needed");
	k->kind = ms_kernel_flag(k, "MS_PROBE") ? MS_KERNEL_PROBE : MS_KERNEL_SEL4;
	return 0;
}

static int check_arch(const struct ms_kernel *k)
{
	const char *arch = json_string_value(json_object_get(k->keys, "SEL4_ARCH"));

	if (ms_kernel_flag(k, "ARCH_AARCH64") && (!arch || strcmp(arch, "aarch64") == 0))
		return 0;
	if (arch && strcmp(arch, "aarch64") != 0)
		return config_fault(
		    k, MS_RULE_ARCH,
		    ms_format("this kernel is for %s; only aarch64 is supported", arch));
	return config_fault(k, MS_RULE_ARCH,
	                    "ARCH_AARCH64 is not true; only kernels for aarch64 are supported");
}

/* A number that must be there for seL4; the probe kernel need not say what it has no use for. */
static unsigned number(const struct ms_kernel *k, const char *key, unsigned min, unsigned max,
                       unsigned probe, int *status)
{
	uint64_t n;

	if (k->kind == MS_KERNEL_PROBE && !json_object_get(k->keys, key))
		return probe;
	if (ms_kernel_number(k, key, &n) && n >= min && n <= max)
		return (unsigned)n;
	*status = config_fault(
	    k, MS_RULE_CONFIG,
	    ms_format("%s must be a number (in a string) from %u to %u", key, min, max));
	return probe;
}

/*
 * Which numbering the kernel has. seL4's version is not in its configuration; but its keys
 * changed with it: NUM_DOMAIN_SCHEDULES came with 15.0.0, TIMER_FREQUENCY with 16.0.0. Where the
 * build has its headers, ms_kernel_compare proves the result.
 */
static int find_version(struct ms_kernel *k)
{
	k->version = json_object_get(k->keys, "TIMER_FREQUENCY") ? 16 : 15;
	if (k->kind == MS_KERNEL_PROBE || json_object_get(k->keys, "NUM_DOMAIN_SCHEDULES"))
		return 0;
	return config_fault(k, MS_RULE_CONFIG,
	                    "there is no NUM_DOMAIN_SCHEDULES: kernels before 15.0.0 are not "
	                    "supported");
}

static int read_config(struct ms_kernel *k)
{
	bool pa40 = ms_kernel_flag(k, "ARM_PA_SIZE_BITS_40");
	bool pa44 = ms_kernel_flag(k, "ARM_PA_SIZE_BITS_44");
	const char *name = json_string_value(json_object_get(k->keys, "PLAT"));
	int status = find_version(k);

	k->mcs = ms_kernel_flag(k, "KERNEL_MCS");
	k->hypervisor = ms_kernel_flag(k, "ARM_HYPERVISOR_SUPPORT");
	k->debug = ms_kernel_flag(k, "DEBUG_BUILD");
	k->printing = ms_kernel_flag(k, "PRINTING");
	k->smp = ms_kernel_flag(k, "ENABLE_SMP_SUPPORT");
	k->smc = ms_kernel_flag(k, "ALLOW_SMC_CALLS");
	/* gen_config tells versions apart; of the 64-bit platforms only the BCM2837 has no GIC. */
	k->gic_version = ms_kernel_flag(k, "PLAT_BCM2837")         ? 0
	                 : ms_kernel_flag(k, "ARM_GIC_V3_SUPPORT") ? 3
	                                                           : 2;
	k->platform_name = name || k->kind == MS_KERNEL_SEL4 ? name : "qemu-arm-virt";
	if (!k->platform_name || strlen(k->platform_name) < 1 || strlen(k->platform_name) > 63)
		status = config_fault(k, MS_RULE_CONFIG, "PLAT must be a string of 1 to 63 bytes");
	if (pa40 == pa44 && (pa40 || k->kind == MS_KERNEL_SEL4))
		status = config_fault(k, MS_RULE_CONFIG,
		                      "exactly one of ARM_PA_SIZE_BITS_40 and "
		                      "ARM_PA_SIZE_BITS_44 must be true");
	k->pa_bits = pa44 ? 44 : 40;
	k->user_top = 1ull << (k->hypervisor ? k->pa_bits : 47);
	k->cores = number(k, "MAX_NUM_NODES", 1, CORES_MAX, 1, &status);
	if (k->smp != (k->cores > 1))
		status = config_fault(k, MS_RULE_CONFIG,
		                      ms_format("MAX_NUM_NODES is %u, but ENABLE_SMP_SUPPORT is %s",
		                                k->cores, k->smp ? "true" : "not"));
	k->root_cnode_bits = number(k, "ROOT_CNODE_SIZE_BITS", 4, 27, 12, &status);
	k->max_untypeds = number(k, "MAX_NUM_BOOTINFO_UNTYPED_CAPS", 1, 4096, 230, &status);
	k->retype_fan_out = number(k, "RETYPE_FAN_OUT_LIMIT", 1, 1u << 20, 256, &status);
	k->domains = number(k, "NUM_DOMAINS", 1, 256, 1, &status);
	if (!ms_kernel_number(k, "PADDR_USER_DEVICE_TOP", &k->device_top))
		k->device_top = 1ull << k->pa_bits;
	k->conditions = ms_kernel_conditions(k);
	return status;
}

static int image_fault(const struct ms_kernel *k, const char *text)
{
	struct ms_source source = {k->image.path, NULL, 0};
	struct ms_place place = {&source, 0, 0, 1};

	ms_report(MS_ERROR, &place, MS_RULE_IMAGE, "%s", text);
	return -1;
}

/* Entry and load address are taken from the ELF; what it must agree on with gen_config is the
 * exception level: an EL1 kernel lives in the upper half of the address space, one for EL2 in
 * the only half that EL2 has. */
static int check_image(struct ms_kernel *k)
{
	enum elf64_error error = elf64_open(&k->elf, k->image.data, k->image.len);
	bool upper;

	if (error)
		return image_fault(k, ms_format("no usable kernel: %s", elf64_error_text(error)));
	upper = k->elf.entry >> 63;
	if (upper == k->hypervisor)
		return image_fault(k, ms_format("its entry 0x%" PRIx64 " is that of a kernel for "
		                                "EL%d, but by %s it runs in EL%d",
		                                k->elf.entry, upper ? 1 : 2, k->config.path,
		                                k->hypervisor ? 2 : 1));
	return 0;
}

static int check_dtb(const struct ms_kernel *k)
{
	struct ms_source source = {k->dtb.path, NULL, 0};
	struct ms_place place = {&source, 0, 0, 1};
	enum fdt_error error;
	struct fdt fdt;

	if (!k->dtb.path)
		return 0;
	error = fdt_open(&fdt, k->dtb.data, k->dtb.len);
	if (error == FDT_OK)
		return 0;
	ms_report(MS_ERROR, &place, MS_RULE_DTB, "no usable device tree: %s",
	          fdt_error_text(error));
	return -1;
}

/* The kernel keeps one word per interrupt; private interrupts (32 a core) come first. */
static void find_max_irq(struct ms_kernel *k)
{
	uint64_t address, size, private_more = 32ull * (k->cores - 1);

	if (elf64_symbol(&k->elf, "intStateIRQTable", &address, &size) == ELF64_OK &&
	    size / 8 > private_more + 32 && size / 8 - private_more <= 8192)
		k->max_irq = (unsigned)(size / 8 - private_more - 1);
}

static int look_at(const char *dir, struct ms_kernel *kernel)
{
	const struct shape *shape = find_shape(dir);
	int status;

	memset(kernel, 0, sizeof(*kernel));
	kernel->dir = dir;
	if (!shape)
		return -1;
	kernel->shape = shape->shape;
	if (find_files(kernel, shape) || parse_config(kernel) || check_arch(kernel))
		return -1;
	status = read_config(kernel);
	status |= check_image(kernel);
	status |= check_dtb(kernel);
	if (status)
		return -1;
	find_max_irq(kernel);
	status = ms_kernel_read_platform(kernel);
	return status | ms_kernel_compare(kernel);
}

int ms_kernel_open(const char *dir, struct ms_kernel *kernel)
{
	static const char fact[] = "kernel";
	struct ms_kernel *own = ms_relay_known(fact, fact);
	int status;

	if (own && strcmp(own->dir, dir) == 0) {
		*kernel = *own;
		return 0;
	}
	status = look_at(dir, kernel);
	if (status == 0) {
		own = ms_alloc(1, sizeof(*own));
		*own = *kernel;
		ms_relay_know(fact, fact, own);
	}
	return status;
}
