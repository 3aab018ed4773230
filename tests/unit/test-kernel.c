/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-kernel.c - lib/host/layout/kernel: folders of every shape, faults in them, and the
 * numbers of nine configurations against golden ones.
 *
 * With arguments it shows what the library makes of a kernel folder, for tests/kernel:
 *   test-kernel open|header|asserts|record|qemu DIR
 * or writes the folders of its golden configurations into one:
 *   test-kernel fixtures DIR
 */
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "both/table.h"
#include "layout/kernel_parts.h"
#include "layout/types.h"
#include "make-elf.h"
#include "tap.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/ms-test-kernel-XXXXXX";
static unsigned serial;

/* Diagnostics of a test that expects them go here instead of onto the terminal. */
static int quiet_fd = -1, stderr_fd = -1;

static char *errors_since(void)
{
	char *text;
	size_t len;

	fflush(stderr);
	dup2(stderr_fd, 2);
	text = ms_read_file(ms_format("%s/stderr", folder), 1 << 26, &len);
	if (ftruncate(quiet_fd, 0) || lseek(quiet_fd, 0, SEEK_SET))
		ms_die_errno("stderr");
	return text;
}

static void quiet(void)
{
	fflush(stderr);
	dup2(quiet_fd, 2);
}

/* A kernel-like ELF of one segment with a page of memory, and a symbol table that holds
 * avail_p_regs (one range, start..end; none when they are equal) and intStateIRQTable. */
static char *make_elf(uint64_t vaddr, uint64_t paddr, uint64_t start, uint64_t end, size_t *len)
{
	enum { SEG = 128, STR = 160, SYM = 208, SEC = 304, END = SEC + 3 * 64 };
	static const char names[] = "\0avail_p_regs\0intStateIRQTable";
	uint8_t *e = ms_alloc(1, END);

	make_header(e, vaddr, 1);
	make_segment(e, 0,
	             &(struct elf64_segment){.flags = 7,
	                                     .offset = SEG,
	                                     .vaddr = vaddr,
	                                     .paddr = paddr,
	                                     .filesz = 32,
	                                     .memsz = 4096,
	                                     .align = 1});
	make_le(e + SEG, start, 8);
	make_le(e + SEG + 8, end, 8);
	memcpy(e + STR, names, sizeof(names));
	if (start != end)
		make_symbol(e + SYM + MAKE_SYMBOL, 1, vaddr, 16);
	make_symbol(e + SYM + 2 * MAKE_SYMBOL, 14, vaddr + 32, 160 * 8);
	make_sections(e, SEC, SYM, 3, STR, sizeof(names));
	*len = END;
	return (char *)e;
}

struct fixture {
	char *dir;
	struct ms_buf config;
	bool hypervisor;
};

static void write_file(const struct fixture *f, const char *name, const void *data, size_t len)
{
	ms_write_file(ms_format("%s/%s", f->dir, name), data, len, MS_WRITE_PARENTS);
}

static void write_text(const struct fixture *f, const char *name, const char *text)
{
	write_file(f, name, text, strlen(text));
}

/* A configuration: what every one has, and further keys as JSON members. */
static void config(struct fixture *f, const char *more)
{
	static const char base[] =
	    "{\"ARCH_AARCH64\":true,\"SEL4_ARCH\":\"aarch64\",\"PLAT\":\"qemu-arm-virt\","
	    "\"ARM_PA_SIZE_BITS_40\":true,\"ROOT_CNODE_SIZE_BITS\":\"12\","
	    "\"MAX_NUM_BOOTINFO_UNTYPED_CAPS\":\"230\",\"RETYPE_FAN_OUT_LIMIT\":\"256\","
	    "\"NUM_DOMAINS\":\"1\",\"NUM_DOMAIN_SCHEDULES\":\"2\","
	    "\"PADDR_USER_DEVICE_TOP\":\"1099511627776\"";

	f->config.len = 0;
	ms_buf_puts(&f->config, base);
	ms_buf_puts(&f->config, more);
	if (!strstr(more, "VERIFICATION_BUILD"))
		ms_buf_puts(&f->config, ",\"PRINTING\":true,\"DEBUG_BUILD\":true");
	ms_buf_puts(&f->config, "}\n");
	f->hypervisor = strstr(more, "\"ARM_HYPERVISOR_SUPPORT\":true") != NULL;
}

#define ONE_CORE   ",\"MAX_NUM_NODES\":\"1\""
#define FOUR_CORES ",\"MAX_NUM_NODES\":\"4\",\"ENABLE_SMP_SUPPORT\":true"
#define MCS        ",\"KERNEL_MCS\":true"
#define HYP        ",\"ARM_HYPERVISOR_SUPPORT\":true"
#define V16        ",\"TIMER_FREQUENCY\":\"62500000\""
#define HWDEBUG    ",\"HARDWARE_DEBUG_API\":true"

