/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-archive.c - archives written, read back, and read after they were damaged.
 */
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "both/newc.h"
#include "image/archive.h"
#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test-archive-XXXXXX";

static char *in_folder(const char *name)
{
	return ms_format("%s/%s", folder, name);
}

static struct ms_member bytes(const char *name, const char *data, size_t len, uint32_t align)
{
	struct ms_member m = {0};

	m.name = name;
	m.data = data;
	m.len = len;
	m.align = align;
	return m;
}

static struct ms_member file(const char *name, const char *path)
{
	struct ms_member m = {0};

	m.name = name;
	m.file = path;
	m.align = 4;
	return m;
}

static int one(struct ms_member m)
{
	struct ms_archive archive;

	return ms_archive_write(in_folder("one"), &m, 1, &archive);
}

static void round_trip(void)
{
	char *path = in_folder("a"), *source = in_folder("source");
	struct ms_member members[4];
	struct ms_archive wrote, read;
	char big[10001];
	bool equal;

	memset(big, 'x', sizeof(big));
	ms_write_file(source, big, sizeof(big), 0);
	members[0] = bytes("kernel.elf", big, 5000, MS_ARCHIVE_PAGE);
	members[1] = bytes("empty", "", 0, 4);
	members[2] = file("from/file", source);
	members[3] = bytes("last", "1", 1, MS_ARCHIVE_PAGE);
	ok(ms_archive_write(path, members, 4, &wrote) == MS_EXIT_OK, "an archive is written");
	ok(ms_archive_read(path, &read) == MS_EXIT_OK, "and read");
	equal = read.count == 4 && wrote.count == 4 && read.size == wrote.size &&
	        strcmp(read.sha256, wrote.sha256) == 0;
	for (size_t i = 0; equal && i < 4; i++)
		equal = strcmp(read.entries[i].name, members[i].name) == 0 &&
		        strcmp(read.entries[i].sha256, wrote.entries[i].sha256) == 0 &&
		        read.entries[i].offset == wrote.entries[i].offset &&
		        read.entries[i].size == wrote.entries[i].size &&
		        read.entries[i].mode == 0100644;
	ok(equal, "what is read is what was written");
	ok(read.entries[0].offset % 4096 == 0 && read.entries[3].offset % 4096 == 0 &&
	       read.entries[2].offset % 4 == 0,
	   "data lies where it was asked for");

	char whole[MS_SHA256_HEX], member[MS_SHA256_HEX];
	ms_sha256_file(path, whole, NULL);
	ms_sha256_hex(big, sizeof(big), member);
	is_string(wrote.sha256, whole, "the archive's digest is the file's");
	is_string(wrote.entries[2].sha256, member, "a member's digest is its file's");

	struct stat before, after;
	stat(path, &before);
	ok(ms_archive_write(path, members, 4, &wrote) == MS_EXIT_OK && stat(path, &after) == 0 &&
	       before.st_ino == after.st_ino,
	   "the same bytes again leave the file alone");
	/* The file there may be equal up to some byte, end early, or go on: what is written is what
	 * is written where there is none. */
	size_t len;
	char *right = ms_read_file(path, 1 << 20, &len);
	unsigned wrong = 0;
	for (size_t at = 0; at < len + 2; at += 1 + len / 97) {
		char *other = ms_alloc(len + 2, 1);
		size_t now = 0;

		memcpy(other, right, len);
		if (at < len)
			other[at] ^= 1;
		ms_write_file(path, other, at % 2 ? len : at < len ? at : len + 1, 0);
		wrong += ms_archive_write(path, members, 4, &wrote) != MS_EXIT_OK;
		free(other);
		other = ms_read_file(path, 1 << 20, &now);
		wrong += now != len || memcmp(other, right, len) != 0 ||
		         strcmp(wrote.sha256, read.sha256) != 0;
	}
	ok(wrong == 0, "any other file there is replaced by the same bytes");
	members[1] = bytes("empty", "!", 1, 4);
	stat(path, &before);
	ok(ms_archive_write(path, members, 4, &wrote) == MS_EXIT_OK && stat(path, &after) == 0 &&
	       before.st_ino != after.st_ino && strcmp(wrote.sha256, read.sha256) != 0,
	   "other bytes are written");
	ok(ms_archive_write(path, members, 0, &wrote) == MS_EXIT_OK && wrote.size == 124 &&
	       ms_archive_read(path, &read) == MS_EXIT_OK && read.count == 0,
	   "an empty archive is a trailer");
}

static void refused(void)
{
	struct ms_member two[2] = {bytes("a", "1", 1, 4), bytes("a", "2", 1, 4)};
	char *huge = in_folder("huge"), *fifo = in_folder("fifo");
	struct ms_archive archive;
	static char longest[1100];
	int fd;

	ok(one(bytes("", "1", 1, 4)) == MS_EXIT_INPUT, "an empty name is refused");
	ok(one(bytes("/a", "1", 1, 4)) == MS_EXIT_INPUT, "an absolute name is refused");
	ok(one(bytes("a/../b", "1", 1, 4)) == MS_EXIT_INPUT, "a name with .. is refused");
	ok(one(bytes("TRAILER!!!", "1", 1, 4)) == MS_EXIT_INPUT, "the trailer's name is refused");
	memset(longest, 'n', sizeof(longest) - 1);
	ok(one(bytes(longest, "1", 1, 4)) == MS_EXIT_INPUT, "a name of 1,099 bytes is refused");
	ok(ms_archive_write(in_folder("one"), two, 2, &archive) == MS_EXIT_INPUT,
	   "the same name twice is refused");

	fd = open(huge, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd >= 0 && ftruncate(fd, (off_t)UINT32_MAX + 1) == 0)
		ok(one(file("huge", huge)) == MS_EXIT_INPUT, "a member of 4 GiB is refused");
	else
		ok(1, "a member of 4 GiB is refused # skip no sparse files here");
	close(fd);
	unlink(huge);
	ok(mkfifo(fifo, 0666) == 0 && one(file("fifo", fifo)) == MS_EXIT_INPUT,
	   "a FIFO is refused, not waited for");
	ok(one(file("folder", folder)) == MS_EXIT_INPUT, "a folder is refused");
	ok(one(file("none", in_folder("none"))) == MS_EXIT_SYSTEM, "a missing file is a failure");
	ok(access(in_folder("one"), F_OK) != 0, "a refused archive is not there");
	ok(ms_archive_read(in_folder("none"), &archive) == MS_EXIT_SYSTEM,
	   "a missing archive is a failure");
	ok(ms_archive_read(folder, &archive) == MS_EXIT_SYSTEM, "so is a folder");
}

