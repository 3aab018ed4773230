/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * child.c - starting programs that end with this one.
 */
#include "drive/child.h"
#include "base/diag.h"
#include "base/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* Stages and filters of a pipeline at most (pipeline.h), and QEMU. */
#define CHILDREN_MAX 64
#define KIND_MS      1000 /* how long SIGTERM has before SIGKILL comes */

static volatile pid_t children[CHILDREN_MAX];

static bool note_child(pid_t old, pid_t pid)
{
	for (size_t i = 0; i < CHILDREN_MAX; i++) {
		if (children[i] == old) {
			children[i] = pid;
			return true;
		}
	}
	return false;
}

/* Waits until it has ended, for ms milliseconds at most; 0 when it has not. */
static pid_t wait_for(pid_t pid, int *status, int ms)
{
	const struct timespec step = {.tv_nsec = 2 * 1000 * 1000};
	pid_t got;

	for (;;) {
		got = waitpid(pid, status, ms < 0 ? 0 : WNOHANG);
		if (got != 0 && !(got < 0 && errno == EINTR))
			return got;
		if (ms >= 0 && (ms -= 2) < 0)
			return 0;
		nanosleep(&step, NULL);
	}
}

/* At this program's end, also in a signal handler. */
static void end_children(void)
{
	int status;

	for (size_t i = 0; i < CHILDREN_MAX; i++) {
		if (children[i] > 0)
			kill(children[i], SIGTERM);
	}
	for (size_t i = 0; i < CHILDREN_MAX; i++) {
		if (children[i] <= 0)
			continue;
		if (wait_for(children[i], &status, KIND_MS) == 0) {
			kill(children[i], SIGKILL);
			wait_for(children[i], &status, -1);
		}
		children[i] = 0;
	}
}

struct start {
	const char *const *argv;
	int fds[3]; /* what becomes 0, 1, 2; -1: inherited */
	sigset_t mask;
	pid_t parent;
	bool own_group;
	volatile int error;
};

/*
 * Between vfork and execve: shares the parent's memory, so it only makes system calls and
 * writes start->error. posix_spawn would do the same but cannot ask for the parent-death signal.
 */
static _Noreturn void become(struct start *start)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};
	char **argv;

	/* execve leaves the vectors alone, it only lacks the const. */
	memcpy(&argv, &start->argv, sizeof(argv));
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != start->parent)
		_exit(127);
	if (start->own_group)
		setpgid(0, 0);
	/* Sources lie above 2 (ms_diag_program), so that no target is one of them. */
	for (int fd = 0; fd <= 2; fd++) {
		if (start->fds[fd] >= 0 && dup2(start->fds[fd], fd) < 0)
			goto fail;
	}
	sigaction(SIGPIPE, &usual, NULL);
	sigprocmask(SIG_SETMASK, &start->mask, NULL);
	execve(argv[0], argv, environ);
fail:
	start->error = errno;
	_exit(127);
}

/* The same for a process that goes on with our own code: what is to be done at our end, and the
 * unfinished files, are ours. */
static void go_on(const struct start *start)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != start->parent)
		_exit(127);
	ms_temp_disown_all();
	for (size_t i = 0; i < CHILDREN_MAX; i++)
		children[i] = 0;
	sigaction(SIGPIPE, &usual, NULL);
	sigprocmask(SIG_SETMASK, &start->mask, NULL);
}

/* One pipe: theirs goes to the child, ours stays. 0 or errno. */
static int make_pipe(bool to_child, int *theirs, int *ours)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return errno;
	*theirs = ends[to_child ? 0 : 1];
	*ours = ends[to_child ? 1 : 0];
	fcntl(*ours, F_SETFL, O_NONBLOCK);
	return 0;
}

