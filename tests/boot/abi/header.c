/* SPDX-License-Identifier: BSD-2-Clause */
/* header.c - needs <ms/kernel.h>, and nothing else. */
#include <ms/kernel.h>

_Noreturn void _start(void);

_Noreturn void _start(void)
{
	for (;;)
		;
}
