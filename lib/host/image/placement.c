/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * placement.c - placement of loader, kernel, device tree and root task. See placement.h.
 */
#include "image/placement.h"
#include "base/mem.h"
#include "both/handoff.h"
#include "layout/boot_rules.h"

#include <inttypes.h>
#include <string.h>

#define PAGE    ((uint64_t)HANDOFF_PAGE)
#define BLOCK   HANDOFF_BLOCK
#define NOWHERE UINT64_MAX

#define RANGE   "0x%" PRIx64 "..0x%" PRIx64
#define ARGS(r) (r).start, (r).end

typedef struct ms_kernel_range range;

static uint64_t down(uint64_t value, uint64_t align)
{
	return value & ~(align - 1);
}

/* Addresses here are below 2^56 (checked at the start), so nothing wraps. */
static uint64_t up(uint64_t value, uint64_t align)
{
	return down(value + align - 1, align);
}

static bool fail(struct ms_place_fault *fault, const char *rule, char *text)
{
	fault->rule = rule;
	fault->text = text;
	return false;
}

/* The memory regions, for messages. */
static const char *memory_text(const struct ms_place_input *in)
{
	struct ms_buf buf = {0};

	for (size_t i = 0; i < in->memory_count; i++)
		ms_buf_printf(&buf, "%s" RANGE, i ? ", " : "", ARGS(in->memory[i]));
	return buf.data;
}

/* -- free space ---------------------------------------------------------------------------- */

#define USED_MAX 5

struct space {
	range items[MS_PLACE_REGIONS + USED_MAX];
	size_t count;
};

/* Memory that the kernel can use: the regions, cut at the end of its window. */
static range region(const struct ms_place_input *in, size_t i)
{
	range r = in->memory[i];

	if (r.end > HANDOFF_PHYS_TOP)
		r.end = HANDOFF_PHYS_TOP;
	return r;
}

/* Memory without the used ranges, ascending. Byte-exact, as the kernel counts. */
static struct space free_space(const struct ms_place_input *in, const range *used, size_t count)
{
	struct space space = {.count = 0};

	for (size_t i = 0; i < in->memory_count; i++) {
		range r = region(in, i);
		uint64_t at = r.start;

		while (at < r.end) {
			uint64_t end = r.end, skip = at;

			for (size_t k = 0; k < count; k++) {
				if (used[k].start <= at && at < used[k].end && skip < used[k].end)
					skip = used[k].end;
				if (used[k].start > at && used[k].start < end &&
				    used[k].start < used[k].end)
					end = used[k].start;
			}
			if (skip > at) {
				at = skip;
				continue;
			}
			space.items[space.count].start = at;
			space.items[space.count++].end = end;
			at = end;
		}
	}
	return space;
}

/* The start nearest to wanted, and not below min, of size free bytes; NOWHERE without one. */
static uint64_t nearest(const struct space *space, uint64_t wanted, uint64_t min, uint64_t size,
                        uint64_t align)
{
	uint64_t best = NOWHERE, distance = NOWHERE;

	for (size_t i = 0; i < space->count; i++) {
		const range *piece = &space->items[i];
		uint64_t low = up(piece->start > min ? piece->start : min, align);
		uint64_t high, at, d;

		if (piece->end < size || low > piece->end - size)
			continue;
		high = down(piece->end - size, align);
		at = wanted <= low ? low : wanted >= high ? high : up(wanted, align);
		d = at > wanted ? at - wanted : wanted - at;
		if (d < distance) {
			best = at;
			distance = d;
		}
	}
	return best;
}

static uint64_t first_from(const struct space *space, uint64_t min, uint64_t size, uint64_t align)
{
	return nearest(space, min, min, size, align);
}

static const char *space_text(const struct space *space)
{
	struct ms_buf buf = {0};

	for (size_t i = 0; i < space->count; i++)
		ms_buf_printf(&buf, "%s" RANGE, i ? ", " : "", ARGS(space->items[i]));
	return space->count ? buf.data : "nothing";
}

