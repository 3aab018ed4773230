/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel.h - a kernel build at hand: which files it consists of, how it is configured, and
 * the numbers (system calls, labels, object types, faults) that this configuration gives.
 *
 * A kernel folder has one of four shapes (moonshot-kernel(5)): seL4's CMake build tree, its
 * install tree, a Microkit SDK's board/NAME/CONFIG, or a flat folder. The probe kernel's is flat.
 */
#ifndef MS_LAYOUT_KERNEL_H
#define MS_LAYOUT_KERNEL_H

#include "base/digest.h"
#include "base/doc.h"
#include "base/mem.h"
#include "both/elf64.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ms_kernel_kind { MS_KERNEL_SEL4, MS_KERNEL_PROBE };

enum ms_kernel_shape {
	MS_KERNEL_BUILD_TREE,
	MS_KERNEL_INSTALL_TREE,
	MS_KERNEL_MICROKIT,
	MS_KERNEL_FLAT
};

/* Physical addresses; end is exclusive. */
struct ms_kernel_range {
	uint64_t start, end;
};

/* One file of the build, read whole: what is hashed is what is used. */
struct ms_kernel_file {
	char *path; /* NULL: the build has none */
	char *data;
	size_t len;
	char sha256[MS_SHA256_HEX];
};

struct ms_kernel {
	enum ms_kernel_kind kind;
	enum ms_kernel_shape shape;
	const char *dir;

	struct ms_kernel_file image;    /* the kernel's ELF, checked (elf below) */
	struct ms_kernel_file dtb;      /* its device tree; path NULL without one */
	struct ms_kernel_file config;   /* kernel/gen_config.json */
	struct ms_kernel_file platform; /* platform_gen.json or .yaml; path NULL without one */
	struct elf64 elf;               /* borrows image.data */

	unsigned version;          /* seL4's numbering: 15 (15.0.0) or 16 (16.0.0 and later) */
	bool mcs;                  /* KERNEL_MCS */
	bool hypervisor;           /* ARM_HYPERVISOR_SUPPORT: runs in EL2 */
	bool debug;                /* DEBUG_BUILD */
	bool printing;             /* PRINTING: serves DebugPutChar */
	bool smp;                  /* ENABLE_SMP_SUPPORT */
	bool smc;                  /* ALLOW_SMC_CALLS */
	unsigned cores;            /* MAX_NUM_NODES */
	unsigned pa_bits;          /* 40 or 44 */
	unsigned gic_version;      /* 2 or 3; 0: its interrupt controller is no GIC */
	unsigned root_cnode_bits;  /* ROOT_CNODE_SIZE_BITS */
	unsigned max_untypeds;     /* MAX_NUM_BOOTINFO_UNTYPED_CAPS */
	unsigned retype_fan_out;   /* RETYPE_FAN_OUT_LIMIT */
	unsigned domains;          /* NUM_DOMAINS */
	unsigned max_irq;          /* highest interrupt number; 0: the build does not say */
	uint64_t device_top;       /* PADDR_USER_DEVICE_TOP */
	uint64_t user_top;         /* first virtual address past user space */
	const char *platform_name; /* PLAT, e.g. "qemu-arm-virt" */

	struct ms_kernel_range *memory; /* what the kernel takes for RAM, ascending, at least one */
	size_t memory_count;
	struct ms_kernel_range *devices; /* physical space user level may own as device memory */
	size_t device_count;

	json_t *keys;        /* gen_config as it is; see the look-ups below */
	uint32_t conditions; /* for the tables of numbers below */
};

/*
 * The kernel folder that is named: by --kernel (option; NULL: not given), else by $MS_KERNEL, else
 * by the document's [build] sdk, else by $MICROKIT_SDK; NULL when by none. Where that is a Microkit
 * SDK, its board/BOARD/CONFIG for the document's board and config; ends the program with 1 when
 * there is none. document: an ms-plan/1 document.
 */
const char *ms_kernel_named(const char *option, const json_t *document);

/*
 * The kernel folder that a stage works with: the one that is named, else the probe kernel that
 * ms-compile made in the build folder. Ends the program with 1 when there is neither.
 */
const char *ms_kernel_folder(const char *option, const json_t *document, const char *build);

/*
 * Opens a kernel folder. Returns 0, or -1 after every fault has been reported (wrong folder,
 * malformed or contradicting files, another architecture, numbers that differ from those in
 * the build's own headers). A file that exists but cannot be read ends the program with 3.
 */
int ms_kernel_open(const char *dir, struct ms_kernel *kernel);

/* File number i (from 0) of those that the build consists of, and its name in a document
 * ("@kernel/kernel.elf"), which is the same for every shape; NULL past the last one. */
const struct ms_kernel_file *ms_kernel_each_file(const struct ms_kernel *kernel, size_t i,
                                                 const char **name);

/* Other keys of gen_config. An absent key is false, or not a number; so is one of another type. */
bool ms_kernel_flag(const struct ms_kernel *kernel, const char *key);
bool ms_kernel_number(const struct ms_kernel *kernel, const char *key, uint64_t *value);

enum ms_kernel_table {
	MS_KERNEL_SYSCALLS,    /* "DebugPutChar" -> -9 */
	MS_KERNEL_LABELS,      /* "TCBSuspend" -> 11 */
	MS_KERNEL_OBJECTS,     /* "TCB", "SmallPage", … -> type for Untyped_Retype */
	MS_KERNEL_OBJECT_BITS, /* the same names -> log2 of the size; "CNode" counts one slot */
	MS_KERNEL_FAULTS       /* "VMFault" -> label of a fault message */
};

/* The number that this kernel has for a name; false when it lacks it (a release kernel has no
 * DebugPutChar). */
bool ms_kernel_find(const struct ms_kernel *kernel, enum ms_kernel_table table, const char *name,
                    int *number);

/*
 * The text of include/ms/kernel.h for target code: MS_SYS_…, MS_LABEL_…, MS_OBJECT_…,
 * MS_OBJECT_BITS_…, MS_FAULT_…, MS_KERNEL_…. Depends on the kernel's configuration alone (not
 * on where it lies). What this kernel lacks is not defined.
 */
char *ms_kernel_header(const struct ms_kernel *kernel, size_t *len);

/*
 * The kernel as "archive.kernel" of an ms-plan/1 document records it: kind, sha256, platform,
 * hypervisor, mcs, debug, printing, cores, pa_bits, gic_version, root_cnode_bits, max_untypeds,
 * memory (ms-link proves the placement from this record alone), verified_config (verified.h). The
 * shape checks one.
 */
json_t *ms_kernel_record(const struct ms_kernel *kernel);
extern const struct ms_shape ms_kernel_record_shape;

/*
 * Appends to argv what QEMU must be told to be a machine that this kernel runs on: -machine,
 * -cpu, -smp, -m, -nic none, and -serial for ports before the console's. Returns NULL, or why QEMU
 * has no such machine. record: as above, checked.
 */
const char *ms_kernel_qemu_args(const json_t *record, struct ms_list *argv);

#endif
