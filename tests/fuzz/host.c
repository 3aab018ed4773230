/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host.c - what stands between the library and libc while it is fuzzed. See host.h.
 */
#include "host.h"

#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <limits.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__clang__)
#define PLAIN __attribute__((noinline, no_sanitize("address", "undefined"), no_builtin))
#else
#define PLAIN                                                                                      \
	__attribute__((noinline, no_sanitize("address", "undefined"),                              \
	               optimize("no-tree-loop-distribute-patterns")))
#endif

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

bool fuzz_verbose;
int fuzz_status;

static bool running; /* an execution is under way */

void fuzz_check(bool holds, const char *what)
{
	if (holds)
		return;
	running = false;
	fprintf(stderr, "finding: %s\n", what);
	abort();
}

/* -- static variables of the library ------------------------------------------------------ */

extern char fuzz_first_data[], fuzz_last_data[], fuzz_first_bss[], fuzz_last_bss[];

static struct area {
	uint64_t *start, *saved;
	size_t words;
} areas[2];

/* Redzones between variables are copied too: not by a function that is watched. */
static PLAIN void copy_words(uint64_t *to, const uint64_t *from, size_t words)
{
	for (size_t i = 0; i < words; i++)
		to[i] = from[i];
}

static void save_area(struct area *area, char *first, const char *last)
{
	uintptr_t start = ((uintptr_t)first + 7) & ~(uintptr_t)7;

	fuzz_check(first < last, "the library is not linked between its edges");
	area->words = ((uintptr_t)last - start) / 8;
	area->start = (uint64_t *)start;
	area->saved = malloc(area->words * 8);
	if (!area->saved)
		abort();
	copy_words(area->saved, area->start, area->words);
}

/* -- memory ------------------------------------------------------------------------------- */

/* Every block that an execution holds: dense, and found by address through a hash table. */
static struct block {
	void *p;
	size_t size;
} * blocks;
static size_t block_count, block_cap, held;
static uint32_t *slots; /* index of a block + 1; 0: empty */
static size_t slot_count;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
char *__real_realpath(const char *path, char *resolved);

static size_t slot_of(const void *p)
{
	return (size_t)(((uintptr_t)p >> 4) * 0x9e3779b97f4a7c15u >> 20) & (slot_count - 1);
}

static void enter(size_t index)
{
	size_t at = slot_of(blocks[index].p);

	while (slots[at])
		at = (at + 1) & (slot_count - 1);
	slots[at] = (uint32_t)index + 1;
}

/* The slot of a block, or slot_count. */
static size_t find(const void *p)
{
	size_t at;

	if (!slot_count)
		return slot_count;
	for (at = slot_of(p); slots[at]; at = (at + 1) & (slot_count - 1)) {
		if (blocks[slots[at] - 1].p == p)
			return at;
	}
	return slot_count;
}

/* Removes a slot and moves those behind it up that would not be found any more. */
static void close_gap(size_t gap)
{
	size_t mask = slot_count - 1;

	for (size_t at = (gap + 1) & mask; slots[at]; at = (at + 1) & mask) {
		size_t home = slot_of(blocks[slots[at] - 1].p);

		if (((at - home) & mask) >= ((at - gap) & mask)) {
			slots[gap] = slots[at];
			gap = at;
		}
	}
	slots[gap] = 0;
}

static void *remember(void *p, size_t size)
{
	if (!running || !p)
		return p;
	if (block_count == block_cap) {
		block_cap = block_cap ? block_cap * 2 : 4096;
		blocks = __real_realloc(blocks, block_cap * sizeof(*blocks));
		__real_free(slots);
		slot_count = block_cap * 4;
		slots = __real_calloc(slot_count, sizeof(*slots));
		if (!blocks || !slots)
			abort();
		for (size_t i = 0; i < block_count; i++)
			enter(i);
	}
	blocks[block_count] = (struct block){p, size};
	enter(block_count++);
	held += size;
	fuzz_check(held <= FUZZ_MEMORY_MAX, "too much memory is held");
	return p;
}

static void forget(const void *p)
{
	size_t slot = p ? find(p) : slot_count, index;

	if (slot == slot_count)
		return;
	index = slots[slot] - 1;
	held -= blocks[index].size;
	close_gap(slot);
	if (index != --block_count) {
		slots[find(blocks[block_count].p)] = (uint32_t)index + 1;
		blocks[index] = blocks[block_count];
	}
}

static void free_all(void)
{
	for (size_t i = 0; i < block_count; i++) {
		/* What lies behind it without a gap is cleared with it. */
		for (size_t at = slot_of(blocks[i].p); slots[at]; at = (at + 1) & (slot_count - 1))
			slots[at] = 0;
		__real_free(blocks[i].p);
	}
	block_count = held = 0;
}

void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return remember(__real_malloc(size), size);
}

