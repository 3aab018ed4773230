/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * child.h - the programs that ms-build starts: stages and QEMU. None of them outlives it.
 *
 * (base/run.h is for compilers: it collects their output and gives them a clean environment.)
 */
#ifndef MS_DRIVE_CHILD_H
#define MS_DRIVE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct ms_child {
	pid_t pid; /* 0: not running */
	int in;    /* our end of the pipe to its stdin; -1: none */
	int out;   /* ... from its stdout */
	int err;   /* ... from its stderr */
};

enum ms_child_flags {
	MS_CHILD_PIPE_IN = 1,
	MS_CHILD_PIPE_OUT = 2,
	MS_CHILD_PIPE_ERR = 4, /* what has no pipe is inherited */
	MS_CHILD_NO_INPUT = 8, /* stdin is /dev/null */
	MS_CHILD_OWN_GROUP =
	    16 /* in a process group of its own: a terminal's signals are not for it */
};

/*
 * Starts argv[0], which is a path. Our ends of the pipes do not block. When this program ends,
 * in whatever way (killed with SIGKILL, too), the child gets SIGTERM. Returns 0 or an errno.
 */
int ms_child_start(struct ms_child *child, const char *const *argv, unsigned flags);

/*
 * A process that goes on with body(user), which does not return, with all our descriptors and
 * no part in our ending: the same otherwise. Its three pipes are none.
 */
int ms_child_fork(struct ms_child *child, void (*body)(void *), void *user);

/* A pipe to or from a child, close-on-exec; our end does not block. 0 or errno. */
int ms_child_pipe(bool to_child, int *theirs, int *ours);

/* One byte through such a pipe: go on, or it has ended well. Told is false when the other end was
 * closed without. A pipe that fails ends the program with 3, since nobody would be told. */
void ms_child_tell(int fd);
bool ms_child_told(int fd);

/* True when it has ended; it still is to be waited for. */
bool ms_child_has_ended(const struct ms_child *child);

/* Closes our ends and waits for its end; returns its exit code, or 128 + signal. */
int ms_child_wait(struct ms_child *child);

/* Ends it, first kindly; then as ms_child_wait. */
int ms_child_end(struct ms_child *child);

#endif
