/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xml_write.c - a system as a system description of Microkit. Attributes come from the same rows
 * as those that are read (xml_schema.c); what they cannot say is reported, not left out.
 */
#include "spec/document.h"
#include "spec/xml.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum rule {
	EXPORT_BUILD,
	EXPORT_ROOT_TASK,
	EXPORT_SOURCE,
	EXPORT_NAME,
	EXPORT_ADDRESS,
	EXPORT_ID,
	EXPORT_SETVAR,
	EXPORT_CEILING,
	EXPORT_CACHING,
	EXPORT_ASSERTION,
	EXPORT_DEVICE_TREE,
	EXPORT_VCPU_SYMBOL,
	EXPORT_BOOTINFO,
	EXPORT_RULES
};

static const struct {
	const char *name, *summary;
	enum ms_severity severity;
} rules[EXPORT_RULES] = {
    [EXPORT_BUILD] = {"export-build", "Nothing but root_task stands in [build].", MS_ERROR},
    [EXPORT_ROOT_TASK] = {"export-root-task", "No protection domain is the root task itself.",
                          MS_ERROR},
    [EXPORT_SOURCE] = {"export-source", "Every binary is a linked program.", MS_ERROR},
    [EXPORT_NAME] = {"export-name", "No protection domain is called monitor.", MS_ERROR},
    [EXPORT_ADDRESS] = {"export-address", "Every map has its virtual address.", MS_ERROR},
    [EXPORT_ID] = {"export-id", "No channel id is 62.", MS_ERROR},
    [EXPORT_SETVAR] = {"export-setvar", "Every setvar is the address of a region.", MS_ERROR},
    [EXPORT_CEILING] = {"export-ceiling",
                        "A region's permissions are those that its maps have together.", MS_ERROR},
    [EXPORT_CACHING] = {"export-caching", "A region that nobody maps is cached.", MS_ERROR},
    [EXPORT_ASSERTION] = {"export-assertion", "There is no assertion.", MS_ERROR},
    [EXPORT_DEVICE_TREE] = {"export-device-tree",
                            "Physical addresses and interrupts are numbers, not names of the "
                            "device tree.",
                            MS_ERROR},
    [EXPORT_VCPU_SYMBOL] = {"export-vcpu-symbol",
                            "No virtual CPU has a setvar_id, since Microkit's tool passes over it.",
                            MS_WARNING},
    [EXPORT_BOOTINFO] = {"export-bootinfo",
                         "No region is filled with the device tree, since Microkit's loader hands "
                         "none to the kernel.",
                         MS_WARNING},
};

struct writer {
	struct ms_buf out;
	const struct ms_source *source;
	const struct ms_spec *spec;
	unsigned leave_out;
	unsigned errors;
	int depth;
	unsigned *mapped; /* permissions that maps of a region have, by region */
};