static struct fixture flat_at(char *dir, const char *more)
{
	struct fixture f = {.dir = dir};
	uint64_t base;
	size_t len;
	char *elf;

	config(&f, more);
	base = f.hypervisor ? 0x60000000 : 0x40000000;
	elf = make_elf((f.hypervisor ? 0x8000000000 : 0xffffff8000000000) + base, base, base,
	               0x80000000, &len);
	write_file(&f, "kernel.elf", elf, len);
	write_file(&f, "gen_config.json", f.config.data, f.config.len);
	return f;
}

static struct fixture flat(const char *more)
{
	return flat_at(ms_format("%s/%u", folder, ++serial), more);
}

/* By a table's flags and by the kernel's configuration: the same types, the same numbers. */
static bool types_agree(const struct ms_kernel *k)
{
	const uint32_t flags = (k->mcs ? TABLE_MCS : 0) | (k->hypervisor ? TABLE_HYPERVISOR : 0);
	const struct ms_kernel_row *row;
	uint32_t i, type;
	int number;

	for (i = 0; (row = ms_kernel_row(k, MS_KERNEL_OBJECTS, i, &number)); i++) {
		const char *name = ms_type_name(flags, i);

		if (number != (int)i || !name || strcmp(name, row->name) != 0 ||
		    !ms_type_number(flags, name, &type) || type != i)
			return false;
	}
	return i > 9 && !ms_type_name(flags, i) && !ms_type_number(flags, "ASIDPool", &type) &&
	       ms_type_number(flags, "Reply", &type) == k->mcs &&
	       ms_type_number(flags, "VCPU", &type) == k->hypervisor;
}

/* The configurations A to I of the golden numbers: classic, classic for EL2, classic on several
 * cores, MCS for EL2, the same on several cores, MCS for EL1; and of the last three with the
 * hardware debug API. J is a release kernel. */
static const char *const columns[] = {
    ONE_CORE,
    ONE_CORE HYP,
    FOUR_CORES V16,
    ONE_CORE MCS HYP,
    FOUR_CORES MCS HYP,
    ONE_CORE MCS V16,
    ONE_CORE MCS HYP V16 HWDEBUG,
    FOUR_CORES MCS HYP V16 HWDEBUG,
    ONE_CORE MCS V16 HWDEBUG,
    ONE_CORE MCS V16 ",\"VERIFICATION_BUILD\":true",
};

