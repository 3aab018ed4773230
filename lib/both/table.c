/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.c - the check of a system table, and its records by number (table.h).
 */
#include "both/table.h"

#define RECORD(type) (sizeof(struct type))

/* The records are written by ms-layout on the host and read on the board as they lie. */
_Static_assert(sizeof(struct table_header) == 264, "no padding");
_Static_assert(sizeof(struct table_untyped) == 24, "no padding");
_Static_assert(sizeof(struct table_retype) == 40, "no padding");
_Static_assert(sizeof(struct table_irq) == 32, "no padding");
_Static_assert(sizeof(struct table_space) == 16, "no padding");
_Static_assert(sizeof(struct table_table) == 32, "no padding");
_Static_assert(sizeof(struct table_fill) == 32, "no padding");
_Static_assert(sizeof(struct table_patch) == 32, "no padding");
_Static_assert(sizeof(struct table_map) == 48, "no padding");
_Static_assert(sizeof(struct table_cap) == 40, "no padding");
_Static_assert(sizeof(struct table_thread) == 160, "no padding");
_Static_assert(sizeof(struct table_schedule) == 16, "no padding");
_Static_assert(sizeof(struct table_kept) == 24, "no padding");
_Static_assert(sizeof(struct table_range) == 24, "no padding");

#define ALL_FLAGS      (TABLE_MCS | TABLE_HYPERVISOR | TABLE_SMP)
#define CNODE_BITS_MAX 40 /* more slots than any memory holds */
#define CORES_MAX      256
#define UNTYPED_MIN    4
#define UNTYPED_MAX    47
#define PRIORITY_MAX   255
#define DOMAIN_MAX     255
#define SCHEDULE_MAX   65535
#define DURATION_MAX   ((1ull << 56) - 1)
#define SMALL          12
#define LARGE          21
#define HUGE           30

static const uint8_t record_sizes[TABLE_SECTIONS] = {
    [TABLE_UNTYPEDS] = RECORD(table_untyped),  [TABLE_RETYPES] = RECORD(table_retype),
    [TABLE_IRQS] = RECORD(table_irq),          [TABLE_SPACES] = RECORD(table_space),
    [TABLE_TABLES] = RECORD(table_table),      [TABLE_FILLS] = RECORD(table_fill),
    [TABLE_PATCHES] = RECORD(table_patch),     [TABLE_MAPS] = RECORD(table_map),
    [TABLE_CAPS] = RECORD(table_cap),          [TABLE_THREADS] = RECORD(table_thread),
    [TABLE_SCHEDULE] = RECORD(table_schedule), [TABLE_KEPT] = RECORD(table_kept),
    [TABLE_RANGES] = RECORD(table_range),      [TABLE_STRINGS] = 1,
};

size_t table_record_size(enum table_section section)
{
	return record_sizes[section];
}

static const struct table_header *header_of(const void *table)
{
	return table;
}

const void *table_record(const void *table, enum table_section section, uint32_t i)
{
	return (const char *)table + header_of(table)->sections[section].offset +
	       (size_t)i * record_sizes[section];
}

uint32_t table_count(const void *table, enum table_section section)
{
	return header_of(table)->sections[section].count;
}

const char *table_name(const void *table, uint32_t name)
{
	return table_record(table, TABLE_STRINGS, name);
}

/* -- slots and other values ---------------------------------------------------------------- */

/* count slots of the work CNode from slot on. */
static int work_slots(const struct table_header *h, uint64_t slot, uint64_t count)
{
	uint64_t slots = 1ull << h->work_bits, index = slot & ~TABLE_WORK;

	return (slot & TABLE_WORK) && index < slots && count <= slots - index;
}

static int image_frames(const struct table_header *h, uint64_t slot, uint64_t count)
{
	return slot >= h->image_frames && slot - h->image_frames < h->image_pages &&
	       count <= h->image_pages - (slot - h->image_frames);
}

static int any_slot(const struct table_header *h, uint64_t slot)
{
	return work_slots(h, slot, 1) || (slot != TABLE_NONE && slot < h->empty_slot);
}

static int slot_or_none(const struct table_header *h, uint64_t slot)
{
	return slot == TABLE_NONE || any_slot(h, slot);
}

static int aligned(uint64_t value, unsigned bits)
{
	return (value & ((1ull << bits) - 1)) == 0;
}

/* size bytes at `at` lie inside a page that a fill or a patch may be for: one of the user image,
 * or a fresh one for which there is a scratch page. */
