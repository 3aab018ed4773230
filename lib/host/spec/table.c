/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.c - every field of a system, one row each; ms-spec(5) says the same for people. The rows of
 * protection domains and virtual machines are in table_pds.c.
 */
#include "spec/table.h"
#include "spec/table_pds.h"
#include "spec/table_rows.h"

/* -- [build] ----------------------------------------------------------------------------- */

static const char *const root_tasks[] = {"auto", "pd", "system", NULL};

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
    {.doc = {.name = "sdk", .kind = MS_KIND_PATH, .optional = 1},
     .rule = MS_RULE_BUILD_SDK,
     .form = MS_FORM_SOURCE,
     .offset = offsetof(struct ms_build, sdk)},
    {.doc = ENUM("root_task", root_tasks),
     .rule = MS_RULE_BUILD_ROOT_TASK,
     .offset = offsetof(struct ms_build, root_task),
     .fallback = MS_ROOT_AUTO},
};
const struct ms_spec_table ms_build_table = {
    .noun = "build", ROWS(build_rows), .size = sizeof(struct ms_build)};
static const struct ms_shape build_shape = SHAPE(build_rows);

/* -- [[channels]] ------------------------------------------------------------------------ */

static const char *const channel_kinds[] = {"ppc", "notification", NULL};
static const char *const channel_ends[] = {"end_a", "end_b", NULL};

/* A ppc channel carries calls and nothing else unless it says so. */
static int64_t derive_notify(const struct ms_spec *spec, const void *item)
{
	const struct ms_channel *channel = item;

	(void)spec;
	return channel->kind != MS_CHANNEL_PPC;
}

static const struct ms_spec_row channel_rows[] = {
    {.doc = NAME("name"),
     .rule = MS_RULE_CHANNEL_NAME,
     .form = MS_FORM_NAME,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_channel, name)},
    {.doc = NAME("end_a"),
     .rule = MS_RULE_CHANNEL_END,
     .form = MS_FORM_PD,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_channel, end_a),
     .index = offsetof(struct ms_channel, pd_a)},
    {.doc = NAME("end_b"),
     .rule = MS_RULE_CHANNEL_END,
     .form = MS_FORM_PD,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_channel, end_b),
     .index = offsetof(struct ms_channel, pd_b)},
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
    {.doc = BOOLEAN("notify_a"),
     .rule = MS_RULE_CHANNEL_NOTIFY,
     .offset = offsetof(struct ms_channel, notify_a),
     .fallback = MS_ABSENT,
     .derive = derive_notify},
    {.doc = BOOLEAN("notify_b"),
     .rule = MS_RULE_CHANNEL_NOTIFY,
     .offset = offsetof(struct ms_channel, notify_b),
     .fallback = MS_ABSENT,
     .derive = derive_notify},
    {.doc = SYMBOL("setvar_id_a"),
     .rule = MS_RULE_SYMBOL,
     .form = MS_FORM_SYMBOL,
     .offset = offsetof(struct ms_channel, setvar_id_a)},
    {.doc = SYMBOL("setvar_id_b"),
     .rule = MS_RULE_SYMBOL,
     .form = MS_FORM_SYMBOL,
     .offset = offsetof(struct ms_channel, setvar_id_b)},
};
const struct ms_spec_table ms_channel_table = {
    .noun = "channel", ROWS(channel_rows), .size = sizeof(struct ms_channel)};
static const struct ms_shape channel_shape = SHAPE(channel_rows);
static const struct ms_field channel_item = {.kind = MS_KIND_OBJECT, .shape = &channel_shape};

/* -- { dt = "...", reg = N }, { dt = "...", index = N } ------------------------------------ */

#define DT_ROWS(key)                                                                               \
	{                                                                                          \
		{.doc = {.name = "dt", .kind = MS_KIND_STRING, .min = 1, .max = MS_DT_PATH_MAX},   \
		 .rule = MS_RULE_DT_PATH,                                                          \
		 .form = MS_FORM_DT,                                                               \
		 .flags = MS_ROW_REQUIRED,                                                         \
		 .offset = offsetof(struct ms_dt, dt)},                                            \
		    {.doc = INTEGER(key, 0, MS_DT_INDEX_MAX),                                      \
		     .rule = MS_RULE_DT_INDEX,                                                     \
		     .offset = offsetof(struct ms_dt, index)},                                     \
	}

