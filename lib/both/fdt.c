/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fdt.c - a read-only walk over a flattened device tree (Devicetree Specification 0.4,
 * chapter 5). fdt_open checks every token of the structure block once; the walks after it
 * rely on that and still never leave the blocks.
 */
#include "both/fdt.h"

#include <string.h>

#define HEADER     40
#define VERSION    17
#define BEGIN_NODE 1u
#define END_NODE   2u
#define PROP       3u
#define NOP        4u
#define END        9u

/* Wider addresses (PCI's three cells) name no physical address by themselves. */
#define MAX_CELLS 2

/* Nodes and properties that are looked for by name. */
static const char ALIASES[] = "/aliases";
static const char CHOSEN[] = "/chosen";
static const char STDOUT[] = "stdout-path";
static const char COMPATIBLE[] = "compatible";
static const char REG[] = "reg";
static const char RANGES[] = "ranges";
static const char ADDRESS_CELLS[] = "#address-cells";
static const char SIZE_CELLS[] = "#size-cells";

/* What a token needs is filled in, the rest is left as it was. */
struct token {
	uint32_t kind;
	uint32_t next;   /* offset of the token after it */
	uint32_t value;  /* BEGIN_NODE: offset of the name; PROP: offset of the value */
	uint32_t len;    /* PROP: bytes of the value */
	uint32_t string; /* PROP: offset of the name */
};

/*@ predicate begins{L}(struct fdt *fdt, struct token *t) =
      t->kind == BEGIN_NODE ==> 4 <= t->value && t->value % 4 == 0 &&
      t->value + 4 <= t->next && node_at(fdt, t->value - 4);
    predicate holds(struct fdt *fdt, struct token *t) =
      t->kind == PROP ==> t->value + t->len <= t->next &&
      fdt->strings_start <= t->string < fdt->strings_end;
    predicate moves(struct fdt *fdt, integer at, struct token *t) =
      at + 4 <= t->next <= fdt->struct_end && t->next % 4 == 0;
 */

uint32_t fdt_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The same for a cell of the structure block, which is aligned where the tree itself is. */
/*@ requires blocks(fdt) && at + 4 <= fdt->size;
    assigns \nothing;
 */
static inline uint32_t cell_at(const struct fdt *fdt, uint32_t at)
{
	const uint8_t *p = fdt->data + at;
	uint32_t value;

	if ((uintptr_t)p % sizeof(value) != 0)
		return fdt_be32(p);
	__builtin_memcpy(&value, __builtin_assume_aligned(p, sizeof(value)), sizeof(value));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	value = __builtin_bswap32(value);
#endif
	return value;
}

/*
 * Length of the NUL-terminated string in the cells from at on, at most max, which is a multiple of
 * 4; max when there is no NUL. Four bytes at a time: names are most of what a walk reads.
 */
/*@ requires blocks(fdt) && at + max <= fdt->size && max % 4 == 0;
    assigns \nothing;
    ensures \result <= max && (\result < max ==> fdt->data[at + \result] == 0);
 */
static inline uint32_t string_length(const struct fdt *fdt, uint32_t at, uint32_t max)
{
	/*@ loop invariant 0 <= len <= max && len % 4 == 0;
	    loop assigns len;
	    loop variant max - len;
	 */
	for (uint32_t len = 0; len < max; len += 4) {
		uint32_t cell = cell_at(fdt, at + len);
		/* not zero when one of the four bytes is */
		uint32_t zero = (cell - 0x01010101u) & ~cell & 0x80808080u;
		if (zero == 0)
			continue;
		/*@ loop invariant 0 <= k <= 4;
		    loop assigns k;
		    loop variant 4 - k;
		 */
		for (uint32_t k = 0; k < 4; k++) {
			if (fdt->data[at + len + k] == 0)
				return len + k;
		}
	}
	return max;
}

