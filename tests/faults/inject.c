/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inject.c - runs a program, and lets one of its system calls fail, or kills it there.
 *
 *   inject [-e WHAT] [-n N] [-p PREFIX] [-r FILE] CLASS[,CLASS...] PROGRAM [ARGUMENT...]
 *
 * Of the system calls of these classes, in the program and in all that it starts, the N-th does
 * not happen: WHAT is the error in its place (ENOSPC, EIO, ...), "short" (a read or write of one
 * byte alone), or "kill" (all processes die by SIGKILL before it). N = 0, the default: nothing
 * happens. FILE receives the number of calls that were counted, and the name of the one hit.
 *
 * -p: only programs whose names begin so are counted, and of each only what comes behind its first
 * fcntl(F_GETFD), the first call of main in a program of ours: what the C library does at a
 * program's start cannot be answered for.
 *
 * A seccomp filter stops the processes at those calls alone, and ptrace says what becomes of the
 * call; so any program will do, static or not. Ends as the program did (128 + signal), 125 where
 * the injector itself cannot go on, 124 where this machine does not allow it.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_ALLOWED = 124, BROKEN = 125, WORDS_MAX = 256, PROCESSES_MAX = 1024 };

/* -- classes of system calls ------------------------------------------------------------- */

struct call {
	const char *class, *name;
	long number;
};

#define CALL(class, name)                                                                          \
	{                                                                                          \
		class, #name, SYS_##name                                                           \
	}
static const struct call calls[] = {
    CALL("write", write),      CALL("write", pwrite64),
    CALL("write", writev),     CALL("read", read),
    CALL("read", pread64),     CALL("list", getdents64),
    CALL("sync", fsync),       CALL("sync", fdatasync),
    CALL("rename", renameat2), CALL("rename", renameat),
    CALL("open", openat),      CALL("map", mmap),
    CALL("map", mremap),       CALL("map", brk),
    CALL("fork", clone),       CALL("fork", clone3),
    CALL("exec", execve),      CALL("descriptor", pipe2),
    CALL("descriptor", dup3),  CALL("descriptor", memfd_create),
    CALL("close", close),      CALL("folder", mkdirat),
    CALL("unlink", unlinkat),  CALL("truncate", ftruncate),
    CALL("lock", flock),       CALL("random", getrandom),
    CALL("status", fstat),     CALL("status", newfstatat),
    CALL("wait", wait4),       CALL("wait", ppoll),
#ifdef __x86_64__
    CALL("open", open),        CALL("rename", rename),
    CALL("fork", fork),        CALL("fork", vfork),
    CALL("folder", mkdir),     CALL("unlink", unlink),
    CALL("descriptor", dup2),  CALL("descriptor", pipe),
    CALL("status", stat),      CALL("status", lstat),
    CALL("wait", poll),
#endif
};
#undef CALL
enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

/* "change": all that can change a file system, and whoever comes to an end there. */
static bool changes(const char *class)
{
	static const char *const all[] = {"write",  "rename", "sync",
	                                  "folder", "unlink", "truncate"};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (strcmp(class, all[i]) == 0)
			return true;
	}
	return false;
}

static const struct {
	const char *name;
	int number;
} errors[] = {
    {"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EMFILE", EMFILE}, {"ENOMEM", ENOMEM},
    {"EAGAIN", EAGAIN}, {"EINTR", EINTR},   {"EROFS", EROFS},   {"EACCES", EACCES},
    {"ENFILE", ENFILE}, {"EDQUOT", EDQUOT}, {"EFBIG", EFBIG},   {"EXDEV", EXDEV},
};

enum what { NOTHING, FAIL, SHORT, KILL };

static struct {
	bool wanted[CALLS];
	bool opens_to_write; /* of the calls that open, only those that may make or change a file */
	enum what what;
	int error;
	long n, count;
	const char *prefix, *report, *hit;
} job;

static void broken(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(BROKEN);
}

static bool want(const char *class)
{
	bool any = strcmp(class, "any") == 0, change = strcmp(class, "change") == 0;
	bool found = any;

	for (size_t i = 0; i < CALLS; i++) {
		bool is =
		    any || strcmp(calls[i].class, class) == 0 ||
		    (change && (changes(calls[i].class) || strcmp(calls[i].class, "open") == 0));

		job.wanted[i] = job.wanted[i] || is;
		found = found || is;
	}
	job.opens_to_write = change;
	return found;
}

