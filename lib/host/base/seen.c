/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * seen.c - remembered digests. See seen.h. The file is a sealed text (sealed.h):
 *
 *   ms-seen/1
 *   STAMP SHA256             for each file, in order of inode
 */
#include "base/seen.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/notes.h"
#include "base/sealed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAGIC     "ms-seen/1\n"
#define TEXT_MAX  (16u << 20)
#define FILES_MAX 16384 /* more: those that this run did not ask for go */

struct seen {
	struct ms_stamp stamp;
	char sha256[MS_SHA256_HEX];
	bool used;
};

static struct {
	char *path; /* NULL: not opened */
	struct seen *files;
	size_t count, cap;
	size_t *slots; /* open addressing by inode; 0: free, else 1 + the index */
	size_t slot_count;
	bool loaded, fresh, changed;
	unsigned program; /* that opened it */
} memory;

static void forget(void)
{
	memory.count = 0;
	if (memory.slots)
		memset(memory.slots, 0, memory.slot_count * sizeof(*memory.slots));
}

void ms_seen_open(const char *build, bool fresh)
{
	char *folder = ms_path_join(build, "cache");

	if (memory.path && !ms_diag_first(&memory.program))
		return;
	/* A program after another one in the same process knows what that one knew. */
	if (!memory.path || fresh || strcmp(ms_path_join(folder, "seen"), memory.path) != 0) {
		forget();
		memory.loaded = false;
	}
	memory.path = ms_path_join(folder, "seen");
	memory.fresh = fresh;
	ms_notes_ignore(folder);
}

/* The place of a file with this inode: taken by it, or free. */
static size_t *slot_of(const struct ms_stamp *stamp)
{
	size_t at = (size_t)((stamp->ino * 0x9e3779b97f4a7c15u) >> 32);

	for (;; at++) {
		size_t *slot = &memory.slots[at & (memory.slot_count - 1)];
		const struct ms_stamp *there;

		if (*slot == 0)
			return slot;
		there = &memory.files[*slot - 1].stamp;
		if (there->ino == stamp->ino && there->dev == stamp->dev)
			return slot;
	}
}

static void find_slots(void)
{
	memset(memory.slots, 0, memory.slot_count * sizeof(*memory.slots));
	for (size_t i = 0; i < memory.count; i++)
		*slot_of(&memory.files[i].stamp) = i + 1;
}

static void grow(void)
{
	void *files = memory.files;

	ms_reserve(&files, &memory.cap, memory.count + 1, sizeof(*memory.files));
	memory.files = files;
	if (memory.count * 2 < memory.slot_count)
		return;
	free(memory.slots);
	memory.slot_count = memory.slot_count ? memory.slot_count * 2 : 512;
	memory.slots = ms_alloc(memory.slot_count, sizeof(*memory.slots));
	find_slots();
}

static struct seen *put(const struct ms_stamp *stamp, const char *sha256)
{
	struct seen *file;
	size_t *slot;

	grow();
	slot = slot_of(stamp);
	if (*slot == 0)
		*slot = ++memory.count;
	file = &memory.files[*slot - 1];
	file->stamp = *stamp;
	memcpy(file->sha256, sha256, 64);
	file->sha256[64] = '\0';
	return file;
}

static bool take_lines(char *text, size_t len)
{
	char *line = text + sizeof(MAGIC) - 1, *stop;

	if (!ms_unseal(text, len) || strncmp(text, MAGIC, sizeof(MAGIC) - 1) != 0)
		return false;
	for (; *line; line = stop + 1) {
		struct ms_stamp stamp;
		char *sha256 = ms_stamp_parse(&stamp, line);

		stop = sha256 ? sha256 + 64 : line;
		if (!sha256 || strlen(sha256) < 65 || *stop != '\n')
			return false;
		put(&stamp, sha256);
	}
	return true;
}

/* Only when a first digest is asked for: nobody reads it in vain. */
static bool is_open(void)
{
	size_t len;
	char *text;

	if (!memory.path)
		return false;
	if (memory.loaded)
		return true;
	memory.loaded = true;
	memory.changed = memory.fresh;
	if (memory.fresh)
		return true;
	text = ms_read_kept_file(memory.path, TEXT_MAX, &len);
	if (!text || !take_lines(text, len))
		forget();
	free(text);
	return true;
}

bool ms_seen_get(const struct ms_stamp *stamp, char sha256[MS_SHA256_HEX])
{
	const size_t *slot;
	struct seen *file;

	if (!is_open() || memory.count == 0)
		return false;
	slot = slot_of(stamp);
	if (*slot == 0)
		return false;
	file = &memory.files[*slot - 1];
	if (!ms_stamp_same(&file->stamp, stamp))
		return false;
	file->used = true;
	memcpy(sha256, file->sha256, MS_SHA256_HEX);
	return true;
}

void ms_seen_add(const struct ms_stamp *before, const struct ms_stamp *after, int64_t started,
                 const char sha256[MS_SHA256_HEX])
{
	if (!is_open() || !S_ISREG(after->mode) || !ms_stamp_same(before, after) ||
	    !ms_stamp_settled(after, started))
		return;
	put(after, sha256)->used = true;
	memory.changed = true;
}

static int by_inode(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->stamp.ino != y->stamp.ino)
		return x->stamp.ino < y->stamp.ino ? -1 : 1;
	return x->stamp.dev < y->stamp.dev ? -1 : x->stamp.dev > y->stamp.dev;
}

/* Nobody hears of a failure: it costs the next run some reading. */
void ms_seen_save(void)
{
	struct ms_buf text = {0};
	char stamp[MS_STAMP_TEXT];
	size_t kept = 0;

	/* One that was never asked has nothing new, but old lines may be there. */
	if (memory.path && memory.fresh)
		is_open();
	if (!memory.changed)
		return;
	for (size_t i = 0; i < memory.count; i++) {
		if (memory.count <= FILES_MAX || memory.files[i].used)
			memory.files[kept++] = memory.files[i];
	}
	if (kept > 1)
		qsort(memory.files, kept, sizeof(*memory.files), by_inode);
	memory.count = kept;
	if (memory.slots)
		find_slots();
	ms_buf_puts(&text, MAGIC);
	for (size_t i = 0; i < kept; i++) {
		ms_stamp_text(&memory.files[i].stamp, stamp);
		ms_buf_printf(&text, "%s %s\n", stamp, memory.files[i].sha256);
	}
	ms_seal(&text);
	/* Without the folder there is no cache to stand in. */
	(void)ms_write_kept_file(memory.path, text.data, text.len, 0);
	memory.changed = false;
}
