/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.c - a layout for people: what lies where in memory, what each protection domain has, and
 * whom it can reach. Everything is read from the document alone, so that it says what will be
 * carried out and not what was meant.
 */
#include "layout/layout.h"
#include "base/mem.h"
#include "layout/row.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PDS 64 /* 63 and one bit to spare */

struct report {
	const json_t *layout;
	struct ms_buf out;
	const char *names[PDS];
	size_t count;
	uint64_t edges[PDS]; /* bit j of edges[i]: i reaches j directly */
};

static const json_t *rows(const struct report *r, const char *key)
{
	return json_object_get(r->layout, key);
}

static const char *size_text(uint64_t bytes)
{
	if (bytes >= 1 << 20 && bytes % (1 << 20) == 0)
		return ms_format("%" PRIu64 " MiB", bytes >> 20);
	if (bytes >= 1 << 10 && bytes % (1 << 10) == 0)
		return ms_format("%" PRIu64 " KiB", bytes >> 10);
	return ms_format("%" PRIu64 " B", bytes);
}

/* Whether a thread, called "GUEST/vcpu-ID", is of the virtual machine that an object belongs to
 * ("vm/GUEST/…"). */
static bool is_guest(const json_t *thread, const char *object)
{
	const char *name = row_text(thread, "pd"), *slash = strchr(name, '/');

	return slash && json_object_get(thread, "vcpu") && ms_starts_with(object, "vm/") &&
	       strncmp(object + 3, name, (size_t)(slash - name) + 1) == 0;
}

/* The number of the PD that an object belongs to ("pd/NAME/…"), or whose guest it is of; PDS: to
 * none. */
static size_t owner(const struct report *r, const char *object)
{
	const json_t *row;
	size_t k;

	json_array_foreach(rows(r, "threads"), k, row)
	{
		uint64_t parent = row_number(row, "parent");

		if (is_guest(row, object) && parent > 0 && parent <= r->count)
			return (size_t)parent - 1;
	}
	for (size_t i = 0; i < r->count; i++) {
		size_t len = strlen(r->names[i]);

		if (ms_starts_with(object, "pd/") && strncmp(object + 3, r->names[i], len) == 0 &&
		    object[3 + len] == '/')
			return i;
	}
	return PDS;
}

/* "notification" of "pd/uart/notification" */
static const char *part(const char *object)
{
	const char *slash = strrchr(object, '/');

	return slash ? slash + 1 : object;
}

/* -- memory -------------------------------------------------------------------------------- */

static void memory(struct report *r)
{
	const json_t *row;
	size_t i;

	ms_buf_puts(&r->out, "Physical memory when the root task starts\n");
	json_array_foreach(rows(r, "ranges"), i, row)
	{
		uint64_t start = row_hex(row, "start"), end = row_hex(row, "end");

		if (strcmp(row_text(row, "kind"), "memory") == 0)
			ms_buf_printf(&r->out, "  0x%010" PRIx64 " 0x%010" PRIx64 " %10s  %s\n",
			              start, end, size_text(end - start), row_text(row, "name"));
	}
	ms_buf_puts(&r->out, "\nUntyped memory that is used\n");
	json_array_foreach(rows(r, "untypeds"), i, row)
	{
		uint64_t start = row_hex(row, "paddr"), size = 1ull << row_number(row, "size_bits");

		ms_buf_printf(&r->out,
		              "  0x%010" PRIx64 " 0x%010" PRIx64 " %10s  untyped/%" PRIu64 "%s\n",
		              start, start + size, size_text(size), row_number(row, "slot"),
		              json_is_true(json_object_get(row, "device")) ? ", device" : "");
	}
}

