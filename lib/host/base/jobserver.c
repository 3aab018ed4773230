/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * jobserver.c - a client of GNU make's jobserver, both its forms: two inherited descriptors
 * "R,W" and "fifo:PATH" (make 4.4 and later).
 */
#include "base/jobserver.h"
#include "base/diag.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_fd = -1, write_fd = -1;
static char tokens[MS_JOBSERVER_MAX];
static volatile sig_atomic_t held;

/* The value of the last --jobserver-auth= (or, before make 4.2, --jobserver-fds=) in flags, its
 * backslashes undone; NULL when there is none. */
static char *last_auth(const char *flags)
{
	static const char *const options[] = {"--jobserver-auth=", "--jobserver-fds="};
	char *found = NULL;

	while (*flags) {
		struct ms_buf word = {0};

		flags += strspn(flags, " \t");
		ms_buf_add(&word, "", 0);
		for (; *flags && *flags != ' ' && *flags != '\t'; flags++) {
			if (*flags == '\\' && flags[1])
				flags++;
			ms_buf_add(&word, flags, 1);
		}
		if (strcmp(word.data, "--") == 0)
			break; /* what follows are variables of the command line */
		for (size_t i = 0; i < 2; i++) {
			size_t n = strlen(options[i]);

			if (strncmp(word.data, options[i], n) == 0)
				found = word.data + n;
		}
	}
	return found;
}

static bool is_fifo(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

/*
 * Tokens must be read without waiting, but make's own description of the pipe must not become
 * non-blocking: that would reach every other client. So the pipe is opened a second time.
 */
static bool open_pipe(int r, int w)
{
	char path[40];

	if (r < 0 || w < 0 || !is_fifo(r) || !is_fifo(w) ||
	    (fcntl(w, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", r);
	read_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (read_fd < 0)
		return false;
	write_fd = w;
	/* Compilers have no business with them. */
	fcntl(r, F_SETFD, FD_CLOEXEC);
	fcntl(w, F_SETFD, FD_CLOEXEC);
	return true;
}

static bool open_fifo(const char *path)
{
	read_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (read_fd < 0 || !is_fifo(read_fd))
		return false;
	write_fd = open(path, O_WRONLY | O_CLOEXEC);
	return write_fd >= 0;
}

enum ms_jobserver_state ms_jobserver_open(void)
{
	static enum ms_jobserver_state state;
	static unsigned asked;
	const char *flags = getenv("MAKEFLAGS");
	const char *auth;
	int r, w, end = 0;

	if (!ms_diag_first(&asked) || read_fd >= 0)
		return state;
	if (!flags || !(auth = last_auth(flags)))
		return state;
	if (ms_starts_with(auth, "fifo:")) {
		if (open_fifo(auth + 5))
			return state = MS_JOBSERVER_OPEN;
	} else if (sscanf(auth, "%d,%d%n", &r, &w, &end) == 2 && auth[end] == '\0') {
		if (r < 0 || w < 0) /* make's way to say that it is switched off */
			return state = MS_JOBSERVER_CLOSED;
		if (open_pipe(r, w))
			return state = MS_JOBSERVER_OPEN;
	}
	ms_report(MS_WARNING, NULL, "jobserver",
	          "make's jobserver (%s) cannot be used, so one job runs at a time; "
	          "put a + before the recipe's line, or give -j",
	          auth);
	return state = MS_JOBSERVER_CLOSED;
}

int ms_jobserver_fd(void)
{
	return read_fd;
}

unsigned ms_jobserver_held(void)
{
	return (unsigned)held;
}

int ms_jobserver_take(void)
{
	sigset_t all, old;
	ssize_t n;
	char token;

	if (read_fd < 0 || held >= MS_JOBSERVER_MAX)
		return 0;
	/* A signal between reading a token and noting it would lose it for the whole make. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	do {
		n = read(read_fd, &token, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 1) {
		tokens[held] = token;
		held = held + 1;
	} else if (n == 0) {
		/* Nobody is left to give tokens; poll would call this readable for ever. */
		close(read_fd);
		read_fd = -1;
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return n == 1;
}

void ms_jobserver_give(void)
{
	sigset_t all, old;
	ssize_t n;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	if (held > 0) {
		/* The pipe has room for what came out of it; EAGAIN only under another's error. */
		do {
			n = write(write_fd, &tokens[held - 1], 1);
			if (n < 0 && errno == EAGAIN) {
				struct pollfd p = {.fd = write_fd, .events = POLLOUT};

				poll(&p, 1, 1000);
			}
		} while (n < 0 && (errno == EINTR || errno == EAGAIN));
		held = held - 1;
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
}

void ms_jobserver_give_all(void)
{
	while (held > 0)
		ms_jobserver_give();
}
