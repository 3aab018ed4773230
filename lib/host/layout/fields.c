/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fields.c - the rows of fields.h.
 */
#include "layout/fields.h"

#include <string.h>

static const char *const fill_flags[] = {"zero", "execute", "clean", NULL};
static const char *const map_flags[] = {"write", "read", "execute", "cached", "copy", NULL};
static const char *const rights[] = {"write", "read", "grant", "grant-reply", NULL};
static const char *const thread_flags[] = {"resume", "passive", "no-fpu", NULL};
static const char *const kept_kinds[] = {"fault-endpoint", "reply", "tcb", NULL};
static const char *const triggers[] = {"level", "edge", NULL};
static const char *const range_kinds[] = {"memory", "member", NULL};
static const char *const table_flags[] = {"mcs", "hypervisor", "smp", NULL};

#define ROW(type, member, name, what, opt, list)                                                   \
	{                                                                                          \
		name, offsetof(struct type, member), sizeof(((struct type *)0)->member),           \
		    FIELD_##what, opt, list                                                        \
	}
#define F(type, member, what)           ROW(type, member, #member, what, 0, NULL)
#define OPT(type, member, what)         ROW(type, member, #member, what, 1, NULL)
#define AS(type, member, name, what)    ROW(type, member, name, what, 0, NULL)
#define WORDS(type, member, what, list) ROW(type, member, #member, what, 0, list)
#define END                                                                                        \
	{                                                                                          \
		NULL, 0, 0, FIELD_INTEGER, 0, NULL                                                 \
	}

static const struct field untyped[] = {
    F(table_untyped, slot, INTEGER),
    F(table_untyped, paddr, HEX),
    F(table_untyped, size_bits, INTEGER),
    F(table_untyped, device, BOOLEAN),
    END,
};
static const struct field irq[] = {
    F(table_irq, name, NAME),
    AS(table_irq, dest, "slot", WORK),
    F(table_irq, notification, SLOT),
    F(table_irq, irq, INTEGER),
    WORDS(table_irq, trigger, WORD, triggers),
    F(table_irq, core, INTEGER),
    END,
};
static const struct field space[] = {
    AS(table_space, name, "pd", NAME),
    F(table_space, vspace, SLOT),
    END,
};
static const struct field table[] = {
    F(table_table, name, NAME), F(table_table, table, SLOT),    F(table_table, vspace, SLOT),
    F(table_table, vaddr, HEX), F(table_table, level, INTEGER), END,
};
static const struct field fill[] = {
    F(table_fill, name, NAME),
    F(table_fill, frame, SLOT),
    ROW(table_fill, source, "source", SOURCE, 1, NULL),
    F(table_fill, at, INTEGER),
    F(table_fill, size, INTEGER),
    F(table_fill, page_bits, INTEGER),
    WORDS(table_fill, flags, FLAGS, fill_flags),
    END,
};
static const struct field patch[] = {
    F(table_patch, name, NAME),
    F(table_patch, frame, SLOT),
    F(table_patch, value, HEX),
    F(table_patch, at, INTEGER),
    F(table_patch, size, INTEGER),
    F(table_patch, page_bits, INTEGER),
    END,
};
static const struct field map[] = {
    F(table_map, name, NAME),
    F(table_map, frames, SLOT),
    OPT(table_map, copies, WORK),
    F(table_map, vspace, SLOT),
    F(table_map, vaddr, HEX),
    AS(table_map, count, "pages", INTEGER),
    F(table_map, page_bits, INTEGER),
    WORDS(table_map, flags, FLAGS, map_flags),
    END,
};
static const struct field cap[] = {
    F(table_cap, name, NAME),
    ROW(table_cap, cnode, "cnode", SLOT, 1, NULL),
    AS(table_cap, index, "slot", INTEGER),
    AS(table_cap, source, "object", SLOT),
    F(table_cap, badge, HEX),
    WORDS(table_cap, rights, FLAGS, rights),
    F(table_cap, depth, INTEGER),
    END,
};
static const struct field thread[] = {
    AS(table_thread, name, "pd", NAME),
    F(table_thread, tcb, SLOT),
    F(table_thread, cnode, SLOT),
    F(table_thread, vspace, SLOT),
    F(table_thread, cspace_data, HEX),
    OPT(table_thread, ipc_frame, SLOT),
    F(table_thread, ipc_vaddr, HEX),
    OPT(table_thread, vcpu, SLOT),
    OPT(table_thread, fault, FAULT),
    OPT(table_thread, notification, SLOT),
    ROW(table_thread, sc, "sched_context", SLOT, 1, NULL),
    F(table_thread, budget_us, INTEGER),
    F(table_thread, period_us, INTEGER),
    F(table_thread, sc_badge, HEX),
    F(table_thread, entry, HEX),
    F(table_thread, sp, HEX),
    F(table_thread, stack_bottom, HEX),
    F(table_thread, priority, INTEGER),
    F(table_thread, mcp, INTEGER),
    F(table_thread, core, INTEGER),
    WORDS(table_thread, flags, FLAGS, thread_flags),
    F(table_thread, parent, INTEGER),
    OPT(table_thread, domain, INTEGER),
    END,
};
static const struct field schedule[] = {
    F(table_schedule, index, INTEGER),
    F(table_schedule, domain, INTEGER),
    F(table_schedule, duration, HEX),
    END,
};
static const struct field kept[] = {
    WORDS(table_kept, kind, WORD, kept_kinds),
    AS(table_kept, source, "object", SLOT),
    AS(table_kept, index, "thread", INTEGER),
    F(table_kept, slot, INTEGER),
    END,
};
static const struct field range[] = {
    F(table_range, name, NAME),
    F(table_range, start, HEX),
    F(table_range, end, HEX),
    WORDS(table_range, kind, WORD, range_kinds),
    END,
};

