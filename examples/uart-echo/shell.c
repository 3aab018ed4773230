/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shell.c - reads lines from the serial port, with echo and backspace, and does what they say.
 */
#include "serial.h"
#include <microkit.h>

#define SERIAL    0
#define LINE      128
#define BACKSPACE 8
#define DELETE    127

/* Set when the image is made: see system.toml. */
char *output;
uint64_t output_bytes;

static char line[LINE];
static unsigned length;
static uint64_t written; /* in the output region, not sent yet */

static void flush(void)
{
	microkit_mr_set(0, written);
	microkit_ppcall(SERIAL, microkit_msginfo_new(SERIAL_WRITE, 1));
	written = 0;
}

static void print_char(char c)
{
	if (written == output_bytes)
		flush();
	output[written++] = c;
}

static void print(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			print_char('\r');
		print_char(*text);
	}
}

static void print_number(uint64_t value)
{
	char text[21];
	int i = sizeof(text) - 1;

	text[i] = '\0';
	do {
		text[--i] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	print(text + i);
}

/* What follows the word in the line, or NULL if the line begins with another word. */
static const char *after(const char *word)
{
	const char *at = line;

	while (*word && *at == *word) {
		at++;
		word++;
	}
	if (*word || (*at && *at != ' '))
		return NULL;
	while (*at == ' ')
		at++;
	return at;
}

static void sum(const char *text)
{
	uint64_t total = 0, number = 0;

	for (;; text++) {
		if (*text >= '0' && *text <= '9') {
			if (__builtin_mul_overflow(number, 10, &number) ||
			    __builtin_add_overflow(number, (uint64_t)(*text - '0'), &number)) {
				print("that is too large\n");
				return;
			}
		} else if (*text == ' ' || !*text) {
			if (__builtin_add_overflow(total, number, &total)) {
				print("that is too large\n");
				return;
			}
			number = 0;
			if (!*text)
				break;
		} else {
			print("sum takes numbers\n");
			return;
		}
	}
	print_number(total);
	print("\n");
}

static void reverse(const char *text)
{
	const char *at = text;

	while (*at)
		at++;
	while (at > text)
		print_char(*--at);
	print("\n");
}

static void run(void)
{
	const char *rest;

	if ((rest = after("echo"))) {
		print(rest);
		print("\n");
	} else if ((rest = after("sum"))) {
		sum(rest);
	} else if ((rest = after("reverse"))) {
		reverse(rest);
	} else if (after("help")) {
		print("echo TEXT, reverse TEXT, sum NUMBER...\n");
	} else if (line[0]) {
		print("no such command: ");
		print(line);
		print("\n");
	}
}

static void typed(char c)
{
	if (c == '\r' || c == '\n') {
		print("\n");
		line[length] = '\0';
		length = 0;
		run();
		print("> ");
	} else if (c == BACKSPACE || c == DELETE) {
		if (length) {
			length--;
			print("\b \b");
		}
	} else if (c >= ' ' && c < DELETE && length < LINE - 1) {
		line[length++] = c;
		print_char(c);
	}
}

void init(void)
{
	print("uart-echo: type help\n> ");
	flush();
}

void notified(microkit_channel channel)
{
	if (channel != SERIAL)
		return;
	for (;;) {
		char in[SERIAL_READ_MAX];
		uint64_t count = microkit_msginfo_get_count(
		    microkit_ppcall(SERIAL, microkit_msginfo_new(SERIAL_READ, 0)));

		if (count == 0 || count > SERIAL_READ_MAX)
			break;
		for (uint64_t i = 0; i < count; i++) /* before a call overwrites them */
			in[i] = (char)microkit_mr_get((uint8_t)i);
		for (uint64_t i = 0; i < count; i++)
			typed(in[i]);
		flush();
	}
}