/* Reads the token at an offset that is a multiple of 4. */
/*@ requires blocks(fdt) && at % 4 == 0 && \valid(token);
    requires \separated(token, fdt);
    assigns *token;
    ensures \result == FDT_OK ==> moves(fdt, at, token);
    ensures \result == FDT_OK ==> begins(fdt, token);
    ensures \result == FDT_OK ==> holds(fdt, token);
    ensures \result == FDT_OK && token->kind == BEGIN_NODE ==> token->value == at + 4;
    ensures \result == FDT_OK || \result == FDT_ESTRUCTURE;
 */
static inline enum fdt_error read_token(const struct fdt *fdt, uint32_t at, struct token *token)
{
	if (at > fdt->struct_end || fdt->struct_end - at < 4)
		return FDT_ESTRUCTURE;
	token->kind = cell_at(fdt, at);
	at += 4;
	uint32_t left = fdt->struct_end - at;
	if (token->kind == BEGIN_NODE) {
		token->len = string_length(fdt, at, left);
		if (token->len == left)
			return FDT_ESTRUCTURE;
		token->value = at;
		/*@ assert ends_at(fdt->data + token->value, token->len); */
		/*@ assert ends(fdt->data + token->value); */
		/* The block is a whole number of cells, so the rounding stays inside. */
		at += (token->len + 4) / 4 * 4;
	} else if (token->kind == PROP) {
		if (left < 8)
			return FDT_ESTRUCTURE;
		token->len = cell_at(fdt, at);
		uint32_t name = cell_at(fdt, at + 4);
		if (token->len > left - 8 || name >= fdt->strings_end - fdt->strings_start)
			return FDT_ESTRUCTURE;
		token->string = fdt->strings_start + name;
		token->value = at + 8;
		at += 8 + (token->len + 3) / 4 * 4;
	} else if (token->kind != END_NODE && token->kind != NOP && token->kind != END) {
		return FDT_ESTRUCTURE;
	}
	token->next = at;
	return FDT_OK;
}

/* The next token that is not a NOP; *at moves behind it. */
/*@ requires blocks(fdt) && *at % 4 == 0 && \valid(at) && \valid(token);
    requires \separated(at, token, fdt);
    assigns *at, *token;
    ensures \result == FDT_OK ==> *at == token->next && moves(fdt, \old(*at), token);
    ensures \result == FDT_OK ==> begins(fdt, token);
    ensures \result == FDT_OK ==> holds(fdt, token);
    ensures \result == FDT_OK && token->kind == BEGIN_NODE ==> \old(*at) + 8 <= *at;
    ensures \result == FDT_OK || \result == FDT_ESTRUCTURE;
 */
static enum fdt_error next_token(const struct fdt *fdt, uint32_t *at, struct token *token)
{
	/*@ loop invariant \at(*at, Pre) <= *at && *at % 4 == 0;
	    loop assigns *at, *token;
	    loop variant fdt->struct_end - *at;
	 */
	do {
		enum fdt_error error = read_token(fdt, *at, token);
		if (error != FDT_OK)
			return error;
		*at = token->next;
	} while (token->kind == NOP);
	return FDT_OK;
}

/*@ requires blocks(fdt);
    assigns \nothing;
    ensures \result == FDT_OK ==> fdt->struct_end - fdt->struct_start >= 8;
    ensures \result != FDT_END;
 */
static enum fdt_error check_structure(const struct fdt *fdt)
{
	uint32_t at = fdt->struct_start;
	unsigned depth = 0;
	int properties = 0; /* a property may stand here */
	int seen = 0;       /* the root was seen */
	struct token token;

	/*@ loop invariant fdt->struct_start <= at <= fdt->struct_end && at % 4 == 0;
	    loop invariant depth <= FDT_MAX_DEPTH;
	    loop invariant seen != 0 ==> at - fdt->struct_start >= 8;
	    loop assigns at, token, depth, properties, seen;
	    loop variant fdt->struct_end - at;
	 */
	for (;;) {
		enum fdt_error error = next_token(fdt, &at, &token);
		if (error != FDT_OK)
			return error;
		switch (token.kind) {
		case BEGIN_NODE:
			if (depth == 0 && seen)
				return FDT_ESTRUCTURE;
			if (depth == FDT_MAX_DEPTH)
				return FDT_EDEPTH;
			depth++;
			seen = properties = 1;
			break;
		case END_NODE:
			if (depth == 0)
				return FDT_ESTRUCTURE;
			depth--;
			properties = 0;
			break;
		case PROP:
			if (!properties)
				return FDT_ESTRUCTURE;
			break;
		default:
			if (depth != 0 || !seen)
				return FDT_ESTRUCTURE;
			return FDT_OK;
		}
	}
}

