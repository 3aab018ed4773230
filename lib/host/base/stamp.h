/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stamp.h - what stat says of a file, as a reason not to read it again.
 *
 * A digest that was taken of a file holds as long as its stamp stays the same: ctime cannot be set
 * back by any call, and what replaces a file has another inode. The one gap is the one that git's
 * index has: a file changed twice within the clock's tick looks as it did after the first change.
 * It is closed as git closes it: a stamp that was too young when the digest was taken is not
 * settled, and counts for nothing. A stamp that differs is no verdict either: then bytes decide.
 */
#ifndef MS_BASE_STAMP_H
#define MS_BASE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

struct ms_stamp {
	uint64_t dev, ino, size, mode;
	int64_t mtime, ctime; /* nanoseconds since 1970 */
};

/* Of the file behind path, links followed; false where there is none. */
bool ms_stamp_take(struct ms_stamp *stamp, const char *path);

/* Of an open file. */
bool ms_stamp_take_fd(struct ms_stamp *stamp, int fd);

bool ms_stamp_same(const struct ms_stamp *a, const struct ms_stamp *b);

/* True when the file had not changed for a while at the time `at`, nanoseconds since 1970:
 * whatever changes it later shows in its stamp. */
bool ms_stamp_settled(const struct ms_stamp *stamp, int64_t at);

/* The time now. */
int64_t ms_stamp_now(void);

/* As text, six numbers; MS_STAMP_TEXT bytes hold it. ms_stamp_parse returns what follows the
 * numbers and a space, NULL when text begins with none. */
#define MS_STAMP_TEXT 144
void ms_stamp_text(const struct ms_stamp *stamp, char text[MS_STAMP_TEXT]);
char *ms_stamp_parse(struct ms_stamp *stamp, char *text);

#endif
