/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-run.c - lib/host/base/run and jobserver: how commands end, what they get, how many run
 * at a time, and that make's tokens come back whatever happens.
 */
#include "base/diag.h"
#include "base/file.h"
#include "base/jobserver.h"
#include "base/mem.h"
#include "base/run.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/ms-test-run-XXXXXX";

static struct ms_result sh(const char *script)
{
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	struct ms_command command = {.argv = argv};

	return ms_run(&command);
}

static void test_results(void)
{
	const char *missing[] = {"no-such-program-anywhere", NULL};
	const char *folder_argv[] = {"/tmp", NULL};
	struct ms_command command = {.argv = missing};
	struct ms_result r = sh("echo out; echo err >&2; exit 7");

	ok(r.error == 0 && r.status == 7, "the exit code comes back");
	is_string(r.output.data, "out\nerr\n", "both streams are collected in order");
	r = sh("kill -9 $$");
	ok(r.status == 128 + SIGKILL, "a signal is 128 + its number");
	r = ms_run(&command);
	ok(r.error == ENOENT && r.status == 127, "a missing program is ENOENT");
	command.argv = folder_argv;
	ok(ms_run(&command).error != 0, "a folder is no program");
	r = sh("read line; echo \"[$line]\"");
	is_string(r.output.data, "[]\n", "standard input is empty");
	r = sh("i=0; while [ $i -lt 40000 ]; do echo 0123456789012345678901234567890123456789; "
	       "i=$((i+1)); done; exit 3");
	ok(r.status == 3 && r.output.len > 1024 * 1024 && r.output.len < 1024 * 1024 + 100,
	   "output is capped at 1 MiB and the command still ends");
	ok(strstr(r.output.data, "left out") != NULL, "and a line says so");
	r = sh("sleep 60 & echo $!");
	pid_t pid = r.output.data ? (pid_t)atoi(r.output.data) : 0;
	ok(r.status == 0 && pid > 0 && kill(pid, SIGKILL) == 0,
	   "a descendant that keeps the pipe open is not waited for");
}

static void test_environment(void)
{
	const char *argv[] = {"/bin/sh", "-c", "env | sort | sed 's/^PATH=.*/PATH/'", NULL};
	struct ms_command command = {.argv = argv, .dir = "/"};
	struct ms_result r;

	setenv("CCACHE_DIR", "/cc", 1);
	setenv("HOME", "/h", 1);
	setenv("GCC_EXEC_PREFIX", "/x", 1);
	setenv("LC_ALL", "de_DE", 1);
	setenv("TZ", "Asia/Tokyo", 1);
	setenv("SOURCE_DATE_EPOCH", "42", 1);
	unsetenv("TMPDIR");
	r = ms_run(&command);
	is_string(r.output.data, "LC_ALL=C\nPATH\nPWD=/\nSOURCE_DATE_EPOCH=42\nTZ=UTC\n",
	          "the environment is clean, dir is where it runs");
	command.env = ms_clean_environment(true);
	r = ms_run(&command);
	ok(strstr(r.output.data, "CCACHE_DIR=/cc\n") && strstr(r.output.data, "HOME=/h\n") &&
	       !strstr(r.output.data, "GCC_EXEC"),
	   "a launcher gets its own variables too");
	unsetenv("SOURCE_DATE_EPOCH");
}

static void test_find(void)
{
	char *path = ms_strdup(getenv("PATH"));

	setenv("PATH", "/nonexistent:/bin:/usr/bin", 1);
	is_string(ms_find_program("sh"), "/bin/sh", "PATH is searched in order");
	ok(ms_find_program("") == NULL, "an empty name is not found");
	ok(ms_find_program("./sh") == NULL, "a name with a slash is not searched for");
	setenv("PATH", path, 1);
}

/* -- several at a time ------------------------------------------------------------------- */

struct tally {
	int done, peak, order_ok;
	struct ms_runner *runner;
	struct ms_command *again;
};

/* Each command makes a folder, prints how many there are, and removes it. */
static void counted(void *user, size_t index, struct ms_result *result)
{
	struct tally *t = user;
	int seen = result->output.data ? atoi(result->output.data) : 0;

	t->order_ok &= (size_t)t->done == index;
	t->done++;
	if (seen > t->peak)
		t->peak = seen;
	if (t->again && t->done == 1)
		ms_runner_add(t->runner, t->again, counted, t, 1);
}

static struct tally run_counting(size_t count, unsigned jobs)
{
	const char *script = "mkdir $$.d; ls -d *.d | wc -l; sleep 0.05; rmdir $$.d";
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	struct ms_command *commands = ms_alloc(count, sizeof(*commands));
	struct tally t = {.order_ok = 1};

	for (size_t i = 0; i < count; i++)
		commands[i] = (struct ms_command){.argv = argv, .dir = folder};
	ms_run_all(commands, count, jobs, counted, &t);
	return t;
}

static void test_parallel(void)
{
	struct tally t = run_counting(4, 1);
	const char *argv[] = {"/bin/true", NULL};
	struct ms_command command = {.argv = argv};

	ok(t.done == 4 && t.peak == 1 && t.order_ok, "-j1: one at a time, in order");
	t = run_counting(9, 3);
	ok(t.done == 9 && t.peak <= 3, "-j3: at most three (%d)", t.peak);
	t = run_counting(0, 3);
	ok(t.done == 0, "no commands at all");
	t = (struct tally){.order_ok = 1, .runner = ms_runner_new(2), .again = &command};
	ms_runner_add(t.runner, &command, counted, &t, 0);
	ms_runner_wait(t.runner);
	ok(t.done == 2 && t.order_ok, "done may add a command");
}

