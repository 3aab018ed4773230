/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * efi.c - the way in from EFI firmware (UEFI Specification 2.10, chapters 2, 4 and 7). The loader
 * and the kernel own the whole machine, so all that is asked of firmware is the device tree,
 * whether the memory that will be written is ours to write, and to let go. start.S then does what
 * it does under every other boot loader: the caches are cleaned, the MMU is turned off, the image
 * moves to its place.
 *
 * This runs where firmware put the image, on whole pages as its header asks (sections are aligned
 * to them), which may be read-only: nothing here has static variables or tables of addresses, and
 * nothing that is called here has.
 */
#include "board/boot/boot.h"

#define EFI_SUCCESS     0
#define EFI_LOAD_ERROR  0x8000000000000001ull
#define EFI_UNSUPPORTED 0x8000000000000003ull
#define EFI_TOO_SMALL   0x8000000000000005ull

/* EFI_MEMORY_TYPE; what lies between the first and the third is memory as well */
enum { LOADER_CODE = 1, LOADER_DATA = 2, CONVENTIONAL = 7, ACPI_RECLAIM = 9 };

#define SPARE 8 /* descriptors that an allocation of ours may add to the map */

struct efi_guid {
	uint64_t low, high;
};

struct efi_output {
	uint64_t (*reset)(struct efi_output *self, uint8_t extended);
	uint64_t (*write)(struct efi_output *self, const uint16_t *text);
};

struct efi_memory {
	uint32_t type, padding;
	uint64_t start, virt, pages, attribute;
};

struct efi_boot {
	uint8_t header[24];
	void *before_map[4]; /* RaiseTPL, RestoreTPL, AllocatePages, FreePages */
	uint64_t (*memory_map)(uint64_t *size, void *map, uint64_t *key, uint64_t *item,
	                       uint32_t *version);
	uint64_t (*allocate)(uint32_t type, uint64_t size, void **memory);
	void *before_exit[20]; /* FreePool to UnloadImage */
	uint64_t (*exit)(void *image, uint64_t key);
};

struct efi_table {
	struct efi_guid guid;
	const void *table;
};

struct efi_system {
	uint8_t header[24];
	const uint16_t *vendor;
	uint64_t revision;
	void *console_in[3];
	struct efi_output *out;
	void *error[2];
	void *runtime;
	struct efi_boot *boot;
	uint64_t tables;
	const struct efi_table *table;
};

_Static_assert(__builtin_offsetof(struct efi_boot, exit) == 232, "EFI_BOOT_SERVICES");
_Static_assert(__builtin_offsetof(struct efi_boot, memory_map) == 56, "EFI_BOOT_SERVICES");
_Static_assert(__builtin_offsetof(struct efi_system, out) == 64, "EFI_SYSTEM_TABLE");
_Static_assert(__builtin_offsetof(struct efi_system, boot) == 96, "EFI_SYSTEM_TABLE");
_Static_assert(__builtin_offsetof(struct efi_system, table) == 112, "EFI_SYSTEM_TABLE");

/* EFI_DTB_TABLE_GUID b1b621d5-f19c-41a5-830b-d9152c69aae0, as two words of memory. */
#define DTB_GUID_LOW  0x41a5f19cb1b621d5ull
#define DTB_GUID_HIGH 0xe0aa692c15d90b83ull

static void say(const struct efi_system *system, const char *text)
{
	uint16_t wide[2] = {0, 0};

	for (; system->out && *text; text++) {
		wide[0] = (uint8_t)*text;
		system->out->write(system->out, wide);
	}
}

static void say_hex(const struct efi_system *system, uint64_t value)
{
	char digits[19], *p = digits + sizeof(digits) - 1;

	*p = '\0';
	do {
		unsigned digit = value & 15;
		*--p = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
		value >>= 4;
	} while (value);
	*--p = 'x';
	*--p = '0';
	say(system, p);
}

static uint64_t refuse(const struct efi_system *system, const char *text, uint64_t status)
{
	say(system, BOOT_NAME ": error: ");
	say(system, text);
	say(system, "\r\n");
	return status;
}

