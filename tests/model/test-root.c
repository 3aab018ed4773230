/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-root.c - the root task, run against the model: what a system has afterwards, what the
 * root task keeps, what it prints when anything refuses, and what it does as the monitor.
 */
#include "../unit/tap.h"
#include "parts.h"
#include "system.h"

static struct system sys;

static enum model_end run(void)
{
	system_boot(&sys);
	return model_run();
}

static int printed(const char *text)
{
	int found = strstr(model_console(), text) != NULL;

	if (!found)
		printf("# printed: %s", model_console());
	return found;
}

static const struct object *thread_named(const char *name)
{
	for (const struct object *o = model.objects; o; o = o->next)
		if (o->kind == K_TCB && o->thread->cspace.object &&
		    strcmp(o->thread->name, name) == 0)
			return o;
	return NULL;
}

static const struct cap *cap_of(const char *thread, uint64_t slot)
{
	static const struct cap none;
	struct cap cspace = thread_named(thread)->thread->cspace;
	struct lookup l = look_up(&cspace, slot, 64);

	return l.slot ? l.slot : &none;
}

static const struct page *page_of(const char *thread, uint64_t vaddr)
{
	const struct object *space = thread_named(thread)->thread->vspace.object;

	for (size_t i = 0; i < space->page_count; i++)
		if (space->pages[i].vaddr == vaddr)
			return &space->pages[i];
	return NULL;
}

static void bytes_of(const char *thread, uint64_t vaddr, uint64_t offset, void *to, size_t size)
{
	model_read(page_of(thread, vaddr)->frame->paddr + offset, to, size);
}

/* -- a system that comes up ---------------------------------------------------------------- */

static void test_threads(void)
{
	const struct thread *ping = thread_named("ping")->thread;
	const struct thread *pong = thread_named("pong")->thread;

	ok(ping->runs && pong->runs, "both domains run");
	ok(ping->registers[0] == SYSTEM_CODE && pong->registers[0] == SYSTEM_CODE + 4,
	   "they begin at their entries");
	ok(ping->registers[1] == SYSTEM_STACK + 0x2000, "with their stacks");
	ok(ping->priority == 100 && pong->mcp == 101, "priorities and their ceilings");
	ok(ping->flags == 0 && pong->flags == 1, "one without floating point");
	ok(ping->buffer_address == SYSTEM_IPC &&
	       ping->buffer.object == page_of("ping", SYSTEM_IPC)->frame,
	   "the IPC buffer is the mapped frame");
	ok(ping->notification && ping->notification != pong->notification, "notifications bound");
#if MS_KERNEL_MCS
	ok(ping->sc->budget == 500 && ping->sc->period == 1000 && ping->sc->configured,
	   "budget and period");
	ok(pong->sc->sc_badge == 0x101 && pong->sc->core == 1 % MS_KERNEL_CORES, "badge and core");
	ok(pong->fault.kind == K_ENDPOINT && pong->fault.badge == 2, "fault endpoint handed over");
#else
	ok(ping->fault_cptr == 2 && cap_of("ping", 2)->kind == K_ENDPOINT, "fault endpoint named");
	ok(pong->affinity == 0, "one core");
#endif
}

