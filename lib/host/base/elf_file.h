/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * elf_file.h - a program's file, with its digest: as much of it as a stage has use for.
 *
 * A program that was linked for debugging is mostly what nobody loads. Of such a file only the
 * parts that are asked for stay in memory, and where its digest is known already (seen.h),
 * only those are read.
 */
#ifndef MS_BASE_ELF_FILE_H
#define MS_BASE_ELF_FILE_H

#include "base/digest.h"
#include <stddef.h>

enum ms_elf_parts {
	MS_ELF_HEADERS = 0, /* file and program headers: in any case */
	MS_ELF_LOADED = 1,  /* what the segments load */
	MS_ELF_SYMBOLS = 2  /* section headers, the symbol table and its names */
};

struct ms_elf_file {
	void *data; /* len bytes and a NUL; what is no part that was asked for is zero */
	size_t len;
	char sha256[MS_SHA256_HEX]; /* of the whole file */
};

/* Reads a file for both/elf64.h; one that is no ELF file, or an odd one, is there in full.
 * 0, or -1 with errno (EFBIG: longer than max). The memory stays until the program's end. */
int ms_elf_read(const char *path, size_t max, unsigned parts, struct ms_elf_file *file);

#endif