static void objects(struct report *r)
{
	static const char *const types[] = {
	    "Untyped",  "TCB",    "Endpoint",  "Notification", "CNode",     "SchedContext", "Reply",
	    "HugePage", "VSpace", "SmallPage", "LargePage",    "PageTable", "VCPU"};
	const json_t *row;
	size_t i;

	ms_buf_puts(&r->out, "\nObjects\n");
	for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
		uint64_t count = 0, bytes = 0;

		json_array_foreach(rows(r, "objects"), i, row)
		{
			if (strcmp(row_text(row, "type"), types[t]) != 0)
				continue;
			count += row_number(row, "count");
			bytes += row_number(row, "count") << row_number(row, "size_bits");
		}
		if (count)
			ms_buf_printf(&r->out, "  %-14s %6" PRIu64 "  %10s\n", types[t], count,
			              size_text(bytes));
	}
}

static void schedule(struct report *r)
{
	const json_t *row;
	size_t i;

	if (json_array_size(rows(r, "domain_schedule")) == 0)
		return;
	ms_buf_printf(&r->out, "\nDomain schedule, which begins with entry %" PRIu64 "\n",
	              row_number(rows(r, "boot"), "schedule_start"));
	json_array_foreach(rows(r, "domain_schedule"), i, row)
	{
		ms_buf_printf(&r->out, "  %4" PRIu64 "  ", row_number(row, "index"));
		if (row_hex(row, "duration"))
			ms_buf_printf(&r->out, "domain %" PRIu64 " for %s\n",
			              row_number(row, "domain"),
			              ms_count_text(row_hex(row, "duration"), "tick"));
		else
			ms_buf_puts(&r->out, "end of a round\n");
	}
}

/* -- one protection domain ------------------------------------------------------------------ */

static int by_vaddr(const void *a, const void *b)
{
	const json_t *const *x = a, *const *y = b;
	uint64_t p = row_hex(*x, "vaddr"), q = row_hex(*y, "vaddr");

	return p < q ? -1 : p > q;
}

static void space(struct report *r, const char *prefix)
{
	const json_t *maps = rows(r, "maps"), *row;
	const char *vspace = ms_format("%s/vspace", prefix);
	const json_t **own = ms_alloc(json_array_size(maps) + 1, sizeof(json_t *));
	size_t i, count = 0, skip = strlen(prefix) + 1;

	json_array_foreach(maps, i, row)
	{
		if (strcmp(row_text(row, "vspace"), vspace) == 0)
			own[count++] = row;
	}
	qsort(own, count, sizeof(json_t *), by_vaddr);
	ms_buf_puts(&r->out, "  address space\n");
	for (i = 0; i < count; i++) {
		uint64_t start = row_hex(own[i], "vaddr"),
		         page = 1ull << row_number(own[i], "page_bits");
		uint64_t size = row_number(own[i], "pages") * page;

		ms_buf_printf(
		    &r->out,
		    "    0x%012" PRIx64 " 0x%012" PRIx64 " %10s  %s%s%s %-8s %-18s from %s\n",
		    start, start + size, size_text(size),
		    row_has(own[i], "flags", "read") ? "r" : "-",
		    row_has(own[i], "flags", "write") ? "w" : "-",
		    row_has(own[i], "flags", "execute") ? "x" : "-",
		    row_has(own[i], "flags", "cached") ? "cached" : "uncached",
		    row_text(own[i], "name") + (strlen(row_text(own[i], "name")) > skip ? skip : 0),
		    row_text(own[i], "frames"));
	}
	free(own);
}

/* What one of its CNodes holds; title: printed before the first one. */
static void caps(struct report *r, const char *cnode, const char *title)
{
	static const char *const rights[][2] = {
	    {"read", "r"}, {"write", "w"}, {"grant", "g"}, {"grant-reply", "p"}};
	const json_t *row;
	size_t i;

	json_array_foreach(rows(r, "caps"), i, row)
	{
		if (strcmp(row_text(row, "cnode"), cnode) != 0)
			continue;
		ms_buf_puts(&r->out, title);
		title = "";
		ms_buf_printf(&r->out, "    %4" PRIu64 "  %-32s ", row_number(row, "slot"),
		              row_text(row, "object"));
		for (size_t k = 0; k < 4; k++)
			ms_buf_puts(&r->out,
			            row_has(row, "rights", rights[k][0]) ? rights[k][1] : "-");
		ms_buf_printf(&r->out, "  badge 0x%-16" PRIx64 "  %s\n", row_hex(row, "badge"),
		              row_text(row, "name"));
	}
}