static void test_caps(void)
{
	const struct object *pong = thread_named("pong");
	unsigned count = 0;

	ok(cap_of("ping", 1)->object == thread_named("ping")->thread->notification,
	   "ping waits on its notification");
	ok(cap_of("pong", 1)->kind == K_ENDPOINT && cap_of("pong", 1)->badge == 0,
	   "pong waits on its endpoint");
	ok(cap_of("ping", 74)->object == cap_of("pong", 1)->object &&
	       cap_of("ping", 74)->badge == (1ull << 63 | 3),
	   "ping calls pong with the callee's id");
	ok(cap_of("ping", 10)->object == pong->thread->notification &&
	       cap_of("ping", 10)->badge == 8 && cap_of("ping", 10)->rights == 3,
	   "ping notifies pong");
	ok(cap_of("ping", 2)->badge == 1 && cap_of("pong", 2)->badge == 2, "faults are badged");
	ok(cap_of("pong", 143)->kind == K_IRQ_HANDLER && cap_of("pong", 143)->badge == SYSTEM_IRQ,
	   "the interrupt's handler");
	ok(cap_of("ping", 256)->kind == K_NULL, "nothing behind the CNode");
	ok(model.irqs[SYSTEM_IRQ].notification.object == pong->thread->notification &&
	       model.irqs[SYSTEM_IRQ].notification.badge == 32 &&
	       model.irqs[SYSTEM_IRQ].trigger == 1 &&
	       model.irqs[SYSTEM_IRQ].core == (MS_KERNEL_SMP ? MS_KERNEL_CORES - 1 : 0),
	   "the interrupt signals pong, on its core");
	ok((cap_of("ping", 4)->kind == K_REPLY) == MS_KERNEL_MCS, "a reply object under MCS");
	for (unsigned i = 0; i < 256; i++)
		count += cap_of("ping", i)->kind != K_NULL;
	ok(count == 5 + MS_KERNEL_MCS, "and ping has no other capability");
}

static void test_memory(void)
{
	unsigned char got[SYSTEM_DATA_BYTES], want[SYSTEM_DATA_BYTES];
	uint64_t word = 0;

	ok(page_of("ping", SYSTEM_CODE)->frame == page_of("pong", SYSTEM_CODE)->frame,
	   "code is the archive's own page, shared");
	ok(page_of("ping", SYSTEM_CODE)->rights == SEL4_READ &&
	       !(page_of("ping", SYSTEM_CODE)->attributes & SEL4_EXECUTE_NEVER),
	   "code is read and executed");
	ok(page_of("ping", SYSTEM_DATA)->attributes == (SEL4_CACHED | SEL4_EXECUTE_NEVER) &&
	       page_of("ping", SYSTEM_DATA)->rights == (SEL4_READ | SEL4_WRITE),
	   "data is written, never executed");
	memcpy(want, sys.image + sys.data, sizeof(want));
	want[0] = 2;
	bytes_of("pong", SYSTEM_DATA, 0x20, got, sizeof(got));
	ok(memcmp(got, want, sizeof(want)) == 0, "data is filled, then patched");
	bytes_of("pong", SYSTEM_DATA, 0x800, &word, 8);
	ok(word == 0x1122334455667788, "eight bytes patched");
	bytes_of("ping", SYSTEM_DATA, 0x20 + SYSTEM_DATA_BYTES, &word, 8);
	ok(word == 0, "the rest of a fresh page is zero");
	bytes_of("ping", SYSTEM_CODE, 4088, &word, 8);
	ok((word & 0xffff) == 0x4711, "a page of the image is patched in place");
	bytes_of("pong", SYSTEM_CODE + 0x1000, 4000, &word, 8);
	ok(word == 0, "the header behind it is gone");
	bytes_of("ping", SYSTEM_SHARED, 0x1000 + 16, &word, 8);
	ok(memcmp(&word, sys.image + sys.code + 16, 8) == 0, "a large page is filled");
	ok(page_of("ping", SYSTEM_SHARED)->bits == 21 &&
	       page_of("pong", SYSTEM_SHARED)->frame == page_of("ping", SYSTEM_SHARED)->frame &&
	       page_of("pong", SYSTEM_SHARED)->rights == SEL4_READ,
	   "and shared with fewer rights");
	ok(page_of("pong", SYSTEM_IPC + 0x1000)->attributes == SEL4_EXECUTE_NEVER,
	   "device memory is not cached");
	ok(thread_named("ping")->thread->vspace.object->page_count == 2 + 1 + 1 + 2 + 1,
	   "nothing else is mapped");
}

