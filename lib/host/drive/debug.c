/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * debug.c - the verb debug: QEMU waits before its first instruction, and gdb is started on it with
 * the symbols of all that runs there.
 */
#include "drive/verbs.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/run.h"
#include "base/temp.h"
#include "drive/child.h"
#include "drive/gdb.h"
#include "layout/kernel.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS 10000 /* for QEMU to make its socket */

/* The kernel's ELF of a build, which must be the one that was packed. */
static const char *kernel_of(const struct ms_drive *drive, const struct ms_built *built)
{
	const char *sha256 = json_string_value(ms_doc_at(built->document, "archive.kernel.sha256"));
	struct ms_kernel kernel;

	if (ms_kernel_open(ms_kernel_folder(drive->kernel, built->document, built->build),
	                   &kernel) != 0)
		ms_exit(MS_EXIT_INPUT);
	if (!sha256 || strcmp(sha256, kernel.image.sha256) != 0)
		ms_die_input("%s is not the kernel that was packed", kernel.image.path);
	return kernel.image.path;
}

/* -- the socket ---------------------------------------------------------------------------- */

static char folder[PATH_MAX], socket_path[PATH_MAX + 8];

static void remove_socket(void)
{
	if (folder[0]) {
		unlink(socket_path);
		rmdir(folder);
	}
}

/* In a folder that is ours alone: whoever can write to the socket commands QEMU. */
static void make_socket_path(void)
{
	const char *tmp = getenv("TMPDIR");
	int n = snprintf(folder, sizeof(folder), "%s/ms-debug.XXXXXX", tmp && *tmp ? tmp : "/tmp");

	/* A socket's address has room for 107 bytes, and gdb splits a name at spaces. */
	if (n > 100 || strpbrk(folder, " \t\n\\'\"|,"))
		snprintf(folder, sizeof(folder), "/tmp/ms-debug.XXXXXX");
	if (!mkdtemp(folder)) {
		int error = errno;

		folder[0] = '\0';
		ms_die_system("%s: %s", tmp && *tmp ? tmp : "/tmp", strerror(error));
	}
	snprintf(socket_path, sizeof(socket_path), "%s/gdb", folder);
	ms_on_end(remove_socket);
}

/* gdb takes a name that is not there yet for a serial line. */
static void await_socket(const struct ms_child *qemu)
{
	struct stat st;

	for (int ms = 0; stat(socket_path, &st) != 0; ms += 10) {
		siginfo_t info = {0};

		if (waitid(P_PID, (id_t)qemu->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    info.si_pid != 0)
			ms_die_system("QEMU ended before gdb could reach it");
		if (ms > WAIT_MS)
			ms_die_system("QEMU did not make %s", socket_path);
		poll(NULL, 0, 10);
	}
}

/* -- gdb ----------------------------------------------------------------------------------- */

static const char *find_gdb(void)
{
	static const char *const names[] = {"gdb-multiarch", "aarch64-linux-gnu-gdb",
	                                    "aarch64-none-elf-gdb"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = ms_find_program(names[i]);

		if (path)
			return path;
	}
	ms_die_system("no program gdb-multiarch (Debian's package of that name has it; --no-gdb "
	              "starts QEMU alone)");
}

static void on_interrupt(int number)
{
	(void)number; /* it is for gdb, which stops the machine then */
}

/* gdb is in the foreground: what is typed is its, and so are the signals of the terminal. */
static int run_gdb(const struct ms_list *argv, bool no_input)
{
	struct sigaction handle = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
	struct ms_child gdb;
	int error;

	/* A handler, not SIG_IGN, which gdb would inherit. */
	sigaction(SIGINT, &handle, NULL);
	sigaction(SIGQUIT, &handle, NULL);
	error = ms_child_start(&gdb, argv->items, no_input ? MS_CHILD_NO_INPUT : 0);
	if (error)
		ms_die_system("cannot start %s: %s", argv->items[0], strerror(error));
	return ms_child_wait(&gdb);
}

static void add_all(struct ms_list *argv, const char *const *words)
{
	for (size_t i = 0; words && words[i]; i++)
		ms_list_add(argv, words[i]);
}

/* QEMU in the foreground, waiting for a gdb that somebody else starts. */
static int wait_alone(const struct ms_built *built, const struct ms_debug *debug,
                      const struct ms_list *stub, const char *script, const char *target)
{
	struct ms_boot boot = debug->boot;
	struct ms_list args = {0};

	add_all(&args, stub->items);
	add_all(&args, debug->boot.qemu_args);
	boot.qemu_args = args.items;
	fprintf(stderr, "gdb        gdb-multiarch -q -x %s -ex 'target remote %s'\n", script,
	        target);
	return ms_verb_boot(built, &boot);
}

int ms_verb_debug(const struct ms_drive *drive, const struct ms_built *built,
                  const struct ms_debug *debug)
{
	struct ms_list qemu_argv = {0}, gdb_argv = {0}, stub = {0};
	const char *script = ms_path_join(built->build, "debug.gdb"), *target;
	struct ms_buf text = {0};
	struct ms_child qemu;
	int error, status;

	ms_gdb_script(&text, built, kernel_of(drive, built));
	ms_write_file(script, text.data, text.len, MS_WRITE_KEEP_SAME);
	if (!debug->port)
		make_socket_path();
	target = debug->port ? ms_format("127.0.0.1:%ld", debug->port) : socket_path;
	ms_list_add(&stub, "-S");
	ms_list_add(&stub, "-gdb");
	ms_list_add(&stub, debug->port ? ms_format("tcp:%s", target)
	                               : ms_format("unix:%s,server=on,wait=off", socket_path));
	if (debug->no_gdb)
		return wait_alone(built, debug, &stub, script, target);

	ms_list_add(&gdb_argv, find_gdb());
	add_all(&gdb_argv, (const char *const[]){"-q", "-x", script, "-ex",
	                                         ms_format("target remote %s", target), NULL});
	add_all(&gdb_argv, debug->boot.qemu_args);
	ms_boot_argv(&qemu_argv, built, NULL);
	add_all(&qemu_argv, stub.items);
	error = ms_child_start(&qemu, qemu_argv.items, MS_CHILD_NO_INPUT | MS_CHILD_OWN_GROUP);
	if (error)
		ms_die_system("cannot start %s: %s", qemu_argv.items[0], strerror(error));
	if (!debug->port)
		await_socket(&qemu);
	status = run_gdb(&gdb_argv, debug->boot.no_input);
	/* Not kindly: it would say that it was ended. */
	kill(qemu.pid, SIGKILL);
	ms_child_end(&qemu);
	if (status != 0) {
		ms_report(MS_ERROR, NULL, NULL, "gdb failed (exit %d)", status);
		return MS_EXIT_SYSTEM;
	}
	return MS_EXIT_OK;
}
