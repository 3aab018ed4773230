/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * start.S - the first instructions of every core, the exception vectors, and the last
 * instructions before the kernel.
 *
 * Register use until boot_main: x19 firmware's x0, x20 the level we started at, x21 the
 * hand-off flags, x22 where we were loaded, x23 the end of the stack; x30 is the return address of
 * the level changes, which keep the stack out.
 */
#include "board/rt/asm.h"

/* struct handoff_table (main.c compares) */
#define HANDOFF_FLAGS          12
#define HANDOFF_HYPERVISOR_BIT 0

/* struct boot_shared (cores.c compares) */
#define SHARED_MAIR   0
#define SHARED_TCR    8
#define SHARED_TTBR0  16
#define SHARED_TTBR1  24
#define SHARED_SCTLR  32
#define SHARED_ENTRY  40
#define SHARED_ARGS   48
#define SHARED_GO     96
#define SHARED_COUNT  104
#define SHARED_CORE   112

#define GICD_IGROUPR  0x80
#define GICC_PMR      4

#define AFFINITY      0xff00ffffff
#define SCTLR_M_C     5
/* SCTLR_EL1 after a drop from EL2, where its reset value is unknown: the bits that are RES1 in
 * ARMv8.0, and no traps of WFI and WFE from EL0. */
#define SCTLR_EL1_DROPPED 0x30d50800

	.section .text.start, "ax"
	.global _start, boot_start
	.type _start, %function
_start:
boot_start:
	b	1f
	/* ms-link may turn the first 64 bytes into the header of an arm64 Linux Image, which begins
	 * with an instruction. */
	.skip	60
1:	msr	daifset, #15
	mov	x19, x0
	mrs	x20, CurrentEL
	lsr	x20, x20, #2
	adr	x22, _start
	/* Addresses are taken relative to pages: elsewhere within a page nothing below works,
	 * a console least of all. */
	tst	x22, #4095
2:	b.ne	2b
	bl	caches_off
	bl	move
	cmp	x20, #3
	b.ne	1f
	/* Nobody holds the other cores back when the machine starts in EL3. */
	mrs	x1, mpidr_el1
	mov	x2, #AFFINITY & 0xffffffff
	movk	x2, #AFFINITY >> 32, lsl #32
	tst	x1, x2
	b.ne	pen

1:	adrp	x0, bss_start
	add	x0, x0, :lo12:bss_start
	adrp	x1, bss_end
	add	x1, x1, :lo12:bss_end
	/* Lines that were in a cache before must not come back over what is written now with
	 * caches off, nor hide it later. */
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x3, x3, x2
	mov	x2, x0
2:	dc	ivac, x2
	add	x2, x2, x3
	cmp	x2, x1
	b.lo	2b
	dsb	sy
