/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * devices.h - what a system says of devices in words of the device tree, in numbers: addresses and
 * sizes of regions, interrupts and their triggers, from the kernel's own tree (kernel.dtb).
 */
#ifndef MS_LAYOUT_DEVICES_H
#define MS_LAYOUT_DEVICES_H

#include "base/doc.h"
#include "layout/kernel.h"
#include "spec/model.h"

/* The field "devices" of a document (ms-plan(5)): what was looked up, and what was found. */
extern const struct ms_field ms_devices_item;
#define MS_DEVICES_FIELD                                                                           \
	{                                                                                          \
		.name = "devices", .kind = MS_KIND_ARRAY, .min = 1,                                \
		.max = MS_REGION_MAX + MS_IRQ_MAX, .item = &ms_devices_item, .optional = 1         \
	}

/*
 * The system with numbers in place of every reference; the same one where there are none. Every
 * rule holds of it, as if the numbers had been written. name: of the document, for messages.
 * *devices: the list of what was found, or NULL where nothing was looked up. NULL after reporting.
 */
struct ms_spec *ms_devices_resolve(const char *name, struct ms_spec *spec,
                                   const struct ms_kernel *kernel, json_t **devices);

/* A list of devices for people, a line each after two spaces. */
char *ms_devices_text(const json_t *devices);

#endif
