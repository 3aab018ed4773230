/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor_tree.c - a boot loader's device tree beside what the kernel was built for: memory,
 * console, interrupt controller, cores. seL4 has all of these compiled in and never looks at the
 * tree that it is given, so a difference is found by nobody at boot.
 */
#include "drive/doctor.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/json.h"
#include "both/fdt.h"
#include "drive/folder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TREE_MAX   (4u * 1024 * 1024)
#define RANGES_MAX 256
#define NODES_MAX  100000 /* that are looked at: a tree may be hostile */

struct ranges {
	struct ms_kernel_range items[RANGES_MAX];
	size_t count;
};

struct uart {
	char *path; /* NULL: the tree names none */
	uint64_t address;
	const char *compatible;
};

struct controller {
	unsigned version; /* of the GIC; 0: none that is known */
	uint64_t address[2];
	unsigned addresses;
};

struct machine {
	struct ranges memory, reserved;
	struct ranges entries; /* of the block of memory reservations, which is no node */
	struct uart uart;
	struct controller gic;
	unsigned cores;
	const char *method; /* enable-method of the last core; NULL: none */
	unsigned nodes;
};

/* -- reading a tree ---------------------------------------------------------------------- */

static bool has_string(const struct fdt *fdt, uint32_t node, const char *name, const char *value)
{
	struct fdt_property p;

	return fdt_property(fdt, node, name, &p) == FDT_OK && p.len == strlen(value) + 1 &&
	       memcmp(p.value, value, p.len) == 0;
}

/* The first string of a property, or NULL. */
static char *string_of(const struct fdt *fdt, uint32_t node, const char *name)
{
	struct fdt_property p;

	if (fdt_property(fdt, node, name, &p) != FDT_OK || p.len == 0 ||
	    !memchr(p.value, '\0', p.len))
		return NULL;
	return ms_strdup((const char *)p.value);
}

static bool is_disabled(const struct fdt *fdt, uint32_t node)
{
	return has_string(fdt, node, "status", "disabled");
}

/* Those that overflow or are empty name no memory. */
static void add_range(struct ranges *ranges, uint64_t address, uint64_t size)
{
	if (ranges->count == RANGES_MAX || size == 0 || address + size < address)
		return;
	ranges->items[ranges->count++] = (struct ms_kernel_range){address, address + size};
}

static void add_regs(const struct fdt *fdt, uint32_t node, struct ranges *ranges)
{
	uint64_t address, size;

	for (unsigned i = 0; i < RANGES_MAX; i++) {
		if (fdt_reg(fdt, node, i, &address, &size) != FDT_OK)
			return;
		add_range(ranges, address, size);
	}
}

/* The block of memory reservations (Devicetree Specification 0.4, 5.3): pairs of 64-bit numbers,
 * ended by one of zeroes. False where it has no end. */
static bool read_entries(const struct fdt *fdt, struct ranges *ranges)
{
	uint32_t at = fdt_be32(fdt->data + 16);

	for (; at % 8 == 0 && at <= fdt->size && fdt->size - at >= 16; at += 16) {
		const uint8_t *p = fdt->data + at;
		uint64_t address = (uint64_t)fdt_be32(p) << 32 | fdt_be32(p + 4);
		uint64_t size = (uint64_t)fdt_be32(p + 8) << 32 | fdt_be32(p + 12);

		if (address == 0 && size == 0)
			return true;
		add_range(ranges, address, size);
	}
	return false;
}

static void read_controller(const struct fdt *fdt, uint32_t node, struct machine *m)
{
	static const char *const second[] = {"arm,cortex-a15-gic", "arm,gic-400",
	                                     "arm,cortex-a9-gic", "arm,cortex-a7-gic"};
	struct fdt_property p;
	uint64_t size;

	if (m->gic.version || fdt_property(fdt, node, "interrupt-controller", &p) != FDT_OK ||
	    is_disabled(fdt, node))
		return;
	if (fdt_compatible(fdt, node, "arm,gic-v3"))
		m->gic.version = 3;
	for (size_t i = 0; i < sizeof(second) / sizeof(second[0]) && !m->gic.version; i++) {
		if (fdt_compatible(fdt, node, second[i]))
			m->gic.version = 2;
	}
	while (m->gic.version && m->gic.addresses < 2 &&
	       fdt_reg(fdt, node, m->gic.addresses, &m->gic.address[m->gic.addresses], &size) ==
	           FDT_OK)
		m->gic.addresses++;
}

static void read_node(const struct fdt *fdt, uint32_t node, unsigned depth, struct machine *m)
{
	uint32_t child;

	if (m->nodes++ > NODES_MAX || depth > FDT_MAX_DEPTH)
		return;
	if (depth == 1 && has_string(fdt, node, "device_type", "memory") && !is_disabled(fdt, node))
		add_regs(fdt, node, &m->memory);
	read_controller(fdt, node, m);
	for (enum fdt_error error = fdt_child(fdt, node, &child); error == FDT_OK;
	     error = fdt_sibling(fdt, child, &child))
		read_node(fdt, child, depth + 1, m);
}

