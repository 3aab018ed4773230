/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main.c - the probe kernel: looks at what the loader left, switches to tables of its own (only
 * then can it print), checks, and starts the root task.
 */
#include "board/probe/probe.h"
#include "board/rt/aarch64.h"
#include "both/handoff.h"

#define PL011         0x09000000ull /* QEMU's virt board, as seL4's qemu-arm-virt has it */
#define ENTRIES       512
#define SHIFT_2_MIB   21
#define SHIFT_GIB     30
#define SHIFT_512_GIB 39
#define INDEX(a, s)   ((a) >> (s) & (ENTRIES - 1))

static uint64_t root_table[ENTRIES] __attribute__((aligned(PROBE_PAGE)));
static uint64_t gib_table[ENTRIES] __attribute__((aligned(PROBE_PAGE)));
static uint64_t kernel_table[ENTRIES] __attribute__((aligned(PROBE_PAGE)));
static uint64_t empty_table[ENTRIES] __attribute__((aligned(PROBE_PAGE)));

static uint64_t window_base(void)
{
	return rt_level() == 1 ? HANDOFF_WINDOW_EL1 : HANDOFF_WINDOW_EL2;
}

void *probe_window(uint64_t phys)
{
	return (void *)(uintptr_t)(window_base() + phys);
}

uint64_t probe_physical(const void *p)
{
	return (uint64_t)(uintptr_t)p - probe_virt + probe_phys;
}

/* All physical memory in blocks of 1 GiB, the first for devices on this board, the others memory;
 * and, where that is somewhere else, the kernel itself where it runs. */
static void switch_tables(void)
{
	uint64_t base = window_base();
	uint64_t normal = RT_PTE_BLOCK | RT_PTE_AF | RT_PTE_SHARED | RT_PTE_ATTR(RT_MAIR_NORMAL);
	uint64_t device = RT_PTE_BLOCK | RT_PTE_AF | RT_PTE_ATTR(RT_MAIR_DEVICE) | RT_PTE_XN;

	for (uint64_t i = 0; i < HANDOFF_PHYS_TOP / PROBE_GIB; i++)
		gib_table[i] = i * PROBE_GIB | (i == 0 ? device : normal);
	if (probe_virt - probe_phys != base) {
		uint64_t block = 1ull << SHIFT_2_MIB;
		uint64_t first = probe_virt & ~(block - 1), phys = probe_phys & ~(block - 1);
		for (uint64_t at = 0; first + at < probe_virt + probe_size; at += block)
			kernel_table[INDEX(first + at, SHIFT_2_MIB)] = (phys + at) | normal;
		gib_table[INDEX(probe_virt, SHIFT_GIB)] =
		    probe_physical(kernel_table) | RT_PTE_TABLE;
	}
	root_table[INDEX(base, SHIFT_512_GIB)] = probe_physical(gib_table) | RT_PTE_TABLE;
	rt_dsb();
	if (rt_level() == 1) {
		RT_WRITE(ttbr1_el1, probe_physical(root_table));
		RT_WRITE(ttbr0_el1, probe_physical(empty_table));
		rt_isb();
		__asm__ volatile("tlbi vmalle1\n\tdsb sy\n\tisb" ::: "memory");
	} else {
		RT_WRITE(ttbr0_el2, probe_physical(root_table));
		rt_isb();
		__asm__ volatile("tlbi alle2\n\tdsb sy\n\tisb" ::: "memory");
	}
}

/* What the loader's tables say about an address. */
static uint64_t translate(uint64_t virt)
{
	if (rt_level() == 1)
		__asm__ volatile("at s1e1w, %0\n\tisb" ::"r"(virt));
	else
		__asm__ volatile("at s1e2w, %0\n\tisb" ::"r"(virt));
	return RT_READ(par_el1);
}

static struct probe_state look(void)
{
	struct probe_state s = {
	    .level = rt_level(),
	    .tpidr = RT_READ(tpidr_el1),
	    .cntfrq = RT_READ(cntfrq_el0),
	    .pa_range = RT_READ(id_aa64mmfr0_el1) & 7,
	    .first = translate(probe_virt),
	    .last = translate(probe_virt + probe_size - 1),
	};

	if (s.level == 1) {
		s.sctlr = RT_READ(sctlr_el1);
		s.tcr = RT_READ(tcr_el1);
		s.mair = RT_READ(mair_el1);
	} else {
		s.sctlr = RT_READ(sctlr_el2);
		s.tcr = RT_READ(tcr_el2);
		s.mair = RT_READ(mair_el2);
		s.hcr = RT_READ(hcr_el2);
		s.cptr = RT_READ(cptr_el2);
		s.hstr = RT_READ(hstr_el2);
		s.vttbr = RT_READ(vttbr_el2);
		s.cntvoff = RT_READ(cntvoff_el2);
	}
	return s;
}

_Noreturn void probe_stop(void)
{
	rt_power_off(RT_PSCI_TRY);
}

_Noreturn void probe_main(void)
{
	struct probe_state state = look();

	switch_tables();
	rt_uart_use(&(struct rt_uart){
	    .kind = RT_UART_PL011, .base = (uintptr_t)probe_window(PL011), .width = 4});
	rt_print(
	    "\nprobe: this is moonshot's probe kernel. It is NOT seL4: it checks what a loader "
	    "hands over\nprobe: and runs one program with three system calls.\n");
	unsigned failed = probe_check(&state);
	if (failed > 0) {
		rt_print("probe: %u terms of the hand-off do not hold; stopped\n", failed);
		probe_stop();
	}
	probe_user_start();
}
