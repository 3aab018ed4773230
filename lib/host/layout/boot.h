/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot.h - what a kernel hands to its root task, foreseen: the slots of its CNode and every
 * untyped with its address, exactly as seL4's boot code does it.
 *
 * The rules are those of src/kernel/boot.c and src/arch/arm/kernel/boot.c of seL4 15.0.0 and
 * 16.0.0. ms-layout decides slots and physical addresses from them; the root task compares what it
 * finds with the same numbers before it acts.
 */
#ifndef MS_LAYOUT_BOOT_H
#define MS_LAYOUT_BOOT_H

#include "layout/kernel.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ms_boot_input {
	const struct ms_kernel *kernel;
	struct ms_kernel_range dtb;  /* the end is exact; 0..0: none */
	struct ms_kernel_range user; /* the user image: whole pages */
	uint64_t user_virt;          /* where the root task sees user.start */
};

struct ms_boot_untyped {
	uint64_t paddr;
	uint8_t bits;
	bool device;
};

/* Slots first..first+count-1 of the root CNode. */
struct ms_boot_slots {
	uint64_t first, count;
};

struct ms_boot {
	struct ms_kernel_range kernel;  /* what it keeps to itself, byte-exact */
	struct ms_kernel_range objects; /* of the root task: its CNode, TCB, page tables... */
	uint64_t ipc_buffer;            /* virtual; the user image ends there */
	uint64_t bootinfo;
	uint64_t virt_end;           /* past all that the kernel maps for the root task */
	struct ms_boot_slots tables; /* userImagePaging */
	struct ms_boot_slots extra;  /* extraBIPages */
	struct ms_boot_slots sched;  /* schedcontrol (MCS) */
	struct ms_boot_slots frames; /* userImageFrames */
	struct ms_boot_slots untyped;
	uint64_t empty;                   /* first empty slot */
	struct ms_boot_untyped *untypeds; /* in the order of their slots */
	size_t count, cap;
};

/*
 * Carries the boot out on paper. Returns NULL, or why this kernel would not start its root task
 * so: text for a message; *rule receives the broken rule's name.
 */
const char *ms_boot_foresee(const struct ms_boot_input *in, struct ms_boot *boot,
                            const char **rule);

#endif