static char *nearest_text(uint64_t address)
{
	if (address == NOWHERE)
		return ms_strdup("no address would do");
	return ms_format("the nearest address that would do is 0x%" PRIx64, address);
}

/* -- what does not depend on the choice ---------------------------------------------------- */

static bool check_numbers(const struct ms_place_input *in, struct ms_place_fault *fault)
{
	const uint64_t limit = (uint64_t)1 << 56;

	if (in->memory_count == 0 || in->memory_count > MS_PLACE_REGIONS)
		return fail(fault, "memory-regions",
		            ms_format("the kernel has %zu memory regions; 1 to %d can be placed in",
		                      in->memory_count, MS_PLACE_REGIONS));
	for (size_t i = 0; i < in->memory_count; i++) {
		const range *r = &in->memory[i];

		if (r->start >= r->end || r->end > limit ||
		    (i > 0 && r->start < in->memory[i - 1].end))
			return fail(fault, "memory-regions",
			            ms_format("memory region " RANGE " is empty, out of order, or "
			                      "beyond 2^56",
			                      ARGS(*r)));
	}
	if ((in->pa_bits != 40 && in->pa_bits != 44) || in->root_cnode_bits < 4 ||
	    in->root_cnode_bits > 32 || in->cores < 1 || in->max_untypeds > 65536)
		return fail(fault, "kernel-config",
		            ms_format("no kernel has %u-bit addresses, %u-bit root CNode, %s "
		                      "and %s",
		                      in->pa_bits, in->root_cnode_bits,
		                      ms_count_text(in->cores, "core"),
		                      ms_count_text(in->max_untypeds, "untyped")));
	if (in->cores > HANDOFF_MAX_CORES)
		return fail(
		    fault, "kernel-config",
		    ms_format("the kernel is built for %u cores; the loader starts at most %d",
		              in->cores, HANDOFF_MAX_CORES));
	if (in->image_size == 0 || in->image_size > limit / 4)
		return fail(fault, "loader-size",
		            ms_format("a loader image of 0x%" PRIx64 " bytes cannot be placed",
		                      in->image_size));
	if (in->image_start >= limit || in->image_start % BLOCK)
		return fail(fault, "loader-address",
		            ms_format("the loader image cannot start at 0x%" PRIx64
		                      ": not a multiple of 2 MiB below 2^56",
		                      in->image_start));
	/* The kernel reads the device tree's size as a 32-bit number. */
	if (in->dtb_size > UINT32_MAX)
		return fail(fault, "dtb-size",
		            ms_format("a device tree of 0x%" PRIx64 " bytes; at most 0xffffffff",
		                      in->dtb_size));
	return true;
}

/* One offset for all segments, as the kernel's window is mapped in blocks. */
static bool check_kernel_shape(const struct ms_place_input *in, const struct ms_placement *p,
                               struct ms_place_fault *fault)
{
	uint64_t size = p->kernel.end - p->kernel.start;
	uint64_t last = p->kernel_virt + (size - 1);

	for (unsigned i = 0; i < in->kernel->phnum; i++) {
		struct elf64_segment seg = elf64_segment(in->kernel, i);

		if (seg.type != ELF64_PT_LOAD || seg.memsz == 0)
			continue;
		if (seg.vaddr - seg.paddr != p->kernel_virt - p->kernel.start)
			return fail(fault, "kernel-segments",
			            ms_format("the kernel's segment at 0x%" PRIx64
			                      " is loaded at 0x%" PRIx64
			                      ": all must have one distance, and the first has "
			                      "0x%" PRIx64 " at 0x%" PRIx64,
			                      seg.vaddr, seg.paddr, p->kernel_virt,
			                      p->kernel.start));
	}
	if ((p->kernel_virt - p->kernel.start) % BLOCK || p->kernel.start % PAGE)
		return fail(fault, "kernel-alignment",
		            ms_format("the kernel's virtual address 0x%" PRIx64
		                      " and physical address 0x%" PRIx64
		                      " must be on pages and differ by a multiple of 2 MiB",
		                      p->kernel_virt, p->kernel.start));
	if (last < p->kernel_virt || p->kernel_virt >> 30 != last >> 30 ||
	    p->kernel.start >> 30 != (p->kernel.end - 1) >> 30)
		return fail(fault, "kernel-size",
		            ms_format("the kernel " RANGE " (virtual 0x%" PRIx64
		                      ") crosses a multiple of 1 GiB",
		                      ARGS(p->kernel), p->kernel_virt));
	if (p->kernel_virt >> 48 != (in->hypervisor ? 0u : 0xffffu) ||
	    p->kernel_virt < HANDOFF_WINDOW_EL2)
		return fail(fault, "kernel-level",
		            ms_format("the kernel's virtual address 0x%" PRIx64
		                      " is not one of EL%d, where its configuration runs",
		                      p->kernel_virt, in->hypervisor ? 2 : 1));
	return true;
}

