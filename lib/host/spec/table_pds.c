/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table_pds.c - every field of what runs, one row each: protection domains and virtual machines,
 * with the memory that is mapped into them.
 */
#include "spec/table_pds.h"
#include "spec/table_rows.h"

/* -- [[protection_domains.maps]] --------------------------------------------------------- */

static const char *const permissions[] = {"read", "write", "execute", NULL};
const struct ms_field ms_permission_item = {.kind = MS_KIND_ENUM, .values = permissions};

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
    {.doc = LIST("permissions", 0, 3, ms_permission_item),
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
const struct ms_field ms_pd_item = {.kind = MS_KIND_OBJECT, .shape = &pd_shape};

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
const struct ms_field ms_vm_item = {.kind = MS_KIND_OBJECT, .shape = &vm_shape};