static void read_children(const struct fdt *fdt, const char *path,
                          void (*each)(const struct fdt *, uint32_t, struct machine *),
                          struct machine *m)
{
	uint32_t node;

	if (fdt_path(fdt, path, strlen(path), &node) != FDT_OK)
		return;
	for (enum fdt_error error = fdt_child(fdt, node, &node); error == FDT_OK;
	     error = fdt_sibling(fdt, node, &node))
		each(fdt, node, m);
}

static void read_reserved(const struct fdt *fdt, uint32_t node, struct machine *m)
{
	if (!is_disabled(fdt, node))
		add_regs(fdt, node, &m->reserved);
}

static void read_core(const struct fdt *fdt, uint32_t node, struct machine *m)
{
	char *method;

	if (!has_string(fdt, node, "device_type", "cpu") || is_disabled(fdt, node))
		return;
	m->cores++;
	method = string_of(fdt, node, "enable-method");
	m->method = method ? method : m->method;
}

static void read_uart(const struct fdt *fdt, struct machine *m)
{
	uint32_t node;
	uint64_t size;

	if (fdt_stdout(fdt, &node) != FDT_OK ||
	    fdt_reg(fdt, node, 0, &m->uart.address, &size) != FDT_OK)
		return;
	m->uart.path = ms_strdup(fdt_node_name(fdt, node));
	m->uart.compatible = string_of(fdt, node, "compatible");
}

static void read_machine(const struct fdt *fdt, struct machine *m)
{
	read_node(fdt, fdt_root(fdt), 0, m);
	read_children(fdt, "/reserved-memory", read_reserved, m);
	read_children(fdt, "/cpus", read_core, m);
	read_uart(fdt, m);
}

/* -- comparing --------------------------------------------------------------------------- */

static char *range_text(uint64_t start, uint64_t end)
{
	return ms_format("0x%" PRIx64 "..0x%" PRIx64, start, end);
}

static void add(struct ms_findings *all, const char *name, enum ms_finding_state state,
                const char *found, const char *why)
{
	ms_findings_add(all, (struct ms_finding){.name = name,
	                                         .state = state,
	                                         .needed = state == MS_FINDING_WRONG,
	                                         .found = found,
	                                         .why = why});
}

/* The first byte from start on that no range holds; end when there is none. */
static uint64_t first_gap(const struct ranges *ranges, uint64_t start, uint64_t end)
{
	bool moved = true;

	while (moved && start < end) {
		moved = false;
		for (size_t i = 0; i < ranges->count; i++) {
			if (ranges->items[i].start <= start && start < ranges->items[i].end) {
				start = ranges->items[i].end;
				moved = true;
			}
		}
	}
	return start < end ? start : end;
}

/* -- what lies where ----------------------------------------------------------------------- */

struct place {
	const char *name;
	struct ms_kernel_range range;
};

struct places {
	struct place items[64];
	size_t count;
};

static void add_place(struct places *places, const char *name, uint64_t start, uint64_t end)
{
	if (places->count < sizeof(places->items) / sizeof(places->items[0]) && start < end)
		places->items[places->count++] = (struct place){name, {start, end}};
}

static uint64_t address_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text ? strtoull(text, NULL, 16) : 0;
}

/* The places of the last image in the build folder, where it is of this kernel. */
static void find_in_image(const char *build, const struct ms_kernel *kernel, struct places *places)
{
	struct ms_list paths = {0};
	const char *sha256, *name;
	json_t *document;
	const json_t *row;
	char *text = NULL;
	size_t len, i;

	ms_stage_documents(build, &paths);
	if (paths.count)
		text = ms_try_read_file(paths.items[paths.count - 1], MS_DOC_MAX, &len);
	document = text ? ms_json_load(text, len, NULL) : NULL;
	sha256 = json_string_value(ms_doc_at(document, "archive.kernel.sha256"));
	if (!sha256 || strcmp(sha256, kernel->image.sha256) != 0)
		return;
	json_array_foreach(ms_doc_at(document, "image.memory_map"), i, row)
	{
		name = json_string_value(json_object_get(row, "name"));
		if (name && strcmp(name, "free") != 0)
			add_place(places, name, address_of(row, "start"), address_of(row, "end"));
	}
}

/* The kernel alone, where there is no image of it. */
static void find_places(const char *build, const struct ms_kernel *kernel, struct places *places)
{
	find_in_image(build, kernel, places);
	if (places->count == 0)
		add_place(places, "kernel", kernel->elf.paddr_start, kernel->elf.paddr_end);
}

