/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file.c - whole files in and out: capped input, output that appears complete or not at all.
 */
#include "base/file.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/notes.h"
#include "base/relay.h"
#include "base/temp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Temporary files open at once in one program; ms_temp_open refuses more. */
#define TEMPS_MAX 512

/* Names of unfinished files, NULL where there is none. Read by the signal handler: a name is
 * complete before it stands here, and is never freed. */
static const char *volatile temps[TEMPS_MAX];

static bool is_stdio(const char *path)
{
	return !path || strcmp(path, "-") == 0;
}

const char *ms_input_name(const char *path)
{
	return is_stdio(path) ? "<stdin>" : path;
}

/* Reads fd to its end, at most max + 1 bytes; size: what it probably holds. */
static char *read_all(int fd, size_t size, size_t max, size_t *len)
{
	size_t cap = (size < max ? size : max) + 2, have = 0;
	char *data = malloc(cap);

	while (data) {
		ssize_t n;

		if (have + 1 >= cap) {
			char *more;

			if (have > max) {
				errno = EFBIG;
				break;
			}
			/* A long text: whoever writes it to a pipe need not wait for us. */
			(void)fcntl(fd, F_SETPIPE_SZ, 1 << 20);
			ms_mem_expect_for(have);
			cap = cap > (max + 2) / 2 ? max + 2 : cap * 2;
			more = realloc(data, cap);
			if (!more)
				break;
			data = more;
		}
		n = read(fd, data + have, cap - 1 - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		if (n == 0) {
			if (have > max) {
				errno = EFBIG;
				break;
			}
			data[have] = '\0';
			*len = have;
			return data;
		}
		have += (size_t)n;
	}
	int why = errno;
	free(data);
	errno = why;
	return NULL;
}

/* flags: further ones of open. */
static char *read_file(const char *path, int flags, size_t max, size_t *len)
{
	int fd =
	    is_stdio(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
	struct stat st;
	char *data = NULL;
	int why;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0) {
		size_t size = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size : 65536;

		if ((flags & O_NONBLOCK) && !S_ISREG(st.st_mode))
			errno = EINVAL;
		else if (S_ISREG(st.st_mode) && (uintmax_t)st.st_size > max)
			errno = EFBIG;
		else
			data = read_all(fd, size, max, len);
	}
	why = errno;
	if (!is_stdio(path))
		close(fd);
	errno = why;
	return data;
}

/* What was read, or was not, counts for the build's memory. */
static char *read_noted(const char *path, int flags, size_t max, size_t *len)
{
	char *data = read_file(path, flags, max, len);
	int why = errno;

	if (is_stdio(path))
		return data;
	if (data)
		ms_note_read_bytes(path, data, *len);
	else if (why == ENOENT)
		ms_note_absent(path);
	else
		ms_note_never();
	errno = why;
	return data;
}

/* O_NONBLOCK: a FIFO is refused, not waited for. */
char *ms_read_kept_file(const char *path, size_t max, size_t *len)
{
	return read_noted(path, O_NONBLOCK, max, len);
}

bool ms_system_failed(int why)
{
	return why == EIO || why == ENOMEM || why == EMFILE || why == ENFILE || why == EAGAIN ||
	       why == ENOSPC || why == EDQUOT || why == EINTR;
}

char *ms_try_read_file(const char *path, size_t max, size_t *len)
{
	char *data = read_noted(path, 0, max, len);

	if (!data && ms_system_failed(errno))
		ms_die_errno("%s", ms_input_name(path));
	return data;
}

char *ms_read_file(const char *path, size_t max, size_t *len)
{
	const char *relayed = is_stdio(path) ? ms_relay_take_text(len) : NULL;
	char *data;

	if (relayed && *len <= max)
		return (char *)(uintptr_t)relayed; /* nobody writes to it */
	data = ms_try_read_file(path, max, len);
	if (!data && errno == EFBIG)
		ms_die_input("%s: longer than %zu bytes", ms_input_name(path), max);
	if (!data)
		ms_die_errno("%s", ms_input_name(path));
	return data;
}

/* -- temporary files --------------------------------------------------------------------- */

static void temp_forget(const char *path)
{
	for (size_t i = 0; i < TEMPS_MAX; i++) {
		if (temps[i] && strcmp(temps[i], path) == 0)
			temps[i] = NULL;
	}
}

static int temp_remember(const char *path)
{
	for (size_t i = 0; i < TEMPS_MAX; i++) {
		if (!temps[i]) {
			temps[i] = path;
			return 0;
		}
	}
	errno = EMFILE;
	return -1;
}

static void (*end_hooks[8])(void);

void ms_on_end(void (*hook)(void))
{
	for (size_t i = 0; i < sizeof(end_hooks) / sizeof(end_hooks[0]); i++) {
		if (end_hooks[i] == hook)
			return;
		if (!end_hooks[i]) {
			end_hooks[i] = hook;
			return;
		}
	}
	ms_die_system("too many end hooks");
}

static void run_end_hooks(void)
{
	for (size_t i = 0; i < sizeof(end_hooks) / sizeof(end_hooks[0]) && end_hooks[i]; i++)
		end_hooks[i]();
}

void ms_temp_abandon_all(void)
{
	run_end_hooks();
	for (size_t i = 0; i < TEMPS_MAX; i++) {
		if (temps[i]) {
			unlink(temps[i]);
			temps[i] = NULL;
		}
	}
}

void ms_temp_disown_all(void)
{
	memset(end_hooks, 0, sizeof(end_hooks));
	for (size_t i = 0; i < TEMPS_MAX; i++)
		temps[i] = NULL;
}

static void on_signal(int sig)
{
	int why = errno;

	run_end_hooks();
	for (size_t i = 0; i < TEMPS_MAX; i++) {
		if (temps[i])
			unlink(temps[i]);
	}
	errno = why;
	/* SA_RESETHAND restored the default: die of it, so that a shell sees the signal. */
	raise(sig);
}

void ms_file_on_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {0};

	action.sa_handler = on_signal;
	action.sa_flags = (int)SA_RESETHAND;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction old;

		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

/* What must never be replaced by a file: a device, a pipe, a socket, and the names by which
 * /dev/stdout leads to whatever standard output is. */
static bool is_special(const char *path)
{
	struct stat st;

	return ms_starts_with(path, "/dev/") || ms_starts_with(path, "/proc/") ||
	       (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
}

int ms_temp_open(struct ms_temp *temp, const char *path, unsigned flags)
{
	const char *slash = strrchr(path, '/');
	size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
	mode_t mode = flags & MS_WRITE_EXECUTABLE ? 0777 : 0666;

	memset(temp, 0, sizeof(*temp));
	temp->flags = flags;
	temp->final = ms_strdup(path);
	if (is_special(path)) {
		temp->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		return temp->fd < 0 ? -1 : 0;
	}
	if ((flags & MS_WRITE_PARENTS) && folder > 1 &&
	    ms_make_folders(ms_strndup(path, folder - 1)) != 0)
		return -1;
	for (int tries = 0; tries < 100; tries++) {
		unsigned char noise[8];

		if (getrandom(noise, sizeof(noise), 0) != sizeof(noise))
			return -1;
		temp->path = ms_format("%.*s.ms-%02x%02x%02x%02x%02x%02x%02x%02x.tmp", (int)folder,
		                       path, noise[0], noise[1], noise[2], noise[3], noise[4],
		                       noise[5], noise[6], noise[7]);
		if (temp_remember(temp->path) != 0)
			return -1;
		temp->fd = open(temp->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (temp->fd >= 0)
			return 0;
		temp_forget(temp->path);
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

void ms_temp_abandon(struct ms_temp *temp)
{
	int why = errno;

	if (temp->fd >= 0)
		close(temp->fd);
	temp->fd = -1;
	if (temp->path) {
		unlink(temp->path);
		temp_forget(temp->path);
	}
	temp->path = NULL;
	errno = why;
}

static int sync_folder_of(const char *path)
{
	char *folder = ms_path_folder(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (fd < 0)
		return -1;
	result = fsync(fd);
	/* Some file systems cannot sync a folder; the rename itself has happened. */
	if (result != 0 && (errno == EINVAL || errno == ENOTSUP))
		result = 0;
	int why = errno;
	close(fd);
	errno = why;
	return result;
}

int ms_temp_commit(struct ms_temp *temp)
{
	if (!temp->path) {
		int fd = temp->fd;

		/* What a device or a pipe was given cannot be found there again. */
		ms_note_never();
		temp->fd = -1;
		return close(fd);
	}
	if ((temp->flags & MS_WRITE_SYNC) && fsync(temp->fd) != 0)
		goto fail;
	int closed = close(temp->fd);
	temp->fd = -1;
	if (closed != 0 || rename(temp->path, temp->final) != 0)
		goto fail;
	temp_forget(temp->path);
	temp->path = NULL;
	ms_note_made(temp->final, MS_NOTE_UNKNOWN);
	if ((temp->flags & MS_WRITE_SYNC) && sync_folder_of(temp->final) != 0)
		return -1;
	return 0;
fail:
	ms_temp_abandon(temp);
	return -1;
}

/* Nobody will ever see the temporary name again: no note is taken of it. */
char *ms_temp_read(const struct ms_temp *temp, size_t max, size_t *len)
{
	char *data = read_file(temp->path, 0, max, len);

	if (!data && ms_system_failed(errno))
		ms_die_errno("%s", temp->path);
	return data;
}

int ms_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static bool holds(const char *path, const void *data, size_t len)
{
	static char old[64 * 1024];
	const char *want = data;
	struct stat st;
	ssize_t n = -1;
	size_t at = 0;
	int fd;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || (uintmax_t)st.st_size != len)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return false;
	while ((n = read(fd, old, sizeof(old))) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		if ((size_t)n > len - at || memcmp(old, want + at, (size_t)n) != 0)
			break;
		at += (size_t)n;
	}
	close(fd);
	return n == 0 && at == len;
}

int ms_try_write_file(const char *path, const void *data, size_t len, unsigned flags)
{
	struct ms_temp temp;

	if ((flags & MS_WRITE_KEEP_SAME) && holds(path, data, len)) {
		if (!(flags & MS_WRITE_UNNOTED))
			ms_note_made_bytes(path, data, len);
		return 0;
	}
	if (ms_temp_open(&temp, path, flags) != 0)
		return -1;
	if (ms_write_all(temp.fd, data, len) != 0) {
		ms_temp_abandon(&temp);
		return -1;
	}
	if (ms_temp_commit(&temp) != 0)
		return -1;
	if (!(flags & MS_WRITE_UNNOTED))
		ms_note_made_bytes(path, data, len);
	return 0;
}

int ms_write_kept_file(const char *path, const void *data, size_t len, unsigned flags)
{
	struct stat st;

	/* Else a FIFO would be written to, and a folder be in the way for ever. */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode) &&
	    (S_ISDIR(st.st_mode) ? rmdir(path) : unlink(path)) != 0)
		return -1;
	return ms_try_write_file(path, data, len, flags);
}

void ms_write_file(const char *path, const void *data, size_t len, unsigned flags)
{
	if (is_stdio(path)) {
		if (fwrite(data, 1, len, stdout) != len)
			ms_die_errno("standard output");
		ms_relay_give_text(data, len);
		return;
	}
	if (ms_try_write_file(path, data, len, flags) != 0)
		ms_die_errno("%s", path);
}

/* -- paths ------------------------------------------------------------------------------- */

int ms_folder_names(const char *path, int (*select)(const struct dirent *), struct ms_list *names)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, select, alphasort);

	if (count < 0 && ms_system_failed(errno))
		ms_die_errno("%s", path);
	for (int i = 0; i < count; i++) {
		ms_list_add(names, ms_strdup(entries[i]->d_name));
		free(entries[i]);
	}
	free(entries);
	return count < 0 ? -1 : 0;
}

int ms_make_folders(const char *path)
{
	char *copy = ms_strdup(path);

	for (char *p = copy + 1;; p++) {
		if (*p != '/' && *p != '\0')
			continue;
		char c = *p;
		struct stat st;

		*p = '\0';
		if (mkdir(copy, 0777) != 0 &&
		    (errno != EEXIST || (stat(copy, &st) == 0 && !S_ISDIR(st.st_mode)))) {
			if (errno == EEXIST)
				errno = ENOTDIR;
			return -1;
		}
		*p = c;
		if (c == '\0')
			break;
	}
	return 0;
}

char *ms_real_path(const char *path)
{
	char *real = realpath(path, NULL);

	/* No answer is no refusal: no path is to blame. */
	if (!real && ms_system_failed(errno))
		ms_die_errno("%s", path);
	return real;
}

char *ms_path_join(const char *a, const char *b)
{
	if (b[0] == '/' || a[0] == '\0' || strcmp(a, ".") == 0)
		return ms_strdup(b);
	return ms_format("%s%s%s", a, a[strlen(a) - 1] == '/' ? "" : "/", b);
}

const char *ms_path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *ms_path_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ms_strdup(".");
	return ms_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

const char *ms_path_below(const char *path, const char *folder)
{
	size_t n = folder ? strlen(folder) : 0;

	while (n > 1 && folder[n - 1] == '/')
		n--;
	if (n == 0 || strncmp(path, folder, n) != 0 || path[n] != '/')
		return NULL;
	path += n;
	return path + strspn(path, "/");
}

const char *ms_path_fault(const char *path)
{
	size_t len = strlen(path);
	const char *part = path;

	if (len == 0)
		return "is empty";
	if (path[0] == '/')
		return "is absolute";
	if (len > 1023)
		return "is longer than 1,023 bytes";
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)path[i] < 0x20 || path[i] == 0x7f)
			return "holds a control character";
	}
	for (;;) {
		size_t n = strcspn(part, "/");

		if (n == 0)
			return "has an empty component";
		if (n == 1 && part[0] == '.')
			return "has a \".\" component";
		if (n == 2 && part[0] == '.' && part[1] == '.')
			return "has a \"..\" component";
		if (part[n] == '\0')
			return NULL;
		part += n + 1;
	}
}

