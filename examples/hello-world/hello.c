/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hello.c - prints one line and stops.
 *
 * A system with a single protection domain has no other root task: seL4 starts this program
 * itself. It gets x0 = address of the boot information and nothing else: every other register
 * is 0, the stack pointer included. There is nothing to return to.
 */
#include <ms/sel4.h>

/* The build passes stack_bytes of system.toml as MS_STACK_BYTES. */
#ifndef MS_STACK_BYTES
#define MS_STACK_BYTES 4096
#endif
#define TEXT_OF(x) #x
#define TEXT(x)    TEXT_OF(x)
#define STACK_END  "stack + " TEXT(MS_STACK_BYTES)

__attribute__((aligned(16), used)) static char stack[MS_STACK_BYTES];

_Noreturn void hello(const struct sel4_bootinfo *info);

__asm__(".section .text.start, \"ax\"\n"
        ".global _start\n"
        ".type _start, %function\n"
        "_start:\n"
        "	adrp	x9, " STACK_END "\n"
        "	add	x9, x9, :lo12:(" STACK_END ")\n"
        "	mov	sp, x9\n"
        "	b	hello\n"
        ".size _start, . - _start\n"
        ".previous\n");

/* Through the kernel's console. A release kernel has none: there this prints nothing, and a
 * program that must speak needs a serial driver of its own. */
static void print(const char *s)
{
#ifdef MS_SYS_DEBUG_PUT_CHAR
	sel4_debug_puts(s);
#else
	(void)s;
#endif
}

_Noreturn void hello(const struct sel4_bootinfo *info)
{
	struct sel4_invocation suspend;

	(void)info;
	print("hello from seL4 rootserver\n");

	/* Done. A suspended thread takes no time from anybody, where one that yields for ever
	 * keeps the processor busy. This comes back only if the kernel refuses. */
	sel4_tcb_suspend(&suspend, SEL4_SLOT_TCB);
	sel4_invoke(NULL, &suspend);
	for (;;)
		sel4_yield();
}
