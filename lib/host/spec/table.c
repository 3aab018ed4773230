/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.c - every field of a system, one row each; ms-spec(5) says the same for people.
 */
#include "spec/table.h"
#include "base/mem.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROWS(array)  .rows = (array), .count = COUNT(array)
#define SHAPE(array)                                                                               \
	{                                                                                          \
		.fields = &(array)[0].doc, .count = COUNT(array), .stride = sizeof((array)[0])     \
	}

/* The `doc` member of a row, by kind. */
#define NAME(key)                                                                                  \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_STRING, .min = 1, .max = MS_NAME_MAX                \
	}
#define PATH(key)                                                                                  \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_PATH                                                \
	}
#define INTEGER(key, low, high)                                                                    \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_INTEGER, .min = (low), .max = (high)                \
	}
#define ADDRESS(key)                                                                               \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_HEX                                                 \
	}
#define ENUM(key, words)                                                                           \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_ENUM, .values = (words)                             \
	}
#define LIST(key, low, high, member)                                                               \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_ARRAY, .min = (low), .max = (high),                 \
		.item = &(member)                                                                  \
	}

/* -- [build] ----------------------------------------------------------------------------- */

static const struct ms_spec_row build_rows[] = {
    {.doc = NAME("board"),
     .rule = MS_RULE_BUILD_BOARD,
     .form = MS_FORM_NAME,
     .offset = offsetof(struct ms_build, board),
     .text = "qemu-arm-virt"},
    {.doc = NAME("config"),
     .rule = MS_RULE_BUILD_CONFIG,
     .form = MS_FORM_NAME,
     .offset = offsetof(struct ms_build, config),
     .text = "debug"},
    {.doc = PATH("output_dir"),
     .rule = MS_RULE_BUILD_OUTPUT_DIR,
     .form = MS_FORM_FOLDER,
     .offset = offsetof(struct ms_build, output_dir),
     .text = "build"},
};
const struct ms_spec_table ms_build_table = {
    .noun = "build", ROWS(build_rows), .size = sizeof(struct ms_build)};
static const struct ms_shape build_shape = SHAPE(build_rows);

/* -- [[protection_domains]] -------------------------------------------------------------- */

static const struct ms_spec_row pd_rows[] = {
    {.doc = NAME("name"),
     .rule = MS_RULE_PD_NAME,
     .form = MS_FORM_NAME,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_pd, name)},
    {.doc = PATH("binary"),
     .rule = MS_RULE_PD_BINARY,
     .form = MS_FORM_SOURCE,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_pd, binary)},
    {.doc = INTEGER("priority", 0, MS_PRIORITY_MAX),
     .rule = MS_RULE_PD_PRIORITY,
     .flags = MS_ROW_PRIORITY,
     .offset = offsetof(struct ms_pd, priority),
     .fallback = 0},
    {.doc = INTEGER("stack_bytes", MS_PAGE, MS_STACK_MAX),
     .rule = MS_RULE_PD_STACK,
     .offset = offsetof(struct ms_pd, stack_bytes),
     .fallback = MS_PAGE,
     .step = MS_PAGE},
};
const struct ms_spec_table ms_pd_table = {
    .noun = "protection domain", ROWS(pd_rows), .size = sizeof(struct ms_pd)};
static const struct ms_shape pd_shape = SHAPE(pd_rows);
static const struct ms_field pd_item = {.kind = MS_KIND_OBJECT, .shape = &pd_shape};

/* -- [[channels]] ------------------------------------------------------------------------ */

static const char *const channel_kinds[] = {"ppc", "notification", NULL};
static const char *const channel_ends[] = {"end_a", "end_b", NULL};

static const struct ms_spec_row channel_rows[] = {
    {.doc = NAME("name"),
     .rule = MS_RULE_CHANNEL_NAME,
     .form = MS_FORM_NAME,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_channel, name)},
    {.doc = NAME("end_a"),
     .rule = MS_RULE_CHANNEL_END,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_channel, end_a)},
    {.doc = NAME("end_b"),
     .rule = MS_RULE_CHANNEL_END,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_channel, end_b)},
    {.doc = ENUM("kind", channel_kinds),
     .rule = MS_RULE_CHANNEL_KIND,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_channel, kind),
     .fallback = MS_ABSENT},
    {.doc = INTEGER("id_a", 0, MS_PD_IDS - 1),
     .rule = MS_RULE_CHANNEL_ID,
     .flags = MS_ROW_ID,
     .offset = offsetof(struct ms_channel, id_a),
     .fallback = MS_ABSENT},
    {.doc = INTEGER("id_b", 0, MS_PD_IDS - 1),
     .rule = MS_RULE_CHANNEL_ID,
     .flags = MS_ROW_ID,
     .offset = offsetof(struct ms_channel, id_b),
     .fallback = MS_ABSENT},
    {.doc = {.name = "caller", .kind = MS_KIND_ENUM, .optional = 1, .values = channel_ends},
     .rule = MS_RULE_CHANNEL_CALLER,
     .flags = MS_ROW_DERIVED,
     .offset = offsetof(struct ms_channel, caller),
     .fallback = MS_ABSENT},
};
const struct ms_spec_table ms_channel_table = {
    .noun = "channel", ROWS(channel_rows), .size = sizeof(struct ms_channel)};
