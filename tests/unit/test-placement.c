/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-placement.c - where things go, and every reason why they cannot.
 */
#include "image/placement.h"
#include "make-elf.h"
#include "tap.h"

#define MIB ((uint64_t)1 << 20)

/* -- inputs -------------------------------------------------------------------------------- */

/* An executable of one segment without data. */
static struct elf64 elf(uint64_t vaddr, uint64_t paddr, uint64_t memsz)
{
	uint8_t *file = ms_alloc(64 + 56, 1);
	struct elf64 result = {0};

	make_header(file, vaddr, 1);
	make_segment(
	    file, 0,
	    &(struct elf64_segment){.flags = 7, .vaddr = vaddr, .paddr = paddr, .memsz = memsz});
	if (elf64_open(&result, file, 64 + 56) != ELF64_OK)
		ok(0, "elf 0x%llx opens", (unsigned long long)vaddr);
	return result;
}

static struct elf64 kernel, root;
static struct ms_kernel_range memory[MS_PLACE_REGIONS + 1];

/* seL4 15.0.0 for qemu-arm-virt, 1 GiB, without MCS, at EL1; a root task of seven pages. */
static struct ms_place_input classic(void)
{
	struct ms_place_input in = {0};

	kernel = elf(0xffffff8040000000, 0x40000000, 0x23d000);
	root = elf(0x400000, 0x400000, 0x7000);
	memory[0].start = 0x40000000;
	memory[0].end = 0x80000000;
	in.kernel = &kernel;
	in.root = &root;
	in.dtb_size = 7633;
	in.image_size = 0x80000;
	in.memory = memory;
	in.memory_count = 1;
	in.cores = 1;
	in.pa_bits = 40;
	in.root_cnode_bits = 12;
	in.max_untypeds = 230;
	return in;
}

/* The same as Microkit configures it: EL2, MCS, no device tree, 2 GiB. */
static struct ms_place_input microkit(void)
{
	struct ms_place_input in = classic();

	kernel = elf(0x8060000000, 0x60000000, 0x24a000);
	memory[0].start = 0x60000000;
	memory[0].end = 0xc0000000;
	in.dtb_size = 0;
	in.hypervisor = in.mcs = true;
	in.root_cnode_bits = 17;
	return in;
}

/* -- what must hold of every placement ------------------------------------------------------ */

static bool apart(struct ms_kernel_range a, struct ms_kernel_range b)
{
	return a.start == a.end || b.start == b.end || a.end <= b.start || b.end <= a.start;
}

static bool in_memory(const struct ms_place_input *in, struct ms_kernel_range r)
{
	for (size_t i = 0; i < in->memory_count; i++) {
		if (in->memory[i].start <= r.start && r.end <= in->memory[i].end)
			return true;
	}
	return false;
}

static bool sound(const struct ms_place_input *in, const struct ms_placement *p)
{
	uint64_t behind = in->dtb_size ? p->dtb.end : p->kernel.end;

	return in_memory(in, p->kernel) && in_memory(in, p->dtb.end ? p->dtb : p->kernel) &&
	       in_memory(in, p->image) && in_memory(in, p->root) && in_memory(in, p->objects) &&
	       apart(p->kernel, p->dtb) && apart(p->kernel, p->image) && apart(p->dtb, p->image) &&
	       apart(p->root, p->kernel) && apart(p->root, p->dtb) && apart(p->root, p->image) &&
	       apart(p->objects, p->kernel) && apart(p->objects, p->dtb) &&
	       apart(p->objects, p->root) && (in->cores == 1 || apart(p->objects, p->image)) &&
	       p->root.start >= behind && p->root.start % 4096 == 0 && p->root.end % 4096 == 0 &&
	       p->image.start % 0x200000 == 0 && p->pv_offset == p->root.start - p->root_virt &&
	       p->slots <= p->slots_have;
}

static struct ms_placement good(const struct ms_place_input *in, const char *name)
{
	struct ms_place_fault fault = {0};
	struct ms_placement p;

	if (!ok(ms_place(in, &p, &fault), "%s: placed", name))
		printf("# %s: %s\n", fault.rule, fault.text);
	else
		ok(sound(in, &p), "%s: sound", name);
	return p;
}

