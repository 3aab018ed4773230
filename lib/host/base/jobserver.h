/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * jobserver.h - sharing job slots with GNU make (make's manual, "POSIX Jobserver"): one job is
 * free, every further one needs a byte read from make's pipe or fifo, and that very byte goes back.
 */
#ifndef MS_BASE_JOBSERVER_H
#define MS_BASE_JOBSERVER_H

#define MS_JOBSERVER_MAX 255 /* tokens held at once */

enum ms_jobserver_state {
	MS_JOBSERVER_NONE,  /* MAKEFLAGS names none */
	MS_JOBSERVER_OPEN,  /* tokens can be had */
	MS_JOBSERVER_CLOSED /* one is named, but not for us: run one job at a time */
};

/* Looks at MAKEFLAGS (its last --jobserver-auth= counts). Once per program; says why when the
 * jobserver that it names cannot be used. */
enum ms_jobserver_state ms_jobserver_open(void);

/* Readable when there may be a token. */
int ms_jobserver_fd(void);

/* Takes a token if there is one: 1, else 0. Never waits. */
int ms_jobserver_take(void);

unsigned ms_jobserver_held(void);

/* Gives back one token, or all. The latter may be called from a signal handler. */
void ms_jobserver_give(void);
void ms_jobserver_give_all(void);

#endif
