/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * root.h - the root task's parts among themselves. It finds the system table in the archive,
 * makes sure that the table was written for this very boot, carries it out section by section,
 * and becomes the monitor. The first failing call is printed and ends it: nothing has been
 * started then, since threads are resumed last.
 */
#ifndef ROOT_ROOT_H
#define ROOT_ROOT_H

#include "board/root/kernel_calls.h"
#include "both/table.h"
#include <ms/bootinfo.h>
#include <stddef.h>
#include <stdint.h>

struct root {
	const struct sel4_bootinfo *info;
	struct sel4_ipc_buffer *ipc;
	const struct table_header *table;
	const uint8_t *archive;
	const uint8_t *tree; /* BootInfo's chunk with the device tree, where it is needed */
	uintptr_t image;     /* address of the user image's first page */
	uintptr_t own; /* address of the root task's own first page; the archive ends before */
};

/* A slot as invocations name it. */
struct root_slot {
	uint64_t cnode, index, depth;
};
struct root_slot root_slot(const struct root *root, uint64_t slot);

/* An invocation that must succeed. name: of the object; number: what tells this call from
 * others of its kind, such as a slot or an address. */
void root_invoke(const struct root *root, struct sel4_invocation *inv, const char *name,
                 const char *operation, uint64_t number);

/* Prints "root task: NAME: PROBLEM" and stops. */
_Noreturn void root_fail(const struct root *root, const char *name, const char *problem);

/* boot.c: the table, and that it fits what the kernel has handed out. */
void root_find_table(struct root *root, const struct sel4_bootinfo *info, uintptr_t own);
void root_check_boot(struct root *root);

/* home.c: its own CNodes. The second one leaves nothing in reach but what TABLE_KEPT names. */
void root_settle(const struct root *root);
void root_give_up_all_but_kept(const struct root *root);

/* objects.c, frames.c, threads.c: the sections in their order. */
void root_make_objects(const struct root *root);
void root_make_irq_handlers(const struct root *root);
void root_assign_spaces(const struct root *root);
void root_map_tables(const struct root *root);
void root_fill_and_patch(const struct root *root);
void root_map_pages(const struct root *root);
void root_give_caps(const struct root *root);
void root_bind_irqs(const struct root *root);
void root_configure_threads(const struct root *root);
void root_start_threads(const struct root *root);
/* domains.c: writes the domain schedule; then makes it the one that is followed. */
void root_write_schedule(const struct root *root);
void root_follow_schedule(const struct root *root);

/* monitor.c: receives faults for ever. fault.c: prints one. */
_Noreturn void root_monitor(const struct root *root);
void root_print_fault(const struct table_thread *thread, const char *name, uint64_t label,
                      const uint64_t *mr, unsigned length);

/* All of it (start.S). own: address of the root task's own first page. */
_Noreturn void root_main(const struct sel4_bootinfo *info, uintptr_t own);

#endif
