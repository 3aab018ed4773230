/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * temp.h - the program's end and its unfinished files: what diag.c needs to know of file.c.
 */
#ifndef MS_BASE_TEMP_H
#define MS_BASE_TEMP_H

/* Removes every temporary file that was neither committed nor abandoned. */
void ms_temp_abandon_all(void);

#endif