enum fdt_error fdt_open(struct fdt *fdt, const void *data, size_t len)
{
	const uint8_t *d = data;

	if (len < 4)
		return FDT_ETRUNCATED;
	if (fdt_be32(d) != FDT_MAGIC)
		return FDT_EMAGIC;
	if (len < HEADER)
		return FDT_ETRUNCATED;
	uint32_t size = fdt_be32(d + 4);
	if (size < HEADER || size > len)
		return FDT_ETRUNCATED;
	if (fdt_be32(d + 20) < VERSION || fdt_be32(d + 24) > VERSION)
		return FDT_EVERSION;
	uint32_t tree = fdt_be32(d + 8), tree_size = fdt_be32(d + 36);
	uint32_t strings = fdt_be32(d + 12), strings_size = fdt_be32(d + 32);
	if (tree > size || tree_size > size - tree || strings > size ||
	    strings_size > size - strings)
		return FDT_ETRUNCATED;
	if (tree % 4 != 0 || tree_size % 4 != 0)
		return FDT_ESTRUCTURE;
	/* A NUL at the very end ends every name that begins inside the block. */
	if (strings_size > 0 && d[strings + strings_size - 1] != 0)
		return FDT_ESTRUCTURE;
	*fdt = (struct fdt){.data = d,
	                    .size = size,
	                    .struct_start = tree,
	                    .struct_end = tree + tree_size,
	                    .strings_start = strings,
	                    .strings_end = strings + strings_size};
	return check_structure(fdt);
}

uint32_t fdt_root(const struct fdt *fdt)
{
	uint32_t at = fdt->struct_start;

	/*@ loop invariant fdt->struct_start <= at && at % 4 == 0 && at + 8 <= fdt->struct_end;
	    loop assigns at;
	    loop variant fdt->struct_end - at;
	 */
	while (fdt->struct_end - at >= 12 && fdt_be32(fdt->data + at) == NOP)
		at += 4;
	return at;
}

const char *fdt_node_name(const struct fdt *fdt, uint32_t node)
{
	return (const char *)fdt->data + node + 4;
}

/* Skips NOPs from at; the node that begins there, or FDT_END. */
/*@ requires blocks(fdt) && at % 4 == 0 && \valid(node);
    requires \separated(node, fdt);
    assigns *node;
    ensures \result == FDT_OK ==> node_at(fdt, *node);
 */
static enum fdt_error node_here(const struct fdt *fdt, uint32_t at, uint32_t *node)
{
	struct token token;

	/*@ loop invariant at % 4 == 0;
	    loop assigns at, token;
	    loop variant fdt->struct_end - at;
	 */
	for (;;) {
		enum fdt_error error = read_token(fdt, at, &token);
		if (error != FDT_OK)
			return error;
		if (token.kind != NOP)
			break;
		at = token.next;
	}
	if (token.kind != BEGIN_NODE)
		return FDT_END;
	*node = at;
	return FDT_OK;
}

/* Offset of the first token of a node that is not one of its properties. */
/*@ requires blocks(fdt) && node % 4 == 0 && \valid(at);
    requires \separated(at, fdt);
    assigns *at;
    ensures \result == FDT_OK ==> *at % 4 == 0;
 */
static enum fdt_error after_properties(const struct fdt *fdt, uint32_t node, uint32_t *at)
{
	struct token token;
	enum fdt_error error = read_token(fdt, node, &token);

	if (error != FDT_OK)
		return error;
	uint32_t here;
	/*@ loop invariant token.next % 4 == 0 && token.next <= fdt->struct_end;
	    loop assigns here, token, error;
	    loop variant fdt->struct_end - token.next;
	 */
	do {
		here = token.next;
		error = read_token(fdt, here, &token);
		if (error != FDT_OK)
			return error;
	} while (token.kind == PROP || token.kind == NOP);
	*at = here;
	return FDT_OK;
}