static void bad(const struct ms_place_input *in, const char *rule, const char *text)
{
	struct ms_place_fault fault = {0};
	struct ms_placement p;
	bool placed = ms_place(in, &p, &fault);

	if (!ok(!placed && strcmp(fault.rule, rule) == 0 && strstr(fault.text, text), "%s: %s",
	        rule, text))
		printf("# %s: %s\n", placed ? "placed" : fault.rule, placed ? "" : fault.text);
}

/* -- tests ---------------------------------------------------------------------------------- */

static void usual(void)
{
	struct ms_place_input in = classic();
	struct ms_placement p = good(&in, "classic");

	ok(p.image.start == 0x40400000, "classic: the loader at 0x40400000");
	ok(p.dtb.start == 0x4023d000 && p.dtb.end == 0x4023d000 + 7633,
	   "classic: the device tree behind the kernel");
	ok(p.root.start == 0x4023f000 && p.root.end == 0x40246000,
	   "classic: the root task on the page behind it");
	/* 0x23000 bytes, aligned down to the root CNode's 128 KiB. */
	ok(p.objects.end <= 0x80000000 && p.objects.start == 0x7ffc0000,
	   "classic: objects at the top");

	in = microkit();
	p = good(&in, "microkit");
	ok(p.image.start == 0x60400000, "microkit: the loader at 0x60400000");
	ok(p.dtb.end == 0 && p.root.start == 0x6024a000,
	   "microkit: the root task behind the kernel");
	ok(p.objects.start == 0xbf800000, "microkit: objects where the real kernel puts them");

	in = classic();
	kernel = elf(0x8000001000, 0x1000, 0x246000);
	memory[0].start = 0x1000;
	memory[0].end = 0x3b400000;
	in.hypervisor = in.mcs = true;
	in.pa_bits = 44;
	in.root_cnode_bits = 17;
	p = good(&in, "rpi4b");
	ok(p.image.start == 0x400000, "rpi4b: a kernel off a 2 MiB boundary");
}

static void larger(void)
{
	struct ms_place_input in = classic();
	struct ms_placement p;

	root = elf(0x400000, 0x400000, 2 * MIB);
	p = good(&in, "2 MiB root task");
	ok(p.image.start == 0x40400000 && p.root.start == 0x40480000,
	   "2 MiB root task: above the loader, which stays");

	root = elf(0x400000, 0x400000, 0x1c1000);
	p = good(&in, "root task up to the loader");
	ok(p.root.end == p.image.start, "root task up to the loader: fits exactly");
	root = elf(0x400000, 0x400000, 0x1c1001);
	p = good(&in, "one byte more");
	ok(p.root.start == p.image.end, "one byte more: above the loader");

	in.dtb_size = 3 * MIB;
	p = good(&in, "3 MiB device tree");
	ok(p.image.start == 0x40600000, "3 MiB device tree: the loader on the next 2 MiB");

	in = classic();
	kernel = elf(0xffffff8040000000, 0x40000000, 5 * MIB);
	p = good(&in, "5 MiB kernel");
	ok(p.image.start == 0x40600000, "5 MiB kernel: the loader on the next 2 MiB");

	/* Memory that ends with the loader: the root task fits nowhere but below a higher one. */
	in = classic();
	memory[0].end = 0x40800000;
	root = elf(0x400000, 0x400000, 3 * MIB);
	in.image_size = 2 * MIB;
	p = good(&in, "8 MiB of memory");
	ok(p.root.start == 0x4023f000 && p.image.start == 0x40600000,
	   "8 MiB of memory: the loader above the root task");

	/* Two regions; the kernel's is too small for the loader. */
	in = classic();
	memory[0].end = 0x40400000;
	memory[1].start = 0x50000000;
	memory[1].end = 0x60000000;
	in.memory_count = 2;
	p = good(&in, "two regions");
	ok(p.image.start == 0x50000000 && p.root.start == 0x4023f000,
	   "two regions: the loader in the second");
	memory[1].start = 0x30000000;
	memory[1].end = 0x40000000;
	struct ms_kernel_range swap = memory[0];
	memory[0] = memory[1];
	memory[1] = swap;
	p = good(&in, "a region below");
	ok(p.image.start + in.image_size <= 0x40000000, "a region below: the loader in it");
}

