/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-system-table.c - the check of a system table: what it takes, what it refuses, and that a
 * table which it takes can be read through without leaving it.
 */
#include "hostile.h"
#include "tap.h"
#include "../model/builder.h"

#define WORK(i) (TABLE_WORK | (uint64_t)(i))

/* A table with one record in every section, each valid. */
static void start(struct builder *b)
{
	uint32_t name;

	builder_start(b);
	name = builder_name(b, "ping");
	b->header.flags = TABLE_MCS;
	b->header.image_frames = 20;
	b->header.image_pages = 30;
	b->header.untyped_slot = 50;
	b->header.empty_slot = 60;
	b->header.sched_control = 19;
	b->header.root_cnode_bits = 12;
	b->header.cores = 2;
	b->header.work_untyped = 55;
	b->header.monitor_cnode = WORK(3);
	b->header.work_bits = 6;
	b->header.monitor_bits = 3;
	b->header.scratch_small = 0x10000000;
	b->header.scratch_large = 0x10200000;
	BUILDER_ADD(b, TABLE_UNTYPEDS, table_untyped, .slot = 55, .paddr = 0x41000000,
	            .size_bits = 20);
	BUILDER_ADD(b, TABLE_RETYPES, table_retype, .untyped = 55, .dest = WORK(0), .type = 1,
	            .count = 64, .name = name);
	BUILDER_ADD(b, TABLE_IRQS, table_irq, .dest = WORK(5), .notification = WORK(6), .irq = 33,
	            .trigger = 1, .core = 1, .name = name);
	BUILDER_ADD(b, TABLE_SPACES, table_space, .vspace = WORK(7), .name = name);
	BUILDER_ADD(b, TABLE_TABLES, table_table, .table = WORK(8), .vspace = TABLE_ROOT_VSPACE,
	            .vaddr = 0x10000000, .level = 21, .name = name);
	BUILDER_ADD(b, TABLE_FILLS, table_fill, .frame = WORK(9), .source = 4096, .at = 16,
	            .size = 4080, .page_bits = 12, .name = name);
	BUILDER_ADD(b, TABLE_PATCHES, table_patch, .frame = 22, .at = 4088, .size = 8,
	            .page_bits = 12, .name = name);
	BUILDER_ADD(b, TABLE_MAPS, table_map, .frames = 20, .copies = WORK(34), .vspace = WORK(7),
	            .vaddr = 0x200000, .count = 30, .page_bits = 12,
	            .flags = TABLE_MAP_READ | TABLE_MAP_COPY, .name = name);
	BUILDER_ADD(b, TABLE_CAPS, table_cap, .cnode = WORK(10), .source = WORK(6), .badge = 1,
	            .index = 15, .depth = 4, .rights = 7, .name = name);
	BUILDER_ADD(b, TABLE_THREADS, table_thread, .tcb = WORK(11), .cnode = WORK(10),
	            .vspace = WORK(7), .ipc_frame = WORK(9), .sc = WORK(12), .budget_us = 1000,
	            .period_us = 1000, .priority = 254, .mcp = 254, .name = name);
	BUILDER_ADD(b, TABLE_SCHEDULE, table_schedule, .index = 2, .domain = 3, .duration = 4);
	BUILDER_ADD(b, TABLE_KEPT, table_kept, .source = WORK(13), .slot = 1);
	BUILDER_ADD(b, TABLE_KEPT, table_kept, .source = WORK(14), .kind = TABLE_KEEP_REPLY,
	            .slot = 2);
}

static enum table_error finish(struct builder *b)
{
	size_t len;
	void *table = builder_finish(b, &len);
	enum table_error error = table_check(table, len);

	free(table);
	return error;
}

