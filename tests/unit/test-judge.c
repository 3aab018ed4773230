/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-judge.c - lib/host/layout/judge: a table that keeps what its spec asserts, and the same
 * with one thing too much in it, which must be found whatever it is called.
 */
#include "base/diag.h"
#include "base/mem.h"
#include "layout/layout.h"
#include "spec/document.h"
#include "tap.h"
#include "../model/builder.h"

#include <unistd.h>

/* a calls b and has the disk; c has nothing to do with either. */
static const char text[] = "[[protection_domains]]\n"
                           "name = 'a'\n"
                           "binary = 'a.elf'\n"
                           "priority = 100\n"
                           "maps = [{region = 'disk'}]\n"
                           "[[protection_domains]]\n"
                           "name = 'b'\n"
                           "binary = 'b.elf'\n"
                           "priority = 200\n"
                           "[[protection_domains]]\n"
                           "name = 'c'\n"
                           "binary = 'c.elf'\n"
                           "priority = 50\n"
                           "[[channels]]\n"
                           "name = 'ab'\n"
                           "end_a = 'a'\n"
                           "end_b = 'b'\n"
                           "kind = 'ppc'\n"
                           "[[memory_regions]]\n"
                           "name = 'disk'\n"
                           "size_bytes = 8192\n"
                           "caching = 'cached'\n"
                           "permissions = ['read', 'write']\n"
                           "prefill_from = 'disk.bin'\n"
                           "[[assertions]]\n"
                           "only = ['a']\n"
                           "may_map = 'disk'\n"
                           "[[assertions]]\n"
                           "at_most = 1\n"
                           "writers = 'disk'\n"
                           "[[assertions]]\n"
                           "only = ['a']\n"
                           "may_call = 'b'\n"
                           "[[assertions]]\n"
                           "never = 'c'\n"
                           "reaches = 'b'\n"
                           "[[assertions]]\n"
                           "never = 'c'\n"
                           "signals = 'b'\n";

/* Work slots: ten for each PD, then what is nobody's. */
enum { TCB, CNODE, SPACE, SIGNAL, ENDPOINT, FRAME, PER_PD = 10 };
enum { A, B, C, PDS };
#define OF(pd, what) (TABLE_WORK | (uint64_t)((pd)*PER_PD + (what)))
#define DISK         (TABLE_WORK | 40)
#define COPY         (TABLE_WORK | 50)
#define MONITOR      (TABLE_WORK | 60)
#define INNER        (TABLE_WORK | 61) /* a CNode within a CNode */
#define IMAGE        20                /* slot; the disk's first page is its page 2 */
#define BADGE_CALL   (1ull << 63)

static struct builder b;
static const struct ms_spec *spec;

static void objects(uint64_t dest, uint32_t type, uint32_t count, const char *name)
{
	BUILDER_ADD(&b, TABLE_RETYPES, table_retype, .untyped = 55, .dest = dest, .type = type,
	            .count = count, .name = builder_name(&b, name));
}

static void cap(uint64_t cnode, uint64_t source, uint64_t badge, uint32_t rights, const char *name)
{
	static uint32_t index;

	BUILDER_ADD(&b, TABLE_CAPS, table_cap, .cnode = cnode, .source = source, .badge = badge,
	            .index = ++index % 64, .depth = 6, .rights = rights,
	            .name = builder_name(&b, name));
}

static void map(int pd, uint64_t frames, uint64_t copies, uint32_t flags, const char *name)
{
	BUILDER_ADD(&b, TABLE_MAPS, table_map, .frames = frames, .copies = copies,
	            .vspace = OF(pd, SPACE), .vaddr = 0x200000, .count = 1, .page_bits = 12,
	            .flags = flags | (copies ? TABLE_MAP_COPY : 0), .name = builder_name(&b, name));
}

