/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * machine.S - firmware calls and cache maintenance.
 */
#include "board/rt/asm.h"

/* int64_t rt_smc(function, a, b, c); the vectors know the instruction by its label. */
FUNCTION(rt_smc)
	.global rt_smc_insn
rt_smc_insn:
	smc	#0
	ret
END(rt_smc)

FUNCTION(rt_hvc)
	.global rt_hvc_insn
rt_hvc_insn:
	hvc	#0
	ret
END(rt_hvc)

/* void rt_cache_clean(start, end) */
FUNCTION(rt_cache_clean)
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x3, x3, x2		/* bytes of the smallest data cache line */
	sub	x2, x3, #1
	bic	x0, x0, x2
	add	x1, x1, x2
	bic	x1, x1, x2
	lsl	x4, x3, #4
	sub	x5, x1, x0
	b	2f
1:	.rept	16
	dc	civac, x0
	add	x0, x0, x3
	.endr
2:	subs	x5, x5, x4
	b.hs	1b
	b	4f
3:	dc	civac, x0
	add	x0, x0, x3
4:	cmp	x0, x1
	b.lo	3b
	dsb	sy
	ret
END(rt_cache_clean)

FUNCTION(rt_icache_invalidate)
	dsb	sy
	ic	ialluis
	dsb	sy
	isb
	ret
END(rt_icache_invalidate)