static void close_all(int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static int open_ends(struct start *start, int ours[3], unsigned flags)
{
	int error = 0;

	if (flags & MS_CHILD_PIPE_IN)
		error = make_pipe(true, &start->fds[0], &ours[0]);
	else if (flags & MS_CHILD_NO_INPUT) {
		start->fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		error = start->fds[0] < 0 ? errno : 0;
	}
	if (!error && (flags & MS_CHILD_PIPE_OUT))
		error = make_pipe(false, &start->fds[1], &ours[1]);
	if (!error && (flags & MS_CHILD_PIPE_ERR))
		error = make_pipe(false, &start->fds[2], &ours[2]);
	return error;
}

/* In the parent: notes the child that was started, or says why there is none. */
static int note_start(struct ms_child *child, pid_t pid, int error)
{
	if (pid < 0)
		return errno;
	if (error) {
		waitpid(pid, NULL, 0);
		return error;
	}
	if (!note_child(0, pid)) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return EAGAIN;
	}
	child->pid = pid;
	return 0;
}

int ms_child_fork(struct ms_child *child, void (*body)(void *), void *user)
{
	struct start start = {.parent = getpid()};
	int error;
	sigset_t all;
	pid_t pid;

	ms_on_end(end_children);
	*child = (struct ms_child){0, -1, -1, -1};
	fflush(NULL); /* or both would write it */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &start.mask);
	pid = fork();
	if (pid == 0) {
		go_on(&start);
		body(user);
	}
	error = note_start(child, pid, 0);
	sigprocmask(SIG_SETMASK, &start.mask, NULL);
	return error;
}

int ms_child_pipe(bool to_child, int *theirs, int *ours)
{
	return make_pipe(to_child, theirs, ours);
}

void ms_child_tell(int fd)
{
	ssize_t n;

	do {
		n = write(fd, "+", 1);
	} while (n < 0 && errno == EINTR);
	/* The other side may be gone, which is seen elsewhere; but one that is there would wait. */
	if (n < 0 && errno != EPIPE)
		ms_die_errno("a pipe between stages");
}

bool ms_child_told(int fd)
{
	char byte;
	ssize_t n;

	do {
		n = read(fd, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		ms_die_errno("a pipe between stages");
	return n == 1;
}

int ms_child_start(struct ms_child *child, const char *const *argv, unsigned flags)
{
	struct start start = {.argv = argv,
	                      .fds = {-1, -1, -1},
	                      .parent = getpid(),
	                      .own_group = flags & MS_CHILD_OWN_GROUP};
	int ours[3] = {-1, -1, -1};
	sigset_t all;
	pid_t pid;

	ms_on_end(end_children);
	*child = (struct ms_child){0, -1, -1, -1};
	start.error = open_ends(&start, ours, flags);
	if (start.error == 0) {
		/* Between a child's start and its note in the table no signal may end us. */
		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, &start.mask);
		pid = vfork();
		if (pid == 0)
			become(&start);
		start.error = note_start(child, pid, start.error);
		sigprocmask(SIG_SETMASK, &start.mask, NULL);
	}
	close_all(start.fds, 3);
	if (start.error) {
		close_all(ours, 3);
		return start.error;
	}
	child->in = ours[0];
	child->out = ours[1];
	child->err = ours[2];
	return 0;
}

static int reap(struct ms_child *child, int ms)
{
	sigset_t all, old;
	int status = 0;
	pid_t got;

	close_all(&child->in, 1);
	close_all(&child->out, 1);
	close_all(&child->err, 1);
	if (child->pid == 0)
		return 0;
	if (ms < 0) {
		/* Wait without taking it, so that a signal can still end both of us. */
		siginfo_t info;

		while (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT) != 0 &&
		       errno == EINTR)
			;
	}
	/* The number is free for another process once it was waited for: forget it in one go. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	got = wait_for(child->pid, &status, ms);
	if (got == 0) {
		kill(child->pid, SIGKILL);
		got = wait_for(child->pid, &status, -1);
	}
	note_child(child->pid, 0);
	child->pid = 0;
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (got < 0)
		return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool ms_child_has_ended(const struct ms_child *child)
{
	siginfo_t info = {0};

	return child->pid == 0 ||
	       (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0 &&
	        info.si_pid != 0);
}

int ms_child_wait(struct ms_child *child)
{
	return reap(child, -1);
}

int ms_child_end(struct ms_child *child)
{
	if (child->pid > 0)
		kill(child->pid, SIGTERM);
	return reap(child, KIND_MS);
}
