/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.c - every field of a system, one row each; ms-spec(5) says the same for people.
 */
#include "spec/table.h"

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
#define ENUM(key, words)                                                                           \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_ENUM, .values = (words)                             \
	}
#define BOOLEAN(key)                                                                               \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_BOOLEAN                                             \
	}
#define SYMBOL(key)                                                                                \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_STRING, .min = 1, .max = MS_SYMBOL_MAX,             \
		.optional = 1                                                                      \
	}
#define REFERENCE(key)                                                                             \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_STRING, .min = 1, .max = MS_NAME_MAX, .optional = 1 \
	}
#define LIST(key, low, high, member)                                                               \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_ARRAY, .min = (low), .max = (high),                 \
		.item = &(member)                                                                  \
	}
/* A list that is not there when it is empty. */
#define OPTIONAL_LIST(key, low, high, member)                                                      \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_ARRAY, .min = (low), .max = (high),                 \
		.item = &(member), .optional = 1                                                   \
	}

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

/* -- [[protection_domains.maps]] --------------------------------------------------------- */

static const char *const permissions[] = {"read", "write", "execute", NULL};
static const struct ms_field permission = {.kind = MS_KIND_ENUM, .values = permissions};

static const struct ms_region *mapped(const struct ms_spec *spec, const struct ms_map *map)
{
	return map->region_index == MS_NO_INDEX ? NULL : &spec->regions.items[map->region_index];
}

static int64_t derive_permissions(const struct ms_spec *spec, const void *item)
{
	const struct ms_region *region = mapped(spec, item);

	return region ? region->permissions : 0;
}

static int64_t derive_cached(const struct ms_spec *spec, const void *item)
{
	const struct ms_region *region = mapped(spec, item);

	return region && region->caching == MS_CACHED;
}

static const struct ms_spec_row map_rows[] = {
    {.doc = NAME("region"),
     .rule = MS_RULE_MAP_REGION,
     .form = MS_FORM_REGION,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_map, region),
     .index = offsetof(struct ms_map, region_index)},
    {.doc = {.name = "vaddr", .kind = MS_KIND_HEX, .optional = 1},
     .rule = MS_RULE_MAP_ADDRESS,
     .flags = MS_ROW_AUTO,
     .offset = offsetof(struct ms_map, vaddr),
     .fallback = MS_ABSENT,
     .step = MS_PAGE},
    {.doc = LIST("permissions", 0, 3, permission),
     .rule = MS_RULE_MAP_PERMISSIONS,
     .offset = offsetof(struct ms_map, permissions),
     .fallback = MS_ABSENT,
     .derive = derive_permissions},
    {.doc = BOOLEAN("cached"),
     .rule = MS_RULE_MAP_CACHED,
     .offset = offsetof(struct ms_map, cached),
     .fallback = MS_ABSENT,
     .derive = derive_cached},
    {.doc = SYMBOL("setvar_vaddr"),
     .rule = MS_RULE_SYMBOL,
     .form = MS_FORM_SYMBOL,
     .offset = offsetof(struct ms_map, setvar_vaddr)},
    {.doc = SYMBOL("setvar_size"),
     .rule = MS_RULE_SYMBOL,
     .form = MS_FORM_SYMBOL,
     .offset = offsetof(struct ms_map, setvar_size)},
    {.doc = SYMBOL("setvar_prefill_size"),
     .rule = MS_RULE_SYMBOL,
     .form = MS_FORM_SYMBOL,
     .offset = offsetof(struct ms_map, setvar_prefill_size)},
};
const struct ms_spec_table ms_map_table = {
    .noun = "map", ROWS(map_rows), .size = sizeof(struct ms_map)};
static const struct ms_shape map_shape = SHAPE(map_rows);

/* A guest has no symbols that could be set: the rows up to them. */
#define VM_MAP_ROWS 4
const struct ms_spec_table ms_vm_map_table = {
    .noun = "map", .rows = map_rows, .count = VM_MAP_ROWS, .size = sizeof(struct ms_map)};
