/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console.h - text on a PL011 serial port, for the one protection domain of an example that maps
 * it. A release kernel prints nothing for anybody; a domain with the port speaks on all of them.
 *
 * system.toml maps the port's registers with setvar_vaddr = "console_registers".
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdint.h>

extern uintptr_t console_registers;

void say_char(char c);
void say(const char *text);
void say_number(uint64_t value);
void say_hex(uint64_t value);

/* Lets characters that come in raise the port's interrupt. */
void console_listen(void);
/* The next one, or -1. Without one left, the interrupt is over. */
int console_next(void);

#endif
