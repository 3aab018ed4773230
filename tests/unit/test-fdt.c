/* SPDX-License-Identifier: BSD-2-Clause */
/* test-fdt.c - lib/both/fdt: a tree made here is walked, translated, and spoilt in every way. */
#include "both/fdt.h"

#include "hostile.h"
#include "tap.h"

/* -- a writer of flattened trees ---------------------------------------------------------- */

static uint8_t tree[4096], strings[512], blob[8192];
static size_t tree_len, strings_len, blob_len;

static void be32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void cell(uint32_t v)
{
	be32(tree + tree_len, v);
	tree_len += 4;
}

static void bytes(const void *data, size_t len)
{
	memcpy(tree + tree_len, data, len);
	tree_len += len;
	while (tree_len % 4)
		tree[tree_len++] = 0;
}

static void begin(const char *name)
{
	cell(1);
	bytes(name, strlen(name) + 1);
}

static void end(void)
{
	cell(2);
}

static void prop(const char *name, const void *value, size_t len)
{
	cell(3);
	cell((uint32_t)len);
	cell((uint32_t)strings_len);
	bytes(value, len);
	memcpy(strings + strings_len, name, strlen(name) + 1);
	strings_len += strlen(name) + 1;
}

static void prop_string(const char *name, const char *value)
{
	prop(name, value, strlen(value) + 1);
}

