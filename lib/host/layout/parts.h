/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parts.h - a layout while it is made: what the parts of the maker share among themselves.
 *
 * First the structure is decided, without any address: groups of objects, and the records of
 * both/table.h, in which a slot is a reference (below). Then the sizes are known, then where the
 * kernel will start the root task, then untypeds, slots and addresses; references become slots.
 */
#ifndef MS_LAYOUT_PARTS_H
#define MS_LAYOUT_PARTS_H

#include "base/mem.h"
#include "both/elf64.h"
#include "both/table.h"
#include "layout/boot.h"
#include "layout/kernel.h"
#include "layout/members.h"
#include "layout/writer.h"
#include "spec/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE       4096ull
#define LARGE      (2ull << 20)
#define SMALL_BITS 12u
#define LARGE_BITS 21u
#define HUGE_BITS  30u
#define ANYWHERE   UINT64_MAX

/* To a multiple of align, a power of two. UP of the last bytes below 2^64 is 0. */
#define DOWN(value, align) ((value) & ~((uint64_t)(align)-1))
#define UP(value, align)   DOWN((value) + (align)-1, align)

/* Where the root task writes fresh frames: above all that the kernel maps for it (finish.c). */
#define SCRATCH_SMALL 0x20000000ull
#define SCRATCH_LARGE 0x20200000ull

/* -- references ---------------------------------------------------------------------------- */

/* What stands in a record's slot until slots are known. TABLE_NONE stays what it is. */
#define REF_KIND        60
#define REF_OBJECT      1ull /* object i of a group */
#define REF_MEMBER      2ull /* the page of the user image with page i of an archive member */
#define REF_ROOT        3ull /* a slot of the root CNode */
#define REF_EXTRA       4ull /* work slot i of those that hold no object: copies, handlers */
#define REF_INDEX       28
#define REF(kind, a, b) ((kind) << REF_KIND | (uint64_t)(a) << REF_INDEX | (uint64_t)(b))

static inline uint64_t ref_object(size_t group, uint64_t i)
{
	return REF(REF_OBJECT, group, i);
}
static inline uint64_t ref_member(size_t member, uint64_t page)
{
	return REF(REF_MEMBER, member, page);
}
static inline uint64_t ref_root(uint64_t slot)
{
	return REF(REF_ROOT, 0, slot);
}
static inline uint64_t ref_extra(uint64_t i)
{
	return REF(REF_EXTRA, 0, i);
}

/* The parts of a reference; what b counts must stay below REF_COUNT. */
#define REF_COUNT (1ull << REF_INDEX)
static inline uint64_t ref_a(uint64_t ref)
{
	return (ref >> REF_INDEX) & ((1ull << (REF_KIND - REF_INDEX)) - 1);
}
static inline uint64_t ref_b(uint64_t ref)
{
	return ref & (REF_COUNT - 1);
}

/* The same for the source of a fill: byte `at` of a member. */
#define SOURCE_AT          40
#define SOURCE(member, at) ((uint64_t)(member) << SOURCE_AT | (at))

/* -- objects ------------------------------------------------------------------------------- */

/* Objects of one kind that belong together: slots in a row. */
struct group {
	const char *name;
	const char *type; /* a row of the kernel's object table: "TCB" */
	uint8_t bits;     /* log2 of each one's size */
	uint8_t arg;      /* Retype's size_bits: a CNode's radix, else bits */
	bool together;    /* physically in a row as well */
	uint64_t fixed;   /* the physical address that was asked for; ANYWHERE: none */
	uint64_t count;
	/* set by ms_assign: */
	uint64_t slot;  /* work slot of the first one */
	uint64_t paddr; /* of the first one */
};

struct map_range {
	uint64_t start, end; /* virtual */
	unsigned bits;       /* of the pages; 0: nothing is mapped there */
	bool may_be_mapped;  /* of bits 0: a map with an address may nevertheless lie there */
	const char *what;
};

/* An address space in the making. */
struct space {
	const char *name;   /* of the PD or virtual machine, for messages */
	const char *prefix; /* "pd/NAME", "vm/NAME" */
	size_t vspace;      /* group */
	const struct ms_maps *maps;
	uint64_t *map_vaddrs; /* by map: where it is */
	uint64_t low, high;   /* between them lies what is free to lie anywhere */
	struct map_range *ranges;
	size_t range_count, range_cap;
};