/* "; there lies: kernel, loader", or "". */
static const char *who_lies_in(const struct places *places, const struct ms_kernel_range *r)
{
	struct ms_buf out = {0};
	size_t found = 0;

	for (size_t i = 0; i < places->count; i++) {
		const struct place *p = &places->items[i];

		if (r->start < p->range.end && p->range.start < r->end)
			ms_buf_printf(&out, "%s%s", found++ ? ", " : "; there lies: ", p->name);
	}
	return found ? out.data : "";
}

static bool meets_memory(const struct ms_kernel *k, const struct ms_kernel_range *r)
{
	for (size_t i = 0; i < k->memory_count; i++) {
		if (r->start < k->memory[i].end && k->memory[i].start < r->end)
			return true;
	}
	return false;
}

/* What the tree reserves. Of an entry of the block that a node has as well no more is said. The
 * number of those that are wrong. */
static size_t compare_reserved(struct ms_findings *all, const struct ms_kernel *k,
                               const struct machine *m, const struct places *places)
{
	size_t faults = 0;

	for (size_t i = 0; i < m->reserved.count; i++) {
		const struct ms_kernel_range *r = &m->reserved.items[i];

		if (!meets_memory(k, r))
			continue;
		faults++;
		add(all, "reserved", MS_FINDING_WRONG,
		    ms_format("the tree reserves %s, which the kernel takes for RAM%s",
		              range_text(r->start, r->end), who_lies_in(places, r)),
		    "memory of the firmware is handed out to programs: it may stop the "
		    "machine when it is written to");
	}
	for (size_t i = 0; i < m->entries.count; i++) {
		const struct ms_kernel_range *r = &m->entries.items[i];

		if (meets_memory(k, r) && first_gap(&m->reserved, r->start, r->end) != r->end)
			add(all, "reserved", MS_FINDING_NOTE,
			    ms_format("the tree reserves %s (/memreserve/), which the kernel takes "
			              "for RAM%s",
			              range_text(r->start, r->end), who_lies_in(places, r)),
			    "a boot loader may refuse to put anything there, and what it keeps "
			    "there is overwritten: the tree itself, an initial RAM disk, the table "
			    "by which cores are started");
	}
	return faults;
}

static void compare_memory(struct ms_findings *all, const struct ms_kernel *k,
                           const struct machine *m, const struct places *places)
{
	static const char gap[] =
	    "the kernel puts its own objects at the end of what it takes for RAM, and hands out "
	    "the "
	    "rest: it stops with an abort before it can print, or a program does when it first "
	    "touches such a page";
	size_t faults = 0;

	for (size_t i = 0; i < k->memory_count; i++) {
		const struct ms_kernel_range *r = &k->memory[i];
		uint64_t at = first_gap(&m->memory, r->start, r->end);

		if (at == r->end)
			continue;
		faults++;
		add(all, "memory", MS_FINDING_WRONG,
		    ms_format("the kernel takes %s for RAM; the tree has none at 0x%" PRIx64,
		              range_text(r->start, r->end), at),
		    gap);
	}
	faults += compare_reserved(all, k, m, places);
	if (faults == 0)
		add(all, "memory", MS_FINDING_OK, "all that the kernel takes for RAM is RAM", "");
	for (size_t i = 0; i < m->memory.count; i++) {
		const struct ms_kernel_range *r = &m->memory.items[i];
		struct ranges known = {.count = 0};

		for (size_t j = 0; j < k->memory_count && j < RANGES_MAX; j++)
			known.items[known.count++] = k->memory[j];
		if (first_gap(&known, r->start, r->end) != r->end)
			add(all, "memory", MS_FINDING_NOTE,
			    ms_format("the tree has RAM at %s, of which the kernel knows a part "
			              "or nothing",
			              range_text(r->start, r->end)),
			    "the rest is device memory to the kernel: no fault, but wasted");
	}
}

static void compare_uart(struct ms_findings *all, const struct machine *k, const struct machine *m)
{
	static const char why[] = "loader, kernel and programs write to the kernel's: nothing will "
	                          "be seen, or another device is written to";

	if (!k->uart.path) {
		add(all, "uart", MS_FINDING_NOTE,
		    m->uart.path ? ms_format("the tree's console is %s at 0x%" PRIx64, m->uart.path,
		                             m->uart.address)
		                 : "neither tree names a console (/chosen stdout-path)",
		    "this kernel build has no device tree that says which one it uses");
		return;
	}
	if (!m->uart.path)
		add(all, "uart", MS_FINDING_NOTE,
		    "the tree names no console (/chosen stdout-path) to compare", why);
	else if (m->uart.address != k->uart.address)
		add(all, "uart", MS_FINDING_WRONG,
		    ms_format("the kernel's console is %s at 0x%" PRIx64
		              ", the tree's is %s at 0x%" PRIx64,
		              k->uart.path, k->uart.address, m->uart.path, m->uart.address),
		    why);
	else if (k->uart.compatible && m->uart.compatible &&
	         strcmp(k->uart.compatible, m->uart.compatible) != 0)
		add(all, "uart", MS_FINDING_WRONG,
		    ms_format("at 0x%" PRIx64 " the kernel's tree has \"%s\", this one \"%s\"",
		              k->uart.address, k->uart.compatible, m->uart.compatible),
		    why);
	else
		add(all, "uart", MS_FINDING_OK,
		    ms_format("%s at 0x%" PRIx64, m->uart.path, m->uart.address), "");
}

