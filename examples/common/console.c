/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console.c - a PL011 (Arm DDI 0183) that is set up already. Sending waits until the port takes
 * the next character.
 */
#include "console.h"

#define DR       0x00
#define FR       0x18
#define FR_RXFE  (1u << 4)
#define FR_TXFF  (1u << 5)
#define CR       0x30
#define CR_ON    (1u << 9 | 1u << 8 | 1u << 0) /* receiver, sender, port */
#define IMSC     0x38
#define ICR      0x44
#define RECEIVED (1u << 4 | 1u << 6) /* a character; none for a while after one */

uintptr_t console_registers;

static uint32_t get(unsigned offset)
{
	return *(volatile uint32_t *)(console_registers + offset);
}

static void put(unsigned offset, uint32_t value)
{
	*(volatile uint32_t *)(console_registers + offset) = value;
}

/* The line control stays as it is: to touch it would drop what was typed so far. */
void console_listen(void)
{
	put(CR, CR_ON);
	put(IMSC, RECEIVED);
}

int console_next(void)
{
	if (get(FR) & FR_RXFE) {
		put(ICR, RECEIVED);
		if (get(FR) & FR_RXFE) /* one may have come in meanwhile */
			return -1;
	}
	return (int)(get(DR) & 0xff);
}

void say_char(char c)
{
	while (get(FR) & FR_TXFF)
		;
	put(DR, (unsigned char)c);
}

void say(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			say_char('\r');
		say_char(*text);
	}
}

static void say_base(uint64_t value, unsigned base)
{
	char text[21];
	int i = sizeof(text) - 1;

	text[i] = '\0';
	do {
		text[--i] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	say(text + i);
}

void say_number(uint64_t value)
{
	say_base(value, 10);
}

void say_hex(uint64_t value)
{
	say("0x");
	say_base(value, 16);
}
