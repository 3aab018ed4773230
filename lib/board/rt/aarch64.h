/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64.h - system registers and barriers, and the bits of them that board code uses
 * (Arm Architecture Reference Manual for A-profile, DDI 0487: AArch64 System Register
 * Descriptions).
 */
#ifndef RT_AARCH64_H
#define RT_AARCH64_H

#include <stdint.h>

#define RT_READ(reg)                                                                               \
	__extension__({                                                                            \
		uint64_t rt_value;                                                                 \
		__asm__ volatile("mrs %0, " #reg : "=r"(rt_value));                                \
		rt_value;                                                                          \
	})
#define RT_WRITE(reg, value) __asm__ volatile("msr " #reg ", %0" ::"r"((uint64_t)(value)))

/* The exception level that runs, 1 to 3. */
static inline unsigned rt_level(void)
{
	return (unsigned)(RT_READ(CurrentEL) >> 2 & 3);
}

static inline void rt_isb(void)
{
	__asm__ volatile("isb" ::: "memory");
}

/* Everything before it is seen by every core and table walker. */
static inline void rt_dsb(void)
{
	__asm__ volatile("dsb sy" ::: "memory");
}

static inline void rt_wfe(void)
{
	__asm__ volatile("wfe" ::: "memory");
}

static inline void rt_sev(void)
{
	__asm__ volatile("dsb sy\n\tsev" ::: "memory");
}

/* SCTLR_ELx */
#define RT_SCTLR_M (1ull << 0)
#define RT_SCTLR_A (1ull << 1)
#define RT_SCTLR_C (1ull << 2)
#define RT_SCTLR_I (1ull << 12)

/* ID_AA64PFR0_EL1: not 0 where the GIC is used by system registers (GICv3 and later). */
#define RT_PFR0_GIC 24

/* Affinity fields of MPIDR_EL1: what PSCI and a DTB's cpu nodes call a core. */
#define RT_MPIDR_AFFINITY 0xff00ffffffull

/*
 * The memory attributes and translation controls that seL4 takes over from its loader and
 * compares with its own (mode/machine.h). MAIR index 0 is Device-nGnRnE, index 4 Normal
 * write-back.
 */
#define RT_MAIR           0x0000aaff440c0400ull
#define RT_MAIR_DEVICE    0ull
#define RT_MAIR_NORMAL    4ull
#define RT_TCR_EL2_PA40   0x80823510ull
#define RT_TCR_EL2_PA44   0x80843510ull
#define RT_TCR_EL1        0x0000001085100510ull /* add IPS; AS=1, 4 KiB granules, 48-bit VA */
#define RT_TCR_EL1_SHARED 0x0000000030003000ull /* SH0 and SH1 inner: several cores */
#define RT_TCR_EL1_IPS    32

/* Translation table descriptors, stage 1, 4 KiB granule (DDI 0487: VMSAv8-64 descriptor formats).
 */
#define RT_PTE_BLOCK      1ull
#define RT_PTE_TABLE      3ull
#define RT_PTE_PAGE       3ull
#define RT_PTE_ATTR(i)    ((uint64_t)(i) << 2)
#define RT_PTE_EL0        (1ull << 6)
#define RT_PTE_SHARED     (3ull << 8)
#define RT_PTE_AF         (1ull << 10)
#define RT_PTE_NOT_GLOBAL (1ull << 11)
#define RT_PTE_PXN        (1ull << 53)
#define RT_PTE_XN         (1ull << 54)
#define RT_PTE_ADDRESS    0x0000fffffffff000ull

#endif
