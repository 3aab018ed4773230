/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * depfile.h - the lists of files read that compilers and linkers leave behind.
 */
#ifndef MS_PLAN_DEPFILE_H
#define MS_PLAN_DEPFILE_H

#include "base/mem.h"
#include <stdbool.h>
#include <stddef.h>

/* Adds what text (NUL-terminated) names as read to files, each once. False when it is not of
 * that form. */
bool ms_depfile_gcc(const char *text, struct ms_list *files); /* gcc -MD */
bool ms_depfile_ld(const char *text, struct ms_list *files);  /* ld --dependency-file */

#endif
