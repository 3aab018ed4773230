/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sandbox.c - see sandbox.h. With namespaces, the root folder that a command gets is a file system
 * in memory into which what it may see is mounted; so is its own folder, which is gone with
 * this program however that ends.
 */
#include "base/sandbox.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINKS_MAX  40             /* on the way to one file, as in the kernel */
#define OWN_FOLDER "moonshot-out" /* a command's own folder, in its root */
#define OUTPUT_MAX 256            /* folders at a time that a signal must remove */
#define ATTACH     MOVE_MOUNT_F_EMPTY_PATH

enum way { WAY_NONE, WAY_NAMESPACES, WAY_LANDLOCK };
enum node_kind { NODE_FILE, NODE_FOLDER, NODE_LINK };

struct node {
	enum node_kind kind;
	const char *path;   /* absolute; no component of its folder is a link */
	const char *target; /* of a link */
};

struct ms_sandbox {
	struct node *nodes;
	size_t count, cap;
	const char *folder; /* its own, as the command sees it */
	int root;           /* a mounted file system, or a ruleset */
	int own;            /* its own folder, or a mounted file system that will be it */
	const char *project;
	volatile int stage; /* how far the child came */
};

static enum way way;

/* Stages of the child, and what is said when one fails. */
enum { AT_START, AT_NAMESPACE, AT_ROOT, AT_SHOW, AT_LOCK, AT_OWN, AT_PIVOT, AT_RULES, AT_EXEC };
static const char *const stage_texts[] = {
    "start the command",
    "make a mount namespace",
    "mount its root folder",
    "mount what it may see",
    "make that read-only",
    "mount its own folder",
    "enter its root folder",
    "restrict it",
    NULL,
};

/* -- what is shown ----------------------------------------------------------------------- */

static void add(struct ms_sandbox *s, enum node_kind kind, const char *path, const char *target)
{
	void *nodes = s->nodes;

	ms_reserve(&nodes, &s->cap, s->count + 1, sizeof(*s->nodes));
	s->nodes = nodes;
	s->nodes[s->count++] = (struct node){kind, ms_strdup(path), target};
}

static void cut_last(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
}

/*
 * Walks to path as the kernel would. at receives where it leads, without links. Notes the links on
 * the way in s, if there is one. False when nothing is there. A last link is not followed unless
 * follow is set; it is noted then, and at is empty.
 */
static bool walk(struct ms_sandbox *s, const char *path, bool follow, char at[PATH_MAX])
{
	char *todo = NULL, next[PATH_MAX + NAME_MAX + 2];
	int links = 0;

	at[0] = '\0';
	if (path[0] != '/' && !realpath(".", at))
		return false;
	if (strcmp(at, "/") == 0)
		at[0] = '\0';
	for (const char *p = path + strspn(path, "/"); *p;) {
		size_t n = strcspn(p, "/");
		const char *rest = p + n + strspn(p + n, "/");
		struct stat st;
		char target[PATH_MAX];
		ssize_t len;

		if (n == 2 && p[0] == '.' && p[1] == '.')
			cut_last(at);
		if (n > NAME_MAX || strlen(at) + n + 2 > PATH_MAX)
			return false;
		if ((n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.')) {
			p = rest;
			continue;
		}
		snprintf(next, sizeof(next), "%s/%.*s", at, (int)n, p);
		if (lstat(next, &st) != 0)
			return false;
		if (!S_ISLNK(st.st_mode)) {
			memcpy(at, next, strlen(next) + 1);
			p = rest;
			continue;
		}
		len = readlink(next, target, sizeof(target) - 1);
		if (len <= 0 || ++links > LINKS_MAX)
			return false;
		target[len] = '\0';
		if (s)
			add(s, NODE_LINK, next, ms_strdup(target));
		if (!follow && !*rest) {
			at[0] = '\0';
			return true;
		}
		char *whole = ms_format("%s/%s", target, rest);
		free(todo);
		todo = whole;
		if (target[0] == '/')
			at[0] = '\0';
		p = todo + strspn(todo, "/");
	}
	free(todo);
	return true;
}

static void show(struct ms_sandbox *s, const char *path, bool follow)
{
	char at[PATH_MAX];
	struct stat st;

	/* Not the whole machine: an empty path is "/". */
	if (!walk(s, path, follow, at) || !at[0] || stat(at, &st) != 0)
		return;
	if (S_ISDIR(st.st_mode))
		add(s, NODE_FOLDER, at, NULL);
	else if (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode))
		add(s, NODE_FILE, at, NULL);
}

