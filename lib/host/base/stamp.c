/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stamp.c - what stat says of a file. See stamp.h.
 */
#include "base/stamp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* The coarsest clock of a file system in use: FAT's. */
#define SETTLED_NS 2000000000ll
#define NS_PER_S   1000000000ll

static bool set(struct ms_stamp *stamp, const struct stat *st)
{
	stamp->dev = st->st_dev;
	stamp->ino = st->st_ino;
	stamp->size = (uint64_t)st->st_size;
	stamp->mode = st->st_mode;
	stamp->mtime = st->st_mtim.tv_sec * NS_PER_S + st->st_mtim.tv_nsec;
	stamp->ctime = st->st_ctim.tv_sec * NS_PER_S + st->st_ctim.tv_nsec;
	return true;
}

bool ms_stamp_take(struct ms_stamp *stamp, const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && set(stamp, &st);
}

bool ms_stamp_take_fd(struct ms_stamp *stamp, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && set(stamp, &st);
}

bool ms_stamp_same(const struct ms_stamp *a, const struct ms_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size && a->mode == b->mode &&
	       a->mtime == b->mtime && a->ctime == b->ctime;
}

bool ms_stamp_settled(const struct ms_stamp *stamp, int64_t at)
{
	int64_t latest = stamp->ctime > stamp->mtime ? stamp->ctime : stamp->mtime;

	return latest < at - SETTLED_NS;
}

int64_t ms_stamp_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

void ms_stamp_text(const struct ms_stamp *stamp, char text[MS_STAMP_TEXT])
{
	snprintf(text, MS_STAMP_TEXT,
	         "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIo64 " %" PRId64 " %" PRId64, stamp->dev,
	         stamp->ino, stamp->size, stamp->mode, stamp->mtime, stamp->ctime);
}

static bool take_unsigned(char **text, int base, uint64_t *value)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*value = strtoull(*text, &end, base);
	if (errno || *end != ' ')
		return false;
	*text = end + 1;
	return true;
}

static bool take_signed(char **text, int64_t *value)
{
	char *end;

	if (**text != '-' && (**text < '0' || **text > '9'))
		return false;
	errno = 0;
	*value = strtoll(*text, &end, 10);
	if (errno || end == *text || *end != ' ')
		return false;
	*text = end + 1;
	return true;
}

char *ms_stamp_parse(struct ms_stamp *stamp, char *text)
{
	if (take_unsigned(&text, 10, &stamp->dev) && take_unsigned(&text, 10, &stamp->ino) &&
	    take_unsigned(&text, 10, &stamp->size) && take_unsigned(&text, 8, &stamp->mode) &&
	    take_signed(&text, &stamp->mtime) && take_signed(&text, &stamp->ctime))
		return text;
	return NULL;
}