/* What the root task has afterwards. */
static void test_monitor(void)
{
	struct cap *cspace = &model.root_tcb->thread->cspace;
	const struct object *space = model.root_tcb->thread->vspace.object;
	unsigned count = 0, scratch = 0, image = 0;

	ok(cspace->object->radix == SYSTEM_MONITOR_BITS, "the monitor lives in its own CNode");
	for (unsigned i = 0; i < 1u << SYSTEM_MONITOR_BITS; i++)
		count += cspace->object->slots[i].kind != K_NULL;
	ok(count == (MS_KERNEL_MCS ? 4 : 3), "with what is listed and no more");
	ok(look_up(cspace, 1, 64).slot->kind == K_ENDPOINT &&
	       look_up(cspace, 1, 64).slot->rights == SEL4_READ,
	   "it can only receive from the fault endpoint");
	ok(!look_up(cspace, TABLE_WORK, 64).slot, "the work CNode is out of reach");
	for (size_t i = 0; i < space->page_count; i++) {
		scratch += space->pages[i].vaddr >= 0x10200000;
		image += space->pages[i].vaddr < 0x10000000;
	}
	ok(scratch == 0, "nothing is left at the scratch addresses");
	ok(image == 8 - 2, "pages that were given away are not mapped here any more");
}

static void test_good(void)
{
	char *json = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&json, &size);

	system_prepare(&sys);
	ok(run() == MODEL_WAITS, "the system comes up");
	is_string(model_console(), "root task: starting 2 protection domains\n",
	          "one line is said");
	test_threads();
	test_caps();
	test_memory();
	test_monitor();
	ok(model_calls_of(MS_LABEL_UNTYPED_RETYPE) == (MS_KERNEL_MCS ? 12 : 10) + 2,
	   "one call for objects of one kind");
	ok(model_calls_of(MS_LABEL_ARM_PAGE_UNMAP) == 3 + 2, "one scratch mapping for a frame");
	ok(model_calls_of(MS_LABEL_ARM_PAGE_UNIFY_INSTRUCTION) == 2, "caches for what is executed");
	ok(model_calls_of(MS_LABEL_ARM_PAGE_CLEAN_INVALIDATE_DATA) == 1,
	   "and for what is seen past them");
	ok(model_verify(stdout, sys.in_image, sys.image) == 0, "all is as the table says");
	model_dump(f);
	fclose(f);
	ok(strstr(json, "\"name\":\"pong\"") != NULL, "the model can be dumped");
	free(json);
	system_free(&sys);
}

/* What differs from the table is noticed. */
static void test_verify(void)
{
	struct object *cnode, *space, *shared;
	struct page *page;
	struct thread *pong;

	system_prepare(&sys);
	run();
	cnode = thread_named("ping")->thread->cspace.object;
	space = thread_named("ping")->thread->vspace.object;
	page = &space->pages[0];
	pong = thread_named("pong")->thread;
	shared = page_of("pong", SYSTEM_SHARED)->frame;
#define NOTICED(text, change, undo)                                                                \
	do {                                                                                       \
		FILE *f = open_memstream(&sink, &sink_size);                                       \
		change;                                                                            \
		ok(model_verify(f, sys.in_image, sys.image) == 1, "noticed: %s", text);            \
		undo;                                                                              \
		fclose(f);                                                                         \
		free(sink);                                                                        \
	} while (0)
	char *sink = NULL;
	size_t sink_size;
	NOTICED("one capability more", cnode->slots[200] = cnode->slots[1],
	        cnode->slots[200].kind = K_NULL);
	NOTICED("another badge", cnode->slots[10].badge = 2, cnode->slots[10].badge = 8);
	NOTICED("a right too many", cnode->slots[10].rights |= 4, cnode->slots[10].rights = 3);
	NOTICED("bytes that are only in a cache", shared->dirty = 1, shared->dirty = 0);
	NOTICED("a page elsewhere", page->rights ^= 1, page->rights ^= 1);
	NOTICED("another priority", pong->priority++, pong->priority--);
	NOTICED("an interrupt more", model.irqs[99].active = 1, model.irqs[99].active = 0);
	NOTICED("a capability of the monitor",
	        model.root_tcb->thread->cspace.object->slots[15] = cnode->slots[1],
	        model.root_tcb->thread->cspace.object->slots[15].kind = K_NULL);
	ok(model_verify(stdout, sys.in_image, sys.image) == 0, "and nothing else is");
	memory_write(page_of("pong", SYSTEM_STACK)->frame->paddr, "x", 1);
	NOTICED("a byte", (void)0, (void)0);
	system_free(&sys);
}

