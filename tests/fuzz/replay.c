/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay.c - a fuzz target without a fuzzer: gives it the files named, and all files of the
 * folders named, one after the other. Dies as the fuzzer would; the last line says of which input.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned done;

static void give_up(const char *what)
{
	perror(what);
	exit(3);
}

static void replay_file(const char *path, size_t size)
{
	/* As large as the input: a byte behind it is not readable. */
	uint8_t *data = malloc(size);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if ((size && !data) || fd < 0 || read(fd, data, size) != (ssize_t)size)
		give_up(path);
	close(fd);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	done++;
}

static void replay(const char *path)
{
	struct dirent **entries;
	struct stat st;
	int count;

	if (stat(path, &st) != 0)
		give_up(path);
	if (!S_ISDIR(st.st_mode)) {
		replay_file(path, (size_t)st.st_size);
		return;
	}
	count = scandir(path, &entries, NULL, alphasort);
	if (count < 0)
		give_up(path);
	for (int i = 0; i < count; i++) {
		char *inner;

		if (entries[i]->d_name[0] != '.') {
			if (asprintf(&inner, "%s/%s", path, entries[i]->d_name) < 0)
				give_up(path);
			replay(inner);
			free(inner);
		}
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	/* The target works in a folder of its own. */
	char **paths = calloc((size_t)argc, sizeof(*paths));

	if (!paths)
		give_up("memory");
	for (int i = 1; i < argc; i++) {
		paths[i] = realpath(argv[i], NULL);
		if (!paths[i])
			give_up(argv[i]);
	}
	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++) {
		replay(paths[i]);
		free(paths[i]);
	}
	free(paths);
	fprintf(stderr, "%u inputs\n", done);
	return done == 0;
}
