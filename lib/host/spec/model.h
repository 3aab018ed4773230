/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * model.h - a system in memory: protection domains, channels, memory regions, interrupts.
 *
 * What a stage gets (document.h) has passed every rule (ms-parse(1)), and nothing is left open:
 * defaults are filled in, ids assigned, names resolved. All memory lives until exit.
 *
 * A new field is a member here and a row in table*.c: reading, defaults, the JSON document and
 * the canonical TOML follow from the row.
 */
#ifndef MS_SPEC_MODEL_H
#define MS_SPEC_MODEL_H

#include <stddef.h>
#include <stdint.h>

#define MS_SPEC_SCHEMA "ms-spec/1"

enum {
	MS_PD_MAX = 63,              /* protection domains of a system */
	MS_PD_IDS = 63,              /* channel and interrupt ids of one PD: 0 to 62 ... */
	MS_PD_CALLED_IDS = 62,       /* ... or to 61, of one that takes calls or faults */
	MS_CHILD_IDS = 62,           /* child ids under one parent: 0 to 61 */
	MS_CHANNEL_MAX = 63 * 63,    /* channels of a system (two ends each: 1,984 fit the PDs) */
	MS_REGION_MAX = 10000,       /* memory regions of a system */
	MS_IRQ_MAX = 1020,           /* interrupts: a GIC's 0 to 1019 */
	MS_ASSERTION_MAX = 1000,     /* assertions of a system */
	MS_FILES_MAX = 1000,         /* sources of one PD; so include folders, macros, libraries */
	MS_MAP_MAX = 10000,          /* maps of one PD */
	MS_SETVAR_MAX = 1000,        /* setvars of one PD */
	MS_CAP_SLOTS = 63,           /* slots for caps of others: 1 to 63 */
	MS_VM_MAX = 63,              /* virtual machines: one for each PD at most */
	MS_VCPU_IDS = 62,            /* ids of a virtual machine's CPUs: 0 to 61 */
	MS_VCPU_MAX = 64,            /* virtual CPUs of a system */
	MS_DOMAIN_MAX = 256,         /* domains that can be named; a kernel has fewer */
	MS_SCHEDULE_MAX = 1024,      /* entries of a domain schedule; a kernel has fewer */
	MS_PRIORITY_MAX = 254,       /* of a PD; 255 is the root task's */
	MS_CPU_MAX = 255,            /* the last core that can be named */
	MS_BUDGET_MIN = 20,          /* microseconds */
	MS_BUDGET_DEFAULT = 1000,    /* microseconds */
	MS_DT_PATH_MAX = 1023,       /* bytes of a path into the device tree */
	MS_DT_INDEX_MAX = 255,       /* the last register or interrupt of a node */
	MS_NAME_MAX = 63,            /* bytes of a name */
	MS_SYMBOL_MAX = 255,         /* bytes of a symbol's name */
	MS_PAGE = 4096,              /* what sizes and addresses are multiples of */
	MS_LARGE_PAGE = 2 * 1048576, /* the other size of page */
	MS_STACK_MAX = 16 * 1048576  /* bytes of one PD's stack */
};

#define MS_ABSENT   (-1)       /* a number that is not there */
#define MS_ANYWHERE UINT64_MAX /* an address that ms-layout chooses */
#define MS_NO_INDEX SIZE_MAX   /* a position of nothing */

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
	uint64_t failed[4];    /* rules that it broke, one bit each */
	const struct ms_node *owner; /* what it is a part of; NULL for the system */
};

/* A list of strings. */
struct ms_strings {
	const char **items;
	size_t count, cap;
	struct ms_mark *marks; /* of the members; NULL when read from JSON */
	int present;           /* the list was given, be it empty */
};

enum ms_root_task { MS_ROOT_AUTO, MS_ROOT_PD, MS_ROOT_SYSTEM };

struct ms_build {
	struct ms_node node;
	const char *board;
	const char *config;
	const char *output_dir;
	const char *sdk; /* folder of a kernel SDK; NULL: none is named */
	int root_task;   /* enum ms_root_task; ms_spec_is_system() says what comes of it */
};

enum ms_permission { MS_READ = 1, MS_WRITE = 2, MS_EXECUTE = 4 };