/* -- the filter -------------------------------------------------------------------------- */

static struct sock_filter words[WORDS_MAX];
static unsigned short word_count;

static void add(uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	if (word_count == WORDS_MAX)
		broken("the filter is too long");
	words[word_count++] = (struct sock_filter){code, yes, no, k};
}

/* Stops at the calls wanted, and (with a prefix) at fcntl(F_GETFD). */
static void make_filter(void)
{
	const uint32_t number = offsetof(struct seccomp_data, nr);
	const uint32_t second = offsetof(struct seccomp_data, args[1]);

	for (size_t i = 0; i < CALLS; i++) {
		if (!job.wanted[i])
			continue;
		add(BPF_LD | BPF_W | BPF_ABS, number, 0, 0);
		add(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i].number, 0, 1);
		add(BPF_RET | BPF_K, SECCOMP_RET_TRACE, 0, 0);
	}
	add(BPF_LD | BPF_W | BPF_ABS, number, 0, 0);
	add(BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 0, 3);
	add(BPF_LD | BPF_W | BPF_ABS, second, 0, 0);
	add(BPF_JMP | BPF_JEQ | BPF_K, F_GETFD, 0, 1);
	add(BPF_RET | BPF_K, job.prefix ? SECCOMP_RET_TRACE : SECCOMP_RET_ALLOW, 0, 0);
	add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

/* The child: waits until it is traced, and becomes the program. */
static void become(char **argv, int gate)
{
	struct sock_fprog filter = {.len = word_count, .filter = words};
	char byte;

	if (read(gate, &byte, 1) != 1 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
		_exit(NOT_ALLOWED);
	execvp(argv[0], argv);
	_exit(127);
}

/* -- registers --------------------------------------------------------------------------- */

struct registers {
	long number, argument[6];
};

#if defined(__x86_64__)
static bool get_call(pid_t pid, struct registers *r)
{
	struct user_regs_struct u;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &u) != 0)
		return false;
	r->number = (long)u.orig_rax;
	r->argument[1] = (long)u.rsi;
	r->argument[2] = (long)u.rdx;
	return true;
}

static void fail_call(pid_t pid, int error)
{
	struct user_regs_struct u;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &u) != 0)
		broken("registers");
	u.orig_rax = (unsigned long long)-1;
	u.rax = (unsigned long long)-(long)error;
	if (ptrace(PTRACE_SETREGS, pid, NULL, &u) != 0)
		broken("registers");
}

/* Sets one of the first three arguments (0 to 2); what it was. */
static unsigned long long set_argument(pid_t pid, int n, unsigned long long value)
{
	struct user_regs_struct u;
	unsigned long long *at, old;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &u) != 0)
		broken("registers");
	at = n == 0 ? &u.rdi : n == 1 ? &u.rsi : &u.rdx;
	old = *at;
	*at = value;
	if (ptrace(PTRACE_SETREGS, pid, NULL, &u) != 0)
		broken("registers");
	return old;
}
#elif defined(__aarch64__)
static struct user_regs_struct get_all(pid_t pid)
{
	struct user_regs_struct u;
	struct iovec all = {&u, sizeof(u)};

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &all) != 0)
		broken("registers");
	return u;
}

static void set_all(pid_t pid, struct user_regs_struct *u)
{
	struct iovec all = {u, sizeof(*u)};

	if (ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &all) != 0)
		broken("registers");
}

static bool get_call(pid_t pid, struct registers *r)
{
	struct user_regs_struct u = get_all(pid);

	r->number = (long)u.regs[8];
	r->argument[1] = (long)u.regs[1];
	r->argument[2] = (long)u.regs[2];
	return true;
}

static void fail_call(pid_t pid, int error)
{
	struct user_regs_struct u = get_all(pid);
	int none = -1;
	struct iovec number = {&none, sizeof(none)};

	u.regs[0] = (unsigned long long)-(long)error;
	set_all(pid, &u);
	if (ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &number) != 0)
		broken("registers");
}

