/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-hostile.c - documents that were cut or changed by a byte, given to every stage that
 * reads them: it says no (exit 1) or makes the same as before, and never crashes or hangs.
 *
 * Needs MS_BIN (programs) and MS_ROOT (the tree); tests/run sets both. MS_HOSTILE is the number of
 * changes per document and stage (default 150); "all" tries every offset.
 */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct text {
	char *data;
	size_t len;
};

/* The stages in order, and what makes their documents trustworthy. */
static struct stage {
	const char *name;
	bool sealed;       /* its input carries hashes: a change of the plan is noticed */
	const char *keeps; /* what it makes, besides its document */
	struct text input, output, kept;
} stages[] = {
    {"ms-parse", false, NULL, {0}, {0}, {0}},
    {"ms-plan", false, NULL, {0}, {0}, {0}},
    {"ms-hash", false, NULL, {0}, {0}, {0}},
    {"ms-compile", true, "build/pd/hello.elf", {0}, {0}, {0}},
    {"ms-cpio", true, "build/system.cpio", {0}, {0}, {0}},
    {"ms-link", true, "build/system-image.bin", {0}, {0}, {0}},
};
#define STAGES (sizeof(stages) / sizeof(stages[0]))

static _Noreturn void give_up(const char *what)
{
	printf("# %s: %s\n", what, strerror(errno));
	ok(0, "the test could be set up");
	printf("1..%d\n", tap_count);
	fflush(stdout);
	_exit(1);
}

static struct text slurp(int fd)
{
	struct text t = {0};
	struct stat st;

	if (fstat(fd, &st) != 0)
		give_up("fstat");
	t.data = malloc((size_t)st.st_size + 1);
	if (!t.data || pread(fd, t.data, (size_t)st.st_size, 0) != st.st_size)
		give_up("pread");
	t.len = (size_t)st.st_size;
	t.data[t.len] = '\0';
	return t;
}

static struct text slurp_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct text t = {0};

	if (fd < 0)
		return t;
	t = slurp(fd);
	close(fd);
	return t;
}

static bool same(struct text a, struct text b)
{
	return a.len == b.len && a.data && b.data && memcmp(a.data, b.data, a.len) == 0;
}

/* Its exit code, 128 + signal, or 124 when it does not end within 30 s. */
static int wait_for(pid_t pid)
{
	sigset_t child;
	struct timespec limit = {.tv_sec = 30};
	int status;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (sigtimedwait(&child, NULL, &limit) < 0 && errno == EAGAIN) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return 124;
		}
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Gives input to a stage; its exit code. said, when not NULL, receives stderr. */
static int run(const char *name, struct text input, struct text *output, struct text *said)
{
	char program[4096], *argv[] = {program, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int in = memfd_create("in", MFD_CLOEXEC), out = memfd_create("out", MFD_CLOEXEC),
	    err = memfd_create("err", MFD_CLOEXEC);
	sigset_t none;
	pid_t pid;
	int status;

	snprintf(program, sizeof(program), "%s/%s", getenv("MS_BIN"), name);
	if (in < 0 || out < 0 || err < 0 ||
	    pwrite(in, input.data, input.len, 0) != (ssize_t)input.len)
		give_up("memfd");
	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, err, 2);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	errno = posix_spawn(&pid, program, &actions, &attr, argv, environ);
	if (errno)
		give_up(program);
	status = wait_for(pid);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	*output = slurp(out);
	if (said)
		*said = slurp(err);
	close(in);
	close(out);
	close(err);
	return status;
}

/* -- the golden run ---------------------------------------------------------------------- */

static void copy_file(const char *from, const char *to)
{
	struct text t = slurp_file(from);
	FILE *f = fopen(to, "w");

	if (!t.data || !f || fwrite(t.data, 1, t.len, f) != t.len || fclose(f) != 0)
		give_up(from);
	free(t.data);
}

