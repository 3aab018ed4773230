/* SPDX-License-Identifier: BSD-2-Clause */
/* test-newc.c - lib/both/newc: what is written is read back; malformed archives are refused. */
#include "both/newc.h"

#include "hostile.h"
#include "tap.h"

static uint8_t archive[65536];
static size_t archive_len;

static void append(const char *name, const void *data, uint32_t size, uint32_t align)
{
	size_t field = newc_name_field(archive_len, name, align);

	archive_len += newc_write_header(archive + archive_len, name, field, 0100644, size);
	memcpy(archive + archive_len, data, size);
	archive_len += size;
	while (archive_len % NEWC_ALIGN)
		archive[archive_len++] = 0;
}

static void finish(void)
{
	archive_len +=
	    newc_write_header(archive + archive_len, NEWC_TRAILER, sizeof(NEWC_TRAILER), 0, 0);
}

static int read_all(const uint8_t *data, size_t len)
{
	struct newc_entry entry;
	size_t offset = 0;
	unsigned sum = 0;
	enum newc_status status;

	while ((status = newc_next(data, len, &offset, &entry)) == NEWC_ENTRY) {
		sum += (unsigned)strlen(entry.name);
		for (uint32_t i = 0; i < entry.size; i++)
			sum += entry.data[i];
		if (entry.data != data + entry.offset)
			abort();
	}
	if (offset > len)
		abort();
	return status == NEWC_END && sum < 1u << 30;
}

static void test_round_trip(void)
{
	struct newc_entry entry;
	size_t offset = 0;

	append("kernel.elf", "0123456789", 10, 4096);
	append("empty", "", 0, 4);
	append("rootserver", "abc", 3, 4096);
	size_t last = archive_len;
	finish();
	ok(newc_next(archive, archive_len, &offset, &entry) == NEWC_ENTRY, "first entry");
	is_string(entry.name, "kernel.elf", "its name");
	ok(entry.offset == 4096 && entry.size == 10 && memcmp(entry.data, "0123456789", 10) == 0,
	   "its data lies on a page");
	ok(entry.mode == 0100644, "its mode");
	ok(newc_next(archive, archive_len, &offset, &entry) == NEWC_ENTRY && entry.size == 0 &&
	       entry.name_field == 6,
	   "an empty entry with a plain name field");
	ok(newc_next(archive, archive_len, &offset, &entry) == NEWC_ENTRY &&
	       entry.offset % 4096 == 0,
	   "third entry on a page");
	ok(offset == last, "offset moves to the next header");
	ok(newc_next(archive, archive_len, &offset, &entry) == NEWC_END, "trailer ends it");
	ok(offset == archive_len && archive_len == last + 124, "offset is behind the trailer");
	ok(newc_find(archive, archive_len, "rootserver", &entry) == NEWC_ENTRY && entry.size == 3,
	   "an entry is found by name");
	ok(newc_find(archive, archive_len, "rootserve", &entry) == NEWC_END, "a prefix is not");
	ok(newc_find(archive, archive_len, NEWC_TRAILER, &entry) == NEWC_END,
	   "the trailer is no entry");
}

static void test_name_field(void)
{
	int good = 1;

	for (uint64_t start = 0; start < 9000; start += 4) {
		size_t field = newc_name_field(start, "rootserver", 4096);
		uint64_t data = (start + NEWC_HEADER + field + 3) & ~3ull;
		good &= field >= 11 && field <= 11 + 4096 && data % 4096 == 0;
	}
	ok(good, "page alignment is reached from every offset");
	ok(newc_name_field(0, "x", 4) == 2, "align 4 is the plain field");
	ok(newc_name_field(0, "", 4) == 0, "an empty name is impossible");
	ok(newc_name_field(0, "x", 3) == 0 && newc_name_field(0, "x", 2) == 0,
	   "an alignment below 4 or not a power of two is impossible");
	ok(newc_name_field(0, "x", 1u << 20) == 0, "an alignment past the cap is impossible");
	ok(newc_name_field(UINT64_MAX - 5, "x", 4096) == 0, "an offset that wraps is impossible");

	static char name[NEWC_MAX_NAME + 1];
	memset(name, 'n', NEWC_MAX_NAME - 1);
	ok(newc_name_field(0, name, 4) == NEWC_MAX_NAME, "the longest name");
	name[NEWC_MAX_NAME - 1] = 'n';
	ok(newc_name_field(0, name, 4) == 0, "one byte more is impossible");
	ok(newc_write_header(archive, "abc", 3, 0, 0) == 0, "a field without room for the NUL");
	ok(newc_write_header(archive, "", 1, 0, 0) == 0, "a header without a name");
}

static enum newc_status change(size_t at, const char *text)
{
	static uint8_t copy[sizeof(archive)];
	struct newc_entry entry;
	size_t offset = 0;

	memcpy(copy, archive, archive_len);
	memcpy(copy + at, text, strlen(text));
	return newc_next(copy, archive_len, &offset, &entry);
}

static void test_malformed(void)
{
	struct newc_entry entry;
	size_t offset;

	archive_len = 0;
	append("a", "data", 4, 4);
	append("bb", "x", 1, 4);
	finish();
	ok(change(5, "2") == NEWC_EMAGIC, "the CRC variant is refused");
	ok(change(102, "0000000g") == NEWC_EHEX, "a digit out of range in the last field");
	ok(change(54, " 0000004") == NEWC_EHEX, "a blank is no digit");
	ok(change(54, "ffffffff") == NEWC_ETRUNCATED, "a size past the end");
	ok(change(94, "00000000") == NEWC_ENAME, "no name field");
	ok(change(94, "00000001") == NEWC_ENAME, "an empty name");
	ok(change(94, "00002001") == NEWC_ENAME, "a name field over the cap");
	ok(change(94, "00000400") == NEWC_ETRUNCATED, "a name field past the end");
	ok(change(111, "b") == NEWC_ENAME, "a name without its NUL");
	ok(change(94, "00000004") == NEWC_ENAME, "bytes behind the name's NUL");
	offset = archive_len + 1;
	ok(newc_next(archive, archive_len, &offset, &entry) == NEWC_ETRUNCATED,
	   "an offset past the end");
	offset = 0;
	ok(newc_find(archive, archive_len - 124, "zz", &entry) == NEWC_ETRUNCATED,
	   "an archive without a trailer");
	ok(read_all(archive, archive_len) == 1, "the archive is sound");
	ok(hostile_truncations(read_all, archive, archive_len) == 0,
	   "no truncation of it is accepted");
	ok(hostile_changes(read_all, archive, archive_len) > 0, "survives every one-byte change");
	for (int i = 1; i >= NEWC_ERANGE; i--) {
		if (strcmp(newc_status_text((enum newc_status)i), "unknown") == 0)
			ok(0, "status %d has a text", i);
	}
}

int main(void)
{
	test_round_trip();
	test_name_field();
	test_malformed();
	done_testing();
	return 0;
}