/* The same root is asked about for every file of a system. */
static char *real_path_of_root(const char *root)
{
	static char *last, *real;

	if (root[0] != '/')
		return ms_real_path(root);
	if (!last || strcmp(last, root) != 0) {
		free(last);
		free(real);
		last = ms_strdup(root);
		real = ms_real_path(root);
	}
	return real ? ms_strdup(real) : NULL;
}

/* ms_real_path of a file, of which many lie in one folder. */
static char *real_path_of_file(const char *path)
{
	static unsigned program;
	static char *last, *real;
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t len = slash ? (size_t)(slash - path) : 0;
	struct stat st;

	if (len == 0 || !*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return ms_real_path(path);
	if (ms_diag_first(&program) || !last || strlen(last) != len ||
	    strncmp(last, path, len) != 0) {
		free(last);
		free(real);
		last = ms_strndup(path, len);
		real = ms_real_path(last);
	}
	if (!real || !real[1] || lstat(path, &st) != 0 || S_ISLNK(st.st_mode))
		return ms_real_path(path);
	return ms_path_join(real, name);
}

bool ms_path_inside(const char *root, const char *path)
{
	char *real_root = real_path_of_root(root);
	char *copy = ms_path_join(root, path);
	char *real = NULL;
	bool inside = false;

	/* Drop what does not exist yet, component by component. */
	while (real_root && !(real = real_path_of_file(copy)) && errno == ENOENT) {
		struct stat st;
		char *slash = strrchr(copy, '/');

		/* A dangling link points somewhere: that is not "does not exist". */
		if (lstat(copy, &st) == 0 || !slash)
			break;
		if (slash == copy) {
			copy[1] = '\0';
			continue;
		}
		*slash = '\0';
	}
	if (real) {
		size_t n = strlen(real_root);

		inside = strncmp(real, real_root, n) == 0 &&
		         (real[n] == '/' || real[n] == '\0' || n == 1);
	} else if (real_root && errno == ENOENT && !strchr(copy, '/')) {
		struct stat st;

		/* A plain name in the current folder that does not exist. */
		inside = strcmp(root, ".") == 0 && lstat(copy, &st) != 0 && strcmp(copy, "..") != 0;
	}
	if (inside)
		ms_note_inside(real_root, path);
	free(real_root);
	free(real);
	return inside;
}

/* An output that is there, or the folder that it would be made in and its name there. */
struct output {
	struct stat at;
	const char *name; /* NULL: it is there */
};

/* False where nothing can be said: no such folder, or links that lead nowhere. */
static bool find_output(const char *path, struct output *o)
{
	memset(o, 0, sizeof(*o));
	if (is_stdio(path))
		return fstat(STDOUT_FILENO, &o->at) == 0;
	for (int hops = 0; hops < 40; hops++) {
		char target[PATH_MAX];
		ssize_t n;

		if (stat(path, &o->at) == 0)
			return true;
		if (errno != ENOENT)
			return false;
		n = readlink(path, target, sizeof(target));
		if (n < 0) {
			o->name = ms_path_base(path);
			return stat(ms_path_folder(path), &o->at) == 0;
		}
		path = ms_path_join(ms_path_folder(path), ms_strndup(target, (size_t)n));
	}
	return false;
}

bool ms_same_output(const char *a, const char *b)
{
	struct output x, y;

	return find_output(a, &x) && find_output(b, &y) && x.at.st_dev == y.at.st_dev &&
	       x.at.st_ino == y.at.st_ino && !x.name == !y.name &&
	       (!x.name || strcmp(x.name, y.name) == 0);
}