static void test_numbers(void)
{
	static const struct {
		enum ms_kernel_table table;
		const char *name;
		int want[9]; /* 0: the kernel lacks it */
	} golden[] = {
	    {MS_KERNEL_LABELS, "UntypedRetype", {1, 1, 1, 1, 1, 1, 1, 1, 1}},
	    {MS_KERNEL_LABELS, "TCBCopyRegisters", {4, 4, 4, 4, 4, 4, 4, 4, 4}},
	    {MS_KERNEL_LABELS, "TCBConfigure", {5, 5, 5, 5, 5, 5, 5, 5, 5}},
	    {MS_KERNEL_LABELS, "TCBSetTimeoutEndpoint", {0, 0, 0, 9, 9, 9, 9, 9, 9}},
	    {MS_KERNEL_LABELS, "TCBSetIPCBuffer", {9, 9, 9, 10, 10, 10, 10, 10, 10}},
	    {MS_KERNEL_LABELS, "TCBSuspend", {11, 11, 11, 12, 12, 12, 12, 12, 12}},
	    {MS_KERNEL_LABELS, "TCBSetAffinity", {0, 0, 15, 0, 0, 0, 0, 0, 0}},
	    {MS_KERNEL_LABELS, "TCBSetBreakpoint", {0, 0, 0, 0, 0, 0, 16, 16, 16}},
	    {MS_KERNEL_LABELS, "TCBSetTLSBase", {15, 15, 16, 16, 16, 16, 20, 20, 20}},
	    {MS_KERNEL_LABELS, "CNodeRevoke", {17, 17, 18, 18, 18, 18, 22, 22, 22}},
	    {MS_KERNEL_LABELS, "CNodeRotate", {24, 24, 25, 25, 25, 25, 29, 29, 29}},
	    {MS_KERNEL_LABELS, "CNodeSaveCaller", {25, 25, 26, 0, 0, 0, 0, 0, 0}},
	    {MS_KERNEL_LABELS, "IRQIssueIRQHandler", {26, 26, 27, 26, 26, 26, 30, 30, 30}},
	    {MS_KERNEL_LABELS, "DomainScheduleSetStart", {32, 32, 33, 32, 32, 32, 36, 36, 36}},
	    {MS_KERNEL_LABELS, "SchedControlConfigureFlags", {0, 0, 0, 33, 33, 33, 37, 37, 37}},
	    {MS_KERNEL_LABELS, "SchedContextYieldTo", {0, 0, 0, 38, 38, 38, 42, 42, 42}},
	    {MS_KERNEL_LABELS, "ARMVSpaceClean_Data", {33, 33, 34, 39, 39, 39, 43, 43, 43}},
	    {MS_KERNEL_LABELS, "ARMSMCCall", {37, 37, 38, 43, 43, 43, 47, 47, 47}},
	    {MS_KERNEL_LABELS, "ARMPageTableMap", {38, 38, 39, 44, 44, 44, 48, 48, 48}},
	    {MS_KERNEL_LABELS, "ARMPageMap", {40, 40, 41, 46, 46, 46, 50, 50, 50}},
	    {MS_KERNEL_LABELS, "ARMPageGetAddress", {46, 46, 47, 52, 52, 52, 56, 56, 56}},
	    {MS_KERNEL_LABELS, "ARMASIDPoolAssign", {48, 48, 49, 54, 54, 54, 58, 58, 58}},
	    {MS_KERNEL_LABELS, "ARMVCPUSetTCB", {0, 49, 0, 55, 55, 0, 59, 59, 0}},
	    {MS_KERNEL_LABELS, "ARMVCPUAckVPPI", {0, 53, 0, 59, 59, 0, 63, 63, 0}},
	    {MS_KERNEL_LABELS,
	     "ARMIRQIssueIRQHandlerTrigger",
	     {49, 54, 50, 60, 60, 55, 64, 64, 59}},
	    {MS_KERNEL_LABELS, "ARMIRQIssueIRQHandlerTriggerCore", {0, 0, 51, 0, 61, 0, 0, 65, 0}},
	    {MS_KERNEL_LABELS, "ARMIRQIssueSGISignal", {50, 55, 0, 61, 0, 56, 65, 0, 60}},
	    {MS_KERNEL_SYSCALLS, "Call", {-1, -1, -1, -1, -1, -1, -1, -1, -1}},
	    {MS_KERNEL_SYSCALLS, "NBSendWait", {0, 0, 0, -4, -4, -4, -4, -4, -4}},
	    {MS_KERNEL_SYSCALLS, "Send", {-3, -3, -3, -5, -5, -5, -5, -5, -5}},
	    {MS_KERNEL_SYSCALLS, "Reply", {-6, -6, -6, 0, 0, 0, 0, 0, 0}},
	    {MS_KERNEL_SYSCALLS, "Yield", {-7, -7, -7, -11, -11, -11, -11, -11, -11}},
	    {MS_KERNEL_SYSCALLS, "NBRecv", {-8, -8, -8, -8, -8, -8, -8, -8, -8}},
	    {MS_KERNEL_SYSCALLS, "DebugPutChar", {-9, -9, -9, -12, -12, -12, -12, -12, -12}},
	    {MS_KERNEL_SYSCALLS, "DebugNameThread", {-14, -14, -14, -17, -17, -17, -17, -17, -17}},
	    {MS_KERNEL_SYSCALLS, "DebugSendIPI", {-15, -15, -15, -18, -18, 0, 0, -18, 0}},
	    {MS_KERNEL_SYSCALLS, "DebugGetThreadAffinity", {0, 0, -16, 0, 0, 0, 0, -19, 0}},
	    {MS_KERNEL_OBJECTS, "CNode", {4, 4, 4, 4, 4, 4, 4, 4, 4}},
	    {MS_KERNEL_OBJECTS, "Reply", {0, 0, 0, 6, 6, 6, 6, 6, 6}},
	    {MS_KERNEL_OBJECTS, "HugePage", {5, 5, 5, 7, 7, 7, 7, 7, 7}},
	    {MS_KERNEL_OBJECTS, "PageTable", {9, 9, 9, 11, 11, 11, 11, 11, 11}},
	    {MS_KERNEL_OBJECTS, "VCPU", {0, 10, 0, 12, 12, 0, 12, 12, 0}},
	    {MS_KERNEL_OBJECT_BITS, "TCB", {11, 11, 11, 11, 11, 11, 12, 12, 12}},
	    {MS_KERNEL_OBJECT_BITS, "Notification", {5, 5, 5, 6, 6, 6, 6, 6, 6}},
	    {MS_KERNEL_OBJECT_BITS, "VSpace", {12, 13, 12, 13, 13, 12, 13, 13, 12}},
	    {MS_KERNEL_FAULTS, "CapFault", {1, 1, 1, 1, 1, 1, 1, 1, 1}},
	    {MS_KERNEL_FAULTS, "DebugException", {0, 0, 0, 0, 0, 0, 4, 4, 4}},
	    {MS_KERNEL_FAULTS, "VMFault", {5, 5, 5, 6, 6, 6, 6, 6, 6}},
	    {MS_KERNEL_FAULTS, "VPPIEvent", {0, 8, 0, 9, 9, 0, 9, 9, 0}},
	};

	for (size_t c = 0; c < 9; c++) {
		struct fixture f = flat(columns[c]);
		struct ms_kernel k;
		int wrong = 0;

		if (!ok(ms_kernel_open(f.dir, &k) == 0, "column %c opens", (int)('A' + c)))
			continue;
		for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++) {
			int got = 0;

			ms_kernel_find(&k, golden[i].table, golden[i].name, &got);
			if (got != golden[i].want[c]) {
				printf("# %s: %d, expected %d\n", golden[i].name, got,
				       golden[i].want[c]);
				wrong++;
			}
		}
		ok(!wrong, "column %c has the golden numbers", (int)('A' + c));
		ok(types_agree(&k), "column %c: a table's types of objects are the kernel's",
		   (int)('A' + c));
	}
}