static void kernels(void)
{
	struct ms_place_input in = classic();

	memory[0].start = 0x50000000;
	bad(&in, "kernel-memory", "nearest address that would do is 0x50000000");
	in = classic();
	memory[0].end = 0x40200000;
	bad(&in, "kernel-memory", "no address would do");
	in = classic();
	in.hypervisor = true;
	bad(&in, "kernel-level", "is not one of EL2");
	in = microkit();
	in.hypervisor = false;
	bad(&in, "kernel-level", "is not one of EL1");
	in = classic();
	kernel = elf(0xffffff807ff00000, 0x7ff00000, 2 * MIB);
	memory[0].end = 0x90000000;
	bad(&in, "kernel-size", "crosses a multiple of 1 GiB");
	in = classic();
	kernel = elf(0xffffff8040001000, 0x40000000, 0x23d000);
	bad(&in, "kernel-alignment", "differ by a multiple of 2 MiB");
	in = classic();
	kernel = elf(0xffffff8040000800, 0x40000800, 0x23d000);
	bad(&in, "kernel-alignment", "must be on pages");
	in = classic();
	kernel = elf(0xffffff8040000000, 0x7000000000000000, 0x1000);
	bad(&in, "kernel-memory", "beyond physical addresses");
	in = classic();
	kernel = elf(0xffffff8040000000, 0x40000000, (uint64_t)1 << 31);
	bad(&in, "kernel-size", "crosses");
	in = classic();
	kernel = elf(0xffffffcb40000000, 0x4b40000000, 0x23d000);
	memory[0].start = 0x4b40000000;
	memory[0].end = 0x4b80000000;
	good(&in, "a kernel at 301 GiB");
}

static void trees(void)
{
	struct ms_place_input in = classic();

	in.dtb_size = UINT32_MAX;
	bad(&in, "dtb-memory", "reaches past the end of memory");
	in.dtb_size = (uint64_t)UINT32_MAX + 1;
	bad(&in, "dtb-size", "at most 0xffffffff");
	in = classic();
	memory[0].end = 0x4023e000;
	bad(&in, "dtb-memory", "memory would have to reach 0x4023f000");
}

static void roots(void)
{
	struct ms_place_input in = classic();

	root = elf(0x7ffffffff000 - 0x7000 - 0x4000, 0, 0x7000);
	good(&in, "a root task just below user space's end");
	root = elf(0x7ffffffff000 - 0x7000 - 0x3000, 0, 0x7000);
	bad(&in, "root-address", "the nearest address that would do is 0x7fffffff4000");
	in = microkit();
	root = elf(0xffffffe000 - 0x7000 - 0x1000, 0, 0x7000);
	good(&in, "the same in 40 bits, without a device tree");
	root = elf(0xffffffe000, 0, 0x7000);
	bad(&in, "root-address", "end above user space (0xffffffffff)");
	in.pa_bits = 44;
	good(&in, "which 44 bits allow");
	root = elf(0xfffffffe000, 0, 0x7000);
	bad(&in, "root-address", "end above user space (0xfffffffffff)");
	in = classic();
	root = elf(0xffffffffffff0000, 0, 0x7000);
	bad(&in, "root-address", "end above user space");
	root = elf(0x1000, 0, (uint64_t)1 << 62);
	bad(&in, "root-address", "no address would do");

	in = classic();
	root = elf(0x400000, 0, 16 * MIB);
	bad(&in, "root-slots", "more than the 4096 slots");
	root = elf(0x400000, 0, 14 * MIB);
	good(&in, "14 MiB of root task");
	in = microkit();
	root = elf(0x400000, 0, 256 * MIB);
	good(&in, "256 MiB with a larger root CNode");

	memory[0].end = 0x70000000;
	bad(&in, "root-memory", "memory would have to reach 0x70480000");
	memory[0].end = 0x70500000;
	bad(&in, "kernel-objects", "aligned to 0x400000");
}