static int writable(const struct table_header *h, uint64_t frame, uint32_t page_bits, uint32_t at,
                    uint32_t size)
{
	uint64_t scratch = page_bits == SMALL   ? h->scratch_small
	                   : page_bits == LARGE ? h->scratch_large
	                                        : 0;

	if (!(page_bits == SMALL && image_frames(h, frame, 1)) &&
	    !(scratch && work_slots(h, frame, 1)))
		return 0;
	return at < 1u << page_bits && size <= (1u << page_bits) - at;
}

/* -- one function per section: whether record r may stand in a table ------------------------ */

static int check_untyped(const struct table_header *h, const void *record)
{
	const struct table_untyped *r = record;

	return r->slot >= h->untyped_slot && r->slot < h->empty_slot &&
	       r->size_bits >= UNTYPED_MIN && r->size_bits <= UNTYPED_MAX && r->device <= 1;
}

static int check_retype(const struct table_header *h, const void *record)
{
	const struct table_retype *r = record;

	return any_slot(h, r->untyped) && r->count >= 1 && r->count <= TABLE_RETYPE_MAX &&
	       work_slots(h, r->dest, r->count) && r->size_bits <= UNTYPED_MAX;
}

static int check_irq(const struct table_header *h, const void *record)
{
	const struct table_irq *r = record;

	return work_slots(h, r->dest, 1) && any_slot(h, r->notification) && r->trigger <= 1 &&
	       r->core < h->cores;
}

static int check_space(const struct table_header *h, const void *record)
{
	const struct table_space *r = record;

	return any_slot(h, r->vspace) && r->reserved == 0;
}

static int check_table(const struct table_header *h, const void *record)
{
	const struct table_table *r = record;

	return any_slot(h, r->table) && any_slot(h, r->vspace) &&
	       (r->level == 21 || r->level == 30 || r->level == 39) && aligned(r->vaddr, r->level);
}

static int check_fill(const struct table_header *h, const void *record)
{
	const struct table_fill *r = record;

	if (r->flags & ~(TABLE_FILL_ZERO | TABLE_FILL_EXECUTE | TABLE_FILL_CLEAN))
		return 0;
	if ((r->flags & TABLE_FILL_ZERO) && r->source != 0)
		return 0;
	if ((r->source & TABLE_TREE) && ((r->source & ~TABLE_TREE) > h->tree_size ||
	                                 r->size > h->tree_size - (r->source & ~TABLE_TREE)))
		return 0;
	return r->size >= 1 && r->source < UINT64_MAX - r->size &&
	       writable(h, r->frame, r->page_bits, r->at, r->size);
}

static int check_patch(const struct table_header *h, const void *record)
{
	const struct table_patch *r = record;

	return r->size >= 1 && r->size <= sizeof(r->value) &&
	       writable(h, r->frame, r->page_bits, r->at, r->size);
}

static int check_map(const struct table_header *h, const void *record)
{
	const struct table_map *r = record;
	uint32_t all = TABLE_MAP_WRITE | TABLE_MAP_READ | TABLE_MAP_EXECUTE | TABLE_MAP_CACHED |
	               TABLE_MAP_COPY;

	if (r->page_bits != SMALL && r->page_bits != LARGE && r->page_bits != HUGE)
		return 0;
	if (r->count == 0 || (r->flags & ~all) || !any_slot(h, r->vspace))
		return 0;
	if (!work_slots(h, r->frames, r->count) &&
	    !(r->page_bits == SMALL && image_frames(h, r->frames, r->count)))
		return 0;
	if (r->flags & TABLE_MAP_COPY ? !work_slots(h, r->copies, r->count)
	                              : r->copies != TABLE_NONE)
		return 0;
	return aligned(r->vaddr, r->page_bits) && r->vaddr <= INT64_MAX &&
	       r->count <= (INT64_MAX - r->vaddr) >> r->page_bits;
}

static int check_cap(const struct table_header *h, const void *record)
{
	const struct table_cap *r = record;
	uint32_t all = TABLE_WRITE | TABLE_READ | TABLE_GRANT | TABLE_GRANT_REPLY;

	if (r->cnode == TABLE_NONE ? r->depth != h->work_bits : !work_slots(h, r->cnode, 1))
		return 0;
	return r->depth >= 1 && r->depth < 32 && r->index >> r->depth == 0 && !(r->rights & ~all) &&
	       any_slot(h, r->source);
}

