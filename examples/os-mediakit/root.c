/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * root.c - the way in: reads requests from the serial port, hands them to the site or the
 * proofreader, and prints the answers.
 */
#include "console.h"
#include "message.h"
#include "service.h"

#define SITE      DOWN
#define BELL      1
#define INTERRUPT 2
#define LINE      200
#define BACKSPACE 8
#define DELETE    127

struct proofs *proofs; /* see system.toml */

static char line[LINE];
static unsigned length;

/* Where the rest of the line begins if its first word is this one, else 0. */
static unsigned after(const char *word)
{
	unsigned i = 0;

	while (word[i] && i < length && line[i] == word[i])
		i++;
	if (word[i] || (i < length && line[i] != ' '))
		return 0;
	while (i < length && line[i] == ' ')
		i++;
	return i;
}

static void print_answer(microkit_msginfo answer)
{
	uint64_t entry = microkit_mr_get(SERVICE_ENTRY), head = microkit_mr_get(SERVICE_HEAD);
	uint64_t count = microkit_msginfo_get_count(answer);
	char text[MESSAGE_TEXT + 1];

	text[message_get_text(answer, SERVICE_TEXT, text, MESSAGE_TEXT)] = '\0';
	say_number(microkit_msginfo_get_label(answer));
	say("\n");
	say(text);
	if (count >= SERVICE_TEXT) {
		say("ledger: ");
		say_number(entry);
		say(" entries, head ");
		say_hex(head);
		say("\n");
	}
}

static void proofread(unsigned from)
{
	unsigned i = 0;

	for (; i < PROOF_MAX && from + i < length; i++)
		proofs->text[i] = line[from + i];
	proofs->length = i;
	microkit_notify(BELL);
	say("202\n");
}

static void run(void)
{
	unsigned from;

	if ((from = after("GET"))) {
		print_answer(microkit_ppcall(
		    SITE, microkit_msginfo_new(SERVICE_GET,
		                               message_put_text(0, line + from, length - from))));
	} else if (after("LEDGER")) {
		print_answer(microkit_ppcall(SITE, microkit_msginfo_new(SERVICE_LEDGER, 0)));
	} else if ((from = after("PROOF"))) {
		proofread(from);
	} else if (length) {
		say("400\nGET /, GET /PAGE, LEDGER, PROOF TEXT\n");
	}
	length = 0;
	say("> ");
}

static void typed(char c)
{
	if (c == '\r' || c == '\n') {
		say("\n");
		run();
	} else if ((c == BACKSPACE || c == DELETE) && length) {
		length--;
		say("\b \b");
	} else if (c >= ' ' && c < DELETE && length < LINE) {
		line[length++] = c;
		say_char(c);
	}
}

static void drain(void)
{
	int c;

	while ((c = console_next()) >= 0)
		typed((char)c);
}

void init(void)
{
	say("os-mediakit: six domains are up\n> ");
	console_listen();
	drain();
}

void notified(microkit_channel channel)
{
	if (channel != INTERRUPT)
		return;
	drain();
	microkit_irq_ack(INTERRUPT);
}