/* A region in the address space of a PD or of a virtual machine; the latter has no symbols. */
struct ms_map {
	struct ms_node node;
	const char *region;
	uint64_t vaddr;           /* MS_ANYWHERE: ms-layout chooses */
	unsigned permissions;     /* enum ms_permission, or'ed; none that the region lacks */
	int cached;               /* 0 or 1 */
	const char *setvar_vaddr; /* symbols of the PD's ELF, NULL: none. Gets the address, */
	const char *setvar_size;  /* the region's size, */
	const char *setvar_prefill_size; /* the size of what it is filled with */
	size_t region_index;             /* in ms_spec.regions */
};

/* A variable of a PD's ELF that is given its value when the image is made. */
struct ms_setvar {
	struct ms_node node;
	const char *symbol;
	const char *region_paddr; /* the physical address of that region, or, where NULL, */
	uint64_t value;           /* this */
	size_t region_index;      /* in ms_spec.regions; MS_NO_INDEX without region_paddr */
};

enum ms_cap_kind { MS_CAP_TCB, MS_CAP_SC, MS_CAP_VSPACE };

/* A capability of some PD that is handed to the PD under which it stands. */
struct ms_cap {
	struct ms_node node;
	int kind; /* enum ms_cap_kind */
	const char *pd;
	int64_t slot; /* 1 to MS_CAP_SLOTS, where the holder finds it */
	size_t pd_index;
};

struct ms_pd {
	struct ms_node node;
	const char *name;
	const char *binary;
	int64_t priority; /* seL4's: the larger is the more urgent, whatever the TOML's order */
	int64_t stack_bytes;
	/* What is compiled and linked with a binary that is a source; empty with an ELF. */
	struct ms_strings sources; /* further .c and .S files */
	struct ms_strings include_dirs;
	struct ms_strings defines;    /* NAME or NAME=VALUE */
	struct ms_strings libs;       /* .a files */
	int64_t budget_us, period_us; /* MCS kernels only, both; budget_us <= period_us */
	int passive;                  /* 0 or 1, as fpu and smc; MCS kernels only */
	int64_t cpu;
	const char *domain; /* NULL: none, and the system has none */
	int fpu;
	int smc;
	const char *symbols_from; /* an ELF with the symbols of binary; NULL: binary has them */
	const char *parent;    /* the PD that handles this one's faults; NULL: the root task does */
	int64_t child_id;      /* under which the parent sees it; MS_ABSENT without parent */
	const char *setvar_id; /* a symbol of the parent's ELF that gets child_id; NULL: none */
	struct ms_maps {
		struct ms_map *items;
		size_t count, cap;
	} maps;
	struct ms_setvars {
		struct ms_setvar *items;
		size_t count, cap;
	} setvars;
	struct ms_caps {
		struct ms_cap *items;
		size_t count, cap;
	} caps;
	size_t parent_index; /* in ms_spec.pds; MS_NO_INDEX without parent */
	size_t domain_index; /* in ms_spec.domains; MS_NO_INDEX without domain */
	size_t vm_index;     /* in ms_spec.vms: the one it is the parent of, or MS_NO_INDEX */
	int is_called;       /* it is the called end of a ppc channel */
	int is_parent;       /* it has children or a virtual machine, whose faults it gets */
};

enum ms_channel_kind { MS_CHANNEL_PPC, MS_CHANNEL_NOTIFICATION };
enum ms_channel_end { MS_END_NONE = -1, MS_END_A, MS_END_B };

struct ms_channel {
	struct ms_node node;
	const char *name;
	const char *end_a, *end_b;
	int kind; /* enum ms_channel_kind */
	int64_t id_a, id_b;
	int caller;   /* enum ms_channel_end; MS_END_NONE unless kind is MS_CHANNEL_PPC */
	int notify_a; /* 0 or 1: end_a may signal end_b */
	int notify_b; /* 0 or 1: end_b may signal end_a */
	const char *setvar_id_a; /* a symbol of end_a's ELF that gets id_a; NULL: none */
	const char *setvar_id_b; /* of end_b's, id_b */
	size_t pd_a, pd_b;       /* the ends as positions in ms_spec.pds */
};

/* A register or an interrupt of a node of the kernel's device tree, which ms-layout looks up. */
struct ms_dt {
	struct ms_node node;
	const char *dt; /* the node: a path, or one that begins with an alias; NULL: nothing is */
	int64_t index;  /* of its registers, or interrupts */
};

enum ms_bootinfo { MS_BOOTINFO_FDT };

enum ms_caching { MS_CACHED, MS_UNCACHED, MS_DEVICE_MEMORY };