void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	return remember(__real_calloc(count, size), count * size);
}

void *__wrap_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size)
{
	void *moved = __real_realloc(p, size);

	/* The address of what was freed is still a name for it. */
	if (moved || !size)
		forget(p);
	return remember(moved, size);
}

void __wrap_free(void *p);
void __wrap_free(void *p)
{
	forget(p);
	__real_free(p);
}

char *__wrap_realpath(const char *path, char *resolved);
char *__wrap_realpath(const char *path, char *resolved)
{
	char *p = __real_realpath(path, resolved);

	return resolved ? p : remember(p, PATH_MAX);
}

/* -- ends --------------------------------------------------------------------------------- */

static jmp_buf *end; /* where exit() leads to */

_Noreturn void __real_exit(int status);
_Noreturn void __wrap_exit(int status);
_Noreturn void __wrap_exit(int status)
{
	if (!running)
		__real_exit(status);
	fuzz_status = status;
	longjmp(*end, 1);
}

bool fuzz_try(void (*work)(void *user), void *user)
{
	jmp_buf here, *outer = end;
	volatile bool whole = false;

	end = &here;
	if (setjmp(here) == 0) {
		work(user);
		whole = true;
	}
	end = outer;
	fuzz_check(whole || fuzz_status != 3, "exit with 3");
	return whole;
}

/* -- files -------------------------------------------------------------------------------- */

static char folder[PATH_MAX];

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_folder(void)
{
	if (nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS) != 0)
		fprintf(stderr, "%s is left behind\n", folder);
}

/* In memory where there is such a place. A run that ends with a finding leaves it behind. */
static void make_folder(void)
{
	const char *parent = getenv("TMPDIR");

	if (!parent)
		parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	if (snprintf(folder, sizeof(folder), "%s/ms-fuzz-XXXXXX", parent) >= (int)sizeof(folder) ||
	    !mkdtemp(folder) || chdir(folder) != 0) {
		perror(folder);
		exit(3);
	}
	atexit(remove_folder);
}

const char *fuzz_file(const char *name, const void *data, size_t size)
{
	bool was = running;
	int fd;

	running = false; /* our own call */
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd) != 0)
		abort();
	running = was;
	return name;
}

/* What is reported is made, not shown. */
ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size)
{
	if (running && !fuzz_verbose && (fd == STDOUT_FILENO || fd == STDERR_FILENO))
		return (ssize_t)size;
	return __real_write(fd, data, size);
}

int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file);
int __wrap_fclose(FILE *file)
{
	return running && file == stdout ? fflush(file) : __real_fclose(file);
}

/* Nothing that an input says is written to, or run. */
int __real_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode)
{
	if (running && (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0) {
		errno = EROFS;
		return -1;
	}
	return __real_open(path, flags, mode);
}

pid_t __wrap_vfork(void);
pid_t __wrap_vfork(void)
{
	fuzz_check(false, "a program is started");
	return -1;
}

int __wrap_posix_spawn(void);
int __wrap_posix_spawn(void)
{
	fuzz_check(false, "a program is started");
	return ENOSYS;
}

/* What only makes a program faster, or watches its end. */
void __wrap_ms_json_fast_memory(void);
void __wrap_ms_json_fast_memory(void)
{
}

/* libcrypto keeps what it takes from one execution to the next: it is to be the C library's. */
int __wrap_CRYPTO_set_mem_functions(void);
int __wrap_CRYPTO_set_mem_functions(void)
{
	return 1;
}

void __wrap_ms_file_on_signals(void);
void __wrap_ms_file_on_signals(void)
{
}

/* What is not freed is freed here, or was taken before the first execution. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0:allocator_may_return_null=1";
}

/* -- an execution ------------------------------------------------------------------------- */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const variables[] = {"MS_KERNEL", "MICROKIT_SDK", "MS_NOTES",
	                                        "SOURCE_DATE_EPOCH"};

	(void)argc;
	(void)argv;
	fuzz_verbose = getenv("FUZZ_VERBOSE") != NULL;
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		unsetenv(variables[i]);
	make_folder();
	if (!fuzz_verbose && !freopen("/dev/null", "w", stdout))
		abort();
	json_object_seed(1); /* the same order of keys in every run */
	fuzz_once();
	ms_json_share_again();
	save_area(&areas[0], fuzz_first_data, fuzz_last_data);
	save_area(&areas[1], fuzz_first_bss, fuzz_last_bss);
	return 0;
}

struct input {
	const uint8_t *data;
	size_t size;
};

static void run_target(void *user)
{
	const struct input *input = user;

	fuzz_one(input->data, input->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};

	running = true;
	fuzz_try(run_target, &input);
	running = false;
	free_all();
	for (size_t i = 0; i < 2; i++)
		copy_words(areas[i].start, areas[i].saved, areas[i].words);
	return 0;
}