void ms_sandbox_show(struct ms_sandbox *s, const char *path)
{
	show(s, path, true);
}

void ms_sandbox_show_itself(struct ms_sandbox *s, const char *path)
{
	show(s, path, false);
}

/* True when path lies in a folder that is shown; not when it is that folder. */
static bool is_covered(const struct ms_sandbox *s, const char *path)
{
	for (size_t i = 0; i < s->count; i++) {
		size_t n = strlen(s->nodes[i].path);

		if (s->nodes[i].kind == NODE_FOLDER && strncmp(path, s->nodes[i].path, n) == 0 &&
		    path[n] == '/')
			return true;
	}
	return false;
}

bool ms_sandbox_shows(const struct ms_sandbox *s, const char *path)
{
	char at[PATH_MAX];

	if (!walk(NULL, path, true, at))
		return false;
	for (size_t i = 0; i < s->count; i++) {
		if (s->nodes[i].kind != NODE_LINK && strcmp(s->nodes[i].path, at) == 0)
			return true;
	}
	return is_covered(s, at);
}

struct ms_sandbox *ms_sandbox_new(const struct ms_sandbox *base)
{
	struct ms_sandbox *s = ms_alloc(1, sizeof(*s));

	s->root = s->own = -1;
	for (size_t i = 0; base && i < base->count; i++) {
		void *nodes = s->nodes;

		ms_reserve(&nodes, &s->cap, s->count + 1, sizeof(*s->nodes));
		s->nodes = nodes;
		s->nodes[s->count++] = base->nodes[i];
	}
	return s;
}

/* -- folders that a signal must remove ----------------------------------------------------- */

static const char *volatile folders[OUTPUT_MAX];

static void remove_folders(void)
{
	for (size_t i = 0; i < OUTPUT_MAX; i++) {
		if (folders[i])
			ms_remove_tree(folders[i]);
	}
}

static bool note_folder(const char *old, const char *folder)
{
	for (size_t i = 0; i < OUTPUT_MAX; i++) {
		if (folders[i] == old) {
			folders[i] = folder;
			return true;
		}
	}
	return false;
}

/* -- namespaces: before the command starts ------------------------------------------------- */