static int read_bytes(const void *data, size_t len, struct ms_archive *archive)
{
	char *path = in_folder("damaged");

	ms_write_file(path, data, len, 0);
	return ms_archive_read(path, archive);
}

static void damaged(void)
{
	struct ms_member members[2] = {bytes("first", "hello", 5, 4),
	                               bytes("second", "0123456789", 10, 64)};
	static const uint8_t values[] = {0, 1, ' ', '0', '7', 'f', 'F', 'T', 0x80, 0xff};
	char *path = in_folder("b");
	struct ms_archive archive;
	unsigned accepted = 0, other = 0;
	size_t len;
	uint8_t *data;

	ms_archive_write(path, members, 2, &archive);
	data = (uint8_t *)ms_read_file(path, 1 << 20, &len);

	for (size_t cut = 0; cut < len; cut++)
		accepted += read_bytes(data, cut, &archive) != MS_EXIT_INPUT;
	ok(accepted == 0, "every truncation is refused (%u are not)", accepted);

	/* In memory, where it is quick: whatever a changed byte does, nothing is read outside. */
	for (size_t at = 0; at < len; at++) {
		uint8_t old = data[at];

		for (unsigned v = 0; v < 256; v++) {
			uint8_t *copy = ms_alloc(len, 1);
			struct newc_entry entry;
			size_t offset = 0;
			enum newc_status status;

			data[at] = (uint8_t)v;
			memcpy(copy, data, len);
			while ((status = newc_next(copy, len, &offset, &entry)) == NEWC_ENTRY) {
				other += entry.offset + entry.size > len;
				for (uint32_t i = 0; i < entry.size; i++)
					accepted += entry.data[i];
			}
			free(copy);
		}
		data[at] = old;
	}
	ok(other == 0, "no changed byte makes a member that lies outside");

	/* The reader of streams says the same as the walk in memory. */
	for (size_t at = 0; at < len; at++) {
		uint8_t old = data[at];

		for (size_t v = 0; v < sizeof(values); v++) {
			struct newc_entry entry;
			size_t offset = 0, count = 0;
			enum newc_status status;
			int result;

			data[at] = values[v];
			while ((status = newc_next(data, len, &offset, &entry)) == NEWC_ENTRY)
				count++;
			result = read_bytes(data, len, &archive);
			if (result == MS_EXIT_OK)
				other += status != NEWC_END || archive.count != count;
			else
				other += result != MS_EXIT_INPUT;
		}
		data[at] = old;
	}
	ok(other == 0, "streams are read as memory is (%u differ)", other);

	char *tail = ms_alloc(len + 512, 1);
	memcpy(tail, data, len);
	ok(read_bytes(tail, len + 512, &archive) == MS_EXIT_OK && archive.size == len + 512,
	   "NULs behind the trailer are allowed");
	tail[len + 511] = 'x';
	ok(read_bytes(tail, len + 512, &archive) == MS_EXIT_INPUT, "other bytes are not");
	ok(read_bytes("", 0, &archive) == MS_EXIT_INPUT, "an empty file is no archive");
}

/* An archive is read in pieces of 256 KiB: what an earlier one has left behind the last one's end
 * is nothing of the archive's. */
static void pieces(void)
{
	const size_t most = 3 * 256 * 1024;
	char *data = ms_alloc(most, 1), *tail;
	struct ms_archive wrote, read;
	size_t len;

	memset(data, 'x', most);
	for (size_t size = most - 700; size <= most; size += 100) {
		struct ms_member member = bytes("member", data, size, 4);

		ms_archive_write(in_folder("b"), &member, 1, &wrote);
		tail = ms_alloc(most + 2000, 1);
		memcpy(tail, ms_read_file(in_folder("b"), most + 2000, &len), wrote.size);
		if (read_bytes(tail, wrote.size + 512, &read) != MS_EXIT_OK ||
		    read.size != wrote.size + 512 || read.count != 1 ||
		    strcmp(read.entries[0].sha256, wrote.entries[0].sha256) != 0)
			break;
		tail[wrote.size + 511] = 'x';
		if (read_bytes(tail, wrote.size + 512, &read) != MS_EXIT_INPUT)
			break;
		free(tail);
		if (size == most)
			data = NULL;
	}
	ok(!data, "an archive that is read in pieces, with NULs behind the trailer");
}

int main(void)
{
	if (!mkdtemp(folder) || !freopen("/dev/null", "w", stderr))
		return 1;
	round_trip();
	refused();
	damaged();
	pieces();
	for (const char *const *name =
	         (const char *const[]){"a", "b", "source", "fifo", "damaged", NULL};
	     *name; name++)
		unlink(in_folder(*name));
	ok(rmdir(folder) == 0, "no temporary file is left");
	done_testing();
	return 0;
}