static void set_up(void)
{
	static char folder[] = "/tmp/ms-hostile-XXXXXX";
	static const char system[] = "[build]\n"
	                             "root_task = \"pd\"\n"
	                             "[[protection_domains]]\n"
	                             "name = \"hello\"\n"
	                             "binary = \"hello.c\"\n"
	                             "priority = 100\n"
	                             "[[memory_regions]]\n"
	                             "name = \"r\"\n"
	                             "phys_addr = 0x50000000\n"
	                             "size_bytes = 4096\n";
	const char *root = getenv("MS_ROOT");
	char path[4096];
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	if (!getenv("MS_BIN") || !root) {
		errno = EINVAL;
		give_up("MS_BIN and MS_ROOT are not set");
	}
	if (!mkdtemp(folder) || chdir(folder) != 0)
		give_up(folder);
	snprintf(path, sizeof(path), "%s/examples/hello-world/hello.c", root);
	copy_file(path, "hello.c");
	snprintf(path, sizeof(path), "%s/lib", root);
	setenv("MS_TOOLKIT", path, 1);
	unsetenv("MS_KERNEL");
	unsetenv("MAKEFLAGS");
	for (size_t i = 0; i < STAGES; i++) {
		struct stage *s = &stages[i];
		struct text said = {0};
		int status;

		s->input =
		    i ? stages[i - 1].output : (struct text){strdup(system), sizeof(system) - 1};
		status = run(s->name, s->input, &s->output, &said);
		if (!ok(status == 0, "%s takes the document as it is", s->name)) {
			printf("# exit %d\n%s", status, said.data);
			done_testing();
		}
		if (s->keeps)
			s->kept = slurp_file(s->keeps);
		free(said.data);
	}
}

static void clean_up(void)
{
	char *argv[] = {(char[]){"rm"}, (char[]){"-rf"}, get_current_dir_name(), NULL};
	pid_t pid;

	if (chdir("/") == 0 && posix_spawnp(&pid, "rm", NULL, NULL, argv, environ) == 0)
		wait_for(pid);
}

/* -- changes ----------------------------------------------------------------------------- */

/* What is wrong with how a stage took a changed document; NULL: nothing. */
static const char *judge(const struct stage *s, int status, struct text output, struct text said)
{
	struct text kept;
	bool kept_same;

	if (status != 0 && status != 1)
		return "exit code";
	if (status == 1)
		return output.len ? "wrote a document and failed"
		       : said.len ? NULL
		                  : "failed without a word";
	if (!s->sealed)
		return NULL;
	kept = slurp_file(s->keeps);
	kept_same = same(kept, s->kept);
	free(kept.data);
	return kept_same ? NULL : "took it and made something else";
}

static bool attempt(const struct stage *s, struct text input, const char *how, size_t at)
{
	struct text output, said;
	int status = run(s->name, input, &output, &said);
	const char *fault = judge(s, status, output, said);

	if (fault)
		printf("# %s, %s at %zu of %zu: %s (exit %d)\n# ...%.60s...\n%.2000s", s->name, how,
		       at, input.len, fault, status, input.data + (at > 30 ? at - 30 : 0),
		       said.data);
	free(output.data);
	free(said.data);
	return !fault;
}

/* Offset number i of count, spread over len, not at the same distance each time. */
static size_t spread(size_t i, size_t count, size_t len)
{
	return count >= len ? i : i * len / count + (i * 7919) % (len / count);
}

static void cut(const struct stage *s, size_t count)
{
	size_t bad = 0, len = s->input.len;

	if (count > len)
		count = len;
	for (size_t i = 0; i < count; i++) {
		size_t at = spread(i, count, len);
		/* A copy of its own, so that reading past its end is seen under ASan. */
		struct text half = {malloc(at + 1), at};

		memcpy(half.data, s->input.data, at);
		half.data[at] = '\0';
		bad += !attempt(s, half, "cut", at);
		free(half.data);
	}
	ok(bad == 0, "%s: its document cut at %zu places", s->name, count);
}

static void change(const struct stage *s, size_t count)
{
	static const char others[] = "\"{}[],:0129aefxz@/.\\- \n\0\x7f\xff";
	size_t bad = 0, len = s->input.len;

	if (count > len)
		count = len;
	for (size_t i = 0; i < count; i++) {
		size_t at = spread(i, count, len);
		char was = s->input.data[at];
		char now = i % 3 ? others[i % (sizeof(others) - 1)] : (char)(was ^ (1 << i % 8));

		s->input.data[at] = now == was ? (char)(was ^ 1) : now;
		bad += !attempt(s, s->input, "changed", at);
		s->input.data[at] = was;
	}
	ok(bad == 0, "%s: a byte of its document changed at %zu places", s->name, count);
}

int main(void)
{
	const char *said = getenv("MS_HOSTILE");
	size_t count = !said ? 150 : strcmp(said, "all") == 0 ? SIZE_MAX : strtoul(said, NULL, 10);

	set_up();
	for (size_t i = 0; i < STAGES; i++) {
		cut(&stages[i], count);
		change(&stages[i], count);
	}
	clean_up();
	done_testing();
	return 0;
}