/* Of a system the places are given; they still have to be in memory. */
static void systems(void)
{
	struct ms_place_input in = classic();
	struct ms_placement p;

	root = elf(0x10000000, 0, 0x7000);
	in.archive_size = 0x40000;
	in.image_size = 0x40000 + 0x40000;
	p = good(&in, "a system");
	ok(p.image.start == 0x40400000 && p.user.start == 0x40440000 && p.root.start == 0x40480000,
	   "a system: archive and root task in a row");
	memory[0].end = 0x40486000;
	memory[1] = (struct ms_kernel_range){0x50000000, 0x60000000};
	in.memory_count = 2;
	bad(&in, "image-memory", "need 0x40400000..0x40487000");
	memory[0].end = 0x40487000;
	good(&in, "a system to the end of a piece of memory");

	/* A capability for each of the archive's pages, too. */
	in = classic();
	root = elf(0x10000000, 0, 2 * MIB);
	in.archive_size = 13 * MIB;
	in.image_size = in.archive_size + 0x40000;
	in.max_untypeds = 100;
	p = good(&in, "a system of 15 MiB");
	ok(p.slots == 16 + 2 + 11 + 2 + 3840 + 100,
	   "fixed, its own, page tables, device tree, every page, untypeds");
	in.max_untypeds += (unsigned)(p.slots_have - p.slots);
	p = good(&in, "a system that fills the root CNode");
	ok(p.slots == p.slots_have, "a system: to the last slot");
	in.max_untypeds++;
	bad(&in, "root-slots", "the 3840 pages of archive and root task and");
	in.max_untypeds--;
	in.archive_size++;
	bad(&in, "root-slots", "the 3841 pages of archive and root task and");
	root = elf(13 * MIB + 4096, 0, 0x7000);
	in.max_untypeds = 0;
	good(&in, "a system that begins at address 0");
	in.archive_size += 4096;
	bad(&in, "root-address", "do not fit below its virtual address 0xd01000");
}

/* The other cores of an SMP kernel use the loader's page tables until the objects are made. */
static void cores(void)
{
	struct ms_place_input in = microkit();
	struct ms_placement p;

	in.image_start = 0xbf800000;
	p = good(&in, "one core: the loader where the objects will be");
	ok(!apart(p.objects, p.image), "one core: they may overlap");
	in.cores = 4;
	bad(&in, "kernel-objects", "0xbf800000..0xbfc0");
	in.image_start = 0xbf400000;
	p = good(&in, "four cores: below them");
	ok(apart(p.objects, p.image), "four cores: they do not overlap");

	/* Where the usual place is not good, another one is found. */
	in.image_start = 0;
	memory[0].end = 0x60c00000;
	in.cores = 1;
	p = good(&in, "one core, 12 MiB");
	ok(p.image.start == 0x60400000 && !apart(p.objects, p.image), "one core: 4 MiB above");
	in.cores = 4;
	p = good(&in, "four cores, 12 MiB");
	ok(apart(p.objects, p.image), "four cores: the loader elsewhere");
}

static void loaders(void)
{
	struct ms_place_input in = classic();
	struct ms_placement p;

	in.image_size = 0x3fc00000;
	good(&in, "a loader image up to the end of memory");
	in.image_size = 0x40000000;
	bad(&in, "loader-memory", "memory would have to reach");
	in.image_size = 0;
	bad(&in, "loader-size", "cannot be placed");
	in.image_size = UINT64_MAX;
	bad(&in, "loader-size", "cannot be placed");

	in = classic();
	in.image_start = 0x48000000;
	p = good(&in, "a given address");
	ok(p.image.start == 0x48000000, "a given address: is kept");
	in.image_start = 0x40200000;
	bad(&in, "loader-memory", "the nearest address that would do is 0x40400000");
	in.image_start = 0x30000000;
	bad(&in, "loader-memory", "the nearest address that would do is 0x40400000");
	in.image_start = 0x90000000;
	bad(&in, "loader-memory", "the nearest address that would do is 0x7fe00000");
	in.image_start = 0x40401000;
	bad(&in, "loader-address", "not a multiple of 2 MiB");
	in.image_start = (uint64_t)1 << 60;
	bad(&in, "loader-address", "below 2^56");
}

