/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * little.h - numbers in files and images, which are little-endian on every host.
 */
#ifndef MS_TRUST_LITTLE_H
#define MS_TRUST_LITTLE_H

#include <stdint.h>

/* The number in that many bytes, at most eight. */
static inline uint64_t ms_little(const uint8_t *bytes, unsigned count)
{
	uint64_t value = 0;

	for (unsigned i = count; i-- > 0;)
		value = value << 8 | bytes[i];
	return value;
}

#endif