/* What the spec says at that offset of the item cannot be said. */
static void fault(struct writer *w, enum rule rule, const struct ms_node *node, size_t offset,
                  const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static void fault(struct writer *w, enum rule rule, const struct ms_node *node, size_t offset,
                  const char *fmt, ...)
{
	const struct ms_mark *mark = ms_mark_at(node, offset);
	struct ms_place place = {.source = w->source};
	va_list ap;

	if (!mark || !mark->line)
		mark = &node->at;
	if (mark->line)
		place =
		    (struct ms_place){w->source, mark->line, mark->col, mark->len ? mark->len : 1};
	w->errors += rules[rule].severity == MS_ERROR;
	va_start(ap, fmt);
	ms_report(rules[rule].severity, &place, rules[rule].name, "%s", ms_vformat(fmt, ap));
	va_end(ap);
}

/* -- XML --------------------------------------------------------------------------------- */

static void indent(struct writer *w)
{
	for (int i = 0; i < w->depth; i++)
		ms_buf_puts(&w->out, "    ");
}

static void open_tag(struct writer *w, const char *name)
{
	indent(w);
	ms_buf_printf(&w->out, "<%s", name);
}

static void close_tag(struct writer *w, const char *name)
{
	w->depth--;
	indent(w);
	ms_buf_printf(&w->out, "</%s>\n", name);
}

static void begin_children(struct writer *w)
{
	ms_buf_puts(&w->out, ">\n");
	w->depth++;
}

static void end_leaf(struct writer *w)
{
	ms_buf_puts(&w->out, " />\n");
}

static void attribute(struct writer *w, const char *name, const char *value)
{
	ms_buf_printf(&w->out, " %s=\"", name);
	for (; *value; value++) {
		switch (*value) {
		case '&': ms_buf_puts(&w->out, "&amp;"); break;
		case '<': ms_buf_puts(&w->out, "&lt;"); break;
		case '"': ms_buf_puts(&w->out, "&quot;"); break;
		default: ms_buf_add(&w->out, value, 1);
		}
	}
	ms_buf_puts(&w->out, "\"");
}

static const char *letters_of(unsigned permissions)
{
	return ms_format("%s%s%s", permissions & MS_READ ? "r" : "",
	                 permissions & MS_WRITE ? "w" : "", permissions & MS_EXECUTE ? "x" : "");
}

/* A path of the project; there build is a folder like any other. */
static const char *plain_path(const char *path)
{
	static const char prefix[] = "@project/";

	return strncmp(path, prefix, strlen(prefix)) == 0 ? path + strlen(prefix) : path;
}

static const char *value_of(const struct ms_node *node, const struct ms_spec_row *row,
                            enum ms_xml_form form)
{
	switch (form) {
	case MS_XML_PATH: return plain_path(ms_get_string(node, row));
	case MS_XML_NUMBER:
		if (row->doc.kind == MS_KIND_HEX)
			return ms_format("0x%" PRIx64, ms_get_address(node, row));
		/* Sizes in hexadecimal, as people write them there. */
		if (row->step || strcmp(row->doc.name, "page_bytes") == 0)
			return ms_format("0x%" PRIx64, (uint64_t)ms_get_number(node, row));
		return ms_format("%" PRId64, ms_get_number(node, row));
	case MS_XML_DECIMAL: return ms_format("%" PRId64, ms_get_number(node, row));
	case MS_XML_BOOL: return ms_get_number(node, row) ? "true" : "false";
	case MS_XML_BOOTINFO:
	case MS_XML_WORD: return row->doc.values[ms_get_number(node, row)];
	case MS_XML_PERMISSIONS: return letters_of((unsigned)ms_get_number(node, row));
	default: return ms_get_string(node, row);
	}
}

/* True for what Microkit assumes of an attribute that is not there. */
static bool is_assumed(const struct writer *w, const struct ms_node *node,
                       const struct ms_xml_attribute *a, const struct ms_spec_row *row)
{
	if (a->flags & MS_XML_REQUIRED)
		return false;
	if (strcmp(a->key, "stack_bytes") == 0)
		return ms_get_number(node, row) == MS_XML_STACK;
	if (a->form == MS_XML_PERMISSIONS)
		return ms_get_number(node, row) == (MS_READ | MS_WRITE);
	if (strcmp(a->key, "cached") == 0)
		return ms_get_number(node, row) == 1;
	/* The versions differ in what they assume of a virtual CPU's core. */
	if (node->table == &ms_vcpu_table && strcmp(a->key, "cpu") == 0)
		return ms_get_number(node, row) == 0 && ms_row_is_default(w->spec, node, row);
	return ms_row_is_default(w->spec, node, row);
}

static void write_attributes(struct writer *w, const struct ms_xml_element *element,
                             const struct ms_node *node)
{
	for (size_t i = 0; i < element->count; i++) {
		const struct ms_xml_attribute *a = &element->attributes[i];
		const struct ms_spec_row *row = a->key ? ms_xml_row(node->table, a->key) : NULL;

		if (row && !ms_row_is_absent(node, row) && !is_assumed(w, node, a, row))
			attribute(w, a->name, value_of(node, row, a->form));
	}
}

static void write_leaf(struct writer *w, const struct ms_xml_element *element,
                       const struct ms_node *node)
{
	open_tag(w, element->name);
	write_attributes(w, element, node);
	end_leaf(w);
}

/* -- protection domains ------------------------------------------------------------------ */

static void write_maps(struct writer *w, const struct ms_xml_element *element,
                       const struct ms_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		const struct ms_map *map = &maps->items[i];

		if (map->vaddr == MS_ANYWHERE)
			fault(w, EXPORT_ADDRESS, &map->node, offsetof(struct ms_map, vaddr),
			      "%s has no vaddr; Microkit chooses none", ms_label(&map->node));
		write_leaf(w, element, &map->node);
	}
}