static const struct ms_shape vm_map_shape = {
    .fields = &map_rows[0].doc, .count = VM_MAP_ROWS, .stride = sizeof(map_rows[0])};
static const struct ms_field vm_map_item = {.kind = MS_KIND_OBJECT, .shape = &vm_map_shape};
static const struct ms_field map_item = {.kind = MS_KIND_OBJECT, .shape = &map_shape};

/* -- [[protection_domains.setvars]] ------------------------------------------------------ */

static const struct ms_spec_row setvar_rows[] = {
    {.doc = {.name = "symbol", .kind = MS_KIND_STRING, .min = 1, .max = MS_SYMBOL_MAX},
     .rule = MS_RULE_SYMBOL,
     .form = MS_FORM_SYMBOL,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_setvar, symbol)},
    {.doc = REFERENCE("region_paddr"),
     .rule = MS_RULE_SETVAR_REGION,
     .form = MS_FORM_REGION,
     .offset = offsetof(struct ms_setvar, region_paddr),
     .index = offsetof(struct ms_setvar, region_index)},
    {.doc = {.name = "value", .kind = MS_KIND_HEX, .optional = 1},
     .rule = MS_RULE_SETVAR_VALUE,
     .flags = MS_ROW_ELSE,
     .offset = offsetof(struct ms_setvar, value)},
};
const struct ms_spec_table ms_setvar_table = {
    .noun = "setvar", ROWS(setvar_rows), .size = sizeof(struct ms_setvar)};
static const struct ms_shape setvar_shape = SHAPE(setvar_rows);
static const struct ms_field setvar_item = {.kind = MS_KIND_OBJECT, .shape = &setvar_shape};

/* -- [[protection_domains.caps]] --------------------------------------------------------- */

static const char *const cap_kinds[] = {"tcb", "sc", "vspace", NULL};

static const struct ms_spec_row cap_rows[] = {
    {.doc = ENUM("kind", cap_kinds),
     .rule = MS_RULE_CAP_KIND,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_cap, kind),
     .fallback = MS_ABSENT},
    {.doc = NAME("pd"),
     .rule = MS_RULE_CAP_PD,
     .form = MS_FORM_PD,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_cap, pd),
     .index = offsetof(struct ms_cap, pd_index)},
    {.doc = INTEGER("slot", 1, MS_CAP_SLOTS),
     .rule = MS_RULE_CAP_SLOT,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_cap, slot),
     .fallback = MS_ABSENT},
};
const struct ms_spec_table ms_cap_table = {
    .noun = "cap", ROWS(cap_rows), .size = sizeof(struct ms_cap)};
static const struct ms_shape cap_shape = SHAPE(cap_rows);
static const struct ms_field cap_item = {.kind = MS_KIND_OBJECT, .shape = &cap_shape};

/* -- [[protection_domains]] -------------------------------------------------------------- */

static const struct ms_field path_item = {.kind = MS_KIND_PATH};
/* "." is no MS_KIND_PATH. */
static const struct ms_field folder_item = {.kind = MS_KIND_STRING, .min = 1, .max = 1023};
static const struct ms_field text_item = {.kind = MS_KIND_STRING, .min = 1, .max = 1023};

