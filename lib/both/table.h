/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.h - the system table: what ms-layout decided, in the form that the root task carries out.
 *
 * It is the archive member "system.table": a header, then sections of fixed-size records, then
 * strings. Little-endian, every record a multiple of 8 bytes, the table itself at an address
 * that is a multiple of 8. Records of a section are carried out in order, sections in the order
 * of enum table_section, with two exceptions: a patch of a frame that TABLE_FILLS writes is made
 * while that frame is in reach, and an interrupt's notification is set after TABLE_CAPS, which
 * makes its badged capability. Names are offsets into the strings section; they are there for
 * messages and for `ms-layout --decode`, which turns a table back into the layout document.
 *
 * Two CNodes hold what the root task has while it works: the kernel's root CNode (slots as seL4
 * hands them out) and the work CNode that the root task makes first. A slot in this table is a
 * table_slot: TABLE_WORK | index for the work CNode, else a slot of the root CNode. After it has
 * re-homed itself (TCB_SetSpace) to a two-slot top CNode over both, the very same number is its
 * CPtr. The work CNode's capability lies in root slot empty_slot, the top CNode's in
 * empty_slot + 1; no record names these two or any later slot of the root CNode.
 *
 * At the end the root task re-homes itself once more, to the monitor's CNode, into which
 * TABLE_KEPT is copied. Then none of the other capabilities is in anybody's reach but those in
 * the PDs' own CNodes.
 *
 * Shared by host and board: no I/O, no allocation, errors are returned.
 */
#ifndef BOTH_TABLE_H
#define BOTH_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define TABLE_MEMBER  "system.table"
#define TABLE_MAGIC   0x656c6261742d736dull /* "ms-table" */
#define TABLE_VERSION 2
#define TABLE_WORK    (1ull << 63) /* a slot of the work CNode */
#define TABLE_NONE    0ull         /* no capability (the null slot) */
#define TABLE_TREE    (1ull << 63) /* a source in BootInfo's device tree */

enum table_section {
	TABLE_UNTYPEDS, /* what the kernel must hand out, else the table does not fit this boot */
	TABLE_RETYPES,
	TABLE_IRQS,
	TABLE_SPACES,
	TABLE_TABLES, /* page tables, top level first within a space */
	TABLE_FILLS,  /* bytes for frames; all fills of one frame stand together */
	TABLE_PATCHES,
	TABLE_MAPS,
	TABLE_CAPS,
	TABLE_THREADS,
	TABLE_SCHEDULE, /* of domains; empty where the kernel's own stays */
	TABLE_KEPT,     /* what the monitor keeps */
	TABLE_RANGES,   /* what lies where; for the document, the root task does not look */
	TABLE_STRINGS,  /* NUL-terminated, the first is empty */
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
	uint64_t cores;           /* CONFIG_MAX_NUM_NODES; sched_control + c is core c's */
	/*
	 * The root task's own needs. From work_untyped, before anything else, come the work CNode
	 * and then the top CNode (radix 1, 64 bytes); TABLE_RETYPES may go on with what is left.
	 */
	uint64_t work_untyped;  /* slot of a bootinfo untyped */
	uint64_t monitor_cnode; /* work slot of the monitor's CNode, made by TABLE_RETYPES */
	uint32_t work_bits;     /* radix of the work CNode */
	uint32_t monitor_bits;  /* radix of the monitor's CNode */
	/*
	 * Where the root task maps a fresh frame, in its own VSpace (root slot 3), while it writes
	 * it: one 4 KiB page, one 2 MiB page; 0 when no fill or patch needs it. Page tables that
	 * are missing there are records of TABLE_TABLES. Nothing else is mapped there.
	 */
	uint64_t scratch_small, scratch_large;
	uint64_t kernel; /* the first 8 bytes of the kernel file's SHA-256, for whoever packs */
	uint64_t schedule_start; /* with TABLE_SCHEDULE: the entry that the rounds begin with */
	/* Bytes of the chunk of BootInfo with the device tree, its header of 16 bytes counted; 0:
	 * nothing is filled from it, and it is not looked at. */
	uint64_t tree_size;
};

/* Slots of the root CNode as the kernel fills them, where this table or the root task names
 * them. */
#define TABLE_ROOT_TCB      1
#define TABLE_ROOT_CNODE    2
#define TABLE_ROOT_VSPACE   3
#define TABLE_ROOT_IRQ      4
#define TABLE_ROOT_ASIDPOOL 6
#define TABLE_ROOT_SMC      15

/* One untyped of BootInfo that the table uses. */
struct table_untyped {
	uint64_t slot;
	uint64_t paddr;
	uint32_t size_bits;
	uint32_t device;
};

#define TABLE_RETYPE_MAX 256 /* objects of one Untyped_Retype call */

/*
 * One Untyped_Retype call: count objects into consecutive work slots. Their names are strings
 * one behind the other, from name on: each stands for one object, or, where it ends with
 * "[i..j]", for j - i + 1 of them.
 */
struct table_retype {
	uint64_t untyped;   /* slot of a bootinfo untyped or of one made before */
	uint64_t dest;      /* first table_slot, in the work CNode */
	uint64_t paddr;     /* physical address of the first object, for the document */
	uint32_t type;      /* seL4's object type for this kernel */
	uint32_t size_bits; /* retype's argument (radix of a CNode) */
	uint32_t count;
	uint32_t name; /* of the objects, see above */
};

