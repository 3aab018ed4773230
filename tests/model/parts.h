/* SPDX-License-Identifier: BSD-2-Clause */
/* parts.h - the model's objects and capabilities, among its own files. */
#ifndef TESTS_MODEL_PARTS_H
#define TESTS_MODEL_PARTS_H

#include "model.h"
#include <ms/bootinfo.h>
#include <ms/fault.h>
#include <ms/invoke.h>

enum kind {
	K_NULL,
	K_UNTYPED,
	K_ENDPOINT,
	K_NOTIFICATION,
	K_REPLY,
	K_CNODE,
	K_TCB,
	K_SCHED_CONTEXT,
	K_FRAME,
	K_PAGE_TABLE,
	K_VSPACE,
	K_VCPU,
	/* no memory of their own: */
	K_IRQ_CONTROL,
	K_IRQ_HANDLER,
	K_SCHED_CONTROL,
	K_ASID_CONTROL,
	K_ASID_POOL,
	K_DOMAIN,
	K_SMC
};

struct cap {
	enum kind kind;
	struct object *object; /* NULL for those without memory */
	uint64_t badge;        /* also: interrupt number, core of a sched control */
	unsigned rights;
	uint64_t guard;
	unsigned guard_bits;
	struct object *space; /* frames, page tables: where this very capability is mapped */
	uint64_t vaddr;
};

struct page {
	uint64_t vaddr;
	unsigned bits, rights, attributes;
	struct object *frame;
};

/* An entry at `bits` that leads to a table: it spans [vaddr, vaddr + 2^bits). */
struct span {
	uint64_t vaddr;
	unsigned bits;
};

struct object {
	enum kind kind;
	uint64_t paddr;
	unsigned size_bits;
	unsigned device;
	int dirty; /* frame: written through a cache, which was not written back since */
	struct object *next;
	/* by kind: */
	uint64_t used;      /* untyped: bytes from its start that are taken */
	unsigned long born; /* untyped: objects made from it */
	struct cap *slots;  /* CNode */
	unsigned radix;     /* CNode */
	int has_asid;       /* VSpace */
	struct page *pages; /* VSpace */
	size_t page_count;
	struct span *spans; /* VSpace */
	size_t span_count;
	struct thread *thread;   /* TCB */
	struct object *bound;    /* notification, SC, VCPU: the TCB bound to it */
	struct object *bound_sc; /* notification */
	struct object *lends;    /* SC: the notification that holds it */
	uint64_t budget, period, sc_badge, core;
	int configured; /* SC */
};

struct thread {
	struct cap cspace, vspace, buffer, fault;
	uint64_t fault_cptr, buffer_address;
	uint64_t mcp, priority, affinity, flags, domain;
	struct object *sc, *notification, *vcpu;
	uint64_t registers[SEL4_CONTEXT_WORDS];
	int runs;
	char name[64];
};

struct irq {
	int active;
	unsigned trigger, core;
	struct cap notification;
};

#define IRQ_MAX          159
#define SCHEDULE_ENTRIES 100 /* NUM_DOMAIN_SCHEDULES */

struct model {
	struct object *objects;
	struct object *root_tcb, *root_cnode;
	struct irq irqs[IRQ_MAX + 1];
	struct {
		uint64_t domain, duration; /* both 0: an end marker */
	} schedule[SCHEDULE_ENTRIES];
	uint64_t schedule_start;
	int schedule_begun;
	unsigned asids;
	uint64_t memory_start, memory_size;
	const struct sel4_extra *tree; /* BootInfo's chunk with the device tree; NULL: none */
};
extern struct model model;

/* The invocation that is being decoded, and its answer. */
struct call {
	struct sel4_invocation *inv;
	struct cap *slot;                       /* of the invoked capability */
	struct cap *extra[SEL4_MAX_EXTRA_CAPS]; /* NULL behind the last */
};

/* Answers. MR0.. are set where the kernel sets them. */
enum sel4_error answer(struct call *c, enum sel4_error error);
enum sel4_error answer_number(struct call *c, enum sel4_error error, uint64_t mr0);
enum sel4_error answer_range(struct call *c, uint64_t least, uint64_t most);
/* Fewer words or capabilities than an invocation needs. */
int too_short(const struct call *c, unsigned words, unsigned caps);

/* caps.c */
struct lookup {
	struct cap *slot; /* NULL: failed, and why: */
	enum sel4_lookup why;
	uint64_t bits_left, found, guard;
	int range; /* a depth that is none: RangeError */
};
struct lookup look_up(struct cap *root, uint64_t cptr, uint64_t depth);
enum sel4_error answer_lookup(struct call *c, int source, const struct lookup *l);
/* A slot for a CNode operation: exact depth. Returns it, or NULL with *error answered. */
struct cap *target_slot(struct call *c, struct cap *root, uint64_t index, uint64_t depth,
                        int source, enum sel4_error *error);
int derive(const struct cap *from, struct cap *to, enum sel4_error *error);
int with_data(struct cap *cap, uint64_t data);
enum sel4_error cnode_call(struct call *c);

/* objects.c */
struct object *new_object(enum kind kind, uint64_t paddr, unsigned size_bits);
enum sel4_error untyped_call(struct call *c);
enum sel4_error irq_control_call(struct call *c);
enum sel4_error irq_handler_call(struct call *c);

enum sel4_error domain_call(struct call *c);

/* spaces.c */
enum sel4_error asid_pool_call(struct call *c);
enum sel4_error page_table_call(struct call *c);
enum sel4_error frame_call(struct call *c);
void add_page(struct object *space, uint64_t vaddr, unsigned bits, unsigned rights,
              unsigned attributes, struct object *frame);
void add_spans(struct object *space, uint64_t vaddr, unsigned page_bits);

/* threads.c */
enum sel4_error tcb_call(struct call *c);
enum sel4_error vcpu_call(struct call *c);
enum sel4_error sched_control_call(struct call *c);
enum sel4_error sched_context_call(struct call *c);

/* memory.c: physical memory as a file, and the root task's view of it. */
void memory_start(uint64_t start, uint64_t size);
void memory_clear(uint64_t paddr, uint64_t size);
void memory_write(uint64_t paddr, const void *from, size_t size);
void memory_map(uint64_t vaddr, uint64_t paddr, uint64_t size, int writable);
void memory_unmap(uint64_t vaddr, uint64_t size);
void *memory_private(uint64_t vaddr, uint64_t size);

_Noreturn void model_fault(const char *what, uint64_t number);

#endif
