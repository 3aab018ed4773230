/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * user.c - the root task: its address space as seL4 lays it out (image, IPC buffer, boot info,
 * device tree), its start state, and the system calls. Numbers are those of seL4 15.0.0 without
 * MCS, which the probe's gen_config.json claims to be.
 */
#include "board/probe/probe.h"
#include "board/rt/aarch64.h"

#include <string.h>

#define SYS_CALL           (-1)
#define SYS_YIELD          (-7)
#define SYS_DEBUG_PUT_CHAR (-9)
#define SYS_DEBUG_HALT     (-11)
#define LABEL_TCB_SUSPEND  11
#define LABEL(info)        ((info) >> 12)
#define SLOT_TCB           1
#define CNODE_BITS         12

#define PSTATE_START 0x40 /* EL0, FIQ masked: as seL4 starts it */
#define CLASS(esr)   ((esr) >> 26 & 63)
#define CLASS_SVC    0x15
#define KIND_USER    8 /* vector number: synchronous, from EL0 */

#define TABLES     64
#define ENTRIES    512
#define TREE_MAX   (16 * PROBE_PAGE)
#define ID_TREE    6 /* header of a device tree in the extra boot information */
#define SHIFT(lv)  (39 - 9 * (lv))
#define STAGE2_TOP (1ull << 39)

/* VTCR_EL2: 39-bit input addresses from level 1 on, 40-bit output, walks write-back. */
#define VTCR 0x80023559ull
/* HCR_EL2: 64-bit, stage 2, EL0's exceptions come here, EL0's stage 1 is off and write-back. */
#define HCR           (1ull << 31 | 1ull << 27 | 1ull << 12 | 1ull << 0)
#define STAGE2_NORMAL (0xfull << 2)
#define STAGE2_RW     (3ull << 6)

_Static_assert(sizeof(struct probe_frame) == 272 && offsetof(struct probe_frame, sp) == 248 &&
                   offsetof(struct probe_frame, pc) == 256 && sizeof(struct probe_found) == 56,
               "start.S");

/* struct seL4_BootInfo of a kernel without MCS, by words. */
enum bootinfo_word {
	BI_EXTRA_LEN = 0,
	BI_NODES = 2,
	BI_IPC_BUFFER = 4,
	BI_EMPTY_START = 5,
	BI_EMPTY_END = 6,
	BI_CNODE_BITS = 17
};

static uint64_t tables[TABLES][ENTRIES] __attribute__((aligned(PROBE_PAGE)));
static unsigned tables_used = 1; /* tables[0] is the root */
static uint64_t ipc_buffer[ENTRIES] __attribute__((aligned(PROBE_PAGE)));
static uint64_t boot_info[ENTRIES] __attribute__((aligned(PROBE_PAGE)));
static uint8_t extra_info[TREE_MAX] __attribute__((aligned(PROBE_PAGE)));

static _Noreturn void give_up(const char *why)
{
	rt_print("probe: %s; stopped\n", why);
	probe_stop();
}

/* EL2 has no translation of its own for EL0: stage 2 does it, which starts one level lower. */
static unsigned first_level(void)
{
	return rt_level() == 1 ? 0 : 1;
}

static void map_page(uint64_t virt, uint64_t phys)
{
	uint64_t *table = tables[0];
	uint64_t bits = RT_PTE_PAGE | RT_PTE_AF | RT_PTE_SHARED;

	if (rt_level() == 1)
		bits |= RT_PTE_ATTR(RT_MAIR_NORMAL) | RT_PTE_EL0 | RT_PTE_NOT_GLOBAL | RT_PTE_PXN;
	else if (virt >= STAGE2_TOP)
		give_up("the user image lies higher than this probe maps");
	else
		bits |= STAGE2_NORMAL | STAGE2_RW;
	for (unsigned level = first_level(); level < 3; level++) {
		uint64_t *entry = &table[virt >> SHIFT(level) & (ENTRIES - 1)];
		if (*entry == 0) {
			if (tables_used == TABLES)
				give_up("the user image is larger than this probe maps");
			*entry = probe_physical(tables[tables_used++]) | RT_PTE_TABLE;
		}
		table = probe_window(*entry & RT_PTE_ADDRESS);
	}
	table[virt >> SHIFT(3) & (ENTRIES - 1)] = phys | bits;
}

