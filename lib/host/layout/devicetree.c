/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * devicetree.c - registers and interrupts of a device tree's nodes. See devicetree.h.
 *
 * Facts from the Devicetree Specification 0.4, 2.4 (interrupts) and 3.2 (aliases), and from the
 * binding of Arm's GIC: three cells or more, type (0 shared, 1 private), number, flags.
 */
#include "layout/devicetree.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define CELLS_MAX     8   /* of an interrupt */
#define HOPS_MAX      16  /* controllers that pass an interrupt on */
#define SHARED_FIRST  32u /* GIC numbers */
#define SHARED_LAST   1019u
#define PRIVATE_FIRST 16u
#define PRIVATE_LAST  31u
#define EDGE_FLAGS    3u  /* rising, falling */
#define LEVEL_FLAGS   12u /* high, low */
#define NO_NODE       SIZE_MAX

static const char *const gics[] = {
    "arm,gic-400",       "arm,gic-v3",        "arm,cortex-a15-gic", "arm,cortex-a9-gic",
    "arm,cortex-a7-gic", "arm,cortex-a5-gic", "arm,pl390",          "qcom,msm-qgic2",
};

/* Controllers that stand before a GIC and number interrupts as it does. */
static const char *const passing[] = {
    "fsl,imx6q-gpc",         "fsl,imx6sx-gpc",        "fsl,imx7d-gpc",       "fsl,imx8mq-gpc",
    "nvidia,tegra124-ictlr", "nvidia,tegra210-ictlr", "nvidia,tegra186-pmc",
};

static const char *name_of(const struct ms_tree *tree, size_t node)
{
	return fdt_node_name(&tree->fdt, tree->nodes[node].at);
}

/* The value of a property of one cell, or what is said where it is missing. */
static uint32_t cell(const struct ms_tree *tree, size_t node, const char *name, uint32_t missing)
{
	return fdt_cell(&tree->fdt, tree->nodes[node].at, name, missing);
}

static bool has(const struct ms_tree *tree, size_t node, const char *name, struct fdt_property *p)
{
	return fdt_property(&tree->fdt, tree->nodes[node].at, name, p) == FDT_OK;
}

static bool is_one_of(const struct ms_tree *tree, size_t node, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fdt_compatible(&tree->fdt, tree->nodes[node].at, words[i]))
			return true;
	return false;
}

static size_t add(struct ms_tree *tree, uint32_t at, size_t parent)
{
	size_t node = tree->count;

	ms_reserve((void **)&tree->nodes, &tree->cap, node + 1, sizeof(*tree->nodes));
	tree->nodes[node] = (struct ms_tree_node){.at = at, .parent = parent};
	tree->count++;
	tree->nodes[node].phandle =
	    cell(tree, node, "phandle", cell(tree, node, "linux,phandle", 0));
	return node;
}

void ms_tree_open(struct ms_tree *tree, const struct fdt *fdt)
{
	uint32_t at = fdt_root(fdt);
	size_t node;

	*tree = (struct ms_tree){.fdt = *fdt};
	node = add(tree, at, 0);
	/* Depth first: to a child, else to the next one beside it or beside what it is in. */
	for (;;) {
		size_t parent = node;
		enum fdt_error error = fdt_child(fdt, tree->nodes[node].at, &at);

		while (error != FDT_OK && node != 0) {
			parent = tree->nodes[node].parent;
			error = fdt_sibling(fdt, tree->nodes[node].at, &at);
			node = parent;
		}
		if (error != FDT_OK)
			return;
		node = add(tree, at, parent);
	}
}

static size_t by_offset(const struct ms_tree *tree, uint32_t at)
{
	for (size_t i = 0; i < tree->count; i++)
		if (tree->nodes[i].at == at)
			return i;
	return NO_NODE;
}

static size_t by_phandle(const struct ms_tree *tree, uint32_t phandle)
{
	for (size_t i = 0; phandle != 0 && phandle != UINT32_MAX && i < tree->count; i++)
		if (tree->nodes[i].phandle == phandle)
			return i;
	return NO_NODE;
}

