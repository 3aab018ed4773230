/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * devices.c - references to the device tree become numbers. See devices.h.
 *
 * A region consists of pages. Where a register begins or ends inside a page, the region has the
 * whole page, and whoever maps it sees what else lies there: that is told, with the offset at which
 * the register begins.
 */
#include "layout/devices.h"

#include "base/diag.h"
#include "base/mem.h"
#include "layout/devicetree.h"
#include "spec/document.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define RULE "device-tree"

/* -- the record ---------------------------------------------------------------------------- */

static const char *const triggers[] = {"level", "edge", NULL};

static const struct ms_field device_fields[] = {
    {.name = "region", .kind = MS_KIND_STRING, .min = 1, .max = MS_NAME_MAX, .optional = 1},
    {.name = "pd", .kind = MS_KIND_STRING, .min = 1, .max = MS_NAME_MAX, .optional = 1},
    {.name = "dt", .kind = MS_KIND_STRING, .min = 1, .max = MS_DT_PATH_MAX},
    {.name = "index", .kind = MS_KIND_INTEGER, .max = MS_DT_INDEX_MAX},
    {.name = "node", .kind = MS_KIND_STRING, .min = 1, .max = 65536},
    {.name = "phys_addr", .kind = MS_KIND_HEX, .optional = 1},
    {.name = "size_bytes", .kind = MS_KIND_INTEGER, .max = MS_DOC_INT_MAX, .optional = 1},
    {.name = "offset", .kind = MS_KIND_INTEGER, .max = MS_PAGE - 1, .optional = 1},
    {.name = "irq", .kind = MS_KIND_INTEGER, .max = MS_IRQ_MAX - 1, .optional = 1},
    {.name = "trigger", .kind = MS_KIND_ENUM, .values = triggers, .optional = 1},
};
static const struct ms_shape device_shape = {
    .fields = device_fields, .count = sizeof(device_fields) / sizeof(device_fields[0])};
const struct ms_field ms_devices_item = {.kind = MS_KIND_OBJECT, .shape = &device_shape};

/* -- looking up ---------------------------------------------------------------------------- */

struct resolver {
	struct ms_tree tree;
	const struct ms_spec *system;
	json_t *spec;    /* the numbers go there */
	json_t *devices; /* and there */
	unsigned errors;
};

static void fault(struct resolver *r, const struct ms_node *node, size_t offset, const char *what,
                  const char *why)
{
	struct ms_place place = ms_spec_place(r->system, node, offset);

	ms_report(MS_ERROR, place.line ? &place : NULL, RULE, "%s: %s", what, why);
	r->errors++;
}

static json_t *record(struct resolver *r, const struct ms_dt *from, size_t node)
{
	json_t *row = json_object();

	ms_doc_set(row, "dt", ms_doc_new_string(from->dt));
	ms_doc_set(row, "index", ms_doc_new_integer(from->index));
	ms_doc_set(row, "node", ms_doc_new_string(ms_tree_path(&r->tree, node)));
	ms_doc_append(r->devices, row);
	return row;
}

static void resolve_region(struct resolver *r, const struct ms_region *region)
{
	const struct ms_dt *from = &region->phys_from;
	const char *what = ms_format("memory region %s", region->name), *why;
	json_t *own = json_array_get(ms_doc_member(r->spec, "memory_regions"), region->node.index);
	uint64_t address = 0, size = 0, start, end;
	size_t node;
	json_t *row;

	why = ms_tree_find(&r->tree, from->dt, &node);
	if (!why)
		why = ms_tree_reg(&r->tree, node, (unsigned)from->index, &address, &size);
	start = address & ~(uint64_t)(MS_PAGE - 1);
	end = address + size;
	if (!why && (end > UINT64_MAX - MS_PAGE || end - start > MS_DOC_INT_MAX - MS_PAGE))
		why = ms_format("register %" PRId64 " of %s is too large", from->index,
		                ms_tree_path(&r->tree, node));
	if (why) {
		fault(r, &region->node, offsetof(struct ms_region, phys_addr), what, why);
		return;
	}
	end = (end + MS_PAGE - 1) & ~(uint64_t)(MS_PAGE - 1);
	row = record(r, from, node);
	ms_doc_set(row, "region", ms_doc_new_string(region->name));
	ms_doc_set(row, "phys_addr", ms_doc_new_hex(address));
	ms_doc_set(row, "size_bytes", ms_doc_new_integer((int64_t)size));
	ms_doc_set(row, "offset", ms_doc_new_integer((int64_t)(address - start)));
	ms_doc_set(own, "phys_addr", ms_doc_new_hex(start));
	if (!region->size_bytes)
		ms_doc_set(own, "size_bytes", ms_doc_new_integer((int64_t)(end - start)));
	else if ((uint64_t)region->size_bytes > end - start)
		ms_report(MS_WARNING, NULL, RULE,
		          "%s: its size_bytes, %" PRId64 ", goes past register %" PRId64
		          " of %s, which has %" PRIu64,
		          what, region->size_bytes, from->index, from->dt, size);
}