static void write_setvars(struct writer *w, const struct ms_pd *pd)
{
	for (size_t i = 0; i < pd->setvars.count; i++) {
		const struct ms_setvar *setvar = &pd->setvars.items[i];

		if (!setvar->region_paddr)
			fault(w, EXPORT_SETVAR, &setvar->node, offsetof(struct ms_setvar, value),
			      "%s has a value; Microkit sets addresses of regions alone",
			      ms_label(&setvar->node));
		write_leaf(w, &ms_xml_setvar, &setvar->node);
	}
}

static void check_id(struct writer *w, const struct ms_node *node, size_t offset, int64_t id)
{
	if (id >= MS_PD_CALLED_IDS)
		fault(w, EXPORT_ID, node, offset, "%s has id %" PRId64 "; Microkit's end at %d",
		      ms_label(node), id, MS_PD_CALLED_IDS - 1);
}

static void write_irqs(struct writer *w, const struct ms_pd *pd)
{
	for (size_t i = 0; i < w->spec->irqs.count; i++) {
		const struct ms_irq *irq = &w->spec->irqs.items[i];

		if (irq->pd != pd->node.index)
			continue;
		check_id(w, &irq->node, offsetof(struct ms_irq, target_channel),
		         irq->target_channel);
		if (irq->from.dt)
			fault(w, EXPORT_DEVICE_TREE, &irq->node, offsetof(struct ms_irq, irq),
			      "%s is looked up in the device tree, which Microkit has no word for",
			      ms_label(&irq->node));
		open_tag(w, "irq");
		attribute(w, "irq", ms_format("%" PRId64, irq->irq));
		attribute(w, "id", ms_format("%" PRId64, irq->target_channel));
		if (irq->trigger != MS_LEVEL)
			attribute(w, "trigger", "edge");
		if (irq->setvar_id)
			attribute(w, "setvar_id", irq->setvar_id);
		end_leaf(w);
	}
}

static void write_caps(struct writer *w, const struct ms_pd *pd)
{
	if (!pd->caps.count)
		return;
	open_tag(w, "cspace");
	begin_children(w);
	for (size_t i = 0; i < pd->caps.count; i++) {
		const struct ms_cap *cap = &pd->caps.items[i];

		open_tag(w, ms_xml_cspace.children[cap->kind]);
		attribute(w, "slot", ms_format("%" PRId64, cap->slot));
		attribute(w, "pd", cap->pd);
		end_leaf(w);
	}
	close_tag(w, "cspace");
}

static void write_vm(struct writer *w, const struct ms_vm *vm)
{
	open_tag(w, "virtual_machine");
	write_attributes(w, &ms_xml_vm, &vm->node);
	begin_children(w);
	for (size_t i = 0; i < vm->vcpus.count; i++) {
		const struct ms_vcpu *vcpu = &vm->vcpus.items[i];

		if (vcpu->setvar_id)
			fault(w, EXPORT_VCPU_SYMBOL, &vcpu->node,
			      offsetof(struct ms_vcpu, setvar_id),
			      "%s has a setvar_id, which Microkit's tool takes and passes over",
			      ms_label(&vcpu->node));
		write_leaf(w, &ms_xml_vcpu, &vcpu->node);
	}
	write_maps(w, &ms_xml_vm_map, &vm->maps);
	close_tag(w, "virtual_machine");
}

static void check_pd(struct writer *w, const struct ms_pd *pd)
{
	if (!ms_pd_is_ready(pd))
		fault(w, EXPORT_SOURCE, &pd->node, offsetof(struct ms_pd, binary),
		      "binary '%s' of %s is a source; Microkit takes linked programs alone",
		      ms_clip(pd->binary), ms_label(&pd->node));
	if (strcmp(pd->name, "monitor") == 0)
		fault(w, EXPORT_NAME, &pd->node, offsetof(struct ms_pd, name),
		      "'monitor' is Microkit's own protection domain");
}

