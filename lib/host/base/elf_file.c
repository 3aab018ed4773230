/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * elf_file.c - reading the parts of an ELF file that are used. See elf_file.h.
 *
 * The file lies in memory at its own offsets, so that both/elf64.h judges it as it judges any
 * file; pages that nothing was put into are never touched and take no memory.
 */
#include "base/elf_file.h"
#include "base/mem.h"
#include "base/notes.h"
#include "base/seen.h"
#include "both/elf64.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD       4096u /* read first: nearly always all program headers */
#define SHT_SYMTAB 2

/* Where the bytes come from: an open file, or all of it in memory. */
struct source {
	int fd;
	const uint8_t *all; /* NULL: read them */
	uint8_t *to;
	size_t len;
};

static uint64_t le(const uint8_t *p, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | p[bytes];
	return value;
}

static bool inside(const struct source *s, uint64_t offset, uint64_t size)
{
	return offset <= s->len && size <= s->len - offset;
}

static int read_at(int fd, uint8_t *to, uint64_t offset, size_t size)
{
	while (size) {
		ssize_t n = pread(fd, to, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : EAGAIN; /* shorter than it was */
			return -1;
		}
		to += n;
		offset += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

static int get(struct source *s, uint64_t offset, uint64_t size)
{
	if (!s->all)
		return read_at(s->fd, s->to + offset, offset, (size_t)size);
	memcpy(s->to + offset, s->all + offset, (size_t)size);
	return 0;
}

/* What lies outside the file is left to elf64.h to refuse. */
static int get_loaded(struct source *s, const uint8_t *headers, unsigned count)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < count; i++) {
		const uint8_t *p = headers + (size_t)i * ELF64_PHDR;
		uint64_t offset = le(p + 8, 8), size = le(p + 32, 8);

		if (le(p, 4) != ELF64_PT_LOAD || !inside(s, offset, size))
			continue;
		total += size;
		/* No linker loads the same bytes twice. */
		if (total > s->len)
			return get(s, 0, s->len);
		if (get(s, offset, size) != 0)
			return -1;
	}
	return 0;
}

static int get_section(struct source *s, const uint8_t *header)
{
	uint64_t offset = le(header + 24, 8), size = le(header + 32, 8);

	return inside(s, offset, size) ? get(s, offset, size) : 0;
}

static int get_symbols(struct source *s)
{
	uint64_t table = le(s->to + 40, 8), count = le(s->to + 60, 2);

	if (le(s->to + 58, 2) != ELF64_SHDR || !inside(s, table, count * ELF64_SHDR))
		return 0;
	if (get(s, table, count * ELF64_SHDR) != 0)
		return -1;
	for (uint64_t i = 0; i < count; i++) {
		const uint8_t *header = s->to + table + i * ELF64_SHDR;
		uint64_t link = le(header + 40, 4);

		if (le(header + 4, 4) != SHT_SYMTAB)
			continue;
		if (get_section(s, header) != 0)
			return -1;
		return link < count ? get_section(s, s->to + table + link * ELF64_SHDR) : 0;
	}
	return 0;
}

/* The wanted parts of what begins as an ELF file does; else all of it. */
static int get_parts(struct source *s, unsigned parts)
{
	size_t head = s->len < HEAD ? s->len : HEAD;
	uint64_t table, count;

	if (get(s, 0, head) != 0)
		return -1;
	if (s->len > HEAD && memcmp(s->to, "\177ELF", 4) == 0) {
		table = le(s->to + 32, 8);
		count = le(s->to + 56, 2);
		if (table <= head && count <= ELF64_MAX_PHDR && count * ELF64_PHDR <= head - table)
			return ((parts & MS_ELF_LOADED) &&
			        get_loaded(s, s->to + table, (unsigned)count) != 0) ||
			               ((parts & MS_ELF_SYMBOLS) && get_symbols(s) != 0)
			           ? -1
			           : 0;
	}
	return get(s, head, s->len - head);
}

static void *room(size_t len)
{
	void *data =
	    mmap(NULL, len + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return data == MAP_FAILED ? NULL : data;
}

/* Digests all of it, in memory that serves every file, and keeps the parts. */
static int digest_all(const struct ms_stamp *stamp, unsigned parts, struct source *s,
                      char sha256[MS_SHA256_HEX])
{
	static struct ms_buf whole;
	int64_t started = ms_stamp_now();
	struct ms_stamp after;
	uint8_t *all = (uint8_t *)ms_buf_room(&whole, s->len);

	if (read_at(s->fd, all, 0, s->len) != 0)
		return -1;
	ms_sha256_hex(all, s->len, sha256);
	if (ms_stamp_take_fd(&after, s->fd))
		ms_seen_add(stamp, &after, started, sha256);
	s->all = all;
	return get_parts(s, parts);
}

static int read_parts(int fd, const struct ms_stamp *stamp, unsigned parts,
                      struct ms_elf_file *file)
{
	struct source s = {.fd = fd, .len = file->len};
	struct ms_stamp after;

	s.to = file->data = room(file->len);
	if (!s.to)
		return -1;
	if (ms_seen_get(stamp, file->sha256)) {
		if (get_parts(&s, parts) == 0 && ms_stamp_take_fd(&after, fd) &&
		    ms_stamp_same(stamp, &after))
			return 0;
		/* Changed while it was read: as a file that nobody knows. */
		madvise(s.to, s.len + 1, MADV_DONTNEED);
	}
	return digest_all(stamp, parts, &s, file->sha256);
}

int ms_elf_read(const char *path, size_t max, unsigned parts, struct ms_elf_file *file)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), result = -1, why;
	struct ms_stamp stamp;

	if (fd >= 0 && ms_stamp_take_fd(&stamp, fd)) {
		file->len = (size_t)stamp.size;
		if (S_ISDIR(stamp.mode))
			errno = EISDIR;
		else if (stamp.size > max)
			errno = EFBIG;
		else
			result = read_parts(fd, &stamp, parts, file);
	}
	why = errno;
	if (fd >= 0)
		close(fd);
	if (result == 0)
		ms_note_read(path, file->sha256);
	else if (why == ENOENT)
		ms_note_absent(path);
	else
		ms_note_never();
	errno = why;
	return result;
}