static void domain(int pd)
{
	static const char *const names[] = {"a", "b", "c"};
	static const struct {
		uint32_t type;
		const char *name;
	} made[] = {{1, "tcb"}, {4, "cnode"}, {6, "vspace"}, {3, "signal"}, {2, "ep"}, {7, "data"}};

	for (unsigned i = 0; i < 6; i++)
		objects(OF(pd, i), made[i].type, 1, made[i].name);
	cap(OF(pd, CNODE), OF(pd, pd == B ? ENDPOINT : SIGNAL), 0, TABLE_READ, "input");
	cap(OF(pd, CNODE), MONITOR, 1 + (uint64_t)pd, TABLE_WRITE | TABLE_GRANT_REPLY, "fault");
	cap(OF(pd, CNODE), OF(pd, SPACE), 0, 15, "own vspace");
	map(pd, OF(pd, FRAME), 0, TABLE_MAP_READ | TABLE_MAP_WRITE, "data");
	BUILDER_ADD(&b, TABLE_THREADS, table_thread, .tcb = OF(pd, TCB), .cnode = OF(pd, CNODE),
	            .vspace = OF(pd, SPACE), .ipc_frame = OF(pd, FRAME), .fault = 2,
	            .notification = OF(pd, SIGNAL), .name = builder_name(&b, names[pd]));
}

/* What ms-layout would decide, in essence. */
static void start(void)
{
	builder_start(&b);
	b.header.image_frames = IMAGE;
	b.header.image_pages = 10;
	b.header.untyped_slot = 50;
	b.header.empty_slot = 60;
	b.header.root_cnode_bits = 12;
	b.header.cores = 1;
	b.header.work_untyped = 55;
	b.header.monitor_cnode = TABLE_WORK | 63;
	b.header.work_bits = b.header.monitor_bits = 6;
	for (int pd = 0; pd < PDS; pd++)
		domain(pd);
	objects(DISK, 7, 1, "region/disk");
	objects(MONITOR, 2, 1, "monitor/endpoint");
	BUILDER_ADD(&b, TABLE_RANGES, table_range, .start = 0x2000, .end = 0x2800,
	            .kind = TABLE_RANGE_MEMBER, .name = builder_name(&b, "disk"));
	map(A, IMAGE + 2, 0, TABLE_MAP_READ | TABLE_MAP_WRITE, "disk");
	map(A, DISK, 0, TABLE_MAP_READ | TABLE_MAP_WRITE, "disk");
	cap(OF(A, CNODE), OF(B, ENDPOINT), BADGE_CALL, TABLE_WRITE | TABLE_GRANT_REPLY, "ab");
	BUILDER_ADD(&b, TABLE_KEPT, table_kept, .source = MONITOR, .slot = 1);
}

/* Judges the table in the making; what it says is in *said. */
static bool judged(char *said, size_t size)
{
	size_t len;
	void *table = builder_finish(&b, &len);
	int old = dup(STDERR_FILENO);
	FILE *out = tmpfile();
	bool kept;

	if (!out || table_check(table, len) != TABLE_OK || dup2(fileno(out), STDERR_FILENO) < 0)
		exit(1);
	kept = ms_layout_judge(spec, table, len);
	fflush(stderr);
	dup2(old, STDERR_FILENO);
	rewind(out);
	said[fread(said, 1, size - 1, out)] = '\0';
	fclose(out);
	close(old);
	free(table);
	return kept;
}

#define FOUND(what, change, message)                                                               \
	do {                                                                                       \
		char said[4000];                                                                   \
		start();                                                                           \
		change;                                                                            \
		if (judged(said, sizeof(said)) || !strstr(said, message)) {                        \
			printf("# %s", said);                                                      \
			ok(0, "%s", what);                                                         \
		} else {                                                                           \
			ok(1, "%s", what);                                                         \
		}                                                                                  \
	} while (0)

static void test_maps(void)
{
	FOUND("a copy of the region's page", map(C, DISK, COPY, TABLE_MAP_READ, "innocent"),
	      "'c' maps 'disk'; asserted is only = [\"a\"], may_map = \"disk\"");
	FOUND(
	    "a copy of that copy",
	    (map(A, DISK, COPY, TABLE_MAP_READ, "x"), map(C, COPY, COPY + 1, TABLE_MAP_READ, "y")),
	    "'c' maps 'disk'");
	FOUND("a page of it in the archive", map(C, IMAGE + 2, COPY, TABLE_MAP_READ, "code"),
	      "'c' maps 'disk'");
	FOUND("a second writer", map(B, DISK, COPY, TABLE_MAP_WRITE | TABLE_MAP_READ, "x"),
	      "'b' can write 'disk'; asserted is at_most = 1, writers = \"disk\"");
	FOUND("the page's capability in a CSpace", cap(OF(C, CNODE), DISK, 0, 2, "frame"),
	      "'c' maps 'disk'");
	FOUND("a page of a's, though no region's",
	      (map(A, OF(C, FRAME), COPY, TABLE_MAP_READ, "window")),
	      "'c' reaches 'b': 'c' -(window)-> 'a' -(ab)-> 'b'");
}