const struct field ms_table_header_fields[] = {
    WORDS(table_header, flags, FLAGS, table_flags),
    F(table_header, image_frames, INTEGER),
    F(table_header, image_pages, INTEGER),
    F(table_header, untyped_slot, INTEGER),
    F(table_header, empty_slot, INTEGER),
    F(table_header, sched_control, INTEGER),
    F(table_header, root_cnode_bits, INTEGER),
    F(table_header, archive_page, INTEGER),
    F(table_header, cores, INTEGER),
    F(table_header, work_untyped, INTEGER),
    F(table_header, work_bits, INTEGER),
    F(table_header, monitor_cnode, SLOT),
    F(table_header, monitor_bits, INTEGER),
    F(table_header, scratch_small, HEX),
    F(table_header, scratch_large, HEX),
    F(table_header, kernel, HEX),
    OPT(table_header, schedule_start, INTEGER),
    OPT(table_header, tree_size, INTEGER),
    END,
};

const struct section ms_table_sections[TABLE_SECTIONS] = {
    [TABLE_UNTYPEDS] = {"untypeds", untyped},
    [TABLE_RETYPES] = {NULL, NULL},
    [TABLE_IRQS] = {"irqs", irq},
    [TABLE_SPACES] = {"spaces", space},
    [TABLE_TABLES] = {"page_tables", table},
    [TABLE_FILLS] = {"fills", fill},
    [TABLE_PATCHES] = {"patches", patch},
    [TABLE_MAPS] = {"maps", map},
    [TABLE_CAPS] = {"caps", cap},
    [TABLE_THREADS] = {"threads", thread},
    [TABLE_SCHEDULE] = {"domain_schedule", schedule},
    [TABLE_KEPT] = {"monitor", kept},
    [TABLE_RANGES] = {"ranges", range},
    [TABLE_STRINGS] = {NULL, NULL},
};

uint64_t ms_field_get(const void *record, const struct field *f)
{
	const char *at = (const char *)record + f->offset;
	uint64_t v8;
	uint32_t v4;
	uint16_t v2;

	switch (f->size) {
	case 8: memcpy(&v8, at, 8); return v8;
	case 4: memcpy(&v4, at, 4); return v4;
	default: memcpy(&v2, at, 2); return v2;
	}
}

void ms_field_set(void *record, const struct field *f, uint64_t value)
{
	char *at = (char *)record + f->offset;
	uint32_t v4 = (uint32_t)value;
	uint16_t v2 = (uint16_t)value;

	switch (f->size) {
	case 8: memcpy(at, &value, 8); break;
	case 4: memcpy(at, &v4, 4); break;
	default: memcpy(at, &v2, 2); break;
	}
}