/* Children stand in their parent. */
static void write_pd(struct writer *w, const struct ms_pd *pd)
{
	check_pd(w, pd);
	open_tag(w, "protection_domain");
	write_attributes(w, &ms_xml_pd, &pd->node);
	begin_children(w);
	write_leaf(w, &ms_xml_program_image, &pd->node);
	write_maps(w, &ms_xml_map, &pd->maps);
	write_setvars(w, pd);
	write_irqs(w, pd);
	write_caps(w, pd);
	if (pd->vm_index != MS_NO_INDEX)
		write_vm(w, &w->spec->vms.items[pd->vm_index]);
	for (size_t i = 0; i < w->spec->pds.count; i++) {
		if (w->spec->pds.items[i].parent_index == pd->node.index)
			write_pd(w, &w->spec->pds.items[i]);
	}
	close_tag(w, "protection_domain");
}

/* -- the rest ---------------------------------------------------------------------------- */

static void count_maps(struct writer *w, const struct ms_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++)
		w->mapped[maps->items[i].region_index] |= maps->items[i].permissions;
}

static void write_region(struct writer *w, const struct ms_region *region)
{
	const unsigned mapped = w->mapped[region->node.index];
	const unsigned said = mapped ? mapped : MS_READ | MS_WRITE;

	if (region->permissions != said && !(w->leave_out & MS_MICROKIT_NO_CEILINGS))
		fault(w, EXPORT_CEILING, &region->node, offsetof(struct ms_region, permissions),
		      "%s has permissions \"%s\", its maps \"%s\": only maps have permissions "
		      "there (--leave-out ceilings)",
		      ms_label(&region->node), letters_of(region->permissions), letters_of(mapped));
	if (region->phys_from.dt)
		fault(w, EXPORT_DEVICE_TREE, &region->node, offsetof(struct ms_region, phys_addr),
		      "the address of %s is looked up in the device tree, which Microkit has no "
		      "word for",
		      ms_label(&region->node));
	if (region->prefill_bootinfo != MS_ABSENT)
		fault(
		    w, EXPORT_BOOTINFO, &region->node, offsetof(struct ms_region, prefill_bootinfo),
		    "%s is filled with the device tree; Microkit's loader hands none to the "
		    "kernel, and leaves zeroes%s",
		    ms_label(&region->node),
		    region->size_bytes ? "" : " on the one page that a region without a size has");
	if (!mapped && region->caching != MS_CACHED)
		fault(w, EXPORT_CACHING, &region->node, offsetof(struct ms_region, caching),
		      "%s is not cached and mapped by nobody: only maps are uncached there",
		      ms_label(&region->node));
	write_leaf(w, &ms_xml_region, &region->node);
}

static void write_end(struct writer *w, const struct ms_channel *ch, bool b)
{
	const int64_t id = b ? ch->id_b : ch->id_a;
	const char *symbol = b ? ch->setvar_id_b : ch->setvar_id_a;

	check_id(w, &ch->node,
	         b ? offsetof(struct ms_channel, id_b) : offsetof(struct ms_channel, id_a), id);
	open_tag(w, "end");
	attribute(w, "pd", b ? ch->end_b : ch->end_a);
	attribute(w, "id", ms_format("%" PRId64, id));
	if (ch->caller == (b ? MS_END_B : MS_END_A))
		attribute(w, "pp", "true");
	if (!(b ? ch->notify_b : ch->notify_a))
		attribute(w, "notify", "false");
	if (symbol)
		attribute(w, "setvar_id", symbol);
	end_leaf(w);
}

/* A channel has no name there: it stands in a comment. */
static void write_channel(struct writer *w, const struct ms_channel *ch)
{
	indent(w);
	ms_buf_puts(&w->out, "<!-- ");
	/* Two dashes cannot stand in a comment. */
	for (const char *s = ch->name; *s; s++)
		ms_buf_printf(&w->out, s > ch->name && *s == '-' && s[-1] == '-' ? " %c" : "%c",
		              *s);
	ms_buf_puts(&w->out, " -->\n");
	open_tag(w, "channel");
	begin_children(w);
	write_end(w, ch, false);
	write_end(w, ch, true);
	close_tag(w, "channel");
}

