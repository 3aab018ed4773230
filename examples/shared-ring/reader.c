/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reader.c - prints what comes through the ring. It trusts the writer in nothing: a length or a
 * counter that cannot be is the end.
 */
#include "console.h"
#include "ring.h"
#include <microkit.h>

/* Set when the image is made: see system.toml. */
const struct ring *ring;
uint64_t ring_bytes;
uint64_t ring_paddr;
struct progress *progress;
uint64_t writer_channel;
uint64_t expected_lines;

static uint64_t bytes, lines;
static int ended;

static void end(int good)
{
	ended = 1;
	say(good ? "shared-ring: " : "shared-ring: FAILED: ");
	say_number(bytes);
	say(" bytes, ");
	say_number(lines);
	say(" lines, through a ring of ");
	say_number(ring_bytes);
	say(" bytes at physical address ");
	say_hex(ring_paddr);
	say(good ? "\nshared-ring: done\n" : "\n");
}

static void take(const struct slot *slot)
{
	uint64_t length = __atomic_load_n(&slot->length, __ATOMIC_RELAXED);

	if (length == 0 || length > SLOT_BYTES) {
		end(length == 0 && lines == expected_lines);
		return;
	}
	for (uint64_t i = 0; i < length; i++) {
		char c = slot->bytes[i];

		lines += c == '\n';
		if (c == '\n')
			say_char('\r');
		say_char(c);
	}
	bytes += length;
}

void init(void)
{
}

void notified(microkit_channel channel)
{
	uint64_t read = progress->read, written = counter_get(&ring->written);

	if (channel != writer_channel || ended)
		return;
	if (written - read > RING_SLOTS) {
		end(0);
		return;
	}
	while (read != written && !ended)
		take(&ring->slots[read++ % RING_SLOTS]);
	counter_set(&progress->read, read);
	microkit_notify(channel);
}
