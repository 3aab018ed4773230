/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * task.h - what the sources of this root task share.
 */
#ifndef TASK_H
#define TASK_H

#include <ms/sel4.h>

/* objects.c: everything is made from the untyped memory that the boot information lists. */
void objects_begin(const struct sel4_bootinfo *info);
uint64_t objects_make(uint64_t type, uint64_t size_bits); /* a capability, or 0 */
uint64_t objects_device_page(uint64_t paddr);             /* the page at this address, or 0 */
enum sel4_error objects_map(uint64_t frame, uint64_t address, uint64_t attributes);

/* console.c */
int console_open(void);
void print(const char *text);
void print_number(uint64_t value);
void print_hex(uint64_t value);

#endif