static void write_domains(struct writer *w)
{
	const struct ms_schedule *schedule = &w->spec->schedule;

	if (!w->spec->domains.count)
		return;
	open_tag(w, "domains");
	begin_children(w);
	for (size_t i = 0; i < w->spec->domains.count; i++) {
		const struct ms_domain *domain = &w->spec->domains.items[i];

		open_tag(w, "domain");
		attribute(w, "name", domain->name);
		attribute(w, "id", ms_format("%" PRId64, domain->id));
		end_leaf(w);
	}
	open_tag(w, "domain_schedule");
	write_attributes(w, &ms_xml_schedule, &schedule->node);
	begin_children(w);
	for (size_t i = 0; i < schedule->entries.count; i++) {
		const struct ms_schedule_entry *entry = &schedule->entries.items[i];

		open_tag(w, entry->end_marker ? "schedule_end_marker" : "schedule_entry");
		if (!entry->end_marker) {
			attribute(w, "domain", entry->domain);
			attribute(w, "duration",
			          ms_format("%" PRId64 " %s", entry->duration,
			                    entry->unit == MS_TICKS ? "ticks" : "us"));
		}
		end_leaf(w);
	}
	close_tag(w, "domain_schedule");
	close_tag(w, "domains");
}

static void check_build(struct writer *w)
{
	const struct ms_build *build = &w->spec->build;

	for (size_t i = 0; i < build->node.table->count; i++) {
		const struct ms_spec_row *row = &build->node.table->rows[i];

		if (row->offset == offsetof(struct ms_build, root_task) ||
		    ms_row_is_default(w->spec, build, row) || (w->leave_out & MS_MICROKIT_NO_BUILD))
			continue;
		fault(w, EXPORT_BUILD, &build->node, row->offset,
		      "%s is no part of Microkit's system description (--leave-out build)",
		      row->doc.name);
	}
	if (!ms_spec_is_system(w->spec))
		fault(w, EXPORT_ROOT_TASK, &w->spec->pds.items[0].node, 0,
		      "%s is the root task itself (root_task = \"system\" makes it one of "
		      "Microkit's kind)",
		      ms_label(&w->spec->pds.items[0].node));
	for (size_t i = 0; i < w->spec->assertions.count; i++) {
		if (!(w->leave_out & MS_MICROKIT_NO_ASSERTIONS))
			fault(w, EXPORT_ASSERTION, &w->spec->assertions.items[i].node, 0,
			      "Microkit has no assertions (--leave-out assertions)");
	}
}

char *ms_microkit_from_spec(const struct ms_source *source, const struct ms_spec *spec,
                            unsigned leave_out, size_t *len)
{
	struct writer w = {.source = source, .spec = spec, .leave_out = leave_out};

	w.mapped = ms_alloc(spec->regions.count + 1, sizeof(*w.mapped));
	for (size_t i = 0; i < spec->pds.count; i++)
		count_maps(&w, &spec->pds.items[i].maps);
	for (size_t i = 0; i < spec->vms.count; i++)
		count_maps(&w, &spec->vms.items[i].maps);
	check_build(&w);
	ms_buf_puts(&w.out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<system>\n");
	w.depth = 1;
	write_domains(&w);
	for (size_t i = 0; i < spec->regions.count; i++)
		write_region(&w, &spec->regions.items[i]);
	for (size_t i = 0; i < spec->pds.count; i++) {
		if (spec->pds.items[i].parent_index == MS_NO_INDEX)
			write_pd(&w, &spec->pds.items[i]);
	}
	for (size_t i = 0; i < spec->channels.count; i++)
		write_channel(&w, &spec->channels.items[i]);
	close_tag(&w, "system");
	free(w.mapped);
	*len = w.out.len;
	return w.errors ? NULL : w.out.data;
}

void ms_microkit_list_export_rules(void)
{
	for (size_t i = 0; i < EXPORT_RULES; i++)
		printf("%s\t%s\t%s\n", rules[i].name,
		       rules[i].severity == MS_ERROR ? "error" : "warning", rules[i].summary);
}
