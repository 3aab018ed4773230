/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock.h - the PL031 real-time clock (Arm DDI 0224): seconds, and an interrupt at a given one.
 *
 * system.toml maps its registers with setvar_vaddr = "clock_registers".
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

extern uintptr_t clock_registers;

enum clock_register {
	CLOCK_NOW = 0x00,     /* seconds */
	CLOCK_MATCH = 0x04,   /* interrupt when CLOCK_NOW is this */
	CLOCK_ENABLE = 0x10,  /* 1: let it out */
	CLOCK_PENDING = 0x14, /* 1: it is raised */
	CLOCK_CLEAR = 0x1c
};

static inline uint32_t clock_read(enum clock_register reg)
{
	return *(volatile uint32_t *)(clock_registers + reg);
}

static inline void clock_write(enum clock_register reg, uint32_t value)
{
	*(volatile uint32_t *)(clock_registers + reg) = value;
}

#endif
