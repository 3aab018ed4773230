/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main.c - a protection domain that is its own root task: it lists what seL4 handed it, makes
 * objects, and uses memory and a notification that it made.
 */
#include "task.h"

#define NEW_ADDRESS 0x20000000ull
#define BADGE       0x2a

_Noreturn void root_task(const struct sel4_bootinfo *info);

static void list(const struct sel4_bootinfo *info)
{
	uint64_t count = info->untyped.end - info->untyped.start, bytes = 0, devices = 0;

	print("root-task: root CNode of 2^");
	print_number(info->cnode_bits);
	print(" slots, free ones ");
	print_number(info->empty.start);
	print(" to ");
	print_number(info->empty.end - 1);
	print("\nroot-task: this program is ");
	print_number(info->image_frames.end - info->image_frames.start);
	print(" pages\n");
	for (uint64_t i = 0; i < count; i++) {
		const struct sel4_untyped *u = &info->untypeds[i];

		if (u->is_device) {
			devices++;
			continue;
		}
		print("root-task: untyped ");
		print_number(info->untyped.start + i);
		print(": memory at ");
		print_hex(u->paddr);
		print(", 2^");
		print_number(u->size_bits);
		print("\n");
		bytes += 1ull << u->size_bits;
	}
	print("root-task: memory ");
	print_number(bytes >> 20);
	print(" MiB in ");
	print_number(count - devices);
	print(" untypeds, devices in ");
	print_number(devices);
	print("\n");
}

/* Says what came of a step; 0 when it was good. */
static int said(int good, const char *what)
{
	print(good ? "root-task: " : "root-task: FAILED: ");
	print(what);
	print("\n");
	return good ? 0 : -1;
}

/* A page of memory: made, mapped, written, read. */
static int use_memory(void)
{
	volatile uint64_t *words = (volatile uint64_t *)NEW_ADDRESS;
	uint64_t frame = objects_make(MS_OBJECT_SMALL_PAGE, 0);

	if (said(frame != 0, "a page is made from untyped memory"))
		return -1;
	if (said(objects_map(frame, NEW_ADDRESS, SEL4_CACHED) == SEL4_NO_ERROR,
	         "and mapped at 0x20000000"))
		return -1;
	for (int i = 0; i < 512; i++)
		if (words[i] != 0)
			return said(0, "it is all zero");
	words[511] = 0x600dcafe;
	return said(words[511] == 0x600dcafe, "it was all zero, and holds what is written to it");
}

/* A notification, and a second capability to it that carries a badge. */
static int use_notification(struct sel4_ipc_buffer *ipc)
{
	struct sel4_invocation inv;
	uint64_t notification = objects_make(MS_OBJECT_NOTIFICATION, 0);
	uint64_t badged = objects_make(MS_OBJECT_ENDPOINT, 0); /* its slot gets reused */

	if (said(notification && badged, "a notification and an endpoint are made"))
		return -1;
	sel4_cnode_delete(&inv, SEL4_SLOT_CNODE, badged, SEL4_ROOT_DEPTH);
	if (said(sel4_invoke(ipc, &inv) == SEL4_NO_ERROR, "the endpoint is deleted"))
		return -1;
	sel4_cnode_mint(&inv, SEL4_SLOT_CNODE, badged, SEL4_ROOT_DEPTH, SEL4_SLOT_CNODE,
	                notification, SEL4_ROOT_DEPTH, SEL4_WRITE, BADGE);
	if (said(sel4_invoke(ipc, &inv) == SEL4_NO_ERROR, "a badged capability takes its slot"))
		return -1;
	sel4_signal(badged);
	return said(sel4_wait(notification) == BADGE, "its signal arrives with the badge");
}

_Noreturn void root_task(const struct sel4_bootinfo *info)
{
	struct sel4_invocation suspend;

	objects_begin(info);
	if (console_open() == 0) {
		list(info);
		if (use_memory() == 0 && use_notification(info->ipc_buffer) == 0)
			print("root-task: done\n");
	}
	/* A suspended thread takes no time from anybody. This comes back only if refused. */
	sel4_tcb_suspend(&suspend, SEL4_SLOT_TCB);
	sel4_invoke(NULL, &suspend);
	for (;;)
		sel4_yield();
}
