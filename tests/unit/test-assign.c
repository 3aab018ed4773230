/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-assign.c - lib/host/layout/assign: whatever the objects and the memory, every object lies
 * where the kernel's own watermark puts it, aligned, alone, and in the slot that it should have.
 */
#include "base/diag.h"
#include "layout/parts.h"
#include "fake-kernel.h"
#include "tap.h"

#include <inttypes.h>
#include <unistd.h>

static char folder[] = "/tmp/test-assign-XXXXXX";
static struct ms_kernel kernel;
static uint32_t seed = 1;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* A kernel's boot as it is: the untypeds of a user image somewhere. */
static void boot(struct maker *m)
{
	struct ms_boot_input in = {.kernel = &kernel, .user_virt = 0xff00000};
	const char *rule;

	in.user.start = 0x40440000;
	in.user.end = in.user.start + 4096ull * (16 + draw(512));
	m->kernel = &kernel;
	if (ms_boot_foresee(&in, &m->boot, &rule))
		ok(0, "the fixture boots");
}

/* What the kernel does with the calls: watermarks, and who owns which address. */
struct replay {
	struct {
		uint64_t slot, paddr, size, used;
	} untypeds[400];
	size_t count;
	struct {
		uint64_t start, end, slot;
	} objects[4000];
	size_t object_count;
	const char *fault;
};

static uint64_t bits_of(uint32_t type, uint32_t size_bits)
{
	int n;

	ms_kernel_find(&kernel, MS_KERNEL_OBJECTS, "CNode", &n);
	return type == (uint32_t)n ? size_bits + 5 : size_bits;
}

static void carry_out(struct replay *r, const struct table_retype *c)
{
	uint64_t size = 1ull << bits_of(c->type, c->size_bits), at;
	size_t u = 0;

	while (u < r->count && r->untypeds[u].slot != c->untyped)
		u++;
	if (u == r->count || c->count < 1 || c->count > 256) {
		r->fault = "a call on no untyped, or of too many objects";
		return;
	}
	at = (r->untypeds[u].used + size - 1) & ~(size - 1);
	if (at + size * c->count > r->untypeds[u].size)
		r->fault = "an untyped overflows";
	if (r->untypeds[u].paddr + at != c->paddr)
		r->fault = "an address is not the watermark's";
	r->untypeds[u].used = at + size * c->count;
	for (uint32_t i = 0; i < c->count; i++) {
		r->objects[r->object_count].start = c->paddr + i * size;
		r->objects[r->object_count].end = c->paddr + (i + 1) * size;
		r->objects[r->object_count++].slot = c->dest + i;
		if (c->type == 0) { /* a filler is an untyped of its own */
			r->untypeds[r->count].slot = c->dest + i;
			r->untypeds[r->count].paddr = c->paddr + i * size;
			r->untypeds[r->count].size = size;
			r->untypeds[r->count++].used = 0;
			r->object_count--;
		}
	}
}

