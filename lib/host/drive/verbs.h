/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verbs.h - what ms-build does: one function per verb, returning the exit code.
 */
#ifndef MS_DRIVE_VERBS_H
#define MS_DRIVE_VERBS_H

#include "base/doc.h"
#include "drive/pipeline.h"
#include <stdbool.h>
#include <stddef.h>

/* A finished build. */
struct ms_built {
	const char *build; /* BUILD_DIR */
	const char *image; /* path of the image */
	json_t *document;  /* the last stage's; of a build that was remembered (memory.h) no more
	                    * than plan_hash, image and archive.kernel */
};

/* A new project in the folder path, named as its last component. */
int ms_verb_init(const char *path, bool quiet);

/* Checks the specification alone. */
int ms_verb_validate(const struct ms_drive *drive);

/* Prints the hashed plan. */
int ms_verb_plan(const struct ms_drive *drive);

/* Prints the commands of a build and runs none. */
int ms_verb_dry_run(const struct ms_drive *drive);

/* Builds; built receives what came out. */
int ms_verb_build(const struct ms_drive *drive, struct ms_built *built);

/* Builds, and writes the lock of what was built to path. */
int ms_verb_lock(const struct ms_drive *drive, const char *path);

/* Prints why two builds are not the same; each is a build folder, a document or an image. 0 when
 * there is no difference, else 1. */
int ms_verb_diff(const char *a, const char *b, bool as_json);

/* Says on stdout or stderr what was built: image, hashes, kernel. */
void ms_built_print(const struct ms_built *built, bool to_stderr);

/* Compares an earlier build with its record and the record with the specification. */
int ms_verb_verify(const struct ms_drive *drive);

struct ms_boot {
	const char *expect;             /* regular expression that ends the run; NULL: none */
	long timeout;                   /* seconds; 0: none */
	const char *const *qemu_args;   /* further arguments; NULL-terminated, or NULL */
	const struct ms_list *silenced; /* rules, see preflight.h */
	bool no_input;                  /* the guest gets no console input */
	bool quiet;
};

/* Boots what was built under QEMU and streams its console. */
int ms_verb_boot(const struct ms_built *built, const struct ms_boot *boot);

struct ms_debug {
	struct ms_boot boot; /* its qemu_args are gdb's, or QEMU's with no_gdb */
	long port;           /* on the loopback; 0: a socket in a folder of its own */
	bool no_gdb;         /* QEMU alone; the command for gdb is said */
};

/* Boots what was built under QEMU, stopped before its first instruction, and starts gdb on it. The
 * build's document must have all its keys (ms_drive.whole). */
int ms_verb_debug(const struct ms_drive *drive, const struct ms_built *built,
                  const struct ms_debug *debug);

/* -- shared by the verbs ----------------------------------------------------------------- */

/* QEMU's argument vector for what was built. qemu_args: further ones, NULL-terminated, or NULL. */
void ms_boot_argv(struct ms_list *argv, const struct ms_built *built, const char *const *qemu_args);

#endif