static void use_tables(void)
{
	rt_dsb();
	if (rt_level() == 1) {
		RT_WRITE(ttbr0_el1, probe_physical(tables[0]));
		rt_isb();
		__asm__ volatile("tlbi vmalle1\n\tdsb sy\n\tisb" ::: "memory");
	} else {
		RT_WRITE(vtcr_el2, VTCR);
		RT_WRITE(vttbr_el2, probe_physical(tables[0]));
		RT_WRITE(hcr_el2, HCR);
		rt_isb();
		__asm__ volatile("tlbi alle1\n\tdsb sy\n\tisb" ::: "memory");
	}
	rt_icache_invalidate();
}

/* Hands the device tree on as seL4 does: behind a header, in the pages after the boot info. */
static uint64_t fill_extra(uint64_t virt)
{
	uint64_t size = probe_found.args[5];
	uint64_t header[2] = {ID_TREE, size + sizeof(header)};

	if (size == 0)
		return 0;
	if (size > TREE_MAX - sizeof(header))
		give_up("the device tree is larger than this probe hands on");
	memcpy(extra_info, header, sizeof(header));
	memcpy(extra_info + sizeof(header), probe_window(probe_found.args[4]), size);
	for (uint64_t at = 0; at < header[1]; at += PROBE_PAGE)
		map_page(virt + at, probe_physical(extra_info + at));
	return header[1];
}

_Noreturn void probe_user_start(void)
{
	uint64_t start = probe_found.args[0], end = probe_found.args[1];
	uint64_t offset = probe_found.args[2];
	uint64_t buffer = end - offset, info = buffer + PROBE_PAGE;
	struct probe_frame frame = {.pc = probe_found.args[3], .pstate = PSTATE_START};

	for (uint64_t p = start; p < end; p += PROBE_PAGE)
		map_page(p - offset, p);
	map_page(buffer, probe_physical(ipc_buffer));
	map_page(info, probe_physical(boot_info));
	boot_info[BI_EXTRA_LEN] = fill_extra(info + PROBE_PAGE);
	boot_info[BI_NODES] = 1;
	boot_info[BI_IPC_BUFFER] = buffer;
	boot_info[BI_EMPTY_START] = 1ull << CNODE_BITS; /* no slot is free: there are none */
	boot_info[BI_EMPTY_END] = 1ull << CNODE_BITS;
	boot_info[BI_CNODE_BITS] = CNODE_BITS;
	use_tables();
	frame.x[0] = info;
	rt_print("probe: entering the root task at 0x%lx\n", frame.pc);
	probe_enter_user(&frame);
}

static _Noreturn void fault(const struct probe_frame *frame, uint64_t kind, uint64_t esr)
{
	uint64_t far = rt_level() == 1 ? RT_READ(far_el1) : RT_READ(far_el2);

	rt_print("probe: %s fault %lu: syndrome 0x%lx, address 0x%lx, at 0x%lx; stopped\n",
	         kind >= KIND_USER ? "root task" : "probe kernel", kind, esr, far, frame->pc);
	probe_stop();
}

static _Noreturn void suspended(void)
{
	rt_print("probe: the root task suspended itself; nothing is left to run\n");
	for (;;)
		__asm__ volatile("wfi");
}

void probe_exception(struct probe_frame *frame, uint64_t kind)
{
	static int again;
	uint64_t esr = rt_level() == 1 ? RT_READ(esr_el1) : RT_READ(esr_el2);

	if (kind != KIND_USER || CLASS(esr) != CLASS_SVC) {
		if (again++)
			rt_power_off(RT_PSCI_NONE);
		fault(frame, kind, esr);
	}
	switch ((int64_t)frame->x[7]) {
	case SYS_DEBUG_PUT_CHAR:
		if ((char)frame->x[0] == '\n')
			rt_uart_put('\r');
		rt_uart_put((char)frame->x[0]);
		return;
	case SYS_YIELD: return;
	case SYS_DEBUG_HALT: rt_print("\nprobe: the root task asked for a halt\n"); probe_stop();
	case SYS_CALL:
		if (frame->x[0] == SLOT_TCB && LABEL(frame->x[1]) == LABEL_TCB_SUSPEND)
			suspended();
		break;
	default: break;
	}
	rt_print("\nprobe: the root task made system call %s%lu (x0 0x%lx, x1 0x%lx), which is "
	         "not served; stopped\n",
	         (int64_t)frame->x[7] < 0 ? "-" : "",
	         (int64_t)frame->x[7] < 0 ? -frame->x[7] : frame->x[7], frame->x[0], frame->x[1]);
	probe_stop();
}
