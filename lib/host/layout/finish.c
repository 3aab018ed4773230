/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * finish.c - sizes, then places, then slots: what turns the structure of a layout into a table.
 *
 * The table is itself a member of the archive, in front of the programs, so its size moves the
 * user image and thereby the untypeds, which in turn decide how many records it has. The size
 * only ever grows from one attempt to the next, so a few attempts are enough.
 */
#include "base/diag.h"
#include "both/handoff.h"
#include "layout/fields.h"
#include "layout/layout.h"
#include "layout/parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_STEP  512u /* the table's size is a multiple of this */
#define ATTEMPT_MAX 32

#define RANGE   "0x%" PRIx64 "..0x%" PRIx64
#define ARGS(r) (r).start, (r).end

/* -- places -------------------------------------------------------------------------------- */

/*
 * The kernel lies where its ELF says, the device tree on the next page, the loader 4 MiB above
 * the kernel's 2 MiB block or higher where those reach it. The archive comes HANDOFF_LOADER_MAX
 * into the loader's image and the unpacked root task right behind it: together they are the
 * user image. ms-link puts them at these places.
 */
static bool place(struct maker *m, const struct elf64 *root)
{
	const struct ms_kernel *k = m->kernel;
	uint64_t kernel_end = UP(k->elf.paddr_end, PAGE), low = kernel_end;
	uint64_t dtb = m->members->root > 1 ? m->members->items[1].len : 0;

	m->dtb = (struct ms_kernel_range){0, 0};
	if (dtb) {
		m->dtb = (struct ms_kernel_range){kernel_end, kernel_end + dtb};
		low = m->dtb.end;
	}
	m->loader.start = DOWN(k->elf.paddr_start, HANDOFF_BLOCK) + HANDOFF_LOADER_GAP;
	if (m->loader.start < low)
		m->loader.start = UP(low, HANDOFF_BLOCK);
	m->loader.end = m->loader.start + HANDOFF_LOADER_MAX;
	m->archive.start = m->loader.end;
	m->archive.end = m->archive.start + UP(m->archive_size, PAGE);
	m->root.start = m->archive.end;
	m->root.end = m->root.start + UP(root->vaddr_end, PAGE) - DOWN(root->vaddr_start, PAGE);
	m->user = (struct ms_kernel_range){m->archive.start, m->root.end};
	m->pv_offset = m->root.start - DOWN(root->vaddr_start, PAGE);
	for (size_t i = 0; i < k->memory_count; i++)
		if (k->memory[i].start <= m->loader.start && m->user.end <= k->memory[i].end)
			return true;
	ms_maker_error(m, "image-memory",
	               "the loader, the archive and the root task need " RANGE
	               ", which is not all in one piece of this kernel's memory",
	               m->loader.start, m->user.end);
	return false;
}

static bool foresee(struct maker *m)
{
	struct ms_boot_input in = {.kernel = m->kernel, .dtb = m->dtb, .user = m->user};
	const char *rule, *why;

	in.user_virt = m->user.start - m->pv_offset;
	/* Physical addresses may well be the lower ones: pv_offset is modulo 2^64. */
	if (m->root.start - m->user.start > m->root.start - m->pv_offset ||
	    in.user_virt > SCRATCH_SMALL) {
		ms_maker_error(m, "image-size",
		               "the archive (0x%" PRIx64 " bytes) does not fit below the root task "
		               "at 0x%" PRIx64,
		               m->archive_size, m->root.start - m->pv_offset);
		return false;
	}
	free(m->boot.untypeds);
	why = ms_boot_foresee(&in, &m->boot, &rule);
	if (why) {
		ms_maker_error(m, rule, "%s", why);
		return false;
	}
	if (m->boot.virt_end > SCRATCH_SMALL) {
		ms_maker_error(m, "image-size",
		               "the root task's own memory reaches 0x%" PRIx64
		               ", past 0x%llx, where it needs room",
		               m->boot.virt_end, SCRATCH_SMALL);
		return false;
	}
	/* Two of its slots are for CNodes that the root task makes. */
	if (m->boot.empty + 2 > 1ull << m->kernel->root_cnode_bits) {
		ms_maker_error(
		    m, "root-slots",
		    "the root CNode of this kernel has %llu slots; the kernel fills %" PRIu64
		    " of them and the root task needs two",
		    1ull << m->kernel->root_cnode_bits, m->boot.empty);
		return false;
	}
	return true;
}

/* -- slots --------------------------------------------------------------------------------- */

