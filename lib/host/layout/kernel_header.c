/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel_header.c - what others are told about a kernel: the header for target code, the
 * record in documents, the QEMU machine that can boot it.
 */
#include "base/diag.h"
#include "layout/kernel_parts.h"
#include "layout/verified.h"
#include <inttypes.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define QEMU_RAM UINT64_C(0x40000000) /* where QEMU's virt machine puts RAM */
#define MIB      ((uint64_t)1 << 20)

static void define(struct ms_buf *out, const char *name, uint64_t value)
{
	ms_buf_printf(
	    out, value > UINT32_MAX ? "#define %s 0x%" PRIx64 "ull\n" : "#define %s %" PRIu64 "\n",
	    name, value);
}

static void define_config(const struct ms_kernel *k, struct ms_buf *out)
{
	uint64_t priorities;

	if (!ms_kernel_number(k, "NUM_PRIORITIES", &priorities) || priorities > UINT32_MAX)
		priorities = 256;
	ms_buf_puts(out, "\n/* The configuration: each is defined, as 0 or 1 or a number. */\n");
	define(out, "MS_KERNEL_PROBE", k->kind == MS_KERNEL_PROBE);
	define(out, "MS_KERNEL_VERSION", k->version);
	define(out, "MS_KERNEL_MCS", k->mcs);
	define(out, "MS_KERNEL_HYPERVISOR", k->hypervisor);
	define(out, "MS_KERNEL_DEBUG", k->debug);
	define(out, "MS_KERNEL_PRINTING", k->printing);
	define(out, "MS_KERNEL_SMP", k->smp);
	define(out, "MS_KERNEL_SMC", k->smc);
	define(out, "MS_KERNEL_GIC", k->gic_version);
	define(out, "MS_KERNEL_HARDWARE_DEBUG", ms_kernel_flag(k, "HARDWARE_DEBUG_API"));
	define(out, "MS_KERNEL_USER_CACHE", ms_kernel_flag(k, "AARCH64_USER_CACHE_ENABLE"));
	define(out, "MS_KERNEL_CORES", k->cores);
	define(out, "MS_KERNEL_PA_BITS", k->pa_bits);
	define(out, "MS_KERNEL_ROOT_CNODE_BITS", k->root_cnode_bits);
	define(out, "MS_KERNEL_MAX_UNTYPEDS", k->max_untypeds);
	define(out, "MS_KERNEL_RETYPE_FAN_OUT", k->retype_fan_out);
	define(out, "MS_KERNEL_DOMAINS", k->domains);
	define(out, "MS_KERNEL_PRIORITIES", priorities);
	define(out, "MS_KERNEL_VSPACE_LEVELS", k->hypervisor && k->pa_bits == 40 ? 3 : 4);
	define(out, "MS_KERNEL_USER_TOP", k->user_top);
	define(out, "MS_KERNEL_DEVICE_TOP", k->device_top);
}

static void define_table(const struct ms_kernel *k, struct ms_buf *out, enum ms_kernel_table table,
                         const char *what)
{
	const char *prefix = ms_kernel_rows(table)->prefix;
	const struct ms_kernel_row *row;
	int number;

	ms_buf_printf(out, "\n/* %s */\n", what);
	for (size_t i = 0; (row = ms_kernel_row(k, table, i, &number)) != NULL; i++)
		ms_buf_printf(out, number < 0 ? "#define %s%s (%d)\n" : "#define %s%s %d\n", prefix,
		              row->macro, number);
}

char *ms_kernel_header(const struct ms_kernel *kernel, size_t *len)
{
	struct ms_buf out = {0};

	ms_buf_puts(&out, "/* SPDX-License-Identifier: BSD-2-Clause */\n"
	                  "/* ms/kernel.h - the interface of one kernel build, made from its\n"
	                  " * configuration by moonshot-toolkit. What the kernel lacks is not\n"
	                  " * defined. */\n"
	                  "#ifndef MS_KERNEL_H\n#define MS_KERNEL_H\n");
	define_config(kernel, &out);
	define_table(kernel, &out, MS_KERNEL_SYSCALLS, "System calls: the number goes into x7.");
	define_table(kernel, &out, MS_KERNEL_LABELS, "Labels of invocations.");
	define_table(kernel, &out, MS_KERNEL_OBJECTS, "Object types of Untyped_Retype.");
	define_table(kernel, &out, MS_KERNEL_OBJECT_BITS, "Object sizes, as powers of two.");
	define_table(kernel, &out, MS_KERNEL_FAULTS, "Labels of fault messages.");
	ms_buf_puts(&out, "\n#endif\n");
	if (len)
		*len = out.len;
	return out.data;
}