static uint64_t device_tree(const struct efi_system *system)
{
	for (uint64_t i = 0; i < system->tables; i++) {
		if (system->table[i].guid.low == DTB_GUID_LOW &&
		    system->table[i].guid.high == DTB_GUID_HIGH)
			return (uint64_t)(uintptr_t)system->table[i].table;
	}
	return 0;
}

/* Types of memory (EFI_MEMORY_TYPE) that are free once firmware has let go: those of loaders, of
 * boot services, of runtime services, which are never called, and free ones; ACPI's tables. */
static int is_memory(uint32_t type)
{
	return (type >= LOADER_CODE && type <= CONVENTIONAL) || type == ACPI_RECLAIM;
}

struct map {
	const uint8_t *items;
	uint64_t size, item;
};

/* The address from which on [start, end) is not memory; end when all of it is. */
static uint64_t memory_until(const struct map *map, uint64_t start, uint64_t end)
{
	uint64_t before;

	/* The map need not be sorted. */
	do {
		before = start;
		for (uint64_t at = 0; at + sizeof(struct efi_memory) <= map->size;
		     at += map->item) {
			const struct efi_memory *m = (const void *)(map->items + at);
			uint64_t last = m->start + m->pages * HANDOFF_PAGE;

			if (is_memory(m->type) && m->start <= start && start < last)
				start = last;
		}
	} while (start != before && start < end);
	return start < end ? start : end;
}

static int check_range(const struct efi_system *system, const struct map *map, uint64_t start,
                       uint64_t end)
{
	uint64_t until = memory_until(map, start, end);

	if (until == end)
		return 1;
	say(system, BOOT_NAME ": error: this machine has no free memory at ");
	say_hex(system, until);
	say(system, ", which the system needs\r\n");
	return 0;
}

static int check_memory(const struct efi_system *system, const struct map *map)
{
	const struct handoff_table *t = &handoff_table;

	return check_range(system, map, t->image_start, t->image_end) &&
	       check_range(system, map, t->kernel_start, t->kernel_end) &&
	       check_range(system, map, t->dtb_start, t->dtb_start + t->dtb.size) &&
	       check_range(system, map, t->user_start, t->user_end);
}

uint64_t boot_efi(void *image, const struct efi_system *system)
{
	struct efi_boot *boot = system->boot;
	struct map map = {0, 0, 0};
	uint64_t room = 0, key, dtb;
	void *memory = 0;
	uint32_t version;

	if (handoff_table.magic != HANDOFF_MAGIC) /* main.c checks the rest */
		return refuse(system, "this is not a hand-off table", EFI_LOAD_ERROR);
	if (boot->memory_map(&room, memory, &key, &map.item, &version) != EFI_TOO_SMALL)
		return refuse(system, "firmware has no memory map", EFI_UNSUPPORTED);
	if (map.item < sizeof(struct efi_memory))
		return refuse(system, "firmware's memory map has another form", EFI_UNSUPPORTED);
	room += SPARE * map.item;
	if (boot->allocate(LOADER_DATA, room, &memory) != EFI_SUCCESS)
		return refuse(system, "firmware has no memory left", EFI_LOAD_ERROR);
	map.items = memory;
	dtb = device_tree(system);
	/* Firmware may change the map while it lets go, and asks for the new one then. */
	for (int attempt = 0; attempt < 3; attempt++) {
		map.size = room;
		if (boot->memory_map(&map.size, memory, &key, &map.item, &version) != EFI_SUCCESS)
			return refuse(system, "firmware has no memory map", EFI_UNSUPPORTED);
		if (attempt == 0) {
			if (!check_memory(system, &map))
				return EFI_LOAD_ERROR;
			continue; /* printing may have changed it */
		}
		if (boot->exit(image, key) == EFI_SUCCESS)
			boot_start(dtb);
	}
	return refuse(system, "firmware does not let go", EFI_UNSUPPORTED);
}
