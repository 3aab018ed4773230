/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * archive.c - newc archives on disk. See archive.h; the format itself is both/newc.h.
 */
#include "image/archive.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/notes.h"
#include "base/seen.h"
#include "both/newc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE   0100644u /* a regular file, rw-r--r--, whatever it was on this machine */
#define BUFFER (256 * 1024)

/* -- names --------------------------------------------------------------------------------- */

const char *ms_member_fault(const char *name)
{
	if (strcmp(name, NEWC_TRAILER) == 0)
		return "is the name that ends an archive";
	return ms_path_fault(name);
}

static int by_name(const void *a, const void *b)
{
	const struct ms_member *const *x = a;
	const struct ms_member *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static bool check_names(const struct ms_member *members, size_t count)
{
	const struct ms_member **sorted = ms_alloc(count, sizeof(struct ms_member *));
	bool good = true;

	if (count > MS_ARCHIVE_ENTRIES) {
		ms_report(MS_ERROR, NULL, "archive-members",
		          "%zu members; an archive holds at most %d", count, MS_ARCHIVE_ENTRIES);
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		const char *fault = ms_member_fault(members[i].name);

		sorted[i] = &members[i];
		if (!fault)
			continue;
		ms_report(MS_ERROR, NULL, "archive-name", "the member name \"%s\" %s",
		          members[i].name, fault);
		good = false;
	}
	qsort(sorted, count, sizeof(struct ms_member *), by_name);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(sorted[i - 1]->name, sorted[i]->name) != 0)
			continue;
		ms_report(MS_ERROR, NULL, "archive-name", "two members are named \"%s\"",
		          sorted[i]->name);
		good = false;
	}
	free(sorted);
	return good;
}

static struct ms_entry *add_entry(struct ms_archive *archive)
{
	ms_reserve((void **)&archive->entries, &archive->cap, archive->count + 1,
	           sizeof(*archive->entries));
	return &archive->entries[archive->count++];
}

/* -- writing ------------------------------------------------------------------------------- */

/*
 * Everything that is written goes through a buffer and into the whole archive's digest. As long
 * as the bytes are those of the file that is there already, they are only compared with it;
 * the temporary file is made at the first difference and begins with what was equal. Where the
 * digest of the file that is there is known, it is the archive's if nothing differs, and none is
 * taken before something does.
 */
struct writer {
	const char *path; /* the final one */
	int old;          /* the file that is there, while nothing differs; else -1 */
	struct ms_temp temp;
	uint64_t offset, flushed;
	struct ms_digest digest;    /* of what was flushed */
	bool known;                 /* not taken: it will be that of the old file */
	char sha256[MS_SHA256_HEX]; /* which is this */
	struct ms_stamp stamp;      /* with this stamp */
	size_t have;
	uint8_t buffer[BUFFER];
	uint8_t theirs[BUFFER];
};

static bool failed(const struct writer *w)
{
	ms_report(MS_ERROR, NULL, NULL, "%s: %s", w->path, strerror(errno));
	return false;
}

static bool write_all(struct writer *w, const uint8_t *data, size_t len)
{
	return ms_write_all(w->temp.fd, data, len) == 0 || failed(w);
}

/* Up to len bytes of the old file at offset; fewer only at its end. -1: it cannot be read. */
static ssize_t read_old(const struct writer *w, uint64_t offset, uint8_t *data, size_t len)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = pread(w->old, data + have, len - have, (off_t)(offset + have));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

/* Goes over to a temporary file, which gets the first w->flushed bytes of the old one. */
static bool leave_old(struct writer *w)
{
	bool good = true;

	if (ms_temp_open(&w->temp, w->path, MS_WRITE_PARENTS) != 0)
		return failed(w);
	for (uint64_t at = 0; good && at < w->flushed;) {
		uint64_t left = w->flushed - at;
		size_t want = left < BUFFER ? (size_t)left : BUFFER;

		if (read_old(w, at, w->theirs, want) != (ssize_t)want) {
			ms_report(MS_ERROR, NULL, NULL, "%s: changed while it was read", w->path);
			good = false;
		} else {
			if (w->known)
				ms_digest_raw(&w->digest, w->theirs, want);
			good = write_all(w, w->theirs, want);
		}
		at += want;
	}
	if (w->old >= 0)
		close(w->old);
	w->old = -1;
	w->known = false;
	return good;
}

