/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bootinfo.h - what the root task finds at its start: x0 points to a struct sel4_bootinfo, the
 * slots of its CNode are filled as below. SP and every other register are 0: a start routine
 * sets the stack before any C code runs. Pure data: also compiles on the host.
 */
#ifndef MS_BOOTINFO_H
#define MS_BOOTINFO_H

#include <ms/kernel.h>
#include <ms/message.h>
#include <stddef.h>
#include <stdint.h>

/* Slots of the root task's CNode. */
enum sel4_initial_slot {
	SEL4_SLOT_NULL = 0,
	SEL4_SLOT_TCB = 1,
	SEL4_SLOT_CNODE = 2, /* guard 0, guard size 64 - MS_KERNEL_ROOT_CNODE_BITS */
	SEL4_SLOT_VSPACE = 3,
	SEL4_SLOT_IRQ_CONTROL = 4,
	SEL4_SLOT_ASID_CONTROL = 5,
	SEL4_SLOT_ASID_POOL = 6,
	SEL4_SLOT_BOOTINFO = 9,
	SEL4_SLOT_IPC_BUFFER = 10,
	SEL4_SLOT_DOMAIN = 11,
	SEL4_SLOT_SCHED_CONTEXT = 14, /* MCS */
	SEL4_SLOT_SMC = 15,           /* MS_KERNEL_SMC */
	SEL4_SLOT_FIRST_FREE = 16     /* further capabilities of the kernel come here, see below */
};

/* A slot of the root task's CNode is addressed with this depth; the guard is part of it. */
#define SEL4_ROOT_DEPTH 64

/* Slots start..end-1. */
struct sel4_slots {
	uint64_t start, end;
};

struct sel4_untyped {
	uint64_t paddr;
	uint8_t size_bits;
	uint8_t is_device;
	uint8_t reserved[6];
};

struct sel4_bootinfo {
	uint64_t extra_size; /* bytes of extra boot info, on the page after this one */
	uint64_t node;
	uint64_t node_count;
	uint64_t io_levels;
	struct sel4_ipc_buffer *ipc_buffer;
	struct sel4_slots empty;
	struct sel4_slots shared_frames;
	struct sel4_slots image_frames; /* pages of the user image, ascending */
	struct sel4_slots image_tables; /* its page tables */
	struct sel4_slots io_space;
	struct sel4_slots extra_pages;
	uint64_t cnode_bits;
	uint64_t domain;
#if MS_KERNEL_MCS
	struct sel4_slots sched_control; /* one for each core */
#endif
	struct sel4_slots untyped; /* slot untyped.start + i is described by untypeds[i] */
	struct sel4_untyped untypeds[MS_KERNEL_MAX_UNTYPEDS];
};
_Static_assert(sizeof(void *) != 8 || offsetof(struct sel4_bootinfo, empty) == 40, "bootinfo");
_Static_assert(sizeof(void *) != 8 ||
                   offsetof(struct sel4_bootinfo, untypeds) == (MS_KERNEL_MCS ? 184 : 168),
               "bootinfo");
_Static_assert(sizeof(struct sel4_untyped) == 16, "untyped");

/* Extra boot info: chunks of this header and len - 16 bytes, extra_size bytes in all. */
struct sel4_extra {
	uint64_t id;
	uint64_t len; /* the header counted */
};
#define SEL4_EXTRA_PADDING 0
#define SEL4_EXTRA_FDT     6

/* The next chunk after chunk (NULL: the first); NULL when there is none, or a malformed one. */
static inline const struct sel4_extra *sel4_extra_next(const struct sel4_bootinfo *info,
                                                       const struct sel4_extra *chunk)
{
	const char *start = (const char *)info + 4096;
	uint64_t at = chunk ? (uint64_t)((const char *)chunk - start) + chunk->len : 0;
	const struct sel4_extra *next;

	if (at > info->extra_size || info->extra_size - at < sizeof(*next))
		return NULL;
	next = (const struct sel4_extra *)(const void *)(start + at);
	if (next->len < sizeof(*next) || next->len > info->extra_size - at)
		return NULL;
	return next;
}

#endif
