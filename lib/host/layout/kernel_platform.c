/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel_platform.c - where a kernel build says RAM and devices are: platform_gen.json or
 * .yaml, and the tables compiled into the kernel's ELF, which have the last word.
 */
#include "layout/kernel_parts.h"
#include "base/diag.h"
#include "base/elf_file.h"
#include "base/json.h"
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#define RANGES_MAX    256 /* of a kind */
#define PAGE          4096u
#define ADDRESS_LIMIT (1ull << 48)

struct ranges {
	struct ms_kernel_range *items;
	size_t count, cap;
	bool given;
};

static int fault(const struct ms_place *place, const char *text)
{
	ms_report(MS_ERROR, place, MS_RULE_PLATFORM, "%s", text);
	return -1;
}

/* Adds a range; the list must ascend without overlap. */
static int add(struct ranges *list, const char *what, uint64_t start, uint64_t end,
               const struct ms_place *place)
{
	const struct ms_kernel_range *last = list->count ? &list->items[list->count - 1] : NULL;
	const char *why = NULL;

	if (list->count == RANGES_MAX)
		why = "is one too many";
	else if (start >= end)
		why = "is empty";
	else if (end > ADDRESS_LIMIT)
		why = "ends past 48 bits of address";
	else if (start % PAGE || end % PAGE)
		why = "does not consist of 4 KiB pages";
	else if (last && start < last->end)
		why = "overlaps the range before it, or lies below it";
	if (why)
		return fault(place, ms_format("%s range 0x%" PRIx64 "..0x%" PRIx64 " %s", what,
		                              start, end, why));
	ms_reserve((void **)&list->items, &list->cap, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = (struct ms_kernel_range){start, end};
	return 0;
}

static int json_number(const json_t *object, const char *key, uint64_t *value)
{
	json_t *member = json_object_get(object, key);

	if (!json_is_integer(member) || json_integer_value(member) < 0)
		return -1;
	*value = (uint64_t)json_integer_value(member);
	return 0;
}

static int from_json(const json_t *root, const char *key, struct ranges *list,
                     const struct ms_place *place)
{
	json_t *array = json_object_get(root, key), *item;
	size_t i;

	if (!json_is_array(array))
		return fault(place, ms_format("\"%s\" is missing or no array", key));
	list->given = true;
	json_array_foreach(array, i, item)
	{
		uint64_t start, end;

		if (json_number(item, "start", &start) || json_number(item, "end", &end))
			return fault(place, ms_format("%s[%zu] lacks a number \"start\" or \"end\"",
			                              key, i));
		if (add(list, key, start, end, place))
			return -1;
	}
	return 0;
}

static int read_json(const struct ms_source *source, struct ranges *memory, struct ranges *devices)
{
	struct ms_place place = {source, 0, 0, 1};
	json_error_t error;
	json_t *root = ms_json_load(source->text, source->len, &error);
	int status;

	if (!json_is_object(root)) {
		json_decref(root);
		if (root)
			return fault(&place, "this is not a JSON object");
		place.line = error.line > 0 ? (unsigned)error.line : 0;
		place.col = error.column > 0 ? (unsigned)error.column : 1;
		return fault(&place, error.text);
	}
	status = from_json(root, "memory", memory, &place);
	if (status == 0)
		status = from_json(root, "devices", devices, &place);
	json_decref(root);
	return status;
}

static const char *yaml_number(const char *p, const char *end, uint64_t *value)
{
	unsigned base = 10, digits = 0;

	while (p < end && *p == ' ')
		p++;
	if (end - p > 2 && p[0] == '0' && p[1] == 'x') {
		base = 16;
		p += 2;
	}
	for (*value = 0; p < end && isxdigit((unsigned char)*p); p++, digits++) {
		int c = tolower((unsigned char)*p);
		unsigned digit = isdigit(c) ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);

		if (digit >= base || *value > ADDRESS_LIMIT)
			return NULL;
		*value = *value * base + digit;
	}
	while (p < end && (*p == ' ' || *p == '\r'))
		p++;
	return digits && p == end ? p : NULL;
}

/*
 * The YAML that seL4's hardware generator writes, and no other: a key at the start of a line
 * opens a list; each item is "- KEY: NUMBER" and one more "  KEY: NUMBER".
 */
