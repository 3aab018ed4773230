/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot.c - the verb run: QEMU as a child, its console on our stdout.
 */
#include "drive/verbs.h"
#include "base/diag.h"
#include "base/run.h"
#include "base/temp.h"
#include "drive/child.h"
#include "drive/console.h"
#include "drive/log.h"
#include "drive/preflight.h"
#include "drive/progress.h"
#include "layout/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define QEMU         "qemu-system-aarch64"
#define EXIT_TIMEOUT 124 /* as timeout(1) */

/* -- the terminal ------------------------------------------------------------------------ */

static struct termios terminal;
static volatile sig_atomic_t terminal_saved;

/* QEMU changes the terminal's mode, and cannot change it back when it is killed. */
static void restore_terminal(void)
{
	if (terminal_saved && tcgetpgrp(STDIN_FILENO) == getpgrp())
		tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
}

static void save_terminal(void)
{
	if (tcgetattr(STDIN_FILENO, &terminal) == 0) {
		terminal_saved = 1;
		ms_on_end(restore_terminal);
	}
}

/* -- time -------------------------------------------------------------------------------- */

/* Waits until one of them is ready or the deadline (0: none) has come; false then. */
static bool wait_any(struct pollfd *fds, nfds_t count, int64_t deadline)
{
	for (;;) {
		int64_t left = deadline ? deadline - ms_now() : -1;
		int n;

		if (deadline && left <= 0)
			return false;
		n = poll(fds, count, left > 60000 ? 60000 : (int)left);
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			ms_die_errno("poll");
	}
}

/* -- the console ------------------------------------------------------------------------- */

enum outcome { ENDED, MATCHED, TIMED_OUT };

