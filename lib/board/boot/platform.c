/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * platform.c - what the loader must know about the board, read from device trees: the console
 * (/chosen stdout-path), PSCI, and the cores.
 *
 * The archive's tree comes first: its bytes are the ones that the image was built with. It is
 * read before its digest is checked, since a failed check must be seen on a console; lib/both/fdt
 * takes any bytes.
 */
#include "board/boot/boot.h"
#include "board/rt/aarch64.h"

#include <string.h>

struct boot_platform boot_platform;

static void find_console(const struct fdt *fdt)
{
	struct rt_uart uart = {RT_UART_NONE, 0, 0, 0};
	const char *name = boot_console(fdt, &uart);

	if (!name || !boot_map(uart.base, uart.base + HANDOFF_PAGE, BOOT_DEVICE))
		return;
	boot_platform.console = name;
	boot_platform.uart = uart;
	rt_uart_use(&uart);
}

static void find_psci(const struct fdt *fdt, unsigned started_level)
{
	struct fdt_property method;
	uint32_t node;

	if (fdt_path(fdt, "/psci", 5, &node) != FDT_OK ||
	    fdt_property(fdt, node, "method", &method) != FDT_OK || method.len != 4)
		return;
	/* Below EL3 firmware only SMC leads there, whatever a tree that was made for the same
	 * board in another configuration says. In EL3 there is no firmware. */
	if (started_level == 3)
		boot_platform.conduit = RT_PSCI_NONE;
	else if (started_level == 2)
		boot_platform.conduit = RT_PSCI_SMC;
	else if (memcmp(method.value, "hvc", 4) == 0)
		boot_platform.conduit = RT_PSCI_HVC;
	else
		boot_platform.conduit = RT_PSCI_TRY;
}

static uint64_t cells_of(const struct fdt_property *property)
{
	if (property->len == 4)
		return fdt_be32(property->value);
	return (uint64_t)fdt_be32(property->value) << 32 | fdt_be32(property->value + 4);
}

/* The cores of /cpus in their order, the one that runs first. */
static void find_cores(const struct fdt *fdt, unsigned wanted)
{
	struct fdt_property type, reg, release;
	uint64_t self = RT_READ(mpidr_el1) & RT_MPIDR_AFFINITY;
	uint32_t node;
	enum fdt_error error = fdt_path(fdt, "/cpus", 5, &node);

	boot_platform.mpidr[0] = self;
	boot_platform.cores = 1;
	if (error == FDT_OK)
		error = fdt_child(fdt, node, &node);
	for (; error == FDT_OK && boot_platform.cores < wanted;
	     error = fdt_sibling(fdt, node, &node)) {
		if (fdt_property(fdt, node, "device_type", &type) != FDT_OK || type.len != 4 ||
		    memcmp(type.value, "cpu", 4) != 0)
			continue;
		if (fdt_property(fdt, node, "reg", &reg) != FDT_OK ||
		    (reg.len != 4 && reg.len != 8))
			continue;
		uint64_t mpidr = cells_of(&reg) & RT_MPIDR_AFFINITY;
		if (mpidr == self)
			continue;
		unsigned i = boot_platform.cores++;
		boot_platform.mpidr[i] = mpidr;
		boot_platform.release[i] = 0;
		if (fdt_property(fdt, node, "cpu-release-addr", &release) == FDT_OK &&
		    (release.len == 4 || release.len == 8))
			boot_platform.release[i] = cells_of(&release);
	}
}

/* Takes what is still unknown from a tree. */
static void read_tree(const struct fdt *fdt, unsigned cores, unsigned started_level)
{
	if (!boot_platform.console)
		find_console(fdt);
	if (boot_platform.conduit == RT_PSCI_NONE)
		find_psci(fdt, started_level);
	if (boot_platform.cores < cores)
		find_cores(fdt, cores);
}

/* Opens a tree that firmware left at an address, when there is one. */
static int open_boot_tree(struct fdt *fdt, uint64_t address)
{
	const uint8_t *data = (const uint8_t *)(uintptr_t)address;

	if (address % 8 != 0 || address >= BOOT_PHYS_LIMIT ||
	    !boot_map(address, address + 8, BOOT_NORMAL) || fdt_be32(data) != FDT_MAGIC)
		return 0;
	uint32_t size = fdt_be32(data + 4);
	return size <= BOOT_TREE_MAX && boot_map(address, address + size, BOOT_NORMAL) &&
	       fdt_open(fdt, data, size) == FDT_OK;
}

void boot_platform_find(const struct handoff_table *table, uint64_t dtb, unsigned started_level)
{
	unsigned cores = table && table->cores > 1 ? table->cores : 0;
	struct fdt fdt;

	if (table && table->dtb.size > 0) {
		boot_platform.archive_dtb =
		    fdt_open(&fdt, archive_start + table->dtb.offset, table->dtb.size);
		if (boot_platform.archive_dtb == FDT_OK)
			read_tree(&fdt, cores, started_level);
	}
	if (boot_platform.console && boot_platform.conduit != RT_PSCI_NONE &&
	    boot_platform.cores >= cores)
		return;
	dtb = boot_tree_address(dtb);
	if (open_boot_tree(&fdt, dtb)) {
		boot_platform.boot_dtb = dtb;
		read_tree(&fdt, cores, started_level);
	}
}