struct table_irq {
	uint64_t dest;         /* work slot of the handler capability */
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

enum table_fill_flags {
	TABLE_FILL_ZERO = 1,    /* zeroes instead of bytes of the archive; source is 0 */
	TABLE_FILL_EXECUTE = 2, /* instructions: made visible to instruction fetches afterwards */
	TABLE_FILL_CLEAN = 4    /* the frame is seen past the caches: they are written back */
};

/*
 * Bytes of the archive, of the device tree in BootInfo, or zeroes, written into a frame before it
 * is mapped anywhere else: into a fresh frame (zeroed by the kernel) through a scratch page, into a
 * page of the user image where the root task has it mapped. The latter destroys what the archive
 * has there: for a page that only one PD gets and that no later fill reads, such as the last page
 * of a data segment, whose tail is the next member's header. The pages of the table and of the root
 * task itself are never written.
 */
struct table_fill {
	uint64_t frame;  /* work slot of a fresh frame, or root slot of an image frame */
	uint64_t source; /* offset from the archive's start; TABLE_TREE | offset: from the chunk's,
	                  * header first */
	uint32_t at;     /* offset in the frame */
	uint32_t size;
	uint16_t page_bits; /* of the frame: 12 or 21; an image frame: 12 */
	uint16_t flags;
	uint32_t name;
};

/*
 * Up to 8 bytes written into a frame or a page of the user image (setvars, the PD's name...).
 * Patches of frames that TABLE_FILLS writes come first, in the fills' order of frames: each is
 * then made in the same scratch mapping as the fill.
 */
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

/*
 * count pages mapped from vaddr on. Image frames without TABLE_MAP_COPY are moved: the root
 * task unmaps them from itself and maps the very same capabilities, so the root task cannot read
 * them any more and no later map can take them without a copy. The pages of the table and of
 * the root task itself are never moved.
 */
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

/* One capability in a PD's CSpace (CNode_Mint, or CNode_Copy where badge is 0). cnode
 * TABLE_NONE: into the work slot `index` (badged copies that the root task itself hands on:
 * fault endpoints, notifications of interrupts); depth is then work_bits. */
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
	TABLE_THREAD_PASSIVE = 2, /* its SC is its notification's when it first waits (MCS) */
	TABLE_THREAD_NO_FPU = 4
};

struct table_thread {
	uint64_t tcb, cnode, vspace;
	uint64_t cspace_data;          /* guard */
	uint64_t ipc_frame, ipc_vaddr; /* the capability need not be the mapped copy; a guest's
	                                * thread has none: TABLE_NONE, 0 */
	uint64_t fault;        /* MCS: work slot of the endpoint capability; classic: CPtr in the
	                        * thread's own CSpace; TABLE_NONE: none */
	uint64_t notification; /* bound; TABLE_NONE: none */
	uint64_t vcpu;         /* of a guest: it runs there, from when its parent starts it;
	                        * TABLE_NONE: a PD */
	uint64_t sc;           /* MCS; TABLE_NONE: none */
	uint64_t budget_us, period_us;
	uint64_t sc_badge;
	uint64_t entry, sp;
	uint64_t stack_bottom; /* lowest mapped address: a fault in the page below is an overflow */
	uint32_t priority, mcp;
	uint32_t core;
	uint32_t flags;
	uint32_t name;
	uint32_t parent; /* index + 1 of the parent thread; 0: the monitor handles its faults */
	uint32_t domain; /* seL4's number; 0 is the root task's own */
	uint32_t reserved;
};

/* One entry of the kernel's domain schedule. What lies behind the last one is an end marker. */
struct table_schedule {
	uint64_t duration; /* timer ticks (MCS) or kernel ticks (classic); 0: an end marker */
	uint32_t index;    /* in the kernel's schedule */
	uint32_t domain;   /* 0 of an end marker */
};

enum table_kept_kind {
	TABLE_KEEP_FAULT_ENDPOINT, /* monitor receives here (one such record); badge index + 1 */
	TABLE_KEEP_REPLY,          /* MCS: one such record */
	TABLE_KEEP_TCB             /* of thread `index`: to read its registers */
};

/* One capability of the monitor's own CNode; everything else is out of its reach afterwards. */
struct table_kept {
	uint64_t source;
	uint32_t kind;  /* enum table_kept_kind */
	uint32_t index; /* thread */
	uint32_t slot;  /* in the monitor's CNode, not 0 */
	uint32_t reserved;
};

enum table_range_kind {
	TABLE_RANGE_MEMORY, /* physical addresses, while the root task starts */
	TABLE_RANGE_MEMBER  /* the data of an archive member, from the archive's start */
};

struct table_range {
	uint64_t start, end; /* end is exclusive */
	uint32_t kind;       /* enum table_range_kind */
	uint32_t name;
};

enum table_error {
	TABLE_OK = 0,
	TABLE_ETRUNCATED,
	TABLE_EMAGIC,
	TABLE_EVERSION,
	TABLE_EHEADER,  /* a header with a value that no table has */
	TABLE_ESECTION, /* a section outside the table, misaligned, or out of order */
	TABLE_ESTRING,  /* a name outside the strings, or strings without their NUL */
	TABLE_ERECORD   /* a record with a value that no table has */
};

/*
 * Checks the header, every section's bounds, and in every record each slot, name, count, size
 * and index, so that carrying it out reads nothing outside the table. len is the member's size
 * and must equal the table's. What the kernel itself refuses is left to the kernel.
 */
enum table_error table_check(const void *table, size_t len);

/* Record i of a section (checked at table_check), the number of its records, a name. */
const void *table_record(const void *table, enum table_section section, uint32_t i);
uint32_t table_count(const void *table, enum table_section section);
const char *table_name(const void *table, uint32_t name);
size_t table_record_size(enum table_section section);

const char *table_error_text(enum table_error error);

#endif
