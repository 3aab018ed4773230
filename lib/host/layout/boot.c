/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot.c - seL4's boot on paper. See boot.h.
 *
 * The kernel computes in addresses of its window onto physical memory. They differ from physical
 * ones in a multiple of 2^39, and wrap: what cuts memory into untypeds must do the same, since
 * alignment is that of the window.
 */
#include "layout/boot.h"
#include "base/elf_file.h"
#include "base/mem.h"
#include "both/elf64.h"
#include "both/handoff.h"
#include "layout/boot_rules.h"
#include "layout/kernel_parts.h"

#include <inttypes.h>
#include <string.h>

#define PAGE       4096ull
#define MIN_BITS   4 /* of an untyped */
#define MAX_BITS   47
#define RANGES_MAX 600
#define RULE       "kernel-boot"

#define RANGE   "0x%" PRIx64 "..0x%" PRIx64
#define ARGS(r) (r).start, (r).end

typedef struct ms_kernel_range range;

struct ranges {
	range items[RANGES_MAX];
	size_t count;
};

struct work {
	const struct ms_boot_input *in;
	const struct ms_kernel *kernel;
	struct ms_boot *boot;
	uint64_t window;     /* PPTR_BASE */
	uint64_t extra;      /* bytes of the block for the extra boot info; a power of two or 0 */
	struct ranges taken; /* what is never a device untyped: ascending, disjoint */
	struct ranges free;  /* RAM that is left, ascending */
};

static uint64_t size_of(const struct ms_kernel *kernel, const char *object)
{
	int bits;

	return ms_kernel_find(kernel, MS_KERNEL_OBJECT_BITS, object, &bits) ? 1ull << bits : 0;
}

/* Adds a range to an ascending list, merging what touches or overlaps. */
static const char *take(struct ranges *list, range r)
{
	size_t at = 0, end;

	if (r.start >= r.end)
		return NULL;
	while (at < list->count && list->items[at].end < r.start)
		at++;
	for (end = at; end < list->count && list->items[end].start <= r.end; end++) {
		if (list->items[end].start < r.start)
			r.start = list->items[end].start;
		if (list->items[end].end > r.end)
			r.end = list->items[end].end;
	}
	if (list->count + 1 - (end - at) > RANGES_MAX)
		return "the kernel build names too many pieces of memory";
	memmove(&list->items[at + 1], &list->items[end],
	        (list->count - end) * sizeof(list->items[0]));
	list->count = list->count + 1 - (end - at);
	list->items[at] = r;
	return NULL;
}

/*
 * Devices that the kernel keeps. Its own table has them: physical address, window address, then
 * two 32-bit flags of which the second says that user level may have the frame as well. Without
 * symbols: what neither memory nor the device ranges of platform_gen cover.
 */
static const char *take_devices(struct work *w)
{
	const struct ms_kernel *k = w->kernel;
	uint64_t size, at = 0;
	const uint8_t *table = ms_kernel_symbol(k, "kernel_device_frames", &size);
	struct ranges known = {.count = 0};
	const char *why = NULL;

	if (table && size % 24 == 0) {
		for (uint64_t i = 0; i < size && !why; i += 24)
			if (!ms_le(table + i + 20, 4))
				why = take(&w->taken, (range){ms_le(table + i, 8),
				                              ms_le(table + i, 8) + PAGE});
		return why;
	}
	if (k->device_count == 0)
		return "the build does not say which devices the kernel keeps: it has neither "
		       "platform_gen nor symbols in its ELF file";
	for (size_t i = 0; i < k->device_count && !why; i++)
		why = take(&known, k->devices[i]);
	for (size_t i = 0; i < k->memory_count && !why; i++)
		why = take(&known, k->memory[i]);
	for (size_t i = 0; i <= known.count && !why; i++) {
		uint64_t end = i < known.count ? known.items[i].start : k->device_top;

		if (at < end)
			why = take(&w->taken, (range){at, end});
		if (i < known.count)
			at = known.items[i].end;
	}
	return why;
}

