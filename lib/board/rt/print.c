/* SPDX-License-Identifier: BSD-2-Clause */
/* print.c - a printf with the few conversions that board code needs. */
#include "board/rt/rt.h"

static void put_string(const char *s)
{
	for (; *s; s++) {
		if (*s == '\n')
			rt_uart_put('\r');
		rt_uart_put(*s);
	}
}

static void put_number(uint64_t value, unsigned base)
{
	char digits[20];
	unsigned n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value > 0);
	while (n > 0)
		rt_uart_put(digits[--n]);
}

void rt_vprint(const char *format, va_list ap)
{
	for (const char *p = format; *p; p++) {
		if (*p != '%') {
			if (*p == '\n')
				rt_uart_put('\r');
			rt_uart_put(*p);
			continue;
		}
		int wide = *++p == 'l';
		if (wide)
			p++;
		switch (*p) {
		case 's': put_string(va_arg(ap, const char *)); break;
		case 'c': rt_uart_put((char)va_arg(ap, int)); break;
		case 'u':
			put_number(wide ? va_arg(ap, unsigned long) : va_arg(ap, unsigned), 10);
			break;
		case 'x':
			put_number(wide ? va_arg(ap, unsigned long) : va_arg(ap, unsigned), 16);
			break;
		case 0: return;
		default: rt_uart_put(*p);
		}
	}
}

void rt_print(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	rt_vprint(format, ap);
	va_end(ap);
}
