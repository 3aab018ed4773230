/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rt.h - what the loader and the probe kernel share: memory, console, PSCI, caches, SHA-256.
 */
#ifndef RT_RT_H
#define RT_RT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* -- console (uart.c, print.c) ------------------------------------------------------------- */

enum rt_uart_kind {
	RT_UART_NONE,
	RT_UART_PL011,
	RT_UART_16550, /* DesignWare's form and the BCM283x mini UART too */
	RT_UART_IMX,
	RT_UART_LPUART, /* the form with 32-bit registers */
	RT_UART_MESON,
	RT_UART_CADENCE,
	RT_UART_STM32,
	RT_UARTS
};

struct rt_uart {
	enum rt_uart_kind kind;
	uintptr_t base;
	unsigned shift; /* 16550: registers lie 1 << shift bytes apart */
	unsigned width; /* 16550: bytes of one access, 1 or 4 */
};

/* What is printed goes there from now on. Line rate and pins are what firmware or reset left. */
void rt_uart_use(const struct rt_uart *uart);
void rt_uart_put(char c);
/* Returns when the last character has left the wire, or after a while. */
void rt_uart_flush(void);

/* printf with %s %c %u %x %lu %lx %%; "\n" becomes "\r\n". */
void rt_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void rt_vprint(const char *format, va_list ap) __attribute__((format(printf, 1, 0)));

/* -- memory (memory.S) --------------------------------------------------------------------- */

/* Zeroes [start, end), both multiples of 64, with DC ZVA where the processor has it. The MMU
 * must be on and the memory Normal. */
void rt_zero(uintptr_t start, uintptr_t end);
/* Cleans and invalidates the data caches for [start, end) to the point of coherency. */
void rt_cache_clean(uintptr_t start, uintptr_t end);
/* Nothing that was fetched before is executed from now on, on any core. */
void rt_icache_invalidate(void);

/* -- PSCI (machine.S, psci.c) -------------------------------------------------------------- */

enum rt_conduit {
	RT_PSCI_NONE,
	RT_PSCI_SMC, /* SMC alone: what runs in EL2, or has left it, has nobody to answer HVC */
	RT_PSCI_HVC, /* HVC, then SMC */
	RT_PSCI_TRY  /* SMC, then HVC */
};
#define RT_PSCI_CPU_ON     0xc4000003u
#define RT_PSCI_SYSTEM_OFF 0x84000008u

/*
 * Calls PSCI (Arm DEN 0022). An instruction that this machine does not have counts as
 * NOT_SUPPORTED (-1), for which the program's exception vectors use psci_trap (asm.h).
 */
int64_t rt_psci(enum rt_conduit conduit, uint32_t function, uint64_t a, uint64_t b, uint64_t c);
int64_t rt_smc(uint64_t function, uint64_t a, uint64_t b, uint64_t c);
int64_t rt_hvc(uint64_t function, uint64_t a, uint64_t b, uint64_t c);
extern const char rt_smc_insn[], rt_hvc_insn[];

/* Powers the machine off; where that is impossible, waits for ever. */
_Noreturn void rt_power_off(enum rt_conduit conduit);

/* -- SHA-256 with the processor's instructions (sha2.S) ------------------------------------ */

/* A sha256_blocks; the caller has made the FP registers usable. */
void rt_sha256_blocks(uint32_t state[8], const uint8_t *data, size_t blocks);

#endif
