/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-fdt.c - lib/both/fdt on any bytes: everything that can be asked of every node, as host and
 * board ask it; and what ms-layout asks for a name of the tree (layout/devicetree.h).
 */
#include "host.h"
#include "mutate.h"

#include "both/fdt.h"
#include "layout/devicetree.h"

#include <stdlib.h>
#include <string.h>

void fuzz_once(void)
{
}

static void ask(const struct fdt *fdt, uint32_t node)
{
	static const char *const names[] = {"reg",         "compatible", "stdout-path",
	                                    "device_type", "interrupts", "ranges"};
	const char *name = fdt_node_name(fdt, node);
	struct fdt_property property;
	uint64_t address, size;
	unsigned sum = 0;

	fuzz_check(memchr(name, '\0', fdt->size) != NULL, "a name without its end");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (fdt_property(fdt, node, names[i], &property) != FDT_OK)
			continue;
		fuzz_check(strcmp(property.name, names[i]) == 0, "another property");
		fuzz_check(property.value >= fdt->data &&
		               property.len <= fdt->size - (size_t)(property.value - fdt->data),
		           "a value outside of the tree");
		for (uint32_t k = 0; k < property.len; k++)
			sum += property.value[k];
	}
	for (unsigned i = 0; i < 4; i++)
		fdt_reg(fdt, node, i, &address, &size);
	fdt_compatible(fdt, node, "arm,pl011");
	fuzz_check(sum != 1u << 31, "no such sum"); /* the bytes were read */
}

static unsigned walk(const struct fdt *fdt, uint32_t node, unsigned depth)
{
	unsigned count = 1;
	enum fdt_error error;
	uint32_t child;

	fuzz_check(depth <= FDT_MAX_DEPTH, "deeper than allowed");
	ask(fdt, node);
	error = fdt_child(fdt, node, &child);
	while (error == FDT_OK) {
		count += walk(fdt, child, depth + 1);
		error = fdt_sibling(fdt, child, &child);
	}
	fuzz_check(error == FDT_END, "a checked tree is broken");
	return count;
}

#define NODES_MAX 64 /* that names are looked up for: one may name itself many times over */

static void look(void *user)
{
	const struct fdt *fdt = user;
	struct ms_tree tree;

	ms_tree_open(&tree, fdt);
	for (size_t i = 0; i < tree.count && i < NODES_MAX; i++) {
		const char *path = ms_tree_path(&tree, i);
		uint64_t address, size;
		size_t node;
		unsigned irq;
		int edge;

		fuzz_check(ms_tree_find(&tree, path, &node) || node < tree.count, "a node of none");
		for (unsigned k = 0; k < 3; k++) {
			if (!ms_tree_reg(&tree, i, k, &address, &size))
				fuzz_check(size != 0 && address + (size - 1) >= address,
				           "registers of no size, or around the end");
			if (!ms_tree_irq(&tree, i, k, &irq, &edge))
				fuzz_check(irq >= 16 && irq <= 1019 && edge >= -1 && edge <= 1,
				           "an interrupt that no GIC has");
		}
	}
}

void fuzz_one(const uint8_t *data, size_t size)
{
	static const char *const paths[] = {"/",       "/chosen", "/memory@40000000", "/soc/serial",
	                                    "serial0", "/a/b/c",  "/pl011@9000000",   ""};
	uint8_t *tree = malloc(size ? size : 1);
	uint32_t node;
	struct fdt fdt;
	enum fdt_error error;

	memcpy(tree, data, size);
	error = fdt_open(&fdt, tree, size);
	fuzz_check(fdt_error_text(error) != NULL, "an error without a text");
	if (error != FDT_OK)
		return;
	fuzz_check(fdt.size <= size, "larger than the file");
	walk(&fdt, fdt_root(&fdt), 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (fdt_path(&fdt, paths[i], strlen(paths[i]), &node) == FDT_OK)
			ask(&fdt, node);
	}
	if (fdt_stdout(&fdt, &node) == FDT_OK)
		ask(&fdt, node);
	fuzz_try(look, &fdt);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_fields(data, size, room, seed, FUZZ_BIG);
}
