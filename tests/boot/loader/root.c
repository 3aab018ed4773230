/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * root.c - a root task for the loader's tests: looks at its own memory and at the boot info, says
 * what it sees, and halts. Its data has a hole that the archive leaves out, its bss ends in the
 * middle of a page.
 */
#include <ms/sel4.h>

static volatile uint32_t data[5000] = {[0] = 0x600df00d, [4999] = 0xfeedface};
static volatile uint8_t bss[70001];
__attribute__((aligned(16), used)) static char stack[4096];

_Noreturn void root(const struct sel4_bootinfo *info);

__asm__(".section .text.start, \"ax\"\n"
        ".global _start\n"
        "_start:\n"
        "	adrp	x9, stack + 4096\n"
        "	add	x9, x9, :lo12:stack + 4096\n"
        "	mov	sp, x9\n"
        "	b	root\n"
        ".previous\n");

static int memory_is_whole(void)
{
	int good = data[0] == 0x600df00d && data[4999] == 0xfeedface;

	for (unsigned i = 1; i < 4999; i++)
		good &= data[i] == 0;
	for (unsigned i = 0; i < sizeof(bss); i++)
		good &= bss[i] == 0;
	/* the tail of the last page belongs to the image too, and is given out zeroed */
	for (const volatile uint8_t *p = bss + sizeof(bss); ((uintptr_t)p & 4095) != 0; p++)
		good &= *p == 0 || (p >= (volatile uint8_t *)stack &&
		                    p < (volatile uint8_t *)stack + sizeof(stack));
	return good;
}

_Noreturn void root(const struct sel4_bootinfo *info)
{
	sel4_debug_puts(memory_is_whole() ? "root: memory is whole\n" : "root: memory is SPOILT\n");
	sel4_debug_puts(((uintptr_t)info & 4095) == 0 && info ? "root: boot info is there\n"
	                                                      : "root: NO boot info\n");
	sel4_yield();
	sel4_debug_halt();
	for (;;)
		sel4_yield();
}
