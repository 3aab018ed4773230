/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify_image.c - is this the image, and does it hold what the statement says? The archive
 * is looked for in the image's bytes, whatever the image's format: newc headers tell themselves.
 */
#include "base/diag.h"
#include "base/file.h"
#include "both/handoff.h"
#include "both/newc.h"
#include "trust/inside.h"
#include "trust/json.h"
#include "trust/little.h"
#include "trust/names.h"
#include "trust/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_MAX (1024u * 1024 * 1024) /* bytes; an image is loaded whole */

/* What the statement says of a by-product's size; 0 when nothing. */
static size_t said_size(const struct ms_verify *v, const char *name)
{
	json_t *entry;
	size_t i;

	json_array_foreach(v->statement.byproducts, i, entry)
	{
		const char *own = ms_json_string(entry, "name");

		if (own && strcmp(own, name) == 0)
			return (size_t)json_integer_value(ms_doc_at(entry, "annotations.size"));
	}
	return 0;
}

static void check_archive(struct ms_verify *v, const struct ms_inside *archive, size_t left)
{
	const char *want = ms_statement_byproduct(&v->statement, MS_ARCHIVE_NAME);
	size_t len = said_size(v, MS_ARCHIVE_NAME);
	char got[MS_SHA256_HEX];

	if (!want) {
		ms_verdict_add(&v->verdict, MS_FOUND_SKIPPED, "archive",
		               "the statement does not say its digest");
		return;
	}
	/* What stands behind the trailer belongs to it, as far as the statement says. */
	if (len < archive->len || len > left)
		len = archive->len;
	ms_sha256_hex(archive->data, len, got);
	if (strcmp(got, want) == 0)
		ms_verdict_add(&v->verdict, MS_FOUND_OK, "archive", "%s, sha256 %s",
		               ms_count_text(len, "byte"), got);
	else
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "archive",
		               "the image's archive has sha256 %s, the statement says %s", got,
		               want);
}

/* Members that the statement names: how many there are. */
static size_t said_members(const struct ms_verify *v)
{
	size_t i, count = 0;
	json_t *entry;

	json_array_foreach(v->statement.byproducts, i, entry)
	{
		const char *name = ms_json_string(entry, "name");

		count += name && strncmp(name, MS_ARCHIVE_NAME "/", sizeof(MS_ARCHIVE_NAME)) == 0;
	}
	return count;
}

static void check_members(struct ms_verify *v, const struct ms_inside *archive)
{
	size_t offset = 0, same = 0, count = 0, said = said_members(v);
	struct newc_entry entry;

	if (!said) {
		ms_verdict_add(&v->verdict, MS_FOUND_SKIPPED, "members",
		               "the statement names none");
		return;
	}
	while (newc_next(archive->data, archive->len, &offset, &entry) == NEWC_ENTRY) {
		char *name = ms_format(MS_ARCHIVE_NAME "/%s", entry.name), got[MS_SHA256_HEX];
		const char *want = ms_statement_byproduct(&v->statement, name);

		count++;
		ms_sha256_hex(entry.data, entry.size, got);
		if (want && strcmp(want, got) == 0)
			same++;
		else
			ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "member",
			               "%s has sha256 %s, the statement says %s", entry.name, got,
			               want ? want : "nothing of it");
		free(name);
	}
	if (same == said && count == said)
		ms_verdict_add(&v->verdict, MS_FOUND_OK, "members",
		               "%s of the archive, each with its sha256",
		               ms_count_text(same, "member"));
	else
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "members",
		               "%zu of %s %s what the statement says of %zu", same,
		               ms_count_text(count, "member"), count == 1 ? "holds" : "hold", said);
}

/* -- what the loader will compare when it starts ----------------------------------------- */

enum {
	TABLE_VERSION = offsetof(struct handoff_table, version),
	TABLE_FLAGS = offsetof(struct handoff_table, flags),
	TABLE_MEMBERS = offsetof(struct handoff_table, kernel) /* dtb and root follow */
};

static const uint8_t *find_table(const uint8_t *image, size_t len)
{
	uint8_t magic[sizeof(uint64_t)]; /* the table begins with it */

	for (unsigned i = 0; i < sizeof(magic); i++)
		magic[i] = (uint8_t)(HANDOFF_MAGIC >> (8 * i));
	return len < HANDOFF_TABLE_SIZE
	           ? NULL
	           : memmem(image, len - HANDOFF_TABLE_SIZE + sizeof(magic), magic, sizeof(magic));
}

static void check_table(struct ms_verify *v, const uint8_t *table, const struct ms_inside *archive)
{
	static const char *const names[] = {HANDOFF_KERNEL, HANDOFF_DTB, HANDOFF_ROOT};

	if (!table || ms_little(table + TABLE_VERSION, 4) != HANDOFF_VERSION) {
		ms_verdict_add(&v->verdict, MS_FOUND_SKIPPED, "loader",
		               "no hand-off table of a version that is known");
		return;
	}
	for (unsigned i = 0; i < 3; i++) {
		const uint8_t *member = table + TABLE_MEMBERS + i * HANDOFF_MEMBER_SIZE;
		uint64_t offset = ms_little(member, 8), size = ms_little(member + 8, 8);
		uint8_t digest[32];

		if (size == 0)
			continue;
		if (offset > archive->len || size > archive->len - offset) {
			ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "loader",
			               "its table places %s outside the archive", names[i]);
			return;
		}
		ms_sha256(archive->data + offset, (size_t)size, digest);
		if (memcmp(digest, member + 16, sizeof(digest)) != 0) {
			ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "loader",
			               "its table has another digest of %s than the archive gives",
			               names[i]);
			return;
		}
	}
	if (ms_little(table + TABLE_FLAGS, 4) & HANDOFF_VERIFY)
		ms_verdict_add(&v->verdict, MS_FOUND_OK, "loader",
		               "it holds the digests of kernel, device tree and root task, and "
		               "compares them at each start");
	else
		ms_verdict_add(&v->verdict, MS_FOUND_NOTE, "loader",
		               "built with --no-verify: it compares nothing when it starts");
}

void ms_verify_image(struct ms_verify *v)
{
	struct ms_inside archive;
	char got[MS_SHA256_HEX];
	const uint8_t *image;
	size_t len;

	if (!v->image) {
		ms_verdict_add(&v->verdict, MS_FOUND_SKIPPED, "image",
		               "nor its archive: it is not at hand (--image)");
		return;
	}
	image = (const uint8_t *)ms_try_read_file(v->image, IMAGE_MAX, &len);
	if (!image) {
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "image", "%s: %s", v->image,
		               strerror(errno));
		return;
	}
	ms_sha256_hex(image, len, got);
	if (strcmp(got, v->statement.image_sha256) == 0)
		ms_verdict_add(&v->verdict, MS_FOUND_OK, "image", "%s, sha256 %s", v->image, got);
	else
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "image",
		               "%s has sha256 %s, the statement is of %s", v->image, got,
		               v->statement.image_sha256);
	if (!ms_inside_find(image, len, &archive)) {
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "archive",
		               "%s holds no archive that begins with " HANDOFF_KERNEL, v->image);
		return;
	}
	check_archive(v, &archive, len - (size_t)(archive.data - image));
	check_members(v, &archive);
	check_table(v, find_table(image, len), &archive);
}
