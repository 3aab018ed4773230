/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * elf_file.h - a file with its digest, and of a program only what a stage has use for.
 *
 * A program that was linked for debugging is mostly what nobody loads. Of such a file only the
 * parts that are asked for stay in memory, and where its digest is known already (seen.h),
 * only those are read.
 */
#ifndef MS_BASE_ELF_FILE_H
#define MS_BASE_ELF_FILE_H

#include "base/digest.h"
#include <stddef.h>
#include <stdint.h>

struct ms_file {
	char *data; /* and a NUL behind len bytes */
	size_t len;
	uint64_t size;              /* of the file */
	char sha256[MS_SHA256_HEX]; /* of the file, all of it */
};

/* Reads a file; its digest is taken where it is not known. 0, or -1 with errno (EFBIG: longer
 * than max) and data NULL. The memory stays until the program's end. */
int ms_file_read(const char *path, size_t max, struct ms_file *file);

enum ms_elf_parts {
	MS_ELF_HEADERS = 0, /* file and program headers; the segments appear without data */
	MS_ELF_LOADED = 1,  /* what the segments load */
	MS_ELF_SYMBOLS = 2  /* the symbol table and its names */
};

/* The same, for both/elf64.h: data is an ELF file of these parts, which lie elsewhere than in
 * the file. What elf64_open would refuse is there as it is. */
int ms_elf_read(const char *path, size_t max, unsigned parts, struct ms_file *file);

/* A number as AArch64's ELF files hold it, the least byte first; bytes: 1 to 8. */
uint64_t ms_le(const uint8_t *p, unsigned bytes);

#endif