3:	stp	xzr, xzr, [x0]
	stp	xzr, xzr, [x0, #16]
	stp	xzr, xzr, [x0, #32]
	stp	xzr, xzr, [x0, #48]
	add	x0, x0, #64
	cmp	x0, x1
	b.lo	3b

	adrp	x23, stack_end
	add	x23, x23, :lo12:stack_end
	mov	sp, x23
	cmp	x20, #3
	b.ne	4f
	mov	x0, x19
	bl	boot_secure
4:	bl	lower_level
	mov	sp, x23			/* each level has its own */
	bl	set_vectors
	mov	x0, x19
	mov	x1, x20
	mov	x2, x22
	mov	x29, #0
	mov	x30, #0
	b	boot_main
	.size	_start, . - _start

/*
 * Copies the image to where it was linked for, and returns there; caches and MMU are off. The two
 * places may overlap: they are at least a page apart, and all this lies in the image's first
 * page. Clobbers x0..x11.
 */
move:	mov	x0, x22			/* from */
	ldr	x1, linked_start	/* to */
	subs	x9, x1, x0
	b.eq	9f
	ldr	x10, linked_end
	sub	x2, x10, x1		/* bytes, whole pages */

	/* Where all cores start at once, the first one copies, and the others wait. */
	cmp	x20, #3
	b.ne	2f
	mrs	x3, mpidr_el1
	mov	x4, #AFFINITY & 0xffffffff
	movk	x4, #AFFINITY >> 32, lsl #32
	tst	x3, x4
	b.eq	2f
1:	wfe
	ldr	x4, moved
	cbz	x4, 1b
	b	8f

	/* A device tree that will be overwritten is none. */
2:	cmp	x19, #4096
	b.lo	3f
	tst	x19, #7
	b.ne	3f
	dc	civac, x19
	dsb	sy
	ldp	w3, w4, [x19]
	rev	w3, w3
	rev	w4, w4
	mov	w5, #0xfeed
	movk	w5, #0xd00d, lsl #16
	cmp	w3, w5
	b.ne	3f
	add	x4, x19, x4
	cmp	x4, x1
	b.ls	3f
	cmp	x19, x10
	csel	x19, xzr, x19, lo

	/* What a boot loader wrote there must not come out of a cache later. */
3:	mrs	x3, ctr_el0
	ubfx	x3, x3, #16, #4
	mov	x4, #4
	lsl	x3, x4, x3
	mov	x4, x1
4:	dc	civac, x4
	add	x4, x4, x3
	cmp	x4, x10
	b.lo	4b
	dsb	sy
	tbnz	x9, #63, 5f

	/* Up: from the end, since the beginning may lie over what is still to be copied. */
	add	x4, x0, x2
	mov	x5, x10
1:	ldp	x6, x7, [x4, #-16]!
	stp	x6, x7, [x5, #-16]!
	cmp	x4, x0
	b.hi	1b
	b	7f

	/* Down: the first page, then the rest by its copy, since we may be overwritten; which
	 * other cores that wait here would not survive. */
5:	neg	x3, x9
	cmp	x3, x2
	ccmp	x20, #3, #0, lo
1:	b.eq	1b
	mov	x4, x0
	mov	x5, x1
	add	x8, x1, #4096
1:	ldp	x6, x7, [x4], #16
	stp	x6, x7, [x5], #16
	cmp	x5, x8
	b.lo	1b
	dsb	sy
	ic	iallu
	dsb	sy
	isb
	adr	x6, 6f
	add	x6, x6, x9
	br	x6
6:	cmp	x5, x10
	b.hs	7f
	ldp	x6, x7, [x4], #16
	stp	x6, x7, [x5], #16
	b	6b

7:	dsb	sy
	cmp	x20, #3
	b.ne	8f
	mov	x3, #1
	str	x3, [x0, #(moved - _start)]
	dsb	sy
	sev
8:	add	x30, x30, x9
	ic	iallu
	dsb	sy
	isb
9:	ret

	.balign	8
linked_start:
	.quad	image_start
linked_end:
	.quad	image_end
moved:	.quad	0
	.global	move_end
move_end:

/* Cores that started by themselves: say so, and wait for the first one. */
pen:	mrs	x2, mpidr_el1
	and	x2, x2, #63
	adrp	x1, boot_penned
	add	x1, x1, :lo12:boot_penned
	mov	w3, #1
	strb	w3, [x1, x2]
	adrp	x1, boot_pen
	add	x1, x1, :lo12:boot_pen
1:	wfe
	ldr	x2, [x1]
	cbz	x2, 1b
	b	boot_secondary

/*
 * A boot loader may have left its MMU and caches on. Then our image is perhaps only in the
 * caches: clean it, and turn them off at this level.
 */
caches_off:
	cmp	x20, #2
	b.eq	1f
	b.hi	2f
	mrs	x1, sctlr_el1
	b	3f
1:	mrs	x1, sctlr_el2
	b	3f
2:	mrs	x1, sctlr_el3
3:	mov	x2, #SCTLR_M_C
	tst	x1, x2
	b.eq	9f
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x3, x3, x2
	adrp	x4, image_start
	add	x4, x4, :lo12:image_start
	adrp	x5, image_end
	add	x5, x5, :lo12:image_end
4:	dc	civac, x4
	add	x4, x4, x3
	cmp	x4, x5
	b.lo	4b
	dsb	sy
	bic	x1, x1, #1
	bic	x1, x1, #4
	cmp	x20, #2
	b.eq	5f
	b.hi	6f
	msr	sctlr_el1, x1
	b	7f
5:	msr	sctlr_el2, x1
	b	7f
6:	msr	sctlr_el3, x1
7:	isb
	ic	iallu
	dsb	sy
	isb
9:	ret

/*
 * Goes down to the level that the kernel wants: EL3 to EL2, EL2 to EL1 unless the kernel is a
 * hypervisor. Keeps x19, x20; clobbers x1, x2, x3, x21.
 */
lower_level:
	adrp	x21, handoff_table
	add	x21, x21, :lo12:handoff_table
	ldr	w21, [x21, #HANDOFF_FLAGS]
	mrs	x1, CurrentEL
	lsr	x1, x1, #2
	cmp	x1, #2
	b.eq	in_el2
	b.lo	8f
	/* EL3: the next level is 64-bit and non-secure (SCR_EL3.RW, NS); a guest's HVC reaches
	 * its hypervisor (HCE); SMC is left off (SMD), since nobody would answer it; FP is not
	 * trapped. */
	mov	x1, #0x5b1
	msr	scr_el3, x1
	msr	cptr_el3, xzr
	mrs	x1, id_aa64pfr0_el1
	ubfx	x2, x1, #24, #4
	cbz	x2, 6f			/* a GICv2: ICC_SRE_EL3 is not there */
	mov	x2, #15			/* ICC_SRE_EL3: lower levels may use the GIC's registers */
	msr	s3_6_c12_c12_5, x2
	isb
6:	tst	x1, #0xf00
	b.eq	7f
	mov	x1, #0x3c9
	msr	spsr_el3, x1
	mov	x1, #0
	movk	x1, #0x30c5, lsl #16
	movk	x1, #0x0830
	msr	sctlr_el2, x1
	adr	x1, in_el2
	msr	elr_el3, x1
	eret
7:	mov	x1, #0x3c5
	msr	spsr_el3, x1
	mov	x1, #SCTLR_EL1_DROPPED & 0xffff
	movk	x1, #SCTLR_EL1_DROPPED >> 16, lsl #16
	msr	sctlr_el1, x1
	msr	elr_el3, x30
	eret
8:	ret

in_el2:	msr	cntvoff_el2, xzr
	mov	x1, #0x80000000		/* HCR_EL2.RW: EL1 is 64-bit */
	msr	hcr_el2, x1
	mov	x1, #0x33ff
	msr	cptr_el2, x1
	msr	hstr_el2, xzr
	msr	vttbr_el2, xzr
	mrs	x1, id_aa64pfr0_el1
	ubfx	x1, x1, #24, #4
	cbz	x1, 2f
	mrs	x1, s3_4_c12_c9_5	/* ICC_SRE_EL2: EL2 and EL1 may use the GIC's registers */
	mov	x2, #9
	orr	x1, x1, x2
	msr	s3_4_c12_c9_5, x1
	isb
2:	tbnz	w21, #HANDOFF_HYPERVISOR_BIT, 9f	/* stay */
	mrs	x1, cnthctl_el2
	orr	x1, x1, #3		/* EL1 may use the physical timer */
	msr	cnthctl_el2, x1
	mrs	x1, midr_el1
	msr	vpidr_el2, x1
	mrs	x1, mpidr_el1
	msr	vmpidr_el2, x1
	mrs	x1, id_aa64dfr0_el1
	ubfx	x1, x1, #8, #4
	mov	x2, #0
	cbz	x1, 1f
	cmp	x1, #15
	b.eq	1f
	mrs	x2, pmcr_el0		/* EL1 gets every event counter */
	ubfx	x2, x2, #11, #5
1:	msr	mdcr_el2, x2
	mov	x1, #SCTLR_EL1_DROPPED & 0xffff
	movk	x1, #SCTLR_EL1_DROPPED >> 16, lsl #16
	msr	sctlr_el1, x1
	mov	x1, #0x3c5		/* EL1h, everything masked */
	msr	spsr_el2, x1
	msr	elr_el2, x30
	eret
9:	ret

set_vectors:
	adrp	x1, vectors
	add	x1, x1, :lo12:vectors
	mrs	x2, CurrentEL
	cmp	x2, #8
	b.eq	1f
	msr	vbar_el1, x1
	isb
	ret
1:	msr	vbar_el2, x1
	isb
	ret

/* void boot_mmu_enable(void) */
FUNCTION(boot_mmu_enable)
	adrp	x0, boot_shared
	add	x0, x0, :lo12:boot_shared
	/* fall through */
/* x0: boot_shared. Clobbers x1..x6. */
mmu_enable:
	ldp	x1, x2, [x0, #SHARED_MAIR]
	ldp	x3, x4, [x0, #SHARED_TTBR0]
	ldr	x5, [x0, #SHARED_SCTLR]
	dsb	sy
	ic	iallu
	mrs	x6, CurrentEL
	cmp	x6, #8
	b.eq	1f
	tlbi	vmalle1
	msr	mair_el1, x1
	msr	tcr_el1, x2
	msr	ttbr0_el1, x3
	msr	ttbr1_el1, x4
	dsb	sy
	isb
	msr	sctlr_el1, x5
	isb
	ret
1:	tlbi	alle2
	msr	mair_el2, x1
	msr	tcr_el2, x2
	msr	ttbr0_el2, x3
	dsb	sy
	isb
	msr	sctlr_el2, x5
	isb
	ret
END(boot_mmu_enable)

/* Another core: comes from PSCI, a spin table or the pen; MMU off, no stack. */
FUNCTION(boot_secondary)
	msr	daifset, #15
	mrs	x20, CurrentEL
	lsr	x20, x20, #2
	cmp	x20, #3
	b.ne	5f
	/* What each core has for itself, as boot_secure does for the first one. */
	adrp	x1, boot_gic
	add	x1, x1, :lo12:boot_gic
	ldp	x2, x3, [x1]
	cbz	x2, 5f
	mov	w4, #-1
	str	w4, [x2, #GICD_IGROUPR]
	mov	w4, #0xff
	str	w4, [x3, #GICC_PMR]
5:	bl	lower_level
	bl	set_vectors
	adrp	x0, boot_shared
	add	x0, x0, :lo12:boot_shared
	bl	mmu_enable
	/* Which core is this? */
	mrs	x1, mpidr_el1
	mov	x2, #AFFINITY & 0xffffffff
	movk	x2, #AFFINITY >> 32, lsl #32
	and	x1, x1, x2
	ldr	x3, [x0, #SHARED_COUNT]
	add	x4, x0, #SHARED_CORE
	mov	x5, #0
1:	cmp	x5, x3
	b.hs	4f
	ldr	x6, [x4]
	cmp	x6, x1
	b.eq	2f
	add	x4, x4, #16
	add	x5, x5, #1
	b	1b
2:	msr	tpidr_el1, x5
	mov	x6, #1
	str	x6, [x4, #8]
	dsb	sy
	sev
3:	wfe
	ldr	x6, [x0, #SHARED_GO]
	cbz	x6, 3b
	dmb	sy
	b	enter
4:	wfi				/* not one of the kernel's cores */
	b	4b
END(boot_secondary)

FUNCTION(boot_enter)
	msr	tpidr_el1, xzr
	adrp	x0, boot_shared
	add	x0, x0, :lo12:boot_shared
enter:	dsb	sy
	ic	iallu
	dsb	sy
	isb
	ldr	x6, [x0, #SHARED_ENTRY]
	ldp	x4, x5, [x0, #SHARED_ARGS + 32]
	ldp	x2, x3, [x0, #SHARED_ARGS + 16]
	ldp	x0, x1, [x0, #SHARED_ARGS]
	br	x6
END(boot_enter)

	.macro	vector kind
	.balign	128
	mov	x0, #\kind
	b	exception
	.endm

	.section .text.vectors, "ax"
	.balign	2048
vectors:
	vector	0
	vector	1
	vector	2
	vector	3
	.balign	128
	mrs	x1, CurrentEL
	cmp	x1, #8
	b.ne	trap_el1
	b	trap_el2
	vector	5
	vector	6
	vector	7
	vector	8
	vector	9
	vector	10
	vector	11
	vector	12
	vector	13
	vector	14
	vector	15
	.balign	128

trap_el1:
	psci_trap el1, 1f
1:	mov	x0, #4
	b	exception
trap_el2:
	psci_trap el2, 1f
1:	mov	x0, #4
exception:
	mrs	x1, CurrentEL
	cmp	x1, #8
	b.eq	1f
	mrs	x1, esr_el1
	mrs	x2, far_el1
	mrs	x3, elr_el1
	b	2f
1:	mrs	x1, esr_el2
	mrs	x2, far_el2
	mrs	x3, elr_el2
2:	adrp	x4, stack_end
	add	x4, x4, :lo12:stack_end
	mov	sp, x4
	b	boot_exception

	/* Written before bss is cleared and read with caches off: in the file. */
	.data
	.balign	64
	.global	boot_pen
boot_pen:
	.quad	0
	.balign	64
	.global	boot_penned
boot_penned:
	.skip	64

	.section .bss.stack, "aw", %nobits
	.balign	64
	.skip	8192
stack_end:
