/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * landlock.c - sandbox.h where namespaces are refused (in most containers): Landlock for the file
 * system, a filter of system calls for the network and for what Landlock does not know yet.
 */
#include "base/sandbox.h"

#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

/* By the newest headers these have names; the numbers are the kernel's for good. */
#define FS_REFER    (1ull << 13) /* from version 2 on */
#define FS_TRUNCATE (1ull << 14) /* from version 3 on */

#define READING                                                                                    \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITING_FILE LANDLOCK_ACCESS_FS_WRITE_FILE
#define WRITING                                                                                    \
	(WRITING_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |           \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |                              \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |                              \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |                            \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)

static int version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
	                    LANDLOCK_CREATE_RULESET_VERSION);
}

/* All that this kernel can forbid. */
static uint64_t handled(void)
{
	int v = version();

	return READING | WRITING | (v >= 2 ? FS_REFER : 0) | (v >= 3 ? FS_TRUNCATE : 0);
}

const char *ms_landlock_fault(void)
{
#ifndef OUR_ARCH
	return "no filter of system calls for this processor";
#else
	return version() < 1 ? strerror(errno) : NULL;
#endif
}

int ms_landlock_new(void)
{
	struct landlock_ruleset_attr attr = {.handled_access_fs = handled()};

	return (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0u);
}

int ms_landlock_allow(int ruleset, const char *path, bool folder, bool write)
{
	struct landlock_path_beneath_attr attr = {
	    .allowed_access = READING | (write ? WRITING | FS_REFER | FS_TRUNCATE : 0),
	    .parent_fd = open(path, O_PATH | O_CLOEXEC),
	};
	int result, why;

	if (attr.parent_fd < 0)
		return -1;
	attr.allowed_access &= handled();
	/* A file cannot have rights that only folders have. */
	if (!folder)
		attr.allowed_access &= LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
		                       WRITING_FILE | FS_TRUNCATE;
	result =
	    (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attr, 0u);
	why = errno;
	close(attr.parent_fd);
	errno = why;
	return result;
}

#ifdef OUR_ARCH

#define FIELD(f)    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, f))
#define FAIL(e)     BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (e))
#define IF(op, k)   BPF_JUMP(BPF_JMP | (op) | BPF_K, (k), 0, 1)
#define DENY(nr, e) IF(BPF_JEQ, (nr)), FAIL(e)

/* No socket at all: neither a network's nor one of a daemon outside. */
static const struct sock_filter filter[] = {
    FIELD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
    FAIL(EPERM), /* the calls of another architecture have other numbers */
    FIELD(nr),
#ifdef __x86_64__
    IF(BPF_JGE, 0x40000000),
    FAIL(ENOSYS), /* x32 */
#endif
    DENY(SYS_socket, EACCES),
    DENY(SYS_io_uring_setup, ENOSYS), /* makes sockets, too */
    DENY(SYS_truncate, EACCES),       /* Landlock knows it from version 3 on */
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static int enforce_filter(void)
{
	struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0])};

	/* The kernel reads it only; the field lacks the const. */
	const struct sock_filter *first = filter;
	memcpy(&program.filter, &first, sizeof(first));
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

#else

static int enforce_filter(void)
{
	errno = ENOSYS;
	return -1;
}

#endif

int ms_landlock_enforce(int ruleset)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0u) != 0)
		return -1;
	return enforce_filter();
}

/* -- removing a folder --------------------------------------------------------------------- */

/* What getdents64 writes. */
struct entry {
	uint64_t ino;
	int64_t off;
	uint16_t len;
	uint8_t type;
	char name[];
};

static void empty_folder(int fd, unsigned depth)
{
	_Alignas(struct entry) char buffer[2048];
	long n;

	while ((n = syscall(SYS_getdents64, fd, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < n;) {
			const struct entry *e = (const struct entry *)(const void *)(buffer + at);
			int sub;

			at += e->len;
			if (strcmp(e->name, ".") == 0 || strcmp(e->name, "..") == 0 ||
			    unlinkat(fd, e->name, 0) == 0 || depth == 0)
				continue;
			sub = openat(fd, e->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (sub < 0)
				continue;
			empty_folder(sub, depth - 1);
			close(sub);
			unlinkat(fd, e->name, AT_REMOVEDIR);
		}
	}
}

void ms_remove_tree(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	empty_folder(fd, 64);
	close(fd);
	rmdir(path);
}