static void compare_controller(struct ms_findings *all, const struct ms_kernel *kernel,
                               const struct machine *k, const struct machine *m)
{
	static const char why[] =
	    "the kernel writes to its own idea of it when it starts: it stops "
	    "before its first line, or no interrupt ever arrives";

	if (!kernel->gic_version) {
		if (m->gic.version)
			add(all, "interrupts", MS_FINDING_WRONG,
			    ms_format("the kernel is built for no GIC, the tree has a GICv%u",
			              m->gic.version),
			    why);
		else
			add(all, "interrupts", MS_FINDING_OK, "no GIC", "");
		return;
	}
	if (!m->gic.version) {
		add(all, "interrupts", MS_FINDING_WRONG,
		    ms_format("the tree has no interrupt controller that is known; the kernel is "
		              "built for a GICv%u",
		              kernel->gic_version),
		    why);
		return;
	}
	if (m->gic.version != kernel->gic_version) {
		add(all, "interrupts", MS_FINDING_WRONG,
		    ms_format("the kernel is built for a GICv%u, the tree has a GICv%u",
		              kernel->gic_version, m->gic.version),
		    why);
		return;
	}
	for (unsigned i = 0; i < k->gic.addresses && i < m->gic.addresses; i++) {
		if (k->gic.address[i] == m->gic.address[i])
			continue;
		add(all, "interrupts", MS_FINDING_WRONG,
		    ms_format("registers %u of the GIC: 0x%" PRIx64 " to the kernel, 0x%" PRIx64
		              " in the tree",
		              i, k->gic.address[i], m->gic.address[i]),
		    why);
		return;
	}
	add(all, "interrupts", MS_FINDING_OK, ms_format("GICv%u", m->gic.version), "");
}

static void compare_cores(struct ms_findings *all, const struct ms_kernel *kernel,
                          const struct machine *m)
{
	if (m->cores < kernel->cores)
		add(all, "cores", MS_FINDING_WRONG,
		    ms_format("the kernel waits for %s, the tree has %u",
		              ms_count_text(kernel->cores, "core"), m->cores),
		    "the first core waits for the others for ever, without a word");
	else if (kernel->cores > 1 && m->method && strcmp(m->method, "psci") != 0 &&
	         strcmp(m->method, "spin-table") != 0)
		add(all, "cores", MS_FINDING_WRONG,
		    ms_format("cores are started by \"%s\" in the tree", m->method),
		    "the loader starts cores by psci and spin-table alone");
	else
		add(all, "cores", MS_FINDING_OK,
		    ms_format("the kernel uses %u of %u", kernel->cores, m->cores), "");
}

void ms_doctor_tree(struct ms_findings *all, const struct ms_kernel *kernel, const char *build,
                    const char *dtb)
{
	struct places *places = ms_alloc(1, sizeof(*places));
	struct machine *own = ms_alloc(1, sizeof(*own)), *other = ms_alloc(1, sizeof(*other));
	struct ms_source source = {dtb, NULL, 0};
	struct ms_place place = {&source, 0, 0, 1};
	enum fdt_error error;
	struct fdt fdt;
	size_t len;
	char *data = ms_read_file(dtb, TREE_MAX, &len);

	error = fdt_open(&fdt, data, len);
	if (error != FDT_OK) {
		ms_report(MS_ERROR, &place, "dtb", "no device tree: %s", fdt_error_text(error));
		ms_exit(MS_EXIT_INPUT);
	}
	read_machine(&fdt, other);
	if (!read_entries(&fdt, &other->entries)) {
		ms_report(MS_ERROR, &place, "dtb",
		          "no device tree: the block of memory reservations has no end");
		ms_exit(MS_EXIT_INPUT);
	}
	find_places(build, kernel, places);
	if (kernel->dtb.path && fdt_open(&fdt, kernel->dtb.data, kernel->dtb.len) == FDT_OK)
		read_machine(&fdt, own);
	compare_memory(all, kernel, other, places);
	compare_uart(all, own, other);
	compare_controller(all, kernel, own, other);
	compare_cores(all, kernel, other);
}
