/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pair.c - times two pipelines in turn (A B A B ...) and prints the median wall time of each
 * and the median of the ratios A/B, so that a drifting machine does not favour one of them; of A
 * also the shortest time, and the largest memory that one of its commands ever had.
 *
 *   pair [-n RUNS] [-b SCRIPT] NAME A-words -- B-words     a word "|" joins two commands by a pipe
 *
 * SCRIPT is a program that runs before each run of A and is not timed: it changes what A reads.
 *
 * Output: NAME  A ms  B ms  ratio  A's minimum and peak. Standard output of the last command goes
 * to /dev/null.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STAGES_MAX = 16, RUNS_MAX = 1001 };

extern char **environ;

static void die(const char *what)
{
	perror(what);
	exit(3);
}

static pid_t start(char **argv, int in, int out)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error) {
		errno = error;
		die(argv[0]);
	}
	return pid;
}

/* Runs one pipeline (words, NULL at its end, "|" between commands); milliseconds of wall time.
 * *peak becomes the largest resident set of its commands so far, in kilobytes. */
static double run(char **words, long *peak)
{
	char *copy[256], **command = copy;
	pid_t pids[STAGES_MAX];
	struct timespec a, b;
	int count = 0, in = open("/dev/null", O_RDONLY | O_CLOEXEC), n = 0;

	while (words[n] && n < 255) {
		copy[n] = strcmp(words[n], "|") == 0 ? NULL : words[n];
		n++;
	}
	copy[n] = NULL;
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i <= n && count < STAGES_MAX; i++) {
		int ends[2];

		if (copy[i])
			continue;
		if (i == n) {
			ends[0] = -1;
			ends[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
		} else if (pipe2(ends, O_CLOEXEC) != 0) {
			die("pipe");
		}
		pids[count++] = start(command, in, ends[1]);
		close(in);
		close(ends[1]);
		in = ends[0];
		command = copy + i + 1;
	}
	for (int i = 0; i < count; i++) {
		struct rusage usage;
		int status;

		if (wait4(pids[i], &status, 0, &usage) < 0)
			die("wait4");
		*peak = usage.ru_maxrss > *peak ? usage.ru_maxrss : *peak;
		if (status != 0) {
			fprintf(stderr, "pair: command %d of %s ended with status %d\n", i + 1,
			        words[0], status);
			exit(1);
		}
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
}

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return (a > b) - (a < b);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

int main(int argc, char **argv)
{
	static double a[RUNS_MAX], b[RUNS_MAX], ratio[RUNS_MAX];
	long peak = 0, ignored = 0;
	double middle;
	char *before[] = {NULL, NULL};
	int runs = 21, opt, split;

	while ((opt = getopt(argc, argv, "+n:b:")) != -1) {
		if (opt == 'n')
			runs = (int)strtol(optarg, NULL, 10);
		else if (opt == 'b')
			before[0] = optarg;
		else
			return 2;
	}
	for (split = optind + 1; split < argc && strcmp(argv[split], "--") != 0; split++)
		;
	if (runs < 1 || runs > RUNS_MAX || split >= argc - 1 || split < optind + 2)
		return fprintf(stderr, "usage: pair [-n RUNS] [-b SCRIPT] NAME A... -- B...\n"), 2;
	argv[split] = NULL;
	/* Warm up: page cache, and what the run itself caches. */
	run(argv + optind + 1, &ignored);
	run(argv + split + 1, &ignored);
	for (int i = 0; i < runs; i++) {
		if (before[0])
			run(before, &ignored);
		a[i] = run(argv + optind + 1, &peak);
		b[i] = run(argv + split + 1, &ignored);
		ratio[i] = a[i] / b[i];
	}
	middle = median(a, runs); /* sorts */
	printf("%-46s %9.2f ms %9.2f ms  ratio %6.2f  min %7.2f ms  peak %6ld kB\n", argv[optind],
	       middle, median(b, runs), median(ratio, runs), a[0], peak);
	return 0;
}