/* The beginning of a path that leads somewhere, for a message. */
static const char *missing(const struct ms_tree *tree, const char *path)
{
	size_t len = strlen(path);
	uint32_t at;

	while (len > 0 && fdt_path(&tree->fdt, path, len, &at) != FDT_OK)
		do
			len--;
		while (len > 0 && path[len] != '/');
	if (len > 0)
		return ms_format("the device tree has no node %s (%.*s is there)", path, (int)len,
		                 path);
	return ms_format("the device tree has no %s %s", path[0] == '/' ? "node" : "alias", path);
}

const char *ms_tree_find(const struct ms_tree *tree, const char *path, size_t *node)
{
	uint32_t at;

	if (fdt_path(&tree->fdt, path, strlen(path), &at) != FDT_OK) {
		if (strcmp(path, "stdout-path") != 0)
			return missing(tree, path);
		if (fdt_stdout(&tree->fdt, &at) != FDT_OK)
			return "the device tree's /chosen has no stdout-path that names a node";
	}
	*node = by_offset(tree, at);
	return *node == NO_NODE ? missing(tree, path) : NULL;
}

char *ms_tree_path(const struct ms_tree *tree, size_t node)
{
	const char *path = "";

	for (; node != 0; node = tree->nodes[node].parent)
		path = ms_format("/%s%s", name_of(tree, node), path);
	return ms_strdup(*path ? path : "/");
}

/* -- registers ----------------------------------------------------------------------------- */

/* How many there are, by the cells that the node above says. */
static uint32_t registers_in(const struct ms_tree *tree, size_t node,
                             const struct fdt_property *reg)
{
	const size_t parent = tree->nodes[node].parent;
	const uint32_t cells = cell(tree, parent, "#address-cells", 2) % CELLS_MAX +
	                       cell(tree, parent, "#size-cells", 1) % CELLS_MAX;

	return cells ? reg->len / (4 * cells) : 0;
}

const char *ms_tree_reg(const struct ms_tree *tree, size_t node, unsigned index, uint64_t *address,
                        uint64_t *size)
{
	const struct fdt *fdt = &tree->fdt;
	const char *path = ms_tree_path(tree, node);
	struct fdt_property reg;
	uint32_t count;

	if (!has(tree, node, "reg", &reg))
		return ms_format("%s has no registers (reg)", path);
	count = registers_in(tree, node, &reg);
	switch (fdt_reg(fdt, tree->nodes[node].at, index, address, size)) {
	case FDT_OK: break;
	case FDT_ESTRUCTURE: return ms_format("register %u of %s wraps around", index, path);
	default:
		if (index >= count)
			return ms_format("%s has no register %u: it has %" PRIu32, path, index,
			                 count);
		return ms_format("register %u of %s is none that the processor can address: a bus "
		                 "above it does not translate it (ranges)",
		                 index, path);
	}
	if (*size == 0)
		return ms_format("register %u of %s has no size: it is no memory", index, path);
	return NULL;
}

/* -- interrupts ---------------------------------------------------------------------------- */

/* The controller that a node's interrupts go to: named by the node or by what it is in, or the
 * nearest of those that is one. */
static size_t controller_of(const struct ms_tree *tree, size_t node)
{
	for (size_t hops = 0; hops < FDT_MAX_DEPTH + HOPS_MAX; hops++) {
		struct fdt_property p;

		if (has(tree, node, "interrupt-parent", &p))
			node = p.len == 4 ? by_phandle(tree, fdt_be32(p.value)) : NO_NODE;
		else if (node == 0)
			return NO_NODE;
		else
			node = tree->nodes[node].parent;
		if (node == NO_NODE || has(tree, node, "#interrupt-cells", &p))
			return node;
	}
	return NO_NODE;
}

/* An interrupt on its way to the GIC, as the controller sees it that it has come to. */
struct line {
	const char *path; /* of the node that it is of */
	unsigned index;
	size_t controller;
	const uint8_t *cells; /* count of them */
	uint32_t count;
	const uint8_t
	    *address; /* of the node; address_given cells of address_cells: the others are 0 */
	uint32_t address_cells, address_given;
};

