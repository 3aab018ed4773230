/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * preflight.c - what would end in silence. See preflight.h.
 */
#include "drive/preflight.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "both/fdt.h"
#include "layout/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TREE_MAX (4u * 1024 * 1024)
#define MIB      (UINT64_C(1) << 20)

static const char *const names[] = {"silent-system", "machine-level", "machine-memory",
                                    "machine-cores"};
#define NAMES (sizeof(names) / sizeof(names[0]))

const char *ms_preflight_fault(const char *rule)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (strcmp(names[i], rule) == 0)
			return NULL;
	}
	return "is no rule that can be silenced; those are silent-system, machine-level, "
	       "machine-memory and machine-cores";
}

static bool is_silenced(const struct ms_list *silenced, const char *rule)
{
	return silenced && ms_list_has(silenced, rule);
}

/* -- will anything be seen? -------------------------------------------------------------- */

/* The kernel's device tree out of the archive; NULL when there is none, or not there. */
static char *read_tree(const struct ms_built *built, size_t *len)
{
	const char *path = json_string_value(ms_doc_at(built->document, "archive.path"));
	const json_t *entries = ms_doc_at(built->document, "archive.entries");
	const char *archive = path ? ms_behind(path, "build/") : NULL;
	json_t *entry;
	size_t i;

	if (!archive)
		return NULL;
	json_array_foreach(entries, i, entry)
	{
		const char *name = json_string_value(json_object_get(entry, "name"));
		json_int_t size = json_integer_value(json_object_get(entry, "size"));
		json_int_t offset = json_integer_value(json_object_get(entry, "offset"));
		char *data;
		int fd;

		if (!name || strcmp(name, "kernel.dtb") != 0 || size <= 0 || size > TREE_MAX)
			continue;
		fd = open(ms_path_join(built->build, archive), O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return NULL;
		data = ms_alloc((size_t)size, 1);
		*len = (size_t)size;
		if (pread(fd, data, (size_t)size, (off_t)offset) != (ssize_t)size)
			*len = 0;
		close(fd);
		return *len ? data : NULL;
	}
	return NULL;
}

/* Where the console is, by the kernel's tree. */
static bool find_uart(const struct ms_built *built, uint64_t *address)
{
	struct fdt fdt;
	uint64_t size;
	uint32_t node;
	size_t len;
	char *data = read_tree(built, &len);

	return data && fdt_open(&fdt, data, len) == FDT_OK && fdt_stdout(&fdt, &node) == FDT_OK &&
	       fdt_reg(&fdt, node, 0, address, &size) == FDT_OK;
}

static uint64_t number(const json_t *value)
{
	const char *text = json_string_value(value);

	return text ? strtoull(text, NULL, 16) : (uint64_t)json_integer_value(value);
}

static bool is_memory(const json_t *document, uint64_t address)
{
	json_t *range;
	size_t i;

	json_array_foreach(ms_doc_at(document, "archive.kernel.memory"), i, range)
	{
		if (number(json_object_get(range, "start")) <= address &&
		    address < number(json_object_get(range, "end")))
			return true;
	}
	return false;
}

static bool is_mapped(const json_t *document, const char *region)
{
	json_t *pd, *map;
	size_t i, k;

	json_array_foreach(ms_doc_at(document, "spec.protection_domains"), i, pd)
	{
		json_array_foreach(json_object_get(pd, "maps"), k, map)
		{
			const char *name = json_string_value(json_object_get(map, "region"));

			if (name && strcmp(name, region) == 0)
				return true;
		}
	}
	return false;
}

/* What a region's address that is a name of the device tree was found to be; NULL: not there. */
static const json_t *device_of(const json_t *document, const char *region)
{
	json_t *device;
	size_t i;

	json_array_foreach(ms_doc_at(document, "devices"), i, device)
	{
		const char *name = json_string_value(json_object_get(device, "region"));

		if (name && strcmp(name, region) == 0)
			return device;
	}
	return NULL;
}

/* True when a domain maps the registers at that address; without one, any device's. */
static bool somebody_has(const json_t *document, bool known, uint64_t uart)
{
	json_t *region;
	size_t i;

	json_array_foreach(ms_doc_at(document, "spec.memory_regions"), i, region)
	{
		const char *name = json_string_value(json_object_get(region, "name"));
		const json_t *placed = region, *address;
		uint64_t start, size;

		if (name && json_is_object(json_object_get(region, "phys_addr")))
			placed = device_of(document, name);
		address = json_object_get(placed, "phys_addr");
		if (!address || !name || !is_mapped(document, name))
			continue;
		start = number(address);
		size = number(json_object_get(placed, "size_bytes"));
		if (known ? start <= uart && uart - start < size : !is_memory(document, start))
			return true;
	}
	return false;
}

static bool is_system(const json_t *document)
{
	return ms_layout_is_system(json_object_get(document, "layout"));
}

void ms_preflight_look(const struct ms_built *built)
{
	const json_t *kernel = ms_doc_at(built->document, "archive.kernel");
	const char *kind = json_string_value(json_object_get(kernel, "kind"));
	json_t *found = json_array();
	uint64_t uart = 0;
	bool known;

	if (!built->document)
		return;
	/* A root task by itself can map whatever it likes; nobody here knows. */
	if (kind && strcmp(kind, "seL4") == 0 &&
	    json_is_false(json_object_get(kernel, "printing")) && is_system(built->document)) {
		known = find_uart(built, &uart);
		if (!somebody_has(built->document, known, uart))
			ms_doc_append(
			    found,
			    ms_doc_new_string(ms_format(
			        "this kernel cannot print, and no protection domain maps %s: "
			        "nothing that the system does will be seen",
			        known ? ms_format("the serial port's registers at 0x%" PRIx64, uart)
			              : "a device's registers")));
	}
	ms_doc_set(built->document, "preflight", found);
}

void ms_preflight_say(const struct ms_built *built, const struct ms_list *silenced)
{
	json_t *text;
	size_t i;

	json_array_foreach(json_object_get(built->document, "preflight"), i, text)
	{
		if (!json_is_string(text) || is_silenced(silenced, "silent-system"))
			continue;
		ms_report(MS_WARNING, NULL, "silent-system", "%s (--silence silent-system)",
		          json_string_value(text));
	}
}

/* -- the machine ------------------------------------------------------------------------- */

struct machine {
	uint64_t memory; /* bytes; 0: not said */
	uint64_t cores;
	bool el2;
	bool virt; /* QEMU's virt: whether there is an EL2 is a switch */
};

/* "512", "512M", "size=2G,slots=1" as QEMU reads it; 0: nobody knows. */
static uint64_t memory_of(const char *text)
{
	static const char units[] = "bKMGT";
	const char *unit;
	char *end;
	uint64_t value, scale = MIB;

	if (ms_starts_with(text, "size="))
		text += 5;
	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	value = strtoull(text, &end, 10);
	unit =
	    *end && *end != ','
	        ? strchr(units, *end == 'k' || *end == 'm' || *end == 'g' || *end == 't' ? *end - 32
	                                                                                 : *end)
	        : NULL;
	if (unit)
		scale = UINT64_C(1) << (10 * (unit - units));
	if (errno || (*end && *end != ',' && !unit) || value > UINT64_MAX / scale)
		return 0;
	return value * scale;
}

/* What a list of properties says of the one called key; NULL: nothing. */
static const char *property(const char *list, const char *key)
{
	size_t n = strlen(key);

	for (const char *p = list; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, key, n) == 0 && p[n] == '=')
			return p + n + 1;
	}
	return NULL;
}