static const struct ms_spec_row dt_reg_rows[] = DT_ROWS("reg");
static const struct ms_spec_row dt_irq_rows[] = DT_ROWS("index");
const struct ms_spec_table ms_dt_reg_table = {
    .noun = "device-tree register", ROWS(dt_reg_rows), .size = sizeof(struct ms_dt)};
const struct ms_spec_table ms_dt_irq_table = {
    .noun = "device-tree interrupt", ROWS(dt_irq_rows), .size = sizeof(struct ms_dt)};
static const struct ms_shape dt_reg_shape = SHAPE(dt_reg_rows);
static const struct ms_shape dt_irq_shape = SHAPE(dt_irq_rows);

/* -- [[memory_regions]] ------------------------------------------------------------------ */

static const char *const bootinfos[] = {"fdt", NULL};
static const char *const cachings[] = {"cached", "uncached", "device-memory", NULL};

static const struct ms_spec_row region_rows[] = {
    {.doc = NAME("name"),
     .rule = MS_RULE_REGION_NAME,
     .form = MS_FORM_NAME,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_region, name)},
    {.doc = {.name = "phys_addr", .kind = MS_KIND_HEX, .optional = 1, .shape = &dt_reg_shape},
     .either = &ms_dt_reg_table,
     .either_offset = offsetof(struct ms_region, phys_from),
     .rule = MS_RULE_REGION_ADDRESS,
     .offset = offsetof(struct ms_region, phys_addr),
     .fallback = MS_ABSENT,
     .step = MS_PAGE},
    {.doc = {.name = "size_bytes",
             .kind = MS_KIND_INTEGER,
             .optional = 1,
             .min = MS_PAGE,
             .max = MS_DOC_INT_MAX / MS_PAGE * MS_PAGE},
     .rule = MS_RULE_REGION_SIZE,
     .offset = offsetof(struct ms_region, size_bytes),
     .step = MS_PAGE},
    {.doc = ENUM("caching", cachings),
     .rule = MS_RULE_REGION_CACHING,
     .offset = offsetof(struct ms_region, caching),
     .fallback = MS_CACHED},
    {.doc = LIST("permissions", 0, 3, ms_permission_item),
     .rule = MS_RULE_REGION_PERMISSIONS,
     .offset = offsetof(struct ms_region, permissions),
     .fallback = 0},
    {.doc = {.name = "prefill_from", .kind = MS_KIND_PATH, .optional = 1},
     .rule = MS_RULE_REGION_PREFILL,
     .form = MS_FORM_SOURCE,
     .offset = offsetof(struct ms_region, prefill_from)},
    {.doc = {.name = "prefill_bootinfo", .kind = MS_KIND_ENUM, .optional = 1, .values = bootinfos},
     .rule = MS_RULE_REGION_BOOTINFO,
     .offset = offsetof(struct ms_region, prefill_bootinfo),
     .fallback = MS_ABSENT},
    {.doc = {.name = "page_bytes",
             .kind = MS_KIND_INTEGER,
             .optional = 1,
             .min = MS_PAGE,
             .max = MS_LARGE_PAGE},
     .rule = MS_RULE_REGION_PAGE,
     .offset = offsetof(struct ms_region, page_bytes)},
};
const struct ms_spec_table ms_region_table = {
    .noun = "memory region", ROWS(region_rows), .size = sizeof(struct ms_region)};
static const struct ms_shape region_shape = SHAPE(region_rows);
static const struct ms_field region_item = {.kind = MS_KIND_OBJECT, .shape = &region_shape};

/* -- [[irq_delivery]] -------------------------------------------------------------------- */

static const char *const triggers[] = {"level", "edge", NULL};

/* A device tree says how its interrupts are triggered. */
static int64_t derive_trigger(const struct ms_spec *spec, const void *item)
{
	const struct ms_irq *irq = item;

	(void)spec;
	return irq->from.dt ? MS_ABSENT : MS_LEVEL;
}

