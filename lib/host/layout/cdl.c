/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cdl.c - a layout as capDL text, for seL4's capDL tools and the proofs that begin there: the
 * objects, and which capability lies where once the root task has done its work and has become the
 * monitor. Facts on the language: capDL-tool's parser (seL4/capdl).
 *
 * Our names hold letters, digits and _ . - , and a slash between their parts, which capDL keeps for
 * itself; there it is @, which stands in no name. NAME[3] is NAME@3.
 */
#include "base/mem.h"
#include "layout/layout.h"
#include "layout/row.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_BITS  5u /* log2 of a capability's bytes */
#define INDEX_BITS 9u /* log2 of the entries of a page table */
#define SMALL_BITS 12u

/* A capability in a container; lines are sorted by both. */
struct line {
	const char *container;
	uint64_t slot;
	const char *text;
};

struct cdl {
	const json_t *layout;
	struct ms_buf out;
	struct line *lines;
	size_t count, cap;
	unsigned top; /* log2 of what an entry of a VSpace covers */
};

static const json_t *rows(const struct cdl *c, const char *key)
{
	return json_object_get(c->layout, key);
}

/* -- names --------------------------------------------------------------------------------- */

static char *with_at(const char *name, size_t len)
{
	char *copy = ms_strndup(name, len);

	for (char *s = copy; *s; s++)
		if (*s == '/')
			*s = '@';
	return copy;
}

/* The n-th object from the named one on: of a group ("NAME[3]"), or a page of the archive
 * ("MEMBER+0x1000"). */
static char *symbol(const char *name, uint64_t n, unsigned bits)
{
	const char *plus = strchr(name, '+'), *bracket = strrchr(name, '[');

	if (plus)
		return ms_format("archive@%s@0x%" PRIx64, with_at(name, (size_t)(plus - name)),
		                 (uint64_t)strtoull(plus + 1, NULL, 16) + (n << bits));
	if (bracket)
		return ms_format("%s@%" PRIu64, with_at(name, (size_t)(bracket - name)),
		                 (uint64_t)strtoull(bracket + 1, NULL, 10) + n);
	return with_at(name, strlen(name));
}

static char *plain(const char *name)
{
	return symbol(name, 0, 0);
}

/* -- objects ------------------------------------------------------------------------------- */

static const char *frame_size(unsigned bits)
{
	return bits >= 20 ? ms_format("%" PRIu64 "M", UINT64_C(1) << (bits - 20))
	                  : ms_format("%" PRIu64 "k", UINT64_C(1) << (bits - 10));
}

/* Tables by what they cover; a VSpace is the one above all others. */
static const char *table_type(unsigned level)
{
	return level == 48 ? "pgd" : level == 39 ? "pud" : level == 30 ? "pd" : "pt";
}

static unsigned level_of(const struct cdl *c, const char *table)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows(c, "page_tables"), i, row)
	{
		if (strcmp(row_text(row, "table"), table) == 0)
			return (unsigned)row_number(row, "level");
	}
	return 0;
}

static const json_t *thread_of(const struct cdl *c, const char *key, const char *object)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows(c, "threads"), i, row)
	{
		if (strcmp(row_text(row, key), object) == 0)
			return row;
	}
	return NULL;
}

static char *tcb_text(const struct cdl *c, const char *name)
{
	const json_t *t = thread_of(c, "tcb", name);
	struct ms_buf out = {0};

	if (!t)
		return ms_strdup("tcb");
	ms_buf_printf(&out,
	              "tcb (addr: %s, ip: %s, sp: %s, prio: %" PRIu64 ", max_prio: %" PRIu64
	              ", affinity: %" PRIu64,
	              row_text(t, "ipc_vaddr"), row_text(t, "entry"), row_text(t, "sp"),
	              row_number(t, "priority"), row_number(t, "mcp"), row_number(t, "core"));
	if (json_is_integer(json_object_get(t, "fault")) && row_number(t, "fault"))
		ms_buf_printf(&out, ", fault_ep: %" PRIu64, row_number(t, "fault"));
	if (row_number(t, "domain"))
		ms_buf_printf(&out, ", dom: %" PRIu64, row_number(t, "domain"));
	if (row_has(t, "flags", "no-fpu"))
		ms_buf_puts(&out, ", fpu_disabled: True");
	if (!row_has(t, "flags", "resume"))
		ms_buf_puts(&out, ", resume: False");
	ms_buf_puts(&out, ")");
	return out.data;
}

