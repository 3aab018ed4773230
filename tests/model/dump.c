/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dump.c - the model's state as JSON: what every thread can reach, what it has mapped, how it
 * is scheduled.
 */
#include "parts.h"
#include "both/sha256.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
    [K_NULL] = "Null",
    [K_UNTYPED] = "Untyped",
    [K_ENDPOINT] = "Endpoint",
    [K_NOTIFICATION] = "Notification",
    [K_REPLY] = "Reply",
    [K_CNODE] = "CNode",
    [K_TCB] = "TCB",
    [K_SCHED_CONTEXT] = "SchedContext",
    [K_FRAME] = "Frame",
    [K_PAGE_TABLE] = "PageTable",
    [K_VSPACE] = "VSpace",
    [K_VCPU] = "VCPU",
    [K_IRQ_CONTROL] = "IRQControl",
    [K_IRQ_HANDLER] = "IRQHandler",
    [K_SCHED_CONTROL] = "SchedControl",
    [K_ASID_CONTROL] = "ASIDControl",
    [K_ASID_POOL] = "ASIDPool",
    [K_DOMAIN] = "DomainControl",
    [K_SMC] = "SMC",
};

/* "kind":…,"paddr":… of an object, or "irq":… */
static void dump_target(FILE *f, const struct cap *c)
{
	fprintf(f, "\"kind\":\"%s\"", kinds[c->kind]);
	if (c->object)
		fprintf(f, ",\"paddr\":\"0x%" PRIx64 "\",\"size_bits\":%u", c->object->paddr,
		        c->object->size_bits);
	if (c->kind == K_IRQ_HANDLER)
		fprintf(f, ",\"irq\":%" PRIu64, c->badge);
	else
		fprintf(f, ",\"badge\":\"0x%" PRIx64 "\"", c->badge);
	if (c->kind == K_ENDPOINT || c->kind == K_NOTIFICATION || c->kind == K_FRAME)
		fprintf(f, ",\"rights\":%u", c->rights);
}

static void dump_paddr(FILE *f, const char *key, const struct object *o)
{
	if (o)
		fprintf(f, "\"%s\":\"0x%" PRIx64 "\",", key, o->paddr);
	else
		fprintf(f, "\"%s\":null,", key);
}

static void dump_caps(FILE *f, const struct cap *cspace)
{
	const char *comma = "";

	fprintf(f, "\"cspace\":{\"radix\":%u,\"guard\":\"0x%" PRIx64 "\",\"guard_bits\":%u,",
	        cspace->object->radix, cspace->guard, cspace->guard_bits);
	fprintf(f, "\"paddr\":\"0x%" PRIx64 "\",\"caps\":[", cspace->object->paddr);
	for (uint64_t i = 0; i < 1ull << cspace->object->radix; i++) {
		const struct cap *c = &cspace->object->slots[i];

		if (c->kind == K_NULL)
			continue;
		fprintf(f, "%s{\"slot\":%" PRIu64 ",", comma, i);
		dump_target(f, c);
		fprintf(f, "}");
		comma = ",";
	}
	fprintf(f, "]},");
}

static int by_address(const void *a, const void *b)
{
	uint64_t x = ((const struct page *)a)->vaddr, y = ((const struct page *)b)->vaddr;

	return (x > y) - (x < y);
}

/* The contents of a page of RAM, as the thread sees it. */
static void dump_contents(FILE *f, const struct object *frame)
{
	uint8_t bytes[4096], digest[SHA256_SIZE];
	struct sha256 sha;

	if (frame->device)
		return;
	sha256_start(&sha);
	for (uint64_t at = 0; at < 1ull << frame->size_bits; at += sizeof(bytes)) {
		model_read(frame->paddr + at, bytes, sizeof(bytes));
		sha256_add(&sha, sha256_blocks_c, bytes, sizeof(bytes));
	}
	sha256_end(&sha, sha256_blocks_c, digest);
	fprintf(f, ",\"sha256\":\"");
	for (unsigned i = 0; i < sizeof(digest); i++)
		fprintf(f, "%02x", digest[i]);
	fprintf(f, "\"");
}