static const char *const kinds[] = {"seL4", "probe", NULL};

static const struct ms_field range_fields[] = {
    {.name = "start", .kind = MS_KIND_HEX},
    {.name = "end", .kind = MS_KIND_HEX},
};
static const struct ms_shape range_shape = {.fields = range_fields, .count = COUNT(range_fields)};
static const struct ms_field range_item = {.kind = MS_KIND_OBJECT, .shape = &range_shape};

static const struct ms_field record_fields[] = {
    {.name = "kind", .kind = MS_KIND_ENUM, .values = kinds},
    {.name = "sha256", .kind = MS_KIND_SHA256},
    {.name = "platform", .kind = MS_KIND_STRING, .min = 1, .max = 63},
    {.name = "hypervisor", .kind = MS_KIND_BOOLEAN},
    {.name = "mcs", .kind = MS_KIND_BOOLEAN},
    {.name = "debug", .kind = MS_KIND_BOOLEAN},
    {.name = "printing", .kind = MS_KIND_BOOLEAN},
    {.name = "cores", .kind = MS_KIND_INTEGER, .min = 1, .max = 256},
    {.name = "pa_bits", .kind = MS_KIND_INTEGER, .min = 40, .max = 44},
    {.name = "gic_version", .kind = MS_KIND_INTEGER, .max = 3},
    {.name = "root_cnode_bits", .kind = MS_KIND_INTEGER, .min = 4, .max = 32},
    {.name = "max_untypeds", .kind = MS_KIND_INTEGER, .min = 0, .max = 65536},
    {.name = "memory", .kind = MS_KIND_ARRAY, .min = 1, .max = 256, .item = &range_item},
    {.name = "verified_config", .kind = MS_KIND_OBJECT, .shape = &ms_verified_shape, .optional = 1},
};
const struct ms_shape ms_kernel_record_shape = {.fields = record_fields,
                                                .count = COUNT(record_fields)};

json_t *ms_kernel_record(const struct ms_kernel *kernel)
{
	json_t *record = json_object(), *memory = json_array();

	if (!record || !memory)
		ms_die_system("out of memory");
	ms_doc_set(record, "kind", ms_doc_new_string(kinds[kernel->kind]));
	ms_doc_set(record, "sha256", ms_doc_new_string(kernel->image.sha256));
	ms_doc_set(record, "platform", ms_doc_new_string(kernel->platform_name));
	ms_doc_set(record, "hypervisor", json_boolean(kernel->hypervisor));
	ms_doc_set(record, "mcs", json_boolean(kernel->mcs));
	ms_doc_set(record, "debug", json_boolean(kernel->debug));
	ms_doc_set(record, "printing", json_boolean(kernel->printing));
	ms_doc_set(record, "cores", ms_doc_new_integer(kernel->cores));
	ms_doc_set(record, "pa_bits", ms_doc_new_integer(kernel->pa_bits));
	ms_doc_set(record, "gic_version", ms_doc_new_integer(kernel->gic_version));
	ms_doc_set(record, "root_cnode_bits", ms_doc_new_integer(kernel->root_cnode_bits));
	ms_doc_set(record, "max_untypeds", ms_doc_new_integer(kernel->max_untypeds));
	for (size_t i = 0; i < kernel->memory_count; i++) {
		json_t *range = json_object();

		if (!range)
			ms_die_system("out of memory");
		ms_doc_set(range, "start", ms_doc_new_hex(kernel->memory[i].start));
		ms_doc_set(range, "end", ms_doc_new_hex(kernel->memory[i].end));
		ms_doc_append(memory, range);
	}
	ms_doc_set(record, "memory", memory);
	ms_doc_set(record, "verified_config", ms_verified_compare(kernel));
	return record;
}