/* RAM without kernel, device tree and user image, byte-exact. */
static const char *find_free(struct work *w)
{
	const range used[] = {w->boot->kernel, w->in->dtb, w->in->user};
	const char *why = NULL;
	uint64_t last = 0;

	for (size_t u = 0; u < 3; u++) {
		if (used[u].start == used[u].end)
			continue;
		if (used[u].start < last || used[u].end < used[u].start)
			return ms_format("kernel " RANGE ", device tree " RANGE
			                 " and user image " RANGE " do not lie in this order",
			                 ARGS(used[0]), ARGS(used[1]), ARGS(used[2]));
		last = used[u].end;
	}
	for (size_t i = 0; i < w->kernel->memory_count && !why; i++) {
		range r = w->kernel->memory[i];

		if (r.end > HANDOFF_PHYS_TOP)
			r.end = HANDOFF_PHYS_TOP;
		for (size_t u = 0; u < 3; u++) {
			if (used[u].start == used[u].end || used[u].end <= r.start ||
			    used[u].start >= r.end)
				continue;
			if (used[u].start > r.start)
				w->free.items[w->free.count++] = (range){r.start, used[u].start};
			r.start = used[u].end;
		}
		if (r.start < r.end)
			w->free.items[w->free.count++] = r;
		if (w->free.count + 4 > RANGES_MAX)
			return "the kernel build names too many pieces of memory";
	}
	for (size_t i = 0; i < w->free.count && !why; i++)
		why = take(&w->taken, w->free.items[i]);
	for (size_t u = 0; u < 3 && !why; u++)
		why = take(&w->taken, used[u]);
	if (!why && w->free.count > w->kernel->memory_count + 1)
		why = ms_format("kernel " RANGE ", device tree " RANGE " and user image " RANGE
		                " leave %zu free pieces of memory; the kernel can keep %zu",
		                ARGS(used[0]), ARGS(used[1]), ARGS(used[2]), w->free.count,
		                w->kernel->memory_count + 1);
	return why;
}

/* The root task's objects come from the highest free piece that holds them. */
static const char *place_objects(struct work *w)
{
	const struct ms_kernel *k = w->kernel;
	uint64_t cnode = size_of(k, "CNode") << k->root_cnode_bits;
	uint64_t vspace = size_of(k, "VSpace"), align = cnode > vspace ? cnode : vspace;
	uint64_t size = cnode + vspace + size_of(k, "TCB") + 2 * PAGE + size_of(k, "ASIDPool") +
	                w->extra + (k->mcs ? size_of(k, "SchedContext") : 0) +
	                PAGE * w->boot->tables.count;
	uint64_t start;
	size_t i;

	if (align < w->extra)
		align = w->extra;
	i = ms_boot_objects(w->free.items, w->free.count, size, align, &start);
	if (i < w->free.count) {
		range *piece = &w->free.items[i];

		w->boot->objects = (range){start, start + size};
		memmove(piece + 2, piece + 1, (w->free.count - i - 1) * sizeof(*piece));
		w->free.count++;
		piece[1] = (range){start + size, piece->end};
		piece->end = start;
		return NULL;
	}
	return ms_format("no free piece of memory holds the 0x%" PRIx64
	                 " bytes, aligned to 0x%" PRIx64
	                 ", that the kernel needs for the root task's objects",
	                 size, align);
}

/* Cuts [start, end), in window addresses, into aligned powers of two. end below start: it wraps. */
static void cut(struct work *w, bool device, uint64_t start, uint64_t end)
{
	struct ms_boot *b = w->boot;

	while (start != end) {
		unsigned bits = 63 - (unsigned)__builtin_clzll(end - start);

		if (bits > MAX_BITS)
			bits = MAX_BITS;
		if (start != 0 && bits > (unsigned)__builtin_ctzll(start))
			bits = (unsigned)__builtin_ctzll(start);
		if (bits >= MIN_BITS && b->count < w->kernel->max_untypeds) {
			ms_reserve((void **)&b->untypeds, &b->cap, b->count + 1,
			           sizeof(*b->untypeds));
			b->untypeds[b->count].paddr = start - w->window;
			b->untypeds[b->count].bits = (uint8_t)bits;
			b->untypeds[b->count++].device = device;
		}
		start += 1ull << bits;
	}
}

static void cut_range(struct work *w, bool device, uint64_t start, uint64_t end)
{
	if (start < end)
		cut(w, device, start + w->window, end + w->window);
}