static char *sc_text(const struct cdl *c, const char *name, unsigned bits)
{
	const json_t *t = thread_of(c, "sched_context", name);

	if (!t)
		return ms_format("sc (%u bits)", bits);
	return ms_format("sc (period: %" PRIu64 ", budget: %" PRIu64 ", data: %s, %u bits)",
	                 row_number(t, "period_us"), row_number(t, "budget_us"),
	                 row_text(t, "sc_badge"), bits);
}

static char *object_text(const struct cdl *c, const json_t *row, const char *name, uint64_t paddr)
{
	const char *type = row_text(row, "type");
	unsigned bits = (unsigned)row_number(row, "size_bits");

	if (strcmp(type, "TCB") == 0)
		return tcb_text(c, name);
	if (strcmp(type, "Endpoint") == 0)
		return ms_strdup("ep");
	if (strcmp(type, "Notification") == 0)
		return ms_strdup("notification");
	if (strcmp(type, "CNode") == 0)
		return ms_format("cnode (%u bits)", bits - SLOT_BITS);
	if (strcmp(type, "SchedContext") == 0)
		return sc_text(c, name, bits);
	if (strcmp(type, "Reply") == 0)
		return ms_strdup("rtreply");
	if (strcmp(type, "VSpace") == 0)
		return ms_strdup(table_type(c->top + INDEX_BITS));
	if (strcmp(type, "PageTable") == 0)
		return ms_strdup(table_type(level_of(c, name)));
	if (strcmp(type, "VCPU") == 0)
		return ms_strdup("vcpu");
	return ms_format("frame (%s, paddr: 0x%" PRIx64 ")", frame_size(bits), paddr);
}

/* One row is one object or several, called NAME[i..j]. */
static size_t name_length(const char *name)
{
	const char *bracket = strrchr(name, '[');

	return bracket ? (size_t)(bracket - name) : strlen(name);
}

static char *member_name(const json_t *row, uint64_t i)
{
	const char *name = row_text(row, "name"), *bracket = strrchr(name, '[');

	return bracket ? ms_format("%.*s[%" PRIu64 "]", (int)name_length(name), name,
	                           (uint64_t)strtoull(bracket + 1, NULL, 10) + i)
	               : ms_strdup(name);
}

static bool is_untyped(const json_t *row)
{
	return strcmp(row_text(row, "type"), "Untyped") == 0;
}

/* What is skipped to reach an address has no name of its own. */
static char *object_symbol(const json_t *row, const char *name, uint64_t i)
{
	if (is_untyped(row))
		return ms_format("skipped@%" PRIu64, row_number(row, "slot") + i);
	return plain(name);
}

static void put_objects(struct cdl *c)
{
	const json_t *row;
	size_t k;

	json_array_foreach(rows(c, "objects"), k, row)
	{
		uint64_t size = UINT64_C(1) << row_number(row, "size_bits");

		for (uint64_t i = 0; !is_untyped(row) && i < row_number(row, "count"); i++) {
			const char *name = member_name(row, i);

			ms_buf_printf(&c->out, "%s = %s\n", plain(name),
			              object_text(c, row, name, row_hex(row, "paddr") + i * size));
		}
	}
}

/* An untyped with what is made of it. */
static void put_untyped(struct cdl *c, const char *symbol_of, const char *name, uint64_t bits,
                        uint64_t paddr)
{
	const json_t *row;
	size_t k;

	ms_buf_printf(&c->out, "%s = ut (%" PRIu64 " bits, paddr: 0x%" PRIx64 ") {", symbol_of,
	              bits, paddr);
	json_array_foreach(rows(c, "objects"), k, row)
	{
		for (uint64_t i = 0;
		     strcmp(row_text(row, "untyped"), name) == 0 && i < row_number(row, "count");
		     i++)
			ms_buf_printf(&c->out, " %s", object_symbol(row, member_name(row, i), i));
	}
	ms_buf_puts(&c->out, " }\n");
}

/* What was skipped, of which other objects may be made, then what it was skipped in. */
static void put_untypeds(struct cdl *c)
{
	const json_t *row;
	size_t k;

	json_array_foreach(rows(c, "objects"), k, row)
	{
		uint64_t bits = row_number(row, "size_bits");

		for (uint64_t i = 0; is_untyped(row) && i < row_number(row, "count"); i++) {
			const char *name = member_name(row, i);

			put_untyped(c, object_symbol(row, name, i), name, bits,
			            row_hex(row, "paddr") + (i << bits));
		}
	}
	json_array_foreach(rows(c, "untypeds"), k, row)
	{
		const char *name = ms_format("untyped/%" PRIu64, row_number(row, "slot"));

		put_untyped(c, plain(name), name, row_number(row, "size_bits"),
		            row_hex(row, "paddr"));
	}
}

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static uint64_t start_of(const struct cdl *c, const char *kind, const char *name, size_t len)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows(c, "ranges"), i, row)
	{
		if (strcmp(row_text(row, "kind"), kind) == 0 &&
		    strlen(row_text(row, "name")) == len &&
		    memcmp(row_text(row, "name"), name, len) == 0)
			return row_hex(row, "start");
	}
	return 0;
}