/* Reads every record and every name to its end. */
static int read_all(const uint8_t *table, size_t len)
{
	unsigned sum = 0;

	if (table_check(table, len) != TABLE_OK)
		return 0;
	for (unsigned s = 0; s < TABLE_STRINGS; s++) {
		size_t size = table_record_size((enum table_section)s);

		for (uint32_t i = 0; i < table_count(table, (enum table_section)s); i++) {
			const uint8_t *r = table_record(table, (enum table_section)s, i);

			for (size_t k = 0; k < size; k++)
				sum += r[k];
		}
	}
	for (uint32_t i = 0; i < table_count(table, TABLE_CAPS); i++) {
		const struct table_cap *c = table_record(table, TABLE_CAPS, i);

		sum += (unsigned)strlen(table_name(table, c->name));
	}
	return sum != 0;
}

static void test_good(void)
{
	struct builder b;
	size_t len;
	uint8_t *table;

	start(&b);
	table = builder_finish(&b, &len);
	ok(table_check(table, len) == TABLE_OK, "a table with every section");
	is_string(
	    table_name(table, ((const struct table_cap *)table_record(table, TABLE_CAPS, 0))->name),
	    "ping", "a name");
	ok(table_check(table, len - 1) == TABLE_ETRUNCATED, "a byte short");
	ok(hostile_truncations(read_all, table, len) == 0, "no truncation is accepted");
	ok(hostile_changes(read_all, table, len) > 0, "one-byte changes are survived");
	free(table);
}

