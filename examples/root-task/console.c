/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console.c - text on the serial port. A kernel for release has no console to print on, so this
 * task drives the port itself: it makes the page of the PL011's registers from device memory.
 */
#include "task.h"

#define UART_PADDR   0x09000000ull /* qemu-arm-virt */
#define UART_ADDRESS 0x30000000ull
#define DR           0
#define FR           6 /* words: offset 0x18 */
#define FR_TXFF      (1u << 5)

static volatile uint32_t *uart;

/* 0 when the port is at hand. */
int console_open(void)
{
	uint64_t page = objects_device_page(UART_PADDR);

	if (!page || objects_map(page, UART_ADDRESS, 0) != SEL4_NO_ERROR)
		return -1;
	uart = (volatile uint32_t *)UART_ADDRESS;
	return 0;
}

void print(const char *text)
{
	for (; *text; text++) {
		while (uart[FR] & FR_TXFF)
			;
		uart[DR] = (unsigned char)*text;
	}
}

static void print_base(uint64_t value, unsigned base)
{
	char text[21];
	int i = sizeof(text) - 1;

	text[i] = '\0';
	do {
		text[--i] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	print(text + i);
}

void print_number(uint64_t value)
{
	print_base(value, 10);
}

void print_hex(uint64_t value)
{
	print("0x");
	print_base(value, 16);
}
