/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * system.h - a small system made by hand for the root task's tests: two protection domains,
 * "ping" and "pong", with code from the archive, data that is filled and patched, a stack, a
 * shared 2 MiB region that one of them sees past the caches, an interrupt, a channel each way.
 */
#ifndef TESTS_MODEL_SYSTEM_H
#define TESTS_MODEL_SYSTEM_H

#include "builder.h"
#include "model.h"

#define SYSTEM_PDS        2
#define SYSTEM_OWN_PAGES  4
#define SYSTEM_CODE       0x200000ull
#define SYSTEM_DATA       0x202000ull
#define SYSTEM_IPC        0x300000ull
#define SYSTEM_STACK      0x310000ull /* two pages */
#define SYSTEM_SHARED     0x400000ull
#define SYSTEM_DATA_BYTES 100
#define SYSTEM_IRQ        40
#define SYSTEM_CNODE_BITS 8

/* Work slots, in the order in which the objects are made. */
enum system_slot {
	S_SHARED,
	S_SPACE,                         /* of ping, then of pong; so with each that follows */
	S_TABLES = S_SPACE + SYSTEM_PDS, /* three for each */
	S_SCRATCH_TABLE = S_TABLES + 3 * SYSTEM_PDS,
	S_DATA,
	S_IPC = S_DATA + SYSTEM_PDS,
	S_STACK = S_IPC + SYSTEM_PDS, /* two for each */
	S_CNODE = S_STACK + 2 * SYSTEM_PDS,
	S_TCB = S_CNODE + SYSTEM_PDS,
	S_MONITOR_CNODE = S_TCB + SYSTEM_PDS,
	S_SC,
	S_NOTIFICATION = S_SC + SYSTEM_PDS,
	S_REPLY = S_NOTIFICATION + SYSTEM_PDS, /* and the monitor's */
	S_ENDPOINT = S_REPLY + SYSTEM_PDS + 1, /* pong's, the monitor's */
	S_MADE = S_ENDPOINT + 2,
	S_CODE_COPY = S_MADE, /* two pages for each */
	S_SHARED_COPY = S_CODE_COPY + 2 * SYSTEM_PDS,
	S_FAULT,
	S_IRQ_BADGED = S_FAULT + SYSTEM_PDS,
	S_IRQ,
	S_UART,
	S_COUNT
};

#define SYSTEM_WORK_BITS    6
#define SYSTEM_MONITOR_BITS 4
#define WORK(i)             (TABLE_WORK | (uint64_t)(i))

struct system {
	struct builder table; /* complete; a test may add to it or change the header */
	struct model_boot boot;
	struct model_untyped untypeds[3];
	uint64_t used[3]; /* bytes of each */
	unsigned char *image;
	uint64_t code;        /* offset of the code's two pages in the archive */
	uint64_t data;        /* of the data's bytes */
	const void *in_image; /* the table, after system_boot */
};

/* The records of the whole system, and the boot that it is meant for. */
void system_prepare(struct system *s);
/* Puts table and archive together and boots; the table goes into the archive as it is then. */
void system_boot(struct system *s);
void system_free(struct system *s);

#endif
