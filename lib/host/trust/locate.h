/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * locate.h - where the inputs of a build lie on this machine, by their stable names.
 */
#ifndef MS_TRUST_LOCATE_H
#define MS_TRUST_LOCATE_H

#include "base/digest.h"

/* The path of an input of the project or the toolkit (plan/inputs.h says what names there are).
 * NULL for one of the kernel build or the compiler, which have no fixed place. */
char *ms_locate(const char *project, const char *toolkit, const char *name);

/* 0 when a regular file lies there, else -1 with errno. A delivered folder can hold anything: a
 * FIFO would be waited for. */
int ms_locate_file(const char *path);

/* Digest and size (may be NULL) of a regular file; 0, or -1 with errno. path NULL: of a name that
 * has no place. */
int ms_locate_digest(const char *path, char hex[MS_SHA256_HEX], uint64_t *size);

#endif
