/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-boot.c - lib/host/layout/boot: what a kernel hands to its root task.
 *
 * With arguments it says where a kernel will keep BootInfo, or compares what lay there with what
 * the library foresees, for tests with real kernels (BOOT: KERNEL USER_START USER_END USER_VIRT
 * DTB_START DTB_END):
 *   test-boot where BOOT...
 *   test-boot compare BOOT... FILE
 * or writes folders of kernels that are none into DIR/classic and DIR/mcs:
 *   test-boot fixtures DIR
 */
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "layout/boot.h"
#include "fake-kernel.h"
#include "tap.h"

#include <inttypes.h>

static int prepare(char **argv, struct ms_kernel *kernel, struct ms_boot *boot)
{
	struct ms_boot_input in = {.kernel = kernel};
	const char *why, *rule;
	uint64_t n[5];

	for (int i = 0; i < 5; i++)
		n[i] = strtoull(argv[i + 1], NULL, 0);
	if (ms_kernel_open(argv[0], kernel))
		return 1;
	in.user.start = n[0];
	in.user.end = n[1];
	in.user_virt = n[2];
	in.dtb.start = n[3];
	in.dtb.end = n[4];
	why = ms_boot_foresee(&in, boot, &rule);
	if (why)
		fprintf(stderr, "%s [%s]\n", why, rule);
	return why != NULL;
}

/* Where the kernel keeps BootInfo: behind CNode, VSpace, extra boot info, ASID pool, IPC buffer. */
static uint64_t bootinfo_address(const struct ms_kernel *kernel, const struct ms_boot *boot)
{
	uint64_t extra = boot->virt_end - boot->bootinfo - 4096;
	int vspace = 12;

	ms_kernel_find(kernel, MS_KERNEL_OBJECT_BITS, "VSpace", &vspace);
	return boot->objects.start + (32ull << kernel->root_cnode_bits) + (1ull << vspace) + extra +
	       2 * 4096;
}

static uint64_t word_at(const uint8_t *p, unsigned offset)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[offset + (unsigned)i];
	return v;
}

static void same_slots(const uint8_t *info, unsigned offset, const struct ms_boot_slots *want,
                       const char *name)
{
	uint64_t first = word_at(info, offset), end = word_at(info, offset + 8);

	if (!ok(want->count == 0 || (first == want->first && end == want->first + want->count),
	        "slots of %s", name))
		printf("# got %" PRIu64 "..%" PRIu64 ", foreseen %" PRIu64 "..%" PRIu64 "\n", first,
		       end, want->first, want->first + want->count);
}

/* BootInfo as a real kernel has left it, against what was foreseen. */
static int compare(const struct ms_kernel *kernel, const struct ms_boot *boot, const char *path)
{
	unsigned at = kernel->mcs ? 168 : 152;
	size_t len;
	const uint8_t *info = (const uint8_t *)ms_read_file(path, 4096, &len);

	if (!ok(len == 4096, "one page of BootInfo"))
		done_testing();
	ok(word_at(info, 32) == boot->ipc_buffer, "address of the IPC buffer");
	ok(word_at(info, 40) == boot->empty, "first empty slot");
	same_slots(info, 72, &boot->frames, "the user image");
	same_slots(info, 88, &boot->tables, "its page tables");
	same_slots(info, 120, &boot->extra, "extra boot info");
	if (kernel->mcs)
		same_slots(info, 152, &boot->sched, "scheduling controls");
	same_slots(info, at, &boot->untyped, "untypeds");
	for (size_t i = 0; i < boot->count; i++) {
		const uint8_t *u = info + at + 16 + 16 * i;
		const struct ms_boot_untyped *want = &boot->untypeds[i];

		if (at + 32 + 16 * i > len || word_at(u, 0) != want->paddr || u[8] != want->bits ||
		    u[9] != want->device)
			return !ok(0, "untyped %zu: 0x%" PRIx64 " of %u bits", i, want->paddr,
			           want->bits);
	}
	ok(1, "%zu untypeds", boot->count);
	done_testing();
	return 0;
}

static char folder[] = "/tmp/test-boot-XXXXXX";

static void fixtures(const char *dir)
{
	fake_kernel_write(ms_format("%s/classic", dir), &fake_classic);
	fake_kernel_write(ms_format("%s/mcs", dir), &fake_mcs);
}

struct want {
	uint64_t paddr;
	unsigned bits;
};

/* The untypeds from `first` on are these. */
static int same(const struct ms_boot *boot, size_t first, const struct want *want, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct ms_boot_untyped *got;

		if (first + i >= boot->count)
			return 0;
		got = &boot->untypeds[first + i];
		if (got->paddr != want[i].paddr || got->bits != want[i].bits)
			return 0;
	}
	return 1;
}

