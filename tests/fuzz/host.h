/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host.h - runs code of lib/host again and again in one process, as a fuzzer wants it.
 *
 * That code is written for programs that run once: it ends the program at the first fault
 * (base/diag.h) and never frees what it took (base/mem.h). Here an execution is what happens
 * between two calls of the fuzzer: exit() comes back to where it began, everything allocated
 * meanwhile is freed, and the static variables of the library get the values that they had
 * before the first execution. Nothing is compiled in another way for that: the linker's --wrap
 * puts host.c between the library and libc (Makefile: FUZZ_WRAP).
 */
#ifndef FUZZ_HOST_H
#define FUZZ_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory that one execution may hold at a time: the bound that a program keeps for any input. */
#define FUZZ_MEMORY_MAX ((size_t)96 << 20)

/*
 * What a target defines. fuzz_once: before the first execution; what it allocates and sets stays.
 * fuzz_one: one execution. An exit with 3 (the system failed, or a field that was checked is not
 * there) is a finding, since no input may lead to it.
 */
void fuzz_once(void);
void fuzz_one(const uint8_t *data, size_t size);

/* Does work(user) within an execution; false when it ended by exit(). What it took is freed at
 * the execution's end. */
bool fuzz_try(void (*work)(void *user), void *user);

/* The status of the last exit(). */
extern int fuzz_status;

/* A file of these bytes in a folder of this process; its path stays valid. */
const char *fuzz_file(const char *name, const void *data, size_t size);

/* Ends the process as a finding when the condition does not hold. */
void fuzz_check(bool holds, const char *what);

/* The program shows what it reports ($FUZZ_VERBOSE). */
extern bool fuzz_verbose;

#endif