enum fdt_error fdt_child(const struct fdt *fdt, uint32_t node, uint32_t *child)
{
	uint32_t at;
	enum fdt_error error = after_properties(fdt, node, &at);

	return error != FDT_OK ? error : node_here(fdt, at, child);
}

enum fdt_error fdt_sibling(const struct fdt *fdt, uint32_t node, uint32_t *sibling)
{
	uint32_t at = node;
	unsigned depth = 0;

	/*@ loop invariant at % 4 == 0;
	    loop assigns at, depth;
	    loop variant fdt->struct_end - at;
	 */
	do {
		struct token token;
		enum fdt_error error = read_token(fdt, at, &token);
		if (error != FDT_OK)
			return error;
		if (token.kind == BEGIN_NODE)
			depth++;
		else if (token.kind == END_NODE)
			depth--;
		else if (token.kind == END)
			return FDT_ESTRUCTURE;
		at = token.next;
	} while (depth > 0);
	return node_here(fdt, at, sibling);
}

enum fdt_error fdt_property(const struct fdt *fdt, uint32_t node, const char *name,
                            struct fdt_property *property)
{
	struct token token;
	enum fdt_error error = read_token(fdt, node, &token);

	if (error != FDT_OK)
		return error;
	/*@ loop invariant token.next % 4 == 0 && token.next <= fdt->struct_end;
	    loop assigns error, token;
	    loop variant fdt->struct_end - token.next;
	 */
	for (;;) {
		error = read_token(fdt, token.next, &token);
		if (error != FDT_OK)
			return error;
		if (token.kind == NOP)
			continue;
		if (token.kind != PROP)
			return FDT_ENOTFOUND;
		const char *found = (const char *)fdt->data + token.string;
		/*@ assert ends_at(found, fdt->strings_end - 1 - token.string); */
		/*@ assert ends(found); */
		if (strcmp(found, name) == 0) {
			*property = (struct fdt_property){
			    .name = found, .value = fdt->data + token.value, .len = token.len};
			return FDT_OK;
		}
	}
}

/* True when a node's name is the component: all of it, or all of it before the "@". */
/*@ requires ends(name) && \forall integer i; 0 <= i < len ==> component[i] != 0;
    requires len > 0 ==> \valid_read(component + (0 .. len - 1));
    assigns \nothing;
 */
static int name_matches(const char *name, const char *component, size_t len)
{
	return strncmp(name, component, len) == 0 && (name[len] == 0 || name[len] == '@');
}

/*@ requires tree(fdt) && node % 4 == 0 && \valid(child);
    requires \forall integer i; 0 <= i < len ==> component[i] != 0;
    requires len > 0 ==> \valid_read(component + (0 .. len - 1));
    requires \separated(child, fdt);
    assigns *child;
    ensures \result == FDT_OK ==> *child % 4 == 0;
 */
static enum fdt_error find_child(const struct fdt *fdt, uint32_t node, const char *component,
                                 size_t len, uint32_t *child)
{
	enum fdt_error error = fdt_child(fdt, node, child);

	/*@ loop invariant error == FDT_OK ==> node_at(fdt, *child);
	    loop assigns error, *child;
	 */
	while (error == FDT_OK && !name_matches(fdt_node_name(fdt, *child), component, len))
		error = fdt_sibling(fdt, *child, child);
	return error == FDT_END ? FDT_ENOTFOUND : error;
}

/* Follows the components of path from *node. */
/*@ requires tree(fdt) && \valid(node) && *node % 4 == 0;
    requires \forall integer i; 0 <= i < len ==> path[i] != 0;
    requires len > 0 ==> \valid_read(path + (0 .. len - 1));
    requires \separated(node, fdt);
    assigns *node;
    ensures \result == FDT_OK ==> *node % 4 == 0;
 */
static enum fdt_error follow(const struct fdt *fdt, const char *path, size_t len, uint32_t *node)
{
	size_t at = 0;

