/* SPDX-License-Identifier: BSD-2-Clause */
/* system.c - the system of system.h: its table and its archive. */
#include "system.h"
#include "both/newc.h"
#include <ms/kernel.h>
#include <stdlib.h>
#include <string.h>

#define PAGE          4096u
#define ARCHIVE_PAGES 8
#define OWN           0x10000000ull
#define MEMORY        0x40000000ull
#define MEMORY_END    0x80000000ull
#define IMAGE_PADDR   0x40500000ull
#define IMAGE_SLOT    21
#define SCHED_SLOT    17
#define UART_PADDR    0x9000000ull
#define IMAGE_PAGES   (ARCHIVE_PAGES + SYSTEM_OWN_PAGES)
#define UNTYPED_SLOT  (IMAGE_SLOT + IMAGE_PAGES)

/* The untypeds: a device's page, the one for most objects, the work CNode's. */
enum { UART, BIG, SMALL };

static const char *const names[SYSTEM_PDS] = {"ping", "pong"};

static void header(struct system *s)
{
	struct table_header *h = &s->table.header;

	h->flags = (MS_KERNEL_MCS ? TABLE_MCS : 0) | (MS_KERNEL_SMP ? TABLE_SMP : 0) |
	           (MS_KERNEL_HYPERVISOR ? TABLE_HYPERVISOR : 0);
	h->image_frames = IMAGE_SLOT;
	h->image_pages = IMAGE_PAGES;
	h->untyped_slot = UNTYPED_SLOT;
	h->empty_slot = UNTYPED_SLOT + 3;
	h->sched_control = MS_KERNEL_MCS ? SCHED_SLOT : 0;
	h->root_cnode_bits = MS_KERNEL_ROOT_CNODE_BITS;
	h->cores = MS_KERNEL_CORES;
	h->work_untyped = UNTYPED_SLOT + SMALL;
	h->monitor_cnode = WORK(S_MONITOR_CNODE);
	h->work_bits = SYSTEM_WORK_BITS;
	h->monitor_bits = SYSTEM_MONITOR_BITS;
	h->scratch_small = OWN + 0x600000;
	h->scratch_large = OWN + 0x200000;
}

static void untypeds(struct system *s)
{
	s->untypeds[UART] = (struct model_untyped){UART_PADDR, 12, 1};
	s->untypeds[BIG] = (struct model_untyped){0x41000000, 23, 0};
	s->untypeds[SMALL] = (struct model_untyped){0x44000000, 16, 0};
	for (unsigned i = 0; i < 3; i++)
		BUILDER_ADD(&s->table, TABLE_UNTYPEDS, table_untyped, .slot = UNTYPED_SLOT + i,
		            .paddr = s->untypeds[i].paddr, .size_bits = s->untypeds[i].size_bits,
		            .device = s->untypeds[i].device);
}

/* bits: size of one object. The addresses are those that the kernel's watermark gives. */
static void retype(struct system *s, unsigned untyped, unsigned dest, uint32_t type, unsigned bits,
                   uint32_t size_bits, uint32_t count, const char *name)
{
	uint64_t size = 1ull << bits, at = (s->used[untyped] + size - 1) & ~(size - 1);

	BUILDER_ADD(&s->table, TABLE_RETYPES, table_retype, .untyped = UNTYPED_SLOT + untyped,
	            .dest = WORK(dest), .paddr = s->untypeds[untyped].paddr + at, .type = type,
	            .size_bits = size_bits, .count = count, .name = builder_name(&s->table, name));
	s->used[untyped] = at + count * size;
}

