/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compare_elf.h - where two programs differ, and which of their sources made what lies there.
 */
#ifndef MS_TRUST_COMPARE_ELF_H
#define MS_TRUST_COMPARE_ELF_H

#include "trust/compare_parts.h"
#include "trust/elf_names.h"
#include "trust/inside.h"

#include <stdbool.h>

struct ms_elf_side {
	const uint8_t *data;
	size_t len;
	uint64_t base;         /* of data in the file that is compared, for "offset" */
	struct ms_inside skip; /* bytes of data that are compared elsewhere */
	/* what is known of it: */
	bool has_names;
	struct ms_elf_names names;
	const json_t *document, *step; /* whose commands made it; NULL: unknown */
	const char *folder;            /* the build folder, where objects may still lie */
};

/* Appends the differences of what is called `what` ("hello.elf"; "": the file itself). */
void ms_compare_elf(json_t *list, const char *what, const struct ms_elf_side *a,
                    const struct ms_elf_side *b);

/* Appends where the bytes differ first, those in skip and behind it left out. */
void ms_compare_bytes(json_t *list, const char *what, const struct ms_elf_side *a,
                      const struct ms_elf_side *b);

#endif
