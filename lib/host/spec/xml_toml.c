/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xml_toml.c - the tree of an XML, which has become a model without a fault, as TOML for people:
 * in the XML's order, with its comments, numbers in the base they were written in. A child
 * follows its parent's own tables, since that is how a text of tables can say it.
 */
#include "spec/xml.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* -- comments ---------------------------------------------------------------------------- */

static size_t indent_of(const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && (line[n] == ' ' || line[n] == '\t'))
		n++;
	return n;
}

/* Blanks that every line but the first begins with: the XML's indentation. */
static size_t common_indent(const char *text)
{
	size_t common = SIZE_MAX;
	const char *line = strchr(text, '\n');

	while (line) {
		size_t len = strcspn(++line, "\n"), indent = indent_of(line, len);

		if (indent < len && indent < common)
			common = indent;
		line = line[len] ? line + len : NULL;
	}
	return common;
}

/* One line behind "#"; DEL alone of what XML allows is forbidden in TOML. */
static void write_comment_line(struct ms_buf *out, const char *line, size_t len)
{
	while (len && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	ms_buf_puts(out, len ? "# " : "#");
	for (size_t i = 0; i < len; i++) {
		if (line[i] == 0x7f)
			ms_buf_puts(out, "\\x7f");
		else
			ms_buf_add(out, line + i, 1);
	}
}

static void write_note(struct ms_buf *out, const char *text)
{
	const size_t common = common_indent(text);
	bool first = true;

	for (;;) {
		size_t len = strcspn(text, "\n"), cut = indent_of(text, len);

		if (!first && cut > common)
			cut = common;
		/* Not for the line breaks around the text of "<!--\n text\n-->". */
		if (!(cut == len && (first || !text[len]))) {
			write_comment_line(out, text + cut, len - cut);
			ms_buf_puts(out, "\n");
		}
		if (!text[len])
			break;
		text += len + 1;
		first = false;
	}
}

static void write_notes(struct ms_buf *out, const struct ms_xml_note *note)
{
	for (; note; note = note->next)
		write_note(out, note->text);
}

/* Ends a line, with the comment that stands beside x. */
static void end_line(struct ms_buf *out, const struct ms_xml_node *x)
{
	if (x && x->beside) {
		const char *text = x->beside->text;
		size_t indent = indent_of(text, strlen(text));

		ms_buf_puts(out, " ");
		write_comment_line(out, text + indent, strlen(text) - indent);
	}
	ms_buf_puts(out, "\n");
}

/* A table's header, after an empty line and the comments before x. */
static void write_header(struct ms_buf *out, const struct ms_xml_node *x, const char *header)
{
	ms_buf_puts(out, "\n");
	write_notes(out, x->before);
	ms_buf_puts(out, header);
	end_line(out, x);
}

/* -- values ------------------------------------------------------------------------------ */

/* A number in its base: TOML has underscores between digits alone, no zero in front of a decimal
 * number, and ends at 2^63-1, where an address becomes a string. */
static void write_number(struct ms_buf *out, const char *text)
{
	struct ms_buf digits = {0}, plain = {0};
	bool hex = false;
	uint64_t value;

	for (; *text; text++) {
		if (*text == 'x') {
			hex = true;
			digits.len = plain.len = 0;
		} else if (*text != '_') {
			ms_buf_add(&digits, text, 1);
			ms_buf_add(&plain, text, 1);
		} else if (digits.len && digits.data[digits.len - 1] != '_') {
			ms_buf_puts(&digits, "_");
		}
	}
	while (digits.data[digits.len - 1] == '_')
		digits.data[--digits.len] = '\0';
	value = strtoull(plain.data, NULL, hex ? 16 : 10);
	if (value > INT64_MAX)
		ms_buf_printf(out, "\"0x%" PRIx64 "\"", value);
	else if (!hex && digits.data[0] == '0')
		ms_buf_printf(out, "%" PRIu64, value);
	else
		ms_buf_printf(out, "%s%s", hex ? "0x" : "", digits.data);
	free(digits.data);
	free(plain.data);
}

static void write_permissions(struct ms_buf *out, unsigned set)
{
	static const char *const names[] = {"read", "write", "execute"};
	const char *comma = "";

	ms_buf_puts(out, "permissions = [");
	for (unsigned i = 0; i < 3; i++) {
		if (!(set & 1u << i))
			continue;
		ms_buf_printf(out, "%s\"%s\"", comma, names[i]);
		comma = ", ";
	}
	ms_buf_puts(out, "]\n");
}

static unsigned permissions_of(const char *letters)
{
	return (strchr(letters, 'r') ? MS_READ : 0u) | (strchr(letters, 'w') ? MS_WRITE : 0u) |
	       (strchr(letters, 'x') ? MS_EXECUTE : 0u);
}

static void write_string_key(struct ms_buf *out, const char *key, const char *value)
{
	ms_buf_printf(out, "%s = ", key);
	ms_toml_string(out, value);
	ms_buf_puts(out, "\n");
}

static void write_key(struct ms_buf *out, const char *key, enum ms_xml_form form,
                      const struct ms_xml_attr *attr)
{
	switch (form) {
	case MS_XML_NUMBER:
	case MS_XML_DECIMAL:
		ms_buf_printf(out, "%s = ", key);
		write_number(out, attr->value);
		ms_buf_puts(out, "\n");
		return;
	case MS_XML_BOOL: ms_buf_printf(out, "%s = %s\n", key, attr->value); return;
	case MS_XML_PERMISSIONS: write_permissions(out, permissions_of(attr->value)); return;
	case MS_XML_PATH: write_string_key(out, key, attr->made); return;
	default: write_string_key(out, key, attr->value);
	}
}

/* All attributes of x that are fields by themselves, in the order of the schema. */
static void write_keys(struct ms_buf *out, const struct ms_xml_node *x)
{
	for (size_t i = 0; i < x->element->count; i++) {
		const struct ms_xml_attribute *a = &x->element->attributes[i];
		const struct ms_xml_attr *attr = ms_xml_find(x, a->name);

		if (attr && a->key)
			write_key(out, a->key, a->form, attr);
	}
}

static bool is(const struct ms_xml_node *x, const char *name)
{
	return strcmp(x->name, name) == 0;
}

static void write_leaf(struct ms_buf *out, const struct ms_xml_node *x, const char *header)
{
	write_header(out, x, header);
	write_keys(out, x);
	write_notes(out, x->within);
}

/* -- protection domains ------------------------------------------------------------------ */

static void write_map(struct ms_buf *out, const struct ms_xml_node *x, const char *header)
{
	write_header(out, x, header);
	write_keys(out, x);
	if (!ms_xml_find(x, "perms"))
		write_permissions(out, MS_READ | MS_WRITE);
	/* Of a region that is cached a map is cached, too, unless it says otherwise. */
	write_notes(out, x->within);
}

static void write_vm(struct ms_buf *out, const struct ms_xml_node *x, const char *parent)
{
	write_header(out, x, "[[virtual_machines]]");
	write_string_key(out, "name", ms_xml_find(x, "name")->value);
	write_string_key(out, "parent", parent);
	for (size_t i = 1; i < x->element->count; i++) {
		const struct ms_xml_attribute *a = &x->element->attributes[i];
		const struct ms_xml_attr *attr = ms_xml_find(x, a->name);

		if (attr)
			write_key(out, a->key, a->form, attr);
	}
	for (const struct ms_xml_node *child = x->children; child; child = child->next) {
		if (is(child, "vcpu"))
			write_leaf(out, child, "[[virtual_machines.vcpus]]");
		else
			write_map(out, child, "[[virtual_machines.maps]]");
	}
	write_notes(out, x->within);
}

static void write_cspace(struct ms_buf *out, const struct ms_xml_node *x)
{
	if (x->before || x->beside) {
		ms_buf_puts(out, "\n");
		write_notes(out, x->before);
		write_notes(out, x->beside);
	}
	for (const struct ms_xml_node *cap = x->children; cap; cap = cap->next) {
		write_header(out, cap, "[[protection_domains.caps]]");
		write_string_key(out, "kind", cap->name + strlen("cap_"));
		write_keys(out, cap);
		write_notes(out, cap->within);
	}
	write_notes(out, x->within);
}

static void write_irq(struct ms_buf *out, const struct ms_xml_node *x, const char *pd)
{
	write_header(out, x, "[[irq_delivery]]");
	write_key(out, "irq", MS_XML_DECIMAL, ms_xml_find(x, "irq"));
	write_string_key(out, "target_pd", pd);
	for (size_t i = 1; i < x->element->count; i++) {
		const struct ms_xml_attribute *a = &x->element->attributes[i];
		const struct ms_xml_attr *attr = ms_xml_find(x, a->name);

		if (attr)
			write_key(out, a->key, a->form, attr);
	}
	write_notes(out, x->within);
}

static void write_part(struct ms_buf *out, const struct ms_xml_node *x, const char *pd)
{
	if (is(x, "map"))
		write_map(out, x, "[[protection_domains.maps]]");
	else if (is(x, "irq"))
		write_irq(out, x, pd);
	else if (is(x, "setvar"))
		write_leaf(out, x, "[[protection_domains.setvars]]");
	else if (is(x, "cspace"))
		write_cspace(out, x);
	else if (is(x, "virtual_machine"))
		write_vm(out, x, pd);
}

static const struct ms_xml_node *program_of(const struct ms_xml_node *pd)
{
	const struct ms_xml_node *x = pd->children;

	while (!is(x, "program_image"))
		x = x->next;
	return x;
}

/* The PD's own keys: those of its program image stand among them. */
static void write_pd_keys(struct ms_buf *out, const struct ms_xml_node *x, const char *parent)
{
	const struct ms_xml_node *program = program_of(x);
	const struct ms_xml_attr *symbols = ms_xml_find(program, "path_for_symbols");

	write_string_key(out, "name", ms_xml_find(x, "name")->value);
	write_notes(out, program->before);
	ms_buf_puts(out, "binary = ");
	ms_toml_string(out, ms_xml_find(program, "path")->made);
	end_line(out, program);
	write_notes(out, program->within);
	for (size_t i = 1; i < x->element->count; i++) {
		const struct ms_xml_attribute *a = &x->element->attributes[i];
		const struct ms_xml_attr *attr = ms_xml_find(x, a->name);

		if (is(x, "protection_domain") && strcmp(a->name, "id") == 0 && symbols)
			write_string_key(out, "symbols_from", symbols->made);
		if (strcmp(a->name, "id") == 0 && parent)
			write_string_key(out, "parent", parent);
		if (attr)
			write_key(out, a->key, a->form, attr);
		else if (strcmp(a->name, "stack_size") == 0)
			ms_buf_printf(out, "stack_bytes = 0x%x\n", MS_XML_STACK);
	}
}

static void write_pd(struct ms_buf *out, const struct ms_xml_node *x, const char *parent)
{
	const char *name = ms_xml_find(x, "name")->value;

	write_header(out, x, "[[protection_domains]]");
	write_pd_keys(out, x, parent);
	for (const struct ms_xml_node *child = x->children; child; child = child->next)
		write_part(out, child, name);
	for (const struct ms_xml_node *child = x->children; child; child = child->next) {
		if (is(child, "protection_domain"))
			write_pd(out, child, name);
	}
	write_notes(out, x->within);
}

/* -- the rest ---------------------------------------------------------------------------- */

static void write_region(struct ms_buf *out, const struct ms_xml_node *x)
{
	write_header(out, x, "[[memory_regions]]");
	write_keys(out, x);
	write_permissions(out, x->permissions);
	write_notes(out, x->within);
}

static void write_ends(struct ms_buf *out, const struct ms_xml_node *const ends[2],
                       const char *attribute, const char *key, enum ms_xml_form form)
{
	for (int i = 0; i < 2; i++) {
		const struct ms_xml_attr *attr = ms_xml_find(ends[i], attribute);

		if (attr)
			write_key(out, ms_format("%s_%c", key, "ab"[i]), form, attr);
	}
}

static void write_channel(struct ms_buf *out, const struct ms_xml_node *x)
{
	const struct ms_xml_node *const ends[2] = {x->children, x->children->next};

	write_header(out, x, "[[channels]]");
	write_string_key(out, "name", x->made);
	for (int i = 0; i < 2; i++) {
		write_notes(out, ends[i]->before);
		ms_buf_printf(out, "end_%c = ", "ab"[i]);
		ms_toml_string(out, ms_xml_find(ends[i], "pd")->value);
		end_line(out, ends[i]);
		write_notes(out, ends[i]->within);
	}
	write_string_key(out, "kind", x->caller == MS_END_NONE ? "notification" : "ppc");
	if (x->caller != MS_END_NONE)
		write_string_key(out, "caller", x->caller == MS_END_A ? "end_a" : "end_b");
	write_ends(out, ends, "id", "id", MS_XML_DECIMAL);
	/* Over a ppc channel of a spec no signals go unless it says so. */
	for (int i = 0; i < 2; i++) {
		const struct ms_xml_attr *attr = ms_xml_find(ends[i], "notify");

		if (attr || x->caller != MS_END_NONE)
			ms_buf_printf(out, "notify_%c = %s\n", "ab"[i],
			              attr ? attr->value : "true");
	}
	write_ends(out, ends, "setvar_id", "setvar_id", MS_XML_STRING);
	write_notes(out, x->within);
}

static void write_entry(struct ms_buf *out, const struct ms_xml_node *x)
{
	const struct ms_xml_attr *duration = ms_xml_find(x, "duration");

	write_header(out, x, "[[domain_schedule.entries]]");
	if (duration) {
		const char *space = strchr(duration->value, ' ');

		write_keys(out, x);
		ms_buf_puts(out, "duration = ");
		write_number(out, ms_strndup(duration->value, (size_t)(space - duration->value)));
		ms_buf_puts(out, "\n");
		write_string_key(out, "unit", space + 1);
	} else {
		ms_buf_puts(out, "end_marker = true\n");
	}
	write_notes(out, x->within);
}

/* An element that has no table in TOML, or one that need not be written: its comments. */
static void write_notes_of(struct ms_buf *out, const struct ms_xml_node *x)
{
	if (!x->before && !x->beside)
		return;
	ms_buf_puts(out, "\n");
	write_notes(out, x->before);
	write_notes(out, x->beside);
}

static void write_schedule(struct ms_buf *out, const struct ms_xml_node *x)
{
	if (x->attr_count) {
		write_header(out, x, "[domain_schedule]");
		write_keys(out, x);
	} else {
		write_notes_of(out, x);
	}
	for (const struct ms_xml_node *child = x->children; child; child = child->next)
		write_entry(out, child);
	write_notes(out, x->within);
}

static void write_domains(struct ms_buf *out, const struct ms_xml_node *x)
{
	write_notes_of(out, x);
	for (const struct ms_xml_node *child = x->children; child; child = child->next) {
		if (is(child, "domain"))
			write_leaf(out, child, "[[domains]]");
		else
			write_schedule(out, child);
	}
	write_notes(out, x->within);
}

char *ms_xml_to_toml(const struct ms_xml_node *root, size_t *len)
{
	struct ms_buf out = {0};

	write_notes(&out, root->before);
	if (root->before)
		ms_buf_puts(&out, "\n");
	ms_buf_puts(&out, "[build]");
	end_line(&out, root);
	ms_buf_puts(&out, "root_task = \"system\"\n");
	for (const struct ms_xml_node *x = root->children; x; x = x->next) {
		if (is(x, "protection_domain"))
			write_pd(&out, x, NULL);
		else if (is(x, "memory_region"))
			write_region(&out, x);
		else if (is(x, "channel"))
			write_channel(&out, x);
		else
			write_domains(&out, x);
	}
	if (root->within)
		ms_buf_puts(&out, "\n");
	write_notes(&out, root->within);
	*len = out.len;
	return out.data;
}
