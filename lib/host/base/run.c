/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run.c - starting programs and collecting what they say; several at a time, under make's
 * jobserver where there is one.
 */
#include "base/run.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/jobserver.h"
#include "base/notes.h"
#include "base/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_MAX (1024 * 1024)
#define JOBS_MAX   128 /* each needs two descriptors */

extern char **environ;

/* -- what a command gets ----------------------------------------------------------------- */

static bool for_launcher(const char *variable)
{
	static const char *const prefixes[] = {"HOME=",   "XDG_",   "CCACHE_",
	                                       "SCCACHE", "DISTCC", "ICECC"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	}
	return false;
}

const char *const *ms_clean_environment(bool with_launcher)
{
	const char *path = ms_env("PATH");
	const char *tmpdir = getenv("TMPDIR");
	const char *epoch = ms_env("SOURCE_DATE_EPOCH");
	struct ms_list env = {0};

	if (epoch && (!*epoch || epoch[strspn(epoch, "0123456789")] || strlen(epoch) > 18))
		ms_die_usage("SOURCE_DATE_EPOCH=%s: must be a number of seconds", epoch);
	ms_list_add(&env, ms_format("PATH=%s", path ? path : "/usr/local/bin:/usr/bin:/bin"));
	if (tmpdir)
		ms_list_add(&env, ms_format("TMPDIR=%s", tmpdir));
	ms_list_add(&env, "LC_ALL=C");
	ms_list_add(&env, "TZ=UTC");
	ms_list_add(&env, ms_format("SOURCE_DATE_EPOCH=%s", epoch ? epoch : "0"));
	for (char **v = environ; with_launcher && *v; v++) {
		if (for_launcher(*v))
			ms_list_add(&env, *v);
	}
	return env.items;
}

static bool can_run(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		ms_note_absent(path);
		return false;
	}
	if (S_ISREG(st.st_mode) && access(path, X_OK) == 0)
		return true;
	ms_note_never();
	return false;
}

char *ms_find_program(const char *name)
{
	const char *path = ms_env("PATH");

	if (strchr(name, '/'))
		return can_run(name) ? ms_strdup(name) : NULL;
	if (!path)
		path = "/usr/local/bin:/usr/bin:/bin";
	while (*name) {
		size_t n = strcspn(path, ":");
		char *full = n ? ms_format("%.*s/%s", (int)n, path, name) : ms_format("./%s", name);

		if (can_run(full))
			return full;
		free(full);
		if (!path[n])
			break;
		path += n + 1;
	}
	return NULL;
}

bool ms_drop_network(void)
{
	static int dropped;

	if (!dropped && (unshare(CLONE_NEWNET) == 0 ||
	                 (errno == EPERM && unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)))
		dropped = 1;
	return dropped;
}

/* -- children ---------------------------------------------------------------------------- */

struct job {
	const struct ms_command *command;
	ms_run_done *done;
	void *user;
	size_t index;
	pid_t pid;
	int out;   /* our end of the pipe; -1: closed */
	int pidfd; /* -1: the kernel has none; then the pipe's end counts */
	bool cut;
	int lost; /* errno: what it said could not be read to its end */
	struct ms_result result;
};

/* Children alive, for the end of the program; read by a signal handler. */
static volatile pid_t children[JOBS_MAX + 1];

static void note_child(pid_t old, pid_t pid)
{
	for (size_t i = 0; i < JOBS_MAX + 1; i++) {
		if (children[i] == old) {
			children[i] = pid;
			return;
		}
	}
}

/* Counts the process groups of children that still have a member. The one that we started is
 * waited for; its own children may outlive it for a moment, and still write. */
static int living_groups(void)
{
	int left = 0, status;

	for (size_t i = 0; i < JOBS_MAX + 1; i++) {
		if (children[i] <= 0)
			continue;
		waitpid(children[i], &status, WNOHANG);
		if (kill(-children[i], 0) == 0)
			left++;
		else
			children[i] = 0;
	}
	return left;
}

static void signal_groups(int sig)
{
	for (size_t i = 0; i < JOBS_MAX + 1; i++) {
		if (children[i] > 0)
			kill(-children[i], sig);
	}
}

/*
 * Ends what is still running, first with the signal that lets a compiler remove its temporary
 * files, after half a second with the one that cannot be refused.
 */
static void end_children(void)
{
	const struct timespec pause = {.tv_nsec = 2 * 1000 * 1000};

	signal_groups(SIGTERM);
	for (int tries = 0; living_groups() > 0 && tries < 300; tries++) {
		if (tries == 250)
			signal_groups(SIGKILL);
		nanosleep(&pause, NULL);
	}
	ms_jobserver_give_all();
}