static const char *archive_frame(const struct cdl *c, const char *frames, uint64_t n, unsigned bits)
{
	size_t len = (size_t)(strchr(frames, '+') - frames);
	uint64_t at = strtoull(frames + len + 1, NULL, 16) + (n << bits);
	uint64_t paddr =
	    start_of(c, "memory", "archive", 7) + start_of(c, "member", frames, len) + at;

	return ms_format("%s = frame (%s, paddr: 0x%" PRIx64 ")\n", symbol(frames, n, bits),
	                 frame_size(bits), paddr);
}

/* Pages of the archive that are mapped where they lie, each once. */
static void put_archive(struct cdl *c)
{
	const char **list = NULL;
	size_t count = 0, cap = 0, i;
	const json_t *row;

	json_array_foreach(rows(c, "maps"), i, row)
	{
		for (uint64_t n = 0;
		     strchr(row_text(row, "frames"), '+') && n < row_number(row, "pages"); n++) {
			ms_reserve((void **)&list, &cap, count + 1, sizeof(*list));
			list[count++] = archive_frame(c, row_text(row, "frames"), n,
			                              (unsigned)row_number(row, "page_bits"));
		}
	}
	if (count)
		qsort(list, count, sizeof(*list), by_text);
	for (i = 0; i < count; i++)
		if (i == 0 || strcmp(list[i], list[i - 1]) != 0)
			ms_buf_puts(&c->out, list[i]);
	free(list);
}

static void put_others(struct cdl *c)
{
	const json_t *row;
	bool smc = false;
	size_t i;

	json_array_foreach(rows(c, "irqs"), i, row)
	{
		ms_buf_printf(&c->out, "%s = arm_irq (trigger: %s, target: %" PRIu64 ")\n",
		              plain(row_text(row, "name")), row_text(row, "trigger"),
		              row_number(row, "core"));
	}
	json_array_foreach(rows(c, "caps"), i, row)
	{
		smc |= strcmp(row_text(row, "object"), "root/smc") == 0;
	}
	if (smc)
		ms_buf_puts(&c->out, "root@smc = smc\n");
	ms_buf_printf(&c->out, "root@tcb = tcb\nroot@vspace = %s\n",
	              table_type(c->top + INDEX_BITS));
}

/* -- capabilities -------------------------------------------------------------------------- */

static void add(struct cdl *c, const char *container, uint64_t slot, const char *text)
{
	ms_reserve((void **)&c->lines, &c->cap, c->count + 1, sizeof(*c->lines));
	c->lines[c->count++] = (struct line){container, slot, text};
}

static const char *rights_text(const json_t *cap)
{
	return ms_format("%s%s%s%s", row_has(cap, "rights", "read") ? "R" : "",
	                 row_has(cap, "rights", "write") ? "W" : "",
	                 row_has(cap, "rights", "grant") ? "G" : "",
	                 row_has(cap, "rights", "grant-reply") ? "P" : "");
}

/* The type of an object by its name; "" of what has none here. */
static const char *type_of(const struct cdl *c, const char *object)
{
	const json_t *row;
	size_t i, len = name_length(object);

	json_array_foreach(rows(c, "objects"), i, row)
	{
		const char *name = row_text(row, "name");

		if (name_length(name) == len && memcmp(name, object, len) == 0)
			return row_text(row, "type");
	}
	return "";
}

/* Only those of endpoints and notifications have rights and a badge; a CNode's has its guard. */
static const char *cap_text(const struct cdl *c, const json_t *cap)
{
	const char *object = row_text(cap, "object"), *type = type_of(c, object);

	if (strcmp(type, "CNode") == 0)
		return ms_format("%s (guard: 0, guard_size: %" PRIu64 ")", plain(object),
		                 row_hex(cap, "badge"));
	if (strcmp(type, "Endpoint") != 0 && strcmp(type, "Notification") != 0)
		return plain(object);
	if (row_hex(cap, "badge"))
		return ms_format("%s (%s, badge: %s)", plain(object), rights_text(cap),
		                 row_text(cap, "badge"));
	return ms_format("%s (%s)", plain(object), rights_text(cap));
}

