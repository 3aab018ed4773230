/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inherit.c - naming an open file in the environment. See inherit.h.
 */
#include "base/inherit.h"
#include "base/mem.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

bool ms_hand_on(const char *variable, int fd, const char *more)
{
	struct stat st;
	char *text;

	unsetenv(variable);
	if (fstat(fd, &st) != 0 || fcntl(fd, F_SETFD, 0) != 0)
		return false;
	text = ms_format("%d:%ju:%ju%s", fd, (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, more);
	return setenv(variable, text, 1) == 0;
}

int ms_inherit(const char *variable, mode_t type, const char **rest)
{
	const char *text = getenv(variable);
	uintmax_t dev, ino;
	struct stat st;
	int fd, end = 0;

	if (!text)
		return -1;
	text = ms_strdup(text);
	unsetenv(variable);
	if (sscanf(text, "%d:%ju:%ju%n", &fd, &dev, &ino, &end) != 3 || fd <= 2 ||
	    fstat(fd, &st) != 0 || st.st_dev != dev || st.st_ino != ino ||
	    (st.st_mode & S_IFMT) != type || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return -1;
	*rest = text + end;
	return fd;
}