#define RETYPE(s, untyped, dest, kind, count, name)                                                \
	retype(s, untyped, dest, MS_OBJECT_##kind, MS_OBJECT_BITS_##kind, 0, count, name)

static void cnodes(struct system *s, unsigned dest, unsigned radix, uint32_t count,
                   const char *name)
{
	retype(s, BIG, dest, MS_OBJECT_CNODE, radix + MS_OBJECT_BITS_CNODE_SLOT, radix, count,
	       name);
}

static void objects(struct system *s)
{
	s->used[SMALL] = (1u << (SYSTEM_WORK_BITS + MS_OBJECT_BITS_CNODE_SLOT)) + 64;
	RETYPE(s, BIG, S_SHARED, LARGE_PAGE, 1, "shared");
	RETYPE(s, BIG, S_SPACE, VSPACE, SYSTEM_PDS, "spaces");
	RETYPE(s, BIG, S_TABLES, PAGE_TABLE, 3 * SYSTEM_PDS + 1, "tables");
	RETYPE(s, BIG, S_DATA, SMALL_PAGE, 4 * SYSTEM_PDS, "frames");
	cnodes(s, S_CNODE, SYSTEM_CNODE_BITS, SYSTEM_PDS, "cnodes");
	RETYPE(s, BIG, S_TCB, TCB, SYSTEM_PDS, "tcbs");
	cnodes(s, S_MONITOR_CNODE, SYSTEM_MONITOR_BITS, 1, "monitor");
#if MS_KERNEL_MCS
	retype(s, BIG, S_SC, MS_OBJECT_SCHED_CONTEXT, 8, 8, SYSTEM_PDS, "scs");
	RETYPE(s, BIG, S_REPLY, REPLY, SYSTEM_PDS + 1, "replies");
#endif
	RETYPE(s, SMALL, S_NOTIFICATION, NOTIFICATION, SYSTEM_PDS, "notifications");
	RETYPE(s, SMALL, S_ENDPOINT, ENDPOINT, 2, "endpoints");
	RETYPE(s, UART, S_UART, SMALL_PAGE, 1, "uart");
}

static void spaces(struct system *s)
{
	static const uint32_t levels[] = {39, 30, 21};
	uint32_t name;

	for (unsigned pd = 0; pd < SYSTEM_PDS; pd++) {
		name = builder_name(&s->table, names[pd]);
		BUILDER_ADD(&s->table, TABLE_SPACES, table_space, .vspace = WORK(S_SPACE + pd),
		            .name = name);
		for (unsigned i = MS_KERNEL_VSPACE_LEVELS == 3; i < 3; i++)
			BUILDER_ADD(&s->table, TABLE_TABLES, table_table,
			            .table = WORK(S_TABLES + 3 * pd + i),
			            .vspace = WORK(S_SPACE + pd),
			            .vaddr = levels[i] == 21 ? SYSTEM_CODE : 0, .level = levels[i],
			            .name = name);
	}
	BUILDER_ADD(&s->table, TABLE_TABLES, table_table, .table = WORK(S_SCRATCH_TABLE),
	            .vspace = TABLE_ROOT_VSPACE, .vaddr = OWN + 0x600000, .level = 21,
	            .name = builder_name(&s->table, "scratch"));
}

static void map(struct system *s, unsigned pd, uint64_t frames, uint64_t copies, uint64_t vaddr,
                uint32_t count, uint32_t page_bits, uint32_t flags, const char *name)
{
	BUILDER_ADD(&s->table, TABLE_MAPS, table_map, .frames = frames, .copies = copies,
	            .vspace = WORK(S_SPACE + pd), .vaddr = vaddr, .count = count,
	            .page_bits = page_bits, .flags = flags, .name = builder_name(&s->table, name));
}

/* Both domains share the code's pages: the second one gets the very frames, the first copies.
 * The data of each is a fresh frame, the shared region begins with some of the code. */
static void memory(struct system *s)
{
	uint32_t rw = TABLE_MAP_READ | TABLE_MAP_WRITE | TABLE_MAP_CACHED;
	uint32_t rx = TABLE_MAP_READ | TABLE_MAP_EXECUTE | TABLE_MAP_CACHED;
	uint64_t code = IMAGE_SLOT + s->code / PAGE;
	uint32_t name;

	for (unsigned pd = 0; pd < SYSTEM_PDS; pd++) {
		name = builder_name(&s->table, names[pd]);
		BUILDER_ADD(&s->table, TABLE_FILLS, table_fill, .frame = WORK(S_DATA + pd),
		            .source = s->data, .at = 0x20, .size = SYSTEM_DATA_BYTES,
		            .page_bits = 12, .flags = TABLE_FILL_EXECUTE, .name = name);
		BUILDER_ADD(&s->table, TABLE_PATCHES, table_patch, .frame = WORK(S_DATA + pd),
		            .value = 0x1122334455667788, .at = 0x800, .size = 8, .page_bits = 12,
		            .name = name);
		BUILDER_ADD(&s->table, TABLE_PATCHES, table_patch, .frame = WORK(S_DATA + pd),
		            .value = 1 + pd, .at = 0x20, .size = 1, .page_bits = 12, .name = name);
	}
	name = builder_name(&s->table, "shared");
	BUILDER_ADD(&s->table, TABLE_FILLS, table_fill, .frame = WORK(S_SHARED), .source = s->code,
	            .at = PAGE, .size = PAGE, .page_bits = 21, .flags = TABLE_FILL_CLEAN,
	            .name = name);
	BUILDER_ADD(&s->table, TABLE_FILLS, table_fill, .frame = code + 1, .at = 4000, .size = 96,
	            .page_bits = 12, .flags = TABLE_FILL_ZERO, .name = name);
	BUILDER_ADD(&s->table, TABLE_PATCHES, table_patch, .frame = code, .value = 0x4711,
	            .at = 4088, .size = 2, .page_bits = 12, .name = name);
	map(s, 0, code, WORK(S_CODE_COPY), SYSTEM_CODE, 2, 12, rx | TABLE_MAP_COPY, "ping code");
	map(s, 1, code, TABLE_NONE, SYSTEM_CODE, 2, 12, rx, "pong code");
	for (unsigned pd = 0; pd < SYSTEM_PDS; pd++) {
		map(s, pd, WORK(S_DATA + pd), TABLE_NONE, SYSTEM_DATA, 1, 12, rw, "data");
		map(s, pd, WORK(S_IPC + pd), TABLE_NONE, SYSTEM_IPC, 1, 12, rw, "ipc buffer");
		map(s, pd, WORK(S_STACK + 2 * pd), TABLE_NONE, SYSTEM_STACK, 2, 12, rw, "stack");
	}
	map(s, 0, WORK(S_SHARED), TABLE_NONE, SYSTEM_SHARED, 1, 21, rw, "shared");
	map(s, 1, WORK(S_SHARED), WORK(S_SHARED_COPY), SYSTEM_SHARED, 1, 21,
	    TABLE_MAP_READ | TABLE_MAP_COPY, "shared");
	map(s, 1, WORK(S_UART), TABLE_NONE, SYSTEM_IPC + PAGE, 1, 12,
	    TABLE_MAP_READ | TABLE_MAP_WRITE, "uart");
}

static void cap(struct system *s, uint64_t cnode, uint64_t source, uint64_t badge, uint32_t index,
                uint32_t rights, const char *name)
{
	BUILDER_ADD(&s->table, TABLE_CAPS, table_cap, .cnode = cnode, .source = source,
	            .badge = badge, .index = index,
	            .depth = cnode ? SYSTEM_CNODE_BITS : SYSTEM_WORK_BITS, .rights = rights,
	            .name = builder_name(&s->table, name));
}

/* Slots and badges as Microkit has them: ping calls pong on id 3, each notifies the other, an
 * interrupt of pong's has id 5. */
static void caps(struct system *s)
{
	uint64_t ping = WORK(S_CNODE), pong = WORK(S_CNODE + 1);
	uint32_t send = TABLE_WRITE | TABLE_READ | TABLE_GRANT;

	for (uint32_t pd = 0; pd < SYSTEM_PDS; pd++) {
		uint64_t cnode = WORK(S_CNODE + pd);

		cap(s, TABLE_NONE, WORK(S_ENDPOINT + 1), pd + 1, S_FAULT + pd, send, "fault");
		cap(s, cnode, WORK(S_FAULT + pd), 0, 2, send, "fault");
		cap(s, cnode, WORK(S_SPACE + pd), 0, 3, 15, "space");
		if (MS_KERNEL_MCS)
			cap(s, cnode, WORK(S_REPLY + pd), 0, 4, 15, "reply");
	}
	cap(s, ping, WORK(S_NOTIFICATION), 0, 1, TABLE_READ | TABLE_WRITE, "ping");
	cap(s, pong, WORK(S_ENDPOINT), 0, 1, send, "pong");
	cap(s, ping, WORK(S_NOTIFICATION + 1), 1u << 3, 10, TABLE_READ | TABLE_WRITE, "pong");
	cap(s, pong, WORK(S_NOTIFICATION), 1u << 0, 13, TABLE_READ | TABLE_WRITE, "ping");
	cap(s, ping, WORK(S_ENDPOINT), 1ull << 63 | 3, 74, send, "pong");
	cap(s, TABLE_NONE, WORK(S_NOTIFICATION + 1), 1u << 5, S_IRQ_BADGED, TABLE_WRITE, "irq");
	cap(s, pong, WORK(S_IRQ), 0, 138 + 5, 15, "irq");
	if (MS_KERNEL_SMC)
		cap(s, pong, TABLE_ROOT_SMC, 0, 7, 15, "smc");
	BUILDER_ADD(&s->table, TABLE_IRQS, table_irq, .dest = WORK(S_IRQ),
	            .notification = WORK(S_IRQ_BADGED), .irq = SYSTEM_IRQ, .trigger = 1,
	            .core = MS_KERNEL_CORES - 1, .name = builder_name(&s->table, "irq"));
}

static void threads(struct system *s)
{
	for (uint32_t pd = 0; pd < SYSTEM_PDS; pd++)
		BUILDER_ADD(
		    &s->table, TABLE_THREADS, table_thread, .tcb = WORK(S_TCB + pd),
		    .cnode = WORK(S_CNODE + pd), .vspace = WORK(S_SPACE + pd),
		    .cspace_data = 64 - SYSTEM_CNODE_BITS, .ipc_frame = WORK(S_IPC + pd),
		    .ipc_vaddr = SYSTEM_IPC, .fault = MS_KERNEL_MCS ? WORK(S_FAULT + pd) : 2,
		    .notification = WORK(S_NOTIFICATION + pd),
		    .sc = MS_KERNEL_MCS ? WORK(S_SC + pd) : TABLE_NONE, .budget_us = 500 * (pd + 1),
		    .period_us = 1000, .sc_badge = 0x100 + pd, .entry = SYSTEM_CODE + 4 * pd,
		    .sp = SYSTEM_STACK + 2 * PAGE, .stack_bottom = SYSTEM_STACK,
		    .priority = 100 + pd, .mcp = 100 + pd, .core = pd % MS_KERNEL_CORES,
		    .flags = TABLE_THREAD_RESUME | (pd ? TABLE_THREAD_NO_FPU : 0) |
		             (pd && MS_KERNEL_MCS ? TABLE_THREAD_PASSIVE : 0),
		    .name = builder_name(&s->table, names[pd]));
}

static void keep(struct system *s, uint64_t source, uint32_t kind, uint32_t index, uint32_t slot)
{
	BUILDER_ADD(&s->table, TABLE_KEPT, table_kept, .source = source, .kind = kind,
	            .index = index, .slot = slot);
}

static void kept(struct system *s)
{
	keep(s, WORK(S_ENDPOINT + 1), TABLE_KEEP_FAULT_ENDPOINT, 0, 1);
	keep(s, WORK(S_TCB), TABLE_KEEP_TCB, 0, 3);
	keep(s, WORK(S_TCB + 1), TABLE_KEEP_TCB, 1, 4);
	if (MS_KERNEL_MCS) {
		keep(s, WORK(S_REPLY + SYSTEM_PDS), TABLE_KEEP_REPLY, 0, 2);
	}
}

/* A member whose data begins on a page; returns the data's offset. */
static uint64_t member(struct system *s, uint64_t *at, const char *name, uint64_t size)
{
	size_t field = newc_name_field(*at, name, PAGE);
	uint64_t data;

	data = *at + newc_write_header(s->image + *at, name, field, 0644, (uint32_t)size);
	*at = (data + size + NEWC_ALIGN - 1) & ~(uint64_t)(NEWC_ALIGN - 1);
	if (*at > (ARCHIVE_PAGES - 1) * PAGE)
		abort();
	return data;
}

static uint64_t code_members(struct system *s)
{
	uint64_t at = 0;

	s->code = member(s, &at, "ping.elf", 2 * PAGE - 96);
	for (unsigned i = 0; i < 2 * PAGE - 96; i++)
		s->image[s->code + i] = (unsigned char)(i * 7 + i / 256);
	s->data = s->code + 512;
	return at;
}

void system_prepare(struct system *s)
{
	memset(s, 0, sizeof(*s));
	s->image = calloc(IMAGE_PAGES, PAGE);
	if (!s->image)
		abort();
	builder_start(&s->table);
	code_members(s);
	header(s);
	untypeds(s);
	objects(s);
	spaces(s);
	memory(s);
	caps(s);
	threads(s);
	kept(s);
	s->boot = (struct model_boot){.image = s->image,
	                              .image_size = IMAGE_PAGES * PAGE,
	                              .own = ARCHIVE_PAGES * PAGE,
	                              .image_paddr = IMAGE_PADDR,
	                              .image_vaddr = OWN - ARCHIVE_PAGES * PAGE,
	                              .memory_start = MEMORY,
	                              .memory_end = MEMORY_END,
	                              .image_slot = IMAGE_SLOT,
	                              .sched_slot = SCHED_SLOT,
	                              .untyped_slot = UNTYPED_SLOT,
	                              .empty_slot = UNTYPED_SLOT + 3,
	                              .untypeds = s->untypeds,
	                              .untyped_count = 3};
}

void system_boot(struct system *s)
{
	uint64_t at = code_members(s), data;
	size_t len;
	void *table = builder_finish(&s->table, &len);

	data = member(s, &at, TABLE_MEMBER, len);
	memcpy(s->image + data, table, len);
	s->in_image = s->image + data;
	at += newc_write_header(s->image + at, NEWC_TRAILER, sizeof(NEWC_TRAILER), 0, 0);
	free(table);
	model_boot(&s->boot);
}

void system_free(struct system *s)
{
	free(s->image);
	s->image = NULL;
}
