/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * embedded.h - files that a source takes in behind the preprocessor's back: .incbin and .include
 * of assembler, in .S files and in asm statements. No dependency file of a compiler lists them.
 */
#ifndef MS_PLAN_EMBEDDED_H
#define MS_PLAN_EMBEDDED_H

#include "base/mem.h"
#include "base/run.h"
#include <stdbool.h>
#include <stddef.h>

/* True when a text may do that, or asks whether a file exists, which is not listed either. What
 * .incbin names may be known (incbin_known). */
bool ms_embeds(const char *data, size_t len, bool incbin_known);

/*
 * Has the assembler list them: runs a compile once more, with scratch files beside `output` that
 * are removed again. argv: of the compile, without a launcher; output and depfile: positions of
 * those words. Adds the files to `files` as the assembler calls them, among others. False when it
 * cannot tell.
 */
bool ms_embedded_files(const char *const *argv, size_t output, size_t depfile, const char *beside,
                       struct ms_list *files);

#endif
