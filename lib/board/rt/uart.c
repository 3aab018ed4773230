/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uart.c - sending characters through the serial ports found on AArch64 boards: Arm PL011
 * (DDI 0183), 16550 and its DesignWare form, and the BCM283x mini UART.
 */
#include "board/rt/rt.h"

#define PL011_DR      0x00
#define PL011_FR      0x18
#define PL011_FR_BUSY (1u << 3)
#define PL011_FR_TXFF (1u << 5)
#define LSR           5
#define LSR_THRE      (1u << 5)
#define LSR_TEMT      (1u << 6)
#define AUX_IO        0x40
#define AUX_LSR       0x54

/* A port that never gets ready is given up, so that a wrong console does not stop a boot. */
#define PATIENCE 1000000u

static struct rt_uart port;

static uint32_t read_register(uintptr_t offset)
{
	if (port.kind == RT_UART_16550 && port.width == 1)
		return *(volatile uint8_t *)(port.base + offset);
	return *(volatile uint32_t *)(port.base + offset);
}

static void write_register(uintptr_t offset, uint32_t value)
{
	if (port.kind == RT_UART_16550 && port.width == 1)
		*(volatile uint8_t *)(port.base + offset) = (uint8_t)value;
	else
		*(volatile uint32_t *)(port.base + offset) = value;
}

void rt_uart_use(const struct rt_uart *uart)
{
	port = *uart;
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
	uintptr_t data = 0;

	switch (port.kind) {
	case RT_UART_NONE: return;
	case RT_UART_PL011:
		wait_for(PL011_FR, PL011_FR_TXFF, 0);
		data = PL011_DR;
		break;
	case RT_UART_16550: wait_for((uintptr_t)LSR << port.shift, LSR_THRE, LSR_THRE); break;
	case RT_UART_BCM_AUX:
		wait_for(AUX_LSR, LSR_THRE, LSR_THRE);
		data = AUX_IO;
		break;
	}
	if (port.kind != RT_UART_NONE)
		write_register(data, (uint8_t)c);
}

void rt_uart_flush(void)
{
	switch (port.kind) {
	case RT_UART_NONE: break;
	case RT_UART_PL011: wait_for(PL011_FR, PL011_FR_BUSY, 0); break;
	case RT_UART_16550: wait_for((uintptr_t)LSR << port.shift, LSR_TEMT, LSR_TEMT); break;
	case RT_UART_BCM_AUX: wait_for(AUX_LSR, LSR_TEMT, LSR_TEMT); break;
	}
}