	/*@ loop invariant 0 <= at <= len && *node % 4 == 0;
	    loop assigns at, *node;
	    loop variant len - at;
	 */
	for (;;) {
		/*@ loop invariant \at(at, LoopEntry) <= at <= len;
		    loop assigns at;
		    loop variant len - at;
		 */
		while (at < len && path[at] == '/')
			at++;
		if (at == len)
			return FDT_OK;
		size_t end = at + 1;
		/*@ loop invariant at < end <= len;
		    loop assigns end;
		    loop variant len - end;
		 */
		while (end < len && path[end] != '/')
			end++;
		enum fdt_error error = find_child(fdt, *node, path + at, end - at, node);
		if (error != FDT_OK)
			return error;
		at = end;
	}
}

/* True when a property's value is one string with its NUL and nothing behind it. */
/*@ requires \valid_read(property) && has_value(property);
    assigns \nothing;
    ensures \result != 0 ==> property->len > 0 &&
            \forall integer i; 0 <= i < property->len - 1 ==> property->value[i] != 0;
 */
static int is_string(const struct fdt_property *property)
{
	return property->len > 0 &&
	       memchr(property->value, 0, property->len) == property->value + property->len - 1;
}

/* The node that alias name (len bytes) stands for. */
/*@ requires tree(fdt) && \valid(node);
    requires \forall integer i; 0 <= i < len ==> name[i] != 0;
    requires len > 0 ==> \valid_read(name + (0 .. len - 1));
    requires \separated(node, fdt);
    assigns *node;
    ensures \result == FDT_OK ==> *node % 4 == 0;
 */
static enum fdt_error follow_alias(const struct fdt *fdt, const char *name, size_t len,
                                   uint32_t *node)
{
	struct token token;
	uint32_t aliases = fdt_root(fdt);
	enum fdt_error error = follow(fdt, ALIASES, sizeof(ALIASES) - 1, &aliases);

	if (error == FDT_OK)
		error = read_token(fdt, aliases, &token);
	/*@ loop invariant error == FDT_OK ==>
	                   token.next % 4 == 0 && token.next <= fdt->struct_end;
	    loop assigns error, token;
	    loop variant fdt->struct_end - token.next;
	 */
	while (error == FDT_OK) {
		error = read_token(fdt, token.next, &token);
		if (error != FDT_OK)
			break;
		if (token.kind == NOP)
			continue;
		if (token.kind != PROP)
			return FDT_ENOTFOUND;
		const char *found = (const char *)fdt->data + token.string;
		/*@ assert ends_at(found, fdt->strings_end - 1 - token.string); */
		/*@ assert ends(found); */
		if (strncmp(found, name, len) != 0 || found[len] != 0)
			continue;
		struct fdt_property path = {found, fdt->data + token.value, token.len};
		/* An alias holds a full path, never another alias: no loop is possible. */
		if (!is_string(&path) || path.value[0] != '/')
			return FDT_ENOTFOUND;
		*node = fdt_root(fdt);
		return follow(fdt, (const char *)path.value, path.len - 1, node);
	}
	return error;
}

enum fdt_error fdt_path(const struct fdt *fdt, const char *path, size_t len, uint32_t *node)
{
	size_t alias = 0;

	if (len == 0)
		return FDT_ENOTFOUND;
	if (memchr(path, 0, len))
		return FDT_ENOTFOUND;
	*node = fdt_root(fdt);
	if (path[0] != '/') {
		/*@ loop invariant 0 <= alias <= len;
		    loop assigns alias;
		    loop variant len - alias;
		 */
		while (alias < len && path[alias] != '/')
			alias++;
		enum fdt_error error = follow_alias(fdt, path, alias, node);
		if (error != FDT_OK)
			return error;
	}
	/*@ assert alias <= len; */
	/*@ assert \forall integer i; 0 <= i < len ==> path[i] != 0; */
	/*@ assert \forall integer i; 0 <= i < len - alias ==> path[alias + i] != 0; */
	return follow(fdt, path + alias, len - alias, node);
}

