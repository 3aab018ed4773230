/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * devicetree.h - what a kernel's device tree says of a device: where its registers are, which
 * interrupts it has. Trees come from boards, aliases and paths from people: nothing is taken for
 * granted.
 */
#ifndef MS_LAYOUT_DEVICETREE_H
#define MS_LAYOUT_DEVICETREE_H

#include "both/fdt.h"

#include <stddef.h>
#include <stdint.h>

struct ms_tree_node {
	uint32_t at;   /* in the tree */
	size_t parent; /* in nodes; of the root: itself */
	uint32_t phandle;
};

struct ms_tree {
	struct fdt fdt;
	struct ms_tree_node *nodes; /* in order of the tree, the root first */
	size_t count, cap;
};

/* data: of a tree that fdt_open took; borrowed. */
void ms_tree_open(struct ms_tree *tree, const struct fdt *fdt);

/*
 * The node that is meant: by a path ("/soc/serial@30860000"), by an alias ("serial0", also before
 * a path), or by "stdout-path", the console that /chosen names. Returns NULL, or why there is none.
 */
const char *ms_tree_find(const struct ms_tree *tree, const char *path, size_t *node);

/* Its whole path. */
char *ms_tree_path(const struct ms_tree *tree, size_t node);

/* Register number index as the processor sees it. Returns NULL, or why not. */
const char *ms_tree_reg(const struct ms_tree *tree, size_t node, unsigned index, uint64_t *address,
                        uint64_t *size);

/*
 * Interrupt number index as seL4 numbers them: those of its GIC, shared ones from 32, private ones
 * from 16 on. edge: 1, 0 (level), or -1 where the tree does not say. Returns NULL, or why not.
 */
const char *ms_tree_irq(const struct ms_tree *tree, size_t node, unsigned index, unsigned *irq,
                        int *edge);

#endif
