/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * toolchain.h - what a compiler is made of: digests of the programs and shared libraries that
 * run when it is called, as one value for the keys of the cache.
 */
#ifndef MS_PLAN_TOOLCHAIN_H
#define MS_PLAN_TOOLCHAIN_H

#include "plan/inputs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ms_toolchain;

/*
 * The toolchain behind a program's name (looked up in PATH); NULL when there is no such program.
 * The same one for the same name. folder: where its digests are remembered; jobs: how many
 * programs may run at a time to find its parts (see ms_runner_new).
 */
struct ms_toolchain *ms_toolchain_open(const char *folder, const char *program, unsigned jobs);

/* Begins to take them in the background. The program then has a second thread, so whatever wants
 * a single one (ms_drop_network) comes first. */
void ms_toolchain_start(struct ms_toolchain *toolchain);

/* 64 hex digits; waits for them. NULL when they cannot be had (a file cannot be read, or changed
 * while it was read): then nothing that it made may be kept. */
const char *ms_toolchain_id(struct ms_toolchain *toolchain);

/* After NULL: the file whose digest cannot be had; errno says why. */
const char *ms_toolchain_fault(const struct ms_toolchain *toolchain);

/* A file of it. */
struct ms_toolchain_part {
	const char *name;   /* the same on every machine: "cc1", "lib/libmpfr.so.6" */
	const char *sha256; /* valid after ms_toolchain_id */
	const char
	    *version; /* what the program says of itself, the compiler's for its parts; or NULL */
	uint64_t size;
	bool library; /* it is linked into what is made */
};

/* File number i of it, from 0; false past the last one. */
bool ms_toolchain_part(const struct ms_toolchain *toolchain, size_t i,
                       struct ms_toolchain_part *part);

/* All of them as inputs of a build; ends the program with 3 where one cannot be read. */
void ms_toolchain_gather(struct ms_toolchain *toolchain, struct ms_inputs *inputs);

/* The real folder of the compiler's own headers and libraries; NULL when it is no compiler. */
const char *ms_toolchain_folder(const struct ms_toolchain *toolchain);

/* A gcc whose own folder is PREFIX/lib/gcc/TARGET/VERSION has its target's headers and libraries in
 * PREFIX/TARGET: that folder, or NULL where own is no such path. */
char *ms_toolchain_target_folder(const char *own);

/* True when path is one of its files (libgcc.a is): its digest is part of the id. */
bool ms_toolchain_has(const struct ms_toolchain *toolchain, const char *path);

/* The path of its file number i, without links; NULL past the last one. (Once it has started.) */
const char *ms_toolchain_file(const struct ms_toolchain *toolchain, size_t i);

/* True when its assembler is GNU's. (Once it has started.) */
bool ms_toolchain_has_gnu_as(const struct ms_toolchain *toolchain);

/* True when no file of it has changed since its digest was taken. */
bool ms_toolchain_unchanged(const struct ms_toolchain *toolchain);

#endif
