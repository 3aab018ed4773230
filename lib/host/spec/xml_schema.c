/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xml_schema.c - every element and attribute of Microkit 2.2.0 and 2.3.0, one row each, with the
 * field of a spec that it becomes.
 */
#include "spec/xml.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ELEMENT(tag, list, its_table, names)                                                       \
	{                                                                                          \
		.name = (tag), .attributes = (list), .count = COUNT(list), .table = (its_table),   \
		.children = (names)                                                                \
	}

static const char *const none[] = {NULL};

static const char *const system_children[] = {"protection_domain", "memory_region",    "channel",
                                              "domains",           "io_address_space", NULL};
const struct ms_xml_element ms_xml_system = {.name = "system", .children = system_children};

/* In the order of the canonical TOML, which is also that in which they are written. */
static const struct ms_xml_attribute pd_attributes[] = {
    {"name", "name", MS_XML_STRING, MS_XML_REQUIRED},
    {"priority", "priority", MS_XML_NUMBER, 0},
    {"stack_size", "stack_bytes", MS_XML_NUMBER, 0},
    {"budget", "budget_us", MS_XML_NUMBER, 0},
    {"period", "period_us", MS_XML_NUMBER, 0},
    {"passive", "passive", MS_XML_BOOL, 0},
    {"cpu", "cpu", MS_XML_NUMBER, 0},
    {"domain", "domain", MS_XML_STRING, 0},
    {"fpu", "fpu", MS_XML_BOOL, 0},
    {"smc", "smc", MS_XML_BOOL, 0},
    {"id", "child_id", MS_XML_NUMBER, MS_XML_NESTED | MS_XML_REQUIRED},
    {"setvar_id", "setvar_id", MS_XML_STRING, MS_XML_NESTED},
};
static const char *const pd_children[] = {"program_image",   "map",    "irq",
                                          "ioport",          "setvar", "protection_domain",
                                          "virtual_machine", "cspace", NULL};
const struct ms_xml_element ms_xml_pd =
    ELEMENT("protection_domain", pd_attributes, &ms_pd_table, pd_children);

static const struct ms_xml_attribute program_attributes[] = {
    {"path", "binary", MS_XML_PATH, MS_XML_REQUIRED},
    {"path_for_symbols", "symbols_from", MS_XML_PATH, 0},
};
const struct ms_xml_element ms_xml_program_image =
    ELEMENT("program_image", program_attributes, &ms_pd_table, none);

#define MAP_ATTRIBUTES                                                                             \
	{"mr", "region", MS_XML_STRING, MS_XML_REQUIRED},                                          \
	    {"vaddr", "vaddr", MS_XML_NUMBER, MS_XML_REQUIRED},                                    \
	    {"perms", "permissions", MS_XML_PERMISSIONS, 0},                                       \
	{                                                                                          \
		"cached", "cached", MS_XML_BOOL, 0                                                 \
	}
static const struct ms_xml_attribute map_attributes[] = {
    MAP_ATTRIBUTES,
    {"setvar_vaddr", "setvar_vaddr", MS_XML_STRING, 0},
    {"setvar_size", "setvar_size", MS_XML_STRING, 0},
    {"setvar_prefill_size", "setvar_prefill_size", MS_XML_STRING, 0},
};
const struct ms_xml_element ms_xml_map = ELEMENT("map", map_attributes, &ms_map_table, none);

static const struct ms_xml_attribute vm_map_attributes[] = {MAP_ATTRIBUTES};
const struct ms_xml_element ms_xml_vm_map =
    ELEMENT("map", vm_map_attributes, &ms_vm_map_table, none);

static const struct ms_xml_attribute irq_attributes[] = {
    {"irq", "irq", MS_XML_DECIMAL, 0},
    {"id", "target_channel", MS_XML_DECIMAL, MS_XML_REQUIRED | MS_XML_ID},
    {"trigger", "trigger", MS_XML_WORD, 0},
    {"setvar_id", "setvar_id", MS_XML_STRING, 0},
    {"pin", NULL, MS_XML_DECIMAL, MS_XML_X86},
    {"ioapic", NULL, MS_XML_DECIMAL, MS_XML_X86},
    {"polarity", NULL, MS_XML_WORD, MS_XML_X86},
    {"vector", NULL, MS_XML_DECIMAL, MS_XML_X86},
    {"pcidev", NULL, MS_XML_PCI, MS_XML_X86},
    {"handle", NULL, MS_XML_DECIMAL, MS_XML_X86},
};
const struct ms_xml_element ms_xml_irq = ELEMENT("irq", irq_attributes, &ms_irq_table, none);

static const struct ms_xml_attribute setvar_attributes[] = {
    {"symbol", "symbol", MS_XML_STRING, MS_XML_REQUIRED},
    {"region_paddr", "region_paddr", MS_XML_STRING, MS_XML_REQUIRED},
};
const struct ms_xml_element ms_xml_setvar =
    ELEMENT("setvar", setvar_attributes, &ms_setvar_table, none);

