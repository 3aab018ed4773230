/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-sandbox.c - lib/host/base/sandbox and landlock: what a command sees, where it can write,
 * that it has no network, what is taken of what it made; in every way that this kernel allows.
 */
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/run.h"
#include "base/sandbox.h"
#include "base/temp.h"
#include "plan/hermetic.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/ms-test-sandbox-XXXXXX";
static const char *own; /* the command's folder, as it sees it */

static struct ms_sandbox *usual(void)
{
	static const char *const shown[] = {"/usr", "/bin",     "/lib",      "/lib64",
	                                    "seen", "seen dir", "link-shown"};
	struct ms_sandbox *s = ms_sandbox_new(NULL);

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		ms_sandbox_show(s, shown[i]);
	ms_sandbox_show_itself(s, "link-hidden");
	return s;
}

/* Runs a script; its exit code, and what its folder's file "o" holds in *made. */
static int run_in(struct ms_sandbox *s, const char *script, char **made, char **said)
{
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	struct ms_command command = {.argv = argv, .sandbox = s};
	struct ms_result result;
	char text[256] = "";
	int fd;

	own = ms_sandbox_prepare(s, folder);
	if (!own) {
		printf("# cannot prepare: %s\n", strerror(errno));
		return -1;
	}
	setenv("OWN", own, 1);
	const char *env[] = {"PATH=/usr/bin:/bin", ms_format("O=%s", own), NULL};
	command.env = env;
	result = ms_run(&command);
	if (result.error)
		printf("# %s: %s\n", ms_sandbox_fault(s), strerror(result.error));
	fd = ms_sandbox_open(s, "o");
	if (fd >= 0) {
		ssize_t n = read(fd, text, sizeof(text) - 1);

		text[n < 0 ? 0 : n] = '\0';
		close(fd);
	}
	if (made)
		*made = ms_strdup(text);
	if (said)
		*said = result.output.data ? result.output.data : ms_strdup("");
	ms_sandbox_free(s);
	return result.error ? -1 : result.status;
}

static int script(const char *text)
{
	return run_in(usual(), text, NULL, NULL);
}

static void test_sight(const char *way)
{
	char *made, *said;

	ok(run_in(usual(), "cat seen 'seen dir/below' >$O/o", &made, NULL) == 0,
	   "%s: what is shown can be read", way);
	is_string(made, "seen\nbelow\n", "... and what was written comes back");
	ok(script("cat hidden") != 0, "%s: a file that is not shown cannot be read", way);
	ok(script("cat hidden-dir/file") != 0, "%s: nor one in a folder", way);
	ok(script("cat /etc/passwd") != 0, "%s: nor /etc/passwd", way);
	ok(script("cat link-shown") == 0, "%s: a link is shown with what it leads to", way);
	ok(script("cat link-hidden") != 0, "%s: ... unless only itself is asked for", way);
	ok(script("cat 'seen dir/out'") != 0, "%s: a link in a folder leads nowhere else", way);
	ok(script("ls /proc/1/ /root /home 2>/dev/null | grep -q .") != 0,
	   "%s: other folders are empty or not there", way);
	run_in(usual(), "cat hidden", NULL, &said);
	ok(strstr(said, "No such file") || strstr(said, "Permission denied"), "%s: %s", way,
	   strtok(said, "\n"));
	ok(script("test \"$PWD\" -ef . && cd / && cd - >/dev/null") == 0,
	   "%s: the working folder is the same", way);
}

static void test_writing(const char *way)
{
	ok(script("echo x >seen") != 0, "%s: what is shown cannot be written", way);
	ok(script("echo x >new") != 0, "%s: no new file beside it", way);
	ok(script("echo x >'seen dir/new'") != 0, "%s: nor in a folder that is shown", way);
	ok(script("rm -f seen; mv seen there; ln -s a b; mkdir c; test -e c") != 0,
	   "%s: nothing is removed, renamed or made", way);
	ok(script("echo x >/tmp/ms-test-escape") != 0, "%s: nor elsewhere", way);
	ok(access("new", F_OK) != 0 && access("seen dir/new", F_OK) != 0 &&
	       access("c", F_OK) != 0 && access("b", F_OK) != 0 &&
	       access("/tmp/ms-test-escape", F_OK) != 0 && access("seen", F_OK) == 0,
	   "%s: and nothing has changed", way);
	ok(script("mkdir -p $O/a/b && echo x >$O/a/b/c && rm $O/a/b/c && echo x >/dev/null") == 0,
	   "%s: its own folder is its own", way);
	ok(script("ln -s /etc/passwd $O/o") == 0, "%s: a link as a result", way);
	char *made = NULL;
	run_in(usual(), "ln -s seen $O/o", &made, NULL);
	is_string(made, "", "... is not followed");
	run_in(usual(), "mkfifo $O/o", &made, NULL);
	is_string(made, "", "a pipe as a result is not waited for");
}

