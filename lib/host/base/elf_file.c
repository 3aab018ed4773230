/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * elf_file.c - reading files with their digests, and the used parts of ELF files. See elf_file.h.
 *
 * The parts are put behind each other and the headers' offsets turned to them: what three stages
 * read of each program then fills a quarter of the pages, and both/elf64.h judges it as any file.
 */
#include "base/elf_file.h"
#include "base/mem.h"
#include "base/notes.h"
#include "base/seen.h"
#include "both/elf64.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD       4096u /* read first: nearly always all program headers */
#define SHT_SYMTAB 2u
#define SHT_STRTAB 3u
#define SYMBOL     24u

/* Where the bytes come from: an open file, or all of it in memory. */
struct source {
	int fd;
	const char *all; /* NULL: read them */
	size_t len;
};

/* A range of the file. */
struct range {
	uint64_t offset, size;
};

uint64_t ms_le(const uint8_t *p, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | p[bytes];
	return value;
}

static void put_le(uint8_t *p, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static int get(const struct source *s, void *to, uint64_t offset, uint64_t size)
{
	char *p = to;

	if (s->all) {
		memcpy(to, s->all + offset, (size_t)size);
		return 0;
	}
	while (size) {
		ssize_t n = pread(s->fd, p, (size_t)size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : EAGAIN; /* shorter than it was */
			return -1;
		}
		p += n;
		offset += (uint64_t)n;
		size -= (uint64_t)n;
	}
	return 0;
}

static int add(const struct source *s, struct ms_buf *out, struct range range)
{
	char *to = ms_buf_room(out, (size_t)range.size);

	if (get(s, to, range.offset, range.size) != 0)
		return -1;
	out->len += (size_t)range.size;
	out->data[out->len] = '\0';
	return 0;
}

static bool inside(const struct source *s, struct range range)
{
	return range.offset <= s->len && range.size <= s->len - range.offset;
}

static struct range section_range(const uint8_t *header)
{
	return (struct range){ms_le(header + 24, 8), ms_le(header + 32, 8)};
}

/* The tables that elf64.h finds symbols in; *there is false where it finds none. */
static int find_symbols(const struct source *s, const uint8_t *head, struct range *symbols,
                        struct range *names, bool *there)
{
	struct range table = {ms_le(head + 40, 8), ms_le(head + 60, 2) * ELF64_SHDR};
	struct ms_buf headers = {0};
	uint64_t count = table.size / ELF64_SHDR;

	*there = false;
	if (count == 0 || ms_le(head + 58, 2) != ELF64_SHDR || !inside(s, table))
		return 0;
	if (add(s, &headers, table) != 0)
		return -1;
	for (uint64_t i = 0; i < count; i++) {
		const uint8_t *base = (const uint8_t *)headers.data, *of = base + i * ELF64_SHDR;
		uint64_t link = ms_le(of + 40, 4);

		if (ms_le(of + 4, 4) != SHT_SYMTAB)
			continue;
		*symbols = section_range(of);
		if (ms_le(of + 56, 8) != SYMBOL || link >= count || !inside(s, *symbols))
			break;
		of = base + link * ELF64_SHDR;
		*names = section_range(of);
		*there = ms_le(of + 4, 4) == SHT_STRTAB && inside(s, *names);
		break;
	}
	free(headers.data);
	return 0;
}

static void put_section(uint8_t *header, uint32_t type, struct range range)
{
	put_le(header + 4, type, 4);
	put_le(header + 24, range.offset, 8);
	put_le(header + 32, range.size, 8);
}

static int add_symbols(const struct source *s, const uint8_t *head, struct ms_buf *out)
{
	uint8_t headers[3 * ELF64_SHDR] = {0};
	struct range symbols, names;
	bool there;
	uint64_t at;

	if (find_symbols(s, head, &symbols, &names, &there) != 0)
		return -1;
	if (!there)
		return 0;
	at = out->len;
	put_section(headers + ELF64_SHDR, SHT_SYMTAB, (struct range){at, symbols.size});
	put_le(headers + ELF64_SHDR + 40, 2, 4);
	put_le(headers + ELF64_SHDR + 56, SYMBOL, 8);
	put_section(headers + 2 * ELF64_SHDR, SHT_STRTAB,
	            (struct range){at + symbols.size, names.size});
	if (add(s, out, symbols) != 0 || add(s, out, names) != 0)
		return -1;
	put_le((uint8_t *)out->data + 40, out->len, 8);
	put_le((uint8_t *)out->data + 60, 3, 2);
	ms_buf_add(out, headers, sizeof(headers));
	return 0;
}

static int add_segments(const struct source *s, unsigned parts, const uint8_t *head,
                        struct ms_buf *out)
{
	uint64_t table = ms_le(head + 32, 8), count = ms_le(head + 56, 2);

	for (uint64_t i = 0; i < count; i++) {
		uint64_t at = table + i * ELF64_PHDR;
		struct range range = {ms_le(head + at + 8, 8), ms_le(head + at + 32, 8)};

		if (!(parts & MS_ELF_LOADED) || ms_le(head + at, 4) != ELF64_PT_LOAD)
			range.size = 0;
		put_le((uint8_t *)out->data + at + 8, range.size ? out->len : 0, 8);
		put_le((uint8_t *)out->data + at + 32, range.size, 8);
		if (add(s, out, range) != 0)
			return -1;
	}
	return 0;
}

/* True when these first bytes of a file are all that elf64_open would look at, and please it; and
 * the segments' data are no more than the file. */
static bool is_sound(const struct source *s, const uint8_t *head, size_t have)
{
	uint64_t table, count, total = 0;
	struct elf64 elf;

	if (have < ELF64_EHDR)
		return false;
	table = ms_le(head + 32, 8);
	count = ms_le(head + 56, 2);
	if (table < ELF64_EHDR || table > have || count > (have - table) / ELF64_PHDR ||
	    elf64_open(&elf, head, s->len) != ELF64_OK)
		return false;
	for (unsigned i = 0; i < elf.phnum; i++) {
		struct elf64_segment segment = elf64_segment(&elf, i);

		total += segment.type == ELF64_PT_LOAD ? segment.filesz : 0;
	}
	return total <= s->len;
}

static int add_parts(const struct source *s, unsigned parts, struct ms_buf *out)
{
	size_t have = s->len < HEAD ? s->len : HEAD;
	uint8_t head[HEAD];

	if (get(s, head, 0, have) != 0)
		return -1;
	if (!is_sound(s, head, have))
		return add(s, out, (struct range){0, s->len});
	ms_buf_add(out, head, (size_t)(ms_le(head + 32, 8) + ms_le(head + 56, 2) * ELF64_PHDR));
	put_le((uint8_t *)out->data + 40, 0, 8); /* no sections so far */
	put_le((uint8_t *)out->data + 60, 0, 4);
	if (add_segments(s, parts, head, out) != 0)
		return -1;
	return parts & MS_ELF_SYMBOLS ? add_symbols(s, head, out) : 0;
}

#define WHOLE 4u /* in place of parts: the file as it is */

static int take(const struct source *s, unsigned parts, struct ms_buf *out)
{
	out->len = 0;
	return parts & WHOLE ? add(s, out, (struct range){0, s->len}) : add_parts(s, parts, out);
}

/* Digests all of it. What parts are kept of is read to memory that serves every file. */
static int digest_all(const struct source *s, const struct ms_stamp *stamp, unsigned parts,
                      struct ms_buf *out, char sha256[MS_SHA256_HEX])
{
	static struct ms_buf reused;
	struct ms_buf *whole = parts & WHOLE ? out : &reused;
	struct source all = *s;
	int64_t started = ms_stamp_now();
	struct ms_stamp after;

	whole->len = 0;
	if (add(s, whole, (struct range){0, s->len}) != 0)
		return -1;
	ms_sha256_hex(whole->data, whole->len, sha256);
	if (ms_stamp_take_fd(&after, s->fd))
		ms_seen_add(stamp, &after, started, sha256);
	all.all = whole->data;
	return parts & WHOLE ? 0 : take(&all, parts, out);
}

static int read_file(int fd, size_t max, unsigned parts, struct ms_file *file)
{
	struct source s = {.fd = fd};
	struct ms_stamp stamp, after;
	struct ms_buf out = {0};

	if (!ms_stamp_take_fd(&stamp, fd))
		return -1;
	if (S_ISDIR(stamp.mode) || stamp.size > max) {
		errno = S_ISDIR(stamp.mode) ? EISDIR : EFBIG;
		return -1;
	}
	s.len = (size_t)stamp.size;
	/* Changed while it was read: as a file that nobody knows. */
	if ((!ms_seen_get(&stamp, file->sha256) || take(&s, parts, &out) != 0 ||
	     !ms_stamp_take_fd(&after, fd) || !ms_stamp_same(&stamp, &after)) &&
	    digest_all(&s, &stamp, parts, &out, file->sha256) != 0)
		return -1;
	file->data = out.data;
	file->len = out.len;
	file->size = stamp.size;
	return 0;
}

static int read_path(const char *path, size_t max, unsigned parts, struct ms_file *file)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), result = -1, why;

	file->data = NULL;
	file->len = 0;
	if (fd >= 0)
		result = read_file(fd, max, parts, file);
	why = errno;
	if (fd >= 0)
		close(fd);
	if (result == 0)
		ms_note_read(path, file->sha256);
	else if (fd < 0 && why == ENOENT)
		ms_note_absent(path);
	else
		ms_note_never();
	errno = why;
	return result;
}

int ms_file_read(const char *path, size_t max, struct ms_file *file)
{
	return read_path(path, max, WHOLE, file);
}

int ms_elf_read(const char *path, size_t max, unsigned parts, struct ms_file *file)
{
	return read_path(path, max, parts, file);
}