static int read_yaml(const struct ms_source *source, struct ranges *memory, struct ranges *devices)
{
	const char *p = source->text, *stop = source->text + source->len;
	struct ms_place place = {source, 0, 1, 1};
	struct ranges *list = NULL;
	uint64_t value[2] = {0, 0};
	unsigned have = 0; /* bit 0: start, bit 1: end of the item being read */

	for (place.line = 1; p < stop; place.line++) {
		const char *nl = memchr(p, '\n', (size_t)(stop - p)), *end = nl ? nl : stop;
		unsigned key = 2;

		if (end - p >= 7 && memcmp(p, "memory:", 7) == 0) {
			list = memory;
		} else if (end - p >= 8 && memcmp(p, "devices:", 8) == 0) {
			list = devices;
		} else if (p < end && *p != '#' && *p != '\r') {
			while (p < end && (*p == ' ' || *p == '-'))
				p++;
			if (end - p >= 6 && memcmp(p, "start:", 6) == 0)
				key = 0;
			else if (end - p >= 4 && memcmp(p, "end:", 4) == 0)
				key = 1;
			if (!list || key == 2 || (have & (1u << key)) ||
			    !yaml_number(p + (key ? 4 : 6), end, &value[key]))
				return fault(&place,
				             "expected \"start: NUMBER\" or \"end: "
				             "NUMBER\" in a list \"memory\" or \"devices\"");
			have |= 1u << key;
			if (have == 3) {
				have = 0;
				if (add(list, list == memory ? "memory" : "devices", value[0],
				        value[1], &place))
					return -1;
			}
		}
		if (key == 2 && list)
			list->given = true;
		p = nl ? nl + 1 : stop;
	}
	if (have || !memory->given || !devices->given)
		return fault(&place, "a list \"memory\" or \"devices\" is missing or cut short");
	return 0;
}

const uint8_t *ms_kernel_symbol(const struct ms_kernel *kernel, const char *name, uint64_t *size)
{
	const struct elf64 *elf = &kernel->elf;
	uint64_t address;

	if (elf64_symbol(elf, name, &address, size) != ELF64_OK || *size == 0)
		return NULL;
	for (unsigned i = 0; i < elf->phnum; i++) {
		struct elf64_segment s = elf64_segment(elf, i);

		if (s.type == ELF64_PT_LOAD && address >= s.vaddr &&
		    address - s.vaddr <= s.filesz && *size <= s.filesz - (address - s.vaddr))
			return elf->data + s.offset + (address - s.vaddr);
	}
	return NULL;
}

/* RAM as compiled into the kernel. 0 also where the ELF does not show it. */
static int read_compiled(const struct ms_kernel *kernel, struct ranges *memory,
                         const struct ms_place *place)
{
	uint64_t size;
	const uint8_t *table = ms_kernel_symbol(kernel, "avail_p_regs", &size);

	if (!table || size % 16)
		return 0;
	memory->given = true;
	for (uint64_t at = 0; at < size; at += 16)
		if (add(memory, "compiled-in memory", ms_le(table + at, 8),
		        ms_le(table + at + 8, 8), place))
			return -1;
	return 0;
}

static char *ranges_text(const struct ranges *list)
{
	struct ms_buf buf = {0};

	for (size_t i = 0; i < list->count; i++)
		ms_buf_printf(&buf, "%s0x%" PRIx64 "..0x%" PRIx64, i ? ", " : "",
		              list->items[i].start, list->items[i].end);
	return buf.len ? buf.data : ms_strdup("nothing");
}

static bool same_ranges(const struct ranges *a, const struct ranges *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->items[i].start != b->items[i].start || a->items[i].end != b->items[i].end)
			return false;
	return true;
}

/* The kernel itself must lie in RAM as it knows it: it is the first thing it reserves there. */
static int check_contains(const struct ranges *memory, const struct elf64 *elf,
                          const struct ms_place *place)
{
	for (size_t i = 0; i < memory->count; i++)
		if (memory->items[i].start <= elf->paddr_start &&
		    elf->paddr_end <= memory->items[i].end)
			return 0;
	ms_report(MS_ERROR, place, MS_RULE_PLATFORM,
	          "the kernel occupies 0x%" PRIx64 "..0x%" PRIx64 ", which is not inside one range "
	          "of its RAM (%s)",
	          elf->paddr_start, elf->paddr_end, ranges_text(memory));
	return -1;
}

int ms_kernel_read_platform(struct ms_kernel *kernel)
{
	struct ms_source image = {kernel->image.path, NULL, 0};
	struct ms_source source = {kernel->platform.path, kernel->platform.data,
	                           kernel->platform.len};
	struct ms_place in_image = {&image, 0, 0, 1}, in_platform = {&source, 0, 0, 1};
	struct ranges memory = {0}, devices = {0}, compiled = {0};
	int status = 0;

	if (source.name) {
		status = ms_ends_with(source.name, ".yaml") ? read_yaml(&source, &memory, &devices)
		                                            : read_json(&source, &memory, &devices);
		if (status == 0 && memory.count == 0)
			status = fault(&in_platform, "it names no RAM");
	}
	if (status || read_compiled(kernel, &compiled, &in_image))
		return -1;
	if (source.name && compiled.given && !same_ranges(&memory, &compiled)) {
		ms_report(MS_ERROR, &in_platform, MS_RULE_PLATFORM,
		          "RAM is %s here, but %s in %s: the files are not of one build",
		          ranges_text(&memory), ranges_text(&compiled), kernel->image.path);
		return -1;
	}
	if (!source.name && !compiled.given)
		return fault(&in_image,
		             "no platform_gen.json or platform_gen.yaml in the folder and no "
		             "table avail_p_regs in the ELF: where RAM is cannot be known");
	if (!source.name)
		memory = compiled;
	kernel->memory = memory.items;
	kernel->memory_count = memory.count;
	kernel->devices = devices.items;
	kernel->device_count = devices.count;
	return check_contains(&memory, &kernel->elf, source.name ? &in_platform : &in_image);
}
