/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alike.c - reads the note of a program. See alike.h.
 */
#include "drive/alike.h"

#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OWNER    "moonshot"
#define NOTE_MAX 4096

/* "DIGEST NAME", made by the Makefile for each program; a test of the library has none. */
extern const char ms_made_of[] __attribute__((weak));

/* Bytes of the file that are wanted, from the start that was read or from further on. */
static const uint8_t *bytes_at(int fd, const uint8_t *start, size_t have, uint64_t offset,
                               size_t len, uint8_t *room)
{
	if (offset <= have && len <= have - offset)
		return start + offset;
	if (len > NOTE_MAX || offset > INT64_MAX - NOTE_MAX ||
	    pread(fd, room, len, (off_t)offset) != (ssize_t)len)
		return NULL;
	return room;
}

static size_t padded(uint32_t n)
{
	return ((size_t)n + 3) & ~(size_t)3;
}

/* The text of our note among these, or NULL. */
static const char *find_note(const uint8_t *p, size_t len, size_t *size)
{
	while (len >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr head;
		size_t name, desc;

		memcpy(&head, p, sizeof(head));
		name = padded(head.n_namesz);
		desc = padded(head.n_descsz);
		if (name > len - sizeof(head) || desc > len - sizeof(head) - name)
			return NULL;
		if (head.n_namesz == sizeof(OWNER) &&
		    memcmp(p + sizeof(head), OWNER, sizeof(OWNER)) == 0) {
			*size = head.n_descsz;
			return (const char *)p + sizeof(head) + name;
		}
		p += sizeof(head) + name + desc;
		len -= sizeof(head) + name + desc;
	}
	return NULL;
}

static bool holds(int fd, const char *want)
{
	uint8_t start[NOTE_MAX], room[NOTE_MAX];
	ssize_t have = pread(fd, start, sizeof(start), 0);
	Elf64_Ehdr head;

	if (have < (ssize_t)sizeof(head))
		return false;
	memcpy(&head, start, sizeof(head));
	if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64 ||
	    head.e_phentsize != sizeof(Elf64_Phdr) || head.e_phoff > NOTE_MAX)
		return false;
	for (size_t i = 0; i < head.e_phnum; i++) {
		uint64_t at = head.e_phoff + i * sizeof(Elf64_Phdr);
		const uint8_t *notes;
		const char *text;
		Elf64_Phdr part;
		size_t len;

		if (at + sizeof(part) > (size_t)have)
			return false;
		memcpy(&part, start + at, sizeof(part));
		if (part.p_type != PT_NOTE || part.p_filesz > NOTE_MAX)
			continue;
		notes =
		    bytes_at(fd, start, (size_t)have, part.p_offset, (size_t)part.p_filesz, room);
		text = notes ? find_note(notes, (size_t)part.p_filesz, &len) : NULL;
		if (text)
			return len == strlen(want) && memcmp(text, want, len) == 0;
	}
	return false;
}

bool ms_alike(const char *path, const char *name)
{
	char want[128];
	const char *own = ms_made_of;
	bool alike;
	int fd;

	if (!own)
		return false;
	if (snprintf(want, sizeof(want), "%.64s %s", own, name) >= (int)sizeof(want))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return false;
	alike = holds(fd, want);
	close(fd);
	return alike;
}
