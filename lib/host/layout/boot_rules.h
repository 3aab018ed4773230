/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot_rules.h - the sums that seL4's boot code does for its root task, for whoever foresees them:
 * page tables, the block for the device tree, the place of the root task's objects. Numbers
 * in, numbers out; src/kernel/boot.c and src/arch/arm/kernel/boot.c of seL4 15.0.0 and 16.0.0.
 */
#ifndef MS_LAYOUT_BOOT_RULES_H
#define MS_LAYOUT_BOOT_RULES_H

#include "layout/kernel.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Capabilities that every root task has before the counted ones (seL4_NumInitialCaps). */
#define MS_BOOT_FIXED_SLOTS 16

/* With 40-bit stage-2 addresses the walk starts one level lower, at two tables side by side. */
bool ms_boot_three_levels(bool hypervisor, unsigned pa_bits);

/* Page tables below the top one that cover [start, end); start < end. */
uint64_t ms_boot_tables(bool three_levels, uint64_t start, uint64_t end);

/* The extra boot info of a device tree of so many bytes: its bytes with their header, and the one
 * block, a power of two, that the kernel takes for it. Both 0 without a device tree. */
uint64_t ms_boot_extra_size(uint64_t dtb_size);
uint64_t ms_boot_extra_block(uint64_t dtb_size);

/*
 * Where the kernel puts the root task's objects: at the end of the highest of the free pieces
 * (ascending, disjoint) that holds them. Returns the piece's index with *start filled in, or
 * count when none does. align: a power of two.
 */
size_t ms_boot_objects(const struct ms_kernel_range *pieces, size_t count, uint64_t size,
                       uint64_t align, uint64_t *start);

#endif
