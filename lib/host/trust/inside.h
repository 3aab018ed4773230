/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inside.h - the archive in an image, found in its bytes whatever the image's format is: newc
 * headers tell themselves.
 */
#ifndef MS_TRUST_INSIDE_H
#define MS_TRUST_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ms_inside {
	const uint8_t *data;
	size_t len; /* up to and with the trailer */
};

/* The first archive whose first member is the kernel; false when there is none. */
bool ms_inside_find(const uint8_t *image, size_t len, struct ms_inside *found);

#endif
