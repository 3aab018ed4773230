/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fdt.h - a read-only walk over a flattened device tree (Devicetree Specification 0.4,
 * chapter 5). Every offset is checked before it is used.
 *
 * Shared by host and board: no I/O, no allocation, errors are returned.
 */
#ifndef BOTH_FDT_H
#define BOTH_FDT_H

#include <stddef.h>
#include <stdint.h>

#define FDT_MAGIC     0xd00dfeedu
#define FDT_MAX_DEPTH 32

enum fdt_error {
	FDT_OK = 0,
	FDT_END, /* no more nodes or properties */
	FDT_ENOTFOUND,
	FDT_ETRUNCATED, /* shorter than its header says */
	FDT_EMAGIC,
	FDT_EVERSION,
	FDT_ESTRUCTURE, /* malformed structure or strings block */
	FDT_EDEPTH
};

struct fdt {
	const uint8_t *data;
	uint32_t size;                     /* totalsize */
	uint32_t struct_start, struct_end; /* offsets */
	uint32_t strings_start, strings_end;
};

struct fdt_property {
	const char *name;
	const uint8_t *value;
	uint32_t len;
};

/* Checks the header and the whole structure block. */
enum fdt_error fdt_open(struct fdt *fdt, const void *data, size_t len);

/* A node is the offset of its FDT_BEGIN_NODE token. The root: */
uint32_t fdt_root(const struct fdt *fdt);

const char *fdt_node_name(const struct fdt *fdt, uint32_t node);

/* First child of a node, next sibling of a node; FDT_END when there is none. */
enum fdt_error fdt_child(const struct fdt *fdt, uint32_t node, uint32_t *child);
enum fdt_error fdt_sibling(const struct fdt *fdt, uint32_t node, uint32_t *sibling);

enum fdt_error fdt_property(const struct fdt *fdt, uint32_t node, const char *name,
                            struct fdt_property *property);

/* Node by absolute path ("/pl011@9000000"; a component may leave the unit address out), len
 * bytes of it; a path that does not start with "/" begins with an alias. */
enum fdt_error fdt_path(const struct fdt *fdt, const char *path, size_t len, uint32_t *node);

/* Entry `index` of a node's "reg", translated through every parent's "ranges". */
enum fdt_error fdt_reg(const struct fdt *fdt, uint32_t node, unsigned index, uint64_t *address,
                       uint64_t *size);

/* The node of /chosen stdout-path, options after ":" cut off. */
enum fdt_error fdt_stdout(const struct fdt *fdt, uint32_t *node);

/* True (1) when the node's "compatible" holds the string. */
int fdt_compatible(const struct fdt *fdt, uint32_t node, const char *compatible);

uint32_t fdt_be32(const uint8_t *p);
const char *fdt_error_text(enum fdt_error error);

#endif
