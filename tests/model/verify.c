/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify.c - whether what there is after a run is what the system table says, no less and no
 * more: capabilities of every CNode that a thread has, pages of every address space, bytes of
 * every frame that is written, threads, interrupts, and what the monitor keeps.
 */
#include "parts.h"
#include "both/table.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static FILE *errors;
static unsigned differences;
static const struct table_header *table;
static const uint8_t *image;
static const struct cap *root_slots, *work_slots;

__attribute__((format(printf, 2, 3))) static void differs(uint32_t name, const char *format, ...)
{
	va_list ap;

	fprintf(errors, "model: %s: ", table_name(table, name));
	va_start(ap, format);
	vfprintf(errors, format, ap);
	va_end(ap);
	fprintf(errors, "\n");
	differences++;
}

static const struct cap *slot(uint64_t number)
{
	return number & TABLE_WORK ? &work_slots[number & ~TABLE_WORK] : &root_slots[number];
}

#define EACH(type, r, section)                                                                     \
	for (uint32_t i_##r = 0; i_##r < table_count(table, section); i_##r++)                     \
		for (const struct type *r = table_record(table, section, i_##r), *once_##r = r;    \
		     once_##r; once_##r = NULL)

/* -- capabilities -------------------------------------------------------------------------- */

static int has_rights(enum kind kind)
{
	return kind == K_ENDPOINT || kind == K_NOTIFICATION || kind == K_FRAME;
}

static int same_cap(const struct cap *found, const struct cap *source, uint64_t badge,
                    unsigned rights)
{
	uint64_t want_badge = source->badge;

	if (source->kind == K_ENDPOINT || source->kind == K_NOTIFICATION)
		want_badge |= badge;
	if (source->kind == K_CNODE && (found->guard_bits != (badge & 63) || found->guard != 0))
		return 0;
	return found->kind == source->kind && found->object == source->object &&
	       found->badge == want_badge &&
	       (!has_rights(source->kind) || found->rights == (source->rights & rights));
}

/* What a thread finds in a CNode of its CSpace is listed; slot i of it has CPtr i << shift. */
static void verify_cnode(const struct table_thread *t, struct object *cnode, unsigned shift)
{
	struct cap *root = &slot(t->tcb)->object->thread->cspace;
	uint64_t listed = 0, found = 0;

	EACH(table_cap, r, TABLE_CAPS)
	{
		struct lookup l;

		if (!r->cnode || slot(r->cnode)->object != cnode)
			continue;
		listed++;
		l = look_up(root, (uint64_t)r->index << shift, 64);
		if (cnode->slots[r->index].kind == K_CNODE)
			verify_cnode(t, cnode->slots[r->index].object, 0);
		else if (l.bits_left != (shift && r->index ? shift : 0) ||
		         l.slot != &cnode->slots[r->index])
			differs(r->name, "not found by its CPtr");
	}
	for (uint64_t i = 0; i < 1ull << cnode->radix; i++)
		found += cnode->slots[i].kind != K_NULL;
	if (found != listed)
		differs(t->name, "%" PRIu64 " capabilities, not %" PRIu64, found, listed);
}

static void verify_caps(void)
{
	EACH(table_cap, r, TABLE_CAPS)
	{
		const struct cap *found = r->cnode ? &slot(r->cnode)->object->slots[r->index]
		                                   : slot(TABLE_WORK | r->index);

		if (!same_cap(found, slot(r->source), r->badge, r->rights))
			differs(r->name, "another capability in slot %u", r->index);
	}
	EACH(table_thread, t, TABLE_THREADS)
	verify_cnode(t, slot(t->cnode)->object,
	             t->cspace_data ? 0 : 64 - slot(t->cnode)->object->radix);
}

static void verify_kept(void)
{
	const struct cap *cspace = &model.root_tcb->thread->cspace;
	uint64_t found = 0;

	if (cspace->object != slot(table->monitor_cnode)->object) {
		differs(0, "the monitor does not live in its CNode");
		return;
	}
	EACH(table_kept, k, TABLE_KEPT)
	if (cspace->object->slots[k->slot].object != slot(k->source)->object)
		differs(0, "the monitor has something else in slot %u", k->slot);
	for (uint64_t i = 0; i < 1ull << cspace->object->radix; i++)
		found += cspace->object->slots[i].kind != K_NULL;
	if (found != table_count(table, TABLE_KEPT))
		differs(0, "the monitor has %" PRIu64 " capabilities", found);
}

/* -- address spaces ------------------------------------------------------------------------ */

static const struct page *find_page(const struct object *space, uint64_t vaddr)
{
	for (size_t i = 0; i < space->page_count; i++)
		if (space->pages[i].vaddr == vaddr)
			return &space->pages[i];
	return NULL;
}

static void verify_map(const struct table_map *m)
{
	unsigned rights = (m->flags & TABLE_MAP_READ ? SEL4_READ : 0u) |
	                  (m->flags & TABLE_MAP_WRITE ? SEL4_WRITE : 0u);
	unsigned attributes = (m->flags & TABLE_MAP_CACHED ? SEL4_CACHED : 0u) |
	                      (m->flags & TABLE_MAP_EXECUTE ? 0u : SEL4_EXECUTE_NEVER);

	for (uint32_t i = 0; i < m->count; i++) {
		uint64_t vaddr = m->vaddr + ((uint64_t)i << m->page_bits);
		const struct page *p = find_page(slot(m->vspace)->object, vaddr);

		if (!p || p->frame != slot(m->frames + i)->object || p->bits != m->page_bits ||
		    p->rights != rights || p->attributes != attributes)
			differs(m->name, "not mapped as listed at 0x%" PRIx64, vaddr);
		if (!(m->flags & TABLE_MAP_CACHED) && slot(m->frames + i)->object->dirty)
			differs(m->name, "seen past the caches at 0x%" PRIx64 ", which hold more",
			        vaddr);
	}
}

static void verify_spaces(void)
{
	EACH(table_map, m, TABLE_MAPS)
	verify_map(m);
	EACH(table_space, s, TABLE_SPACES)
	{
		const struct object *space = slot(s->vspace)->object;
		uint64_t pages = 0, tables = 0;

		EACH(table_map, m, TABLE_MAPS)
		if (slot(m->vspace)->object == space)
			pages += m->count;
		EACH(table_table, t, TABLE_TABLES)
		tables += slot(t->vspace)->object == space;
		if (space->page_count != pages || space->span_count != tables)
			differs(s->name,
			        "%zu pages and %zu tables mapped, not %" PRIu64 " and %" PRIu64,
			        space->page_count, space->span_count, pages, tables);
	}
	EACH(table_table, t, TABLE_TABLES)
	{
		const struct cap *c = slot(t->table);

		if (c->space != slot(t->vspace)->object || c->vaddr != t->vaddr)
			differs(t->name, "its page table is not at 0x%" PRIx64, t->vaddr);
	}
}

/* -- bytes --------------------------------------------------------------------------------- */

/* A frame as the records before it left it, written on by one frame's fills and patches. */
static void verify_frame(uint64_t frame, uint32_t page_bits, uint32_t name)
{
	size_t size = (size_t)1 << page_bits;
	uint8_t *want = calloc(1, size), *found = malloc(size);

	if (!want || !found)
		abort();
	if (!(frame & TABLE_WORK))
		memcpy(want, image + (frame - table->image_frames) * size, size);
	EACH(table_fill, f, TABLE_FILLS)
	{
		if (f->frame != frame)
			continue;
		if (f->flags & TABLE_FILL_ZERO)
			memset(want + f->at, 0, f->size);
		else if (f->source & TABLE_TREE)
			memcpy(want + f->at, (const char *)model.tree + (f->source & ~TABLE_TREE),
			       f->size);
		else
			memcpy(want + f->at, image + f->source, f->size);
	}
	EACH(table_patch, p, TABLE_PATCHES)
	if (p->frame == frame)
		memcpy(want + p->at, &p->value, p->size);
	model_read(slot(frame)->object->paddr, found, size);
	if (memcmp(found, want, size) != 0)
		differs(name, "other bytes in the frame at 0x%" PRIx64, slot(frame)->object->paddr);
	free(want);
	free(found);
}

/* Every page that is mapped anywhere: those that nobody writes are as the archive has them. */
static void verify_bytes(void)
{
	EACH(table_fill, f, TABLE_FILLS)
	verify_frame(f->frame, f->page_bits, f->name);
	EACH(table_patch, p, TABLE_PATCHES)
	verify_frame(p->frame, p->page_bits, p->name);
	EACH(table_map, m, TABLE_MAPS)
	for (uint32_t i = 0; i < m->count && m->page_bits == 12; i++)
		if (!slot(m->frames + i)->object->device)
			verify_frame(m->frames + i, m->page_bits, m->name);
}

/* -- threads and interrupts ---------------------------------------------------------------- */

static void verify_thread(const struct table_thread *r, const struct thread *t)
{
	int good =
	    t->cspace.object == slot(r->cnode)->object && t->cspace.guard_bits == r->cspace_data &&
	    t->cspace.guard == 0 && t->vspace.object == slot(r->vspace)->object &&
	    t->buffer.object == slot(r->ipc_frame)->object && t->buffer_address == r->ipc_vaddr &&
	    t->priority == r->priority && t->mcp == r->mcp && t->registers[0] == r->entry &&
	    t->registers[1] == r->sp && t->runs == ((r->flags & TABLE_THREAD_RESUME) != 0) &&
	    t->domain == r->domain && t->flags == (r->flags & TABLE_THREAD_NO_FPU ? 1u : 0u) &&
	    t->vcpu == (r->vcpu ? slot(r->vcpu)->object : NULL) &&
	    t->notification == (r->notification ? slot(r->notification)->object : NULL) &&
	    strcmp(t->name, table_name(table, r->name)) == 0;

#if MS_KERNEL_MCS
	good = good && t->sc == (r->sc ? slot(r->sc)->object : NULL) &&
	       t->fault.object == (r->fault ? slot(r->fault)->object : NULL) &&
	       t->fault.badge == (r->fault ? slot(r->fault)->badge : 0);
	if (good && t->sc)
		good = t->sc->lends == (r->flags & TABLE_THREAD_PASSIVE ? t->notification : NULL) &&
		       t->sc->budget == r->budget_us && t->sc->period == r->period_us &&
		       t->sc->sc_badge == r->sc_badge && t->sc->core == r->core;
#else
	good = good && t->fault_cptr == r->fault && t->affinity == r->core;
#endif
	if (!good)
		differs(r->name, "its thread is not as listed");
}

static void verify_irqs(void)
{
	unsigned active = 0;

	EACH(table_irq, r, TABLE_IRQS)
	{
		const struct cap *n = slot(r->notification);
		const struct irq *q = &model.irqs[r->irq];

		if (!q->active || q->trigger != r->trigger ||
		    q->core != (MS_KERNEL_SMP ? r->core : 0) ||
		    q->notification.object != n->object || q->notification.badge != n->badge ||
		    slot(r->dest)->kind != K_IRQ_HANDLER || slot(r->dest)->badge != r->irq)
			differs(r->name, "interrupt %u is not as listed", r->irq);
	}
	for (unsigned i = 0; i <= IRQ_MAX; i++)
		active += (unsigned)model.irqs[i].active;
	if (active != table_count(table, TABLE_IRQS))
		differs(0, "%u interrupts in use", active);
}

static void verify_schedule(void)
{
	EACH(table_schedule, r, TABLE_SCHEDULE)
	{
		if (r->index >= SCHEDULE_ENTRIES || model.schedule[r->index].domain != r->domain ||
		    model.schedule[r->index].duration != r->duration)
			differs(0, "entry %u of the domain schedule is not as listed", r->index);
	}
	if (model.schedule_begun != (table_count(table, TABLE_SCHEDULE) != 0) ||
	    model.schedule_start != table->schedule_start)
		differs(0, "the domain schedule does not begin at entry %" PRIu64,
		        table->schedule_start);
}

unsigned model_verify(FILE *out, const void *system_table, const void *user_image)
{
	errors = out;
	differences = 0;
	table = system_table;
	image = user_image;
	root_slots = model.root_cnode->slots;
	work_slots = root_slots[table->empty_slot].object->slots;
	EACH(table_retype, r, TABLE_RETYPES)
	if (slot(r->dest)->object->paddr != r->paddr)
		differs(r->name, "made at 0x%" PRIx64 ", not at 0x%" PRIx64,
		        slot(r->dest)->object->paddr, r->paddr);
	verify_caps();
	verify_kept();
	verify_spaces();
	verify_bytes();
	EACH(table_thread, t, TABLE_THREADS)
	verify_thread(t, slot(t->tcb)->object->thread);
	verify_irqs();
	verify_schedule();
	return differences;
}