static bool place_kernel(const struct ms_place_input *in, struct ms_placement *p,
                         struct ms_place_fault *fault)
{
	const struct elf64 *elf = in->kernel;
	size_t home = in->memory_count;

	if (elf->paddr_end > (uint64_t)1 << 56 || elf->paddr_start >= elf->paddr_end)
		return fail(fault, "kernel-memory",
		            ms_format("the kernel 0x%" PRIx64 "..0x%" PRIx64
		                      " lies beyond physical addresses",
		                      elf->paddr_start, elf->paddr_end));
	p->kernel.start = elf->paddr_start;
	p->kernel.end = up(elf->paddr_end, PAGE);
	p->kernel_virt = elf->vaddr_start;
	p->kernel_entry = elf->entry;
	if (!check_kernel_shape(in, p, fault))
		return false;
	for (size_t i = 0; i < in->memory_count; i++) {
		range r = region(in, i);

		if (r.start <= p->kernel.start && p->kernel.end <= r.end)
			home = i;
	}
	if (home == in->memory_count) {
		struct space all = free_space(in, NULL, 0);

		return fail(
		    fault, "kernel-memory",
		    ms_format("the kernel " RANGE " lies outside its memory (%s); %s",
		              ARGS(p->kernel), memory_text(in),
		              nearest_text(nearest(&all, p->kernel.start, 0,
		                                   p->kernel.end - p->kernel.start, BLOCK))));
	}
	if (in->dtb_size) {
		range r = region(in, home);

		p->dtb.start = p->kernel.end;
		p->dtb.end = p->dtb.start + in->dtb_size;
		if (p->dtb.end > r.end)
			return fail(fault, "dtb-memory",
			            ms_format("the device tree " RANGE ", behind the kernel " RANGE
			                      ", reaches past the end of memory " RANGE
			                      "; memory would have to reach 0x%" PRIx64,
			                      ARGS(p->dtb), ARGS(p->kernel), ARGS(r),
			                      up(p->dtb.end, PAGE)));
	}
	return true;
}

/* -- what the kernel makes for the root task ----------------------------------------------- */

static uint64_t user_top(const struct ms_place_input *in)
{
	if (!in->hypervisor)
		return HANDOFF_USER_TOP_EL1;
	return in->pa_bits == 44 ? HANDOFF_USER_TOP_PA44 : HANDOFF_USER_TOP_PA40;
}

static bool three_levels(const struct ms_place_input *in)
{
	return ms_boot_three_levels(in->hypervisor, in->pa_bits);
}

/* The end of what the kernel maps for the root task: image, IPC buffer, bootinfo, extra. */
static uint64_t mapped_end(const struct ms_place_input *in, const struct ms_placement *p,
                           uint64_t span)
{
	return p->root_virt + span + 2 * PAGE + ms_boot_extra_block(in->dtb_size);
}

/* The kernel makes a capability for every page of the user image, be it the archive's or the root
 * task's, and two slots are for the CNodes that the root task of a system makes. */
static bool check_slots(const struct ms_place_input *in, struct ms_placement *p, uint64_t span,
                        struct ms_place_fault *fault)
{
	uint64_t archive = up(in->archive_size, PAGE), pages = (archive + span) / PAGE, others;