/* A file system in memory that is mounted nowhere yet. */
static int memory_folder(void)
{
	int fs = fsopen("tmpfs", FSOPEN_CLOEXEC), mounted = -1, why;

	if (fs < 0)
		return -1;
	if (fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0755", 0) == 0 &&
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mounted = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	why = errno;
	close(fs);
	errno = why;
	return mounted;
}

/* Makes path, and its parents, in the root folder. */
static int make_folder(int root, const char *path)
{
	char copy[PATH_MAX];
	size_t n = strlen(path);

	if (mkdirat(root, path + 1, 0755) == 0 || errno == EEXIST)
		return 0;
	if (errno != ENOENT || n >= sizeof(copy))
		return -1;
	memcpy(copy, path, n + 1);
	cut_last(copy);
	if (!copy[0] || make_folder(root, copy) != 0)
		return -1;
	return mkdirat(root, path + 1, 0755);
}

static int try_place(int root, const struct node *node)
{
	int fd;

	switch (node->kind) {
	case NODE_FOLDER: return make_folder(root, node->path);
	case NODE_LINK: return symlinkat(node->target, root, node->path + 1);
	case NODE_FILE: break;
	}
	fd = openat(root, node->path + 1, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0444);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

/* Where a node will be mounted, or the link. */
static int place(int root, const struct node *node)
{
	char folder[PATH_MAX];

	if (try_place(root, node) == 0 || errno == EEXIST)
		return 0;
	if (errno != ENOENT)
		return -1;
	snprintf(folder, sizeof(folder), "%s", node->path);
	cut_last(folder);
	if (make_folder(root, folder) != 0)
		return -1;
	return try_place(root, node) == 0 || errno == EEXIST ? 0 : -1;
}

static void drop_covered(struct ms_sandbox *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++) {
		bool covered = is_covered(s, s->nodes[i].path);

		for (size_t k = 0; k < kept && !covered; k++)
			covered = s->nodes[k].kind == s->nodes[i].kind &&
			          strcmp(s->nodes[k].path, s->nodes[i].path) == 0;
		/* Those behind are looked at by is_covered too, and stay in place for it. */
		if (!covered) {
			struct node node = s->nodes[i];

			s->nodes[i] = s->nodes[kept];
			s->nodes[kept++] = node;
		}
	}
	s->count = kept;
}

static int prepare_namespaces(struct ms_sandbox *s)
{
	s->root = memory_folder();
	s->own = memory_folder();
	if (s->root < 0 || s->own < 0 || mkdirat(s->root, OWN_FOLDER, 0755) != 0)
		return -1;
	for (size_t i = 0; i < s->count; i++) {
		if (place(s->root, &s->nodes[i]) != 0)
			return -1;
	}
	/* The command starts where we are; nothing of that need be shown. */
	if (s->project[1] && make_folder(s->root, s->project) != 0)
		return -1;
	s->folder = "/" OWN_FOLDER;
	return 0;
}

/* Makes a folder that is removed however the program ends: NULL with errno. No signal comes between
 * its making and its noting. */
static char *noted_folder(const char *scratch)
{
	char *folder = ms_format("%s%s/.ms-XXXXXX", scratch[0] == '/' ? "" : "./", scratch);
	char *real = NULL;
	sigset_t all, old;

	ms_on_end(remove_folders);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (mkdtemp(folder)) {
		real = ms_real_path(folder);
		if (!real || !note_folder(NULL, real)) {
			rmdir(folder);
			errno = EMFILE;
			real = NULL;
		}
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return real;
}

static int prepare_landlock(struct ms_sandbox *s, const char *scratch)
{
	char *real = noted_folder(scratch);

	if (!real)
		return -1;
	s->folder = real;
	s->own = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s->root = ms_landlock_new();
	if (s->own < 0 || s->root < 0 || ms_landlock_allow(s->root, real, true, true) != 0)
		return -1;
	for (size_t i = 0; i < s->count; i++) {
		const struct node *n = &s->nodes[i];

		if (n->kind != NODE_LINK &&
		    ms_landlock_allow(s->root, n->path, n->kind == NODE_FOLDER, false) != 0)
			return -1;
	}
	return ms_landlock_allow(s->root, "/dev/null", false, true);
}

const char *ms_sandbox_prepare(struct ms_sandbox *s, const char *scratch)
{
	s->project = ms_real_path(".");
	if (!s->project)
		return NULL;
	if (way == WAY_NAMESPACES)
		ms_sandbox_show(s, "/dev/null");
	drop_covered(s);
	if ((way == WAY_NAMESPACES ? prepare_namespaces(s) : prepare_landlock(s, scratch)) == 0)
		return s->folder;
	return NULL;
}

int ms_sandbox_open(const struct ms_sandbox *s, const char *name)
{
	int fd = openat(s->own, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

void ms_sandbox_free(struct ms_sandbox *s)
{
	if (s->root >= 0)
		close(s->root);
	if (s->own >= 0)
		close(s->own);
	if (way == WAY_LANDLOCK && s->folder) {
		ms_remove_tree(s->folder);
		note_folder(s->folder, NULL);
	}
	free(s->nodes);
	free(s);
}

/* -- namespaces: in the child -------------------------------------------------------------- */

/* Everything between vfork and execve shares the parent's memory: system calls only. */
static int enter_root(struct ms_sandbox *s)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID};

	s->stage = AT_NAMESPACE;
	if (unshare(CLONE_NEWNS) != 0)
		return -1;
	/* Over the root folder: whoever looks up a path still begins below it. */
	s->stage = AT_ROOT;
	if (move_mount(s->root, "", AT_FDCWD, "/", ATTACH) != 0 || fchdir(s->root) != 0)
		return -1;
	s->stage = AT_SHOW;
	for (size_t i = 0; i < s->count; i++) {
		const struct node *n = &s->nodes[i];

		if (n->kind != NODE_LINK &&
		    mount(n->path, n->path + 1, NULL, MS_BIND | MS_REC, NULL) != 0)
			return -1;
	}
	s->stage = AT_LOCK;
	if (mount_setattr(s->root, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) != 0)
		return -1;
	s->stage = AT_OWN;
	if (move_mount(s->own, "", AT_FDCWD, OWN_FOLDER, ATTACH) != 0)
		return -1;
	s->stage = AT_PIVOT;
	if (syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 ||
	    chdir(s->project) != 0)
		return -1;
	/* No right to mount is left. Root keeps reading what others own. */
	s->stage = AT_RULES;
	for (unsigned long cap = 0; cap < 64; cap++) {
		if (cap != CAP_DAC_OVERRIDE && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0 &&
		    errno != EINVAL)
			return -1;
	}
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int restrict_self(struct ms_sandbox *s)
{
	if (way == WAY_NAMESPACES)
		return enter_root(s);
	s->stage = AT_RULES;
	return ms_landlock_enforce(s->root);
}

struct child {
	struct ms_sandbox *sandbox;
	const char *program;
	char *const *argv, *const *env;
	int in, out;
	volatile int error;
};

static _Noreturn void become(struct child *c)
{
	static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	struct sigaction usual = {.sa_handler = SIG_DFL}, old;
	sigset_t none;

	c->sandbox->stage = AT_START;
	/* Our handlers would work on the parent's memory. */
	for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++) {
		if (handled[i] == SIGPIPE ||
		    (sigaction(handled[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN))
			sigaction(handled[i], &usual, NULL);
	}
	if (setpgid(0, 0) == 0 && dup2(c->in, 0) == 0 && dup2(c->out, 1) == 1 &&
	    dup2(c->out, 2) == 2 && restrict_self(c->sandbox) == 0) {
		c->sandbox->stage = AT_EXEC;
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		if (c->program)
			execve(c->program, c->argv, c->env);
		else
			_exit(0);
	}
	c->error = errno;
	_exit(127);
}

static int start(struct child *c, pid_t *pid)
{
	int status;

	c->in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (c->in < 0)
		return errno;
	*pid = vfork();
	if (*pid == 0)
		become(c);
	if (*pid < 0)
		c->error = errno;
	else if (c->error)
		waitpid(*pid, &status, 0);
	close(c->in);
	return c->error;
}

int ms_sandbox_spawn(struct ms_sandbox *s, const char *program, const char *const *argv,
                     const char *const *env, int out, pid_t *pid)
{
	struct child child = {.sandbox = s, .program = program, .out = out};

	/* execve leaves both alone, it only lacks the const. */
	memcpy(&child.argv, &argv, sizeof(argv));
	memcpy(&child.env, &env, sizeof(env));
	return start(&child, pid);
}

const char *ms_sandbox_fault(const struct ms_sandbox *s)
{
	return stage_texts[s->stage];
}

/* -- once -------------------------------------------------------------------------------- */

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

/* Ourselves under our own number: a process without one cannot make namespaces or files. (The
 * kernel refuses that to a root which has lost its rights.) */
static bool map_ids(uid_t uid, gid_t gid)
{
	write_text("/proc/self/setgroups", "deny");
	return write_text("/proc/self/uid_map", ms_format("%u %u 1", uid, uid)) &&
	       write_text("/proc/self/gid_map", ms_format("%u %u 1", gid, gid));
}

/* NULL, or why a command could not be started in a sandbox with nothing in it. */
static const char *try_empty(void)
{
	struct ms_sandbox *s = ms_sandbox_new(NULL);
	struct child child = {.sandbox = s, .out = 2};
	const char *tmpdir = getenv("TMPDIR");
	sigset_t all, old;
	const char *why = NULL;
	int status, error;
	pid_t pid;

	if (!ms_sandbox_prepare(s, tmpdir && *tmpdir ? tmpdir : "/tmp"))
		why = ms_format("prepare a root folder: %s", strerror(errno));
	if (!why) {
		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, &old);
		error = start(&child, &pid);
		if (error)
			why = ms_format("%s: %s", ms_sandbox_fault(s), strerror(error));
		else
			waitpid(pid, &status, 0);
		sigprocmask(SIG_SETMASK, &old, NULL);
	}
	ms_sandbox_free(s);
	return why;
}

static const char *enter_namespaces(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWNS | CLONE_NEWNET) != 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) != 0)
			return strerror(errno);
		if (!map_ids(uid, gid))
			return ms_format("user namespace: %s", strerror(errno));
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return ms_format("private mounts: %s", strerror(errno));
	way = WAY_NAMESPACES;
	const char *why = try_empty();
	if (why)
		way = WAY_NONE;
	return why;
}

const char *ms_sandbox_enter(void)
{
	const char *only = getenv("MS_HERMETIC"), *first = "not allowed by MS_HERMETIC",
	           *second = first;

	if (way != WAY_NONE)
		return NULL;
	if (only && !*only)
		only = NULL;
	if (only && strcmp(only, "namespaces") != 0 && strcmp(only, "landlock") != 0)
		ms_die_usage("MS_HERMETIC=%s: must be \"namespaces\" or \"landlock\"", only);
	if (!only || strcmp(only, "namespaces") == 0)
		first = enter_namespaces();
	if (first && (!only || strcmp(only, "landlock") == 0)) {
		second = ms_landlock_fault();
		if (!second) {
			way = WAY_LANDLOCK;
			second = try_empty();
		}
		if (second)
			way = WAY_NONE;
	}
	return first && second ? ms_format("namespaces: %s; Landlock: %s", first, second) : NULL;
}
