/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * newc.c - reading and writing the "new ASCII" cpio format (cpio(5), "New ASCII Format").
 */
#include "both/newc.h"

#include <string.h>

#define MAGIC         "070701"
#define MAGIC_SIZE    6
#define FIELDS        13
#define FIELD_DIGITS  8
#define FIELD_MODE    1
#define FIELD_NLINK   4
#define FIELD_SIZE    6
#define FIELD_NAME    11
#define PADDED(bytes) (((bytes) + NEWC_ALIGN - 1) / NEWC_ALIGN * NEWC_ALIGN)

/*@ assigns \nothing;
    ensures -1 <= \result <= 15;
 */
static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads every field, so that a header with a bad digit anywhere is refused. */
/*@ requires \valid_read(header + (0 .. NEWC_HEADER - 1));
    requires \valid(fields + (0 .. FIELDS - 1));
    requires \separated(header + (0 .. NEWC_HEADER - 1), fields + (0 .. FIELDS - 1));
    assigns fields[0 .. FIELDS - 1];
    ensures \result == NEWC_ENTRY || \result == NEWC_EHEX;
 */
static enum newc_status read_fields(const uint8_t *header, uint32_t fields[FIELDS])
{
	const uint8_t *p = header + MAGIC_SIZE;

	/*@ loop invariant 0 <= i <= FIELDS;
	    loop invariant p == header + MAGIC_SIZE + FIELD_DIGITS * i;
	    loop assigns i, p, fields[0 .. FIELDS - 1];
	    loop variant FIELDS - i;
	 */
	for (unsigned i = 0; i < FIELDS; i++) {
		uint32_t value = 0;
		/*@ loop invariant 0 <= k <= FIELD_DIGITS;
		    loop invariant p == header + MAGIC_SIZE + FIELD_DIGITS * i + k;
		    loop assigns k, p, value;
		    loop variant FIELD_DIGITS - k;
		 */
		for (unsigned k = 0; k < FIELD_DIGITS; k++) {
			int digit = hex_digit(*p++);
			if (digit < 0)
				return NEWC_EHEX;
			value = value << 4 | (uint32_t)digit;
		}
		fields[i] = value;
	}
	return NEWC_ENTRY;
}

/* True when [p, p + size) is all zero. Padding up to a page is looked through eight bytes at a
 * time where it is aligned; the board reads an archive with few instructions. */
/*@ requires size > 0 ==> \valid_read(p + (0 .. size - 1));
    assigns \nothing;
 */
static int all_zero(const uint8_t *p, size_t size)
{
	uint64_t word;

	/*@ loop invariant size <= \at(size, Pre);
	    loop invariant p == \at(p, Pre) + (\at(size, Pre) - size);
	    loop assigns p, size;
	    loop variant size;
	 */
	for (; size > 0 && (uintptr_t)p % sizeof(word) != 0; p++, size--) {
		if (*p != 0)
			return 0;
	}
	/*@ loop invariant size <= \at(size, Pre);
	    loop invariant p == \at(p, Pre) + (\at(size, Pre) - size);
	    loop assigns p, size, word;
	    loop variant size;
	 */
	for (; size >= sizeof(word); p += sizeof(word), size -= sizeof(word)) {
		__builtin_memcpy(&word, __builtin_assume_aligned(p, sizeof(word)), sizeof(word));
		if (word != 0)
			return 0;
	}
	/*@ loop invariant size <= \at(size, Pre);
	    loop invariant p == \at(p, Pre) + (\at(size, Pre) - size);
	    loop assigns p, size;
	    loop variant size;
	 */
	for (; size > 0; p++, size--) {
		if (*p != 0)
			return 0;
	}
	return 1;
}

/* A name, at least one byte, then nothing but NULs to the end of its field. */
/*@ requires field > 0 ==> \valid_read(name + (0 .. field - 1));
    assigns \nothing;
    ensures \result != 0 ==> ends(name);
 */
static int name_is_sound(const uint8_t *name, size_t field)
{
	size_t len = 0;

	/*@ loop invariant len <= field;
	    loop assigns len;
	    loop variant field - len;
	 */
	while (len < field && name[len] != 0)
		len++;
	if (len == 0 || len == field)
		return 0;
	return all_zero(name + len, field - len);
}

enum newc_status newc_header(const uint8_t *bytes, size_t len, uint64_t start,
                             struct newc_entry *entry, uint64_t *next)
{
	uint32_t fields[FIELDS];

	if (len < NEWC_HEADER)
		return NEWC_ETRUNCATED;
	if (memcmp(bytes, MAGIC, MAGIC_SIZE) != 0)
		return NEWC_EMAGIC;
	enum newc_status status = read_fields(bytes, fields);
	if (status != NEWC_ENTRY)
		return status;

