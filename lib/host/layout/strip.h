/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strip.h - an ELF file reduced to what is loaded: a header, PT_LOAD program headers and
 * their data. Sections, symbols and pages of zeroes are not carried.
 */
#ifndef MS_LAYOUT_STRIP_H
#define MS_LAYOUT_STRIP_H

#include "base/mem.h"
#include "both/elf64.h"

#define MS_STRIP_PAGE 4096u

/*
 * Appends the reduced form of the executable in data to out. What a loader makes of it in
 * memory is the same, byte for byte: the entry, every address, every flag and every end.
 *
 * - Segments come in the order of their virtual addresses; empty ones are dropped.
 * - A segment is split where it holds whole pages of zeroes (pages of its virtual address;
 *   the partial page at either end counts as one): memsz of the part before covers them.
 *   Short runs stay in the data where splitting would need more than ELF64_MAX_PHDR headers.
 * - In the file, data lies at an offset equal to its virtual address modulo MS_STRIP_PAGE, so
 *   whole pages of a file that starts on a page boundary can be mapped where they are. Segments
 *   with different flags do not share a page of the file.
 * - Every field of the headers that does not follow from this is fixed, so equal memory
 *   images from different linkers' section tables give equal bytes.
 *
 * Returns what elf64_open says about data, or ELF64_ESEGMENT where segments load more bytes
 * than the file has; out is untouched then. The reduced form is never longer than
 * len + 2 * (segments + 1) * MS_STRIP_PAGE.
 */
enum elf64_error ms_strip(const void *data, size_t len, struct ms_buf *out);

#endif