	others = MS_BOOT_FIXED_SLOTS + (archive ? 2 : 0) +
	         ms_boot_tables(three_levels(in), p->root_virt - archive, mapped_end(in, p, span)) +
	         (ms_boot_extra_size(in->dtb_size) + PAGE - 1) / PAGE + (in->mcs ? in->cores : 0) +
	         in->max_untypeds;
	p->slots = others + pages;
	p->slots_have = (uint64_t)1 << in->root_cnode_bits;
	if (p->slots <= p->slots_have)
		return true;
	return fail(fault, "root-slots",
	            ms_format("the %" PRIu64 " pages of %s and %" PRIu64
	                      " other capabilities need more than the %" PRIu64
	                      " slots of this kernel's root CNode; at most %" PRIu64
	                      " pages would do",
	                      pages, archive ? "archive and root task" : "the root task", others,
	                      p->slots_have, others < p->slots_have ? p->slots_have - others : 0));
}

/* The root task's addresses and capabilities. span receives its bytes, whole pages. */
static bool check_root(const struct ms_place_input *in, struct ms_placement *p, uint64_t *span,
                       struct ms_place_fault *fault)
{
	uint64_t around = 2 * PAGE + ms_boot_extra_block(in->dtb_size), top = user_top(in), start,
	         end;

	p->root_virt = down(in->root->vaddr_start, PAGE);
	p->root_entry = in->root->entry;
	start = p->root_virt;
	end = in->root->vaddr_end;
	if (end <= start || end > top || up(end, PAGE) + around > top) {
		uint64_t size = up(end - start, PAGE) + around;

		return fail(fault, "root-address",
		            ms_format("the root task's virtual addresses " RANGE " and 0x%" PRIx64
		                      " bytes behind them (IPC buffer, bootinfo, "
		                      "device tree) end above user space (0x%" PRIx64 "); %s",
		                      start, end, around, top,
		                      nearest_text(size < top ? down(top - size, PAGE) : NOWHERE)));
	}
	if (in->archive_size > start)
		return fail(fault, "root-address",
		            ms_format("the archive's 0x%" PRIx64
		                      " bytes, which the kernel maps below the root task, do not "
		                      "fit below its virtual address 0x%" PRIx64,
		                      in->archive_size, start));
	*span = up(end, PAGE) - start;
	return check_slots(in, p, *span, fault);
}

/* The kernel's own rule for the root task's objects: the end of the highest free piece that
 * holds them. TCBs are 2 or 4 KiB; all other sizes are exact. */
static bool place_objects(const struct ms_place_input *in, struct ms_placement *p,
                          struct ms_place_fault *fault)
{
	const range used[] = {p->kernel, p->dtb, p->root};
	struct space space = free_space(in, used, 3);
	uint64_t span = p->root.end - p->root.start;
	uint64_t cnode = (uint64_t)32 << in->root_cnode_bits;
	uint64_t vspace = three_levels(in) ? 2 * PAGE : PAGE;
	uint64_t extra = ms_boot_extra_block(in->dtb_size);
	uint64_t align = cnode > vspace ? cnode : vspace;
	uint64_t size =
	    cnode + vspace + extra + 4 * PAGE /* TCB, IPC buffer, bootinfo, ASID pool */
	    + (in->mcs ? PAGE : 0) +
	    PAGE * ms_boot_tables(three_levels(in), p->root_virt, mapped_end(in, p, span));
	uint64_t start;