struct ms_region {
	struct ms_node node;
	const char *name;
	uint64_t phys_addr;       /* MS_ANYWHERE: ms-layout chooses, or */
	struct ms_dt phys_from;   /* what the device tree says, until ms-layout has looked */
	int64_t size_bytes;       /* 0: what ms-layout sees prefill or register needs */
	int caching;              /* enum ms_caching */
	unsigned permissions;     /* enum ms_permission, or'ed */
	const char *prefill_from; /* NULL: none */
	int prefill_bootinfo;     /* enum ms_bootinfo; MS_ABSENT: none */
	int64_t page_bytes;       /* MS_PAGE, MS_LARGE_PAGE; 0: ms-layout chooses */
};

enum ms_trigger { MS_LEVEL, MS_EDGE };

struct ms_irq {
	struct ms_node node;
	int64_t irq;       /* MS_ABSENT: */
	struct ms_dt from; /* what the device tree says, until ms-layout has looked */
	const char *target_pd;
	int64_t target_channel; /* the id under which the PD sees it */
	int trigger;            /* enum ms_trigger; MS_ABSENT: what the device tree says */
	const char *setvar_id;  /* a symbol of the PD's ELF that gets target_channel; NULL: none */
	size_t pd;              /* target_pd as position in ms_spec.pds */
};

struct ms_vcpu {
	struct ms_node node;
	int64_t id;            /* under which the parent sees it; no child of the parent has it */
	int64_t cpu;           /* the core on which it runs */
	const char *setvar_id; /* a symbol of the parent's ELF that gets id; NULL: none */
};

/* A guest: an address space and virtual CPUs, whose faults its parent handles. */
struct ms_vm {
	struct ms_node node;
	const char *name;
	const char *parent; /* the PD that is its monitor; one of its own for each VM */
	int64_t priority;   /* seL4's, as a PD's */
	int64_t budget_us, period_us;
	struct ms_vcpus {
		struct ms_vcpu *items;
		size_t count, cap;
	} vcpus;
	struct ms_maps maps;
	size_t parent_index; /* in ms_spec.pds */
};

struct ms_domain {
	struct ms_node node;
	const char *name;
	int64_t id; /* seL4's number of it */
};

enum ms_time_unit { MS_MICROSECONDS, MS_TICKS };

/* A span of time in which one domain runs, or the end of a round. */
struct ms_schedule_entry {
	struct ms_node node;
	const char *domain; /* NULL at an end marker */
	int64_t duration;   /* MS_ABSENT there */
	int unit;           /* enum ms_time_unit; MS_ABSENT there */
	int end_marker;     /* 0 or 1 */
	size_t domain_index;
};

struct ms_schedule {
	struct ms_node node;
	int64_t start_index; /* the entry with which the system begins */
	int64_t index_shift; /* where in the kernel's schedule the first entry is */
	struct ms_schedule_entries {
		struct ms_schedule_entry *items;
		size_t count, cap;
	} entries;
};

enum ms_quantifier { MS_ONLY, MS_NEVER, MS_AT_MOST };
enum ms_relation { MS_MAPS, MS_WRITES, MS_CALLS, MS_SIGNALS, MS_REACHES };

/* What must hold of the system: only these PDs, never that PD, at most so many PDs stand in that
 * relation to the object. It held, or there would be no model. */
struct ms_assertion {
	struct ms_node node;
	struct ms_strings only; /* present: the quantifier is MS_ONLY */
	const char *never;      /* or MS_NEVER, */
	int64_t at_most;        /* or MS_AT_MOST */
	const char *may_map, *may_write, *may_call, *may_signal, *may_reach;
	const char *maps, *writes, *calls, *signals, *reaches;
	const char *mappers, *writers, *callers, *signallers, *reachers;
	/* The same in few words. */
	int quantifier;     /* enum ms_quantifier */
	int relation;       /* enum ms_relation */
	uint64_t subjects;  /* of only and never: bit n is ms_spec.pds.items[n] */
	const char *object; /* whichever of the names above was given */
};

enum ms_priority_order { MS_ZERO_LOWEST, MS_ZERO_HIGHEST };

struct ms_source;

struct ms_spec {
	struct ms_node node;
	const struct ms_source
	    *source; /* the text that marks of what came as JSON are of; or NULL */
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
	struct ms_vms {
		struct ms_vm *items;
		size_t count, cap;
	} vms;
	struct ms_domains {
		struct ms_domain *items;
		size_t count, cap;
	} domains;
	struct ms_schedule schedule; /* without entries where there are no domains */
	struct ms_assertions {
		struct ms_assertion *items;
		size_t count, cap;
	} assertions;
};

#endif
