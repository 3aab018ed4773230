/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cores.c - the further cores of an SMP kernel. A core that does not come up would hang seL4
 * without a word, so each is waited for, and none enters the kernel before all are there.
 */
#include "board/boot/boot.h"
#include "board/rt/aarch64.h"

/* start.S */
_Static_assert(offsetof(struct boot_shared, mair) == 0 && offsetof(struct boot_shared, tcr) == 8 &&
                   offsetof(struct boot_shared, ttbr0) == 16 &&
                   offsetof(struct boot_shared, ttbr1) == 24 &&
                   offsetof(struct boot_shared, sctlr) == 32 &&
                   offsetof(struct boot_shared, kernel_entry) == 40 &&
                   offsetof(struct boot_shared, args) == 48 &&
                   offsetof(struct boot_shared, go) == 96 &&
                   offsetof(struct boot_shared, count) == 104 &&
                   offsetof(struct boot_shared, core) == 112 &&
                   offsetof(struct boot_core, up) == 8 && sizeof(struct boot_core) == 16,
               "SHARED_...");

struct boot_shared boot_shared __attribute__((aligned(64)));

/* Writes to a word that a core with its caches off will read. */
static void publish(const volatile void *start, uint64_t size)
{
	rt_cache_clean((uintptr_t)start, (uintptr_t)start + size);
}

static void release_by_spin_table(uint64_t address)
{
	if (address % 8 != 0 || !boot_map(address, address + 8, BOOT_NORMAL))
		boot_stop("the spin table at 0x%lx cannot be reached", address);
	*(volatile uint64_t *)(uintptr_t)address = (uintptr_t)boot_secondary;
	publish((const volatile void *)(uintptr_t)address, 8);
	rt_sev();
}

static void start_core(unsigned i, unsigned started_level)
{
	if (started_level == 3)
		return; /* already running, in the pen */
	if (boot_platform.release[i] != 0) {
		release_by_spin_table(boot_platform.release[i]);
		return;
	}
	if (boot_platform.conduit == RT_PSCI_NONE)
		boot_stop("the device tree does not say how core %u is started", i);
	int64_t result = rt_psci(boot_platform.conduit, RT_PSCI_CPU_ON, boot_platform.mpidr[i],
	                         (uintptr_t)boot_secondary, i);
	if (result != 0)
		boot_stop("core %u does not start: PSCI error -%lu", i, (uint64_t)-result);
}

/* Waits up to a second for a core to report. */
static int wait_for_core(unsigned i)
{
	const volatile uint64_t *up = &boot_shared.core[i].up;
	uint64_t start = RT_READ(cntpct_el0), second = RT_READ(cntfrq_el0);

	while (*up == 0) {
		if (RT_READ(cntpct_el0) - start > second)
			return 0;
	}
	return 1;
}

/* Cores that started by themselves and that the kernel does not want would go on executing
 * memory that it gives away: nobody can stop them for us. */
static void check_pen(const struct handoff_table *table)
{
	unsigned penned = 0;
	uint64_t start = RT_READ(cntpct_el0), wait = RT_READ(cntfrq_el0) / 4;

	/* The slowest of them has a quarter of a second to announce itself. */
	while (RT_READ(cntpct_el0) - start < wait)
		;
	publish(boot_penned, sizeof(boot_penned));
	for (unsigned i = 0; i < sizeof(boot_penned); i++)
		penned += boot_penned[i];
	if (penned >= table->cores)
		boot_stop("%u cores started at once, the kernel takes %u", penned + 1,
		          table->cores);
}

void boot_cores(const struct handoff_table *table, unsigned started_level)
{
	if (started_level == 3)
		check_pen(table);
	if (table->cores == 1)
		return;
	if (boot_platform.cores < table->cores)
		boot_stop("the kernel wants %u cores, the device tree has %u", table->cores,
		          boot_platform.cores);
	boot_shared.count = table->cores;
	for (unsigned i = 0; i < table->cores; i++)
		boot_shared.core[i].mpidr = boot_platform.mpidr[i];
	/* With their MMU off they read this, our code and the tables past the caches. */
	publish(image_start, (uint64_t)(archive_start - image_start));
	if (started_level == 3) {
		boot_pen = 1;
		publish(&boot_pen, sizeof(boot_pen));
		rt_sev();
	}
	for (unsigned i = 1; i < table->cores; i++) {
		start_core(i, started_level);
		if (!wait_for_core(i))
			boot_stop("core %u (0x%lx) does not come up", i, boot_platform.mpidr[i]);
	}
	rt_print(BOOT_NAME ": %u cores are up\n", table->cores);
	*(volatile uint64_t *)&boot_shared.go = 1;
	rt_sev();
}