static const struct ms_spec_row irq_rows[] = {
    {.doc = {.name = "irq", .kind = MS_KIND_INTEGER, .max = MS_IRQ_MAX - 1, .shape = &dt_irq_shape},
     .either = &ms_dt_irq_table,
     .either_offset = offsetof(struct ms_irq, from),
     .rule = MS_RULE_IRQ_NUMBER,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_irq, irq),
     .fallback = MS_ABSENT},
    {.doc = NAME("target_pd"),
     .rule = MS_RULE_IRQ_TARGET,
     .form = MS_FORM_PD,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_irq, target_pd),
     .index = offsetof(struct ms_irq, pd)},
    {.doc = INTEGER("target_channel", 0, MS_PD_IDS - 1),
     .rule = MS_RULE_IRQ_CHANNEL,
     .flags = MS_ROW_ID,
     .offset = offsetof(struct ms_irq, target_channel),
     .fallback = MS_ABSENT},
    {.doc = {.name = "trigger", .kind = MS_KIND_ENUM, .values = triggers, .optional = 1},
     .rule = MS_RULE_IRQ_TRIGGER,
     .offset = offsetof(struct ms_irq, trigger),
     .fallback = MS_ABSENT,
     .derive = derive_trigger},
    {.doc = SYMBOL("setvar_id"),
     .rule = MS_RULE_SYMBOL,
     .form = MS_FORM_SYMBOL,
     .offset = offsetof(struct ms_irq, setvar_id)},
};
const struct ms_spec_table ms_irq_table = {
    .noun = "interrupt", ROWS(irq_rows), .size = sizeof(struct ms_irq)};
static const struct ms_shape irq_shape = SHAPE(irq_rows);
static const struct ms_field irq_item = {.kind = MS_KIND_OBJECT, .shape = &irq_shape};

/* -- [[domains]], [domain_schedule] ------------------------------------------------------ */

static const struct ms_spec_row domain_rows[] = {
    {.doc = NAME("name"),
     .rule = MS_RULE_DOMAIN_NAME,
     .form = MS_FORM_NAME,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_domain, name)},
    {.doc = INTEGER("id", 0, MS_DOMAIN_MAX - 1),
     .rule = MS_RULE_DOMAIN_ID,
     .flags = MS_ROW_ID,
     .offset = offsetof(struct ms_domain, id),
     .fallback = MS_ABSENT},
};
const struct ms_spec_table ms_domain_table = {
    .noun = "domain", ROWS(domain_rows), .size = sizeof(struct ms_domain)};
static const struct ms_shape domain_shape = SHAPE(domain_rows);
static const struct ms_field domain_item = {.kind = MS_KIND_OBJECT, .shape = &domain_shape};

static const char *const time_units[] = {"us", "ticks", NULL};

static const struct ms_spec_row entry_rows[] = {
    {.doc = REFERENCE("domain"),
     .rule = MS_RULE_SCHEDULE_DOMAIN,
     .form = MS_FORM_DOMAIN,
     .offset = offsetof(struct ms_schedule_entry, domain),
     .index = offsetof(struct ms_schedule_entry, domain_index)},
    {.doc = {.name = "duration",
             .kind = MS_KIND_INTEGER,
             .optional = 1,
             .min = 1,
             .max = MS_DOC_INT_MAX},
     .rule = MS_RULE_SCHEDULE_DURATION,
     .offset = offsetof(struct ms_schedule_entry, duration),
     .fallback = MS_ABSENT},
    {.doc = {.name = "unit", .kind = MS_KIND_ENUM, .optional = 1, .values = time_units},
     .rule = MS_RULE_SCHEDULE_UNIT,
     .offset = offsetof(struct ms_schedule_entry, unit),
     .fallback = MS_ABSENT},
    {.doc = {.name = "end_marker", .kind = MS_KIND_BOOLEAN, .optional = 1},
     .rule = MS_RULE_WRONG_TYPE,
     .offset = offsetof(struct ms_schedule_entry, end_marker)},
};
const struct ms_spec_table ms_schedule_entry_table = {
    .noun = "schedule entry", ROWS(entry_rows), .size = sizeof(struct ms_schedule_entry)};
static const struct ms_shape entry_shape = SHAPE(entry_rows);
static const struct ms_field entry_item = {.kind = MS_KIND_OBJECT, .shape = &entry_shape};

static const struct ms_spec_row schedule_rows[] = {
    {.doc = INTEGER("start_index", 0, MS_SCHEDULE_MAX - 1),
     .rule = MS_RULE_SCHEDULE_START,
     .offset = offsetof(struct ms_schedule, start_index)},
    {.doc = INTEGER("index_shift", 0, MS_SCHEDULE_MAX - 1),
     .rule = MS_RULE_SCHEDULE_SHIFT,
     .offset = offsetof(struct ms_schedule, index_shift)},
    {.doc = LIST("entries", 0, MS_SCHEDULE_MAX, entry_item),
     .rule = MS_RULE_SCHEDULE_COUNT,
     .offset = offsetof(struct ms_schedule, entries),
     .table = &ms_schedule_entry_table},
};
const struct ms_spec_table ms_schedule_table = {
    .noun = "domain schedule", ROWS(schedule_rows), .size = sizeof(struct ms_schedule)};
