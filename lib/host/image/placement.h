/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * placement.h - where the loader image, the kernel, its device tree and the root task go in
 * physical memory, and the proof that seL4 will accept that. Pure: numbers in, numbers out.
 *
 * The rules are those of seL4's boot code (src/arch/arm/kernel/boot.c of 15.0.0 and 16.0.0);
 * a machine gives no useful message where one is broken, so none may reach it.
 */
#ifndef MS_IMAGE_PLACEMENT_H
#define MS_IMAGE_PLACEMENT_H

#include "both/elf64.h"
#include "layout/kernel.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MS_PLACE_REGIONS 64 /* most memory regions; more are refused */

struct ms_place_input {
	const struct elf64 *kernel, *root;
	uint64_t dtb_size;     /* bytes; 0: none */
	uint64_t image_size;   /* of the loader image in memory, archive and all; an upper bound */
	uint64_t image_start;  /* where the loader image must lie; 0: wherever is best */
	uint64_t archive_size; /* of a system: the user image begins with the archive; else 0 */
	const struct ms_kernel_range *memory; /* what the kernel takes for RAM */
	size_t memory_count;
	bool hypervisor, mcs;
	unsigned cores, pa_bits, root_cnode_bits;
	unsigned
	    max_untypeds; /* the most there can be; of a system, as many as ms-layout foresees */
};

/* Physical ranges; a range that is not there is 0..0. */
struct ms_placement {
	struct ms_kernel_range kernel;  /* page-rounded */
	struct ms_kernel_range dtb;     /* its end is exact */
	struct ms_kernel_range image;   /* the loader image; free again once the kernel runs */
	struct ms_kernel_range root;    /* page-rounded */
	struct ms_kernel_range user;    /* what the kernel is given as user image: root, or all from
	                                 * the archive's start to root's end */
	struct ms_kernel_range objects; /* what the kernel takes for the root task's objects */
	uint64_t kernel_virt, kernel_entry;
	uint64_t root_virt, root_entry;
	uint64_t pv_offset;         /* root.start - root_virt, modulo 2^64 */
	uint64_t slots, slots_have; /* of the root CNode: used when the root task starts, at most */
};

/* Why there is no placement: the broken rule's name and a sentence with the numbers. */
struct ms_place_fault {
	const char *rule;
	char *text;
};

/*
 * Decides and proves. The kernel lies where its ELF says, the device tree on the next page.
 * The loader image lies 4 MiB above the kernel's 2 MiB block, or on the first 2 MiB block
 * behind kernel and device tree where they are larger; the root task behind the device tree
 * where it fits below the loader image, else above it. Where that breaks a rule, other places
 * are tried: the loader image above the root task, then anywhere else in memory, behind the root
 * task's objects last.
 * A system has no choice, since ms-layout had to know: the loader image lies as above, the archive
 * HANDOFF_LOADER_MAX into it, the root task right behind.
 * Returns false with *fault filled in when nothing fits.
 */
bool ms_place(const struct ms_place_input *in, struct ms_placement *out,
              struct ms_place_fault *fault);

/* One line of a memory map. */
struct ms_map_line {
	const char *name; /* "kernel", "dtb", "loader", "rootserver", "objects", "free" */
	struct ms_kernel_range range;
};
#define MS_MAP_LINES (MS_PLACE_REGIONS + 12)

/* Every piece of memory and what it is for when the kernel starts, ascending; returns the
 * number of lines. */
size_t ms_place_map(const struct ms_place_input *in, const struct ms_placement *placement,
                    struct ms_map_line lines[MS_MAP_LINES]);

#endif