/* What could make a small table large work. */
static void test_claims(void)
{
	FOUND("a map of a slot that holds nothing",
	      map(C, TABLE_WORK | 45, 0, TABLE_MAP_READ, "nothing"),
	      "nothing: a map of what is no frame");
	FOUND("more maps than there can be frames and copies",
	      for (int i = 0; i < 80; i++) map(C, OF(C, FRAME), 0, TABLE_MAP_READ, "again"),
	      "again: a map of what is no frame");
}

static void test_caps(void)
{
	FOUND("an endpoint",
	      cap(OF(C, CNODE), OF(B, ENDPOINT), BADGE_CALL | 5, TABLE_WRITE, "more"),
	      "'c' calls 'b'");
	FOUND("an endpoint under a badge of faults",
	      cap(OF(C, CNODE), OF(B, ENDPOINT), 1ull << 62, TABLE_WRITE, "fault"),
	      "'c' reaches 'b': 'c' -(fault)-> 'b'");
	FOUND("a copy that the root task made for itself",
	      (BUILDER_ADD(&b, TABLE_CAPS, table_cap, .source = OF(B, SIGNAL), .badge = 4,
	                   .index = COPY & 63, .depth = 6, .rights = TABLE_WRITE,
	                   .name = builder_name(&b, "irq")),
	       cap(OF(C, CNODE), COPY, 0, TABLE_WRITE, "from there")),
	      "'c' signals 'b'");
	FOUND("another's thread", cap(OF(C, CNODE), OF(A, TCB), 0, 15, "tcb"),
	      "'c' reaches 'b': 'c' -(tcb)-> 'a' -(ab)-> 'b'");
	FOUND("another's address space", cap(OF(C, CNODE), OF(B, SPACE), 0, 15, "space"),
	      "'c' reaches 'b'");
	FOUND("another's CNode", cap(OF(C, CNODE), OF(B, CNODE), 0, 15, "cnode"),
	      "'c' reaches 'b'");
	FOUND("a CNode within one's own",
	      (objects(INNER, 4, 1, "inner"), cap(OF(C, CNODE), INNER, 0, 15, "inner"),
	       cap(INNER, OF(B, ENDPOINT), BADGE_CALL, TABLE_WRITE, "hidden")),
	      "'c' calls 'b'");
	FOUND("somebody else who receives",
	      cap(OF(C, CNODE), OF(B, ENDPOINT), 0, TABLE_READ, "input"), "'c' reaches 'b'");
	FOUND("the root task's own", cap(OF(C, CNODE), TABLE_ROOT_CNODE, 0, 15, "all"),
	      "all: a capability of the root task's own (slot 2)");
	FOUND("untyped memory", cap(OF(C, CNODE), 55, 0, 15, "untyped"), "the root task's own");
}

int main(void)
{
	struct ms_source source = {.name = "system.toml", .text = text, .len = sizeof(text) - 1};
	char said[4000];

	spec = ms_spec_from_toml(&source);
	if (!spec)
		return 1;
	start();
	ok(judged(said, sizeof(said)) && !*said, "a table that keeps everything");
	start();
	cap(OF(C, CNODE), TABLE_ROOT_SMC, 0, 15, "smc");
	cap(OF(C, CNODE), OF(C, SIGNAL), 1, TABLE_WRITE, "oneself");
	map(B, OF(A, FRAME), COPY, TABLE_MAP_READ, "shared with b");
	ok(judged(said, sizeof(said)),
	   "firmware calls, signals to oneself, what is not asserted of");
	test_maps();
	test_caps();
	test_claims();
	done_testing();
	return 0;
}