/* Configurations in which few numbers move, and only there. */
static void test_odd_numbers(void)
{
	static const struct {
		const char *more;
		enum ms_kernel_table table;
		const char *name;
		int want;
	} cases[] = {
	    {FOUR_CORES MCS HYP ",\"BENCHMARK_TRACK_UTILISATION\":true", MS_KERNEL_OBJECT_BITS,
	     "TCB", 12},
	    {FOUR_CORES MCS HYP V16 ",\"BENCHMARK_TRACK_UTILISATION\":true", MS_KERNEL_OBJECT_BITS,
	     "TCB", 11},
	    {ONE_CORE HYP ",\"ARM_HYP_ENABLE_VCPU_CP14_SAVE_AND_RESTORE\":true",
	     MS_KERNEL_OBJECT_BITS, "TCB", 12},
	    {ONE_CORE ",\"SET_TLS_BASE_SELF\":true", MS_KERNEL_SYSCALLS, "SetTLSBase", -29},
	    {ONE_CORE MCS V16 ",\"SET_TLS_BASE_SELF\":true", MS_KERNEL_SYSCALLS, "SetTLSBase", -33},
	    {ONE_CORE V16 ",\"ENABLE_BENCHMARKS\":true", MS_KERNEL_SYSCALLS, "BenchmarkNullSyscall",
	     -22},
	    {ONE_CORE MCS ",\"BENCHMARK_TRACK_UTILISATION\":true", MS_KERNEL_SYSCALLS,
	     "BenchmarkGetThreadUtilisation", -25},
	    {ONE_CORE ",\"TK1_SMMU\":true", MS_KERNEL_LABELS, "ARMPageMap", 42},
	    {ONE_CORE ",\"ARM_SMMU\":true", MS_KERNEL_LABELS, "ARMCBClearFault", 62},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f = flat(cases[i].more);
		struct ms_kernel k;
		int got = 0;

		if (ms_kernel_open(f.dir, &k) == 0)
			ms_kernel_find(&k, cases[i].table, cases[i].name, &got);
		ok(got == cases[i].want, "%s is %d with%s", cases[i].name, cases[i].want,
		   cases[i].more);
	}
}

static void test_facts(void)
{
	struct fixture f = flat(ONE_CORE MCS HYP ",\"ALLOW_SMC_CALLS\":true");
	struct ms_kernel k;
	struct ms_list argv = {0};
	struct ms_buf line = {0};
	char *header;
	uint64_t n = 0;
	json_t *record;
	int status = ms_kernel_open(f.dir, &k);

	if (!ok(status == 0, "a flat folder without platform_gen opens"))
		return;
	ok(k.mcs && k.hypervisor && k.debug && k.printing && k.smc && !k.smp && k.cores == 1 &&
	       k.pa_bits == 40 && k.version == 15 && k.kind == MS_KERNEL_SEL4,
	   "its configuration is known");
	ok(k.memory_count == 1 && k.memory[0].start == 0x60000000 && k.memory[0].end == 0x80000000,
	   "RAM comes from the table in the ELF");
	ok(k.max_irq == 159, "so does the highest interrupt");
	ok(k.user_top == 1ull << 40 && k.device_top == 1ull << 40, "tops of the address spaces");
	ok(ms_kernel_number(&k, "RETYPE_FAN_OUT_LIMIT", &n) && n == 256, "a number by its key");
	ok(!ms_kernel_number(&k, "PLAT", &n) && !ms_kernel_flag(&k, "PLAT") &&
	       !ms_kernel_flag(&k, "NOTHING"),
	   "what is absent or of another type is no number and not set");

	header = ms_kernel_header(&k, NULL);
	ok(strstr(header, "\n#define MS_SYS_DEBUG_PUT_CHAR (-12)\n") &&
	       strstr(header, "\n#define MS_LABEL_TCB_SUSPEND 12\n") &&
	       strstr(header, "\n#define MS_OBJECT_VCPU 12\n") &&
	       strstr(header, "\n#define MS_OBJECT_BITS_VSPACE 13\n") &&
	       strstr(header, "\n#define MS_FAULT_VM 6\n") &&
	       strstr(header, "\n#define MS_KERNEL_MCS 1\n") &&
	       strstr(header, "\n#define MS_KERNEL_USER_TOP 0x10000000000ull\n"),
	   "the header defines numbers of every kind");
	ok(!strstr(header, "MS_SYS_REPLY ") && !strstr(header, "MS_SYS_DEBUG_RUN"),
	   "and nothing that the kernel lacks");
	ok(!strstr(header, folder), "and does not tell where the kernel lies");

	record = ms_kernel_record(&k);
	ok(ms_doc_check("record", "$", record, &ms_kernel_record_shape) == 0,
	   "the record fits its shape");
	ok(ms_kernel_qemu_args(record, &argv) == NULL, "QEMU can be the machine");
	for (size_t i = 0; i < argv.count; i++)
		ms_buf_printf(&line, "%s ", argv.items[i]);
	is_string(line.data,
	          "-machine virt,virtualization=on -cpu cortex-a53 -smp 1 -m 1024M -nic none ",
	          "and is told how");
	ms_doc_set(record, "platform", ms_doc_new_string("bcm2711"));
	ok(ms_kernel_qemu_args(record, &argv) != NULL, "QEMU cannot be another board");
}