	if (align < extra)
		align = extra;
	if (space.count > in->memory_count + 1)
		return fail(fault, "free-pieces",
		            ms_format("kernel " RANGE ", device tree " RANGE " and root task " RANGE
		                      " leave %zu free pieces of memory; the kernel can keep %zu",
		                      ARGS(p->kernel), ARGS(p->dtb), ARGS(p->root), space.count,
		                      in->memory_count + 1));
	if (ms_boot_objects(space.items, space.count, size, align, &start) < space.count) {
		p->objects = (range){start, start + size};
		/* The first core clears them while the others still run by the loader's tables. */
		if (in->cores == 1 || p->objects.end <= p->image.start ||
		    p->image.end <= p->objects.start)
			return true;
		return fail(fault, "kernel-objects",
		            ms_format("the kernel, which is for %u cores, would put the root "
		                      "task's objects to " RANGE ", over the loader image " RANGE
		                      ", which cores other than the first are still using then",
		                      in->cores, ARGS(p->objects), ARGS(p->image)));
	}
	return fail(
	    fault, "kernel-objects",
	    ms_format("no free piece of memory (%s) holds the 0x%" PRIx64
	              " bytes, aligned to 0x%" PRIx64
	              ", that the kernel needs for the root task's objects; memory would "
	              "have to reach 0x%" PRIx64,
	              space_text(&space), size, align,
	              up(space.count ? space.items[space.count - 1].start : p->root.end, align) +
	                  up(size, align)));
}

/* -- the choice ---------------------------------------------------------------------------- */

/* How far an attempt came; the fault of the one that came furthest is told. */
enum stage { STAGE_NONE, STAGE_IMAGE, STAGE_ROOT, STAGE_OBJECTS };

struct search {
	const struct ms_place_input *in;
	struct ms_placement *p;
	struct ms_place_fault *fault;
	enum stage reached;
	uint64_t low;  /* the first page behind kernel and device tree */
	uint64_t span; /* of the root task */
};

static void told(struct search *s, enum stage stage, const char *rule, char *text)
{
	if (stage <= s->reached)
		return;
	s->reached = stage;
	fail(s->fault, rule, text);
}

static bool try_root(struct search *s, uint64_t start)
{
	struct ms_place_fault fault = {0};

	if (start == NOWHERE)
		return false;
	s->p->root.start = start;
	s->p->root.end = start + s->span;
	s->p->user = s->p->root;
	s->p->pv_offset = start - s->p->root_virt;
	if (place_objects(s->in, s->p, &fault))
		return true;
	told(s, STAGE_OBJECTS, fault.rule, fault.text);
	return false;
}

/* The loader image at start: does it fit, and with it a root task somewhere? */
static bool try_image(struct search *s, uint64_t start)
{
	struct ms_placement *p = s->p;
	const uint64_t size = s->in->image_size;
	range used[] = {p->kernel, p->dtb, {0, 0}};
	struct space space = free_space(s->in, used, 2);
	uint64_t at;

	if (start == NOWHERE)
		return false;
	p->image.start = start;
	p->image.end = start + size;
	if (first_from(&space, start, size, PAGE) != start) {
		at = nearest(&space, start, 0, size, BLOCK);
		told(s, STAGE_IMAGE, "loader-memory",
		     ms_format("the loader image " RANGE " does not fit: free of kernel " RANGE
		               " and device tree " RANGE " is %s; %s",
		               ARGS(p->image), ARGS(p->kernel), ARGS(p->dtb), space_text(&space),
		               at != NOWHERE ? nearest_text(at)
		                             : ms_format("memory would have to reach 0x%" PRIx64,
		                                         p->image.end)));
		return false;
	}
	used[2] = p->image;
	space = free_space(s->in, used, 3);
	/* The kernel insists on kernel < device tree < user image. */
	if (first_from(&space, s->low, s->span, PAGE) == s->low && try_root(s, s->low))
		return true;
	if (try_root(s, first_from(&space, up(p->image.end, PAGE), s->span, PAGE)))
		return true;
	at = first_from(&space, s->low, s->span, PAGE);
	if (at != NOWHERE)
		return try_root(s, at);
	told(s, STAGE_ROOT, "root-memory",
	     ms_format("the root task (0x%" PRIx64 " bytes, above 0x%" PRIx64
	               ") does not fit: free beside kernel " RANGE ", device tree " RANGE
	               " and loader image " RANGE " is %s; memory would have to reach 0x%" PRIx64,
	               s->span, s->low, ARGS(p->kernel), ARGS(p->dtb), ARGS(p->image),
	               space_text(&space), up(p->image.end, PAGE) + s->span));
	return false;
}

