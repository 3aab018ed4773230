/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uart.c - driver of a PL011 (Arm DDI 0183). Characters that come in raise the interrupt, wait in
 * a ring, and are fetched by a call; characters that go out are sent during the call.
 */
#include "serial.h"
#include <microkit.h>

#define CLIENT    0
#define INTERRUPT 1

#define DR       0x00
#define FR       0x18
#define FR_RXFE  (1u << 4)
#define FR_TXFF  (1u << 5)
#define CR       0x30
#define CR_ON    (1u << 9 | 1u << 8 | 1u << 0) /* receiver, sender, port */
#define IMSC     0x38
#define ICR      0x44
#define RECEIVED (1u << 4 | 1u << 6) /* a character; none for a while after one */

#define RING 256 /* a power of two */

/* Set when the image is made: see system.toml. */
uintptr_t registers;
const char *output;
uint64_t output_bytes;

static unsigned char ring[RING];
static unsigned ring_in, ring_out; /* they only grow */

static uint32_t get(unsigned offset)
{
	return *(volatile uint32_t *)(registers + offset);
}

static void put(unsigned offset, uint32_t value)
{
	*(volatile uint32_t *)(registers + offset) = value;
}

/* Takes what came in. What finds the ring full is lost, as it would be in the port itself. */
static void receive(void)
{
	unsigned before = ring_in;

	put(ICR, RECEIVED);
	while (!(get(FR) & FR_RXFE)) {
		unsigned char c = (unsigned char)get(DR);

		if (ring_in - ring_out < RING)
			ring[ring_in++ % RING] = c;
	}
	if (ring_in != before)
		microkit_notify(CLIENT);
}

/* The port is set up already: to touch its line control would drop what was typed so far. */
void init(void)
{
	put(CR, CR_ON);
	put(IMSC, RECEIVED);
	receive();
}

void notified(microkit_channel channel)
{
	if (channel != INTERRUPT)
		return;
	receive();
	microkit_irq_ack(INTERRUPT);
}

static microkit_msginfo write(uint64_t length)
{
	if (length > output_bytes)
		length = output_bytes;
	for (uint64_t i = 0; i < length; i++) {
		while (get(FR) & FR_TXFF)
			;
		put(DR, (unsigned char)output[i]);
	}
	microkit_mr_set(0, length);
	return microkit_msginfo_new(0, 1);
}

static microkit_msginfo read(void)
{
	uint16_t count = 0;

	while (count < SERIAL_READ_MAX && ring_in != ring_out)
		microkit_mr_set((uint8_t)count++, ring[ring_out++ % RING]);
	return microkit_msginfo_new(0, count);
}

microkit_msginfo protected(microkit_channel channel, microkit_msginfo message)
{
	(void)channel;
	switch (microkit_msginfo_get_label(message)) {
	case SERIAL_WRITE: return write(microkit_mr_get(0));
	case SERIAL_READ: return read();
	default: return microkit_msginfo_new(0, 0);
	}
}