static void test_release(void)
{
	struct fixture f = flat(ONE_CORE ",\"VERIFICATION_BUILD\":true");
	struct ms_kernel k;
	char *header;

	if (!ok(ms_kernel_open(f.dir, &k) == 0, "a release kernel opens"))
		return;
	header = ms_kernel_header(&k, NULL);
	ok(!strstr(header, "MS_SYS_DEBUG") && strstr(header, "#define MS_KERNEL_PRINTING 0\n"),
	   "its header has no debug system call");
}

static void test_probe(void)
{
	struct fixture f = flat(ONE_CORE);
	struct ms_kernel k;

	write_text(&f, "gen_config.json",
	           "{\"MS_PROBE\":true,\"ARCH_AARCH64\":true,\"PRINTING\":true}");
	ok(ms_kernel_open(f.dir, &k) == 0 && k.kind == MS_KERNEL_PROBE && k.cores == 1 &&
	       k.pa_bits == 40 && !k.mcs && strcmp(k.platform_name, "qemu-arm-virt") == 0,
	   "the probe kernel needs few keys");
}

static void test_platform_files(void)
{
	static const char yaml[] = "devices:\n- end: 0x8000000\n  start: 0x0\n"
	                           "- end: 0x10000000000\n  start: 0x80000000\n"
	                           "memory:\n- end: 0x80000000\n  start: 0x40000000\n";
	static const char json[] =
	    "{\"devices\": [{\"start\": 0, \"end\": 134217728}, {\"start\": 2147483648, \"end\": "
	    "1099511627776}], \"memory\": [{\"start\": 1073741824, \"end\": 2147483648}]}";
	struct fixture f = flat(ONE_CORE);
	struct ms_kernel k;

	write_text(&f, "platform_gen.yaml", yaml);
	ok(ms_kernel_open(f.dir, &k) == 0 && k.memory_count == 1 && k.device_count == 2 &&
	       k.devices[0].end == 0x8000000 && k.devices[1].end == 1ull << 40 &&
	       k.memory[0].end == 0x80000000,
	   "platform_gen.yaml");
	write_text(&f, "platform_gen.json", json);
	ok(ms_kernel_open(f.dir, &k) == 0 && k.memory_count == 1 && k.device_count == 2 &&
	       k.devices[1].start == 0x80000000,
	   "platform_gen.json");
	for (size_t cut = 0; cut < sizeof(yaml) - 1; cut++) {
		struct ms_kernel ignored;
		char *text = ms_strndup(yaml, cut);
		bool whole = cut >= sizeof(yaml) - 2; /* all but the last newline */

		unlink(ms_format("%s/platform_gen.json", f.dir));
		write_text(&f, "platform_gen.yaml", text);
		quiet();
		int status = ms_kernel_open(f.dir, &ignored);
		errors_since();
		if ((status == 0) != whole) {
			ok(0, "YAML cut after %zu bytes", cut);
			return;
		}
	}
	ok(1, "every truncation of the YAML is refused");
}

