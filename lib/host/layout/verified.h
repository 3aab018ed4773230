/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verified.h - is a kernel configured as one that seL4's proofs are about? Its gen_config is
 * compared with each of seL4's verified configurations for AArch64, option by option.
 *
 * What the answer means: the proofs are about C sources in one configuration. That a configuration
 * is the same says nothing on whether these bytes were made of those sources, and compiler, linker,
 * boot code, caches and TLBs are outside the proofs for AArch64 altogether.
 */
#ifndef MS_LAYOUT_VERIFIED_H
#define MS_LAYOUT_VERIFIED_H

#include "base/doc.h"
#include "layout/kernel.h"

#include <stddef.h>

/*
 * The verdict, as "archive.kernel.verified_config" of a document records it (ms-plan(5)): verdict,
 * and of a seL4 also release, nearest, differs, different, proved, source, date.
 */
json_t *ms_verified_compare(const struct ms_kernel *kernel);
extern const struct ms_shape ms_verified_shape;

/*
 * A verdict, checked, in words. The line is one sentence, without a newline; the text is lines,
 * each after the indent: the sentence, every differing option, what seL4 states as proved for the
 * nearest configuration, what nobody may conclude.
 */
char *ms_verified_line(const json_t *verdict);
char *ms_verified_text(const json_t *verdict, const char *indent);

/* -- the facts (verified_configs.c) ----------------------------------------------------------- */

enum { MS_PROVED_CORRECTNESS = 1, MS_PROVED_INTEGRITY = 2 };

/* One of seL4's configs/NAME.cmake. */
struct ms_verified_config {
	const char *name;
	unsigned since;      /* the first release that has it, of those that we know */
	unsigned proved;     /* what seL4 states as proved for it: MS_PROVED_…, or 0 */
	const char *timer;   /* TIMER_FREQUENCY, an option since 16.0.0 */
	const char *options; /* what it has beside the common ones, as those */
};
extern const struct ms_verified_config ms_verified_configs[];
extern const size_t ms_verified_config_count;

/* Options that all of them have, "NAME" (on) or "NAME=VALUE", a semicolon after each; then those
 * that all have in the one release alone. What is named nowhere is off. */
extern const char ms_verified_common[];
extern const char ms_verified_in_15[], ms_verified_in_16[];

/* Where seL4 states what is proved, and the date of the newest statement that was read. */
extern const char ms_verified_source[], ms_verified_date[];

#endif