static void read_machine(const char *text, struct machine *m)
{
	const char *el2 = property(text, "virtualization");
	size_t n = strcspn(text, ",");

	if (!memchr(text, '=', n))
		m->virt = ms_starts_with(text, "virt");
	if (el2)
		m->el2 = ms_starts_with(el2, "on") || ms_starts_with(el2, "true");
}

/* Of several words about one thing QEMU takes the last. */
static struct machine machine_of(const struct ms_list *argv)
{
	struct machine m = {0};

	for (size_t i = 1; i + 1 < argv->count; i++) {
		const char *option = argv->items[i], *value = argv->items[i + 1];

		option += ms_starts_with(option, "--");
		if (strcmp(option, "-machine") == 0 || strcmp(option, "-M") == 0)
			read_machine(value, &m);
		else if (strcmp(option, "-m") == 0)
			m.memory = memory_of(value);
		else if (strcmp(option, "-smp") == 0)
			m.cores = strtoull(
			    property(value, "cpus") ? property(value, "cpus") : value, NULL, 10);
	}
	return m;
}

static unsigned refuse(const struct ms_list *silenced, const char *rule, const char *text)
{
	if (is_silenced(silenced, rule))
		return 0;
	ms_report(MS_ERROR, NULL, rule, "%s (--silence %s tries it)", text, rule);
	return 1;
}

/* How far the kernel's memory reaches from its first byte on. */
static uint64_t memory_built_for(const json_t *record, uint64_t *start)
{
	uint64_t end = 0;
	json_t *range;
	size_t i;

	*start = UINT64_MAX;
	json_array_foreach(json_object_get(record, "memory"), i, range)
	{
		uint64_t from = ms_doc_hex(range, "start"), to = ms_doc_hex(range, "end");

		*start = from < *start ? from : *start;
		end = to > end ? to : end;
	}
	return end;
}

void ms_preflight_machine(const json_t *record, const struct ms_list *argv,
                          const struct ms_list *silenced)
{
	const uint64_t ram = UINT64_C(0x40000000); /* where virt's begins */
	struct machine m = machine_of(argv);
	uint64_t cores = (uint64_t)ms_doc_integer(record, "cores"), start;
	uint64_t end = memory_built_for(record, &start);
	unsigned faults = 0;

	if (m.virt && !m.el2 && ms_doc_boolean(record, "hypervisor"))
		faults += refuse(silenced, "machine-level",
		                 "the kernel runs in EL2, and this machine starts in EL1: it lacks "
		                 "virtualization=on");
	if (m.virt && m.memory && start >= ram && m.memory < end - ram)
		faults += refuse(silenced, "machine-memory",
		                 ms_format("the machine has %" PRIu64
		                           " MiB of memory, the kernel was built for %" PRIu64
		                           " MiB: it puts its own objects at the end of them, and "
		                           "stops before it can say so",
		                           m.memory / MIB, (end - ram + MIB - 1) / MIB));
	if (m.cores && m.cores < cores)
		faults += refuse(silenced, "machine-cores",
		                 ms_format("the machine has %" PRIu64 " core%s, the kernel waits "
		                           "for %" PRIu64 ", without a word",
		                           m.cores, m.cores == 1 ? "" : "s", cores));
	if (faults)
		ms_exit(MS_EXIT_INPUT);
}