static unsigned long long set_argument(pid_t pid, int n, unsigned long long value)
{
	struct user_regs_struct u = get_all(pid);
	unsigned long long old = u.regs[n];

	u.regs[n] = value;
	set_all(pid, &u);
	return old;
}
#else
#error "inject knows the registers of x86-64 and AArch64"
#endif

/* -- processes --------------------------------------------------------------------------- */

struct process {
	pid_t pid;     /* 0: a free place */
	bool counts;   /* its calls are counted */
	bool named;    /* its name begins as asked for */
	bool inherits; /* its parent's event was seen */
	bool waits;    /* it stopped before its parent's event was seen */
	bool fails;    /* the call it is in happens, and is said to have failed */
	bool lent;     /* an argument of the call it is in was changed, and is to be put back */
	int argument;
	unsigned long long value;
};
static struct process processes[PROCESSES_MAX];
static bool dying;

static struct process *process_of(pid_t pid)
{
	struct process *free_place = NULL;

	for (size_t i = 0; i < PROCESSES_MAX; i++) {
		if (processes[i].pid == pid)
			return &processes[i];
		if (!processes[i].pid && !free_place)
			free_place = &processes[i];
	}
	if (!free_place)
		broken("too many processes");
	*free_place = (struct process){.pid = pid};
	return free_place;
}

static bool is_named(pid_t pid)
{
	char path[40], name[32] = "";
	FILE *f;

	if (!job.prefix)
		return true;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	f = fopen(path, "re");
	if (f) {
		if (!fgets(name, sizeof(name), f))
			name[0] = '\0';
		fclose(f);
	}
	return strncmp(name, job.prefix, strlen(job.prefix)) == 0;
}

static void go_on(pid_t pid, int signal)
{
	ptrace(PTRACE_CONT, pid, NULL, (void *)(long)signal);
}

static void kill_all(void)
{
	dying = true;
	for (size_t i = 0; i < PROCESSES_MAX; i++) {
		if (processes[i].pid)
			kill(processes[i].pid, SIGKILL);
	}
}

/*
 * The call happens, with less: of a read or write one byte; brk(0) moves nothing, and says so. To
 * the program a call leaves its arguments alone: the changed one is put back at the call's end.
 */
static void shorten_call(struct process *p, bool is_brk)
{
	p->lent = true;
	p->argument = is_brk ? 0 : 2;
	p->value = set_argument(p->pid, p->argument, is_brk ? 0 : 1);
	if (p->value == 0 && !is_brk)
		set_argument(p->pid, p->argument, 0);
	if (ptrace(PTRACE_SYSCALL, p->pid, NULL, NULL) != 0)
		broken("ptrace");
}

/* Linux closes the file whatever the end of what was written to it is (close(2)). */
static void fail_late(struct process *p)
{
	p->fails = true;
	if (ptrace(PTRACE_SYSCALL, p->pid, NULL, NULL) != 0)
		broken("ptrace");
}

static void at_end_of_call(struct process *p)
{
	if (p->fails)
		fail_call(p->pid, job.error);
	p->fails = false;
	if (p->lent)
		set_argument(p->pid, p->argument, p->value);
	p->lent = false;
	go_on(p->pid, 0);
}

/* Stopped at a call. */
static void at_call(struct process *p)
{
	const struct call *call = NULL;
	struct registers r;

	if (!get_call(p->pid, &r))
		return; /* it was killed meanwhile */
	if (r.number == SYS_fcntl && job.prefix) {
		p->counts = p->named;
		go_on(p->pid, 0);
		return;
	}
	for (size_t i = 0; i < CALLS && !call; i++)
		call = calls[i].number == r.number && job.wanted[i] ? &calls[i] : NULL;
	if (call && job.opens_to_write && strcmp(call->class, "open") == 0) {
		long flags = r.argument[r.number == SYS_openat ? 2 : 1];

		if ((flags & (O_CREAT | O_TRUNC)) == 0)
			call = NULL;
	}
	if (call && p->counts && ++job.count == job.n) {
		job.hit = call->name;
		if (job.what == KILL) {
			kill_all();
			return;
		}
		if (job.what == SHORT || (job.what == FAIL && r.number == SYS_brk)) {
			shorten_call(p, r.number == SYS_brk);
			return;
		}
		if (job.what == FAIL && r.number == SYS_close) {
			fail_late(p);
			return;
		}
		if (job.what == FAIL)
			fail_call(p->pid, job.error);
	}
	go_on(p->pid, 0);
}