static uint64_t resolve(const struct maker *m, uint64_t ref)
{
	const uint64_t a = ref_a(ref), b = ref_b(ref);

	switch (ref >> REF_KIND) {
	case REF_OBJECT: return TABLE_WORK | (m->groups[a].slot + b);
	case REF_MEMBER: return m->boot.frames.first + m->offsets[a] / PAGE + b;
	case REF_ROOT: return b;
	case REF_EXTRA: return TABLE_WORK | (m->objects + b);
	default: return ref;
	}
}

/* -- writing ------------------------------------------------------------------------------- */

static void add_range(struct writer *w, const char *name, struct ms_kernel_range range,
                      unsigned kind)
{
	struct table_range *r;

	if (range.start == range.end)
		return;
	r = ms_writer_add(w, TABLE_RANGES);
	r->start = range.start;
	r->end = range.end;
	r->kind = kind;
	r->name = ms_pool_add(&w->names, name);
}

static void write_ranges(const struct maker *m, struct writer *w)
{
	add_range(w, "kernel", m->boot.kernel, TABLE_RANGE_MEMORY);
	add_range(w, "device tree", m->dtb, TABLE_RANGE_MEMORY);
	add_range(w, "loader", m->loader, TABLE_RANGE_MEMORY);
	add_range(w, "archive", m->archive, TABLE_RANGE_MEMORY);
	add_range(w, "root task", m->root, TABLE_RANGE_MEMORY);
	add_range(w, "root task's objects", m->boot.objects, TABLE_RANGE_MEMORY);
	for (size_t i = 0; i < m->members->count; i++)
		add_range(w, m->members->items[i].name,
		          (struct ms_kernel_range){m->offsets[i],
		                                   m->offsets[i] + m->members->items[i].len},
		          TABLE_RANGE_MEMBER);
}

/* The untypeds that the table uses, ascending. */
static void write_untypeds(const struct maker *m, struct writer *w)
{
	const struct records *retypes = &m->records[TABLE_RETYPES];
	const struct table_retype *r = (const void *)retypes->data;
	uint8_t *used = ms_alloc(m->boot.count + 1, 1);

	used[m->work_untyped - m->boot.untyped.first] = 1;
	for (size_t i = 0; i < retypes->count; i++)
		if (!(r[i].untyped & TABLE_WORK))
			used[r[i].untyped - m->boot.untyped.first] = 1;
	for (size_t i = 0; i < m->boot.count; i++) {
		struct table_untyped *u;

		if (!used[i])
			continue;
		u = ms_writer_add(w, TABLE_UNTYPEDS);
		u->slot = m->boot.untyped.first + i;
		u->paddr = m->boot.untypeds[i].paddr;
		u->size_bits = m->boot.untypeds[i].bits;
		u->device = m->boot.untypeds[i].device;
	}
	free(used);
}

/* The objects' names, one string behind the other. */
static size_t names_length(const char *names, uint32_t objects)
{
	const char *at = names;

	for (uint64_t named = 0; named < objects;) {
		const char *bracket = strrchr(at, '[');
		unsigned long long first = 0, last = 0;

		if (bracket && sscanf(bracket, "[%llu..%llu]", &first, &last) == 2)
			named += last - first;
		named++;
		at += strlen(at) + 1;
	}
	return (size_t)(at - names);
}

static void write_retypes(const struct maker *m, struct writer *w)
{
	const struct records *list = &m->records[TABLE_RETYPES];

	for (size_t i = 0; i < list->count; i++) {
		const struct table_retype *from =
		    (const struct table_retype *)(const void *)list->data;
		struct table_retype *r = ms_writer_add(w, TABLE_RETYPES);
		const char *names = m->names.bytes.data + from[i].name;

		*r = from[i];
		r->name = ms_pool_append(&w->names, names, names_length(names, r->count));
	}
}

static void write_section(const struct maker *m, struct writer *w, enum table_section s)
{
	const struct records *list = &m->records[s];
	size_t size = table_record_size(s);

	for (size_t i = 0; i < list->count; i++) {
		void *record = ms_writer_add(w, s);
		const struct field *f = ms_table_sections[s].fields;

		memcpy(record, list->data + i * size, size);
		for (; f->key; f++) {
			uint64_t value = ms_field_get(record, f);

			if (f->kind == FIELD_NAME)
				value = ms_pool_add(&w->names, m->names.bytes.data + value);
			else if (f->kind == FIELD_SLOT || f->kind == FIELD_FAULT ||
			         f->kind == FIELD_WORK)
				value = resolve(m, value);
			else if (f->kind == FIELD_SOURCE && value && !(value & TABLE_TREE))
				value = m->offsets[value >> SOURCE_AT] +
				        (value & ((1ull << SOURCE_AT) - 1));
			ms_field_set(record, f, value);
		}
	}
}