static void resolve_irq(struct resolver *r, const struct ms_irq *irq)
{
	const struct ms_dt *from = &irq->from;
	const char *what =
	    ms_format("interrupt %" PRId64 " of %s, of %s", from->index, from->dt, irq->target_pd);
	json_t *own = json_array_get(ms_doc_member(r->spec, "irq_delivery"), irq->node.index), *row;
	unsigned number = 0;
	const char *why;
	size_t node;
	int edge = -1;

	why = ms_tree_find(&r->tree, from->dt, &node);
	if (!why)
		why = ms_tree_irq(&r->tree, node, (unsigned)from->index, &number, &edge);
	if (why) {
		fault(r, &irq->node, offsetof(struct ms_irq, irq), what, why);
		return;
	}
	if (irq->trigger != MS_ABSENT)
		edge = irq->trigger == MS_EDGE;
	row = record(r, from, node);
	ms_doc_set(row, "pd", ms_doc_new_string(irq->target_pd));
	ms_doc_set(row, "irq", ms_doc_new_integer(number));
	ms_doc_set(row, "trigger", ms_doc_new_string(triggers[edge > 0]));
	ms_doc_set(own, "irq", ms_doc_new_integer(number));
	ms_doc_set(own, "trigger", ms_doc_new_string(triggers[edge > 0]));
}

/* The first reference of a system, or NULL. */
static const struct ms_dt *first_reference(const struct ms_spec *spec)
{
	for (size_t i = 0; i < spec->regions.count; i++)
		if (spec->regions.items[i].phys_from.dt)
			return &spec->regions.items[i].phys_from;
	for (size_t i = 0; i < spec->irqs.count; i++)
		if (spec->irqs.items[i].from.dt)
			return &spec->irqs.items[i].from;
	return NULL;
}

struct ms_spec *ms_devices_resolve(const char *name, struct ms_spec *spec,
                                   const struct ms_kernel *kernel, json_t **devices)
{
	const struct ms_dt *first = first_reference(spec);
	struct resolver r = {0};
	struct fdt fdt;

	*devices = NULL;
	if (!first)
		return spec;
	if (!kernel->dtb.path || fdt_open(&fdt, kernel->dtb.data, kernel->dtb.len) != FDT_OK) {
		ms_report(MS_ERROR, NULL, RULE,
		          "the system names %s of the device tree, but the kernel folder %s has no "
		          "kernel.dtb (a Microkit SDK brings none); put its board's one there by "
		          "that name, name a build or install tree of seL4, or write the numbers",
		          first->dt, kernel->dir);
		return NULL;
	}
	ms_tree_open(&r.tree, &fdt);
	r.system = spec;
	r.spec = ms_spec_to_json(spec);
	r.devices = json_array();
	for (size_t i = 0; i < spec->regions.count; i++)
		if (spec->regions.items[i].phys_from.dt)
			resolve_region(&r, &spec->regions.items[i]);
	for (size_t i = 0; i < spec->irqs.count; i++)
		if (spec->irqs.items[i].from.dt)
			resolve_irq(&r, &spec->irqs.items[i]);
	if (r.errors)
		return NULL;
	*devices = r.devices;
	return ms_spec_from_json_like(name, r.spec, spec);
}

/* -- for people ---------------------------------------------------------------------------- */

static const char *text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text ? text : "";
}

static json_int_t number_of(const json_t *row, const char *key)
{
	return json_integer_value(json_object_get(row, key));
}

char *ms_devices_text(const json_t *devices)
{
	struct ms_buf out = {0};
	const json_t *row;
	size_t i;

	json_array_foreach(devices, i, row)
	{
		const char *dt = text_of(row, "dt"), *node = text_of(row, "node");
		const char *also = strcmp(dt, node) == 0 ? "" : ms_format(" (%s)", node);

		if (json_object_get(row, "region"))
			ms_buf_printf(&out,
			              "  region %s: register %" JSON_INTEGER_FORMAT
			              " of %s%s is at "
			              "%s, %" JSON_INTEGER_FORMAT " bytes",
			              text_of(row, "region"), number_of(row, "index"), dt, also,
			              text_of(row, "phys_addr"), number_of(row, "size_bytes"));
		else
			ms_buf_printf(&out,
			              "  %s: interrupt %" JSON_INTEGER_FORMAT
			              " of %s%s is %" JSON_INTEGER_FORMAT ", %s",
			              text_of(row, "pd"), number_of(row, "index"), dt, also,
			              number_of(row, "irq"), text_of(row, "trigger"));
		if (number_of(row, "offset"))
			ms_buf_printf(&out, ", %" JSON_INTEGER_FORMAT " bytes into the region",
			              number_of(row, "offset"));
		ms_buf_puts(&out, "\n");
	}
	return out.data ? out.data : ms_strdup("");
}
