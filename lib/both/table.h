/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.h - the system table: what ms-layout decided, in the form that the root task carries out.
 *
 * It is the archive member "system.table": a header, then sections of fixed-size records, then
 * strings. Little-endian, every record a multiple of 8 bytes. Records of a section are carried
 * out in order, sections in the order of enum table_section. Names are offsets into the strings
 * section; they are there for messages and for `ms-layout --decode`, which turns a table back
 * into the layout document.
 *
 * Two CNodes hold what the root task has while it works: the kernel's root CNode (slots as seL4
 * hands them out) and the work CNode that the root task makes first. A slot in this table is a
 * table_slot: TABLE_WORK | index for the work CNode, else a slot of the root CNode. After it has
 * re-homed itself (TCB_SetSpace) to a two-slot top CNode over both, the very same number is its
 * CPtr.
 *
 * Shared by host and board: no I/O, no allocation, errors are returned.
 */
#ifndef BOTH_TABLE_H
#define BOTH_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define TABLE_MEMBER  "system.table"
#define TABLE_MAGIC   0x656c6261742d736dull /* "ms-table" */
#define TABLE_VERSION 1
#define TABLE_WORK    (1ull << 63) /* a slot of the work CNode */
#define TABLE_NONE    0ull         /* no capability (the null slot) */

enum table_section {
	TABLE_UNTYPEDS, /* what the kernel must hand out, else the table does not fit this boot */
	TABLE_RETYPES,
	TABLE_IRQS,
	TABLE_SPACES,
	TABLE_TABLES, /* page tables, top level first within a space */
	TABLE_FILLS,  /* fresh frames that get bytes */
	TABLE_PATCHES,
	TABLE_MAPS,
	TABLE_CAPS,
	TABLE_THREADS,
	TABLE_KEPT,    /* what the monitor keeps */
	TABLE_STRINGS, /* NUL-terminated, the first is empty */
	TABLE_SECTIONS
};

enum table_flags { TABLE_MCS = 1, TABLE_HYPERVISOR = 2, TABLE_SMP = 4 };

struct table_header {
	uint64_t magic;
	uint32_t version;
	uint32_t flags;
	uint64_t size; /* of the whole table */
	struct {
		uint32_t offset; /* from the table's start */
		uint32_t count;  /* records; TABLE_STRINGS: bytes */
	} sections[TABLE_SECTIONS];
	/* What the kernel's boot must have given (BootInfo), as ms-layout foresaw it. */
	uint64_t image_frames;    /* first slot of userImageFrames */
	uint64_t image_pages;     /* their number; page i of the user image is slot + i */
	uint64_t untyped_slot;    /* first slot of untypeds */
	uint64_t empty_slot;      /* first empty slot */
	uint64_t sched_control;   /* slot of core 0's (MCS), else 0 */
	uint64_t root_cnode_bits; /* radix of the root CNode */
	uint64_t archive_page;    /* page of the user image where the archive begins */
	/* The root task's own needs, made from work_untyped before anything else. */
	uint64_t work_untyped;   /* bootinfo untyped slot for the work CNode and the top CNode */
	uint32_t work_bits;      /* radix of the work CNode */
	uint32_t scratch_unused; /* 0 */
};

/* One untyped of BootInfo that the table uses. */
struct table_untyped {
	uint64_t slot;
	uint64_t paddr;
	uint32_t size_bits;
	uint32_t device;
};

/* One Untyped_Retype call: count (at most 256) objects into consecutive work slots. */
struct table_retype {
	uint64_t untyped;   /* slot of a bootinfo untyped or of one made before */
	uint64_t dest;      /* first table_slot, in the work CNode */
	uint64_t paddr;     /* physical address of the first object, for the document */
	uint32_t type;      /* seL4's object type for this kernel */
	uint32_t size_bits; /* retype's argument (radix of a CNode) */
	uint32_t count;
	uint32_t name; /* of the first object; "" for fillers */
};

struct table_irq {
	uint64_t dest;         /* table_slot of the handler capability */
	uint64_t notification; /* work slot of the badged notification capability */
	uint32_t irq;
	uint32_t trigger; /* 0 level, 1 edge */
	uint32_t core;    /* SMP: where it is delivered */
	uint32_t name;
};

/* A VSpace that gets an ASID from the initial pool. */
struct table_space {
	uint64_t vspace;
	uint32_t name; /* of the PD */
	uint32_t reserved;
};

/* One page table. */
struct table_table {
	uint64_t table;
	uint64_t vspace;
	uint64_t vaddr;
	uint32_t level; /* address bits below it: 39, 30 or 21 */
	uint32_t name;
};

