/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eva-fdt.c - lib/both/fdt.c on trees of any content: every function, lengths up to 400 bytes.
 * Options: -eva-precision 1 -eva-slevel 30 -eva-auto-loop-unroll 0
 */
#include "tests/proof/eva.h"

#include "both/fdt.c"

#define BYTES 400

static uint8_t file[BYTES];
static char name[40], path[60];

int main(void)
{
	struct fdt fdt;
	struct fdt_property property;
	uint32_t node;
	uint64_t address, size;

	UNKNOWN(file);
	UNKNOWN(name);
	UNKNOWN(path);
	name[sizeof(name) - 1] = '\0';
	fdt_error_text((enum fdt_error)Frama_C_interval(0, 20));
	if (fdt_open(&fdt, file, Frama_C_size_t_interval(0, BYTES)) != FDT_OK)
		return 1;
	node = fdt_root(&fdt);
	fdt_node_name(&fdt, node);
	fdt_child(&fdt, node, &node);
	fdt_sibling(&fdt, node, &node);
	fdt_property(&fdt, node, name, &property);
	fdt_cell(&fdt, node, name, any_word);
	fdt_path(&fdt, path, Frama_C_size_t_interval(0, sizeof(path)), &node);
	fdt_reg(&fdt, node, any_word, &address, &size);
	fdt_compatible(&fdt, node, name);
	fdt_stdout(&fdt, &node);
	return 0;
}