static int by_start(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static const char *replay(const struct maker *m, struct replay *r)
{
	const struct table_retype *c = (const void *)m->records[TABLE_RETYPES].data;

	memset(r, 0, sizeof(*r));
	for (size_t i = 0; i < m->boot.count; i++) {
		r->untypeds[r->count].slot = m->boot.untyped.first + i;
		r->untypeds[r->count].paddr = m->boot.untypeds[i].paddr;
		r->untypeds[r->count].size = 1ull << m->boot.untypeds[i].bits;
		if (r->untypeds[r->count].slot == m->work_untyped)
			r->untypeds[r->count].used = (32ull << m->work_bits) + 64;
		r->count++;
	}
	for (size_t i = 0; i < m->records[TABLE_RETYPES].count && !r->fault; i++)
		carry_out(r, &c[i]);
	for (size_t g = 0; g < m->group_count && !r->fault; g++) {
		const struct group *group = &m->groups[g];
		uint64_t found = 0;

		for (size_t i = 0; i < r->object_count; i++) {
			uint64_t n = (r->objects[i].slot & ~TABLE_WORK) - group->slot;

			if (n >= group->count)
				continue;
			found++;
			if (r->objects[i].end - r->objects[i].start != 1ull << group->bits)
				r->fault = "an object of another size";
			if (group->together &&
			    r->objects[i].start != group->paddr + (n << group->bits))
				r->fault = "objects that are not in a row";
			if (group->fixed != ANYWHERE && group->paddr != group->fixed)
				r->fault = "an object elsewhere than asked";
		}
		if (found != group->count)
			r->fault = "an object is missing or made twice";
	}
	qsort(r->objects, r->object_count, sizeof(r->objects[0]), by_start);
	for (size_t i = 1; i < r->object_count && !r->fault; i++)
		if (r->objects[i].start < r->objects[i - 1].end)
			r->fault = "two objects at one address";
	return r->fault;
}

/* Some objects of every kind; with_rows: also some in a row, some at an address. */
static void some_objects(struct maker *m, bool with_rows)
{
	static const char *const kinds[] = {"TCB",    "Endpoint",  "Notification",
	                                    "VSpace", "SmallPage", "PageTable"};

	for (uint32_t n = 1 + draw(40); n > 0; n--)
		ms_maker_objects(m, ms_format("g%u", n), kinds[draw(6)], 1 + draw(30));
	for (uint32_t n = draw(4); n > 0; n--)
		ms_maker_objects(m, ms_format("l%u", n), "LargePage", 1 + draw(20));
	for (uint32_t n = draw(9); n > 0; n--) {
		unsigned radix = 1 + draw(9);

		ms_maker_group(m, ms_format("c%u", n), "CNode", radix + 5, radix, 1);
	}
	m->extras = draw(300);
	if (!with_rows)
		return;
	for (uint32_t n = 1 + draw(3); n > 0; n--) {
		size_t g = ms_maker_objects(m, ms_format("row%u", n), "SmallPage", 1 + draw(700));

		m->groups[g].together = true;
	}
	for (uint32_t n = 1 + draw(3); n > 0; n--) {
		size_t g = ms_maker_objects(m, ms_format("at%u", n), "SmallPage", 1 + draw(50));

		m->groups[g].together = true;
		m->groups[g].fixed = 0x50000000ull + n * 0x1000000 + 4096 * draw(2000);
	}
}

/* Bytes of the untypeds that are touched, each of which the kernel clears whole. */
static uint64_t cleared(const struct replay *r, const struct maker *m)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < m->boot.count; i++)
		if (r->untypeds[i].used && !m->boot.untypeds[i].device)
			sum += r->untypeds[i].size;
	return sum;
}

static uint64_t wanted(const struct maker *m)
{
	uint64_t sum = 0;

	for (size_t g = 0; g < m->group_count; g++)
		sum += m->groups[g].count << m->groups[g].bits;
	return sum;
}

static void test_random(bool with_rows)
{
	struct replay *r = ms_alloc(1, sizeof(*r));
	const char *fault = NULL;
	unsigned wasteful = 0, runs = 0;

	for (; runs < 300 && !fault; runs++) {
		struct maker *m = ms_alloc(1, sizeof(*m));

		boot(m);
		some_objects(m, with_rows);
		if (!ms_assign(m)) {
			fault = "no memory";
			break;
		}
		fault = replay(m, r);
		/* Besides the work CNode's untyped hardly more than what is used. */
		if (!with_rows &&
		    cleared(r, m) > wanted(m) * 5 / 4 + (64ull << m->work_bits) + 65536)
			wasteful++;
	}
	if (!ok(!fault, "300 systems%s", with_rows ? " with rows and addresses" : ""))
		printf("# run %u: %s\n", runs, fault);
	if (!with_rows && !ok(wasteful == 0, "no memory is cleared without need"))
		printf("# %u of 300\n", wasteful);
}

static void test_full(void)
{
	struct maker *m = ms_alloc(1, sizeof(*m));
	int saved = dup(2), null = -1;

	boot(m);
	ms_maker_objects(m, "too-much", "LargePage", 600);
	if (freopen("/dev/null", "w", stderr))
		null = 0;
	ok(null == 0 && !ms_assign(m) && m->errors == 1, "more than there is");
	dup2(saved, 2);
}

int main(void)
{
	ms_diag_program("test-assign");
	if (!mkdtemp(folder))
		return 1;
	fake_kernel_write(folder, &fake_classic);
	if (ms_kernel_open(folder, &kernel))
		return 1;
	(void)fake_mcs;
	test_random(false);
	test_random(true);
	test_full();
	if (system(ms_format("rm -rf %s", folder)))
		return 3;
	done_testing();
}
