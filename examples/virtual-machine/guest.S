/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guest.S - what runs in the virtual machine: bare code that takes its memory for a machine's. It
 * prints through a PL011 that is not there, does nothing for its first life, takes an interrupt
 * in its second, and switches itself off.
 *
 * make-guest assembles it to guest.bin, which fills the memory that the guest cannot write.
 */
#define UART     0x09000000 /* emulated: each access is the monitor's to answer */
#define UART_DR  0x00
#define UART_FR  0x18
#define FR_TXFF  5          /* bit: no room for another character */
#define GIC      0x08010000 /* the virtual CPU interface, where a GIC has the real one */
#define GIC_CTLR 0x00
#define GIC_PMR  0x04
#define GIC_IAR  0x0c
#define GIC_EOIR 0x10
#define PSCI_OFF 0x84000008

/* Its memory that can be written, all zeroes at first. */
#define LIVES       0x40200000
#define INTERRUPTED 0x40200008
#define STACK_END   0x40201000

	.globl _start
_start:
	ldr	x9, =STACK_END
	mov	sp, x9
	adr	x9, vectors
	msr	vbar_el1, x9
	isb
	/* Memory stays as it was when this begins again. */
	ldr	x9, =LIVES
	ldr	w10, [x9]
	add	w10, w10, #1
	str	w10, [x9]
	cmp	w10, #2
	b.eq	second

	adr	x0, first_text
	bl	print
1:	b	1b	/* until somebody ends it */

second:
	adr	x0, second_text
	bl	print
	ldr	x9, =GIC
	mov	w10, #0xff
	str	w10, [x9, #GIC_PMR]
	mov	w10, #1
	str	w10, [x9, #GIC_CTLR]
	ldr	x19, =INTERRUPTED	/* in registers that the interrupt does not change */
	msr	daifclr, #2
1:	ldr	w20, [x19]
	cbz	w20, 1b
	adr	x0, off_text
	bl	print
	ldr	x0, =PSCI_OFF
	smc	#0
1:	b	1b

/* x0: a text that ends with a zero. Changes x9 to x11. */
print:
	ldr	x9, =UART
1:	ldrb	w10, [x0], #1
	cbz	w10, 3f
2:	ldr	w11, [x9, #UART_FR]
	tbnz	w11, #FR_TXFF, 2b
	str	w10, [x9, #UART_DR]
	b	1b
3:	ret

/* The monitor has left the number that is meant in tpidr_el1. Changes x0 and x9 to x14. */
interrupt:
	ldr	x12, =GIC
	ldr	w13, [x12, #GIC_IAR]
	mrs	x14, tpidr_el1
	adr	x0, right_text
	cmp	x13, x14
	b.eq	1f
	adr	x0, wrong_text
1:	bl	print
	str	w13, [x12, #GIC_EOIR]
	mov	w13, #1
	ldr	x12, =INTERRUPTED
	str	w13, [x12]
	eret

failed:
	adr	x0, failed_text
	bl	print
1:	b	1b

first_text:	.asciz "first life, nothing to do\n"
second_text:	.asciz "second life, waiting for an interrupt\n"
right_text:	.asciz "interrupted, as I was told\n"
wrong_text:	.asciz "interrupted by SOMETHING ELSE\n"
off_text:	.asciz "switching off\n"
failed_text:	.asciz "an exception: FAILED\n"
	.balign 8
	.ltorg

	.balign 0x800
vectors:
	.rept	5
	b	failed
	.balign 0x80
	.endr
	b	interrupt	/* IRQ, at the same level, with its own stack pointer */
	.balign 0x80
	.rept	10
	b	failed
	.balign 0x80
	.endr