/* End of the highest range; *start receives the lowest start. */
static uint64_t memory_end(const json_t *record, uint64_t *start)
{
	const json_t *range;
	uint64_t end = 0;
	size_t i;

	*start = UINT64_MAX;
	json_array_foreach((json_t *)(uintptr_t)ms_doc_member(record, "memory"), i, range)
	{
		if (ms_doc_hex(range, "start") < *start)
			*start = ms_doc_hex(range, "start");
		if (ms_doc_hex(range, "end") > end)
			end = ms_doc_hex(range, "end");
	}
	return end;
}

static void add_words(struct ms_list *argv, const char *const *words)
{
	for (; *words; words++)
		ms_list_add(argv, *words);
}

static const char *virt_args(const json_t *record, struct ms_list *argv)
{
	int64_t cores = ms_doc_integer(record, "cores");
	uint64_t start, end = memory_end(record, &start);

	if (start < QEMU_RAM)
		return ms_format("the kernel expects RAM at 0x%" PRIx64
		                 ", QEMU's begins at 0x%" PRIx64,
		                 start, QEMU_RAM);
	if (cores > (ms_doc_integer(record, "gic_version") == 2 ? 8 : 123))
		return "the kernel wants more cores than the machine has with its interrupt "
		       "controller";
	ms_list_add(argv, "-machine");
	ms_list_add(argv,
	            ms_format("virt%s%s",
	                      ms_doc_boolean(record, "hypervisor") ? ",virtualization=on" : "",
	                      ms_doc_integer(record, "gic_version") == 3 ? ",gic-version=3" : ""));
	ms_list_add(argv, "-cpu");
	ms_list_add(argv, ms_doc_integer(record, "pa_bits") == 44 ? "cortex-a57" : "cortex-a53");
	ms_list_add(argv, "-smp");
	ms_list_add(argv, ms_format("%lld", (long long)cores));
	ms_list_add(argv, "-m");
	ms_list_add(argv, ms_format("%" PRIu64 "M", (end - QEMU_RAM + MIB - 1) / MIB));
	ms_list_add(argv, "-nic");
	ms_list_add(argv, "none");
	return NULL;
}

/* Xilinx's ZCU102: 2 GiB at 0, the rest from 32 GiB on. Other ZynqMP boards have their console at
 * another port. */
static const char *zcu102_args(const json_t *record, struct ms_list *argv)
{
	static const char *const words[] = {"-machine", "xlnx-zcu102,virtualization=on",
	                                    "-audiodev", "none,id=silent", NULL};
	const uint64_t high = UINT64_C(0x800000000), low = UINT64_C(0x80000000);
	uint64_t start, end = memory_end(record, &start);

	if (end <= high)
		return "of the ZynqMP boards QEMU has the ZCU102, whose memory goes on at 32 GiB";
	add_words(argv, words);
	ms_list_add(argv, "-smp");
	ms_list_add(argv, ms_format("%lld", (long long)ms_doc_integer(record, "cores")));
	ms_list_add(argv, "-m");
	ms_list_add(argv, ms_format("%" PRIu64 "M", (end - high + low + MIB - 1) / MIB));
	return NULL;
}

/* The Raspberry Pi 3: always four cores and 1 GiB; seL4's console is the second port. */
static const char *raspi3_args(const json_t *record, struct ms_list *argv)
{
	static const char *const words[] = {"-machine", "raspi3b", "-serial", "null", NULL};

	(void)record;
	add_words(argv, words);
	return NULL;
}

const char *ms_kernel_qemu_args(const json_t *record, struct ms_list *argv)
{
	static const struct {
		const char *platform;
		const char *(*args)(const json_t *record, struct ms_list *argv);
	} machines[] = {
	    {"qemu-arm-virt", virt_args}, {"zynqmp", zcu102_args}, {"bcm2837", raspi3_args}};
	const char *platform = ms_doc_string(record, "platform");

	for (size_t i = 0; i < COUNT(machines); i++) {
		if (strcmp(machines[i].platform, platform) == 0)
			return machines[i].args(record, argv);
	}
	return ms_format("the kernel is built for %s; QEMU's machines that are known here are "
	                 "those of qemu-arm-virt, zynqmp (ZCU102) and bcm2837 (Raspberry Pi 3)",
	                 platform);
}