/* -- every call may fail ------------------------------------------------------------------- */

static const char *const words[] = {
    "",
    "InvalidArgument (1: argument 7)",
    "InvalidCapability (2: capability 7)",
    "IllegalOperation (3)",
    "RangeError (4: from 7 to ",
    "AlignmentError (5)",
    "FailedLookup (6: source, ",
    "TruncatedMessage (7)",
    "DeleteFirst (8)",
    "RevokeFirst (9)",
    "NotEnoughMemory (10: 7 bytes left)",
};

static void test_failures(void)
{
	unsigned long calls, silent = 0, unnamed = 0, early = 0;

	system_prepare(&sys);
	run();
	calls = model_calls();
	system_free(&sys);
	ok(calls > 70, "%lu calls", calls);
	for (unsigned long n = 0; n < calls; n++) {
		unsigned error = 1 + (unsigned)(n % 10);
		char text[80];

		system_prepare(&sys);
		system_boot(&sys);
		model_fail_at((long)n, error);
		silent += model_run() != MODEL_STOPPED;
		snprintf(text, sizeof(text), " failed: seL4 error %s", words[error]);
		unnamed += !printed(text) || strncmp(model_console(), "root task: ", 11) != 0 ||
		           strstr(model_console(), ": : ");
		for (const struct object *o = model.objects; o; o = o->next)
			early += o->kind == K_TCB && o != model.root_tcb && o->thread->runs &&
			         !model_calls_of(MS_LABEL_TCB_WRITE_REGISTERS);
		system_free(&sys);
	}
	ok(silent == 0, "each failing call stops the root task");
	ok(unnamed == 0, "each is named with object, operation and error");
	ok(early == 0, "nothing runs before all is made");
}

/* -- tables that do not fit ---------------------------------------------------------------- */

/* Runs sys as it is now: it must stop and print this. */
static void stops(const char *text, const char *name)
{
	ok(run() == MODEL_STOPPED && printed(text), "%s", name);
	system_free(&sys);
}

/* ping's stack gets the device tree, behind its header: a page and a piece of one. */
static void prepare_tree(unsigned char *tree, size_t size)
{
	const uint64_t chunk = size + 16;
	uint32_t name;

	for (size_t i = 0; i < size; i++)
		tree[i] = (unsigned char)(i * 5 + i / 256);
	system_prepare(&sys);
	name = builder_name(&sys.table, "tree");
	sys.boot.tree = tree;
	sys.boot.tree_size = size;
	sys.table.header.tree_size = chunk;
	BUILDER_ADD(&sys.table, TABLE_FILLS, table_fill, .frame = WORK(S_STACK),
	            .source = TABLE_TREE, .size = 4096, .page_bits = 12, .name = name);
	BUILDER_ADD(&sys.table, TABLE_FILLS, table_fill, .frame = WORK(S_STACK + 1),
	            .source = TABLE_TREE | 4096, .size = (uint32_t)(chunk - 4096), .page_bits = 12,
	            .name = name);
}