/* False when the deadline came first. A failed write ends the program, and QEMU with it. */
static bool show(const char *data, size_t len, int64_t deadline)
{
	struct pollfd out = {STDOUT_FILENO, POLLOUT, 0};

	while (len) {
		ssize_t n;

		if (!wait_any(&out, 1, deadline))
			return false;
		n = write(STDOUT_FILENO, data, len);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			ms_die_errno("standard output");
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* Bytes read, 0 when there are none now; closes *fd at its end. */
static size_t take(int *fd, char *chunk, size_t size)
{
	ssize_t n = read(*fd, chunk, size);

	if (n > 0)
		return (size_t)n;
	if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		close(*fd);
		*fd = -1;
	}
	return 0;
}

/* QEMU's own words are passed on until we end it: that it was ended is no news then. */
static void pass_words(struct ms_child *qemu)
{
	static char chunk[4096];
	size_t n = take(&qemu->err, chunk, sizeof(chunk));

	if (n && ms_log_owns_stderr())
		ms_log_text("qemu", chunk, n);
	else if (n)
		ms_progress_pass(chunk, n);
}

static enum outcome stream(struct ms_child *qemu, struct ms_console *console, int64_t deadline)
{
	static char chunk[4096];

	while (qemu->out >= 0 || qemu->err >= 0) {
		struct pollfd fds[2] = {{qemu->out, POLLIN, 0}, {qemu->err, POLLIN, 0}};
		size_t n;

		if (!wait_any(fds, 2, deadline))
			return TIMED_OUT;
		if (fds[1].revents)
			pass_words(qemu);
		if (!fds[0].revents)
			continue;
		n = take(&qemu->out, chunk, sizeof(chunk));
		if (!show(chunk, n, deadline))
			return TIMED_OUT;
		if (n && console && ms_console_add(console, chunk, n)) {
			if (chunk[n - 1] != '\n')
				show("\n", 1, deadline);
			return MATCHED;
		}
	}
	return console && ms_console_end(console) ? MATCHED : ENDED;
}

/* -- QEMU -------------------------------------------------------------------------------- */

/* A comma in a name is doubled within an option of several parts. */
static const char *escaped(const char *name)
{
	struct ms_buf out = {0};

	for (; *name; name++)
		ms_buf_puts(&out, *name == ',' ? ",," : (const char[]){*name, '\0'});
	return out.data ? out.data : "";
}

/* QEMU loads ELF files and Linux Images by itself; other bytes are put where they run. */
static void add_image(struct ms_list *argv, const struct ms_built *built)
{
	const char *format = json_string_value(ms_doc_at(built->document, "image.format"));
	const char *entry = json_string_value(ms_doc_at(built->document, "image.entry"));

	if (format && entry && strcmp(format, "raw") == 0) {
		ms_list_add(argv, "-device");
		ms_list_add(argv, ms_format("loader,file=%s,addr=%s,cpu-num=0",
		                            escaped(built->image), entry));
		return;
	}
	ms_list_add(argv, "-kernel");
	ms_list_add(argv, built->image);
}

void ms_boot_argv(struct ms_list *argv, const struct ms_built *built, const char *const *qemu_args)
{
	static const char *const console[] = {"-display", "none",  "-monitor",  "none",
	                                      "-serial",  "stdio", "-no-reboot"};
	const json_t *record = ms_doc_at(built->document, "archive.kernel");
	const char *program = ms_find_program(QEMU), *fault;

	if (!program)
		ms_die_system("no program " QEMU " (Debian's package qemu-system-arm has it)");
	if (!record || ms_doc_check("the build's document", "$.archive.kernel", record,
	                            &ms_kernel_record_shape))
		ms_die_input("the build's document does not say what its kernel needs");
	ms_list_add(argv, program);
	fault = ms_kernel_qemu_args(record, argv);
	if (fault)
		ms_die_input("QEMU cannot run this: %s", fault);
	for (size_t i = 0; i < sizeof(console) / sizeof(console[0]); i++)
		ms_list_add(argv, console[i]);
	add_image(argv, built);
	for (size_t i = 0; qemu_args && qemu_args[i]; i++)
		ms_list_add(argv, qemu_args[i]);
}

static int conclude(const struct ms_boot *boot, enum outcome outcome, int status)
{
	switch (outcome) {
	case MATCHED:
		if (!boot->quiet)
			ms_report(MS_NOTE, NULL, NULL, "the console shows what was expected: %s",
			          boot->expect);
		return MS_EXIT_OK;
	case TIMED_OUT:
		ms_report(MS_ERROR, NULL, NULL, "%s within %ld s",
		          boot->expect ? "the console did not show what was expected"
		                       : "QEMU did not end",
		          boot->timeout);
		return EXIT_TIMEOUT;
	case ENDED: break;
	}
	if (boot->expect) {
		ms_report(MS_ERROR, NULL, NULL,
		          "QEMU ended (exit %d) before the console showed what was expected",
		          status);
		return MS_EXIT_INPUT;
	}
	if (status != 0) {
		ms_report(MS_ERROR, NULL, NULL, "QEMU failed (exit %d)", status);
		return MS_EXIT_SYSTEM;
	}
	return MS_EXIT_OK;
}

int ms_verb_boot(const struct ms_built *built, const struct ms_boot *boot)
{
	static struct ms_console console;
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct ms_list argv = {0};
	struct ms_child qemu;
	enum outcome outcome;
	unsigned flags = MS_CHILD_PIPE_OUT | MS_CHILD_PIPE_ERR;
	const char *fault;
	int error, mode;
	int64_t deadline;

	if (boot->expect && (fault = ms_console_open(&console, boot->expect)))
		ms_die_usage("--expect %s: %s", boot->expect, fault);
	ms_boot_argv(&argv, built, boot->qemu_args);
	ms_preflight_machine(ms_doc_at(built->document, "archive.kernel"), &argv, boot->silenced);
	/* A closed stdin is there, but cannot be read (ms_diag_program). */
	mode = fcntl(STDIN_FILENO, F_GETFL);
	if (boot->no_input || mode < 0 || (mode & O_ACCMODE) == O_WRONLY)
		flags |= MS_CHILD_NO_INPUT;
	else
		save_terminal();
	if (!boot->quiet && json_is_false(ms_doc_at(built->document, "archive.kernel.printing")))
		ms_report(MS_NOTE, NULL, NULL,
		          "this kernel has no debug console: after the loader's last line "
		          "neither it nor a program that prints through it will be seen");
	deadline = boot->timeout ? ms_now() + boot->timeout * 1000 : 0;
	error = ms_child_start(&qemu, argv.items, flags);
	if (error)
		ms_die_system("cannot start %s: %s", argv.items[0], strerror(error));
	/* Who reads our output may go away: a write error then, so that QEMU is ended first. */
	sigaction(SIGPIPE, &ignore, NULL);
	outcome = stream(&qemu, boot->expect ? &console : NULL, deadline);
	error = outcome == ENDED ? ms_child_wait(&qemu) : ms_child_end(&qemu);
	restore_terminal();
	return conclude(boot, outcome, error);
}
