/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * writer.c - puts the text into the ring, as much as there is room for, and goes on whenever the
 * reader has made some.
 */
#include "ring.h"
#include <microkit.h>

/* Set when the image is made: see system.toml. */
const char *text;
uint64_t text_bytes;
struct ring *ring;
const struct progress *progress;
uint64_t reader_channel;

static uint64_t done; /* bytes that are in the ring or were */
static int ended;

static void fill(void)
{
	uint64_t written = ring->written;

	while (!ended && written - counter_get(&progress->read) < RING_SLOTS) {
		struct slot *slot = &ring->slots[written % RING_SLOTS];
		uint64_t length = text_bytes - done;

		if (length > SLOT_BYTES)
			length = SLOT_BYTES;
		for (uint64_t i = 0; i < length; i++)
			slot->bytes[i] = text[done + i];
		slot->length = length;
		done += length;
		ended = length == 0;
		written++;
	}
	counter_set(&ring->written, written);
	microkit_notify((microkit_channel)reader_channel);
}

void init(void)
{
	fill();
}

void notified(microkit_channel channel)
{
	if (channel == reader_channel && !ended)
		fill();
}