	uint32_t field = fields[FIELD_NAME];
	if (field < 2 || field > NEWC_MAX_NAME)
		return NEWC_ENAME;
	if (field > len - NEWC_HEADER)
		return NEWC_ETRUNCATED;
	if (!name_is_sound(bytes + NEWC_HEADER, field))
		return NEWC_ENAME;
	if (start > UINT64_MAX - NEWC_HEADER - NEWC_MAX_NAME - UINT32_MAX - 2 * NEWC_ALIGN)
		return NEWC_ERANGE;

	entry->name = (const char *)bytes + NEWC_HEADER;
	entry->name_field = field;
	entry->data = NULL;
	entry->offset = PADDED(start + NEWC_HEADER + field);
	entry->size = fields[FIELD_SIZE];
	entry->mode = fields[FIELD_MODE];
	*next = PADDED(entry->offset + entry->size);
	if (field < sizeof(NEWC_TRAILER) ||
	    memcmp(entry->name, NEWC_TRAILER, sizeof(NEWC_TRAILER)) != 0)
		return NEWC_ENTRY;
	return entry->size == 0 ? NEWC_END : NEWC_ERANGE;
}

enum newc_status newc_next(const uint8_t *archive, size_t len, size_t *offset,
                           struct newc_entry *entry)
{
	size_t start = *offset;
	uint64_t next;

	if (start > len)
		return NEWC_ETRUNCATED;
	enum newc_status status = newc_header(archive + start, len - start, start, entry, &next);
	if (status != NEWC_ENTRY && status != NEWC_END)
		return status;
	if (next > len)
		return NEWC_ETRUNCATED;
	entry->data = archive + entry->offset;
	*offset = (size_t)next;
	return status;
}

enum newc_status newc_find(const uint8_t *archive, size_t len, const char *name,
                           struct newc_entry *entry)
{
	size_t offset = 0;

	/*@ loop invariant offset <= len;
	    loop assigns offset, *entry;
	    loop variant len - offset;
	 */
	for (;;) {
		enum newc_status status = newc_next(archive, len, &offset, entry);
		if (status != NEWC_ENTRY || strcmp(entry->name, name) == 0)
			return status;
	}
}

size_t newc_name_field(uint64_t start, const char *name, uint32_t align)
{
	size_t plain = strlen(name) + 1;

	if (plain < 2 || plain > NEWC_MAX_NAME || align < NEWC_ALIGN || (align & (align - 1)) != 0)
		return 0;
	if (start > UINT64_MAX - NEWC_HEADER - NEWC_MAX_NAME - NEWC_ALIGN - align)
		return 0;
	uint64_t data = PADDED(start + NEWC_HEADER + plain);
	uint64_t wanted = (data + align - 1) & ~((uint64_t)align - 1);
	if (wanted == data)
		return plain;
	uint64_t field = wanted - start - NEWC_HEADER;
	return field <= NEWC_MAX_NAME ? (size_t)field : 0;
}

/*@ requires field < FIELDS;
    requires \valid(header + (0 .. NEWC_HEADER - 1));
    assigns header[0 .. NEWC_HEADER - 1];
 */
static void write_field(uint8_t *header, unsigned field, uint32_t value)
{
	static const char digits[] = "0123456789ABCDEF";
	uint8_t *p = header + MAGIC_SIZE + (size_t)field * FIELD_DIGITS;

	/*@ loop invariant 0 <= k <= FIELD_DIGITS;
	    loop assigns k, p[0 .. FIELD_DIGITS - 1];
	    loop variant FIELD_DIGITS - k;
	 */
	for (unsigned k = 0; k < FIELD_DIGITS; k++)
		p[k] = (uint8_t)digits[value >> (28 - 4 * k) & 15];
}

size_t newc_write_header(uint8_t *out, const char *name, size_t name_field, uint32_t mode,
                         uint32_t size)
{
	size_t len = strlen(name);

	if (len == 0 || name_field <= len || name_field > NEWC_MAX_NAME)
		return 0;
	memcpy(out, MAGIC, MAGIC_SIZE);
	/*@ loop invariant 0 <= i <= FIELDS;
	    loop assigns i, out[0 .. NEWC_HEADER - 1];
	    loop variant FIELDS - i;
	 */
	for (unsigned i = 0; i < FIELDS; i++)
		write_field(out, i, 0);
	write_field(out, FIELD_MODE, mode);
	write_field(out, FIELD_NLINK, 1);
	write_field(out, FIELD_SIZE, size);
	write_field(out, FIELD_NAME, (uint32_t)name_field);
	size_t total = (size_t)PADDED(NEWC_HEADER + (uint64_t)name_field);
	memset(out + NEWC_HEADER, 0, total - NEWC_HEADER);
	memcpy(out + NEWC_HEADER, name, len);
	return total;
}

const char *newc_status_text(enum newc_status status)
{
	switch (status) {
	case NEWC_ENTRY: return "entry";
	case NEWC_END: return "end of archive";
	case NEWC_ETRUNCATED: return "truncated";
	case NEWC_EMAGIC: return "not a newc header";
	case NEWC_EHEX: return "header field is not hexadecimal";
	case NEWC_ENAME: return "bad name field";
	case NEWC_ERANGE: return "does not fit the format";
	}
	return "unknown";
}