static const char *hand_out_memory(struct work *w)
{
	uint64_t start = 0, boot_end, size;

	for (size_t i = 0; i < w->taken.count; i++) {
		cut_range(w, true, start, w->taken.items[i].start);
		start = w->taken.items[i].end;
	}
	cut_range(w, true, start, w->kernel->device_top);
	if (elf64_symbol(&w->kernel->elf, "ki_boot_end", &boot_end, &size) != ELF64_OK)
		return "its ELF file has no symbol ki_boot_end, so which part of it is handed out "
		       "after its start cannot be known";
	if (boot_end < w->kernel->elf.vaddr_start || boot_end > w->kernel->elf.vaddr_end)
		return "its symbol ki_boot_end lies outside the kernel";
	cut_range(w, false, w->boot->kernel.start,
	          w->boot->kernel.start + (boot_end - w->kernel->elf.vaddr_start));
	for (size_t i = 0; i < w->free.count; i++)
		cut_range(w, false, w->free.items[i].start, w->free.items[i].end);
	return NULL;
}

/* The slots of the root CNode, in the order in which the kernel fills them. */
static void count_slots(struct work *w)
{
	struct ms_boot *b = w->boot;
	uint64_t next = MS_BOOT_FIXED_SLOTS;
	uint64_t dtb = w->in->dtb.end - w->in->dtb.start;

	b->extra.count = (ms_boot_extra_size(dtb) + PAGE - 1) / PAGE;
	b->sched.count = w->kernel->mcs ? w->kernel->cores : 0;
	b->frames.count = (w->in->user.end - w->in->user.start) / PAGE;
	b->untyped.count = b->count;
	struct ms_boot_slots *const order[] = {&b->tables, &b->extra, &b->sched, &b->frames,
	                                       &b->untyped};
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		order[i]->first = next;
		next += order[i]->count;
	}
	b->empty = next;
}

static const char *foresee(struct work *w, const char **rule)
{
	const struct ms_boot_input *in = w->in;
	const struct ms_kernel *k = w->kernel;
	struct ms_boot *b = w->boot;
	uint64_t dtb = in->dtb.end - in->dtb.start, slots = 1ull << k->root_cnode_bits;
	const char *why;

	w->extra = ms_boot_extra_block(dtb);
	b->kernel = (range){k->elf.paddr_start, k->elf.paddr_end};
	b->ipc_buffer = in->user_virt + (in->user.end - in->user.start);
	b->bootinfo = b->ipc_buffer + PAGE;
	b->virt_end = b->bootinfo + PAGE + w->extra;
	/* The kernel's USER_TOP is the last address, and even that is too much for it. */
	if (b->virt_end < in->user_virt || b->virt_end >= k->user_top - 1)
		return ms_format("the root task's memory 0x%" PRIx64 "..0x%" PRIx64
		                 " reaches past user space (0x%" PRIx64 ")",
		                 in->user_virt, b->virt_end, k->user_top);
	b->tables.count = ms_boot_tables(ms_boot_three_levels(k->hypervisor, k->pa_bits),
	                                 in->user_virt, b->virt_end);
	why = find_free(w);
	if (!why)
		why = take_devices(w);
	if (!why)
		why = place_objects(w);
	if (!why)
		why = hand_out_memory(w);
	if (why)
		return why;
	count_slots(w);
	if (b->empty <= slots)
		return NULL;
	*rule = "root-slots";
	return ms_format("the root CNode of this kernel has %" PRIu64 " slots; %" PRIu64
	                 " pages of the user image and %" PRIu64
	                 " other capabilities need more: at most %" PRIu64 " pages would do",
	                 slots, b->frames.count, b->empty - b->frames.count,
	                 slots > b->empty - b->frames.count ? slots - (b->empty - b->frames.count)
	                                                    : 0);
}

const char *ms_boot_foresee(const struct ms_boot_input *in, struct ms_boot *boot, const char **rule)
{
	struct work *w = ms_alloc(1, sizeof(*w));

	memset(boot, 0, sizeof(*boot));
	*rule = RULE;
	w->in = in;
	w->kernel = in->kernel;
	w->boot = boot;
	w->window = in->kernel->hypervisor ? HANDOFF_WINDOW_EL2 : HANDOFF_WINDOW_EL1;
	return foresee(w, rule);
}