uint32_t fdt_cell(const struct fdt *fdt, uint32_t node, const char *name, uint32_t missing)
{
	struct fdt_property property;

	if (fdt_property(fdt, node, name, &property) != FDT_OK || property.len != 4)
		return missing;
	return fdt_be32(property.value);
}

/*@ requires count <= MAX_CELLS;
    requires count > 0 ==> \valid_read(p + (0 .. 4 * count - 1));
    assigns \nothing;
 */
static uint64_t read_cells(const uint8_t *p, uint32_t count)
{
	uint64_t value = 0;

	/*@ loop invariant 0 <= i <= count;
	    loop assigns i, value;
	    loop variant count - i;
	 */
	for (uint32_t i = 0; i < count; i++)
		value = value << 32 | fdt_be32(p + 4 * (size_t)i);
	return value;
}

/* The nodes from the root down to node, both included. */
struct chain {
	uint32_t node[FDT_MAX_DEPTH];
	unsigned count;
};

/*@ requires tree(fdt) && \valid(chain) && \separated(chain, fdt);
    assigns *chain;
    ensures \result == FDT_OK ==> chain->count <= FDT_MAX_DEPTH &&
            \forall integer i; 0 <= i < chain->count ==> chain->node[i] % 4 == 0;
 */
static enum fdt_error find_chain(const struct fdt *fdt, uint32_t node, struct chain *chain)
{
	uint32_t at = fdt_root(fdt);

	chain->count = 0;
	/*@ loop invariant at % 4 == 0 && 0 <= chain->count <= FDT_MAX_DEPTH;
	    loop invariant \forall integer i; 0 <= i < chain->count ==> chain->node[i] % 4 == 0;
	    loop assigns at, *chain;
	    loop variant fdt->struct_end - at;
	 */
	for (;;) {
		struct token token;
		uint32_t here = at;
		enum fdt_error error = next_token(fdt, &at, &token);
		if (error != FDT_OK)
			return error;
		if (token.kind == BEGIN_NODE) {
			if (chain->count == FDT_MAX_DEPTH)
				return FDT_EDEPTH;
			/* next_token skipped NOPs: the token begins 4 bytes before its name. */
			here = token.value - 4;
			chain->node[chain->count++] = here;
			if (here == node)
				return FDT_OK;
		} else if (token.kind == END_NODE) {
			if (chain->count == 0)
				return FDT_ESTRUCTURE;
			chain->count--;
		} else if (token.kind == END) {
			return FDT_ENOTFOUND;
		}
	}
}

/* Translates *address from the address space below bus to the one that bus lies in. */
/*@ requires tree(fdt) && bus % 4 == 0 && above % 4 == 0 && \valid(address);
    requires \separated(address, fdt);
    assigns *address;
 */
static enum fdt_error translate(const struct fdt *fdt, uint32_t bus, uint32_t above,
                                uint64_t *address, uint64_t size)
{
	struct fdt_property ranges;
	enum fdt_error error = fdt_property(fdt, bus, RANGES, &ranges);

	if (error != FDT_OK || ranges.len == 0)
		return error;
	uint32_t child = fdt_cell(fdt, bus, ADDRESS_CELLS, 2);
	uint32_t parent = fdt_cell(fdt, above, ADDRESS_CELLS, 2);
	uint32_t length = fdt_cell(fdt, bus, SIZE_CELLS, 1);
	if (child < 1 || child > MAX_CELLS || parent < 1 || parent > MAX_CELLS || length < 1 ||
	    length > MAX_CELLS)
		return FDT_ENOTFOUND;
	uint32_t entry = 4 * (child + parent + length);
	/*@ loop invariant 0 <= at <= ranges.len;
	    loop assigns at;
	    loop variant ranges.len - at;
	 */
	for (uint32_t at = 0; ranges.len - at >= entry; at += entry) {
		const uint8_t *p = ranges.value + at;
		uint64_t from = read_cells(p, child);
		uint64_t to = read_cells(p + 4 * (size_t)child, parent);
		uint64_t bytes = read_cells(p + 4 * (size_t)(child + parent), length);
		if (*address < from || *address - from > bytes || size > bytes - (*address - from))
			continue;
		if (to > UINT64_MAX - (*address - from))
			return FDT_ESTRUCTURE;
		*address = to + (*address - from);
		return FDT_OK;
	}
	return FDT_ENOTFOUND;
}