/* A badged copy that the root task hands on itself. */
static const json_t *copy_called(const struct cdl *c, const char *name)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows(c, "caps"), i, row)
	{
		if (!json_object_get(row, "cnode") && strcmp(row_text(row, "name"), name) == 0)
			return row;
	}
	return NULL;
}

static const char *called_text(const struct cdl *c, const char *name)
{
	const json_t *copy = copy_called(c, name);

	return copy ? cap_text(c, copy) : plain(name);
}

/* Slots of a TCB have names; their numbers, for the order, are those of capDL-tool. */
static void add_thread(struct cdl *c, const json_t *t)
{
	const char *tcb = plain(row_text(t, "tcb"));

	add(c, tcb, 0,
	    ms_format("cspace: %s (guard: 0, guard_size: %" PRIu64 ")", plain(row_text(t, "cnode")),
	              row_hex(t, "cspace_data")));
	add(c, tcb, 1, ms_format("vspace: %s", plain(row_text(t, "vspace"))));
	if (*row_text(t, "ipc_frame"))
		add(c, tcb, 4,
		    ms_format("ipc_buffer_slot: %s (RW)", plain(row_text(t, "ipc_frame"))));
	if (*row_text(t, "fault"))
		add(c, tcb, 5,
		    ms_format("fault_ep_slot: %s", called_text(c, row_text(t, "fault"))));
	if (*row_text(t, "sched_context"))
		add(c, tcb, 6, ms_format("sc_slot: %s", plain(row_text(t, "sched_context"))));
	if (*row_text(t, "notification"))
		add(c, tcb, 8,
		    ms_format("bound_notification: %s", plain(row_text(t, "notification"))));
	if (*row_text(t, "vcpu"))
		add(c, tcb, 9, ms_format("bound_vcpu: %s", plain(row_text(t, "vcpu"))));
}

/* The table of an address space that covers an address at that level, or the VSpace itself. */
static const char *table_at(const struct cdl *c, const char *vspace, uint64_t vaddr, unsigned level)
{
	const json_t *row;
	size_t i;

	if (level > c->top)
		return plain(vspace);
	json_array_foreach(rows(c, "page_tables"), i, row)
	{
		if (row_number(row, "level") == level &&
		    strcmp(row_text(row, "vspace"), vspace) == 0 &&
		    row_hex(row, "vaddr") >> level == vaddr >> level)
			return plain(row_text(row, "table"));
	}
	return plain(vspace);
}

/* The slot of an address in the table whose entries cover 2^bits bytes each. */
static uint64_t slot_of(const struct cdl *c, uint64_t vaddr, unsigned bits)
{
	return bits == c->top ? vaddr >> bits : vaddr >> bits & ((1u << INDEX_BITS) - 1);
}

static void add_map(struct cdl *c, const json_t *map)
{
	unsigned bits = (unsigned)row_number(map, "page_bits");
	const char *rights = ms_format("%s%s%s", row_has(map, "flags", "read") ? "R" : "",
	                               row_has(map, "flags", "write") ? "W" : "",
	                               row_has(map, "flags", "execute") ? "X" : "");
	const char *container = NULL;
	uint64_t last = 0;

	for (uint64_t n = 0; n < row_number(map, "pages"); n++) {
		uint64_t vaddr = row_hex(map, "vaddr") + (n << bits);

		if (!container || vaddr >> (bits + INDEX_BITS) != last) {
			container = table_at(c, row_text(map, "vspace"), vaddr, bits + INDEX_BITS);
			last = vaddr >> (bits + INDEX_BITS);
		}
		add(c, container, slot_of(c, vaddr, bits),
		    ms_format("0x%" PRIx64 ": %s (%s%s%s)", slot_of(c, vaddr, bits),
		              symbol(row_text(map, "frames"), n, bits), rights, *rights ? ", " : "",
		              row_has(map, "flags", "cached") ? "cached" : "uncached"));
	}
}

static void add_tables(struct cdl *c)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows(c, "page_tables"), i, row)
	{
		unsigned level = (unsigned)row_number(row, "level");
		uint64_t vaddr = row_hex(row, "vaddr"), slot = slot_of(c, vaddr, level);

		/* The root task's other tables are the kernel's making, and not known here. */
		if (strcmp(row_text(row, "vspace"), "root/vspace") == 0)
			continue;
		add(c, table_at(c, row_text(row, "vspace"), vaddr, level + INDEX_BITS), slot,
		    ms_format("0x%" PRIx64 ": %s", slot, plain(row_text(row, "table"))));
	}
	json_array_foreach(rows(c, "maps"), i, row)
	{
		add_map(c, row);
	}
}