static void test_tree(void)
{
	static unsigned char tree[5000];
	uint64_t found[3];

	prepare_tree(tree, sizeof(tree));
	system_boot(&sys);
	ok(model_run() == MODEL_WAITS, "a device tree is handed on");
	bytes_of("ping", SYSTEM_STACK, 0, found, sizeof(found));
	ok(found[0] == SEL4_EXTRA_FDT && found[1] == sizeof(tree) + 16 &&
	       memcmp(&found[2], tree, 8) == 0,
	   "it begins with its header");
	bytes_of("ping", SYSTEM_STACK + 0x1000, sizeof(tree) + 16 - 4096 - 8, found, 16);
	ok(memcmp(&found[0], tree + sizeof(tree) - 8, 8) == 0 && found[1] == 0,
	   "it ends in the next page, and zeroes follow");
	ok(model_verify(stdout, sys.in_image, sys.image) == 0, "all as listed");
	system_free(&sys);
	prepare_tree(tree, sizeof(tree));
	sys.boot.tree = NULL;
	stops("root task: BootInfo: the kernel hands on no device tree", "no device tree");
	prepare_tree(tree, sizeof(tree));
	sys.boot.tree_size -= 8;
	stops("bytes of the device tree in BootInfo: 0x1390, not 0x1398 as foreseen",
	      "a shorter device tree");
}

#define STOPS_WITH(text, name, change)                                                             \
	do {                                                                                       \
		system_prepare(&sys);                                                              \
		change;                                                                            \
		stops(text, name);                                                                 \
	} while (0)

static void test_boot(void)
{
	STOPS_WITH("made for another boot: first empty slot", "another first empty slot",
	           sys.boot.empty_slot++);
	STOPS_WITH("address of an untyped: 0x43000000, not 0x44000000 as foreseen",
	           "an untyped elsewhere", sys.untypeds[2].paddr -= 0x1000000);
	STOPS_WITH("size of an untyped", "an untyped of another size", sys.untypeds[1].size_bits--);
	STOPS_WITH("an untyped for devices", "device memory", sys.untypeds[2].device = 1);
	STOPS_WITH("fewer untypeds", "fewer untypeds", sys.boot.untyped_count--);
	STOPS_WITH("slot of the user image", "another image slot", sys.boot.image_slot--);
	STOPS_WITH("pages of the user image", "another image size", sys.table.header.image_pages--);
	STOPS_WITH("slot of the untypeds", "other untyped slots", sys.boot.untyped_slot--);
	STOPS_WITH("kind of kernel", "another kernel", sys.table.header.flags ^= TABLE_HYPERVISOR);
	STOPS_WITH("cores", "another number of cores", sys.table.header.cores += 2);
	STOPS_WITH("size of the root CNode", "another root CNode",
	           sys.table.header.root_cnode_bits++);
	STOPS_WITH("page of the archive", "an archive elsewhere", sys.table.header.archive_page++);
	STOPS_WITH("system.table: an impossible value in its header", "a broken header",
	           sys.table.header.work_bits = 0);
	STOPS_WITH("system.table: a record with an impossible value", "a broken record",
	           BUILDER_ADD(&sys.table, TABLE_SPACES, table_space, .vspace = WORK(99)));
	system_prepare(&sys);
	system_boot(&sys);
	memset((void *)(uintptr_t)sys.boot.image_vaddr, 0, 4);
	ok(model_run() == MODEL_STOPPED && printed("root task: archive: system.table: "),
	   "no archive");
	system_free(&sys);
}

