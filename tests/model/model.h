/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * model.h - a model of seL4's objects, for running the root task on the host: CNodes, untypeds
 * with their watermark, frames, page tables, address spaces, threads, scheduling contexts,
 * notifications, endpoints, interrupts. It stands behind lib/board/root/kernel_calls.h, takes
 * the invocations in the form in which the kernel gets them, and refuses what the kernel
 * refuses, with the same error and the same numbers.
 *
 * Memory is real: physical memory is a file, and what is mapped in the root task's own address
 * space is mapped in this process at the very same addresses.
 *
 * One system at a time; the classic or MCS kernel is chosen when this is compiled, by the
 * <ms/kernel.h> that is found.
 */
#ifndef TESTS_MODEL_MODEL_H
#define TESTS_MODEL_MODEL_H

#include <ms/message.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* An untyped as BootInfo lists it. */
struct model_untyped {
	uint64_t paddr;
	unsigned size_bits, device;
};

/* What the kernel's boot leaves behind. */
struct model_boot {
	const void *image; /* bytes of the user image */
	size_t image_size; /* rounded up to pages */
	uint64_t own;      /* offset of the root task's own first page in it */
	uint64_t image_paddr, image_vaddr;
	uint64_t memory_start, memory_end;    /* RAM */
	uint64_t image_slot;                  /* of the image's first frame */
	uint64_t sched_slot;                  /* of core 0's sched control (MCS) */
	uint64_t untyped_slot, empty_slot;    /* empty_slot may come later than the last untyped */
	const struct model_untyped *untypeds; /* from untyped_slot on */
	size_t untyped_count;
	const void *tree; /* a device tree, which BootInfo hands on; NULL: none */
	size_t tree_size;
};

enum model_end {
	MODEL_WAITS,   /* the root task waits as the monitor, all messages are received */
	MODEL_STOPPED, /* it gave up (kernel_stop) */
	MODEL_FAULTED  /* it named a CPtr that leads nowhere: seL4 would have stopped it */
};

/* Sets the system up afresh; what was there before is forgotten. */
void model_boot(const struct model_boot *boot);
/* The IPC buffer's and BootInfo's memory, between model_boot and model_run. */
struct sel4_bootinfo *model_bootinfo(void);
/* Runs the root task from its start. */
enum model_end model_run(void);
/* What it has printed, NUL-terminated. */
const char *model_console(void);

/* A message that the monitor will receive, in order. */
void model_message(uint64_t badge, uint64_t label, unsigned length, const uint64_t *mr);
/* Invocation number n (from 0) of the coming run answers with this error; -1: none does. */
void model_fail_at(long n, unsigned error);
/* Invocations that were carried out, in all and with one label. */
unsigned long model_calls(void);
unsigned long model_calls_of(uint64_t label);

/* Everything that there is, as one JSON document: threads by name with their capabilities and
 * mappings; objects are named by kind and physical address. */
void model_dump(FILE *out);

/*
 * Compares what there is after a run that came to its end with the system table: capabilities,
 * pages and their bytes, threads, interrupts, no less and no more. Prints each difference and
 * returns their number. image: the user image as it was at boot.
 */
unsigned model_verify(FILE *errors, const void *system_table, const void *image);

/* Bytes of physical memory. */
void model_read(uint64_t paddr, void *to, size_t size);

#endif
