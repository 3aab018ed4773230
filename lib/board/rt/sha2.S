/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sha2.S - SHA-256 blocks with the ARMv8 SHA2 instructions (Arm ARM, DDI 0487: SHA256H
 * and its relatives). The 64 round constants stay in v16..v31 for the whole call.
 */
#include "board/rt/asm.h"

	.arch_extension fp
	.arch_extension simd
	.arch_extension crypto

	.section .rodata
	.balign	16
constants:
	.word	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5
	.word	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5
	.word	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3
	.word	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174
	.word	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc
	.word	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da
	.word	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7
	.word	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967
	.word	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13
	.word	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85
	.word	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3
	.word	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070
	.word	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5
	.word	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3
	.word	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208
	.word	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2

/*
 * Four rounds. v0,v1: state (abcd, efgh); v2: a copy of abcd; v7: W + K. When more words are
 * wanted, w0 becomes the message words of sixteen rounds later.
 */
	.macro	rounds k, w0, w1, w2, w3, more
	add	v7.4s, \w0\().4s, \k\().4s
	.if	\more
	sha256su0 \w0\().4s, \w1\().4s
	.endif
	mov	v2.16b, v0.16b
	sha256h	q0, q1, v7.4s
	sha256h2 q1, q2, v7.4s
	.if	\more
	sha256su1 \w0\().4s, \w2\().4s, \w3\().4s
	.endif
	.endm

/* void rt_sha256_blocks(uint32_t state[8], const uint8_t *data, size_t blocks) */
FUNCTION(rt_sha256_blocks)
	cbz	x2, 2f
	adrp	x3, constants
	add	x3, x3, :lo12:constants
	ld1	{v16.4s-v19.4s}, [x3], #64
	ld1	{v20.4s-v23.4s}, [x3], #64
	ld1	{v24.4s-v27.4s}, [x3], #64
	ld1	{v28.4s-v31.4s}, [x3]
	ld1	{v0.4s, v1.4s}, [x0]
1:	ld1	{v3.16b-v6.16b}, [x1], #64
	/* v3..v6 hold the message; the state at the block's start is kept in general registers,
	 * since no vector register is free. */
	mov	x4, v0.d[0]
	mov	x5, v0.d[1]
	mov	x6, v1.d[0]
	mov	x7, v1.d[1]
	rev32	v3.16b, v3.16b
	rev32	v4.16b, v4.16b
	rev32	v5.16b, v5.16b
	rev32	v6.16b, v6.16b
	rounds	v16, v3, v4, v5, v6, 1
	rounds	v17, v4, v5, v6, v3, 1
	rounds	v18, v5, v6, v3, v4, 1
	rounds	v19, v6, v3, v4, v5, 1
	rounds	v20, v3, v4, v5, v6, 1
	rounds	v21, v4, v5, v6, v3, 1
	rounds	v22, v5, v6, v3, v4, 1
	rounds	v23, v6, v3, v4, v5, 1
	rounds	v24, v3, v4, v5, v6, 1
	rounds	v25, v4, v5, v6, v3, 1
	rounds	v26, v5, v6, v3, v4, 1
	rounds	v27, v6, v3, v4, v5, 1
	rounds	v28, v3, v4, v5, v6, 0
	rounds	v29, v4, v5, v6, v3, 0
	rounds	v30, v5, v6, v3, v4, 0
	rounds	v31, v6, v3, v4, v5, 0
	mov	v2.d[0], x4
	mov	v2.d[1], x5
	mov	v7.d[0], x6
	mov	v7.d[1], x7
	add	v0.4s, v0.4s, v2.4s
	add	v1.4s, v1.4s, v7.4s
	subs	x2, x2, #1
	b.ne	1b
	st1	{v0.4s, v1.4s}, [x0]
2:	ret
END(rt_sha256_blocks)
