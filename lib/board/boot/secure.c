/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * secure.c - what firmware does elsewhere: a machine that starts in EL3 has every interrupt on the
 * secure side, where a kernel in EL2 or EL1 would never see one. Of GICv2 (Arm IHI 0048) all go
 * to group 1, and the priority mask is opened; of GICv3 (IHI 0069) the two sides become one, and
 * the kernel gives groups itself. Runs in EL3 with MMU and caches off.
 */
#include "board/boot/boot.h"
#include "board/rt/aarch64.h"

#define GICD_CTLR    0x00
#define GICD_CTLR_DS (1u << 6) /* GICv3: no security states */
#define GICD_TYPER   0x04
#define GICD_IGROUPR 0x80
#define GICC_PMR     0x04

/* Distributor and CPU interface; in the file, since other cores read it past the caches. */
uint64_t boot_gic[2] __attribute__((section(".data")));

static int find_gic(const struct fdt *fdt, uint32_t node, unsigned depth)
{
	static const char *const names[] = {"arm,gic-400", "arm,cortex-a15-gic",
	                                    "arm,cortex-a9-gic", "arm,gic-v3"};
	uint64_t size;
	uint32_t child;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (fdt_compatible(fdt, node, names[i]))
			return fdt_reg(fdt, node, 0, &boot_gic[0], &size) == FDT_OK &&
			       fdt_reg(fdt, node, 1, &boot_gic[1], &size) == FDT_OK;
	}
	if (depth == FDT_MAX_DEPTH || fdt_child(fdt, node, &child) != FDT_OK)
		return 0;
	do {
		if (find_gic(fdt, child, depth + 1))
			return 1;
	} while (fdt_sibling(fdt, child, &child) == FDT_OK);
	return 0;
}

/* The archive's tree, else firmware's. */
static int open_tree(struct fdt *fdt, uint64_t dtb)
{
	const struct handoff_table *t = &handoff_table;
	const uint8_t *data;
	uint32_t size;

	if (!handoff_fault(t) && t->dtb.size > 0)
		return fdt_open(fdt, archive_start + t->dtb.offset, t->dtb.size) == FDT_OK;
	dtb = boot_tree_address(dtb);
	data = (const uint8_t *)(uintptr_t)dtb;
	if (dtb % 8 || fdt_be32(data) != FDT_MAGIC)
		return 0;
	size = fdt_be32(data + 4);
	return size <= BOOT_TREE_MAX && fdt_open(fdt, data, size) == FDT_OK;
}

void boot_secure(uint64_t dtb)
{
	volatile uint32_t *dist, *cpu;
	struct fdt fdt;

	if (!open_tree(&fdt, dtb) || !find_gic(&fdt, fdt_root(&fdt), 0)) {
		boot_gic[0] = 0;
		return;
	}
	dist = (volatile uint32_t *)(uintptr_t)boot_gic[0];
	/* The processor says which of the two it has; the archive's tree may be of the other. */
	if (RT_READ(id_aa64pfr0_el1) >> RT_PFR0_GIC & 15) {
		dist[GICD_CTLR / 4] = GICD_CTLR_DS;
		boot_gic[0] = 0; /* further cores have nothing to do */
		return;
	}
	cpu = (volatile uint32_t *)(uintptr_t)boot_gic[1];
	for (uint32_t i = 0; i <= (dist[GICD_TYPER / 4] & 31); i++)
		dist[GICD_IGROUPR / 4 + i] = UINT32_MAX;
	cpu[GICC_PMR / 4] = 0xff;
}