static void test_header(void)
{
	static const struct {
		size_t at;
		uint64_t value;
		enum table_error want;
		const char *name;
	} cases[] = {
	    {0, 1, TABLE_EMAGIC, "another magic"},
	    {8, TABLE_VERSION + 1, TABLE_EVERSION, "another version"},
	    {offsetof(struct table_header, size), 8, TABLE_ETRUNCATED, "another size"},
	    {offsetof(struct table_header, image_pages), 1000, TABLE_EHEADER, "image past slots"},
	    {offsetof(struct table_header, empty_slot), 4095, TABLE_EHEADER, "no room for two"},
	    {offsetof(struct table_header, root_cnode_bits), 64, TABLE_EHEADER, "huge root CNode"},
	    {offsetof(struct table_header, sched_control), 0, TABLE_EHEADER, "MCS without"},
	    {offsetof(struct table_header, cores), 0, TABLE_EHEADER, "no core"},
	    {offsetof(struct table_header, work_untyped), 60, TABLE_EHEADER, "not an untyped"},
	    {offsetof(struct table_header, monitor_cnode), WORK(64), TABLE_EHEADER, "work slot"},
	    {offsetof(struct table_header, schedule_start), 65536, TABLE_EHEADER, "far start"},
	    {offsetof(struct table_header, scratch_large), 0x1000, TABLE_EHEADER, "odd scratch"},
	    {offsetof(struct table_header, sections), 226, TABLE_ESECTION, "odd section"},
	    {offsetof(struct table_header, sections), 216, TABLE_ESECTION, "section in header"},
	    {offsetof(struct table_header, sections), 1ull << 31, TABLE_ESECTION, "far section"},
	    {offsetof(struct table_header, sections) + 8 * TABLE_STRINGS + 4, 0, TABLE_ESTRING,
	     "no strings"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct builder b;
		size_t len;
		uint8_t *table;
		int sections = cases[i].want == TABLE_ESECTION || cases[i].want == TABLE_ESTRING;

		start(&b);
		table = builder_finish(&b, &len);
		memcpy(table + cases[i].at, &cases[i].value,
		       sections || cases[i].want == TABLE_EVERSION ? 4 : 8);
		ok(table_check(table, len) == cases[i].want, "header: %s", cases[i].name);
		free(table);
	}
}

/* One more record of a section, which must be refused. */
#define REFUSED(what, section, type, ...)                                                          \
	do {                                                                                       \
		struct builder b;                                                                  \
		start(&b);                                                                         \
		BUILDER_ADD(&b, section, type, __VA_ARGS__);                                       \
		ok(finish(&b) == TABLE_ERECORD, "refused: %s", what);                              \
	} while (0)

static void test_records(void)
{
	REFUSED("untyped outside BootInfo's", TABLE_UNTYPEDS, table_untyped, .slot = 49,
	        .size_bits = 12);
	REFUSED("257 objects", TABLE_RETYPES, table_retype, .untyped = 55, .dest = WORK(0),
	        .count = 257);
	REFUSED("no object", TABLE_RETYPES, table_retype, .untyped = 55, .dest = WORK(0));
	REFUSED("objects past the work CNode", TABLE_RETYPES, table_retype, .untyped = 55,
	        .dest = WORK(60), .count = 5);
	REFUSED("objects into the root CNode", TABLE_RETYPES, table_retype, .untyped = 55,
	        .dest = 61, .count = 1);
	REFUSED("interrupt of a core that is not there", TABLE_IRQS, table_irq, .dest = WORK(1),
	        .notification = WORK(2), .core = 2);
	REFUSED("space in no slot", TABLE_SPACES, table_space, .vspace = 0);
	REFUSED("the root task's own slots", TABLE_SPACES, table_space, .vspace = 60);
	REFUSED("page table of no level", TABLE_TABLES, table_table, .table = WORK(1),
	        .vspace = WORK(2), .level = 22);
	REFUSED("fill past its page", TABLE_FILLS, table_fill, .frame = WORK(1), .at = 4000,
	        .size = 97, .page_bits = 12);
	REFUSED("fill of nothing", TABLE_FILLS, table_fill, .frame = WORK(1), .page_bits = 12);
	REFUSED("fill of a 1 GiB page", TABLE_FILLS, table_fill, .frame = WORK(1), .size = 1,
	        .page_bits = 30);
	REFUSED("fill of a large image frame", TABLE_FILLS, table_fill, .frame = 20, .size = 1,
	        .page_bits = 21);
	REFUSED("fill of what is no frame", TABLE_FILLS, table_fill, .frame = 2, .size = 1,
	        .page_bits = 12);
	REFUSED("a device tree that is not looked at", TABLE_FILLS, table_fill, .frame = WORK(1),
	        .size = 1, .page_bits = 12, .source = TABLE_TREE);
	REFUSED("zeroes with a source", TABLE_FILLS, table_fill, .frame = WORK(1), .size = 1,
	        .page_bits = 12, .source = 1, .flags = TABLE_FILL_ZERO);
	REFUSED("patch of nine bytes", TABLE_PATCHES, table_patch, .frame = WORK(1), .size = 9,
	        .page_bits = 12);
	REFUSED("map off its page size", TABLE_MAPS, table_map, .frames = WORK(1),
	        .vspace = WORK(7), .vaddr = 0x1000, .count = 1, .page_bits = 21);
	REFUSED("map past the image", TABLE_MAPS, table_map, .frames = 49, .vspace = WORK(7),
	        .count = 2, .page_bits = 12);
	REFUSED("map past all addresses", TABLE_MAPS, table_map, .frames = WORK(0),
	        .vspace = WORK(7), .vaddr = 0x7ffffffffffff000, .count = 2, .page_bits = 12);
	REFUSED("copies without the flag", TABLE_MAPS, table_map, .frames = WORK(0),
	        .copies = WORK(1), .vspace = WORK(7), .count = 1, .page_bits = 12);
	REFUSED("copies to nowhere", TABLE_MAPS, table_map, .frames = WORK(0), .vspace = WORK(7),
	        .count = 1, .page_bits = 12, .flags = TABLE_MAP_COPY);
	REFUSED("capability past its CNode", TABLE_CAPS, table_cap, .cnode = WORK(1),
	        .source = WORK(2), .index = 16, .depth = 4);
	REFUSED("capability of nothing", TABLE_CAPS, table_cap, .cnode = WORK(1), .depth = 4);
	REFUSED("work capability of another depth", TABLE_CAPS, table_cap, .source = WORK(2),
	        .depth = 4);
	REFUSED("an end marker in a domain", TABLE_SCHEDULE, table_schedule, .domain = 1);
	REFUSED("2^56 ticks", TABLE_SCHEDULE, table_schedule, .duration = 1ull << 56);
	REFUSED("domain 256", TABLE_SCHEDULE, table_schedule, .duration = 1, .domain = 256);
	REFUSED("entry 65536", TABLE_SCHEDULE, table_schedule, .duration = 1, .index = 65536);
	REFUSED("kept in slot 0", TABLE_KEPT, table_kept, .source = WORK(1),
	        .kind = TABLE_KEEP_TCB);
	REFUSED("kept of no thread", TABLE_KEPT, table_kept, .source = WORK(1),
	        .kind = TABLE_KEEP_TCB, .slot = 3, .index = 1);
	REFUSED("two fault endpoints", TABLE_KEPT, table_kept, .source = WORK(1), .slot = 3);
}

static void test_threads(void)
{
#define THREAD                                                                                     \
	.tcb = WORK(1), .cnode = WORK(1), .vspace = WORK(1), .ipc_frame = WORK(1), .sc = WORK(1),  \
	.budget_us = 5, .period_us = 5
	REFUSED("thread without TCB", TABLE_THREADS, table_thread, .cnode = WORK(1));
	REFUSED("priority 256", TABLE_THREADS, table_thread, THREAD, .priority = 256);
	REFUSED("parent that is not there", TABLE_THREADS, table_thread, THREAD, .parent = 3);
	REFUSED("thread in domain 256", TABLE_THREADS, table_thread, THREAD, .domain = 256);
	REFUSED("unknown flag", TABLE_THREADS, table_thread, THREAD, .flags = 8);
#define GUEST .tcb = WORK(1), .cnode = WORK(1), .vspace = WORK(1), .vcpu = WORK(2)
	REFUSED("guest on a kernel that is no hypervisor", TABLE_THREADS, table_thread, GUEST,
	        .parent = 1);
	REFUSED("thread without IPC buffer", TABLE_THREADS, table_thread, .tcb = WORK(1),
	        .cnode = WORK(1), .vspace = WORK(1));
	REFUSED("passive without a notification", TABLE_THREADS, table_thread, THREAD,
	        .flags = TABLE_THREAD_PASSIVE);
	REFUSED("budget over period", TABLE_THREADS, table_thread, .tcb = WORK(1), .cnode = WORK(1),
	        .vspace = WORK(1), .ipc_frame = WORK(1), .sc = WORK(1), .budget_us = 6,
	        .period_us = 5);
	REFUSED("no budget", TABLE_THREADS, table_thread, .tcb = WORK(1), .cnode = WORK(1),
	        .vspace = WORK(1), .ipc_frame = WORK(1), .sc = WORK(1));
}

/* The same on a hypervisor. */
static void test_guests(void)
{
	static const struct {
		struct table_thread thread;
		enum table_error want;
		const char *name;
	} cases[] = {
	    {{GUEST, .parent = 1}, TABLE_OK, "a guest"},
	    {{GUEST}, TABLE_ERECORD, "guest without a parent"},
	    {{GUEST, .parent = 1, .ipc_frame = WORK(3)}, TABLE_ERECORD, "guest with IPC buffer"},
	    {{GUEST, .parent = 1, .ipc_vaddr = 4096}, TABLE_ERECORD, "guest with its address"},
	    {{GUEST, .parent = 1, .flags = TABLE_THREAD_RESUME}, TABLE_ERECORD, "guest started"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct builder b;

		start(&b);
		b.header.flags |= TABLE_HYPERVISOR;
		builder_add(&b, TABLE_THREADS, &cases[i].thread);
		ok(finish(&b) == cases[i].want, "%s", cases[i].name);
	}
}

static void test_names(void)
{
	struct builder b;

	start(&b);
	BUILDER_ADD(&b, TABLE_SPACES, table_space, .vspace = WORK(1), .name = 6);
	ok(finish(&b) == TABLE_ESTRING, "a name just past the strings");
	start(&b);
	builder_grow(&b, TABLE_STRINGS, "x", 1);
	ok(finish(&b) == TABLE_ESTRING, "strings without their NUL");
	for (int e = TABLE_OK; e <= TABLE_ERECORD; e++)
		ok(strcmp(table_error_text((enum table_error)e), "unknown error") != 0,
		   "error %d has a text", e);
}

int main(void)
{
	test_good();
	test_header();
	test_records();
	test_threads();
	test_guests();
	test_names();
	done_testing();
	return 0;
}
