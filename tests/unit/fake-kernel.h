/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake-kernel.h - flat kernel folders that look to ms-layout like seL4's for QEMU's virt machine,
 * for tests without a real one: sizes, memory, devices and symbols are those of real builds, the
 * code is missing.
 */
#ifndef TESTS_FAKE_KERNEL_H
#define TESTS_FAKE_KERNEL_H

#include "base/file.h"
#include "base/mem.h"
#include "make-elf.h"

#include <stdint.h>
#include <string.h>

struct fake_kernel {
	uint64_t virt, phys, size, memory_end;
	const char *config; /* what the four have not in common */
	unsigned device_count;
	struct {
		uint64_t address;
		uint32_t user;
	} devices[4];
};

/* 15.0.0 classic for EL1 with 1 GiB; Microkit 2.2.0's MCS for EL2 with 2 GiB. */
static const struct fake_kernel fake_classic = {
    0xffffff8040000000,
    0x40000000,
    0x23d000,
    0x80000000,
    "\"ROOT_CNODE_SIZE_BITS\":\"12\",\"PRINTING\":true,\"DEBUG_BUILD\":true,"
    "\"NUM_DOMAINS\":\"1\",\"NUM_DOMAIN_SCHEDULES\":\"2\",\"TIMER_TICK_MS\":\"2\"",
    3,
    {{0x9000000, 1}, {0x8000000, 0}, {0x8010000, 0}},
};
static const struct fake_kernel fake_mcs = {
    0x8060000000,
    0x60000000,
    0x24a000,
    0xc0000000,
    "\"ROOT_CNODE_SIZE_BITS\":\"17\",\"KERNEL_MCS\":true,\"ARM_HYPERVISOR_SUPPORT\":true,"
    "\"ALLOW_SMC_CALLS\":true,\"PRINTING\":true,\"DEBUG_BUILD\":true,\"NUM_DOMAINS\":\"16\","
    "\"NUM_DOMAIN_SCHEDULES\":\"100\",\"TIMER_FREQUENCY\":\"62500000\"",
    4,
    {{0x9000000, 1}, {0x8000000, 0}, {0x8010000, 0}, {0x8030000, 0}},
};

/* A symbol by its name, which names has behind a NUL. */
static void fake_symbol(uint8_t *p, const char *names, const char *name, uint64_t value,
                        uint64_t size)
{
	const char *at = names + 1;

	while (strcmp(at, name) != 0)
		at += strlen(at) + 1;
	make_symbol(p, (uint32_t)(at - names), value, size);
}

__attribute__((unused)) static void fake_kernel_write(const char *dir, const struct fake_kernel *k)
{
	enum { DATA = 128, STR = 256, SYM = 384, SEC = 512, END = SEC + 3 * 64 };
	static const char names[] = "\0ki_boot_end\0avail_p_regs\0kernel_device_frames"
	                            "\0intStateIRQTable";
	uint8_t *e = ms_alloc(1, END);
	char *config =
	    ms_format("{\"ARCH_AARCH64\":true,\"SEL4_ARCH\":\"aarch64\",\"PLAT\":\"qemu-arm-virt\","
	              "\"ARM_PA_SIZE_BITS_40\":true,\"MAX_NUM_BOOTINFO_UNTYPED_CAPS\":\"230\","
	              "\"RETYPE_FAN_OUT_LIMIT\":\"256\",\"MAX_NUM_NODES\":\"1\","
	              "\"PADDR_USER_DEVICE_TOP\":\"1099511627776\",%s}\n",
	              k->config);

	make_header(e, k->virt, 1);
	make_segment(e, 0,
	             &(struct elf64_segment){.flags = 7,
	                                     .offset = DATA,
	                                     .vaddr = k->virt,
	                                     .paddr = k->phys,
	                                     .filesz = 128,
	                                     .memsz = k->size,
	                                     .align = 1});
	make_le(e + DATA, k->phys, 8);
	make_le(e + DATA + 8, k->memory_end, 8);
	for (unsigned i = 0; i < k->device_count; i++) {
		make_le(e + DATA + 16 + 24 * i, k->devices[i].address, 8);
		make_le(e + DATA + 16 + 24 * i + 20, k->devices[i].user, 4);
	}
	memcpy(e + STR, names, sizeof(names));
	fake_symbol(e + SYM + 24, names, "ki_boot_end", k->virt + 0x10000, 0);
	fake_symbol(e + SYM + 48, names, "avail_p_regs", k->virt, 16);
	fake_symbol(e + SYM + 72, names, "kernel_device_frames", k->virt + 16,
	            24 * k->device_count);
	fake_symbol(e + SYM + 96, names, "intStateIRQTable", k->virt + 0x10000, 160 * 8);
	make_sections(e, SEC, SYM, 5, STR, sizeof(names));
	ms_write_file(ms_format("%s/kernel.elf", dir), e, END, MS_WRITE_PARENTS);
	ms_write_file(ms_format("%s/gen_config.json", dir), config, strlen(config), 0);
}

#endif