/*
 * Microkit's libraries up to 2.2.0 have their IPC buffer at this symbol, a one-level CSpace, and
 * the stack at the very end of user space. From 2.3.0 on the buffer is the last page of user
 * space; a page of nothing and the stack lie below it. Our own runtime does as the latter.
 */
#define BUFFER_SYMBOL "__sel4_ipc_buffer_obj"

struct pd {
	const struct ms_pd *spec;
	size_t index;
	struct space space;
	struct elf64 linked;
	struct elf64 symbols; /* where its symbols are: the same, or another file */
	struct elf64 reduced;
	size_t member;
	bool alone; /* no other PD has this member */
	bool called;
	size_t tcb, cnode, notification, endpoint, sched, reply; /* groups; NO: none */
	size_t cspace;   /* the CNode above cnode, of a PD with caps of others; NO: none */
	bool own_buffer; /* BUFFER_SYMBOL */
	uint64_t ipc_frame, ipc_vaddr; /* a reference */
	uint64_t stack_top, stack_bottom;
	uint64_t irqs, notifications, calls; /* bit sets of ids */
	unsigned radix;
};
#define NO SIZE_MAX

struct vcpu {
	const struct ms_vcpu *spec;
	const char *name, *prefix;      /* "VM/vcpu-ID", "vm/VM/vcpu-ID" */
	size_t tcb, vcpu, cnode, sched; /* groups; sched of MCS kernels alone */
	unsigned radix;
};

struct vm {
	const struct ms_vm *spec;
	struct space space; /* of what the guest takes for physical addresses */
	struct vcpu *vcpus; /* as in the spec */
};

struct map_ref {
	const struct ms_map *map;
	struct map_ref *next;
};

struct region {
	const struct ms_region *spec;
	unsigned bits; /* of its pages */
	uint64_t size; /* bytes */
	uint64_t pages;
	uint64_t prefill; /* bytes; 0: none */
	bool tree;        /* of the device tree in BootInfo, not of a member */
	uint64_t inplace; /* its first pages that are pages of the archive */
	size_t group;     /* the others; NO: there are none, or nobody maps it */
	size_t member;
	struct map_ref *maps;
	bool address_asked; /* by a setvar */
	bool mapped;        /* its frames' own capabilities are taken */
	bool execute;
	bool past_caches; /* somebody sees it past the caches: a map without them, a device */
};

struct maker {
	const struct ms_spec *spec;
	const struct ms_kernel *kernel;
	struct ms_members *members;
	uint64_t *offsets;    /* of the members' data */
	uint8_t **page_taken; /* by member, by page: 1 where a PD has it in place */
	struct pd *pds;
	size_t pd_count;
	struct vm *vms; /* as in the spec */
	struct region *regions;
	struct group *groups;
	size_t group_count, group_cap;
	size_t monitor_endpoint, monitor_reply, monitor_cnode;
	size_t *irq_slots;    /* extra slots of the handlers, by IRQ of the spec */
	uint64_t extras;      /* work slots that hold no object */
	uint64_t page_tables; /* of the address spaces so far */
	bool scratch_small, scratch_large;
	struct records records[TABLE_SECTIONS];
	struct records late_patches; /* of frames that no fill writes: after the others */
	struct pool names;           /* of the records; sorted anew when the table is written */
	/* decided last: */
	struct ms_kernel_range loader, archive, dtb, user, root;
	uint64_t pv_offset, archive_size;
	struct ms_boot boot;
	unsigned work_bits, monitor_bits;
	uint64_t work_untyped;
	uint64_t objects, fillers, work_slots;
	uint64_t schedule_start;
	uint64_t tree_size; /* of BootInfo's chunk with the device tree; 0: no region has it */
	unsigned errors;
};