static int check_thread(const struct table_header *h, const void *record)
{
	const struct table_thread *r = record;
	uint32_t all = TABLE_THREAD_RESUME | TABLE_THREAD_PASSIVE | TABLE_THREAD_NO_FPU;
	int mcs = (h->flags & TABLE_MCS) != 0;

	if (!any_slot(h, r->tcb) || !any_slot(h, r->cnode) || !any_slot(h, r->vspace) ||
	    !slot_or_none(h, r->notification) || !slot_or_none(h, r->vcpu))
		return 0;
	/* A guest's is started by its parent. */
	if (r->vcpu == TABLE_NONE ? !any_slot(h, r->ipc_frame)
	                          : !(h->flags & TABLE_HYPERVISOR) || r->parent == 0 ||
	                                (r->flags & TABLE_THREAD_RESUME) ||
	                                r->ipc_frame != TABLE_NONE || r->ipc_vaddr != 0)
		return 0;
	if (mcs ? !slot_or_none(h, r->fault) || !slot_or_none(h, r->sc)
	        : r->sc != TABLE_NONE || (r->flags & TABLE_THREAD_PASSIVE))
		return 0;
	if ((r->flags & TABLE_THREAD_PASSIVE) &&
	    (r->sc == TABLE_NONE || r->notification == TABLE_NONE))
		return 0;
	if (r->sc != TABLE_NONE && (r->budget_us == 0 || r->period_us < r->budget_us))
		return 0;
	return r->priority <= PRIORITY_MAX && r->mcp <= PRIORITY_MAX && r->core < h->cores &&
	       !(r->flags & ~all) && r->parent <= h->sections[TABLE_THREADS].count &&
	       r->domain <= DOMAIN_MAX && r->reserved == 0;
}

static int check_schedule(const struct table_header *h, const void *record)
{
	const struct table_schedule *r = record;

	(void)h;
	return r->index <= SCHEDULE_MAX && r->domain <= DOMAIN_MAX && r->duration <= DURATION_MAX &&
	       (r->duration != 0 || r->domain == 0);
}

static int check_kept(const struct table_header *h, const void *record)
{
	const struct table_kept *r = record;

	if (r->kind == TABLE_KEEP_FAULT_ENDPOINT || r->kind == TABLE_KEEP_REPLY) {
		if (r->index != 0)
			return 0;
	} else if (r->kind > TABLE_KEEP_TCB || r->index >= h->sections[TABLE_THREADS].count) {
		return 0;
	}
	return any_slot(h, r->source) && r->slot != 0 && r->slot >> h->monitor_bits == 0 &&
	       r->reserved == 0;
}

static int check_range(const struct table_header *h, const void *record)
{
	const struct table_range *r = record;

	(void)h;
	return r->start <= r->end && r->kind <= TABLE_RANGE_MEMBER;
}

/* Where the records' names stand; every record has one but untypeds and kept capabilities. */
#define NAME_AT(type) (offsetof(struct type, name))

static const struct {
	int (*check)(const struct table_header *h, const void *record);
	uint32_t name_at; /* 0: no name */
} sections[TABLE_STRINGS] = {
    [TABLE_UNTYPEDS] = {check_untyped, 0},
    [TABLE_RETYPES] = {check_retype, NAME_AT(table_retype)},
    [TABLE_IRQS] = {check_irq, NAME_AT(table_irq)},
    [TABLE_SPACES] = {check_space, NAME_AT(table_space)},
    [TABLE_TABLES] = {check_table, NAME_AT(table_table)},
    [TABLE_FILLS] = {check_fill, NAME_AT(table_fill)},
    [TABLE_PATCHES] = {check_patch, NAME_AT(table_patch)},
    [TABLE_MAPS] = {check_map, NAME_AT(table_map)},
    [TABLE_CAPS] = {check_cap, NAME_AT(table_cap)},
    [TABLE_THREADS] = {check_thread, NAME_AT(table_thread)},
    [TABLE_SCHEDULE] = {check_schedule, 0},
    [TABLE_KEPT] = {check_kept, 0},
    [TABLE_RANGES] = {check_range, NAME_AT(table_range)},
};

/* -- the whole ------------------------------------------------------------------------------ */