/* A process has started another one. */
static void at_start(struct process *p)
{
	unsigned long message = 0;
	struct process *child;

	ptrace(PTRACE_GETEVENTMSG, p->pid, NULL, &message);
	child = process_of((pid_t)message);
	child->counts = p->counts;
	child->named = p->named;
	child->inherits = true;
	if (dying)
		kill(child->pid, SIGKILL);
	if (child->waits) {
		child->waits = false;
		go_on(child->pid, 0);
	}
	go_on(p->pid, 0);
}

static void at_stop(pid_t pid, int status)
{
	struct process *p = process_of(pid);
	int signal = WSTOPSIG(status);

	/* Perhaps one whose parent's event will not come any more: the parent is dead. */
	if (dying) {
		kill(pid, SIGKILL);
		return;
	}
	switch (status >> 16) {
	case PTRACE_EVENT_SECCOMP: at_call(p); break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE: at_start(p); break;
	case PTRACE_EVENT_EXEC:
		p->named = is_named(pid);
		p->counts = !job.prefix;
		go_on(pid, 0);
		break;
	case PTRACE_EVENT_STOP:
		if (!p->inherits)
			p->waits = true;
		else if (signal == SIGTRAP)
			go_on(pid, 0);
		else
			ptrace(PTRACE_LISTEN, pid, NULL, NULL);
		break;
	case 0:
		if (signal == (SIGTRAP | 0x80))
			at_end_of_call(p);
		else
			go_on(pid, signal);
		break;
	default: go_on(pid, 0);
	}
}

/* Until the last one has ended; the status of the first. */
static int watch(pid_t first)
{
	int result = BROKEN, status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid <= 0)
			continue;
		if (WIFSTOPPED(status)) {
			at_stop(pid, status);
			continue;
		}
		process_of(pid)->pid = 0;
		if (pid == first)
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	return result;
}

static int run(char **argv)
{
	const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK |
	                     PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
	                     PTRACE_O_TRACESYSGOOD;
	int gate[2], status;
	FILE *report;
	pid_t pid;

	make_filter();
	if (pipe2(gate, O_CLOEXEC) != 0)
		broken("pipe");
	pid = fork();
	if (pid < 0)
		broken("fork");
	if (pid == 0)
		become(argv, gate[0]);
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options) != 0) {
		kill(pid, SIGKILL);
		return NOT_ALLOWED;
	}
	process_of(pid)->inherits = true;
	if (write(gate[1], "", 1) != 1)
		broken("gate");
	status = watch(pid);
	if (job.report) {
		report = fopen(job.report, "we");
		if (!report ||
		    fprintf(report, "%ld %s\n", job.count, job.hit ? job.hit : "-") < 0 ||
		    fclose(report) != 0)
			broken(job.report);
	}
	return status;
}

static bool take_what(const char *text)
{
	job.what = strcmp(text, "short") == 0 ? SHORT : strcmp(text, "kill") == 0 ? KILL : FAIL;
	for (size_t i = 0; job.what == FAIL && i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (strcmp(errors[i].name, text) == 0)
			job.error = errors[i].number;
	}
	return job.what != FAIL || job.error;
}

int main(int argc, char **argv)
{
	bool good = true;
	int opt;

	while ((opt = getopt(argc, argv, "+e:n:p:r:")) != -1) {
		switch (opt) {
		case 'e': good = good && take_what(optarg); break;
		case 'n': job.n = strtol(optarg, NULL, 10); break;
		case 'p': job.prefix = optarg; break;
		case 'r': job.report = optarg; break;
		default: good = false;
		}
	}
	if (argc - optind >= 2) {
		for (char *class = strtok(argv[optind], ","); class; class = strtok(NULL, ","))
			good = good && want(class);
	}
	if (!good || argc - optind < 2) {
		fprintf(stderr, "usage: inject [-e WHAT] [-n N] [-p PREFIX] [-r FILE] CLASS,... "
		                "PROGRAM...\n");
		return 2;
	}
	return run(argv + optind + 1);
}
