/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check.c - the terms of the hand-off, each looked at and printed.
 */
#include "board/probe/probe.h"
#include "board/rt/aarch64.h"
#include "both/fdt.h"
#include "both/handoff.h"

#define PAR_FAILED      1ull
#define PAR_ADDRESS     0x0000fffffffff000ull
#define PAR_SHARED(par) ((par) >> 7 & 3)
#define PAR_ATTR(par)   ((par) >> 56)
#define INNER           3
#define WRITE_BACK      0xff

#define HCR_RW     (1ull << 31)
#define CPTR_EL2   0x33ffull
#define TCR_EL2_T0 0x3full

#define UPPER_HALF 0xffff000000000000ull

static unsigned checked, failures;

static void check(int good, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void check(int good, const char *format, ...)
{
	va_list ap;

	checked++;
	failures += !good;
	rt_print("probe: %s ", good ? "ok  " : "FAIL");
	va_start(ap, format);
	rt_vprint(format, ap);
	va_end(ap);
	rt_print("\n");
}

static int aligned(uint64_t value)
{
	return value % PROBE_PAGE == 0;
}

static uint64_t round_page(uint64_t value)
{
	return (value + PROBE_PAGE - 1) & ~(PROBE_PAGE - 1);
}

static uint64_t kernel_end(void)
{
	return round_page(probe_phys + probe_size);
}

static void check_processor(const struct probe_state *s)
{
	unsigned level = probe_virt >= UPPER_HALF ? 1 : 2;

	check(s->level == level, "exception level is EL%lu, linked for EL%u", s->level, level);
	check((s->sctlr & RT_SCTLR_M) && (s->sctlr & RT_SCTLR_C) && (s->sctlr & RT_SCTLR_I),
	      "MMU and caches are on: SCTLR 0x%lx", s->sctlr);
	check(s->mair == RT_MAIR, "memory attributes: MAIR 0x%lx", s->mair);
	if (level == 1) {
		uint64_t want = RT_TCR_EL1 | s->pa_range << RT_TCR_EL1_IPS;
		check(s->tcr == want, "translation control: TCR 0x%lx, want 0x%lx", s->tcr, want);
	} else {
		check(s->tcr == RT_TCR_EL2_PA40, "translation control: TCR 0x%lx, want 0x%llx",
		      s->tcr, RT_TCR_EL2_PA40);
		check(s->hcr == HCR_RW, "HCR_EL2 is RW alone: 0x%lx", s->hcr);
		check(s->cptr == CPTR_EL2, "CPTR_EL2 traps nothing: 0x%lx", s->cptr);
		check(s->hstr == 0 && s->vttbr == 0, "HSTR_EL2 and VTTBR_EL2 are zero");
		check(s->cntvoff == 0, "CNTVOFF_EL2 is zero");
	}
	check(s->cntfrq != 0, "counter frequency: %lu Hz", s->cntfrq);
	check(s->tpidr == 0, "TPIDR_EL1 says core %lu", s->tpidr);
}

static void check_mapping(const char *which, uint64_t par, uint64_t phys)
{
	check(!(par & PAR_FAILED) && (par & PAR_ADDRESS) == (phys & PAR_ADDRESS) &&
	          PAR_ATTR(par) == WRITE_BACK && PAR_SHARED(par) == INNER,
	      "the kernel's %s page is mapped to 0x%lx, write-back, inner shareable", which,
	      phys & ~(PROBE_PAGE - 1));
}

/* Bytes, a hole, bytes (start.S). */
static int pattern_is_whole(void)
{
	extern const uint64_t probe_pattern[], probe_pattern_end[];
	size_t count = (size_t)(probe_pattern_end - probe_pattern);

	for (size_t i = 0; i < count; i++) {
		uint64_t want = i < 16 || i >= count - 16 ? 0x0123456789abcdef : 0;
		if (probe_pattern[i] != want)
			return 0;
	}
	return 1;
}

static void check_kernel(const struct probe_state *s)
{
	check_mapping("first", s->first, probe_phys);
	check_mapping("last", s->last, probe_phys + probe_size - 1);
	check(pattern_is_whole(), "the kernel's bytes arrived, holes are zero");
	check(probe_found.bss_dirt == 0, "the kernel's bss is zero (first other word: 0x%lx)",
	      probe_found.bss_dirt);
}

static void check_tree(uint64_t start, uint64_t size)
{
	struct fdt fdt;

	if (start == 0 || size == 0) {
		check(start == 0 && size == 0, "no device tree: x4 0x%lx, x5 0x%lx", start, size);
		return;
	}
	check(aligned(start) && start >= kernel_end() && start < HANDOFF_PHYS_TOP,
	      "x4: device tree at 0x%lx, above the kernel's end 0x%lx", start, kernel_end());
	check(start + size <= probe_found.args[0], "x5: it ends at 0x%lx, below the user image",
	      start + size);
	if (failures > 0)
		return;
	const uint8_t *data = probe_window(start);
	enum fdt_error error = fdt_open(&fdt, data, size);
	check(error == FDT_OK, "it is a device tree: %s", fdt_error_text(error));
	check(fdt_be32(data + 4) == size, "its own size, %u, is x5", fdt_be32(data + 4));
	if (error != FDT_OK)
		return;
	uint64_t memory, bytes;
	uint32_t node;
	if (fdt_path(&fdt, "/memory", 7, &node) == FDT_OK &&
	    fdt_reg(&fdt, node, 0, &memory, &bytes) == FDT_OK)
		check(probe_found.args[0] >= memory && probe_found.args[1] <= memory + bytes,
		      "the user image lies in memory: 0x%lx..0x%lx", memory, memory + bytes);
}

static void check_user(void)
{
	uint64_t start = probe_found.args[0], end = probe_found.args[1];
	uint64_t offset = probe_found.args[2], entry = probe_found.args[3];
	uint64_t tree = probe_found.args[4], tree_size = probe_found.args[5];
	uint64_t top = probe_virt >= UPPER_HALF ? HANDOFF_USER_TOP_EL1 : HANDOFF_USER_TOP_PA40;
	uint64_t extra = HANDOFF_BOOT_PAGES * PROBE_PAGE;

	if (tree_size > 0)
		extra += round_page(HANDOFF_DTB_HEADER + tree_size);
	check(aligned(start) && aligned(end) && start < end && end <= HANDOFF_PHYS_TOP,
	      "x0, x1: user image 0x%lx..0x%lx is whole pages", start, end);
	check(start >= kernel_end(), "it lies above the kernel");
	check(aligned(offset), "x2: physical minus virtual is whole pages: 0x%lx", offset);
	check(start - offset < end - offset && end - offset <= top && extra <= top - (end - offset),
	      "virtual 0x%lx..0x%lx and %lu pages more are user addresses", start - offset,
	      end - offset, extra / PROBE_PAGE);
	check(entry >= start - offset && entry < end - offset && entry % 4 == 0,
	      "x3: entry 0x%lx lies inside", entry);
	/* kernel..tree, tree..image, image..end: the last one is always there */
	unsigned gaps = 1;
	if (tree != 0)
		gaps += (unsigned)(tree > kernel_end()) + (unsigned)(start > tree + tree_size);
	else
		gaps += (unsigned)(start > kernel_end());
	check(gaps <= 2, "%u free pieces of memory beside what is reserved, at most 2", gaps);
}

unsigned probe_check(const struct probe_state *state)
{
	check_processor(state);
	check_kernel(state);
	check_user();
	check_tree(probe_found.args[4], probe_found.args[5]);
	rt_print("probe: %u terms of the hand-off checked\n", checked);
	return failures;
}
