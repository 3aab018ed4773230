/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run.c - runs the root task on an archive that the toolkit has made, against the model, and
 * compares what there is afterwards with the table and prints it as JSON. The kernel's boot is
 * taken to be the one that the system table foresees; what the table does not say is given as
 * arguments.
 *
 *   model-KERNEL ARCHIVE IMAGE_PADDR MEMORY_START MEMORY_END
 */
#include "model.h"
#include "both/elf64.h"
#include "both/newc.h"
#include "both/table.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PAGE         4096u
#define ARCHIVE_MAX  (256u << 20)
#define UNTYPEDS_MAX 230

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "model: %s\n", what);
	exit(1);
}

static uint64_t pages(uint64_t size)
{
	return (size + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

static uint8_t *read_archive(const char *path, size_t *len)
{
	uint8_t *data = malloc(ARCHIVE_MAX);
	FILE *f = fopen(path, "rb");

	if (!f || !data)
		fail("the archive cannot be read");
	*len = fread(data, 1, ARCHIVE_MAX, f);
	fclose(f);
	return data;
}

/* The archive and, behind it, the root task as the loader unpacks it. */
static void make_image(struct model_boot *boot, const uint8_t *archive, size_t len)
{
	struct newc_entry entry;
	struct elf64 elf;
	uint8_t *image;

	if (newc_find(archive, len, "rootserver", &entry) != NEWC_ENTRY ||
	    elf64_open(&elf, entry.data, entry.size) != ELF64_OK)
		fail("no root task in the archive");
	boot->own = pages(len);
	boot->image_size = boot->own + pages(elf.vaddr_end - elf.vaddr_start);
	boot->image_vaddr = elf.vaddr_start - boot->own;
	image = calloc(1, boot->image_size);
	if (!image)
		fail("out of memory");
	memcpy(image, archive, len);
	for (unsigned i = 0; i < elf.phnum; i++) {
		struct elf64_segment s = elf64_segment(&elf, i);

		if (s.type == ELF64_PT_LOAD)
			memcpy(image + boot->own + (s.vaddr - elf.vaddr_start),
			       entry.data + s.offset, s.filesz);
	}
	boot->image = image;
}

static const struct table_header *table_of(const uint8_t *archive, size_t len)
{
	const struct table_header *h;
	struct newc_entry entry;

	if (newc_find(archive, len, TABLE_MEMBER, &entry) != NEWC_ENTRY)
		fail("no system table in the archive");
	h = (const void *)entry.data;
	if (table_check(h, entry.size) != TABLE_OK)
		fail("the system table is broken");
	return h;
}

/* Untypeds that the table does not use are small and lie nowhere: using one fails. */
static void foresee(struct model_boot *boot, const uint8_t *archive, size_t len)
{
	static struct model_untyped untypeds[UNTYPEDS_MAX];
	const struct table_header *h = table_of(archive, len);
	struct newc_entry entry;

	if (newc_find(archive, len, "kernel.dtb", &entry) == NEWC_ENTRY) {
		boot->tree = entry.data;
		boot->tree_size = entry.size;
	}
	boot->image_slot = h->image_frames;
	boot->sched_slot = h->sched_control;
	boot->untyped_slot = h->untyped_slot;
	boot->empty_slot = h->empty_slot;
	boot->untypeds = untypeds;
	boot->untyped_count = h->empty_slot - h->untyped_slot;
	if (boot->untyped_count > UNTYPEDS_MAX)
		fail("more untypeds than BootInfo holds");
	for (size_t i = 0; i < boot->untyped_count; i++)
		untypeds[i] = (struct model_untyped){0, 4, 1};
	for (uint32_t i = 0; i < table_count(h, TABLE_UNTYPEDS); i++) {
		const struct table_untyped *u = table_record(h, TABLE_UNTYPEDS, i);

		untypeds[u->slot - h->untyped_slot] =
		    (struct model_untyped){u->paddr, u->size_bits, u->device};
	}
}

int main(int argc, char **argv)
{
	struct model_boot boot = {0};
	uint8_t *archive;
	size_t len;
	enum model_end end;

	if (argc != 5) {
		fprintf(stderr, "usage: %s ARCHIVE IMAGE_PADDR MEMORY_START MEMORY_END\n", argv[0]);
		return 2;
	}
	archive = read_archive(argv[1], &len);
	boot.image_paddr = strtoull(argv[2], NULL, 0);
	boot.memory_start = strtoull(argv[3], NULL, 0);
	boot.memory_end = strtoull(argv[4], NULL, 0);
	make_image(&boot, archive, len);
	foresee(&boot, archive, len);
	model_boot(&boot);
	end = model_run();
	fputs(model_console(), stderr);
	if (end != MODEL_WAITS || model_verify(stderr, table_of(archive, len), boot.image))
		return 1;
	fprintf(stderr, "model: %lu invocations\n", model_calls());
	model_dump(stdout);
	return fflush(stdout) || ferror(stdout) ? 3 : 0;
}
