/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loader_sources.h - what the loader, the root task, the runtime of protection domains and the
 * probe kernel are made of, and how each piece is compiled and linked. Tables only: ms-plan writes
 * the loader's into its AssembleImage step, ms-compile builds the probe kernel by the others when
 * no seL4 is at hand.
 *
 * A source is named from the toolkit's folder: "board/boot/start.S" is
 * "@toolkit/board/boot/start.S" in a plan. Base names are unique within a program, so
 * its object is the base name with ".o".
 */
#ifndef MS_PLAN_LOADER_SOURCES_H
#define MS_PLAN_LOADER_SOURCES_H

/* All lists end with NULL. */

/* Flags of every C and assembler file for the board, "-c", "-o" and the source not included. */
extern const char *const ms_board_compile_flags[];
/* Flags of a link; "-T" and the script, "-o" and the objects not included. */
extern const char *const ms_board_link_flags[];

extern const char *const ms_loader_sources[];
#define MS_LOADER_SCRIPT "board/boot/boot.lds" /* after MS_LOADER_PLACE */

/*
 * The rest of an AssembleImage step, as plan paths. ms-cpio writes the archive; ms-link writes
 * the table's source and place.ld, links MS_LOADER_ELF (the "-o" of the step's last command),
 * and reduces it to what is loaded: MS_IMAGE, the step's output.
 */
#define MS_ARCHIVE      "build/system.cpio"
#define MS_LOADER_TABLE "build/loader/archive.S"
#define MS_LOADER_PLACE "build/loader/place.ld"
#define MS_LOADER_ELF   "build/loader/loader.elf"
#define MS_IMAGE        "build/system-image.bin"

/* The root task of a system, compiled for the kernel at hand: beside the board's flags come
 * ms_root_compile_flags. */
extern const char *const ms_root_sources[];
extern const char *const ms_root_compile_flags[];
#define MS_ROOT_SCRIPT "board/root/root.lds"
#define MS_ROOT_ELF    "build/root/root.elf"

/* What the protection domains of a system are linked with; flags as for the root task. */
extern const char *const ms_pd_sources[];
extern const char *const ms_pd_compile_flags[];
#define MS_PD_SCRIPT "board/pd/pd.lds"

extern const char *const ms_probe_sources[];
#define MS_PROBE_SCRIPT "board/probe/probe.lds"

/*
 * The probe kernel's device tree is assembler data: MS_PROBE_DTB compiled with the board's flags
 * and ms_probe_dtb_flags, then its object turned into kernel.dtb by
 *   MS_BOARD_OBJCOPY ms_probe_dtb_objcopy... OBJECT kernel.dtb
 */
#define MS_PROBE_DTB     "board/probe/tree.S"
#define MS_BOARD_OBJCOPY "aarch64-linux-gnu-objcopy"
extern const char *const ms_probe_dtb_flags[];
extern const char *const ms_probe_dtb_objcopy[];

/* Files of the probe kernel's folder that are copied as they are, under their base names. */
extern const char *const ms_probe_files[];

#endif