/* What a row alone does not say: capabilities of the work CNode, physical addresses. */
static void settle(const struct maker *m, struct writer *w)
{
	struct table_cap *c = (void *)w->sections[TABLE_CAPS].data;
	struct table_patch *p = (void *)w->sections[TABLE_PATCHES].data;

	for (size_t i = 0; i < w->sections[TABLE_CAPS].count; i++) {
		if (c[i].cnode != TABLE_NONE)
			continue;
		c[i].index = (uint32_t)(resolve(m, ref_extra(c[i].index)) & ~TABLE_WORK);
		c[i].depth = m->work_bits;
	}
	for (size_t i = 0; i < w->sections[TABLE_PATCHES].count; i++) {
		const struct region *r;

		if (!(p[i].size & PATCH_PADDR))
			continue;
		r = &m->regions[p[i].value];
		p[i].size &= ~PATCH_PADDR;
		p[i].value = r->group == NO ? 0 : m->groups[r->group].paddr;
	}
}

static void write_header(const struct maker *m, struct table_header *h)
{
	h->flags = (m->kernel->mcs ? TABLE_MCS : 0u) |
	           (m->kernel->hypervisor ? TABLE_HYPERVISOR : 0u) |
	           (m->kernel->smp ? TABLE_SMP : 0u);
	h->image_frames = m->boot.frames.first;
	h->image_pages = m->boot.frames.count;
	h->untyped_slot = m->boot.untyped.first;
	h->empty_slot = m->boot.empty;
	h->sched_control = m->kernel->mcs ? m->boot.sched.first : 0;
	h->root_cnode_bits = m->kernel->root_cnode_bits;
	h->archive_page = 0;
	h->cores = m->kernel->cores;
	h->work_untyped = m->work_untyped;
	h->work_bits = m->work_bits;
	h->monitor_cnode = TABLE_WORK | m->groups[m->monitor_cnode].slot;
	h->monitor_bits = m->monitor_bits;
	h->scratch_small = m->scratch_small ? SCRATCH_SMALL : 0;
	h->scratch_large = m->scratch_large ? SCRATCH_LARGE : 0;
	h->kernel = ms_layout_kernel_id(m->kernel);
	h->schedule_start = m->schedule_start;
	h->tree_size = m->tree_size;
}

static uint8_t *write_table(const struct maker *m, size_t size, size_t *len)
{
	struct writer w = {.names = {.count = 0}};

	write_header(m, &w.header);
	for (unsigned s = 0; s < TABLE_STRINGS; s++) {
		if (s == TABLE_UNTYPEDS)
			write_untypeds(m, &w);
		else if (s == TABLE_RETYPES)
			write_retypes(m, &w);
		else if (s == TABLE_RANGES)
			write_ranges(m, &w);
		else
			write_section(m, &w, (enum table_section)s);
	}
	settle(m, &w);
	return ms_writer_finish(&w, size, len);
}

/* Too little, since Retype's records and all names are missing: where the first attempt starts. */
static size_t first_guess(const struct maker *m)
{
	size_t size = sizeof(struct table_header);

	for (unsigned s = 0; s < TABLE_STRINGS; s++)
		if (s != TABLE_RETYPES)
			size += m->records[s].count * table_record_size((enum table_section)s);
	return UP(size, TABLE_STEP);
}

uint8_t *ms_finish(struct maker *m, size_t *len)
{
	struct ms_member *table = &m->members->items[m->members->table];
	const struct ms_member *root = &m->members->items[m->members->root];
	struct elf64 elf;

	if (elf64_open(&elf, root->data, root->len) != ELF64_OK)
		return NULL; /* it was read and reduced before */
	table->len = first_guess(m);
	for (unsigned i = 0; i < ATTEMPT_MAX && table->len <= MS_LAYOUT_TABLE_MAX; i++) {
		uint8_t *bytes;

		m->archive_size = ms_members_offsets(m->members, m->offsets);
		if (!place(m, &elf) || !foresee(m) || !ms_assign(m))
			return NULL;
		bytes = write_table(m, table->len, len);
		if (*len == table->len)
			return bytes;
		table->len = UP(*len, TABLE_STEP);
		free(bytes);
	}
	ms_maker_error(m, "table-size", "the system table is too large (%zu bytes)", table->len);
	return NULL;
}