/* Bytes of the archive copied into a fresh frame (zeroed by the kernel) before it is mapped. */
struct table_fill {
	uint64_t frame;  /* work slot */
	uint64_t source; /* offset from the archive's start */
	uint32_t at;     /* offset in the frame */
	uint32_t size;
	uint32_t page_bits; /* of the frame */
	uint32_t name;
};

/* Up to 8 bytes written into a frame or a page of the user image (setvars, the PD's name...). */
struct table_patch {
	uint64_t frame; /* work slot of a fresh frame, or root slot of an image frame */
	uint64_t value; /* little-endian bytes */
	uint32_t at;
	uint32_t size; /* 1 to 8 */
	uint32_t page_bits;
	uint32_t name; /* of the symbol */
};

enum table_map_flags {
	TABLE_MAP_WRITE = 1,
	TABLE_MAP_READ = 2,
	TABLE_MAP_EXECUTE = 4,
	TABLE_MAP_CACHED = 8,
	TABLE_MAP_COPY = 16 /* the frame capabilities are copied to `copies` first; that copy is
	                     * mapped (a frame capability maps once) */
};

/* count pages mapped from vaddr on. */
struct table_map {
	uint64_t frames; /* first slot: work CNode (fresh) or root CNode (user image) */
	uint64_t copies; /* first work slot of the copies, or TABLE_NONE */
	uint64_t vspace;
	uint64_t vaddr;
	uint32_t count;
	uint32_t page_bits; /* 12, 21 or 30 */
	uint32_t flags;
	uint32_t name; /* of the segment, stack, region... */
};

enum table_right { TABLE_WRITE = 1, TABLE_READ = 2, TABLE_GRANT = 4, TABLE_GRANT_REPLY = 8 };

/* One capability in a PD's CSpace (CNode_Mint, or CNode_Copy where badge is 0 and minting not
 * allowed). cnode TABLE_NONE: minted into the work slot `index` (badged copies that the root
 * task itself hands on: fault endpoints, notifications of interrupts). */
struct table_cap {
	uint64_t cnode; /* slot of the PD's CNode */
	uint64_t source;
	uint64_t badge;
	uint32_t index;
	uint32_t depth; /* radix of the CNode */
	uint32_t rights;
	uint32_t name; /* of the object */
};

enum table_thread_flags {
	TABLE_THREAD_RESUME = 1,  /* started at the end */
	TABLE_THREAD_PASSIVE = 2, /* its SC moves to its notification when it asks (MCS) */
	TABLE_THREAD_NO_FPU = 4
};

struct table_thread {
	uint64_t tcb, cnode, vspace;
	uint64_t cspace_data; /* guard */
	uint64_t ipc_frame, ipc_vaddr;
	uint64_t fault;        /* MCS: work slot of the endpoint capability; classic: CPtr in the
	                        * thread's own CSpace */
	uint64_t notification; /* bound; TABLE_NONE: none */
	uint64_t sc;           /* MCS; TABLE_NONE: none */
	uint64_t budget_us, period_us;
	uint64_t sc_badge;
	uint64_t entry, sp;
	uint64_t stack_bottom; /* lowest mapped address: a fault in the page below is an overflow */
	uint32_t priority, mcp;
	uint32_t core;
	uint32_t flags;
	uint32_t name;
	uint32_t parent; /* index + 1 of the parent thread, 0: the monitor handles its faults */
};

enum table_kept_kind {
	TABLE_KEEP_FAULT_ENDPOINT, /* monitor receives here; badge index + 1 */
	TABLE_KEEP_REPLY,          /* MCS */
	TABLE_KEEP_TCB,            /* of thread `index`: to read its registers */
	TABLE_KEEP_SC,             /* of passive thread `index` */
	TABLE_KEEP_NOTIFICATION    /* of passive thread `index` */
};

/* One capability of the monitor's own CNode; everything else is out of its reach afterwards. */
struct table_kept {
	uint64_t source;
	uint32_t kind;  /* enum table_kept_kind */
	uint32_t index; /* thread */
	uint32_t slot;  /* in the monitor's CNode */
	uint32_t reserved;
};

enum table_error {
	TABLE_OK = 0,
	TABLE_ETRUNCATED,
	TABLE_EMAGIC,
	TABLE_EVERSION,
	TABLE_ESECTION, /* a section outside the table, misaligned, or out of order */
	TABLE_ESTRING,  /* a name outside the strings, or strings without their NUL */
	TABLE_ERECORD   /* a record with a value that no table has */
};

/* Checks the header, every section's bounds, every name and every count. */
enum table_error table_check(const void *table, size_t len);

/* Record i of a section (checked at table_check), the number of its records, a name. */
const void *table_record(const void *table, enum table_section section, uint32_t i);
uint32_t table_count(const void *table, enum table_section section);
const char *table_name(const void *table, uint32_t name);
size_t table_record_size(enum table_section section);

const char *table_error_text(enum table_error error);

#endif