/* The three shapes that seL4 and Microkit leave behind. */
static void test_shapes(void)
{
	static const struct {
		enum ms_kernel_shape shape;
		const char *config, *image;
	} cases[] = {
	    {MS_KERNEL_BUILD_TREE, "gen_config/kernel/gen_config.json", "kernel.elf"},
	    {MS_KERNEL_INSTALL_TREE, "libsel4/include/kernel/gen_config.json", "bin/kernel.elf"},
	    {MS_KERNEL_MICROKIT, "include/kernel/gen_config.json", "elf/sel4.elf"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture from = flat(ONE_CORE), f = {.dir = ms_format("%s/s%zu", folder, i)};
		struct ms_kernel k;
		size_t len;
		char *elf = ms_read_file(ms_format("%s/kernel.elf", from.dir), 1 << 20, &len);

		write_file(&f, cases[i].image, elf, len);
		write_file(&f, cases[i].config, from.config.data, from.config.len);
		ok(ms_kernel_open(f.dir, &k) == 0 && k.shape == cases[i].shape, "shape %zu opens",
		   i);
	}
}

struct fault {
	const char *what;
	const char *more; /* configuration, NULL: plain */
	const char *file; /* a file to write besides; text NULL: removed */
	const char *text;
	const char *message; /* must be in what is reported */
};

static const struct fault faults[] = {
    {"no kernel.elf", NULL, "kernel.elf", NULL, "the kernel itself (kernel.elf) is missing"},
    {"no gen_config", NULL, "gen_config.json", NULL, "looked for"},
    {"gen_config is cut", NULL, "gen_config.json", "{\"A\":", "gen_config.json:1:"},
    {"gen_config is a list", NULL, "gen_config.json", "[]", "not a JSON object"},
    {"a key twice", NULL, "gen_config.json", "{\"A\":true,\"A\":true}", "duplicate"},
    {"a nested key", NULL, "gen_config.json", "{\"A\":{}}", "\"A\" is neither"},
    {"libsel4's gen_config", NULL, "gen_config.json", "{\"LIB_SEL4_INLINE_INVOCATIONS\":true}",
     "from sel4/"},
    {"another architecture", NULL, "gen_config.json",
     "{\"ARCH_RISCV64\":true,\"SEL4_ARCH\":\"riscv64\"}", "for riscv64; only aarch64"},
    {"no architecture", NULL, "gen_config.json", "{}", "ARCH_AARCH64 is not true"},
    {"an old kernel", NULL, "gen_config.json",
     "{\"ARCH_AARCH64\":true,\"PLAT\":\"x\",\"ARM_PA_SIZE_BITS_40\":true}", "before 15.0.0"},
    {"both sizes of physical addresses", ONE_CORE ",\"ARM_PA_SIZE_BITS_44\":true", NULL, NULL,
     "exactly one of"},
    {"a number that is none", ",\"MAX_NUM_NODES\":\"four\"", NULL, NULL, "MAX_NUM_NODES must be"},
    {"too large a number", ",\"MAX_NUM_NODES\":\"99999999999999999999999\"", NULL, NULL,
     "MAX_NUM_NODES must be"},
    {"cores without SMP", ",\"MAX_NUM_NODES\":\"4\"", NULL, NULL, "ENABLE_SMP_SUPPORT is not"},
    {"no ELF", NULL, "kernel.elf", "MZ", "no usable kernel"},
    {"a bad DTB", NULL, "kernel.dtb", "x", "no usable device tree"},
    {"platform of another build", NULL, "platform_gen.json",
     "{\"memory\":[{\"start\":1073741824,\"end\":3221225472}],\"devices\":[]}", "not of one build"},
    {"platform without RAM", NULL, "platform_gen.json", "{\"memory\":[],\"devices\":[]}",
     "names no RAM"},
    {"platform backwards", NULL, "platform_gen.json",
     "{\"memory\":[{\"start\":8192,\"end\":4096}],\"devices\":[]}", "is empty"},
    {"platform with half pages", NULL, "platform_gen.json",
     "{\"memory\":[{\"start\":1,\"end\":4096}],\"devices\":[]}", "4 KiB pages"},
    {"platform unordered", NULL, "platform_gen.json",
     "{\"memory\":[{\"start\":8192,\"end\":16384},{\"start\":12288,\"end\":20480}],\"devices\":[]}",
     "overlaps the range before"},
    {"platform with negative numbers", NULL, "platform_gen.json",
     "{\"memory\":[{\"start\":-4096,\"end\":4096}],\"devices\":[]}", "lacks a number"},
    {"label that differs", NULL, "invocations_all.json", "{\"UntypedRetype\": 2}",
     "UntypedRetype is 1 by the configuration, but 2 in this list"},
    {"label that is missing", NULL, "invocations_all.json", "{}", "but not in this list"},
    {"label that we do not know", NULL, "invocations_all.json", "{\"TCBFly\": 7}", "and 4"},
    {"object size that differs", NULL, "object_sizes.json", "{\"tcb\": 12}",
     "tcb is 11 by the configuration, but 12"},
    {"list that is none", NULL, "object_sizes.json", "3", "not a JSON object"},
};

static void test_faults(void)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct fault *t = &faults[i];
		struct fixture f = flat(t->more ? t->more : ONE_CORE);
		struct ms_kernel k;
		char *said;
		int status;

		if (t->file && t->text)
			write_text(&f, t->file, t->text);
		else if (t->file)
			unlink(ms_format("%s/%s", f.dir, t->file));
		quiet();
		status = ms_kernel_open(f.dir, &k);
		said = errors_since();
		if (!ok(status == -1 && strstr(said, t->message), "refused: %s", t->what))
			printf("# status %d, said: %s\n", status, said);
	}
}

