/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ring.h - a ring for one writer and one reader, in two regions: each side writes its own.
 * Counters only grow; a slot's number is a counter modulo RING_SLOTS.
 */
#ifndef RING_H
#define RING_H

#include <stdint.h>

#define RING_SLOTS 8
#define SLOT_BYTES 48

struct slot {
	uint64_t length; /* 0: the text is at its end */
	char bytes[SLOT_BYTES];
};

/* The writer's. */
struct ring {
	uint64_t written;
	struct slot slots[RING_SLOTS];
};

/* The reader's. */
struct progress {
	uint64_t read;
};

/* What was written before the counter is there when the counter is seen. */
static inline uint64_t counter_get(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_ACQUIRE);
}

static inline void counter_set(uint64_t *counter, uint64_t value)
{
	__atomic_store_n(counter, value, __ATOMIC_RELEASE);
}

#endif
