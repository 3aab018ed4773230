/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * complete.h - a program's options as a completion script for a shell.
 */
#ifndef MS_BASE_COMPLETE_H
#define MS_BASE_COMPLETE_H

#include "base/cli.h"
#include "base/mem.h"
#include <stdbool.h>

/* The options that every program has besides its own, and their number. */
extern const struct ms_option ms_cli_standard[];
#define MS_CLI_STANDARD 2

/* Adds the script for bash, zsh or fish; false when shell is none of them. */
bool ms_complete(struct ms_buf *out, const struct ms_cli *cli, const char *shell);

#endif