static int64_t derive_period(const struct ms_spec *spec, const void *item)
{
	const struct ms_pd *pd = item;

	(void)spec;
	return pd->budget_us;
}

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
    {.doc = LIST("sources", 0, MS_FILES_MAX, path_item),
     .rule = MS_RULE_PD_SOURCES,
     .form = MS_FORM_CODE,
     .offset = offsetof(struct ms_pd, sources)},
    {.doc = LIST("include_dirs", 0, MS_FILES_MAX, folder_item),
     .rule = MS_RULE_PD_INCLUDE_DIRS,
     .form = MS_FORM_INCLUDE,
     .offset = offsetof(struct ms_pd, include_dirs)},
    {.doc = LIST("defines", 0, MS_FILES_MAX, text_item),
     .rule = MS_RULE_PD_DEFINES,
     .form = MS_FORM_DEFINE,
     .offset = offsetof(struct ms_pd, defines)},
    {.doc = LIST("libs", 0, MS_FILES_MAX, path_item),
     .rule = MS_RULE_PD_LIBS,
     .form = MS_FORM_LIBRARY,
     .offset = offsetof(struct ms_pd, libs)},
    {.doc = INTEGER("budget_us", MS_BUDGET_MIN, MS_DOC_INT_MAX),
     .rule = MS_RULE_PD_BUDGET,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_pd, budget_us),
     .fallback = MS_BUDGET_DEFAULT},
    {.doc = INTEGER("period_us", MS_BUDGET_MIN, MS_DOC_INT_MAX),
     .rule = MS_RULE_PD_PERIOD,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_pd, period_us),
     .fallback = MS_ABSENT,
     .derive = derive_period},
    {.doc = BOOLEAN("passive"),
     .rule = MS_RULE_WRONG_TYPE,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_pd, passive)},
    {.doc = INTEGER("cpu", 0, MS_CPU_MAX),
     .rule = MS_RULE_PD_CPU,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_pd, cpu)},
    {.doc = REFERENCE("domain"),
     .rule = MS_RULE_PD_DOMAIN,
     .form = MS_FORM_DOMAIN,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_pd, domain),
     .index = offsetof(struct ms_pd, domain_index)},
    {.doc = BOOLEAN("fpu"),
     .rule = MS_RULE_WRONG_TYPE,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_pd, fpu),
     .fallback = 1},
    {.doc = BOOLEAN("smc"),
     .rule = MS_RULE_WRONG_TYPE,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_pd, smc)},
    {.doc = {.name = "symbols_from", .kind = MS_KIND_PATH, .optional = 1},
     .rule = MS_RULE_PD_SYMBOLS,
     .form = MS_FORM_PROGRAM,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_pd, symbols_from)},
    {.doc = REFERENCE("parent"),
     .rule = MS_RULE_PD_PARENT,
     .form = MS_FORM_PD,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_pd, parent),
     .index = offsetof(struct ms_pd, parent_index)},
    {.doc = {.name = "child_id", .kind = MS_KIND_INTEGER, .optional = 1, .max = MS_CHILD_IDS - 1},
     .rule = MS_RULE_PD_CHILD_ID,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_pd, child_id),
     .fallback = MS_ABSENT},
    {.doc = SYMBOL("setvar_id"),
     .rule = MS_RULE_SYMBOL,
     .form = MS_FORM_SYMBOL,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_pd, setvar_id)},
    {.doc = LIST("maps", 0, MS_MAP_MAX, map_item),
     .rule = MS_RULE_MAP_COUNT,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_pd, maps),
     .table = &ms_map_table},
    {.doc = LIST("setvars", 0, MS_SETVAR_MAX, setvar_item),
     .rule = MS_RULE_SETVAR_COUNT,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_pd, setvars),
     .table = &ms_setvar_table},
    {.doc = OPTIONAL_LIST("caps", 0, MS_CAP_SLOTS, cap_item),
     .rule = MS_RULE_CAP_COUNT,
     .flags = MS_ROW_SYSTEM,
     .offset = offsetof(struct ms_pd, caps),
     .table = &ms_cap_table},
};
const struct ms_spec_table ms_pd_table = {
    .noun = "protection domain", ROWS(pd_rows), .size = sizeof(struct ms_pd)};