static void prop_cells(const char *name, const uint32_t *values, size_t count)
{
	uint8_t value[64];

	for (size_t i = 0; i < count; i++)
		be32(value + 4 * i, values[i]);
	prop(name, value, 4 * count);
}
#define CELLS(name, ...)                                                                           \
	prop_cells(name, (const uint32_t[]){__VA_ARGS__},                                          \
	           sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void finish(void)
{
	cell(9);
	memset(blob, 0, sizeof(blob));
	size_t at = 40 + 16;
	be32(blob, FDT_MAGIC);
	be32(blob + 8, (uint32_t)at);
	be32(blob + 12, (uint32_t)(at + tree_len));
	be32(blob + 16, 40);
	be32(blob + 20, 17);
	be32(blob + 24, 16);
	be32(blob + 32, (uint32_t)strings_len);
	be32(blob + 36, (uint32_t)tree_len);
	memcpy(blob + at, tree, tree_len);
	memcpy(blob + at + tree_len, strings, strings_len);
	blob_len = at + tree_len + strings_len;
	be32(blob + 4, (uint32_t)blob_len);
	tree_len = strings_len = 0;
}

static void make(const char *stdout_path)
{
	begin("");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	cell(4);
	begin("aliases");
	prop_string("serial0", "/soc/bus@100/uart@20");
	prop_string("loop", "serial0");
	end();
	begin("chosen");
	prop_string("stdout-path", stdout_path);
	end();
	begin("memory@40000000");
	CELLS("reg", 0, 0x40000000, 0, 0x40000000, 1, 0, 0, 0x1000);
	end();
	begin("soc");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	CELLS("ranges", 0x7e000000, 0x1, 0xfe000000, 0x1800000, 0, 0, 0x2000000, 0x1000);
	begin("bus@100");
	cell(4);
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	CELLS("ranges", 0, 0x7e200000, 0x1000);
	begin("uart@20");
	prop("compatible", "vendor,uart\0arm,pl011", 22);
	CELLS("reg", 0x20, 0x40);
	end();
	begin("far@2000");
	CELLS("reg", 0x2000, 0x10);
	end();
	end();
	begin("low@10");
	CELLS("reg", 0x10, 0x10);
	end();
	begin("cut-off");
	CELLS("#address-cells", 1);
	begin("device@0");
	CELLS("reg", 0, 4);
	end();
	end();
	end();
	begin("pci");
	CELLS("#address-cells", 3);
	begin("card@0");
	CELLS("reg", 0, 0, 0, 4);
	end();
	end();
	end();
	finish();
}

/* -- walks --------------------------------------------------------------------------------- */

static uint32_t find(const struct fdt *fdt, const char *path)
{
	uint32_t node;

	return fdt_path(fdt, path, strlen(path), &node) == FDT_OK ? node : 0;
}

static unsigned count_nodes(const struct fdt *fdt, uint32_t node)
{
	unsigned count = 1 + (unsigned)(strlen(fdt_node_name(fdt, node)) > 1000);
	uint32_t child;

	for (enum fdt_error e = fdt_child(fdt, node, &child); e == FDT_OK;
	     e = fdt_sibling(fdt, child, &child)) {
		struct fdt_property property;
		uint64_t address, size;
		count += count_nodes(fdt, child);
		if (fdt_property(fdt, child, "reg", &property) == FDT_OK && property.len > 0 &&
		    property.value[property.len - 1] == 255)
			count += 1000;
		(void)fdt_reg(fdt, child, 0, &address, &size);
		(void)fdt_compatible(fdt, child, "arm,pl011");
	}
	return count;
}

static int read_all(const uint8_t *data, size_t len)
{
	struct fdt fdt;
	uint32_t node;

	if (fdt_open(&fdt, data, len) != FDT_OK)
		return 0;
	(void)fdt_stdout(&fdt, &node);
	(void)find(&fdt, "/soc/bus/uart");
	(void)find(&fdt, "loop");
	return count_nodes(&fdt, fdt_root(&fdt)) > 0;
}

static void test_walk(void)
{
	struct fdt fdt;
	struct fdt_property property;
	uint32_t node, other;

	make("serial0:115200n8");
	ok(fdt_open(&fdt, blob, blob_len) == FDT_OK, "a sound tree opens");
	ok(count_nodes(&fdt, fdt_root(&fdt)) == 13, "every node is reached");
	node = find(&fdt, "/soc/bus@100/uart@20");
	ok(node != 0, "node by full path");
	is_string(fdt_node_name(&fdt, node), "uart@20", "its name");
	ok(find(&fdt, "/soc/bus/uart") == node, "without unit addresses");
	ok(find(&fdt, "/soc//bus/uart/") == node, "spare slashes");
	ok(find(&fdt, "serial0") == node, "by alias");
	ok(find(&fdt, "/soc/bus@100/uart@2") == 0, "not by a part of the unit address");
	ok(find(&fdt, "/so") == 0 && find(&fdt, "/socket") == 0, "not by a part of a name");
	ok(find(&fdt, "serial") == 0 && find(&fdt, "serial01") == 0, "not by a part of an alias");
	ok(find(&fdt, "loop") == 0, "an alias of an alias is none");
	ok(fdt_path(&fdt, "", 0, &other) == FDT_ENOTFOUND, "an empty path");
	ok(fdt_path(&fdt, "/\0soc", 5, &other) == FDT_ENOTFOUND, "a NUL in a path");
	ok(find(&fdt, "/") == fdt_root(&fdt), "the root by path");
	ok(fdt_stdout(&fdt, &other) == FDT_OK && other == node, "stdout-path, alias and options");
	ok(fdt_compatible(&fdt, node, "arm,pl011") && fdt_compatible(&fdt, node, "vendor,uart"),
	   "compatible strings");
	ok(!fdt_compatible(&fdt, node, "arm,pl01") && !fdt_compatible(&fdt, node, "uart"),
	   "no part of one");
	ok(fdt_property(&fdt, node, "nothing", &property) == FDT_ENOTFOUND, "no such property");
	ok(fdt_child(&fdt, node, &other) == FDT_END, "a leaf has no child");
	ok(fdt_sibling(&fdt, fdt_root(&fdt), &other) == FDT_END, "the root has no sibling");

	make("/soc/bus@100/uart@20");
	ok(fdt_open(&fdt, blob, blob_len) == FDT_OK && fdt_stdout(&fdt, &other) == FDT_OK &&
	       other == find(&fdt, "serial0"),
	   "stdout-path as a full path");
	make("/nowhere");
	ok(fdt_open(&fdt, blob, blob_len) == FDT_OK && fdt_stdout(&fdt, &other) == FDT_ENOTFOUND,
	   "stdout-path to nowhere");
}

static void test_reg(void)
{
	struct fdt fdt;
	uint64_t address, size;

	make("serial0");
	(void)fdt_open(&fdt, blob, blob_len);
	ok(fdt_reg(&fdt, find(&fdt, "/memory"), 0, &address, &size) == FDT_OK &&
	       address == 0x40000000 && size == 0x40000000,
	   "reg of two cells");
	ok(fdt_reg(&fdt, find(&fdt, "/memory"), 1, &address, &size) == FDT_OK &&
	       address == 0x100000000 && size == 0x1000,
	   "its second entry");
	ok(fdt_reg(&fdt, find(&fdt, "/memory"), 2, &address, &size) == FDT_ENOTFOUND, "no third");
	ok(fdt_reg(&fdt, find(&fdt, "serial0"), 0, &address, &size) == FDT_OK &&
	       address == 0x1fe200020 && size == 0x40,
	   "translated through two buses: 0x%llx", (unsigned long long)address);
	ok(fdt_reg(&fdt, find(&fdt, "/soc/low"), 0, &address, &size) == FDT_OK &&
	       address == 0x2000010,
	   "the range that holds it");
	ok(fdt_reg(&fdt, find(&fdt, "/soc/bus/far"), 0, &address, &size) == FDT_ENOTFOUND,
	   "outside every range");
	ok(fdt_reg(&fdt, find(&fdt, "/soc/cut-off/device"), 0, &address, &size) == FDT_ENOTFOUND,
	   "a bus without ranges");
	ok(fdt_reg(&fdt, find(&fdt, "/pci/card"), 0, &address, &size) == FDT_ENOTFOUND,
	   "three address cells");
	ok(fdt_reg(&fdt, fdt_root(&fdt), 0, &address, &size) == FDT_ENOTFOUND, "the root");
}

static enum fdt_error spoil(size_t at, uint32_t value)
{
	struct fdt fdt;

	make("serial0");
	be32(blob + at, value);
	return fdt_open(&fdt, blob, blob_len);
}

static void test_malformed(void)
{
	struct fdt fdt;

	ok(spoil(0, 0) == FDT_EMAGIC, "magic");
	ok(spoil(4, 39) == FDT_ETRUNCATED, "totalsize below the header's");
	ok(spoil(4, 0xffffffff) == FDT_ETRUNCATED, "totalsize over the file's");
	ok(spoil(8, 57) == FDT_ESTRUCTURE, "structure block between cells");
	ok(spoil(8, 0xfffffffc) == FDT_ETRUNCATED, "structure block outside");
	ok(spoil(36, 0xfffffffc) == FDT_ETRUNCATED, "structure block too long");
	ok(spoil(12, 0xffffffff) == FDT_ETRUNCATED, "strings block outside");
	ok(spoil(32, 0xffffffff) == FDT_ETRUNCATED, "strings block too long");
	ok(spoil(32, 4) == FDT_ESTRUCTURE, "strings block without its NUL");
	ok(spoil(20, 16) == FDT_EVERSION && spoil(24, 18) == FDT_EVERSION, "versions");
	ok(spoil(56, 2) == FDT_ESTRUCTURE, "an end before any node");
	ok(spoil(56, 9) == FDT_ESTRUCTURE, "no node at all");
	ok(spoil(56, 7) == FDT_ESTRUCTURE, "an unknown token");

	for (unsigned depth = FDT_MAX_DEPTH; depth <= FDT_MAX_DEPTH + 1; depth++) {
		for (unsigned i = 0; i < depth; i++)
			begin("n");
		for (unsigned i = 0; i < depth; i++)
			end();
		finish();
		ok(fdt_open(&fdt, blob, blob_len) == (depth > FDT_MAX_DEPTH ? FDT_EDEPTH : FDT_OK),
		   "depth %u", depth);
	}
	begin("");
	begin("child");
	end();
	prop("late", "", 0);
	end();
	finish();
	ok(fdt_open(&fdt, blob, blob_len) == FDT_ESTRUCTURE, "a property behind a child");
	begin("");
	end();
	begin("second");
	end();
	finish();
	ok(fdt_open(&fdt, blob, blob_len) == FDT_ESTRUCTURE, "two roots");
}

int main(void)
{
	test_walk();
	test_reg();
	test_malformed();
	make("serial0:115200");
	ok(read_all(blob, blob_len) == 1, "the tree is sound");
	ok(hostile_truncations(read_all, blob, blob_len) == 0, "no truncation is accepted");
	ok(hostile_changes(read_all, blob, blob_len) > 0, "survives every one-byte change");
	done_testing();
	return 0;
}
