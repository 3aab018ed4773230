/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shim.c - preloaded into a program (LD_PRELOAD), lets one of its allocations fail.
 *
 *   MS_FAULT_PROGRAM   the program meant; any other one is left alone
 *   MS_FAULT_N         its N-th allocation fails (from the start of main on); 0: none
 *   MS_FAULT_ON        set: and so does every later one
 *   MS_FAULT_REPORT    this file receives the number of allocations
 *
 * A process that it forks counts on from where it was, so that the N-th may fail in several.
 *
 * An allocation is malloc, calloc, realloc or one with an alignment, whoever asks for it: the
 * program, a library linked to it, or the C library itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static bool counts, goes_on;
static long count, n;
static pid_t self; /* not so in a child of vfork, which has this one's memory */

static bool fails(void)
{
	if (!counts)
		return false;
	count++;
	if (n == 0 || (goes_on ? count < n : count != n))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t members, size_t size)
{
	return fails() ? NULL : __libc_calloc(members, size);
}

void *realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **p, size_t alignment, size_t size)
{
	if (fails())
		return ENOMEM;
	*p = __libc_memalign(alignment, size);
	return *p ? 0 : ENOMEM;
}

static void forked(void)
{
	self = getpid();
}

static void __attribute__((constructor)) begin(void)
{
	const char *program = getenv("MS_FAULT_PROGRAM"), *number = getenv("MS_FAULT_N");

	n = number ? strtol(number, NULL, 10) : 0;
	goes_on = getenv("MS_FAULT_ON") != NULL;
	counts = program && strcmp(program, program_invocation_short_name) == 0;
	forked();
	pthread_atfork(NULL, NULL, forked);
}

/* A process and those that it forks write one report: of whoever counted most, or was hit. */
static void __attribute__((destructor)) end(void)
{
	const char *report = getenv("MS_FAULT_REPORT");
	bool hit = n && count >= n;
	char text[40], was[40] = "";
	int fd, len;

	if (!counts || !report)
		return;
	counts = false;
	len = snprintf(text, sizeof(text), "%8ld %s\n", count, hit ? "malloc" : "-");
	fd = open(report, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || flock(fd, LOCK_EX) != 0 || pread(fd, was, sizeof(was) - 1, 0) < 0)
		_exit(125);
	if ((!strstr(was, "malloc") && strtol(was, NULL, 10) <= count) || !was[0]) {
		if (pwrite(fd, text, (size_t)len, 0) != len || ftruncate(fd, len) != 0)
			_exit(125);
	}
	close(fd);
}

/* A process that leaves without its end hooks reports too. */
void _exit(int status)
{
	if (getpid() == self)
		end();
	syscall(SYS_exit_group, status);
	__builtin_unreachable();
}
