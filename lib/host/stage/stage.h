/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stage.h - the stages as functions. Each is what the program of its name does, and is called by
 * it; ms-build calls several one after the other (drive/host.h), as programs in a pipe would be
 * started.
 *
 * A stage reads its options and its document as a program does, writes to standard output, and
 * returns the program's exit code. Where it cannot go on it ends the program instead.
 */
#ifndef MS_STAGE_STAGE_H
#define MS_STAGE_STAGE_H

typedef int ms_stage_function(int argc, char **argv);

ms_stage_function ms_stage_import, ms_stage_parse, ms_stage_plan, ms_stage_hash, ms_stage_compile,
    ms_stage_layout, ms_stage_cpio, ms_stage_link;

#endif