static void prepare_once(void)
{
	static bool ready;

	if (ready)
		return;
	ready = true;
	/* An ignored SIGCHLD is inherited, and would swallow every exit status. */
	signal(SIGCHLD, SIG_DFL);
	ms_on_end(end_children);
}

static int spawn(struct job *job, const char *program, int out)
{
	const struct ms_command *c = job->command;
	const char *const *env = c->env ? c->env : ms_clean_environment(false);
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, usual;
	char **argv, **envp;
	int error;

	if (c->sandbox)
		return ms_sandbox_spawn(c->sandbox, program, c->argv, env, out, &job->pid);
	/* posix_spawn leaves both alone, it only lacks the const. */
	memcpy(&argv, &c->argv, sizeof(argv));
	memcpy(&envp, &env, sizeof(envp));
	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
	                                    POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &usual);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, out, 2);
	if (c->dir)
		posix_spawn_file_actions_addchdir_np(&actions, c->dir);
	error = posix_spawn(&job->pid, program, &actions, &attr, argv, envp);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return error;
}

/* Starts a job. One that cannot be started has ended: result.error says why. */
static void start(struct job *job)
{
	char *program = ms_find_program(job->command->argv[0]);
	sigset_t all, old;
	int ends[2];

	job->out = job->pidfd = -1;
	job->result.status = 127;
	if (!program) {
		job->result.error = ENOENT;
		return;
	}
	if (pipe2(ends, O_CLOEXEC) != 0) {
		job->result.error = errno;
		free(program);
		return;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	/* Between a child's start and its note in the table no signal may end us. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	job->result.error = spawn(job, program, ends[1]);
	if (job->result.error == 0)
		note_child(0, job->pid);
	sigprocmask(SIG_SETMASK, &old, NULL);
	close(ends[1]);
	free(program);
	if (job->result.error != 0) {
		close(ends[0]);
		return;
	}
	job->out = ends[0];
	job->pidfd = pidfd_open(job->pid, 0);
	if (job->command->started)
		job->command->started(job->user, job->index);
}

/* Reads what is there now; closes the pipe at its end. */
static void drain(struct job *job)
{
	static char chunk[16384];

	while (job->out >= 0) {
		ssize_t n = read(job->out, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			job->lost = n < 0 ? errno : 0;
			close(job->out);
			job->out = -1;
			return;
		}
		size_t room = OUTPUT_MAX - job->result.output.len;

		if (job->cut)
			continue;
		ms_buf_add(&job->result.output, chunk, (size_t)n < room ? (size_t)n : room);
		if ((size_t)n > room) {
			job->cut = true;
			ms_buf_puts(&job->result.output, "\n[the output past 1 MiB is left out]\n");
		}
	}
}

static void reap(struct job *job)
{
	sigset_t all, old;
	int status = 0;
	pid_t pid;

	/* The number is free for another process once it was waited for: forget it in one go. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	do {
		pid = waitpid(job->pid, &status, 0);
	} while (pid < 0 && errno == EINTR);
	note_child(job->pid, 0);
	sigprocmask(SIG_SETMASK, &old, NULL);
	/* What it wrote before it ended is in the pipe; a descendant that lives on and still
	 * holds the pipe is not waited for. */
	drain(job);
	if (job->out >= 0)
		close(job->out);
	if (job->pidfd >= 0)
		close(job->pidfd);
	job->out = job->pidfd = -1;
	if (pid < 0)
		job->result.error = errno;
	else if (job->lost)
		job->result.error = job->lost;
	else
		job->result.status =
		    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* -- several at a time ------------------------------------------------------------------- */

struct ms_runner {
	struct job *queue; /* everything added and not yet started, from `next` on */
	size_t next, queued, cap;
	struct job running[JOBS_MAX];
	unsigned count;  /* jobs in running */
	unsigned limit;  /* at most so many */
	bool use_tokens; /* every job past the first needs one */
	unsigned tokens; /* held for this runner's jobs */
};

static unsigned processors(void)
{
	cpu_set_t set;

	long n = sysconf(_SC_NPROCESSORS_ONLN);

	/* What this program may use can be less than what the machine has. */
	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
		n = CPU_COUNT(&set);
	return n > 0 ? (unsigned)n : 1;
}

struct ms_runner *ms_runner_new(unsigned jobs)
{
	struct ms_runner *runner = ms_alloc(1, sizeof(*runner));

	prepare_once();
	if (jobs == 0) {
		switch (ms_jobserver_open()) {
		case MS_JOBSERVER_NONE: jobs = processors(); break;
		case MS_JOBSERVER_CLOSED: jobs = 1; break;
		case MS_JOBSERVER_OPEN:
			runner->use_tokens = true;
			jobs = JOBS_MAX;
			break;
		}
	}
	runner->limit = jobs < JOBS_MAX ? jobs : JOBS_MAX;
	return runner;
}

unsigned ms_runner_jobs(const struct ms_runner *runner)
{
	return runner->limit;
}

static bool may_start(struct ms_runner *runner)
{
	if (runner->next == runner->queued || runner->count >= runner->limit)
		return false;
	if (!runner->use_tokens || runner->count <= runner->tokens)
		return true;
	if (!ms_jobserver_take())
		return false;
	runner->tokens++;
	return true;
}

static void fill(struct ms_runner *runner)
{
	while (may_start(runner)) {
		struct job *job = &runner->running[runner->count++];

		*job = runner->queue[runner->next++];
		start(job);
	}
	/* One job is free: of n running ones n - 1 hold tokens. */
	while (runner->tokens > 0 && runner->tokens + 1 > runner->count) {
		ms_jobserver_give();
		runner->tokens--;
	}
}

void ms_runner_add(struct ms_runner *runner, const struct ms_command *command, ms_run_done *done,
                   void *user, size_t index)
{
	void *queue = runner->queue;
	struct job job = {.command = command, .done = done, .user = user, .index = index};

	ms_reserve(&queue, &runner->cap, runner->queued + 1, sizeof(*runner->queue));
	runner->queue = queue;
	runner->queue[runner->queued++] = job;
	fill(runner);
}

/* Waits until something happened to a job, or a token may be had. */
static void wait_for_news(struct ms_runner *runner, struct pollfd *polls)
{
	nfds_t n = 0;

	for (unsigned i = 0; i < runner->count; i++) {
		struct job *job = &runner->running[i];

		/* poll leaves negative descriptors out */
		polls[n++] = (struct pollfd){.fd = job->out, .events = POLLIN};
		polls[n++] = (struct pollfd){.fd = job->pidfd, .events = POLLIN};
	}
	if (runner->use_tokens && runner->next < runner->queued && runner->count < runner->limit)
		polls[n++] = (struct pollfd){.fd = ms_jobserver_fd(), .events = POLLIN};
	while (poll(polls, n, -1) < 0) {
		if (errno != EINTR)
			ms_die_errno("poll");
	}
}

static bool has_ended(struct job *job, const struct pollfd *polls)
{
	if (job->result.error)
		return true;
	if (polls[0].revents)
		drain(job);
	if (job->pidfd >= 0 ? polls[1].revents == 0 : job->out >= 0)
		return false;
	reap(job);
	return true;
}

void ms_runner_wait(struct ms_runner *runner)
{
	static struct pollfd polls[2 * JOBS_MAX + 1];
	bool failed_start;

	for (;;) {
		struct job ended[JOBS_MAX];
		unsigned n = 0, kept = 0;

		fill(runner);
		if (runner->count == 0)
			return;
		failed_start = false;
		for (unsigned i = 0; i < runner->count; i++)
			failed_start |= runner->running[i].result.error != 0;
		memset(polls, 0, sizeof(polls));
		if (!failed_start)
			wait_for_news(runner, polls);
		for (unsigned i = 0; i < runner->count; i++) {
			struct job *job = &runner->running[i];

			if (has_ended(job, &polls[2 * i]))
				ended[n++] = *job;
			else
				runner->running[kept++] = *job;
		}
		runner->count = kept;
		/* Start what waits before our own work on what ended. */
		fill(runner);
		for (unsigned i = 0; i < n; i++) {
			ended[i].done(ended[i].user, ended[i].index, &ended[i].result);
			free(ended[i].result.output.data);
		}
	}
}

void ms_run_all(const struct ms_command *commands, size_t count, unsigned jobs, ms_run_done *done,
                void *user)
{
	struct ms_runner *runner = ms_runner_new(jobs);

	for (size_t i = 0; i < count; i++)
		ms_runner_add(runner, &commands[i], done, user, i);
	ms_runner_wait(runner);
	free(runner->queue);
	free(runner);
}

static void keep_result(void *user, size_t index, struct ms_result *result)
{
	(void)index;
	*(struct ms_result *)user = *result;
	result->output = (struct ms_buf){0};
}

struct ms_result ms_run(const struct ms_command *command)
{
	struct ms_result result;

	ms_run_all(command, 1, 1, keep_result, &result);
	return result;
}

void ms_shell_word(struct ms_buf *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                            "0123456789-_=+,./:@%";

	if (*word && !word[strspn(word, plain)]) {
		ms_buf_puts(out, word);
		return;
	}
	ms_buf_puts(out, "'");
	for (; *word; word++) {
		if (*word == '\'')
			ms_buf_puts(out, "'\\''");
		else
			ms_buf_add(out, word, 1);
	}
	ms_buf_puts(out, "'");
}
