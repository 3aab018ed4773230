/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gdb.h - the script that tells gdb what is where in a built system, for the verb debug.
 */
#ifndef MS_DRIVE_GDB_H
#define MS_DRIVE_GDB_H

#include "base/mem.h"
#include "drive/verbs.h"

/*
 * Adds the script. kernel: path of the kernel's ELF; places: for the paths of what was built. Ends
 * the program with 1 when the document lacks what it takes.
 */
void ms_gdb_script(struct ms_buf *out, const struct ms_built *built, const char *kernel);

#endif