static void numbers(void)
{
	struct ms_place_input in = classic();

	in.memory_count = 0;
	bad(&in, "memory-regions", "0 memory regions");
	in.memory_count = MS_PLACE_REGIONS + 1;
	bad(&in, "memory-regions", "65 memory regions");
	in = classic();
	memory[0].end = memory[0].start;
	bad(&in, "memory-regions", "is empty");
	in = classic();
	memory[0].end = UINT64_MAX;
	bad(&in, "memory-regions", "beyond 2^56");
	in = classic();
	memory[1] = memory[0];
	in.memory_count = 2;
	bad(&in, "memory-regions", "out of order");
	in = classic();
	in.pa_bits = 48;
	bad(&in, "kernel-config", "48-bit");
	in = classic();
	in.root_cnode_bits = 60;
	bad(&in, "kernel-config", "60-bit");
	in = classic();
	in.cores = 0;
	bad(&in, "kernel-config", "0 cores");
	in.cores = 9;
	bad(&in, "kernel-config", "the loader starts at most 8");

	/* Memory above the kernel's window does not count. */
	in = classic();
	memory[0].start = (uint64_t)511 << 30;
	memory[0].end = (uint64_t)512 << 30;
	kernel = elf(0xffffff8040000000, memory[0].start, 0x1000);
	bad(&in, "kernel-memory", "no address would do");
}

/* The map covers memory without a hole, and nothing twice. */
static void map(void)
{
	struct ms_place_input in = classic();
	struct ms_map_line lines[MS_MAP_LINES];
	struct ms_placement p = good(&in, "map");
	size_t count = ms_place_map(&in, &p, lines);
	uint64_t at = 0x40000000;
	bool whole = true;

	for (size_t i = 0; i < count; i++) {
		whole = whole && lines[i].range.start == at && lines[i].range.end > at;
		at = lines[i].range.end;
	}
	ok(whole && at == 0x80000000, "the map has no holes");
	ok(strcmp(lines[0].name, "kernel") == 0 && strcmp(lines[1].name, "dtb") == 0 &&
	       strcmp(lines[2].name, "free") == 0 && strcmp(lines[3].name, "rootserver") == 0,
	   "the map is in order");
}

/* Random inputs: a sound placement or a named fault. */
static void random_inputs(void)
{
	uint64_t seed = 99;
	unsigned placed = 0, unsound = 0, mute = 0;

	for (int round = 0; round < 20000; round++) {
		struct ms_place_input in = classic();
		struct ms_place_fault fault = {0};
		struct ms_placement p;
		uint64_t r[6];

		for (unsigned i = 0; i < 6; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			r[i] = seed >> 24;
		}
		memory[0].end = 0x40000000 + ((r[0] % 64) << 20) + (r[0] % 3) * 0x1000;
		memory[1].start = memory[0].end + ((r[1] % 16) << 20);
		memory[1].end = memory[1].start + ((1 + r[1] % 64) << 20);
		in.memory_count = 1 + r[2] % 2;
		root = elf(0x400000 + r[2] % 5000, 0, 1 + r[3] % (12 * MIB));
		in.dtb_size = r[4] % 3 ? r[4] % (2 * MIB) : 0;
		in.image_size = 1 + r[5] % (24 * MIB);
		if (r[5] % 4 == 0)
			in.image_start = 0x40000000 + (r[4] % 64) * 0x200000;
		if (ms_place(&in, &p, &fault)) {
			placed++;
			unsound += !sound(&in, &p);
		} else {
			mute += !fault.rule || !fault.text;
		}
		free((void *)(uintptr_t)kernel.data);
		free((void *)(uintptr_t)root.data);
	}
	ok(placed > 1000 && placed < 19000, "random inputs: %u of 20000 are placed", placed);
	ok(unsound == 0, "random inputs: %u placements are unsound", unsound);
	ok(mute == 0, "random inputs: %u refusals say nothing", mute);
}

int main(void)
{
	usual();
	larger();
	kernels();
	trees();
	roots();
	loaders();
	systems();
	cores();
	numbers();
	map();
	random_inputs();
	done_testing();
	return 0;
}