static const struct ms_xml_attribute vm_attributes[] = {
    {"name", "name", MS_XML_STRING, MS_XML_REQUIRED},
    {"priority", "priority", MS_XML_NUMBER, 0},
    {"budget", "budget_us", MS_XML_NUMBER, 0},
    {"period", "period_us", MS_XML_NUMBER, 0},
};
static const char *const vm_children[] = {"vcpu", "map", NULL};
const struct ms_xml_element ms_xml_vm =
    ELEMENT("virtual_machine", vm_attributes, &ms_vm_table, vm_children);

static const struct ms_xml_attribute vcpu_attributes[] = {
    {"id", "id", MS_XML_DECIMAL, MS_XML_REQUIRED},
    {"cpu", "cpu", MS_XML_NUMBER, 0},
    {"setvar_id", "setvar_id", MS_XML_STRING, 0},
};
const struct ms_xml_element ms_xml_vcpu = ELEMENT("vcpu", vcpu_attributes, &ms_vcpu_table, none);

static const struct ms_xml_attribute region_attributes[] = {
    {"name", "name", MS_XML_STRING, MS_XML_REQUIRED},
    {"phys_addr", "phys_addr", MS_XML_NUMBER, 0},
    {"size", "size_bytes", MS_XML_NUMBER, 0},
    {"prefill_path", "prefill_from", MS_XML_PATH, 0},
    {"page_size", "page_bytes", MS_XML_NUMBER, 0},
    {"prefill_bootinfo", "prefill_bootinfo", MS_XML_BOOTINFO, 0},
};
const struct ms_xml_element ms_xml_region =
    ELEMENT("memory_region", region_attributes, &ms_region_table, none);

static const char *const channel_children[] = {"end", NULL};
const struct ms_xml_element ms_xml_channel = {
    .name = "channel", .table = &ms_channel_table, .children = channel_children};

/* Which of a channel's two fields it is depends on which end it is. */
static const struct ms_xml_attribute end_attributes[] = {
    {"pd", NULL, MS_XML_STRING, MS_XML_REQUIRED},
    {"id", NULL, MS_XML_DECIMAL, MS_XML_REQUIRED | MS_XML_ID},
    {"pp", NULL, MS_XML_BOOL, 0},
    {"notify", NULL, MS_XML_BOOL, 0},
    {"setvar_id", NULL, MS_XML_STRING, 0},
};
const struct ms_xml_element ms_xml_end = ELEMENT("end", end_attributes, &ms_channel_table, none);

/* In the order of enum ms_cap_kind. */
static const char *const cspace_children[] = {"cap_tcb", "cap_sc", "cap_vspace", NULL};
const struct ms_xml_element ms_xml_cspace = {.name = "cspace", .children = cspace_children};

static const struct ms_xml_attribute cap_attributes[] = {
    {"pd", "pd", MS_XML_STRING, MS_XML_REQUIRED},
    {"slot", "slot", MS_XML_NUMBER, MS_XML_REQUIRED},
};
const struct ms_xml_element ms_xml_cap = ELEMENT("cap", cap_attributes, &ms_cap_table, none);

static const char *const domains_children[] = {"domain", "domain_schedule", NULL};
const struct ms_xml_element ms_xml_domains = {.name = "domains", .children = domains_children};

static const struct ms_xml_attribute domain_attributes[] = {
    {"name", "name", MS_XML_STRING, MS_XML_REQUIRED},
    {"id", "id", MS_XML_NUMBER, 0},
};
const struct ms_xml_element ms_xml_domain =
    ELEMENT("domain", domain_attributes, &ms_domain_table, none);

static const struct ms_xml_attribute schedule_attributes[] = {
    {"start_index", "start_index", MS_XML_NUMBER, 0},
    {"index_shift", "index_shift", MS_XML_NUMBER, 0},
};
static const char *const schedule_children[] = {"schedule_entry", "schedule_end_marker", NULL};
const struct ms_xml_element ms_xml_schedule =
    ELEMENT("domain_schedule", schedule_attributes, &ms_schedule_table, schedule_children);

static const struct ms_xml_attribute entry_attributes[] = {
    {"domain", "domain", MS_XML_STRING, MS_XML_REQUIRED},
    {"duration", NULL, MS_XML_DURATION, MS_XML_REQUIRED},
};
const struct ms_xml_element ms_xml_schedule_entry =
    ELEMENT("schedule_entry", entry_attributes, &ms_schedule_entry_table, none);
const struct ms_xml_element ms_xml_end_marker = {
    .name = "schedule_end_marker", .table = &ms_schedule_entry_table, .children = none};

const struct ms_spec_row *ms_xml_row(const struct ms_spec_table *table, const char *key)
{
	const struct ms_spec_row *row = table->rows;

	while (strcmp(row->doc.name, key) != 0)
		row++;
	return row;
}