static void test_wrong_folders(void)
{
	struct fixture hyp = flat(ONE_CORE HYP), f = flat(ONE_CORE);
	struct ms_kernel k;
	char *said, *elf;
	size_t len;

	elf = ms_read_file(ms_format("%s/kernel.elf", hyp.dir), 1 << 20, &len);
	write_file(&f, "kernel.elf", elf, len);
	quiet();
	ok(ms_kernel_open(f.dir, &k) == -1, "a kernel for EL2 under a configuration for EL1");
	said = errors_since();
	ok(strstr(said, "EL2") && strstr(said, "EL1"), "is refused with both levels named");

	elf = make_elf(0xffffff8040000000, 0x40000000, 0, 0, &len);
	write_file(&f, "kernel.elf", elf, len);
	quiet();
	ok(ms_kernel_open(f.dir, &k) == -1, "RAM that nobody knows");
	ok(strstr(errors_since(), "where RAM is cannot be known") != NULL, "is said");

	elf = make_elf(0xffffff8040000000, 0x40000000, 0x50000000, 0x60000000, &len);
	write_file(&f, "kernel.elf", elf, len);
	quiet();
	ok(ms_kernel_open(f.dir, &k) == -1, "a kernel outside its own RAM");
	ok(strstr(errors_since(), "not inside one range") != NULL, "is said");

	quiet();
	ok(ms_kernel_open(ms_format("%s/none", folder), &k) == -1, "no such folder");
	ok(strstr(errors_since(), "no such folder") != NULL, "is said");
	write_text(&f, "sdk/board/x/debug/include/kernel/gen_config.json", "{}");
	quiet();
	ok(ms_kernel_open(ms_format("%s/sdk", f.dir), &k) == -1, "a whole SDK");
	ok(strstr(errors_since(), "board/NAME/CONFIG") != NULL, "is answered with a hint");
}

static int64_t enum_value(const struct ms_enum_values *values, const char *name)
{
	for (size_t i = 0; i < values->count; i++)
		if (values->items[i].len == strlen(name) &&
		    memcmp(values->items[i].name, name, strlen(name)) == 0)
			return values->items[i].value;
	return -1000;
}

static void test_enums(void)
{
	static const char good[] =
	    "/* enum { no = 1 }; */\n// enum { no2 }\n#pragma once\n#define X enum {\\\n no3 }\n"
	    "typedef enum {\n a = -1,\n b = -2, c,\n#if defined(CONFIG_ON) && \\\n "
	    "!defined(CONFIG_OFF)\n"
	    " d = 0x10,\n#else\n d = 5,\n#endif /* x */\n#ifdef CONFIG_OFF\n e,\n#elif "
	    "(defined(CONFIG_OFF) || (defined CONFIG_ON))\n f,\n#else\n g,\n#endif\n"
	    " FORCE(a(b), c)\n} t;\nenum u { h = d, i = 7u, };\nenum u v;\n"
	    "#if 0\n#if WHAT > 3\nenum { no4 };\n#endif\n#endif\n#ifndef __ASSEMBLER__\nenum { j "
	    "};\n#endif\n";
	static const char *const bad[] = {
	    "enum { a = b };",
	    "enum { a = 1 + 2 };",
	    "enum { a",
	    "enum { a = };",
	    "enum { 1 };",
	    "#if FOO > 1\n#endif",
	    "#if defined(A\n#endif",
	    "#endif",
	    "#if 1\nenum { a };",
	    "enum { a = 99999999999 };",
	    "enum { a b };",
	    "enum { a(b };",
	    "#if ((((((((((((((((((((((((((((((((((((((((((((((1\n#endif",
	};
	json_t *keys = json_pack("{s:b,s:b,s:s}", "ON", 1, "OFF", 0, "TEXT", "x");
	struct ms_enum_values values = {0};
	unsigned line;

	ok(ms_enum_read(good, sizeof(good) - 1, keys, &values, &line) == NULL, "a header is read");
	ok(values.count == 8 && enum_value(&values, "a") == -1 && enum_value(&values, "c") == -1 &&
	       enum_value(&values, "d") == 16 && enum_value(&values, "f") == 17 &&
	       enum_value(&values, "h") == 16 && enum_value(&values, "i") == 7 &&
	       enum_value(&values, "j") == 0,
	   "its enumerators have a compiler's values");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ms_enum_values none = {0};

		ok(ms_enum_read(bad[i], strlen(bad[i]), keys, &none, &line) != NULL,
		   "not understood: no. %zu", i);
	}
	for (size_t cut = 0; cut < sizeof(good) - 1; cut++) {
		struct ms_enum_values some = {0};
		char *text = ms_strndup(good, cut);

		ms_enum_read(text, cut, keys, &some, &line);
	}
	ok(1, "every truncation ends");
	json_decref(keys);
}