static const struct ms_shape pd_shape = SHAPE(pd_rows);
static const struct ms_field pd_item = {.kind = MS_KIND_OBJECT, .shape = &pd_shape};

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
    {.doc = LIST("permissions", 0, 3, permission),
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

/* -- [[virtual_machines]] ---------------------------------------------------------------- */

/* Faults of a guest need no core to be crossed. */
static int64_t derive_vcpu_cpu(const struct ms_spec *spec, const void *item)
{
	const struct ms_vcpu *vcpu = item;
	const struct ms_vm *vm = (const struct ms_vm *)vcpu->node.owner;

	return vm->parent_index == MS_NO_INDEX ? 0 : spec->pds.items[vm->parent_index].cpu;
}

static int64_t derive_vm_period(const struct ms_spec *spec, const void *item)
{
	const struct ms_vm *vm = item;

	(void)spec;
	return vm->budget_us;
}

static const struct ms_spec_row vcpu_rows[] = {
    {.doc = INTEGER("id", 0, MS_VCPU_IDS - 1),
     .rule = MS_RULE_VCPU_ID,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_vcpu, id),
     .fallback = MS_ABSENT},
    {.doc = INTEGER("cpu", 0, MS_CPU_MAX),
     .rule = MS_RULE_VCPU_CPU,
     .offset = offsetof(struct ms_vcpu, cpu),
     .fallback = MS_ABSENT,
     .derive = derive_vcpu_cpu},
    {.doc = SYMBOL("setvar_id"),
     .rule = MS_RULE_SYMBOL,
     .form = MS_FORM_SYMBOL,
     .offset = offsetof(struct ms_vcpu, setvar_id)},
};
const struct ms_spec_table ms_vcpu_table = {
    .noun = "virtual CPU", ROWS(vcpu_rows), .size = sizeof(struct ms_vcpu)};
static const struct ms_shape vcpu_shape = SHAPE(vcpu_rows);
static const struct ms_field vcpu_item = {.kind = MS_KIND_OBJECT, .shape = &vcpu_shape};

static const struct ms_spec_row vm_rows[] = {
    {.doc = NAME("name"),
     .rule = MS_RULE_VM_NAME,
     .form = MS_FORM_NAME,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_vm, name)},
    {.doc = NAME("parent"),
     .rule = MS_RULE_VM_PARENT,
     .form = MS_FORM_PD,
     .flags = MS_ROW_REQUIRED,
     .offset = offsetof(struct ms_vm, parent),
     .index = offsetof(struct ms_vm, parent_index)},
    {.doc = INTEGER("priority", 0, MS_PRIORITY_MAX),
     .rule = MS_RULE_VM_PRIORITY,
     .flags = MS_ROW_PRIORITY,
     .offset = offsetof(struct ms_vm, priority)},
    {.doc = INTEGER("budget_us", MS_BUDGET_MIN, MS_DOC_INT_MAX),
     .rule = MS_RULE_VM_BUDGET,
     .offset = offsetof(struct ms_vm, budget_us),
     .fallback = MS_BUDGET_DEFAULT},
    {.doc = INTEGER("period_us", MS_BUDGET_MIN, MS_DOC_INT_MAX),
     .rule = MS_RULE_VM_PERIOD,
     .offset = offsetof(struct ms_vm, period_us),
     .fallback = MS_ABSENT,
     .derive = derive_vm_period},
    {.doc = LIST("vcpus", 1, MS_VCPU_IDS, vcpu_item),
     .rule = MS_RULE_VCPU_COUNT,
     .offset = offsetof(struct ms_vm, vcpus),
     .table = &ms_vcpu_table},
    {.doc = LIST("maps", 0, MS_MAP_MAX, vm_map_item),
     .rule = MS_RULE_MAP_COUNT,
     .offset = offsetof(struct ms_vm, maps),
     .table = &ms_vm_map_table},
};
const struct ms_spec_table ms_vm_table = {
    .noun = "virtual machine", ROWS(vm_rows), .size = sizeof(struct ms_vm)};
static const struct ms_shape vm_shape = SHAPE(vm_rows);
static const struct ms_field vm_item = {.kind = MS_KIND_OBJECT, .shape = &vm_shape};

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
    {.doc = LIST("protection_domains", 1, MS_PD_MAX, pd_item),
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
    {.doc = OPTIONAL_LIST("virtual_machines", 0, MS_VM_MAX, vm_item),
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