static void dump_pages(FILE *f, struct object *space)
{
	fprintf(f, "\"page_tables\":%zu,\"pages\":[", space->span_count);
	if (space->page_count)
		qsort(space->pages, space->page_count, sizeof(*space->pages), by_address);
	for (size_t i = 0; i < space->page_count; i++) {
		const struct page *p = &space->pages[i];

		fprintf(f, "%s{\"vaddr\":\"0x%" PRIx64 "\",\"bits\":%u,", i ? "," : "", p->vaddr,
		        p->bits);
		fprintf(f, "\"paddr\":\"0x%" PRIx64 "\",\"rights\":%u,", p->frame->paddr,
		        p->rights);
		fprintf(f, "\"cached\":%s,\"execute\":%s",
		        p->attributes & SEL4_CACHED ? "true" : "false",
		        p->attributes & SEL4_EXECUTE_NEVER ? "false" : "true");
		dump_contents(f, p->frame);
		fprintf(f, "}");
	}
	fprintf(f, "],");
}

static void dump_sched(FILE *f, const struct thread *t)
{
	fprintf(f, "\"priority\":%" PRIu64 ",\"mcp\":%" PRIu64 ",\"runs\":%s,\"fpu\":%s",
	        t->priority, t->mcp, t->runs ? "true" : "false", t->flags & 1 ? "false" : "true");
#if MS_KERNEL_MCS
	if (t->sc)
		fprintf(f,
		        ",\"sc\":{\"paddr\":\"0x%" PRIx64 "\",\"budget_us\":%" PRIu64
		        ",\"period_us\":%" PRIu64 ",\"badge\":\"0x%" PRIx64 "\",\"core\":%" PRIu64
		        ",\"configured\":%s}",
		        t->sc->paddr, t->sc->budget, t->sc->period, t->sc->sc_badge, t->sc->core,
		        t->sc->configured ? "true" : "false");
	if (t->fault.kind == K_ENDPOINT)
		fprintf(f,
		        ",\"fault\":{\"paddr\":\"0x%" PRIx64 "\",\"badge\":\"0x%" PRIx64
		        "\",\"rights\":%u}",
		        t->fault.object->paddr, t->fault.badge, t->fault.rights);
#else
	fprintf(f, ",\"core\":%" PRIu64 ",\"fault_cptr\":%" PRIu64, t->affinity, t->fault_cptr);
#endif
}

static void dump_thread(FILE *f, const struct object *tcb)
{
	const struct thread *t = tcb->thread;

	fprintf(f, "{\"name\":\"%s\",", t->name);
	dump_paddr(f, "tcb", tcb);
	dump_paddr(f, "notification", t->notification);
	dump_paddr(f, "ipc_frame", t->buffer.object);
	fprintf(f, "\"ipc_vaddr\":\"0x%" PRIx64 "\",", t->buffer_address);
	fprintf(f, "\"entry\":\"0x%" PRIx64 "\",\"sp\":\"0x%" PRIx64 "\",", t->registers[0],
	        t->registers[1]);
	dump_caps(f, &t->cspace);
	dump_paddr(f, "vspace", t->vspace.object);
	dump_pages(f, t->vspace.object);
	dump_sched(f, t);
	fprintf(f, "}");
}

static void dump_irqs(FILE *f)
{
	const char *comma = "";

	fprintf(f, "\"irqs\":[");
	for (unsigned i = 0; i <= IRQ_MAX; i++) {
		const struct irq *q = &model.irqs[i];

		if (!q->active)
			continue;
		fprintf(f, "%s{\"irq\":%u,\"trigger\":\"%s\",\"core\":%u", comma, i,
		        q->trigger ? "edge" : "level", q->core);
		if (q->notification.object)
			fprintf(f,
			        ",\"notification\":\"0x%" PRIx64 "\",\"badge\":\"0x%" PRIx64 "\"",
			        q->notification.object->paddr, q->notification.badge);
		fprintf(f, "}");
		comma = ",";
	}
	fprintf(f, "]");
}

void model_dump(FILE *f)
{
	const struct object *threads[256];
	size_t count = 0;

	for (const struct object *o = model.objects; o && count < 256; o = o->next)
		if (o->kind == K_TCB && o != model.root_tcb && o->thread->cspace.object)
			threads[count++] = o; /* the newest first */
	fprintf(f, "{\"mcs\":%s,\"monitor\":{", MS_KERNEL_MCS ? "true" : "false");
	dump_caps(f, &model.root_tcb->thread->cspace);
	fprintf(f, "\"priority\":%" PRIu64 "},\"threads\":[", model.root_tcb->thread->priority);
	while (count > 0) {
		dump_thread(f, threads[--count]);
		if (count)
			fprintf(f, ",");
	}
	fprintf(f, "],");
	dump_irqs(f);
	fprintf(f, "}\n");
}
