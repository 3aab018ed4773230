/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory.S - memcpy, memmove, memset and memcmp, for the calls that the compiler emits. Weak: a
 * program or a library with its own keeps those.
 */
	.weak memcpy
	.weak memmove
	.weak memset
	.weak memcmp
#include "board/rt/memory.S"