/* What seL4 itself refuses, and how that reads. */
static void test_refused(void)
{
	uint32_t name;

#define REFUSED(text, what, section, type, ...)                                                    \
	do {                                                                                       \
		system_prepare(&sys);                                                              \
		name = builder_name(&sys.table, "extra");                                          \
		BUILDER_ADD(&sys.table, section, type, __VA_ARGS__, .name = name);                 \
		stops("root task: extra: " text, what);                                            \
	} while (0)
	const uint64_t big = 21 + 12 + 1, device = 21 + 12;

	REFUSED("Untyped_Retype into slot 0x800000000000003f failed: seL4 error NotEnoughMemory",
	        "no room", TABLE_RETYPES, table_retype, .untyped = big, .dest = WORK(63),
	        .type = MS_OBJECT_HUGE_PAGE, .count = 1);
	REFUSED("Untyped_Retype into slot 0x8000000000000001 failed: seL4 error DeleteFirst (8)",
	        "a slot that is taken", TABLE_RETYPES, table_retype, .untyped = big,
	        .dest = WORK(1), .type = MS_OBJECT_ENDPOINT, .count = 1);
	REFUSED(
	    "Untyped_Retype into slot 0x800000000000003f failed: seL4 error InvalidArgument (1: "
	    "argument 0)",
	    "no such type", TABLE_RETYPES, table_retype, .untyped = big, .dest = WORK(63),
	    .type = 99, .count = 1);
	REFUSED("Untyped_Retype into slot 0x800000000000003f failed: seL4 error NotEnoughMemory",
	        "device memory that is used up", TABLE_RETYPES, table_retype, .untyped = device,
	        .dest = WORK(63), .type = MS_OBJECT_ENDPOINT, .count = 1);
	REFUSED("IRQControl_Get of interrupt 0x28 failed: seL4 error RevokeFirst (9)",
	        "an interrupt twice", TABLE_IRQS, table_irq, .dest = WORK(63),
	        .notification = WORK(S_IRQ_BADGED), .irq = SYSTEM_IRQ);
	REFUSED("IRQControl_Get of interrupt 0x3e8 failed: seL4 error RangeError (4: from 0 "
	        "to 159)",
	        "an interrupt that is not there", TABLE_IRQS, table_irq, .dest = WORK(63),
	        .notification = WORK(S_IRQ_BADGED), .irq = 1000);
	REFUSED("ARM_ASIDPool_Assign to slot 0x8000000000000001 failed: seL4 error "
	        "InvalidCapability (2: capability 1)",
	        "an ASID twice", TABLE_SPACES, table_space, .vspace = WORK(S_SPACE));
	REFUSED("ARM_PageTable_Map at 0x200000 failed: seL4 error InvalidCapability",
	        "a page table twice", TABLE_TABLES, table_table, .table = WORK(S_TABLES + 2),
	        .vspace = WORK(S_SPACE), .vaddr = SYSTEM_CODE, .level = 21);
	REFUSED(
	    "ARM_Page_Map at 0x40000000 failed: seL4 error FailedLookup (6: destination, missing "
	    "capability, 30 bits left)",
	    "a page without tables", TABLE_MAPS, table_map, .frames = WORK(S_STACK),
	    .copies = WORK(63), .vspace = WORK(S_SPACE), .vaddr = 0x40000000, .count = 1,
	    .page_bits = 12, .flags = TABLE_MAP_COPY);
	REFUSED("ARM_Page_Map at 0x320000 failed: seL4 error InvalidArgument",
	        "a frame mapped twice", TABLE_MAPS, table_map, .frames = WORK(S_STACK),
	        .vspace = WORK(S_SPACE), .vaddr = 0x320000, .count = 1, .page_bits = 12);
	REFUSED("CNode_Mint into slot 0x14 failed: seL4 error IllegalOperation (3)", "badged twice",
	        TABLE_CAPS, table_cap, .cnode = WORK(S_CNODE), .source = WORK(S_FAULT), .badge = 9,
	        .index = 20, .depth = SYSTEM_CNODE_BITS, .rights = 1);
	REFUSED("CNode_Copy into slot 0x14 failed: seL4 error FailedLookup (6: source, missing "
	        "capability, 6 bits left)",
	        "a copy of nothing", TABLE_CAPS, table_cap, .cnode = WORK(S_CNODE),
	        .source = WORK(63), .index = 20, .depth = SYSTEM_CNODE_BITS);
	REFUSED("is filled from outside the archive", "bytes past the archive", TABLE_FILLS,
	        table_fill, .frame = WORK(S_STACK), .source = 8 * 4096 - 1, .size = 2,
	        .page_bits = 12);
	REFUSED("a page that the root task itself needs", "the root task's own page", TABLE_PATCHES,
	        table_patch, .frame = 21 + 8, .size = 1, .page_bits = 12);
	REFUSED("a page that the root task itself needs", "the table's page", TABLE_MAPS, table_map,
	        .frames = 21 + 4, .vspace = WORK(S_SPACE), .vaddr = 0x320000, .count = 1,
	        .page_bits = 12);
	STOPS_WITH("root task: work CNode: Untyped_Retype of untyped 0x21 failed: seL4 error "
	           "InvalidArgument (1: argument 1)",
	           "a work CNode in device memory", sys.table.header.work_untyped = device);
}

