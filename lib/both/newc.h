/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * newc.h - the "new ASCII" cpio format: 110-byte header of ASCII hex, NUL-terminated name,
 * data, each padded to 4 bytes; the end is an entry named TRAILER!!! (cpio(5), seL4 libcpio).
 *
 * Shared by host and board: no I/O, no allocation, errors are returned.
 */
#ifndef BOTH_NEWC_H
#define BOTH_NEWC_H

#include <stddef.h>
#include <stdint.h>

#define NEWC_HEADER   110
#define NEWC_ALIGN    4
#define NEWC_TRAILER  "TRAILER!!!"
#define NEWC_MAX_NAME 8192 /* bytes of a name field, its padding included */

enum newc_status {
	NEWC_ENTRY = 1, /* an entry was read */
	NEWC_END = 0,   /* the trailer was reached */
	NEWC_ETRUNCATED = -1,
	NEWC_EMAGIC = -2,
	NEWC_EHEX = -3,  /* a header field is not eight hex digits */
	NEWC_ENAME = -4, /* name empty, too long, or without its NUL */
	NEWC_ERANGE = -5 /* does not fit the format */
};

struct newc_entry {
	const char *name;    /* in the archive, NUL-terminated */
	size_t name_field;   /* bytes of the name field: name, NUL, padding NULs */
	const uint8_t *data; /* in the archive */
	uint64_t offset;     /* of the data from the archive's start */
	uint32_t size;
	uint32_t mode;
};

/*
 * The entry at *offset (0 at first) of an archive of len bytes; *offset moves to the next one.
 * After NEWC_END *offset is the number of bytes up to and with the trailer.
 */
/*@ requires len > 0 ==> \valid_read(archive + (0 .. len - 1));
    requires \valid(offset) && \valid(entry);
    requires \separated(offset, entry, archive + (0 .. len - 1));
    assigns *offset, *entry;
    ensures \result == NEWC_ENTRY || \result == NEWC_END ==>
            \old(*offset) + NEWC_HEADER <= *offset <= len && ends(entry->name);
    ensures \result == NEWC_ENTRY || \result == NEWC_END ==>
            entry->offset + entry->size <= len && entry->data == archive + entry->offset;
    ensures \result != NEWC_ENTRY && \result != NEWC_END ==> *offset == \old(*offset);
 */
enum newc_status newc_next(const uint8_t *archive, size_t len, size_t *offset,
                           struct newc_entry *entry);

/*
 * The same for an archive that is read piece by piece: bytes are those at offset start of the
 * archive, of which the header and its name field must be there (NEWC_ETRUNCATED: not enough;
 * NEWC_HEADER + NEWC_MAX_NAME always are). entry->data is NULL; *next is the next header's
 * offset. Whether the data is there is the caller's to see.
 */
/*@ requires len > 0 ==> \valid_read(bytes + (0 .. len - 1));
    requires \valid(entry) && \valid(next);
    requires \separated(next, entry, bytes + (0 .. len - 1));
    assigns *entry, *next;
    ensures \result == NEWC_ENTRY || \result == NEWC_END ==>
            entry->name == bytes + NEWC_HEADER &&
            entry->name_field <= NEWC_MAX_NAME && entry->name_field <= len - NEWC_HEADER &&
            start + NEWC_HEADER + entry->name_field <= entry->offset &&
            entry->offset + entry->size <= *next;
    ensures \result == NEWC_ENTRY || \result == NEWC_END ==> ends(entry->name);
 */
enum newc_status newc_header(const uint8_t *bytes, size_t len, uint64_t start,
                             struct newc_entry *entry, uint64_t *next);

/* Finds the first entry of that name; NEWC_END when there is none. */
/*@ requires len > 0 ==> \valid_read(archive + (0 .. len - 1));
    requires \valid(entry) && \separated(entry, archive + (0 .. len - 1));
    requires ends(name) && \separated(entry, name + (0 ..));
    assigns *entry;
 */
enum newc_status newc_find(const uint8_t *archive, size_t len, const char *name,
                           struct newc_entry *entry);

/*
 * Bytes that the name field of name must have so that data behind a header at offset start
 * lies at a multiple of align (a power of two, at least 4; 4: the plain field). 0: impossible
 * (NEWC_MAX_NAME).
 */
/*@ requires ends(name);
    assigns \nothing;
    ensures \result <= NEWC_MAX_NAME;
 */
size_t newc_name_field(uint64_t start, const char *name, uint32_t align);

/*
 * Writes a header and its name field into out (room: at least NEWC_HEADER + name_field + 3
 * bytes) and pads to 4 bytes. Every field that does not describe the entry is fixed.
 * Returns the bytes written, 0 when name_field is too small.
 */
/*@ requires ends(name) && \separated(name + (0 ..), out + (0 .. NEWC_HEADER + name_field + 2));
    requires name_field <= NEWC_MAX_NAME ==> \valid(out + (0 .. NEWC_HEADER + name_field + 2));
    assigns out[0 .. NEWC_HEADER + name_field + 2];
    ensures \result <= NEWC_HEADER + name_field + 3;
 */
size_t newc_write_header(uint8_t *out, const char *name, size_t name_field, uint32_t mode,
                         uint32_t size);

/* A word for a status, for messages. */
const char *newc_status_text(enum newc_status status);

#endif