/* Opens a folder again and again with one of its files cut or changed at every place: any result
 * is right but a crash, and a change that is accepted gives the same numbers as before or a
 * kernel that still passes every check. */
static void test_hostile(const char *name)
{
	struct fixture f = flat(ONE_CORE MCS);
	struct ms_kernel k;
	size_t len, accepted = 0;
	char *good, *bad;

	write_text(&f, "platform_gen.yaml",
	           "devices:\n- end: 0x40000000\n  start: 0x0\nmemory:\n- end: 0x80000000\n"
	           "  start: 0x40000000\n");
	write_text(&f, "object_sizes.json", "{\"tcb\": 11, \"slot\": 5}");
	good = ms_read_file(ms_format("%s/%s", f.dir, name), 1 << 20, &len);
	bad = ms_alloc(1, len + 1);
	ok(ms_kernel_open(f.dir, &k) == 0, "%s is good at first", name);
	quiet();
	for (size_t i = 0; i < len; i++) {
		for (int how = 0; how < 3; how++) {
			memcpy(bad, good, len);
			bad[i] = (char)(how == 1 ? ~bad[i] : bad[i] ^ 1);
			write_file(&f, name, bad, how ? len : i);
			accepted += ms_kernel_open(f.dir, &k) == 0;
		}
	}
	errors_since();
	ok(accepted < 3 * len, "%s may be cut or changed anywhere", name);
}

/* Assertions for a C compiler that also sees the kernel's own headers. */
static void print_asserts(const struct ms_kernel *k)
{
	static const struct {
		enum ms_kernel_table table;
		const char *prefix;
	} tables[] = {{MS_KERNEL_SYSCALLS, "seL4_Sys"},
	              {MS_KERNEL_LABELS, ""},
	              {MS_KERNEL_OBJECTS, "seL4_"},
	              {MS_KERNEL_FAULTS, "seL4_Fault_"}};

	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		const struct ms_kernel_row *row;
		int number;

		for (size_t i = 0; (row = ms_kernel_row(k, tables[t].table, i, &number)); i++)
			printf("_Static_assert(%s%s == (int)%s%s, \"%s\");\n",
			       ms_kernel_rows(tables[t].table)->prefix, row->macro,
			       tables[t].prefix, row->theirs ? row->theirs : row->name, row->name);
	}
}

static void show(const char *what, char *dir)
{
	struct ms_kernel k;
	struct ms_list argv = {0};
	const char *why;

	ms_diag_program("test-kernel");
	if (strcmp(what, "fixtures") == 0) {
		for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++)
			flat_at(ms_format("%s/%c", dir, (int)('A' + c)), columns[c]);
		ms_exit(MS_EXIT_OK);
	}
	if (ms_kernel_open(dir, &k))
		ms_exit(MS_EXIT_INPUT);
	if (strcmp(what, "header") == 0)
		fputs(ms_kernel_header(&k, NULL), stdout);
	else if (strcmp(what, "asserts") == 0)
		print_asserts(&k);
	else if (strcmp(what, "record") == 0)
		ms_doc_write("-", ms_kernel_record(&k));
	else if (strcmp(what, "qemu") == 0) {
		why = ms_kernel_qemu_args(ms_kernel_record(&k), &argv);
		for (size_t i = 0; i < argv.count; i++)
			printf("%s\n", argv.items[i]);
		if (why)
			ms_die_input("%s", why);
	}
	ms_exit(MS_EXIT_OK);
}

int main(int argc, char **argv)
{
	if (argc == 3)
		show(argv[1], argv[2]);
	if (!mkdtemp(folder))
		return 3;
	stderr_fd = dup(2);
	quiet_fd = open(ms_format("%s/stderr", folder), O_RDWR | O_CREAT | O_TRUNC, 0600);
	test_numbers();
	test_odd_numbers();
	test_facts();
	test_release();
	test_probe();
	test_platform_files();
	test_shapes();
	test_faults();
	test_wrong_folders();
	test_enums();
	test_hostile("kernel.elf");
	test_hostile("gen_config.json");
	test_hostile("platform_gen.yaml");
	test_hostile("object_sizes.json");
	if (system(ms_format("rm -rf %s", folder)))
		return 3;
	done_testing();
	return 0;
}
