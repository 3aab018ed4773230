/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory.S - memcpy, memmove, memset, memcmp (the compiler emits calls of them) and zeroing of
 * large ranges. In assembler so that a compiler cannot turn a loop into a call of itself. No
 * access is unaligned: with the MMU off all memory is Device memory.
 */
#include "board/rt/asm.h"

/* void *memcpy(to, from, size) */
FUNCTION(memcpy)
	mov	x3, x0
	eor	x4, x0, x1
	tst	x4, #7
	b.ne	4f			/* never aligned together: bytes */
1:	tst	x3, #7
	b.eq	2f
	cbz	x2, 5f
	ldrb	w4, [x1], #1
	strb	w4, [x3], #1
	sub	x2, x2, #1
	b	1b
2:	subs	x2, x2, #64
	b.lo	3f
	ldp	x4, x5, [x1]
	ldp	x6, x7, [x1, #16]
	ldp	x8, x9, [x1, #32]
	ldp	x10, x11, [x1, #48]
	add	x1, x1, #64
	stp	x4, x5, [x3]
	stp	x6, x7, [x3, #16]
	stp	x8, x9, [x3, #32]
	stp	x10, x11, [x3, #48]
	add	x3, x3, #64
	b	2b
3:	add	x2, x2, #64
	b	7f
6:	ldr	x4, [x1], #8
	str	x4, [x3], #8
	sub	x2, x2, #8
7:	cmp	x2, #8
	b.hs	6b
4:	cbz	x2, 5f
	ldrb	w4, [x1], #1
	strb	w4, [x3], #1
	sub	x2, x2, #1
	b	4b
5:	ret
END(memcpy)

/* void *memmove(to, from, size) */
FUNCTION(memmove)
	sub	x3, x0, x1
	cmp	x3, x2
	b.hs	memcpy			/* to is not inside from's range: forward is right */
	add	x3, x0, x2
	add	x1, x1, x2
1:	cbz	x2, 2f
	ldrb	w4, [x1, #-1]!
	strb	w4, [x3, #-1]!
	sub	x2, x2, #1
	b	1b
2:	ret
END(memmove)

/* void *memset(to, byte, size) */
FUNCTION(memset)
	mov	x3, x0
	and	x1, x1, #0xff
	mov	x4, #0x0101010101010101
	mul	x1, x1, x4
1:	tst	x3, #7
	b.eq	2f
	cbz	x2, 6f
	strb	w1, [x3], #1
	sub	x2, x2, #1
	b	1b
2:	subs	x2, x2, #64
	b.lo	3f
	stp	x1, x1, [x3]
	stp	x1, x1, [x3, #16]
	stp	x1, x1, [x3, #32]
	stp	x1, x1, [x3, #48]
	add	x3, x3, #64
	b	2b
3:	add	x2, x2, #64
4:	cmp	x2, #8
	b.lo	5f
	str	x1, [x3], #8
	sub	x2, x2, #8
	b	4b
5:	cbz	x2, 6f
	strb	w1, [x3], #1
	sub	x2, x2, #1
	b	5b
6:	ret
END(memset)

/* int memcmp(a, b, size) */
FUNCTION(memcmp)
1:	cbz	x2, 2f
	ldrb	w3, [x0], #1
	ldrb	w4, [x1], #1
	sub	x2, x2, #1
	cmp	w3, w4
	b.eq	1b
	sub	w0, w3, w4
	ret
2:	mov	w0, #0
	ret
END(memcmp)

/*
 * void rt_zero(start, end), multiples of 64. DCZID_EL0 says whether DC ZVA may be used and how
 * much it clears: 64 bytes on every core this ran on so far, but any size is handled.
 */
FUNCTION(rt_zero)
	mrs	x2, dczid_el0
	tbnz	x2, #4, 6f
	and	x2, x2, #15
	mov	x3, #4
	lsl	x3, x3, x2		/* bytes cleared at once */
	sub	x2, x3, #1
	b	2f
1:	stp	xzr, xzr, [x0]		/* up to the first whole block */
	stp	xzr, xzr, [x0, #16]
	stp	xzr, xzr, [x0, #32]
	stp	xzr, xzr, [x0, #48]
	add	x0, x0, #64
2:	cmp	x0, x1
	b.hs	7f
	tst	x0, x2
	b.ne	1b
	lsl	x4, x3, #4
	sub	x5, x1, x0
	b	4f
3:	.rept	16
	dc	zva, x0
	add	x0, x0, x3
	.endr
4:	subs	x5, x5, x4
	b.hs	3b
	add	x5, x5, x4
	b	9f
8:	dc	zva, x0
	add	x0, x0, x3
9:	subs	x5, x5, x3
	b.hs	8b
	b	6f
5:	stp	xzr, xzr, [x0]		/* what is left, or no DC ZVA */
	stp	xzr, xzr, [x0, #16]
	stp	xzr, xzr, [x0, #32]
	stp	xzr, xzr, [x0, #48]
	add	x0, x0, #64
6:	cmp	x0, x1
	b.lo	5b
7:	ret
END(rt_zero)
