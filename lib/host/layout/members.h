/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * members.h - what goes into a system's archive, in which order, and where each piece lies in it.
 *
 * ms-layout decides addresses from this, ms-cpio packs it: both must see the same.
 */
#ifndef MS_LAYOUT_MEMBERS_H
#define MS_LAYOUT_MEMBERS_H

#include "base/toolkit.h"
#include "layout/kernel.h"
#include "spec/model.h"
#include <jansson.h>

#define MS_ARCHIVE_PAGE 4096u /* what the data of ELF members and prefills is aligned to */

/* What is to be packed: a file, or bytes at hand. */
struct ms_member {
	const char *name; /* in the archive */
	const char *file; /* the file that is copied; NULL: data holds the bytes */
	const void *data;
	size_t len;
	uint32_t align; /* of the data in the archive: a power of two, 4 to MS_ARCHIVE_PAGE */
};

/* A PD's program. */
struct ms_pd_file {
	size_t member;    /* its reduced form */
	const void *data; /* the ELF file as it was linked: its loaded parts and its symbols */
	size_t len;
	const char *path;   /* of that file, for messages */
	const char *sha256; /* of that file */
	/* The ELF file with its symbols: the same, or what the spec's symbols_from names. */
	const void *symbols;
	size_t symbols_len;
	const char *symbols_path;
};

struct ms_members {
	struct ms_member *items;
	size_t count, cap;
	size_t root;            /* position of rootserver */
	size_t table;           /* of system.table; MS_NO_INDEX: not a system */
	struct ms_pd_file *pds; /* by PD */
	size_t *prefills;       /* by region; MS_NO_INDEX: not prefilled */
	int status;
};

/*
 * The members of the system in plan (a checked ms-plan/1 document with "artifacts"; spec is its
 * system): kernel.elf, kernel.dtb where there is one, then,
 * system: our root task as rootserver, system.table without its bytes, each different ELF file
 *   of the PDs once, as NAME.elf after the first PD that has it;
 * else: the first PD as rootserver, NAME.elf for every further one;
 * and each prefill under its region's name. ELF files are reduced to what is loaded; artifacts
 * must be what the document says, prefills must fit their regions.
 *
 * Returns MS_EXIT_OK, else MS_EXIT_INPUT or MS_EXIT_SYSTEM after every independent fault has been
 * reported.
 */
int ms_members_collect(const json_t *plan, const struct ms_spec *spec,
                       const struct ms_places *places, const struct ms_kernel *kernel, bool system,
                       struct ms_members *members);

/* Where the data of each member lies in the archive; returns the archive's size with its
 * trailer, 0 where a name is too long for the format. offsets: room for count numbers. */
uint64_t ms_members_offsets(const struct ms_members *members, uint64_t *offsets);

#endif