static bool flush_writer(struct writer *w)
{
	if (w->old >= 0 &&
	    (read_old(w, w->flushed, w->theirs, w->have) != (ssize_t)w->have ||
	     memcmp(w->theirs, w->buffer, w->have) != 0) &&
	    !leave_old(w))
		return false;
	if (w->old < 0 && !write_all(w, w->buffer, w->have))
		return false;
	if (!w->known)
		ms_digest_raw(&w->digest, w->buffer, w->have);
	w->flushed += w->have;
	w->have = 0;
	return true;
}

static bool open_writer(struct writer *w, const char *path)
{
	w->path = path;
	w->temp.fd = -1;
	ms_digest_start(&w->digest);
	w->old = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (w->old >= 0 && (!ms_stamp_take_fd(&w->stamp, w->old) || !S_ISREG(w->stamp.mode))) {
		close(w->old);
		w->old = -1;
	}
	w->known = w->old >= 0 && ms_seen_get(&w->stamp, w->sha256);
	return w->old >= 0 || leave_old(w);
}

/* Puts the file in its place, where it is not there already. */
static bool close_writer(struct writer *w, bool good)
{
	struct ms_stamp after;
	uint8_t byte;

	/* Equal so far, but the old file goes on, or the digest may no longer be its own. */
	if (good && w->old >= 0 &&
	    (read_old(w, w->flushed, &byte, 1) != 0 ||
	     (w->known && !(ms_stamp_take_fd(&after, w->old) && ms_stamp_same(&after, &w->stamp)))))
		good = leave_old(w);
	if (!w->known)
		ms_digest_end(&w->digest, w->sha256);
	if (good && w->old < 0)
		return ms_temp_commit(&w->temp) == 0 || failed(w);
	if (w->old >= 0)
		close(w->old);
	if (w->temp.path)
		ms_temp_abandon(&w->temp);
	return good;
}

static bool put(struct writer *w, const void *data, size_t len)
{
	const uint8_t *p = data;

	w->offset += len;
	while (len > 0) {
		size_t room = sizeof(w->buffer) - w->have;
		size_t n = len < room ? len : room;

		memcpy(w->buffer + w->have, p, n);
		w->have += n;
		p += n;
		len -= n;
		if (w->have == sizeof(w->buffer) && !flush_writer(w))
			return false;
	}
	return true;
}

static bool put_padding(struct writer *w)
{
	static const uint8_t zeroes[NEWC_ALIGN];

	return put(w, zeroes, (size_t)(-w->offset & (NEWC_ALIGN - 1)));
}

static int put_header(struct writer *w, const struct ms_member *m, uint64_t size,
                      struct ms_entry *entry)
{
	uint8_t header[NEWC_HEADER + NEWC_MAX_NAME + NEWC_ALIGN];
	size_t field = newc_name_field(w->offset, m->name, m->align);
	size_t len;

	if (size > UINT32_MAX) {
		ms_report(MS_ERROR, NULL, "archive-size",
		          "member \"%s\": %" PRIu64 " bytes; the format holds at most 4294967295",
		          m->name, size);
		return MS_EXIT_INPUT;
	}
	len = field ? newc_write_header(header, m->name, field, MODE, (uint32_t)size) : 0;
	if (len == 0) {
		ms_report(MS_ERROR, NULL, "archive-name",
		          "member \"%s\" does not fit the format aligned to %" PRIu32 " bytes",
		          m->name, m->align);
		return MS_EXIT_INPUT;
	}
	if (!put(w, header, len))
		return MS_EXIT_SYSTEM;
	entry->name = ms_strdup(m->name);
	entry->offset = w->offset;
	entry->size = size;
	entry->mode = MODE;
	return MS_EXIT_OK;
}

