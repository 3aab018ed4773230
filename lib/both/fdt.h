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

/*@ predicate blocks(struct fdt *fdt) =
      \valid_read(fdt) && fdt->size > 0 && \valid_read(fdt->data + (0 .. fdt->size - 1)) &&
      fdt->struct_start <= fdt->struct_end <= fdt->size && fdt->struct_start % 4 == 0 &&
      fdt->struct_end % 4 == 0 && fdt->strings_start <= fdt->strings_end <= fdt->size;
    predicate strings_end{L}(struct fdt *fdt) =
      fdt->strings_start < fdt->strings_end ==> fdt->data[fdt->strings_end - 1] == 0;
    predicate tree{L}(struct fdt *fdt) =
      blocks(fdt) && strings_end(fdt) && fdt->struct_end - fdt->struct_start >= 8;
    predicate node_at{L}(struct fdt *fdt, integer node) =
      0 <= node && node % 4 == 0 && node + 4 < fdt->struct_end && ends(fdt->data + node + 4);
 */

/* Checks the header and the whole structure block. */
/*@ requires \valid(fdt) && (len > 0 ==> \valid_read((uint8_t *)data + (0 .. len - 1)));
    requires \separated(fdt, (uint8_t *)data + (0 ..));
    assigns *fdt;
    ensures \result == FDT_OK ==> tree(fdt) && fdt->data == (uint8_t *)data;
    ensures \result != FDT_END;
 */
enum fdt_error fdt_open(struct fdt *fdt, const void *data, size_t len);

/* A node is the offset of its FDT_BEGIN_NODE token. The root: */
/*@ requires tree(fdt);
    assigns \nothing;
    ensures \result % 4 == 0 && \result + 8 <= fdt->struct_end;
 */
uint32_t fdt_root(const struct fdt *fdt);

/*@ requires tree(fdt) && node_at(fdt, node);
    assigns \nothing;
    ensures \result == fdt->data + node + 4 && ends(\result);
 */
const char *fdt_node_name(const struct fdt *fdt, uint32_t node);

/* First child of a node, next sibling of a node; FDT_END when there is none. */
/*@ requires tree(fdt) && node % 4 == 0 && \valid(child);
    requires \separated(child, fdt);
    assigns *child;
    ensures \result == FDT_OK ==> node_at(fdt, *child);
 */
enum fdt_error fdt_child(const struct fdt *fdt, uint32_t node, uint32_t *child);
/*@ requires tree(fdt) && node % 4 == 0 && \valid(sibling);
    requires \separated(sibling, fdt);
    assigns *sibling;
    ensures \result == FDT_OK ==> node_at(fdt, *sibling);
 */
enum fdt_error fdt_sibling(const struct fdt *fdt, uint32_t node, uint32_t *sibling);

/*@ predicate has_value(struct fdt_property *p) =
      p->len > 0 ==> \valid_read(p->value + (0 .. p->len - 1));
 */

/*@ requires tree(fdt) && node % 4 == 0 && ends(name) && \valid(property);
    requires \separated(property, fdt);
    assigns *property;
    ensures \result == FDT_OK ==> has_value(property);
 */
enum fdt_error fdt_property(const struct fdt *fdt, uint32_t node, const char *name,
                            struct fdt_property *property);

/* A property of one cell; missing when there is none of that form. */
/*@ requires tree(fdt) && node % 4 == 0 && ends(name);
    assigns \nothing;
 */
uint32_t fdt_cell(const struct fdt *fdt, uint32_t node, const char *name, uint32_t missing);

/* Node by absolute path ("/pl011@9000000"; a component may leave the unit address out), len
 * bytes of it; a path that does not start with "/" begins with an alias. */
/*@ requires tree(fdt) && (len > 0 ==> \valid_read(path + (0 .. len - 1))) && \valid(node);
    requires \separated(node, fdt);
    assigns *node;
    ensures \result == FDT_OK ==> *node % 4 == 0;
 */
enum fdt_error fdt_path(const struct fdt *fdt, const char *path, size_t len, uint32_t *node);

/* Entry `index` of a node's "reg", translated through every parent's "ranges". */
/*@ requires tree(fdt) && node % 4 == 0 && \valid(address) && \valid(size);
    requires \separated(address, size, fdt);
    assigns *address, *size;
 */
enum fdt_error fdt_reg(const struct fdt *fdt, uint32_t node, unsigned index, uint64_t *address,
                       uint64_t *size);

/* The node of /chosen stdout-path, options after ":" cut off. */
/*@ requires tree(fdt) && \valid(node) && \separated(node, fdt);
    assigns *node;
 */
enum fdt_error fdt_stdout(const struct fdt *fdt, uint32_t *node);

/* True (1) when the node's "compatible" holds the string. */
/*@ requires tree(fdt) && node % 4 == 0 && ends(compatible);
    assigns \nothing;
 */
int fdt_compatible(const struct fdt *fdt, uint32_t node, const char *compatible);

/*@ requires \valid_read(p + (0 .. 3));
    assigns \nothing;
 */
uint32_t fdt_be32(const uint8_t *p);
const char *fdt_error_text(enum fdt_error error);

#endif
