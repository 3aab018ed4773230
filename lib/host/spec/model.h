/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * model.h - a system in memory: protection domains, channels, memory regions, interrupts.
 *
 * What a stage gets (document.h) has passed every rule (ms-parse(1)), and nothing is left open:
 * defaults are filled in, ids assigned, names resolved. All memory lives until exit.
 *
 * A new field is a member here and a row in table.c: reading, defaults, the JSON document and
 * the canonical TOML follow from the row.
 */
#ifndef MS_SPEC_MODEL_H
#define MS_SPEC_MODEL_H

#include <stddef.h>
#include <stdint.h>

#define MS_SPEC_SCHEMA "ms-spec/1"

enum {
	MS_PD_MAX = 63,             /* protection domains of a system */
	MS_PD_IDS = 63,             /* channel and interrupt ids of one PD: 0 to 62 */
	MS_CHANNEL_MAX = 63 * 63,   /* channels of a system (two ends each: 1,984 fit the PDs) */
	MS_REGION_MAX = 10000,      /* memory regions of a system */
	MS_IRQ_MAX = 1020,          /* interrupts: a GIC's 0 to 1019 */
	MS_PRIORITY_MAX = 254,      /* of a PD; 255 is the root task's */
	MS_NAME_MAX = 63,           /* bytes of a name */
	MS_PAGE = 4096,             /* what sizes and addresses are multiples of */
	MS_STACK_MAX = 16 * 1048576 /* bytes of one PD's stack */
};

/* Where something is written in the TOML; line 0: nowhere (a default, or read from JSON). */
struct ms_mark {
	unsigned line, col, len;
	unsigned unread; /* something is written there, but not what the field takes */
};

/* What every item of the model begins with; the business of lib/host/spec alone. */
struct ms_node {
	const struct ms_spec_table *table;
	size_t index;          /* position in its collection */
	struct ms_mark at;     /* its header */
	struct ms_mark *marks; /* of its values, by row of the table; NULL when read from JSON */
	uint64_t failed;       /* rules that it broke, one bit each */
};

struct ms_build {
	struct ms_node node;
	const char *board;
	const char *config;
	const char *output_dir;
};

struct ms_pd {
	struct ms_node node;
	const char *name;
	const char *binary;
	int64_t priority; /* seL4's: the larger is the more urgent, whatever the TOML's order */
	int64_t stack_bytes;
};

enum ms_channel_kind { MS_CHANNEL_PPC, MS_CHANNEL_NOTIFICATION };
enum ms_channel_end { MS_END_NONE = -1, MS_END_A, MS_END_B };

struct ms_channel {
	struct ms_node node;
	const char *name;
	const char *end_a, *end_b;
	int kind; /* enum ms_channel_kind */
	int64_t id_a, id_b;
	int caller;        /* enum ms_channel_end; MS_END_NONE unless kind is MS_CHANNEL_PPC */
	size_t pd_a, pd_b; /* the ends as positions in ms_spec.pds */
};

enum ms_caching { MS_CACHED, MS_UNCACHED, MS_DEVICE_MEMORY };
enum ms_permission { MS_READ = 1, MS_WRITE = 2, MS_EXECUTE = 4 };

struct ms_region {
	struct ms_node node;
	const char *name;
	uint64_t phys_addr;
	int64_t size_bytes;
	int caching;              /* enum ms_caching */
	unsigned permissions;     /* enum ms_permission, or'ed */
	const char *prefill_from; /* NULL: none */
};

struct ms_irq {
	struct ms_node node;
	int64_t irq;
	const char *target_pd;
	int64_t target_channel; /* the id under which the PD sees it */
	size_t pd;              /* target_pd as position in ms_spec.pds */
};

enum ms_priority_order { MS_ZERO_LOWEST, MS_ZERO_HIGHEST };

struct ms_spec {
	struct ms_node node;
	int schema;
	int priority_order; /* enum ms_priority_order: how the TOML writes priorities */
	struct ms_build build;
	struct ms_pds {
		struct ms_pd *items;
		size_t count, cap;
	} pds;
	struct ms_channels {
		struct ms_channel *items;
		size_t count, cap;
	} channels;
	struct ms_regions {
		struct ms_region *items;
		size_t count, cap;
	} regions;
	struct ms_irqs {
		struct ms_irq *items;
		size_t count, cap;
	} irqs;
};

#endif
