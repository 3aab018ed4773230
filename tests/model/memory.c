/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory.c - the model's physical memory: a sparse file, so that clearing an untyped costs what
 * was written in it. The root task's pages are shared mappings of it at their own addresses.
 */
#include "parts.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define REGIONS 4096

static int file = -1;
static struct region {
	uint64_t vaddr, size;
} regions[REGIONS];
static size_t region_count;

static void die(const char *what)
{
	perror(what);
	abort();
}

void memory_start(uint64_t start, uint64_t size)
{
	while (region_count > 0)
		memory_unmap(regions[region_count - 1].vaddr, regions[region_count - 1].size);
	if (file >= 0)
		close(file);
	file = memfd_create("physical-memory", MFD_CLOEXEC);
	if (file < 0 || ftruncate(file, (off_t)size) != 0)
		die("memory");
	model.memory_start = start;
	model.memory_size = size;
}

static off_t offset_of(uint64_t paddr, uint64_t size)
{
	if (paddr < model.memory_start || paddr - model.memory_start > model.memory_size ||
	    size > model.memory_size - (paddr - model.memory_start))
		model_fault("memory that is not there", paddr);
	return (off_t)(paddr - model.memory_start);
}

void memory_clear(uint64_t paddr, uint64_t size)
{
	static const char zeroes[4096];
	off_t at = offset_of(paddr, size);

	if (size >= sizeof(zeroes)) { /* aligned to its size, like every untyped */
		if (fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, (off_t)size) !=
		    0)
			die("memory");
	} else if (pwrite(file, zeroes, size, at) != (ssize_t)size) {
		die("memory");
	}
}

void memory_write(uint64_t paddr, const void *from, size_t size)
{
	if (pwrite(file, from, size, offset_of(paddr, size)) != (ssize_t)size)
		die("memory");
}

void model_read(uint64_t paddr, void *to, size_t size)
{
	if (pread(file, to, size, offset_of(paddr, size)) != (ssize_t)size)
		die("memory");
}

static void keep(uint64_t vaddr, uint64_t size)
{
	if (region_count == REGIONS)
		abort();
	regions[region_count++] = (struct region){vaddr, size};
}

void memory_map(uint64_t vaddr, uint64_t paddr, uint64_t size, int writable)
{
	if (mmap((void *)vaddr, size, PROT_READ | (writable ? PROT_WRITE : 0),
	         MAP_SHARED | MAP_FIXED_NOREPLACE, file, offset_of(paddr, size)) != (void *)vaddr)
		die("mapping for the root task");
	keep(vaddr, size);
}

void *memory_private(uint64_t vaddr, uint64_t size)
{
	void *at = mmap((void *)vaddr, size, PROT_READ | PROT_WRITE,
	                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (at != (void *)vaddr)
		die("mapping for the root task");
	keep(vaddr, size);
	return at;
}

/* One page of what was mapped together may go: the rest stays as regions of its own. */
void memory_unmap(uint64_t vaddr, uint64_t size)
{
	for (size_t i = region_count; i-- > 0;) {
		struct region r = regions[i];

		if (vaddr < r.vaddr || vaddr + size > r.vaddr + r.size)
			continue;
		if (munmap((void *)vaddr, size) != 0)
			die("mapping for the root task");
		regions[i] = regions[--region_count];
		if (vaddr > r.vaddr)
			keep(r.vaddr, vaddr - r.vaddr);
		if (vaddr + size < r.vaddr + r.size)
			keep(vaddr + size, r.vaddr + r.size - (vaddr + size));
		return;
	}
}