static bool in_one_region(const struct ms_place_input *in, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < in->memory_count; i++) {
		range r = region(in, i);

		if (r.start <= start && end <= r.end)
			return true;
	}
	return false;
}

/* Archive and root task are one user image. */
static bool place_system(struct search *s, uint64_t start)
{
	struct ms_placement *p = s->p;
	uint64_t pages = up(s->in->archive_size, PAGE);
	range root;
	uint64_t virt = p->root_virt;
	bool good;

	p->image.start = start;
	p->image.end = start + HANDOFF_LOADER_MAX + pages;
	root.start = p->image.end;
	root.end = root.start + s->span;
	p->pv_offset = root.start - virt;
	if (!in_one_region(s->in, start, root.end))
		return fail(
		    s->fault, "image-memory",
		    ms_format("the loader, the archive and the root task need 0x%" PRIx64
		              "..0x%" PRIx64
		              ", which is not all in one piece of this kernel's memory (%s)",
		              start, root.end, memory_text(s->in)));
	/* The kernel's rules are about the whole. */
	p->root.start = p->image.end - pages;
	p->root.end = root.end;
	p->root_virt = p->root.start - p->pv_offset;
	good = place_objects(s->in, p, s->fault);
	p->user = p->root;
	p->root = root;
	p->root_virt = virt;
	return good;
}

bool ms_place(const struct ms_place_input *in, struct ms_placement *p, struct ms_place_fault *fault)
{
	struct search s = {.in = in, .p = p, .fault = fault};
	range used[2];
	struct space space;
	uint64_t best;

	memset(p, 0, sizeof(*p));
	if (!check_numbers(in, fault) || !place_kernel(in, p, fault) ||
	    !check_root(in, p, &s.span, fault))
		return false;
	s.low = up(in->dtb_size ? p->dtb.end : p->kernel.end, PAGE);
	if (in->archive_size && in->image_start)
		return fail(fault, "loader-address",
		            ms_format("a system's loader image cannot be moved: ms-layout has "
		                      "decided where it lies"));
	if (in->image_start)
		return try_image(&s, in->image_start);

	best = down(p->kernel.start, BLOCK) + HANDOFF_LOADER_GAP;
	if (best < s.low)
		best = up(s.low, BLOCK);
	if (in->archive_size)
		return place_system(&s, best);
	used[0] = p->kernel;
	used[1] = p->dtb;
	space = free_space(in, used, 2);
	return try_image(&s, best) || try_image(&s, up(s.low + s.span, BLOCK)) ||
	       try_image(&s, first_from(&space, best, in->image_size, BLOCK)) ||
	       try_image(&s, nearest(&space, best, 0, in->image_size, BLOCK)) ||
	       try_image(&s, first_from(&space, up(p->objects.end, BLOCK), in->image_size, BLOCK));
}

/* -- the map ------------------------------------------------------------------------------- */

size_t ms_place_map(const struct ms_place_input *in, const struct ms_placement *p,
                    struct ms_map_line lines[MS_MAP_LINES])
{
	const range used[USED_MAX] = {p->kernel, p->dtb, p->root, p->image, p->objects};
	static const char *const names[USED_MAX] = {"kernel", "dtb", "rootserver", "loader",
	                                            "objects"};
	struct space space = free_space(in, used, USED_MAX);
	size_t count = 0;

	for (size_t i = 0; i < USED_MAX + space.count; i++) {
		struct ms_map_line line;
		size_t at;

		line.name = i < USED_MAX ? names[i] : "free";
		line.range = i < USED_MAX ? used[i] : space.items[i - USED_MAX];
		if (line.range.start == line.range.end)
			continue;
		for (at = count++; at > 0 && lines[at - 1].range.start > line.range.start; at--)
			lines[at] = lines[at - 1];
		lines[at] = line;
	}
	return count;
}