/* Reports an error of this system; counted, so that all independent ones are told. */
void ms_maker_error(struct maker *m, const char *rule, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, where the text is at hand with its place there: of the item's field at that offset.
 * node may be NULL. */
void ms_maker_error_at(struct maker *m, const struct ms_node *node, size_t offset, const char *rule,
                       const char *fmt, ...) __attribute__((format(printf, 5, 6)));
#define ERROR_AT(m, type, item, member, ...)                                                       \
	ms_maker_error_at(m, &(item)->node, offsetof(type, member), __VA_ARGS__)

void ms_maker_warn_at(const struct maker *m, const struct ms_node *node, size_t offset,
                      const char *rule, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
#define WARN_AT(m, type, item, member, ...)                                                        \
	ms_maker_warn_at(m, &(item)->node, offsetof(type, member), __VA_ARGS__)

/* log2 of an object's size, by the kernel's name for it; 0: this kernel has no such object. */
unsigned ms_maker_bits(const struct maker *m, const char *type);

size_t ms_maker_group(struct maker *m, const char *name, const char *type, unsigned bits,
                      unsigned arg, uint64_t count);
/* The same for a kind whose size the kernel gives. */
size_t ms_maker_objects(struct maker *m, const char *name, const char *type, uint64_t count);

/* A new, zeroed record; good until the next one of its section. */
void *ms_maker_add(struct maker *m, enum table_section section);
uint32_t ms_maker_name(struct maker *m, const char *name);

/* system.c: objects, capabilities, threads, interrupts, what the monitor keeps. */
void ms_make_objects(struct maker *m);
void ms_make_capabilities(struct maker *m);
void ms_make_threads(struct maker *m);

/* Whether the kernel takes a budget and a period; node and offset: where they are written. */
void ms_check_time(struct maker *m, const struct ms_node *node, size_t offset, const char *who,
                   int64_t budget_us, int64_t period_us);

/* A capability in a CNode (a group), in a PD's own one; a badged copy that the root task hands on
 * itself, which is returned. */
void ms_add_cap(struct maker *m, size_t cnode, unsigned slot, uint64_t source, uint64_t badge,
                unsigned rights, const char *name);
void ms_give(struct maker *m, struct pd *pd, unsigned slot, uint64_t source, uint64_t badge,
             unsigned rights, const char *name);
uint64_t ms_badged(struct maker *m, uint64_t source, uint64_t badge, unsigned rights,
                   const char *name);

/* machines.c: the same of virtual machines, and their address spaces. */
void ms_make_machines(struct maker *m);
void ms_give_machines(struct maker *m);
void ms_map_machines(struct maker *m);
void ms_make_vcpu_threads(struct maker *m);

/* domains.c: the domain schedule, and whether the kernel can have one. */
void ms_make_domains(struct maker *m);
/* seL4's number of the domain of a PD, and of its virtual machine. */
uint32_t ms_domain_of(const struct maker *m, const struct ms_pd *pd);

/* regions.c: frames of the regions, and where PDs map them. */
void ms_make_regions(struct maker *m);
void ms_map_regions(struct maker *m, struct space *s);

/* space.c: what an address space holds. A range of bits 0 is where nothing may be mapped. */
void ms_space_range(struct space *s, uint64_t start, uint64_t end, unsigned bits, const char *what);
/* A map's record without its range, and with it. */
void ms_space_map(struct maker *m, struct space *s, const struct table_map *map, const char *what);
void ms_map_frames(struct maker *m, struct space *s, const struct table_map *map, const char *what);
/* Adds count frames to a group that grows; returns the reference to the first. */
uint64_t ms_space_frames(struct maker *m, const struct space *s, size_t *group, const char *what,
                         unsigned bits, uint64_t count);
/* Pages of zeroes are as large as they can be: those from start on have *bits, up to what is
 * returned; end is that of all. */
uint64_t ms_zeroes_end(uint64_t start, uint64_t end, unsigned *bits);
/* [start, end) with frames of their own. */
void ms_map_zeroes(struct maker *m, struct space *s, uint64_t start, uint64_t end, unsigned flags,
                   const char *what);
/* All ranges are there: none overlaps another. Then the page tables for them. */
void ms_space_check(struct maker *m, struct space *s);
void ms_space_tables(struct maker *m, struct space *s);

/* spaces.c: what each PD's address space holds. */
void ms_make_spaces(struct maker *m);

/* patches.c: variables that the image gets its values in. */
struct patch {
	uint64_t vaddr;
	uint8_t bytes[8];
	unsigned size;
	size_t region; /* its physical address; NO: the bytes */
	const char *symbol;
};
struct patch_list {
	struct patch *items; /* ascending, disjoint */
	size_t count, cap;
};
/* In the size of a patch's record until addresses are known: its value is a region's number. */
#define PATCH_PADDR 0x100u

void ms_collect_patches(struct maker *m, const struct pd *pd, struct patch_list *list);

/* assign.c: untypeds, slots and addresses. False after reporting what does not fit. */
bool ms_assign(struct maker *m);

/* finish.c: from the structure to the bytes of the table. NULL after reporting. */
uint8_t *ms_finish(struct maker *m, size_t *len);

#endif