/* -- the monitor --------------------------------------------------------------------------- */

static void test_monitor_faults(void)
{
	const uint64_t write[] = {SYSTEM_CODE + 16, 0x10, 0, 0x92000046};
	const uint64_t overflow[] = {SYSTEM_CODE + 20, SYSTEM_STACK - 8, 0, 0x92000047};
	const uint64_t fetch[] = {0x77, 0x77, 1, 0x8200000f};
	const uint64_t bus[] = {SYSTEM_CODE, 0x9000000, 0, 0x92000390};
	const uint64_t cap[] = {SYSTEM_CODE, 99, 0, SEL4_LOOKUP_MISSING_CAP, 55};
	const uint64_t guard[] = {SYSTEM_CODE, 99, 1, SEL4_LOOKUP_GUARD_MISMATCH, 64, 0, 60};
	const uint64_t call[13] = {[8] = SYSTEM_CODE + 8, [12] = UINT64_MAX};
	const uint64_t undefined[] = {SYSTEM_CODE, 0, 0, 0x2000000, 0};
	const uint64_t sanitizer[] = {SYSTEM_CODE, 0, 0, 0xf2005512, 0};

	system_prepare(&sys);
	system_boot(&sys);
	model_message(1, MS_FAULT_VM, 4, write);
	model_message(2, MS_FAULT_VM, 4, overflow);
	model_message(1, MS_FAULT_VM, 4, fetch);
	model_message(1, MS_FAULT_VM, 4, bus);
	model_message(1, MS_FAULT_CAP, 5, cap);
	model_message(1, MS_FAULT_CAP, 7, guard);
	model_message(1, MS_FAULT_UNKNOWN_SYSCALL, 13, call);
	model_message(1, MS_FAULT_USER_EXCEPTION, 5, undefined);
	model_message(1, MS_FAULT_USER_EXCEPTION, 5, sanitizer);
	model_message(1, 77, 0, NULL);
	model_message(3, MS_FAULT_VM, 4, write);
	model_message(0, MS_FAULT_VM, 4, write);
	ok(model_run() == MODEL_WAITS, "the monitor goes on after faults");
	ok(printed("monitor: ping: memory fault: cannot write 0x10 (not mapped at level 2, ESR "
	           "0x92000046) at pc 0x200010; the domain is stopped\n"),
	   "a memory fault");
	ok(printed("monitor: pong: stack overflow: cannot write 0x30fff8 "), "a stack overflow");
	ok(printed("cannot execute 0x77 (not permitted at level 3, "), "an execution fault");
	ok(printed("ping: capability fault: nothing at CPtr 0x63 to invoke (empty slot, 55 bits "
	           "left) at pc 0x200000"),
	   "a capability fault");
	ok(printed("to receive from (above the CNode: 64 bits left, guard 0x0 of 60) at pc "),
	   "another one");
	ok(printed("cannot read 0x9000000 (the bus refused it, in the walk of its page tables, by "
	           "cache maintenance, external abort, ESR 0x92000390)"),
	   "what else an abort can say");
	ok(printed("ping: unknown system call 18446744073709551615 at pc 0x200008"),
	   "an unknown system call, from words of the IPC buffer");
	ok(printed("ping: undefined instruction (ESR 0x2000000) at pc 0x200000"), "an exception");
	ok(printed("ping: breakpoint instruction 0x5512 (ESR 0xf2005512), undefined behaviour: "
	           "index is out of bounds at pc 0x200000"),
	   "a sanitizer's check");
	ok(printed("ping: message 77 of 0 words"), "another message");
	ok(printed("\n  pc 0x200000 sp 0x312000 spsr 0x0\n  x0 0x0 x1 0x0 x2 0x0 x3 0x0\n"),
	   "registers");
	ok(printed("from an unknown sender, badge 0x3\n") &&
	       printed("from an unknown sender, badge 0x0\n"),
	   "unknown senders");
	ok(!thread_named("ping")->thread->runs && !thread_named("pong")->thread->runs,
	   "who faulted is stopped");
	system_free(&sys);
}