static const struct ms_shape channel_shape = SHAPE(channel_rows);
static const struct ms_field channel_item = {.kind = MS_KIND_OBJECT, .shape = &channel_shape};

/* -- [[memory_regions]] ------------------------------------------------------------------ */

static const char *const cachings[] = {"cached", "uncached", "device-memory", NULL};
static const char *const permissions[] = {"read", "write", "execute", NULL};
static const struct ms_field permission = {.kind = MS_KIND_ENUM, .values = permissions};

static const struct ms_spec_row region_rows[] = {
    {.doc = NAME("name"),
     .rule = MS_RULE_REGION_NAME,
     .form = MS_FORM_NAME,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_region, name)},
    {.doc = ADDRESS("phys_addr"),
     .rule = MS_RULE_REGION_ADDRESS,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_region, phys_addr),
     .step = MS_PAGE},
    {.doc = INTEGER("size_bytes", MS_PAGE, MS_DOC_INT_MAX / MS_PAGE * MS_PAGE),
     .rule = MS_RULE_REGION_SIZE,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_region, size_bytes),
     .fallback = MS_ABSENT,
     .step = MS_PAGE},
    {.doc = ENUM("caching", cachings),
     .rule = MS_RULE_REGION_CACHING,
     .offset = offsetof(struct ms_region, caching),
     .fallback = MS_CACHED},
    {.doc = LIST("permissions", 0, 3, permission),
     .rule = MS_RULE_REGION_PERMISSIONS,
     .offset = offsetof(struct ms_region, permissions),
     .fallback = 0},
    {.doc = {.name = "prefill_from", .kind = MS_KIND_PATH, .optional = 1},
     .rule = MS_RULE_REGION_PREFILL,
     .form = MS_FORM_SOURCE,
     .offset = offsetof(struct ms_region, prefill_from)},
};
const struct ms_spec_table ms_region_table = {
    .noun = "memory region", ROWS(region_rows), .size = sizeof(struct ms_region)};
static const struct ms_shape region_shape = SHAPE(region_rows);
static const struct ms_field region_item = {.kind = MS_KIND_OBJECT, .shape = &region_shape};

/* -- [[irq_delivery]] -------------------------------------------------------------------- */

static const struct ms_spec_row irq_rows[] = {
    {.doc = INTEGER("irq", 0, MS_IRQ_MAX - 1),
     .rule = MS_RULE_IRQ_NUMBER,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_irq, irq),
     .fallback = MS_ABSENT},
    {.doc = NAME("target_pd"),
     .rule = MS_RULE_IRQ_TARGET,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_irq, target_pd)},
    {.doc = INTEGER("target_channel", 0, MS_PD_IDS - 1),
     .rule = MS_RULE_IRQ_CHANNEL,
     .flags = MS_ROW_ID,
     .offset = offsetof(struct ms_irq, target_channel),
     .fallback = MS_ABSENT},
};
const struct ms_spec_table ms_irq_table = {
    .noun = "interrupt", ROWS(irq_rows), .size = sizeof(struct ms_irq)};
static const struct ms_shape irq_shape = SHAPE(irq_rows);
static const struct ms_field irq_item = {.kind = MS_KIND_OBJECT, .shape = &irq_shape};

/* -- the whole --------------------------------------------------------------------------- */

static const char *const schemas[] = {MS_SPEC_SCHEMA, NULL};
static const char *const orders[] = {"zero-lowest", "zero-highest", NULL};

static const struct ms_spec_row spec_rows[] = {
    {.doc = ENUM("schema", schemas),
     .rule = MS_RULE_SCHEMA,
     .flags = MS_ROW_ALWAYS,
     .offset = offsetof(struct ms_spec, schema)},
    {.doc = ENUM("priority_order", orders),
     .rule = MS_RULE_PRIORITY_ORDER,
     .offset = offsetof(struct ms_spec, priority_order),
     .fallback = MS_ZERO_LOWEST},
    {.doc = {.name = "build", .kind = MS_KIND_OBJECT, .shape = &build_shape},
     .rule = MS_RULE_WRONG_TYPE,
     .offset = offsetof(struct ms_spec, build),
     .table = &ms_build_table},
    {.doc = LIST("protection_domains", 1, MS_PD_MAX, pd_item),
     .rule = MS_RULE_PD_COUNT,
     .offset = offsetof(struct ms_spec, pds),
     .table = &ms_pd_table},
    {.doc = LIST("channels", 0, MS_CHANNEL_MAX, channel_item),
     .rule = MS_RULE_CHANNEL_COUNT,
     .offset = offsetof(struct ms_spec, channels),
     .table = &ms_channel_table},
    {.doc = LIST("memory_regions", 0, MS_REGION_MAX, region_item),
     .rule = MS_RULE_REGION_COUNT,
     .offset = offsetof(struct ms_spec, regions),
     .table = &ms_region_table},
    {.doc = LIST("irq_delivery", 0, MS_IRQ_MAX, irq_item),
     .rule = MS_RULE_IRQ_COUNT,
     .offset = offsetof(struct ms_spec, irqs),
     .table = &ms_irq_table},
};
const struct ms_spec_table ms_spec_table = {
    .noun = "system", ROWS(spec_rows), .size = sizeof(struct ms_spec)};
