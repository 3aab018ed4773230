/* SPDX-License-Identifier: BSD-2-Clause */
/* child.c - faults when it has said that it lives. */
#include "library.h"

static unsigned lives;

void init(void)
{
	say("child: life ");
	say_number(++lives);
	say("\n");
	__asm__ volatile("str wzr, [%0]" : : "r"(0x10ul) : "memory");
}

void notified(unsigned channel)
{
	(void)channel;
}