enum fdt_error fdt_reg(const struct fdt *fdt, uint32_t node, unsigned index, uint64_t *address,
                       uint64_t *size)
{
	struct chain chain;
	struct fdt_property reg;
	enum fdt_error error = find_chain(fdt, node, &chain);

	if (error != FDT_OK)
		return error;
	if (chain.count < 2)
		return FDT_ENOTFOUND; /* the root lies nowhere */
	uint32_t parent = chain.node[chain.count - 2];
	uint32_t address_cells = fdt_cell(fdt, parent, ADDRESS_CELLS, 2);
	uint32_t size_cells = fdt_cell(fdt, parent, SIZE_CELLS, 1);
	if (address_cells < 1 || address_cells > MAX_CELLS || size_cells > MAX_CELLS)
		return FDT_ENOTFOUND;
	error = fdt_property(fdt, node, REG, &reg);
	if (error != FDT_OK)
		return error;
	uint32_t entry = 4 * (address_cells + size_cells);
	uint32_t at = 0;
	/*@ loop invariant 0 <= at <= reg.len;
	    loop assigns at, index;
	    loop variant index;
	 */
	for (; index > 0 && reg.len - at >= entry; index--)
		at += entry;
	if (reg.len - at < entry)
		return FDT_ENOTFOUND;
	const uint8_t *p = reg.value + at;
	*address = read_cells(p, address_cells);
	*size = read_cells(p + 4 * (size_t)address_cells, size_cells);
	if (*size > UINT64_MAX - *address)
		return FDT_ESTRUCTURE;
	/*@ loop invariant 0 <= i <= chain.count - 2;
	    loop assigns i, error, *address;
	    loop variant i;
	 */
	for (unsigned i = chain.count - 2; i > 0; i--) {
		error = translate(fdt, chain.node[i], chain.node[i - 1], address, *size);
		if (error != FDT_OK)
			return error;
	}
	return FDT_OK;
}

enum fdt_error fdt_stdout(const struct fdt *fdt, uint32_t *node)
{
	struct fdt_property path;
	uint32_t chosen;
	enum fdt_error error = fdt_path(fdt, CHOSEN, sizeof(CHOSEN) - 1, &chosen);

	if (error == FDT_OK)
		error = fdt_property(fdt, chosen, STDOUT, &path);
	if (error != FDT_OK)
		return error;
	if (!is_string(&path))
		return FDT_ENOTFOUND;
	const char *text = (const char *)path.value;
	const char *options = memchr(text, ':', path.len);
	return fdt_path(fdt, text, options ? (size_t)(options - text) : path.len - 1, node);
}

int fdt_compatible(const struct fdt *fdt, uint32_t node, const char *compatible)
{
	struct fdt_property list;
	size_t size = strlen(compatible) + 1;

	if (fdt_property(fdt, node, COMPATIBLE, &list) != FDT_OK)
		return 0;
	/*@ loop invariant 0 <= at <= list.len;
	    loop assigns at;
	    loop variant list.len - at;
	 */
	for (uint32_t at = 0; at < list.len;) {
		const uint8_t *end = memchr(list.value + at, 0, list.len - at);
		if (!end)
			return 0;
		uint32_t bytes = (uint32_t)(end - (list.value + at)) + 1;
		if (bytes == size && memcmp(list.value + at, compatible, size) == 0)
			return 1;
		at += bytes;
	}
	return 0;
}

const char *fdt_error_text(enum fdt_error error)
{
	switch (error) {
	case FDT_OK: return "no error";
	case FDT_END: return "no more";
	case FDT_ENOTFOUND: return "not found";
	case FDT_ETRUNCATED: return "shorter than its header says";
	case FDT_EMAGIC: return "not a flattened device tree";
	case FDT_EVERSION: return "unknown version";
	case FDT_ESTRUCTURE: return "malformed";
	case FDT_EDEPTH: return "nested too deeply";
	}
	return "unknown";
}