const struct ms_shape ms_spec_shape = SHAPE(spec_rows);

/* -- access ------------------------------------------------------------------------------ */

static char *at(void *item, size_t offset)
{
	return (char *)item + offset;
}

static const char *at_const(const void *item, size_t offset)
{
	return (const char *)item + offset;
}

bool ms_row_is_list(const struct ms_spec_row *row)
{
	return row->doc.kind == MS_KIND_ARRAY && row->doc.item->kind == MS_KIND_OBJECT;
}

static void set_default(void *item, const struct ms_spec_row *row, bool marks)
{
	switch (row->doc.kind) {
	case MS_KIND_STRING:
	case MS_KIND_PATH: ms_set_string(item, row, row->text); break;
	case MS_KIND_HEX: ms_set_address(item, row, (uint64_t)row->fallback); break;
	case MS_KIND_OBJECT: ms_item_start(at(item, row->offset), row->table, 0, marks); break;
	default:
		if (!ms_row_is_list(row))
			ms_set_number(item, row, row->fallback);
	}
}

void ms_item_start(void *item, const struct ms_spec_table *table, size_t index, bool marks)
{
	struct ms_node *node = item;

	memset(item, 0, table->size);
	node->table = table;
	node->index = index;
	if (marks)
		node->marks = ms_alloc(table->count, sizeof(*node->marks));
	for (size_t i = 0; i < table->count; i++)
		set_default(item, &table->rows[i], marks);
}

/* The model's collections are distinct types of one layout: they are read and written as bytes. */
static struct ms_items load_items(const void *collection)
{
	struct ms_items items;

	memcpy(&items, collection, sizeof(items));
	return items;
}

void *ms_items_add(void *collection, const struct ms_spec_table *table, bool marks)
{
	struct ms_items items = load_items(collection);
	void *item;

	ms_reserve(&items.items, &items.cap, items.count + 1, table->size);
	item = ms_item_at(items, table, items.count);
	ms_item_start(item, table, items.count, marks);
	items.count++;
	memcpy(collection, &items, sizeof(items));
	return item;
}

const char *ms_get_string(const void *item, const struct ms_spec_row *row)
{
	const char *value;

	memcpy(&value, at_const(item, row->offset), sizeof(value));
	return value;
}

void ms_set_string(void *item, const struct ms_spec_row *row, const char *value)
{
	memcpy(at(item, row->offset), &value, sizeof(value));
}

int64_t ms_get_number(const void *item, const struct ms_spec_row *row)
{
	int64_t number;
	int word;

	if (row->doc.kind == MS_KIND_INTEGER) {
		memcpy(&number, at_const(item, row->offset), sizeof(number));
		return number;
	}
	memcpy(&word, at_const(item, row->offset), sizeof(word));
	return word;
}

void ms_set_number(void *item, const struct ms_spec_row *row, int64_t value)
{
	int word = (int)value;

	if (row->doc.kind == MS_KIND_INTEGER)
		memcpy(at(item, row->offset), &value, sizeof(value));
	else
		memcpy(at(item, row->offset), &word, sizeof(word));
}

uint64_t ms_get_address(const void *item, const struct ms_spec_row *row)
{
	uint64_t value;

	memcpy(&value, at_const(item, row->offset), sizeof(value));
	return value;
}

void ms_set_address(void *item, const struct ms_spec_row *row, uint64_t value)
{
	memcpy(at(item, row->offset), &value, sizeof(value));
}

struct ms_items ms_get_items(const void *item, const struct ms_spec_row *row)
{
	return load_items(at_const(item, row->offset));
}

void *ms_get_object(void *item, const struct ms_spec_row *row)
{
	return at(item, row->offset);
}

const void *ms_get_const_object(const void *item, const struct ms_spec_row *row)
{
	return at_const(item, row->offset);
}

void *ms_item_at(struct ms_items items, const struct ms_spec_table *table, size_t n)
{
	return (char *)items.items + n * table->size;
}

int64_t ms_turn_priority(const struct ms_spec *spec, int64_t priority)
{
	return spec->priority_order == MS_ZERO_HIGHEST ? MS_PRIORITY_MAX - priority : priority;
}
