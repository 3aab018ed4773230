/* SPDX-License-Identifier: BSD-2-Clause */
/* library.c - see library.h. */
#include "library.h"

char microkit_name[64];
uint8_t microkit_passive;
uint64_t microkit_irqs, microkit_notifications, microkit_pps;

__attribute__((weak)) unsigned protected(unsigned channel, uint64_t *words, unsigned count)
{
	(void)channel;
	(void)words;
	return count;
}

__attribute__((weak)) void fault(unsigned child)
{
	(void)child;
}

void say(const char *text)
{
	while (*text)
		sel4_debug_put_char(*text++);
}

void say_number(uint64_t number)
{
	if (number > 9)
		say_number(number / 10);
	sel4_debug_put_char((char)('0' + number % 10));
}

void invoke(struct sel4_invocation *inv)
{
	if (sel4_invoke(IPC, inv) != SEL4_NO_ERROR)
		say("refused\n");
}

void notify(unsigned channel)
{
	if (microkit_notifications >> channel & 1)
		sel4_signal(NOTIFY + channel);
	else
		say("no such channel to notify\n");
}

static void to_message(struct sel4_message *m, const uint64_t *words, unsigned count)
{
	m->info = sel4_info(0, 0, count);
	for (unsigned i = 0; i < count; i++) {
		if (i < SEL4_REGISTER_MRS)
			m->mr[i] = words[i];
		else
			IPC->msg[i] = words[i];
	}
}

static unsigned from_message(const struct sel4_message *m, uint64_t *words)
{
	unsigned count = sel4_info_length(m->info);

	for (unsigned i = 0; i < count; i++)
		words[i] = i < SEL4_REGISTER_MRS ? m->mr[i] : IPC->msg[i];
	return count;
}

unsigned call(unsigned channel, uint64_t *words, unsigned count)
{
	struct sel4_message m = {0, {0, 0, 0, 0}};

	if (!(microkit_pps >> channel & 1)) {
		say("no such channel to call\n");
		return 0;
	}
	to_message(&m, words, count);
	sel4_call(CALL + channel, &m);
	return from_message(&m, words);
}

static void take_signals(uint64_t bits)
{
	for (unsigned i = 0; bits; i++, bits >>= 1)
		if (bits & 1)
			notified(i);
}

/* Where a thread begins, with nothing but its stack. */
__asm__(".section .text.start, \"ax\"\n"
        ".globl _start\n"
        "_start:\n\t"
        "mov x0, sp\n\t"
        "b library_main\n"
        ".text");

_Noreturn void library_main(uint64_t sp);

_Noreturn void library_main(uint64_t sp)
{
	uint64_t words[SEL4_MAX_MRS];
	struct sel4_message m;
	uint64_t badge;

	say(microkit_name);
	say(sp == STACK_TOP ? ": begins\n" : ": begins with another stack\n");
	init();
	badge = sel4_recv(INPUT, &m, REPLY);
	for (;;) {
		if (badge >> 62 & 1) {
			fault(badge & 0xff);
		} else if (badge >> 63) {
			unsigned count = from_message(&m, words);

			to_message(&m, words, protected(badge & 0x3f, words, count));
			badge = sel4_reply_recv(INPUT, &m, REPLY);
			continue;
		} else {
			take_signals(badge);
		}
		badge = sel4_recv(INPUT, &m, REPLY);
	}
}
