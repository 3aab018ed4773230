/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * toolkit.h - where things are: the toolkit's own board sources, its programs, the project,
 * the build folder; and how the symbolic names of a plan become paths.
 *
 * A plan names files so that nothing of the machine is in it (ms-plan(5)):
 *   a/b.c            relative to the project root
 *   build/…          in the build folder (-B)
 *   @toolkit/…       the toolkit's sources: board/…, both/…
 *   @kernel/…        files made for the kernel at hand: include/…
 *   @project         the project root itself
 */
#ifndef MS_BASE_TOOLKIT_H
#define MS_BASE_TOOLKIT_H

#include <stdbool.h>

/* The real folders behind the symbolic names, for one run. */
struct ms_places {
	const char *build;   /* BUILD_DIR as given; default "build" */
	const char *toolkit; /* absolute: the folder that holds board/ and both/ */
	const char *kernel;  /* folder of the files made for the kernel; NULL: none yet */
	const char *project; /* absolute path of the project root (the working folder) */
};

/* Fills in toolkit and project; build and kernel are the caller's. Ends the program with 3
 * when the toolkit's sources cannot be found. $MS_TOOLKIT, when set, is their folder. */
void ms_places_find(struct ms_places *places);

/* The running program, absolute; and the folder that it lies in. */
const char *ms_program_path(void);
const char *ms_program_folder(void);

/* True for a plan's path of a file that is the project's own: neither made by the build nor the
 * toolkit's. Such a file must not be a link that leads out of the project. */
bool ms_is_project_path(const char *path);

/* A plan's path as a path that can be opened. */
char *ms_expand_path(const struct ms_places *places, const char *path);

/*
 * One word of a plan's argument vector as it is run. Exactly two kinds of words change:
 * a word that is itself a plan path beginning with build/ or @, and the left side of
 * "-ffile-prefix-map=LEFT=RIGHT". Options that take a path therefore stand in a plan as
 * two words ("-I", "@toolkit/board/sel4").
 */
char *ms_expand_word(const struct ms_places *places, const char *word);

#endif
