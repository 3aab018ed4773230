/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * schedule.c - who runs when: priorities, budgets, domains; and which interrupts go where.
 */
#include "report/page.h"
#include "report/strip.h"
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BAR 100 /* points: the whole of a processor */

/* A thread, of a PD or a virtual CPU. */
struct runner {
	const char *name, *of; /* of: "" or "virtual CPU of NAME" */
	int64_t priority, cpu, budget, period;
	const char *domain;
	bool passive;
	size_t order;
};

static int by_priority(const void *a, const void *b)
{
	const struct runner *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority > y->priority ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static struct runner *runners(const struct ms_spec *spec, size_t *count)
{
	struct runner *list = ms_alloc(spec->pds.count + MS_VCPU_MAX + 1, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < spec->pds.count; i++) {
		const struct ms_pd *pd = &spec->pds.items[i];

		list[n] =
		    (struct runner){pd->name,      "",         pd->priority, pd->cpu, pd->budget_us,
		                    pd->period_us, pd->domain, pd->passive,  n};
		n++;
	}
	for (size_t i = 0; i < spec->vms.count; i++) {
		const struct ms_vm *vm = &spec->vms.items[i];

		for (size_t k = 0; k < vm->vcpus.count && n < spec->pds.count + MS_VCPU_MAX; k++) {
			list[n] = (struct runner){
			    ms_format("%s/%" PRId64, vm->name, vm->vcpus.items[k].id),
			    ms_format("virtual CPU of %s", vm->name),
			    vm->priority,
			    vm->vcpus.items[k].cpu,
			    vm->budget_us,
			    vm->period_us,
			    spec->pds.items[vm->parent_index].domain,
			    false,
			    n};
			n++;
		}
	}
	qsort(list, n, sizeof(*list), by_priority);
	*count = n;
	return list;
}

static void put_budget(struct ms_page *page, const struct runner *r)
{
	/* In thousandths, without a product that could be too large. */
	int64_t part = r->period >= INT64_MAX / 1000 ? r->budget / (r->period / 1000)
	               : r->period > 0 && r->budget < INT64_MAX / 1000
	                   ? r->budget * 1000 / r->period
	                   : 0;
	int width = (int)(part * BAR / 1000);

	if (r->passive) {
		ms_buf_puts(&page->out,
		            "<td colspan=\"3\">passive: runs on its callers' time</td>");
		return;
	}
	ms_html(&page->out, "<td class=\"num\">%" PRIu64 "</td><td class=\"num\">%" PRIu64 "</td>",
	        (uint64_t)r->budget, (uint64_t)r->period);
	ms_html(&page->out,
	        "<td data-value=\"%" PRIu64 "\"><svg class=\"bar\" width=\"%d\" height=\"10\" "
	        "aria-hidden=\"true\"><rect class=\"ground\" width=\"%d\" height=\"10\"/><rect "
	        "class=\"fill\" width=\"%d\" height=\"10\"/></svg> %" PRIu64 ".%d %%</td>",
	        (uint64_t)part, BAR, BAR, width > BAR ? BAR : width, (uint64_t)part / 10,
	        (int)(part % 10));
}

static void put_runners(struct ms_page *page)
{
	static const struct ms_column columns[] = {
	    {"Thread", ""}, {"Priority", "num"},          {"Core", "num"},
	    {"Domain", ""}, {"Budget, \xc2\xb5s", "num"}, {"Period, \xc2\xb5s", "num"},
	    {"Share", ""}};
	const json_t *kernel = ms_doc_at(page->doc->archive, "kernel");
	bool classic = kernel && !json_is_true(ms_doc_at(kernel, "mcs"));
	bool domains = page->spec->domains.count > 0;
	struct ms_column used[7];
	size_t count, n = 0;
	struct runner *list = runners(page->spec, &count);

	for (size_t i = 0; i < 7; i++)
		if ((i != 3 || domains) && (i < 4 || !classic))
			used[n++] = columns[i];
	ms_table_open(page, "threads", "Threads, the most urgent first", used, n, NULL);
	for (size_t i = 0; i < count; i++) {
		ms_buf_puts(&page->out, "<tr><th scope=\"row\">");
		ms_pd_link(page, list[i].name);
		if (*list[i].of)
			ms_html(&page->out, " <span class=\"more\">%s</span>", list[i].of);
		ms_buf_puts(&page->out, "</th>");
		ms_cell_number(page, (uint64_t)list[i].priority);
		ms_cell_number(page, (uint64_t)list[i].cpu);
		if (domains)
			ms_cell(page, list[i].domain ? list[i].domain : "");
		if (!classic)
			put_budget(page, &list[i]);
		ms_buf_puts(&page->out, "</tr>\n");
	}
	ms_table_close(page);
	if (classic)
		ms_buf_puts(&page->out,
		            "<p>This kernel is a classic one: threads of the same priority "
		            "take turns, and there are no budgets.</p>\n");
	free(list);
}

static void put_domains(struct ms_page *page)
{
	static const struct ms_column columns[] = {
	    {"Entry", "num"}, {"Domain", ""}, {"Duration", ""}};
	const struct ms_schedule *s = &page->spec->schedule;
	struct ms_piece *pieces = ms_alloc(s->entries.count + 1, sizeof(*pieces));
	uint64_t at = 0;
	size_t n = 0;
	bool ticks = false, us = false;

	for (size_t i = 0; i < s->entries.count; i++) {
		const struct ms_schedule_entry *e = &s->entries.items[i];

		if (e->end_marker || e->duration <= 0)
			continue;
		ticks = ticks || e->unit == MS_TICKS;
		us = us || e->unit != MS_TICKS;
		pieces[n++] =
		    (struct ms_piece){at, at + (uint64_t)e->duration, e->domain,
		                      e->domain_index % 2 ? "c-data" : "c-code",
		                      ms_format("%s for %" PRId64 " %s", e->domain, e->duration,
		                                e->unit == MS_TICKS ? "ticks" : "\xc2\xb5s")};
		at += (uint64_t)e->duration;
	}
	ms_buf_puts(&page->out, "<h3>Domains</h3>\n");
	/* How long a tick is, only the kernel knows: of both units there is no scale. */
	if (at && ticks != us)
		ms_strip_draw(&page->out,
		              &(struct ms_strip){.label = "The schedule of domains, to scale",
		                                 .end = at,
		                                 .width = 1000,
		                                 .time = true,
		                                 .unit = ticks ? "ticks" : "\xc2\xb5s"},
		              pieces, n);
	ms_table_open(
	    page, "domain-schedule",
	    ms_format("Schedule of domains, which begins with entry %" PRId64, s->start_index),
	    columns, 3, NULL);
	for (size_t i = 0; i < s->entries.count; i++) {
		const struct ms_schedule_entry *e = &s->entries.items[i];

		ms_buf_puts(&page->out, "<tr>");
		ms_cell_number(page, i);
		ms_cell(page, e->end_marker ? "end of a round" : e->domain);
		ms_cell(page, e->end_marker
		                  ? ""
		                  : ms_format("%" PRId64 " %s", e->duration,
		                              e->unit == MS_TICKS ? "ticks" : "\xc2\xb5s"));
		ms_buf_puts(&page->out, "</tr>\n");
	}
	ms_table_close(page);
	free(pieces);
}

void ms_page_schedule(struct ms_page *page)
{
	ms_section_open(page, "schedule", "Schedule", NULL);
	put_runners(page);
	if (page->spec->schedule.entries.count)
		put_domains(page);
	ms_section_close(page);
}

/* By the device tree's words, the number is what ms-layout found there. */
static void put_interrupt(struct ms_page *page, const struct ms_irq *irq)
{
	const json_t *device =
	    irq->from.dt ? ms_document_device(page->doc, "pd", irq->target_pd, &irq->from) : NULL;
	const char *trigger = irq->trigger == MS_EDGE    ? "edge"
	                      : irq->trigger == MS_LEVEL ? "level"
	                      : device                   ? ms_document_text(device, "trigger")
	                                                 : "not looked up yet";

	if (irq->from.dt && !device)
		ms_buf_puts(&page->out, "<tr><th scope=\"row\">not looked up yet</th>");
	else
		ms_html(&page->out, "<tr><th scope=\"row\">%" PRIu64 "</th>",
		        device ? ms_document_number(device, "irq") : (uint64_t)irq->irq);
	ms_cell(page, trigger);
	ms_buf_puts(&page->out, "<td>");
	ms_pd_link(page, irq->target_pd);
	ms_buf_puts(&page->out, "</td>");
	ms_cell_number(page, (uint64_t)irq->target_channel);
	ms_cell(page, irq->from.dt ? ms_format("interrupt %" PRId64 " of %s%s%s", irq->from.index,
	                                       irq->from.dt, device ? ", " : "",
	                                       ms_document_text(device, "node"))
	                           : "");
	ms_buf_puts(&page->out, "</tr>\n");
}

void ms_page_interrupts(struct ms_page *page)
{
	static const struct ms_column columns[] = {{"Interrupt", ""},
	                                           {"Trigger", ""},
	                                           {"Delivered to", ""},
	                                           {"As channel", "num"},
	                                           {"From", ""}};

	if (page->spec->irqs.count == 0)
		return;
	ms_section_open(page, "interrupts", "Interrupts", NULL);
	ms_table_open(page, "irqs", "Interrupts, and who gets them", columns, 5, NULL);
	for (size_t i = 0; i < page->spec->irqs.count; i++)
		put_interrupt(page, &page->spec->irqs.items[i]);
	ms_table_close(page);
	ms_section_close(page);
}
