/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inherit.h - an open file that ms-build hands to the stages that it starts.
 *
 * A variable says which descriptor it is, "DESCRIPTOR:DEVICE:INODE": one that has strayed into
 * another program's environment never makes that program write into something else.
 */
#ifndef MS_BASE_INHERIT_H
#define MS_BASE_INHERIT_H

#include <stdbool.h>
#include <sys/types.h>

/* Sets the variable for programs that are started from now on, and lets them inherit fd. more
 * stands behind the inode. False, with errno, when that fails: the variable is unset then. */
bool ms_hand_on(const char *variable, int fd, const char *more);

/* The descriptor that the variable names, when it is an open file of that type (S_IFREG, S_IFIFO)
 * and the one that was meant; else -1. *rest is what stands behind the inode. Neither the variable
 * nor the descriptor is passed on to the programs that this one starts. */
int ms_inherit(const char *variable, mode_t type, const char **rest);

#endif
