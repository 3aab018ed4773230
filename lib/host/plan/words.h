/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * words.h - what an argument vector of a plan says about the command: its output, its
 * dependency file, the files and folders that it names.
 */
#ifndef MS_PLAN_WORDS_H
#define MS_PLAN_WORDS_H

#include "base/mem.h"
#include "base/toolkit.h"
#include <stdbool.h>
#include <stddef.h>

enum ms_depfile { MS_DEPFILE_NONE, MS_DEPFILE_GCC, MS_DEPFILE_LD };

struct ms_words {
	const char *const *argv;
	size_t count;
	size_t output;           /* position of the output's name */
	size_t depfile;          /* position of the dependency file's name; 0: none */
	enum ms_depfile dialect; /* MS_DEPFILE_NONE: none */
	bool compiles;           /* "-c" is among them */
	struct ms_list folders;  /* plan paths searched for headers, in order */
};

/* NULL, or what is wrong: no word that could be an output, an output outside the build folder. */
const char *ms_words_read(struct ms_words *words, const char *const *argv);

/* What ms_words_read took of memory; nothing of it but the words is used from then on. */
void ms_words_free(struct ms_words *words);

/* True when word i may name a file that is read: no option, and not one of the places above. */
bool ms_words_may_be_input(const struct ms_words *words, size_t i);

/* The name in a plan of a path as a tool reports it: what ms_expand_path undoes. */
char *ms_plan_name(const struct ms_places *places, const char *path);

/* Adds to absent, which is empty, the names of files that, if they existed, would be read in place
 * of one of `read`: each header below a searched folder, looked for in every other one. The first
 * of `read` is the source, for which nobody searches. False when they are too many to keep. */
bool ms_words_absent(const struct ms_words *words, const struct ms_places *places,
                     const struct ms_list *read, struct ms_list *absent);

#endif
