/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main.c - the loader from its first C instruction to the kernel's entry.
 */
#include "board/boot/boot.h"
#include "board/rt/aarch64.h"

/* start.S */
_Static_assert(offsetof(struct handoff_table, flags) == 12 && HANDOFF_HYPERVISOR == 1u << 0,
               "HANDOFF_...");

_Noreturn void boot_stop(const char *format, ...)
{
	va_list ap;

	rt_print(BOOT_NAME ": error: ");
	va_start(ap, format);
	rt_vprint(format, ap);
	va_end(ap);
	rt_print("\n" BOOT_NAME ": stopped\n");
	rt_power_off(boot_platform.conduit);
}

_Noreturn void boot_exception(uint64_t kind, uint64_t syndrome, uint64_t address, uint64_t at)
{
	static int again;

	/* The console itself may be what faulted. */
	if (again++)
		rt_power_off(RT_PSCI_NONE);
	boot_stop("exception %lu at 0x%lx: syndrome 0x%lx, address 0x%lx", kind, at, syndrome,
	          address);
}

static void say_hello(const struct handoff_table *table, unsigned started_level, uint64_t loaded)
{
	rt_print("\n" BOOT_NAME ": started in EL%u, %s\n", started_level,
	         boot_platform.console ? boot_platform.console : "no console");
	if (loaded != (uintptr_t)image_start)
		rt_print(BOOT_NAME ": loaded at 0x%lx, moved to 0x%lx\n", loaded,
		         (uint64_t)(uintptr_t)image_start);
	if (table && table->flags & HANDOFF_PROBE)
		rt_print(BOOT_NAME ": the kernel in this image is the probe kernel, not seL4\n");
}

/* What the table says about this very image. */
static void check_image(const struct handoff_table *table)
{
	if ((uintptr_t)image_start != table->image_start || (uintptr_t)image_end > table->image_end)
		boot_stop("the image runs at 0x%lx..0x%lx but was made for 0x%lx..0x%lx",
		          (uint64_t)(uintptr_t)image_start, (uint64_t)(uintptr_t)image_end,
		          table->image_start, table->image_end);
	if (table->flags & HANDOFF_HYPERVISOR && rt_level() != 2)
		boot_stop("the kernel is a hypervisor and needs EL2, but this is EL%u", rt_level());
}

static void set_entry(const struct handoff_table *table)
{
	boot_shared.kernel_entry = table->kernel_entry;
	boot_shared.args[0] = table->user_start;
	boot_shared.args[1] = table->user_end;
	boot_shared.args[2] = table->pv_offset;
	boot_shared.args[3] = table->user_entry;
	boot_shared.args[4] = table->dtb_start;
	boot_shared.args[5] = table->dtb.size;
}

_Noreturn void boot_main(uint64_t dtb, unsigned started_level, uint64_t loaded)
{
	const struct handoff_table *table = &handoff_table;
	const char *fault = handoff_fault(table);

	if (!boot_mmu_start(table))
		rt_power_off(RT_PSCI_NONE);
	boot_platform_find(fault ? NULL : table, dtb, started_level);
	say_hello(table, started_level, loaded);
	if (fault)
		boot_stop("%s", fault);
	check_image(table);
	boot_verify(table);
	boot_place(table);
	if (!boot_map_kernel(table))
		boot_stop("no translation table is left for the kernel");
	rt_icache_invalidate();
	set_entry(table);
	boot_cores(table, started_level);
	rt_print(BOOT_NAME ": entering the kernel in EL%u\n", rt_level());
	rt_uart_flush();
	boot_enter();
}