static void test_rights(const char *way)
{
	ok(script("mount -t tmpfs none /usr 2>/dev/null") != 0, "%s: nothing can be mounted", way);
	ok(script("mount -o remount,rw / 2>/dev/null || umount /usr 2>/dev/null") != 0,
	   "%s: nor mounted otherwise", way);
	ok(script("unshare -rm true 2>/dev/null && echo x >seen") != 0,
	   "%s: a namespace of its own does not help", way);
	ok(access("/bin/bash", X_OK) != 0 ||
	       script("exec /bin/bash -c ': </dev/tcp/127.0.0.1/9' 2>&1 | "
	              "grep -qE 'unreachable|Permission denied|refused'") == 0,
	   "%s: no network", way);
	ok(script("test -z \"$HOME\"") == 0, "%s: the environment is the given one", way);
	/* Our programs pass it over; a compiler whose reader is gone must end. */
	signal(SIGPIPE, SIG_IGN);
	ok(script("kill -PIPE $$; exit 7") == 128 + SIGPIPE, "%s: a broken pipe ends a command",
	   way);
	signal(SIGPIPE, SIG_DFL);
}

/* The exit code of a program that takes what was not made: 4, unless it cannot look. */
static int take_nothing(bool can_look)
{
	const struct rlimit none = {0, 0};
	struct ms_sandbox *s = usual();
	struct ms_temp temp;
	int status = -1;
	pid_t pid;

	if (!ms_sandbox_prepare(s, folder) || ms_temp_open(&temp, "taken", 0) != 0)
		return -1;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		ms_temp_disown_all();
		if (!can_look)
			setrlimit(RLIMIT_NOFILE, &none);
		_exit(ms_hermetic_take(s, "o", &temp) ? 0 : 4);
	}
	waitpid(pid, &status, 0);
	ms_temp_abandon(&temp);
	ms_sandbox_free(s);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_taking(const char *way)
{
	ok(take_nothing(true) == 4, "%s: what was not made is not taken", way);
	ok(take_nothing(false) == 3, "%s: what cannot be looked at is not what was not made", way);
}

static void test_shows(void)
{
	struct ms_sandbox *s = usual(), *copy;

	ok(ms_sandbox_shows(s, "seen") && ms_sandbox_shows(s, "./seen dir/../seen"), "shows");
	ok(ms_sandbox_shows(s, "seen dir/below") && ms_sandbox_shows(s, "seen dir"), "folders");
	ok(!ms_sandbox_shows(s, "hidden") && !ms_sandbox_shows(s, "."), "not what is not shown");
	ok(ms_sandbox_shows(s, "link-shown") && !ms_sandbox_shows(s, "link-hidden"), "links");
	ok(!ms_sandbox_shows(s, "seen dir/out"), "a link out of a folder");
	copy = ms_sandbox_new(s);
	ms_sandbox_show(copy, "hidden");
	ok(ms_sandbox_shows(copy, "hidden") && !ms_sandbox_shows(s, "hidden"), "a copy is a copy");
	ms_sandbox_show(copy, "/");
	ms_sandbox_show(copy, "no such file");
	ok(!ms_sandbox_shows(copy, "/etc/passwd"), "never the whole machine");
}

static void put(const char *path, const char *text)
{
	ms_write_file(path, text, strlen(text), MS_WRITE_PARENTS);
}

static void test_way(const char *way)
{
	const char *fault;

	setenv("MS_HERMETIC", way, 1);
	fault = ms_sandbox_enter();
	if (fault) {
		ok(strlen(fault) > 20, "%s # skip %s", way, fault);
		return;
	}
	test_sight(way);
	test_writing(way);
	test_rights(way);
	test_taking(way);
	test_shows();
	ok(script("sleep 2 & echo $!") == 0, "%s: a descendant is not waited for", way);
}

int main(void)
{
	static const char *const ways[] = {"namespaces", "landlock"};

	ms_diag_program("test-sandbox");
	if (!mkdtemp(folder) || chdir(folder) != 0)
		return 3;
	put("seen", "seen\n");
	put("hidden", "hidden\n");
	put("seen dir/below", "below\n");
	put("hidden-dir/file", "hidden\n");
	if (symlink("seen dir/below", "link-shown") != 0 || symlink("hidden", "link-hidden") != 0 ||
	    symlink("../hidden", "seen dir/out") != 0)
		return 3;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int ends[2], status, count = 0, failed = 1;
		pid_t pid;

		fflush(stdout);
		if (pipe(ends) != 0 || (pid = fork()) < 0)
			return 3;
		if (pid == 0) {
			test_way(ways[i]);
			fflush(stdout);
			int numbers[2] = {tap_count, tap_failed};
			ssize_t n = write(ends[1], numbers, sizeof(numbers));
			_exit(n != sizeof(numbers));
		}
		int numbers[2];
		close(ends[1]);
		if (read(ends[0], numbers, sizeof(numbers)) == sizeof(numbers)) {
			count = numbers[0];
			failed = numbers[1] - tap_failed;
		}
		close(ends[0]);
		waitpid(pid, &status, 0);
		tap_count = count > tap_count ? count : tap_count;
		tap_failed += failed;
	}
	if (chdir("/") != 0)
		return 3;
	ok(access(ms_format("%s/seen", folder), F_OK) == 0, "the project is as it was");
	ms_remove_tree(folder);
	ok(access(folder, F_OK) != 0, "a tree is removed");
	done_testing();
	return 0;
}
