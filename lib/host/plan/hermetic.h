/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hermetic.h - what a step may see under --hermetic: what it declares, and the toolchain.
 *
 * A command declares the files that its words and inputs name, the folders that it searches for
 * headers (-I), and the headers beside its source: files named *.h, *.inc or *.def in the very
 * same folder. Nothing else of the project is there, and nothing else of the machine.
 */
#ifndef MS_PLAN_HERMETIC_H
#define MS_PLAN_HERMETIC_H

#include "base/file.h"
#include "base/mem.h"
#include "base/sandbox.h"
#include "base/toolkit.h"
#include "plan/toolchain.h"
#include "plan/words.h"
#include <stdbool.h>

/* Before there is a second thread. Ends the program with 3 where the kernel does not allow it. */
void ms_hermetic_enter(void);

/* What a command may see. program: its name in the plan; files: plan paths that it reads. NULL
 * after reporting an include folder that leads out of the project. */
struct ms_sandbox *ms_hermetic_view(const struct ms_places *places, const struct ms_words *words,
                                    const struct ms_list *files,
                                    const struct ms_toolchain *toolchain, const char *step);

/* The clean environment, with temporary files in the command's own folder. */
const char *const *ms_hermetic_environment(const char *folder);

/* Copies what the command made under this name into a temporary file. False when it made no such
 * file. */
bool ms_hermetic_take(const struct ms_sandbox *sandbox, const char *name, struct ms_temp *to);

/* Names every file that a failed command asked for in vain though it is there: it is not declared.
 * output: what the command printed. */
void ms_hermetic_explain(const struct ms_sandbox *sandbox, const struct ms_places *places,
                         const struct ms_words *words, const struct ms_buf *output,
                         const char *step);

#endif
