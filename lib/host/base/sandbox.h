/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sandbox.h - a command that sees only what it is shown: no network, files and folders read-only
 * under their own names, and one folder of its own to write to.
 *
 * It keeps a build honest: what a step did not declare is not there. Two ways, the first one that
 * the kernel allows: mount namespaces (what is not shown does not exist), or Landlock with a filter
 * for system calls (what is not shown cannot be opened).
 */
#ifndef MS_BASE_SANDBOX_H
#define MS_BASE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Once, before the first command, while this program has a single thread (it gets namespaces, and
 * a user namespace where it is not root). NULL, or why the kernel refuses both ways. $MS_HERMETIC,
 * "namespaces" or "landlock", allows only one of them.
 */
const char *ms_sandbox_enter(void);

struct ms_sandbox;

/* What base shows (NULL: nothing), to be added to. */
struct ms_sandbox *ms_sandbox_new(const struct ms_sandbox *base);

/* Shows a file, or a folder with all that is in it, and every symbolic link on the way. What is not
 * there is passed over. */
void ms_sandbox_show(struct ms_sandbox *sandbox, const char *path);

/* The same, but where path itself is a link only the link is shown, not what it leads to. */
void ms_sandbox_show_itself(struct ms_sandbox *sandbox, const char *path);

/* True when what path leads to is shown. */
bool ms_sandbox_shows(const struct ms_sandbox *sandbox, const char *path);

/*
 * Makes the command's folder; nothing is shown from then on. scratch: an existing folder that may
 * hold it until ms_sandbox_free (or a signal handled by ms_file_on_signals). Returns its path as
 * the command sees it; NULL with errno.
 */
const char *ms_sandbox_prepare(struct ms_sandbox *sandbox, const char *scratch);

/* Opens a regular file directly in the command's folder, after it has ended; -1 with errno. */
int ms_sandbox_open(const struct ms_sandbox *sandbox, const char *name);

/*
 * Starts program (absolute) in the current folder with standard output and error going to out.
 * Signals must be blocked; the command has none blocked. Returns 0, or an errno: then
 * ms_sandbox_fault says what failed, or it is NULL when it was execve.
 */
int ms_sandbox_spawn(struct ms_sandbox *sandbox, const char *program, const char *const *argv,
                     const char *const *env, int out, pid_t *pid);
const char *ms_sandbox_fault(const struct ms_sandbox *sandbox);

/* Removes the command's folder. */
void ms_sandbox_free(struct ms_sandbox *sandbox);

/* -- landlock.c, for sandbox.c ----------------------------------------------------------- */

/* NULL, or why this way is closed. */
const char *ms_landlock_fault(void);

/* A ruleset without rules; then what may be read and run, and what may be written too. -1 with
 * errno. */
int ms_landlock_new(void);
int ms_landlock_allow(int ruleset, const char *path, bool folder, bool write);

/* Between vfork and execve. -1 with errno. */
int ms_landlock_enforce(int ruleset);

/* Removes a folder and all that is in it; system calls only, for a signal handler too. */
void ms_remove_tree(const char *path);

#endif
