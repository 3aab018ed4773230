/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uart.c - sending characters through the serial ports found on AArch64 boards. Registers and bits
 * are those of: Arm PL011 (DDI 0183, chapter 3); 16550 (TI TL16C550D, line status register); i.MX
 * UART (IMX8MQRM: UTXD, UTS, USR2); LPUART (IMX8DQXPRM: STAT, DATA); Amlogic's Meson UART (S905
 * datasheet: UART_WFIFO, UART_STATUS); Cadence's (UG1085: Control, Channel_sts, FIFO); ST's
 * (RM0436: USART_ISR, USART_TDR).
 */
#include "board/rt/rt.h"

#define LSR      5 /* 16550: this register, bits of which are the next two */
#define LSR_THRE (1u << 5)
#define LSR_TEMT (1u << 6)

#define CADENCE_CR    0x00
#define CADENCE_TXEN  (1u << 4)
#define CADENCE_TXDIS (1u << 5)

/* A port that never gets ready is given up, so that a wrong console does not stop a boot. */
#define PATIENCE 1000000u

/* Where a character is written, and which bits of which register say that the port takes one, and
 * that it has sent all: (register & mask) == want. */
static const struct {
	uint16_t data, ready, idle;
	uint32_t ready_mask, ready_want;
	uint32_t idle_mask, idle_want;
} kinds[RT_UARTS] = {
    [RT_UART_PL011] = {0x00, 0x18, 0x18, 1u << 5, 0, 1u << 3, 0},
    [RT_UART_16550] = {0, LSR, LSR, LSR_THRE, LSR_THRE, LSR_TEMT, LSR_TEMT},
    [RT_UART_IMX] = {0x40, 0xb4, 0x98, 1u << 4, 0, 1u << 3, 1u << 3},
    [RT_UART_LPUART] = {0x1c, 0x14, 0x14, 1u << 23, 1u << 23, 1u << 22, 1u << 22},
    [RT_UART_MESON] = {0x00, 0x0c, 0x0c, 1u << 21, 0, 1u << 22 | 1u << 25, 1u << 22},
    [RT_UART_CADENCE] = {0x30, 0x2c, 0x2c, 1u << 4, 0, 1u << 3 | 1u << 11, 1u << 3},
    [RT_UART_STM32] = {0x28, 0x1c, 0x1c, 1u << 7, 1u << 7, 1u << 6, 1u << 6},
};

static struct rt_uart port;

static uintptr_t place(uintptr_t offset)
{
	return port.base + (port.kind == RT_UART_16550 ? offset << port.shift : offset);
}

static uint32_t read_register(uintptr_t offset)
{
	if (port.kind == RT_UART_16550 && port.width == 1)
		return *(volatile uint8_t *)place(offset);
	return *(volatile uint32_t *)place(offset);
}

static void write_register(uintptr_t offset, uint32_t value)
{
	if (port.kind == RT_UART_16550 && port.width == 1)
		*(volatile uint8_t *)place(offset) = (uint8_t)value;
	else
		*(volatile uint32_t *)place(offset) = value;
}

void rt_uart_use(const struct rt_uart *uart)
{
	port = *uart;
	/* Off after a reset; the others' transmitters are on, or need a line rate as well. */
	if (port.kind == RT_UART_CADENCE)
		write_register(CADENCE_CR,
		               (read_register(CADENCE_CR) & ~CADENCE_TXDIS) | CADENCE_TXEN);
}

/* Waits until (register & mask) == want; gives the port up when that takes too long. */
static void wait_for(uintptr_t offset, uint32_t mask, uint32_t want)
{
	for (uint32_t i = 0; i < PATIENCE; i++) {
		if ((read_register(offset) & mask) == want)
			return;
	}
	port.kind = RT_UART_NONE;
}

void rt_uart_put(char c)
{
	enum rt_uart_kind kind = port.kind;

	if (kind == RT_UART_NONE)
		return;
	wait_for(kinds[kind].ready, kinds[kind].ready_mask, kinds[kind].ready_want);
	if (port.kind != RT_UART_NONE)
		write_register(kinds[kind].data, (uint8_t)c);
}

void rt_uart_flush(void)
{
	enum rt_uart_kind kind = port.kind;

	if (kind != RT_UART_NONE)
		wait_for(kinds[kind].idle, kinds[kind].idle_mask, kinds[kind].idle_want);
}