#if MS_KERNEL_DOMAINS > 1
static void test_domains(void)
{
	struct table_thread *pong;
	char *sink = NULL;
	size_t sink_size;

	system_prepare(&sys);
	pong = (struct table_thread *)(void *)sys.table.records[TABLE_THREADS] + 1;
	pong->domain = MS_KERNEL_DOMAINS - 1;
	BUILDER_ADD(&sys.table, TABLE_SCHEDULE, table_schedule, .index = 3, .duration = 100);
	BUILDER_ADD(&sys.table, TABLE_SCHEDULE, table_schedule, .index = 4, .duration = 200,
	            .domain = MS_KERNEL_DOMAINS - 1);
	BUILDER_ADD(&sys.table, TABLE_SCHEDULE, table_schedule, .index = 5);
	sys.table.header.schedule_start = 4;
	system_boot(&sys);
	ok(model_run() == MODEL_WAITS, "domains and their schedule");
	ok(thread_named("pong")->thread->domain == MS_KERNEL_DOMAINS - 1 &&
	       thread_named("ping")->thread->domain == 0,
	   "who is in which domain");
	ok(model.schedule_begun && model.schedule_start == 4 && model.schedule[3].duration == 100 &&
	       model.schedule[4].domain == MS_KERNEL_DOMAINS - 1,
	   "the schedule is followed");
	ok(model_verify(stdout, sys.in_image, sys.image) == 0, "all as listed");
	NOTICED("another duration", model.schedule[4].duration++, model.schedule[4].duration--);
	NOTICED("another start", model.schedule_start--, model.schedule_start++);
	NOTICED("another domain", thread_named("pong")->thread->domain--,
	        thread_named("pong")->thread->domain++);
	system_free(&sys);
	system_prepare(&sys);
	BUILDER_ADD(&sys.table, TABLE_SCHEDULE, table_schedule, .index = 0);
	system_boot(&sys);
	ok(model_run() == MODEL_STOPPED &&
	       printed("root task: domain schedule: DomainSet_ScheduleConfigure of entry 0x0 "
	               "failed: seL4 error InvalidArgument"),
	   "an end marker where the kernel is");
	system_free(&sys);
}
#endif

#if MS_KERNEL_MCS
static void test_passive(void)
{
	system_prepare(&sys);
	system_boot(&sys);
	/* Microkit's programs ask for it; nothing is left to do. */
	model_message(2, MS_FAULT_NULL, 0, NULL);
	model_message(1, MS_FAULT_NULL, 0, NULL);
	ok(model_run() == MODEL_WAITS, "passive requests are taken");
	ok(thread_named("pong")->thread->sc->lends == thread_named("pong")->thread->notification &&
	       thread_named("pong")->thread->runs && !strstr(model_console(), "pong: "),
	   "the scheduling context is the notification's");
	ok(!thread_named("ping")->thread->sc->lends && !thread_named("ping")->thread->runs &&
	       printed("monitor: ping: message 0 of 0 words"),
	   "one that is not declared passive has sent a message that nobody expects");
	system_free(&sys);
}
#endif

int main(void)
{
	test_good();
	test_verify();
	test_failures();
	test_tree();
	test_boot();
	test_refused();
	test_monitor_faults();
#if MS_KERNEL_DOMAINS > 1
	test_domains();
#endif
#if MS_KERNEL_MCS
	test_passive();
#endif
	done_testing();
	return 0;
}