/* -- the jobserver ----------------------------------------------------------------------- */

/* The jobserver is opened once per program, so every case is a program of its own. Reports
 * through its exit status: 10 + peak, plus 100 when not all were done. */
static int in_child(const char *makeflags, size_t count)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 2);
		setenv("MAKEFLAGS", makeflags, 1);
		struct tally t = run_counting(count, 0);
		_exit(10 + t.peak + ((size_t)t.done == count ? 0 : 100) +
		      (ms_jobserver_held() ? 50 : 0));
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int count_tokens(int fd, char *bytes)
{
	ssize_t n;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	n = read(fd, bytes, 16);
	fcntl(fd, F_SETFL, 0);
	return n < 0 ? 0 : (int)n;
}

/* Order does not matter to make: each byte must be back. */
static int same_tokens(const char *bytes, int n, const char *want)
{
	if (n != (int)strlen(want))
		return 0;
	for (const char *p = want; *p; p++) {
		if (!memchr(bytes, *p, (size_t)n))
			return 0;
	}
	return 1;
}

static void test_jobserver(void)
{
	int ends[2], status;
	char bytes[16], *flags, *fifo = ms_format("%s/fifo with space", folder);

	if (pipe(ends) != 0 || write(ends[1], "+a", 2) != 2)
		exit(3);
	flags = ms_format(" -j9 --jobserver-auth=98,99 --jobserver-auth=%d,%d", ends[0], ends[1]);
	status = in_child(flags, 8);
	ok(status >= 11 && status <= 13, "pipe: two tokens and the free job, at most 3 (%d)",
	   status);
	ok(!(fcntl(ends[0], F_GETFL) & O_NONBLOCK), "make's end of the pipe stays as it was");
	ok(same_tokens(bytes, count_tokens(ends[0], bytes), "+a"), "pipe: the same bytes are back");
	status = in_child(flags, 3);
	ok(status == 11, "pipe without tokens: the free job alone (%d)", status);
	status = in_child("n --jobserver-auth=-2,-2", 3);
	ok(status == 11, "switched off: one at a time");
	status = in_child(" -j2 --jobserver-auth=98,99", 3);
	ok(status == 11, "descriptors that are not open: one at a time");
	status = in_child(" -- X=--jobserver-auth=98,99", 1);
	ok(status == 11, "a variable of the command line is no option");

	if (mkfifo(fifo, 0600) != 0)
		exit(3);
	int fd = open(fifo, O_RDWR);
	if (write(fd, "xyz", 3) != 3)
		exit(3);
	flags = ms_format("-j4 --jobserver-auth=fifo:%s/fifo\\ with\\ space", folder);
	status = in_child(flags, 9);
	ok(status >= 11 && status <= 14, "fifo: at most four (%d)", status);
	ok(same_tokens(bytes, count_tokens(fd, bytes), "xyz"), "fifo: the same bytes are back");
	close(fd);
	unlink(fifo);
}

/* A build that is ended by a signal ends its compilers and gives its tokens back. */
static void test_signal(void)
{
	int ends[2], status;
	char bytes[16], *mark = ms_format("%s/mark", folder);
	struct stat st;

	if (pipe(ends) != 0 || write(ends[1], "qr", 2) != 2)
		exit(3);
	pid_t pid = fork();
	if (pid == 0) {
		const char *argv[] = {"/bin/sh", "-c", "echo $$ >>mark; exec sleep 60", NULL};
		struct ms_command commands[3] = {{.argv = argv, .dir = folder},
		                                 {.argv = argv, .dir = folder},
		                                 {.argv = argv, .dir = folder}};
		struct tally t = {0};

		setenv("MAKEFLAGS", ms_format("--jobserver-auth=%d,%d", ends[0], ends[1]), 1);
		ms_file_on_signals();
		ms_run_all(commands, 3, 0, counted, &t);
		_exit(0);
	}
	/* Three lines in the file: all three run, both tokens are out. */
	size_t lines = 0, len;
	char *text = NULL;
	for (int i = 0; lines < 3 && i < 1000; i++) {
		usleep(10 * 1000);
		if (stat(mark, &st) != 0 || !(text = ms_try_read_file(mark, 100, &len)))
			continue;
		lines = 0;
		for (char *p = text; (p = strchr(p, '\n')); p++)
			lines++;
	}
	ok(lines == 3 && count_tokens(ends[0], bytes) == 0, "both tokens are in use");
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "it dies of the signal");
	ok(same_tokens(bytes, count_tokens(ends[0], bytes), "qr"), "both tokens are back");
	int alive = 0;
	for (char *p = text; p && *p; p = strchr(p, '\n') + 1)
		alive += kill((pid_t)atoi(p), 0) == 0;
	ok(alive == 0, "no command lives on");
	unlink(mark);
}

static void test_network(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (!ms_drop_network())
			_exit(2);
		struct ms_result r = sh("tail -n +3 /proc/net/dev | grep -v ' lo:' | wc -l");
		_exit(ms_drop_network() && r.output.data && atoi(r.output.data) == 0 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		printf("ok %d - # skip the kernel lets no network namespace be made\n",
		       ++tap_count);
	else
		ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the network is gone");
}

int main(void)
{
	ms_diag_program("test-run");
	unsetenv("MAKEFLAGS");
	if (!mkdtemp(folder))
		return 3;
	test_results();
	test_environment();
	test_find();
	test_parallel();
	test_jobserver();
	test_signal();
	test_network();
	rmdir(folder);
	done_testing();
	return 0;
}