/* Copies exactly entry->size bytes of fd, which must end there. */
static int copy(struct writer *w, int fd, const char *file, struct ms_entry *entry)
{
	static uint8_t buffer[BUFFER];
	uint64_t left = entry->size;
	struct ms_digest digest;

	ms_digest_start(&digest);
	for (;;) {
		ssize_t n = read(fd, buffer, sizeof(buffer));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			ms_report(MS_ERROR, NULL, NULL, "%s: %s", file, strerror(errno));
			return MS_EXIT_SYSTEM;
		}
		if ((uint64_t)n > left || (n == 0 && left > 0)) {
			ms_report(MS_ERROR, NULL, NULL, "%s: changed while it was packed", file);
			return MS_EXIT_SYSTEM;
		}
		if (n == 0)
			break;
		ms_digest_raw(&digest, buffer, (size_t)n);
		if (!put(w, buffer, (size_t)n))
			return MS_EXIT_SYSTEM;
		left -= (uint64_t)n;
	}
	ms_digest_end(&digest, entry->sha256);
	ms_note_read(file, entry->sha256);
	return MS_EXIT_OK;
}

static int put_file(struct writer *w, const struct ms_member *m, struct ms_entry *entry)
{
	/* O_NONBLOCK: a FIFO is refused, not waited for. */
	int fd = open(m->file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int status;

	if (fd < 0 || fstat(fd, &st) != 0) {
		ms_report(MS_ERROR, NULL, NULL, "%s: %s", m->file, strerror(errno));
		status = MS_EXIT_SYSTEM;
	} else if (!S_ISREG(st.st_mode)) {
		ms_report(MS_ERROR, NULL, NULL, "%s: not a regular file", m->file);
		status = MS_EXIT_INPUT;
	} else {
		status = put_header(w, m, (uint64_t)st.st_size, entry);
		if (status == MS_EXIT_OK)
			status = copy(w, fd, m->file, entry);
	}
	if (fd >= 0)
		close(fd);
	return status;
}

static int put_member(struct writer *w, const struct ms_member *m, struct ms_entry *entry)
{
	int status;

	if (m->file) {
		status = put_file(w, m, entry);
	} else {
		status = put_header(w, m, m->len, entry);
		if (status == MS_EXIT_OK) {
			ms_sha256_hex(m->data, m->len, entry->sha256);
			status = put(w, m->data, m->len) ? MS_EXIT_OK : MS_EXIT_SYSTEM;
		}
	}
	if (status == MS_EXIT_OK && !put_padding(w))
		status = MS_EXIT_SYSTEM;
	return status;
}

static int put_trailer(struct writer *w)
{
	uint8_t header[NEWC_HEADER + sizeof(NEWC_TRAILER) + NEWC_ALIGN];
	size_t len = newc_write_header(header, NEWC_TRAILER, sizeof(NEWC_TRAILER), 0, 0);

	return put(w, header, len) && flush_writer(w) ? MS_EXIT_OK : MS_EXIT_SYSTEM;
}

int ms_archive_write(const char *path, const struct ms_member *members, size_t count,
                     struct ms_archive *archive)
{
	struct writer *w;
	int status = MS_EXIT_OK;

	memset(archive, 0, sizeof(*archive));
	if (!check_names(members, count))
		return MS_EXIT_INPUT;
	w = ms_alloc(1, sizeof(*w));
	if (!open_writer(w, path))
		status = MS_EXIT_SYSTEM;
	for (size_t i = 0; i < count && status == MS_EXIT_OK; i++)
		status = put_member(w, &members[i], add_entry(archive));
	if (status == MS_EXIT_OK)
		status = put_trailer(w);
	archive->size = w->offset;
	if (!close_writer(w, status == MS_EXIT_OK) && status == MS_EXIT_OK)
		status = MS_EXIT_SYSTEM;
	memcpy(archive->sha256, w->sha256, sizeof(archive->sha256));
	if (status == MS_EXIT_OK)
		ms_note_made(path, archive->sha256);
	free(w);
	return status;
}

/* -- reading ------------------------------------------------------------------------------- */

struct reader {
	int fd;
	const char *name;
	uint64_t offset; /* of buffer[at] in the archive */
	struct ms_digest digest;
	size_t at, have;
	bool end;
	uint8_t buffer[BUFFER];
};

/* Reads until at least `need` bytes lie at buffer + at, or the file ends. False: I/O error. */
static bool fill(struct reader *r, size_t need)
{
	if (r->have - r->at >= need || r->end)
		return true;
	memmove(r->buffer, r->buffer + r->at, r->have - r->at);
	r->have -= r->at;
	r->at = 0;
	while (r->have < need && !r->end) {
		ssize_t n = read(r->fd, r->buffer + r->have, sizeof(r->buffer) - r->have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			ms_report(MS_ERROR, NULL, NULL, "%s: %s", r->name, strerror(errno));
			return false;
		}
		r->end = n == 0;
		r->have += (size_t)n;
	}
	return true;
}

static void take(struct reader *r, size_t len)
{
	ms_digest_raw(&r->digest, r->buffer + r->at, len);
	r->at += len;
	r->offset += len;
}

static int malformed(const struct reader *r, uint64_t offset, const char *what)
{
	ms_report(MS_ERROR, NULL, "archive-format", "%s: at byte %" PRIu64 ": %s", r->name, offset,
	          what);
	return MS_EXIT_INPUT;
}

/* Takes len bytes; digest, when not NULL, gets them too. */
static int pass(struct reader *r, uint64_t len, struct ms_digest *digest)
{
	while (len > 0) {
		size_t n;

		if (!fill(r, 1))
			return MS_EXIT_SYSTEM;
		n = r->have - r->at < len ? r->have - r->at : (size_t)len;
		if (n == 0)
			return malformed(r, r->offset, newc_status_text(NEWC_ETRUNCATED));
		if (digest)
			ms_digest_raw(digest, r->buffer + r->at, n);
		take(r, n);
		len -= n;
	}
	return MS_EXIT_OK;
}

/* Behind the trailer only NULs (GNU cpio and libarchive fill the last block of 512). */
static int read_tail(struct reader *r)
{
	for (;;) {
		if (!fill(r, 1))
			return MS_EXIT_SYSTEM;
		if (r->at == r->have)
			return MS_EXIT_OK;
		for (size_t i = r->at; i < r->have; i++) {
			if (r->buffer[i] != 0)
				return malformed(r, r->offset + (i - r->at),
				                 "bytes behind the trailer");
		}
		take(r, r->have - r->at);
	}
}

/* A document can hold nothing else. */
static bool is_utf8(const char *s)
{
	json_t *value = json_string(s);

	json_decref(value);
	return value != NULL;
}

static int read_entry(struct reader *r, struct ms_archive *archive, bool *more)
{
	struct newc_entry entry;
	struct ms_entry *e;
	struct ms_digest digest;
	enum newc_status status;
	uint64_t next;
	int result;

	if (!fill(r, NEWC_HEADER + NEWC_MAX_NAME))
		return MS_EXIT_SYSTEM;
	status = newc_header(r->buffer + r->at, r->have - r->at, r->offset, &entry, &next);
	if (status != NEWC_ENTRY && status != NEWC_END)
		return malformed(r, r->offset, newc_status_text(status));
	*more = status == NEWC_ENTRY;
	if (!*more)
		return pass(r, entry.offset - r->offset, NULL);
	if (archive->count == MS_ARCHIVE_ENTRIES)
		return malformed(r, r->offset, "more than 65536 members");
	if (!is_utf8(entry.name))
		return malformed(r, r->offset, "a name that is not UTF-8");
	e = add_entry(archive);
	e->name = ms_strdup(entry.name);
	e->offset = entry.offset;
	e->size = entry.size;
	e->mode = entry.mode;
	ms_digest_start(&digest);
	result = pass(r, entry.offset - r->offset, NULL);
	if (result == MS_EXIT_OK)
		result = pass(r, e->size, &digest);
	if (result == MS_EXIT_OK)
		result = pass(r, next - r->offset, NULL);
	ms_digest_end(&digest, e->sha256);
	return result;
}

int ms_archive_read(const char *path, struct ms_archive *archive)
{
	bool is_stdin = !path || strcmp(path, "-") == 0;
	struct reader *r = ms_alloc(1, sizeof(*r));
	int status = MS_EXIT_OK;
	bool more = true;

	memset(archive, 0, sizeof(*archive));
	r->name = ms_input_name(path);
	r->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (r->fd < 0) {
		ms_report(MS_ERROR, NULL, NULL, "%s: %s", r->name, strerror(errno));
		free(r);
		return MS_EXIT_SYSTEM;
	}
	ms_digest_start(&r->digest);
	while (more && status == MS_EXIT_OK)
		status = read_entry(r, archive, &more);
	if (status == MS_EXIT_OK)
		status = read_tail(r);
	archive->size = r->offset;
	ms_digest_end(&r->digest, archive->sha256);
	if (!is_stdin)
		close(r->fd);
	free(r);
	return status;
}