static const struct ms_shape schedule_shape = SHAPE(schedule_rows);

/* -- [[assertions]] ---------------------------------------------------------------------- */

static const struct ms_field name_item = {.kind = MS_KIND_STRING, .min = 1, .max = MS_NAME_MAX};

#define OBJECT(key, what)                                                                          \
	{                                                                                          \
		.doc = REFERENCE(#key), .rule = MS_RULE_ASSERTION_NAME, .form = MS_FORM_##what,    \
		.offset = offsetof(struct ms_assertion, key)                                       \
	}

/* The names of what is asserted are listed once more in check_assertions.c, with their meaning. */
static const struct ms_spec_row assertion_rows[] = {
    {.doc = {.name = "only",
             .kind = MS_KIND_ARRAY,
             .optional = 1,
             .max = MS_PD_MAX,
             .item = &name_item},
     .rule = MS_RULE_ASSERTION_NAME,
     .form = MS_FORM_PD,
     .offset = offsetof(struct ms_assertion, only)},
    OBJECT(never, PD),
    {.doc = {.name = "at_most", .kind = MS_KIND_INTEGER, .optional = 1, .max = MS_PD_MAX},
     .rule = MS_RULE_ASSERTION_NUMBER,
     .offset = offsetof(struct ms_assertion, at_most),
     .fallback = MS_ABSENT},
    OBJECT(may_map, REGION),
    OBJECT(may_write, REGION),
    OBJECT(may_call, PD),
    OBJECT(may_signal, PD),
    OBJECT(may_reach, PD),
    OBJECT(maps, REGION),
    OBJECT(writes, REGION),
    OBJECT(calls, PD),
    OBJECT(signals, PD),
    OBJECT(reaches, PD),
    OBJECT(mappers, REGION),
    OBJECT(writers, REGION),
    OBJECT(callers, PD),
    OBJECT(signallers, PD),
    OBJECT(reachers, PD),
};
const struct ms_spec_table ms_assertion_table = {
    .noun = "assertion", ROWS(assertion_rows), .size = sizeof(struct ms_assertion)};
static const struct ms_shape assertion_shape = SHAPE(assertion_rows);
static const struct ms_field assertion_item = {.kind = MS_KIND_OBJECT, .shape = &assertion_shape};

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
    {.doc = LIST("protection_domains", 1, MS_PD_MAX, ms_pd_item),
     .rule = MS_RULE_PD_COUNT,
     .offset = offsetof(struct ms_spec, pds),
     .table = &ms_pd_table},
    {.doc = LIST("channels", 0, MS_CHANNEL_MAX, channel_item),
     .rule = MS_RULE_CHANNEL_COUNT,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_spec, channels),
     .table = &ms_channel_table},
    {.doc = LIST("memory_regions", 0, MS_REGION_MAX, region_item),
     .rule = MS_RULE_REGION_COUNT,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_spec, regions),
     .table = &ms_region_table},
    {.doc = LIST("irq_delivery", 0, MS_IRQ_MAX, irq_item),
     .rule = MS_RULE_IRQ_COUNT,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_spec, irqs),
     .table = &ms_irq_table},
    {.doc = OPTIONAL_LIST("virtual_machines", 0, MS_VM_MAX, ms_vm_item),
     .rule = MS_RULE_VM_COUNT,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_spec, vms),
     .table = &ms_vm_table},
    {.doc = OPTIONAL_LIST("domains", 0, MS_DOMAIN_MAX, domain_item),
     .rule = MS_RULE_DOMAIN_COUNT,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_spec, domains),
     .table = &ms_domain_table},
    {.doc = {.name = "domain_schedule",
             .kind = MS_KIND_OBJECT,
             .optional = 1,
             .shape = &schedule_shape},
     .rule = MS_RULE_WRONG_TYPE,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_spec, schedule),
     .table = &ms_schedule_table},
    {.doc = LIST("assertions", 0, MS_ASSERTION_MAX, assertion_item),
     .rule = MS_RULE_ASSERTION_COUNT,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_spec, assertions),
     .table = &ms_assertion_table},
};
const struct ms_spec_table ms_spec_table = {
    .noun = "system", ROWS(spec_rows), .size = sizeof(struct ms_spec)};
const struct ms_shape ms_spec_shape = SHAPE(spec_rows);