/* Number index of a list whose entries begin with their controllers. */
static const char *extended(const struct ms_tree *tree, size_t node,
                            const struct fdt_property *list, unsigned index, size_t *controller,
                            const uint8_t **cells)
{
	const char *path = ms_tree_path(tree, node);
	uint32_t at = 0;

	for (unsigned i = 0; list->len - at >= 4; i++) {
		uint32_t count;

		*controller = by_phandle(tree, fdt_be32(list->value + at));
		if (*controller == NO_NODE)
			return ms_format("interrupt %u of %s has no controller (phandle 0x%" PRIx32
			                 ")",
			                 i, path, fdt_be32(list->value + at));
		count = cell(tree, *controller, "#interrupt-cells", 0);
		if (count < 1 || count > CELLS_MAX || list->len - at < 4 + 4 * count)
			return ms_format("interrupt %u of %s is malformed", i, path);
		*cells = list->value + at + 4;
		if (i == index)
			return NULL;
		at += 4 + 4 * count;
	}
	return ms_format("%s has no interrupt %u", path, index);
}

static const char *plain(const struct ms_tree *tree, size_t node, const struct fdt_property *list,
                         unsigned index, size_t *controller, const uint8_t **cells)
{
	const char *path = ms_tree_path(tree, node);
	uint32_t count;

	*controller = controller_of(tree, node);
	if (*controller == NO_NODE)
		return ms_format("no interrupt controller can be found for %s (interrupt-parent)",
		                 path);
	count = cell(tree, *controller, "#interrupt-cells", 0);
	if (count < 1 || count > CELLS_MAX || list->len % (4 * count) != 0)
		return ms_format("the interrupts of %s are malformed", path);
	if (index >= list->len / (4 * count))
		return ms_format("%s has no interrupt %u: it has %" PRIu32, path, index,
		                 list->len / (4 * count));
	*cells = list->value + (size_t)index * 4 * count;
	return NULL;
}

static const char *gic_number(const char *path, unsigned index, const uint8_t *cells, unsigned *irq,
                              int *edge)
{
	uint32_t type = fdt_be32(cells), number = fdt_be32(cells + 4), flags = fdt_be32(cells + 8);
	uint32_t first = type == 0 ? SHARED_FIRST : PRIVATE_FIRST;
	uint32_t last = type == 0 ? SHARED_LAST : PRIVATE_LAST;

	if (type > 1)
		return ms_format("interrupt %u of %s is of type %" PRIu32
		                 "; seL4 has shared (0) and private (1) ones",
		                 index, path, type);
	if (number > last - first)
		return ms_format("interrupt %u of %s is %s %" PRIu32 "; a GIC has %" PRIu32, index,
		                 path, type == 0 ? "shared interrupt" : "private interrupt", number,
		                 last - first + 1);
	*irq = first + number;
	*edge = flags & EDGE_FLAGS ? 1 : flags & LEVEL_FLAGS ? 0 : -1;
	return NULL;
}

/* How many cells of an address the rows of a controller's map begin with: what it says itself, or
 * the nearest node above it. */
static uint32_t address_cells_of(const struct ms_tree *tree, size_t node)
{
	struct fdt_property p;

	while (node != 0 && !has(tree, node, "#address-cells", &p))
		node = tree->nodes[node].parent;
	return cell(tree, node, "#address-cells", 2);
}

/* The beginning of a map's row is this line, in the bits that the mask (NULL: all) names. */
static bool is_row_of(const uint8_t *row, const struct line *line, const uint8_t *mask)
{
	for (uint32_t i = 0; i < line->address_cells + line->count; i++) {
		uint32_t have = 0;

		if (i >= line->address_cells)
			have = fdt_be32(line->cells + 4 * (size_t)(i - line->address_cells));
		else if (i < line->address_given)
			have = fdt_be32(line->address + 4 * (size_t)i);
		if ((have ^ fdt_be32(row + 4 * (size_t)i)) &
		    (mask ? fdt_be32(mask + 4 * (size_t)i) : UINT32_MAX))
			return false;
	}
	return true;
}