/* -- who reaches whom ---------------------------------------------------------------------- */

static void line(struct report *r, const char *verb, const char *who, const char *what)
{
	ms_buf_printf(&r->out, "    %s %s%s%s%s\n", verb, who, *what ? " (" : "", what,
	              *what ? ")" : "");
}

/* One capability, seen from a PD that holds it or whose object it is for. */
static void reach_cap(struct report *r, size_t from, const json_t *cap, bool print)
{
	const char *object = row_text(cap, "object"), *kind = part(object);
	size_t holder = owner(r, row_text(cap, "cnode")), of = owner(r, object);
	const char *verb;

	if (holder == PDS || of == PDS || holder == of || (holder != from && of != from) ||
	    (strcmp(kind, "endpoint") == 0 && row_number(cap, "slot") == 2))
		return;
	if (holder == from)
		verb = strcmp(kind, "tcb") == 0             ? "controls"
		       : strcmp(kind, "sched-context") == 0 ? "controls the time of"
		       : strcmp(kind, "vspace") == 0        ? "controls the address space of"
		       : strcmp(kind, "notification") == 0  ? "signals"
		                                            : "calls";
	else if (strcmp(kind, "endpoint") == 0)
		verb = "answers";
	else
		return;
	r->edges[from] |= 1ull << (holder == from ? of : holder);
	if (print)
		line(r, verb, r->names[holder == from ? of : holder], row_text(cap, "name"));
}

static void reach_caps(struct report *r, size_t from, bool print)
{
	uint64_t parent = row_number(json_array_get(rows(r, "threads"), from), "parent");
	const json_t *cap;
	size_t i;

	json_array_foreach(rows(r, "caps"), i, cap)
	{
		reach_cap(r, from, cap, print);
	}
	if (parent == 0 || parent > r->count)
		return;
	r->edges[from] |= 1ull << (parent - 1);
	if (print)
		line(r, "sends its faults to", r->names[parent - 1], "");
}

/* Where a map's name says which region it is of; "" where it is of none. */
static const char *region_of(const json_t *map)
{
	const char *at = strstr(row_text(map, "name"), "/region/");

	return at ? at + 8 : "";
}

static void reach_memory(struct report *r, size_t from, bool print)
{
	const json_t *maps = rows(r, "maps"), *row, *other;
	size_t i, k;

	json_array_foreach(maps, i, row)
	{
		uint64_t seen = 0;

		if (!*region_of(row) || owner(r, row_text(row, "vspace")) != from ||
		    !row_has(row, "flags", "write"))
			continue;
		json_array_foreach(maps, k, other)
		{
			size_t to = owner(r, row_text(other, "vspace"));

			if (to == PDS || to == from || (seen >> to & 1) ||
			    strcmp(region_of(other), region_of(row)) != 0)
				continue;
			seen |= 1ull << to;
			r->edges[from] |= 1ull << to;
			if (print)
				line(r, "writes memory of", r->names[to], region_of(row));
		}
	}
}

static void reach(struct report *r, size_t from)
{
	uint64_t all = r->edges[from], before;
	const char *comma = "";

	ms_buf_puts(&r->out, "  reaches\n");
	reach_caps(r, from, true);
	reach_memory(r, from, true);
	do {
		before = all;
		for (size_t i = 0; i < r->count; i++)
			if (all >> i & 1)
				all |= r->edges[i];
	} while (all != before);
	all &= ~(r->edges[from] | 1ull << from);
	if (!r->edges[from])
		ms_buf_puts(&r->out, "    nobody\n");
	if (!all)
		return;
	ms_buf_puts(&r->out, "    through others: ");
	for (size_t i = 0; i < r->count; i++) {
		if (!(all >> i & 1))
			continue;
		ms_buf_printf(&r->out, "%s%s", comma, r->names[i]);
		comma = ", ";
	}
	ms_buf_puts(&r->out, "\n");
}

