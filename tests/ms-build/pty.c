/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pty.c - runs a program on a terminal of its own, for tests of what is shown there.
 *
 *   pty COLUMNS [STEP...] -- PROGRAM [ARGUMENT...]
 *
 * Copies what the program writes to standard output, and ends as the program does (128 + signal).
 * The steps are done in order, each when it can be:
 *   wait=TEXT       until TEXT was written
 *   size=COLUMNS    resizes the terminal (SIGWINCH)
 *   make=FILE       makes an empty file, which a stage may wait for
 *   type=TEXT       types TEXT ("^C": the key that interrupts)
 * A program that is not done after 60 seconds is killed: 124.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char shown[1 << 20];
static size_t len, seen; /* a wait looks behind what the one before it found */

static void resize(int fd, const char *columns)
{
	struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)strtoul(columns, NULL, 10)};

	ioctl(fd, TIOCSWINSZ, &size);
}

/* True when the step is done. */
static int do_step(int fd, const char *step)
{
	if (strncmp(step, "wait=", 5) == 0) {
		const char *at = memmem(shown + seen, len - seen, step + 5, strlen(step + 5));

		if (!at)
			return 0;
		seen = (size_t)(at - shown) + strlen(step + 5);
	} else if (strncmp(step, "size=", 5) == 0) {
		resize(fd, step + 5);
	} else if (strncmp(step, "make=", 5) == 0) {
		close(open(step + 5, O_WRONLY | O_CREAT, 0666));
	} else if (strcmp(step, "type=^C") == 0) {
		return write(fd, "\003", 1) == 1;
	} else if (strncmp(step, "type=", 5) == 0) {
		return write(fd, step + 5, strlen(step + 5)) > 0;
	}
	return 1;
}

int main(int argc, char **argv)
{
	int steps = 2, program = 2, fd, status;
	const time_t end = time(NULL) + 60;
	pid_t pid;

	while (program < argc && strcmp(argv[program], "--") != 0)
		program++;
	if (program + 1 >= argc)
		return 2;
	pid = forkpty(&fd, NULL, NULL, NULL);
	if (pid < 0)
		return 3;
	if (pid == 0) {
		resize(0, argv[1]);
		signal(SIGINT, SIG_DFL);
		execvp(argv[program + 1], argv + program + 1);
		_exit(127);
	}
	for (;;) {
		struct pollfd p = {fd, POLLIN, 0};
		ssize_t n;

		while (steps < program && do_step(fd, argv[steps]))
			steps++;
		poll(&p, 1, 1000);
		if (time(NULL) > end) {
			kill(pid, SIGKILL);
			return 124;
		}
		if (!p.revents)
			continue;
		n = read(fd, shown + len, sizeof(shown) - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		fwrite(shown + len, 1, (size_t)n, stdout);
		len += (size_t)n;
	}
	if (waitpid(pid, &status, 0) != pid)
		return 3;
	if (steps < program)
		fprintf(stderr, "pty: not reached: %s\n", argv[steps]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