static int check_header(const struct table_header *h)
{
	return !(h->flags & ~(uint32_t)ALL_FLAGS) && h->root_cnode_bits >= 1 &&
	       h->root_cnode_bits <= CNODE_BITS_MAX && h->work_bits >= 1 && h->work_bits < 32 &&
	       h->monitor_bits >= 1 && h->monitor_bits < 32 && h->cores >= 1 &&
	       h->cores <= CORES_MAX && h->empty_slot < (1ull << h->root_cnode_bits) - 1 &&
	       h->untyped_slot < h->empty_slot && h->image_frames < h->empty_slot &&
	       h->image_pages <= h->empty_slot - h->image_frames &&
	       h->archive_page < h->image_pages && h->work_untyped >= h->untyped_slot &&
	       h->work_untyped < h->empty_slot && work_slots(h, h->monitor_cnode, 1) &&
	       (h->flags & TABLE_MCS ? h->sched_control != 0 : h->sched_control == 0) &&
	       h->sched_control < h->empty_slot &&
	       h->schedule_start <= (h->sections[TABLE_SCHEDULE].count ? SCHEDULE_MAX : 0) &&
	       aligned(h->scratch_small, SMALL) && aligned(h->scratch_large, LARGE);
}

static enum table_error check_sections(const struct table_header *h)
{
	uint64_t end = sizeof(*h);

	for (unsigned s = 0; s < TABLE_SECTIONS; s++) {
		uint64_t offset = h->sections[s].offset;
		uint64_t size = (uint64_t)h->sections[s].count * record_sizes[s];

		if (offset % 8 != 0 || offset < end || offset > h->size || size > h->size - offset)
			return TABLE_ESECTION;
		end = offset + size;
	}
	return TABLE_OK;
}

static enum table_error check_strings(const void *table)
{
	uint32_t count = table_count(table, TABLE_STRINGS);
	const char *strings = table_name(table, 0);

	if (count == 0 || strings[0] != '\0' || strings[count - 1] != '\0')
		return TABLE_ESTRING;
	return TABLE_OK;
}

static enum table_error check_records(const void *table, enum table_section s)
{
	uint32_t strings = table_count(table, TABLE_STRINGS);
	const char *record = table_record(table, s, 0);

	for (uint32_t i = table_count(table, s); i > 0; i--, record += record_sizes[s]) {
		if (!sections[s].check(table, record))
			return TABLE_ERECORD;
		if (sections[s].name_at &&
		    *(const uint32_t *)(const void *)(record + sections[s].name_at) >= strings)
			return TABLE_ESTRING;
	}
	return TABLE_OK;
}

/* The monitor receives on one endpoint, with one reply object where the kernel has them. */
static enum table_error check_monitor(const void *table)
{
	const struct table_header *h = table;
	uint32_t endpoints = 0, replies = 0;

	for (uint32_t i = 0; i < table_count(table, TABLE_KEPT); i++) {
		const struct table_kept *k = table_record(table, TABLE_KEPT, i);

		endpoints += k->kind == TABLE_KEEP_FAULT_ENDPOINT;
		replies += k->kind == TABLE_KEEP_REPLY;
	}
	return endpoints == 1 && replies == (h->flags & TABLE_MCS ? 1u : 0u) ? TABLE_OK
	                                                                     : TABLE_ERECORD;
}

enum table_error table_check(const void *table, size_t len)
{
	const struct table_header *h = table;
	enum table_error error;

	if (len < sizeof(*h))
		return TABLE_ETRUNCATED;
	if (h->magic != TABLE_MAGIC)
		return TABLE_EMAGIC;
	if (h->version != TABLE_VERSION)
		return TABLE_EVERSION;
	if (h->size != len)
		return TABLE_ETRUNCATED;
	if (!check_header(h))
		return TABLE_EHEADER;
	error = check_sections(h);
	if (!error)
		error = check_strings(table);
	for (unsigned s = 0; s < TABLE_STRINGS && !error; s++)
		error = check_records(table, (enum table_section)s);
	if (!error)
		error = check_monitor(table);
	return error;
}

const char *table_error_text(enum table_error error)
{
	switch (error) {
	case TABLE_OK: return "no error";
	case TABLE_ETRUNCATED: return "its size is not the one that it states";
	case TABLE_EMAGIC: return "not a system table";
	case TABLE_EVERSION: return "a system table of another version";
	case TABLE_EHEADER: return "an impossible value in its header";
	case TABLE_ESECTION: return "a section outside the table, misaligned or out of order";
	case TABLE_ESTRING: return "a name outside the strings";
	case TABLE_ERECORD: return "a record with an impossible value";
	}
	return "unknown error";
}
