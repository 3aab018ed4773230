/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alike.h - is a program on disk one that was made together with this one?
 *
 * Every program of a build carries a note (ELF, owner "moonshot"): the digest of the library that
 * it was linked with, and its own name. Of a stage's program with the right name and with
 * ms-build's own digest ms-build knows what it does without starting it.
 */
#ifndef MS_DRIVE_ALIKE_H
#define MS_DRIVE_ALIKE_H

#include <stdbool.h>

/* name: what the program's note must say, e.g. "ms-parse". */
bool ms_alike(const char *path, const char *name);

#endif