/* A nexus (Devicetree Specification 0.4, 2.4.3): each row of its map has an address and an
 * interrupt as they are below it, the controller above it, and both as they are there. */
static const char *through_map(const struct ms_tree *tree, struct line *line,
                               const struct fdt_property *map)
{
	const char *name = ms_tree_path(tree, line->controller);
	const uint32_t own = line->address_cells + line->count;
	const uint8_t *mask = NULL;
	struct fdt_property p;
	uint32_t at = 0;

	if (has(tree, line->controller, "interrupt-map-mask", &p)) {
		if (line->address_cells > CELLS_MAX || p.len != 4 * own)
			return ms_format("the interrupt-map-mask of %s is malformed", name);
		mask = p.value;
	}
	while (line->address_cells <= CELLS_MAX && map->len - at >= 4 * (own + 1)) {
		const uint8_t *row = map->value + at, *above = row + 4 * (size_t)(own + 1);
		size_t parent = by_phandle(tree, fdt_be32(above - 4));
		uint32_t address, count;

		if (parent == NO_NODE)
			break;
		address = cell(tree, parent, "#address-cells", 0);
		count = cell(tree, parent, "#interrupt-cells", 0);
		at += 4 * (own + 1);
		if (address > CELLS_MAX || count < 1 || count > CELLS_MAX ||
		    map->len - at < 4 * (address + count))
			break;
		at += 4 * (address + count);
		if (!is_row_of(row, line, mask)) {
			if (at == map->len)
				return ms_format("interrupt %u of %s is in no row of the "
				                 "interrupt-map of %s",
				                 line->index, line->path, name);
			continue;
		}
		line->controller = parent;
		line->address = above;
		line->address_cells = line->address_given = address;
		line->cells = above + 4 * (size_t)address;
		line->count = count;
		return NULL;
	}
	return ms_format("the interrupt-map of %s is malformed", name);
}

/* Where a node's interrupt sets out. */
static const char *first_line(const struct ms_tree *tree, size_t node, struct line *line)
{
	struct fdt_property list;
	const char *why;

	if (has(tree, node, "interrupts-extended", &list))
		why = extended(tree, node, &list, line->index, &line->controller, &line->cells);
	else if (has(tree, node, "interrupts", &list))
		why = plain(tree, node, &list, line->index, &line->controller, &line->cells);
	else
		why = ms_format("%s has no interrupts", line->path);
	if (why)
		return why;
	line->count = cell(tree, line->controller, "#interrupt-cells", 0);
	line->address_cells = address_cells_of(tree, line->controller);
	if (has(tree, node, "reg", &list)) {
		line->address = list.value;
		line->address_given = list.len / 4;
	}
	return NULL;
}

const char *ms_tree_irq(const struct ms_tree *tree, size_t node, unsigned index, unsigned *irq,
                        int *edge)
{
	struct line line = {.path = ms_tree_path(tree, node), .index = index};
	const char *why = first_line(tree, node, &line);
	struct fdt_property map;

	for (unsigned hops = 0; !why && hops < HOPS_MAX; hops++) {
		if (has(tree, line.controller, "interrupt-map", &map)) {
			why = through_map(tree, &line, &map);
			continue;
		}
		if (is_one_of(tree, line.controller, gics, COUNT(gics)) && line.count >= 3)
			return gic_number(line.path, index, line.cells, irq, edge);
		if (!is_one_of(tree, line.controller, passing, COUNT(passing)))
			return ms_format("interrupt %u of %s goes to %s, which is no GIC", index,
			                 line.path, ms_tree_path(tree, line.controller));
		line.controller = controller_of(tree, line.controller);
		if (line.controller == NO_NODE ||
		    cell(tree, line.controller, "#interrupt-cells", 0) != line.count)
			break;
		line.address_cells = address_cells_of(tree, line.controller);
	}
	return why ? why : ms_format("interrupt %u of %s does not lead to a GIC", index, line.path);
}