/* What the root task keeps when it has become the monitor. */
static void add_monitor(struct cdl *c)
{
	const char *cnode = row_text(rows(c, "boot"), "monitor_cnode");
	uint64_t bits = row_number(rows(c, "boot"), "monitor_bits");
	const json_t *row;
	size_t i;

	add(c, "root@tcb", 0,
	    ms_format("cspace: %s (guard: 0, guard_size: %" PRIu64 ")", plain(cnode), 64 - bits));
	add(c, "root@tcb", 1, "vspace: root@vspace");
	json_array_foreach(rows(c, "monitor"), i, row)
	{
		const char *object = row_text(row, "object");
		bool endpoint = strcmp(row_text(row, "kind"), "fault-endpoint") == 0;

		add(c, plain(cnode), row_number(row, "slot"),
		    ms_format("%" PRIu64 ": %s%s", row_number(row, "slot"), plain(object),
		              endpoint ? " (R)" : "")); /* lib/board/root/home.c */
	}
}

static void add_caps(struct cdl *c)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows(c, "threads"), i, row)
	{
		add_thread(c, row);
	}
	json_array_foreach(rows(c, "caps"), i, row)
	{
		if (json_object_get(row, "cnode"))
			add(c, plain(row_text(row, "cnode")), row_number(row, "slot"),
			    ms_format("%" PRIu64 ": %s", row_number(row, "slot"),
			              cap_text(c, row)));
	}
	json_array_foreach(rows(c, "irqs"), i, row)
	{
		add(c, plain(row_text(row, "name")), 0,
		    ms_format("0: %s", called_text(c, row_text(row, "notification"))));
	}
	add_monitor(c);
	add_tables(c);
}

static int by_place(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = strcmp(x->container, y->container);

	return order ? order : x->slot < y->slot ? -1 : x->slot > y->slot;
}

static void put_caps(struct cdl *c)
{
	add_caps(c);
	qsort(c->lines, c->count, sizeof(*c->lines), by_place);
	for (size_t i = 0; i < c->count; i++) {
		const struct line *l = &c->lines[i];

		if (i == 0 || strcmp(l->container, l[-1].container) != 0)
			ms_buf_printf(&c->out, "%s {\n", l->container);
		ms_buf_printf(&c->out, "\t%s\n", l->text);
		if (i + 1 == c->count || strcmp(l->container, l[1].container) != 0)
			ms_buf_puts(&c->out, "}\n");
	}
}

/* -- the rest ------------------------------------------------------------------------------ */

static void put_schedule(struct cdl *c)
{
	const json_t *schedule = rows(c, "domain_schedule"), *row;
	uint64_t first = row_number(json_array_get(schedule, 0), "index");
	size_t i;

	if (json_array_size(schedule) == 0)
		return;
	/* Ours counts in the kernel's schedule, capDL's in the part of it that is described. */
	ms_buf_printf(&c->out, "\ndomains {\ndomain_set_start: %" PRIu64 "\nschedule: [",
	              row_number(rows(c, "boot"), "schedule_start") - first);
	json_array_foreach(schedule, i, row)
	{
		ms_buf_printf(&c->out, "%s(%" PRIu64 ", %" PRIu64 ")", i ? ", " : "",
		              row_number(row, "domain"), row_hex(row, "duration"));
	}
	ms_buf_printf(&c->out, "]\nindex_shift: %" PRIu64 "\n}\n", first);
}

char *ms_layout_cdl(const json_t *layout)
{
	struct cdl c = {.layout = layout};
	const json_t *row;
	size_t i;

	/* The highest tables of all: those right below a VSpace. */
	json_array_foreach(rows(&c, "page_tables"), i, row)
	{
		if (row_number(row, "level") > c.top)
			c.top = (unsigned)row_number(row, "level");
	}
	ms_buf_puts(&c.out, "arch aarch64\n\nobjects {\n");
	put_objects(&c);
	put_archive(&c);
	put_others(&c);
	put_untypeds(&c);
	ms_buf_puts(&c.out, "}\n\ncaps {\n");
	put_caps(&c);
	ms_buf_puts(&c.out, "}\n\nirq maps {\n");
	json_array_foreach(rows(&c, "irqs"), i, row)
	{
		ms_buf_printf(&c.out, "%" PRIu64 ": %s\n", row_number(row, "irq"),
		              plain(row_text(row, "name")));
	}
	ms_buf_puts(&c.out, "}\n");
	put_schedule(&c);
	free(c.lines);
	return c.out.data;
}