/* -- the whole ----------------------------------------------------------------------------- */

static void scheduling(struct report *r, const json_t *thread)
{
	ms_buf_printf(&r->out, "%s: priority %" PRIu64 ", core %" PRIu64, row_text(thread, "pd"),
	              row_number(thread, "priority"), row_number(thread, "core"));
	if (row_number(thread, "domain"))
		ms_buf_printf(&r->out, ", domain %" PRIu64, row_number(thread, "domain"));
	if (json_object_get(thread, "sched_context"))
		ms_buf_printf(&r->out, ", budget %" PRIu64 " of %" PRIu64 " us",
		              row_number(thread, "budget_us"), row_number(thread, "period_us"));
}

static void domain(struct report *r, size_t i, const json_t *thread)
{
	ms_buf_puts(&r->out, "\n");
	scheduling(r, thread);
	if (row_has(thread, "flags", "passive"))
		ms_buf_puts(&r->out, ", passive");
	if (row_has(thread, "flags", "no-fpu"))
		ms_buf_puts(&r->out, ", no FPU");
	ms_buf_printf(&r->out, "; entry %s, stack from %s to %s; faults go to %s\n",
	              row_text(thread, "entry"), row_text(thread, "stack_bottom"),
	              row_text(thread, "sp"),
	              row_number(thread, "parent") && row_number(thread, "parent") <= r->count
	                  ? r->names[row_number(thread, "parent") - 1]
	                  : "the monitor");
	space(r, ms_format("pd/%s", r->names[i]));
	caps(r, ms_format("pd/%s/cnode", r->names[i]), "  capabilities\n");
	caps(r, ms_format("pd/%s/cspace", r->names[i]),
	     "  capabilities in the CNode above, by slot / 2^58\n");
	reach(r, i);
}

/* Each virtual machine, by the threads of its CPUs, which stand together. */
static void guests(struct report *r)
{
	const json_t *row, *last = NULL;
	const char *name = "";
	size_t i;

	json_array_foreach(rows(r, "threads"), i, row)
	{
		uint64_t parent = row_number(row, "parent");

		if (!json_object_get(row, "vcpu"))
			continue;
		if (!last || !is_guest(last, ms_format("vm/%s", row_text(row, "pd")))) {
			if (last)
				space(r, ms_format("vm/%s", name));
			name = ms_strndup(row_text(row, "pd"), strcspn(row_text(row, "pd"), "/"));
			ms_buf_printf(&r->out, "\nvirtual machine %s, whose faults go to %s\n",
			              name, parent <= r->count ? r->names[parent - 1] : "?");
		}
		last = row;
		ms_buf_puts(&r->out, "  ");
		scheduling(r, row);
		ms_buf_puts(&r->out, "\n");
	}
	if (last)
		space(r, ms_format("vm/%s", name));
}

char *ms_layout_report(const json_t *layout)
{
	struct report r = {.layout = layout};
	const json_t *row;
	size_t i;

	if (!ms_layout_is_system(layout)) {
		ms_buf_puts(&r.out, "The protection domain is the root task itself: the kernel "
		                    "gives it everything.\n");
		return r.out.data;
	}
	json_array_foreach(rows(&r, "threads"), i, row)
	{
		if (r.count < PDS - 1 && !json_object_get(row, "vcpu"))
			r.names[r.count++] = row_text(row, "pd");
	}
	for (i = 0; i < r.count; i++) {
		reach_caps(&r, i, false);
		reach_memory(&r, i, false);
	}
	memory(&r);
	objects(&r);
	schedule(&r);
	json_array_foreach(rows(&r, "threads"), i, row)
	{
		if (i < r.count)
			domain(&r, i, row);
	}
	guests(&r);
	return r.out.data;
}
