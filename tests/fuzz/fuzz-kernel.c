/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-kernel.c - a kernel folder: gen_config, platform_gen as JSON and YAML, the kernel's own
 * headers and lists, its ELF file and device tree; and what is made of a kernel that was accepted.
 *
 * The input is several files, each behind a line "@@ NAME". Without an ELF file of its own a folder
 * has one that fits.
 */
#include "host.h"
#include "mutate.h"

#include "../unit/fake-kernel.h"
#include "base/doc.h"
#include "layout/boot.h"
#include "layout/kernel.h"
#include "layout/kernel_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* All that a flat folder and a Microkit board folder may hold. */
static const char *const names[] = {
    "kernel.elf",
    "kernel.dtb",
    "gen_config.json",
    "platform_gen.json",
    "platform_gen.yaml",
    "invocations_all.json",
    "object_sizes.json",
    "include/kernel/gen_config.json",
    "include/sel4/syscall.h",
    "include/sel4/invocation.h",
    "include/sel4/sel4_arch/invocation.h",
    "include/sel4/arch/invocation.h",
    "include/sel4/objecttype.h",
    "include/sel4/sel4_arch/objecttype.h",
    "include/sel4/arch/objecttype.h",
    "include/sel4/sel4_arch/types_gen.h",
};
#define NAMES (sizeof(names) / sizeof(names[0]))

static bool there[NAMES];
/* Kernels' ELF files, for EL1 and for EL2. */
static char *fitting[2];
static size_t fitting_len[2];

void fuzz_once(void)
{
	static const char *const folders[] = {"k",
	                                      "k/include",
	                                      "k/include/kernel",
	                                      "k/include/sel4",
	                                      "k/include/sel4/sel4_arch",
	                                      "k/include/sel4/arch",
	                                      "k/elf"};

	fake_kernel_write("fake", &fake_classic);
	fitting[0] = ms_read_file("fake/kernel.elf", 1 << 20, &fitting_len[0]);
	fake_kernel_write("fake", &fake_mcs);
	fitting[1] = ms_read_file("fake/kernel.elf", 1 << 20, &fitting_len[1]);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		fuzz_check(mkdir(folders[i], 0700) == 0, "no folder");
	fuzz_file("k/elf/sel4.elf", fitting[1], fitting_len[1]);
}

static void put(size_t i, const uint8_t *data, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "k/%s", names[i]);
	fuzz_file(path, data, size);
	there[i] = true;
}

static void clear(void)
{
	char path[64];

	for (size_t i = 0; i < NAMES; i++) {
		snprintf(path, sizeof(path), "k/%s", names[i]);
		if (there[i])
			unlink(path);
		there[i] = false;
	}
}

/* A header by itself, whatever folder it lies in. */
static void enumerate(const uint8_t *data, size_t size)
{
	json_t *config = json_pack("{s:b,s:b}", "KERNEL_MCS", 1, "ARM_HYPERVISOR_SUPPORT", 1);
	struct ms_enum_values values = {0};
	unsigned line = 0;

	ms_enum_read((const char *)data, size, config, &values, &line);
	fuzz_check(line <= size + 1, "a line behind the text");
	for (size_t i = 0; i < values.count; i++)
		fuzz_check((const uint8_t *)values.items[i].name >= data &&
		               values.items[i].len <=
		                   size - (size_t)((const uint8_t *)values.items[i].name - data),
		           "a name outside of the text");
}

static void unpack(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size, *line = data;

	while (line && (line = memmem(line, (size_t)(end - line), "@@ ", 3))) {
		const uint8_t *name = line + 3, *text = memchr(name, '\n', (size_t)(end - name));
		const uint8_t *next;
		size_t len;

		if (!text)
			return;
		text++;
		next = memmem(text, (size_t)(end - text), "\n@@ ", 4);
		len = (size_t)((next ? next : end) - text);
		for (size_t i = 0; i < NAMES; i++) {
			if (strlen(names[i]) + 1 != (size_t)(text - name) ||
			    memcmp(names[i], name, strlen(names[i])) != 0)
				continue;
			put(i, text, len);
			if (strstr(names[i], ".h"))
				enumerate(text, len);
		}
		line = next;
	}
}

static void use(const struct ms_kernel *kernel)
{
	struct ms_boot_input in = {.kernel = kernel, .user_virt = 0x400000};
	json_t *record = ms_kernel_record(kernel);
	struct ms_list words = {0};
	struct ms_boot boot;
	const char *rule, *name;
	size_t len;

	fuzz_check(kernel->memory_count > 0 && kernel->image.data != NULL, "half a kernel");
	ms_kernel_header(kernel, &len);
	fuzz_check(ms_doc_check("record", "$", record, &ms_kernel_record_shape) == 0,
	           "a record of another shape");
	ms_doc_canonical(record, NULL);
	ms_kernel_qemu_args(record, &words);
	for (size_t i = 0; ms_kernel_each_file(kernel, i, &name); i++)
		fuzz_check(name[0] == '@', "a file without a stable name");
	in.user.start = (kernel->elf.paddr_end + 4095) & ~4095ull;
	in.user.end = in.user.start + 4096;
	ms_boot_foresee(&in, &boot, &rule);
}

static void open_folder(void *user)
{
	struct ms_kernel kernel;

	(void)user;
	if (ms_kernel_open("k", &kernel) == 0)
		use(&kernel);
}

void fuzz_one(const uint8_t *data, size_t size)
{
	static const char mark[] = "\"ARM_HYPERVISOR_SUPPORT\":true";
	bool el2 = memmem(data, size, mark, sizeof(mark) - 1) != NULL;

	clear();
	unpack(data, size);
	if (!there[0])
		put(0, (const uint8_t *)fitting[el2], fitting_len[el2]);
	fuzz_try(open_folder, NULL);
	enumerate(data, size);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_text(data, size, room, seed);
}