/* What 15.0.0 was seen to hand out for a user image of one page right behind the kernel. */
static void test_classic(void)
{
	static const struct want first[] = {{0, 27}, {0x8001000, 12}, {0x8002000, 13}};
	static const struct want top[] = {
	    {0x80000000, 31},   {0x100000000, 32},  {0x200000000, 33},  {0x400000000, 34},
	    {0x800000000, 35},  {0x1000000000, 36}, {0x2000000000, 37}, {0x4000000000, 38},
	    {0x8000000000, 39}, {0x40000000, 16},   {0x4023e000, 13},   {0x40240000, 18}};
	struct ms_kernel kernel;
	struct ms_boot_input in = {
	    .kernel = &kernel, .user = {0x4023d000, 0x4023e000}, .user_virt = 0x400000};
	struct ms_boot boot;
	const char *rule;
	size_t at = 0;

	ok(ms_kernel_open(ms_format("%s/classic", folder), &kernel) == 0, "a classic kernel");
	ok(ms_boot_foresee(&in, &boot, &rule) == NULL, "boots");
	ok(boot.tables.first == 16 && boot.tables.count == 3 && boot.frames.first == 19 &&
	       boot.frames.count == 1 && boot.untyped.first == 20 && boot.untyped.count == 56 &&
	       boot.empty == 76,
	   "slots in the kernel's order");
	ok(boot.objects.start == 0x7ffc0000 && boot.objects.end == 0x7ffe7800,
	   "the root task's objects at the end of memory");
	ok(same(&boot, 0, first, 3) && boot.untypeds[0].device, "device untypeds come first");
	while (at < boot.count && boot.untypeds[at].paddr != 0x80000000)
		at++;
	ok(same(&boot, at, top, sizeof(top) / sizeof(top[0])) && !boot.untypeds[at + 9].device,
	   "then the kernel's boot code, then memory");
	ok(boot.untypeds[boot.count - 1].paddr == 0x7fff0000 &&
	       boot.untypeds[boot.count - 1].bits == 16,
	   "up to the end of memory");
	in.dtb = (struct ms_kernel_range){0x4023d000, 0x4023ede0};
	in.user = (struct ms_kernel_range){0x4023f000, 0x40240000};
	ok(ms_boot_foresee(&in, &boot, &rule) == NULL && boot.extra.first == 19 &&
	       boot.extra.count == 2 && boot.frames.first == 21 && boot.frames.count == 1,
	   "a device tree takes slots before the image");
	for (at = 0; at < boot.count && boot.untypeds[at].paddr != 0x4023ede0; at++)
		;
	ok(at < boot.count && boot.untypeds[at].bits == 5 && boot.untypeds[at + 1].bits == 9,
	   "and leaves tiny untypeds behind its end");
}

static void test_mcs(void)
{
	struct ms_kernel kernel;
	struct ms_boot_input in = {
	    .kernel = &kernel, .user = {0x6024a000, 0x6024b000}, .user_virt = 0x400000};
	struct ms_boot boot;
	const char *rule;
	int holes = 0;

	ok(ms_kernel_open(ms_format("%s/mcs", folder), &kernel) == 0, "an MCS kernel in EL2");
	ok(ms_boot_foresee(&in, &boot, &rule) == NULL, "boots");
	ok(boot.tables.count == 2 && boot.sched.first == 18 && boot.sched.count == 1 &&
	       boot.frames.first == 19 && boot.untyped.first == 20 && boot.untyped.count == 67,
	   "three levels of tables, a scheduling control");
	ok(boot.objects.start == 0xbf800000 && boot.objects.end == 0xbfc07880,
	   "objects aligned to the root CNode");
	for (size_t i = 0; i < boot.count; i++) {
		uint64_t end = boot.untypeds[i].paddr + (1ull << boot.untypeds[i].bits);

		holes += boot.untypeds[i].paddr <= 0x8030000 && end > 0x8030000;
	}
	ok(holes == 0, "the interrupt controller's frames are nobody's");
}

static void test_refusals(void)
{
	struct ms_kernel kernel;
	struct ms_boot_input in = {.kernel = &kernel, .user_virt = 0x10000000};
	struct ms_boot boot;
	const char *rule, *why;

	if (ms_kernel_open(ms_format("%s/classic", folder), &kernel))
		return;
	in.user = (struct ms_kernel_range){0x40240000, 0x40240000 + 4030 * 4096ull};
	ok(ms_boot_foresee(&in, &boot, &rule) != NULL && strcmp(rule, "root-slots") == 0,
	   "more pages than slots");
	in.user = (struct ms_kernel_range){0x3f000000, 0x3f001000};
	why = ms_boot_foresee(&in, &boot, &rule);
	ok(why && strstr(why, "order"), "an image below the kernel");
	in.user = (struct ms_kernel_range){0x40240000, 0x7fff0000};
	why = ms_boot_foresee(&in, &boot, &rule);
	ok(why && strstr(why, "no free piece"), "no room for the root task's objects");
	in.user = (struct ms_kernel_range){0x40240000, 0x40241000};
	in.user_virt = 0x7fffffffe000;
	why = ms_boot_foresee(&in, &boot, &rule);
	ok(why && strstr(why, "user space"), "past user space");
}

int main(int argc, char **argv)
{
	struct ms_kernel kernel;
	struct ms_boot boot;

	ms_diag_program("test-boot");
	if (argc >= 8 && prepare(argv + 2, &kernel, &boot))
		return 1;
	if (argc == 8 && strcmp(argv[1], "where") == 0) {
		printf("0x%" PRIx64 "\n", bootinfo_address(&kernel, &boot));
		return 0;
	}
	if (argc == 9 && strcmp(argv[1], "compare") == 0)
		return compare(&kernel, &boot, argv[8]);
	if (argc == 3 && strcmp(argv[1], "fixtures") == 0) {
		fixtures(argv[2]);
		return 0;
	}
	if (!mkdtemp(folder))
		return 1;
	fixtures(folder);
	test_classic();
	test_mcs();
	test_refusals();
	if (system(ms_format("rm -rf %s", folder)))
		return 3;
	done_testing();
}
